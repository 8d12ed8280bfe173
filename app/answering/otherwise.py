"""What comes near a question and tells something else: of another year, of the opposite, of no word of it at all.

A reader takes the hour at which a canteen opens for that at which it closes, and across languages whatever is near.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from app.answering.addressed import addresses
from app.answering.concepts import concepts
from app.answering.evidence.clock import clocks
from app.answering.evidence.context import Sentence, headings
from app.answering.evidence.keys import keys
from app.answering.evidence.units import fold, units
from app.answering.numbered import whole
from app.answering.question import kind_of
from app.answering.quotes import Found
from app.answering.unknown import years_of
from app.index.protocol import Passage
from app.text.glosses import holds, named, stems_of
from app.text.language import HAN, detect_language

_OPPOSITES: Final = tuple(
    (re.compile(one), re.compile(other))
    for one, other in (
        (r"\bopen\w*|开门|开放|营业|开馆", r"\bclos(?:e[sd]?|ing)\b|关门|关闭|闭馆|打烊"),
        (
            r"\b(?:start|begin|beg[au]n|commenc)\w*|开始|起始|启动|上班",
            r"\b(?:end(?:s|ed|ing)?|finish\w*|expir\w*)\b|结束|截止|到期|终止|下班",
        ),
        (r"\barriv\w+|到达|抵达", r"\bdepart\w*|\bleaves?\b|出发|离开|离港"),
        (
            r"\b(?:minimum|at least|lowest)\b|最低|最少|至少|下限|不少于|不低于",
            r"\b(?:maximum|at most|highest)\b|最高|最多|至多|上限|不超过|不多于",
        ),
        (r"\bcheck(?:ing)?[- ]?in\b|入住|入职|入场", r"\bcheck(?:ing)?[- ]?out\b|退房|离职|退场"),
        (r"\bupload\w*|上传", r"\bdownload\w*|下载"),
        (r"\bimport(?:s|ed|ing)?\b|进口", r"\bexport(?:s|ed|ing)?\b|出口"),
    )
)
# Tells of both ends: 'open until 5', '9:00–17:00'.
_RANGE: Final = re.compile(r"\b(?:until|till|through)\b|\bto\b|\d\s?[-–—~～]\s?\d|[至到]|为止|之前")
_HAN_NAME: Final = re.compile(rf"{HAN.pattern}{{2,}}")
_MEASURES: Final = re.compile(
    r"(?:多少|几)(?:个?小时|分钟|工作日|个月|[天年月周次个元钱人])?|多[久长大高重快]|\bhow (?:many|much|long|often|big|large|high) (?:days?|weeks?|months?|years?|hours?|minutes?|times?)?",
    re.IGNORECASE,
)
# 机密级, 采购部: what is one of several of a kind, by two characters that say which.
_LITTLE: Final = (
    "各每几哪本该这那的是有了在和与及或最更其一二三四五六七八九十年月日上下高低中大小特全内外由对"
)
_GRADE: Final = re.compile(
    rf"(?P<name>(?:(?![{_LITTLE}]){HAN.pattern}){{2}})(?P<kind>[级类型部](?![分件署位别]))"
)
_MONTHS: Final = frozenset(
    "january february march april may_ june july august september october november december".split()
)
_SPACED_MONTH: Final = re.compile(r"(?<=\d)\s(?=月)")
_HAN_RUN: Final = re.compile(rf"{HAN.pattern}{{4,40}}")
# What there are several of, each called by a word before it: where only others are told, the one is not.
_PLACES: Final = re.compile(
    r"病房|科室|车间|仓库|机房|教室|客房|套餐|会员|车型|舱位|座位|班级|门诊"
)
_NO_NAME: Final = re.compile(
    r"[各每几哪本该这那的是有了在和与及或最更其年月日由对一二三四五六七八九十]|我们|你们|他们|公司|所述|上述|以上|以下|部分|全部|所有"
)
_NEAR: Final = 120  # characters before and behind a sentence
# Measures of time and the like are in every text.
_SAYS_LITTLE: Final = re.compile(
    r"^(?:.|不能|不可以?|不得|能够?|可以|情况|时候|cannot|多少|小时|分钟|工作日|每[天年月周次个]|需要|可以|规定|公司|我们|how|days?|weeks?|months?|years?|hours?|minutes?|times?|company)$"
)


def without_other(found: Sequence[Found], question: str) -> tuple[Found, ...]:
    """What was found without what is of another year or the opposite, or crosses languages without a word of it."""
    kept = (
        replace(
            each,
            sentences=tuple(
                s
                for s in each.sentences
                if not is_opposite(question, s)
                and not is_of_its_like(question, s, each)
                and not of_another_month(question, s)
            ),
        )
        for each in found
        if not of_another_year(question, each.item.hit.passage)
        and not lacks_name(question, each.item.hit.passage)
        and not shares_nothing(question, each)
        and not of_sibling(question, each)
    )
    return tuple(each for each in kept if each.sentences)


def of_another_year(question: str, passage: Passage) -> bool:
    """Whether title or headings give a year, and the year of the question stands nowhere in the passage."""
    asked = years_of(question)
    of = years_of(headings(passage))
    return bool(asked and of and not asked & of and not asked & years_of(passage.text))


def of_another_month(question: str, sentence: Sentence) -> bool:
    """Whether a question is of a month, and a sentence with what it stands under of others; whether something is so still,
    a sentence on another month may tell."""
    asked = _months(question)
    if not asked or kind_of(question) not in ("fact", "list"):
        return False
    told = _months(sentence.text) | _months(sentence.around.text)
    return bool(told) and not asked & told


def _months(text: str) -> frozenset[str]:
    return keys(_SPACED_MONTH.sub("", text)).fixed & _MONTHS


def is_opposite(question: str, sentence: Sentence) -> bool:
    """Whether a sentence tells when something begins that the question asks the end of, or the like; whether it is so
    ('Is it closed on Monday?') the opposite does tell."""
    if sentence.role == "row" or kind_of(question) not in ("fact", "definition", "compute"):
        return False
    asked, told = fold(question), fold(sentence.text)
    if _RANGE.search(told) or len(clocks(sentence.text)) > 1:
        return False
    return any(
        (
            one.search(asked)
            and not one.search(told)
            and other.search(told)
            and not other.search(asked)
        )
        or (
            other.search(asked)
            and not other.search(told)
            and one.search(told)
            and not one.search(asked)
        )
        for one, other in _OPPOSITES
    )


def of_sibling(question: str, found: Found) -> bool:
    """Whether it is about a grade, a kind or a department that is called otherwise, in a passage that does not name the
    one which is asked about: 机密级 for 绝密级."""
    asked = {(m["name"], m["kind"]) for m in _GRADE.finditer(fold(question))}
    if not asked:
        return False
    text = whole(found.item.hit.passage)
    told = {(m["name"], m["kind"]) for s in found.sentences for m in _GRADE.finditer(fold(s.text))}
    return any(
        name not in text and any(of == kind and other != name for other, of in told)
        for name, kind in asked
    )


def is_of_its_like(question: str, sentence: Sentence, found: Found) -> bool:
    """Whether a sentence begins with a thing that is called as the one which is asked about but for what tells them apart,
    and does not name that, while its passage does: 入职培训 for 外派培训."""
    text, own = whole(found.item.hit.passage), fold(f"{sentence.around.text} . {sentence.text}")
    for run in _HAN_RUN.findall(fold(question)):
        for place in range(len(run) - 3):
            name, kind = run[place : place + 2], run[place + 2 : place + 4]
            if _PLACES.fullmatch(kind) and name not in text and not _NO_NAME.search(name):
                others = set(re.findall(rf"([\u3400-\u9fff]{{2}}){kind}", own))
                if len(others) > 1 and kind + name not in own:
                    return True
            if name in own or _NO_NAME.search(name + kind) or name + kind not in text:
                continue
            begun = re.match(rf"[\W\d]{{0,6}}([\u3400-\u9fff]{{2}}){kind}", fold(sentence.text))
            if begun and not _NO_NAME.search(begun[1]):
                return True
    return False


def lacks_name(question: str, passage: Passage) -> bool:
    """Whether an English question has a name in Chinese, and the passage has it not."""
    names = _HAN_NAME.findall(question) if detect_language(question) == "en" else []
    return bool(names) and not any(fold(name) in whole(passage) for name in names)


def shares_nothing(question: str, found: Found) -> bool:
    """Whether what was found in the other language has, with what stands around it, none of the things that the question
    names, as far as a dictionary knows them."""
    language = detect_language(question)
    passage = found.item.hit.passage
    if passage.language == language:
        return False
    wanted = [
        each
        for each in named(question, language, passage.language)
        if each.said and not each.word.isdigit() and not _SAYS_LITTLE.match(each.word.casefold())
    ]
    start, end = found.sentences[0].start, found.sentences[-1].end
    near = passage.text[max(0, start - _NEAR) : end + _NEAR]
    text = fold(" . ".join((*{s.around.text for s in found.sentences}, near)))
    if not wanted or concepts(_MEASURES.sub(" ", question)) & concepts(text):
        return False
    # Numbered parts, codes and versions are written alike in both.
    told = addresses(text)
    if any(asked.meets(each) for asked in addresses(question) for each in told):
        return False
    if units(question).codes & units(text).codes:
        return False
    stems = frozenset(stems_of(text))
    return not any(holds(text, stems, each.said) for each in wanted)
