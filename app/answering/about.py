"""Whether what was found says what is asked of the thing that is asked about.

A reader of single passages takes a row that is named for the answer, whatever its columns tell, and a policy for
that of any thing, whoever's it is. Names and properties stand in the question, and can be looked for.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Final

from app.answering.blocks import Document
from app.answering.concepts import concepts
from app.answering.evidence.clock import clocks
from app.answering.evidence.context import Sentence, prepare, whole_units
from app.answering.evidence.units import Units, fold, units
from app.answering.numbered import whole
from app.answering.question import kind_of
from app.answering.quotes import Found
from app.index.protocol import Hit, Passage
from app.text.language import HAN, detect_language

# What is asked of a thing: 'Which licence does X use?', 'What is the budget of X?', X 采用哪种许可证, X 的预算是多少.
_ASKED: Final = (
    re.compile(
        r"\b(?:what|which)(?:['’]s| is| are| was| were)?(?: the| an?| its)? (?P<asked>(?!(?:does|do|did|is|are|was|were|has|have|had|can|must|may|should|will|of|in|on)\b)[a-z][\w -]{2,40}?)"
        r"(?= (?:of|for|does|do|did|is|are|was|were|has|have|had|can|must|may|should|will|in|on|at|to|from)\b|['’]s\b|\s*[?？]|$)"
    ),
    re.compile(
        r"的(?P<asked>[\u3400-\u9fff]{2,8}?)(?=是|为|有|在|怎|如何|多[少大长久高重]|几|什么|[?？。]|$)"
    ),
    re.compile(r"(?:什么|哪种|哪一?个|哪类|哪些|何种)(?P<asked>[\u3400-\u9fff]{2,6})"),
)
# What any row may tell without a column of the name.
_ANY: Final = re.compile(
    r"\b(?:times?|days?|dates?|years?|months?|numbers?|amounts?|names?|values?|figures?|kinds?|types?|sorts?|things?|sizes?|levels?|parts?|percentages?|shares?|units?|differences?|results?|details?|information|reasons?|causes?|meanings?|rules?|conditions?|ways?|models?|happens?|exactly|one|ones)\b"
    r"|时间|时候|日期|数量|名称|数值|数字|情况|种类|类型|比例|大小|意思|含义|结果|原因|规定|要求|条件|区别|特点|信息|方式|方法|内容|作用|地方|样子|东西|部分|模型|型号",
)
# Asks when something was or will be, which a row without a date does not tell.
_WHEN: Final = re.compile(
    r"^\W*when (?:was|were|did|is|are|will|does|do)\b|什么时候|何时|哪一?年|哪一?天|几月"
)
_DATED: Final = re.compile(
    r"(?<!\d)(?:19|20)\d\d(?!\d)|\d{1,2}[-/.月]\d{1,2}|\b(?:after|before|during|while|until|end of|start of|beginning of)\b|之后|之前|期间|结束|开始"
)
# What is counted: 'How many rounds', 多少个段落.
_COUNTED: Final = (
    re.compile(r"\bhow many (?:[a-z-]+ ){0,2}?(?P<asked>[a-z-]{3,30}s|people|children|staff)\b"),
    re.compile(
        r"(?:多少|几)(?:个|种|条|份|台|位|名|项|轮|段|张|篇|家)?(?P<asked>[\u3400-\u9fff]{2,4})(?=[?？。]|$|是|有|会|被|需|可)"
    ),
)
# What somebody is: 'Who is the captain of the ferry?', 船长是谁？
_ROLES: Final = (
    re.compile(
        r"\bwho(?:['’]s| is| are| was| were) (?:the |our |its |your )?(?P<role>(?!in charge|responsible)[a-z][a-z -]{2,30}?)(?= (?:of|for|at|in|on)\b|['’]s\b|\s*\?|$)"
    ),
    re.compile(
        r"(?P<role>(?:船|机|队|组|班|校|院|店|厂|站|科|处|部|局|所|护士)长|经理|主任|主席|会长|司机|教练|秘书|会计|出纳|医生|护士|老师|工程师|总监|院士|馆长|园长)(?:是|由)?(?:谁|哪位)"
    ),
)
_NAME: Final = re.compile(r"(?<![A-Za-z0-9])[A-Z][A-Za-z]*[a-z][A-Za-z]*(?![A-Za-z])")
# '**Falcon** (…): …', 'Falcon: …'.
_BEGINS_NAMED: Final = re.compile(
    r"[-*•\s]{0,4}[A-Z][\w.+/ -]{1,40}?\*{0,2}\s?(?:[(（][^)）]{1,80}[)）]\*{0,2}\s?)?[:：]"
)
_SPELT: Final = 5
_ALIKE: Final = 0.8
# A name that so much of the documents hold may be that of whose documents they are.
_EVERYWHERE: Final = 0.5


def told_of_it(
    question: str, hits: Sequence[Hit], document: Document
) -> Callable[[Sequence[Found]], tuple[Found, ...]]:
    """What leaves out of what was found the rows that lack what is asked of them, and what stands in documents that
    do not name a thing of the question that others of the hits name."""
    names = _things(question, hits)

    def kept(found: Sequence[Found]) -> tuple[Found, ...]:
        told = []
        for each in found:
            sentences = tuple(s for s in each.sentences if not lacks(s, question))
            if sentences and all(_named(name, each, question, document) for name in names):
                told.append(replace(each, sentences=sentences))
        return tuple(told)

    return kept


def lacks(row: Sentence, question: str) -> bool:
    """Whether a row of a table, under its headings and column names, has nothing of the kind that the question asks
    for: the licence of a model among its sizes."""
    columns = row.around.columns
    if row.role != "row" or len(columns) != len(row.cells):
        return False
    own = units(row.cells[0])
    if _WHEN.search(fold(question)):
        dated = row.keys.fixed or clocks(row.text) or _DATED.search(fold(row.text))
        return not dated or (not _crosses(question, row) and _says_nothing(row, own, question))
    if kind_of(question) == "yesno" and not _crosses(question, row):
        return _says_nothing(row, own, question)
    asked = asked_of(question)
    wanted = {w for w in units(asked).words - own.words if w[0] != "#"}
    if not wanted or _ANY.search(fold(asked)):
        return False
    held = row.units.words | row.around.units.words
    meant = concepts(asked)
    there = concepts(f"{row.text} . {row.around.text}")
    if meant & there or (wanted & held and not meant):
        return False
    if meant:
        # A word that both hold, though it is no name of such a column: 'licence fee'.
        return not wanted <= held
    return not _crosses(asked, row) and not wanted & held and not clocks(row.text)


def _says_nothing(row: Sentence, own: Units, question: str) -> bool:
    """Whether a row and what it stands under have no word of the question besides the name of the row, nor one that is
    commonly used for the same: that a machine was sold is told by no column for when it was bought."""
    left = {w for w in units(question).words - own.words if w[0] != "#"}
    around = f"{row.text} . {row.around.text}"
    return (
        bool(left)
        and not left & (row.units.words | row.around.units.words)
        and not concepts(question) & concepts(around)
    )


def _crosses(text: str, row: Sentence) -> bool:
    """Whether a row is in another script than a text, so that their words cannot be compared."""
    return bool(HAN.search(text)) != bool(HAN.search(f"{row.text} {row.around.text}"))


def is_silent(found: Found, question: str) -> float:
    """How little what was found says of what is asked: 0 where it names that or the question does not tell it, 1 where
    its sentences do not, 2 where their passage does not either, 4 of an item that a list has of a thing by its name: all
    of its items are alike. Words are compared within one language, else what
    such things are commonly called."""
    text = fold(question)
    counted = next((m["asked"] for pattern in _COUNTED if (m := pattern.search(text))), "")
    role = next((m["role"] for pattern in _ROLES if (m := pattern.search(text))), "")
    asked = counted or role or asked_of(question)
    if not asked or (not counted and _ANY.search(asked)):
        return 0
    passage = found.item.hit.passage
    around = " . ".join({s.around.text for s in found.sentences})
    near = f"{' . '.join(s.text for s in found.sentences)} . {around}"
    wanted, meant = {w for w in units(asked).words if w[0] != "#"}, concepts(asked)
    if not wanted or (not meant and passage.language != detect_language(question)):
        return 0
    of_thing = bool(meant) and any(
        s.role == "item" and _BEGINS_NAMED.match(s.body) is not None for s in found.sentences
    )
    for held, silent in ((near, 0), (whole(passage), 4 if of_thing else 1)):
        if meant & concepts(held) or wanted & units(held).words:
            return silent
    return 4 if of_thing or role else 2


def asked_of(question: str) -> str:
    """What a question asks of its thing, folded; '' where its words do not tell."""
    folded = fold(question)
    for pattern in _ASKED:
        if match := pattern.search(folded):
            return match["asked"]
    return ""


def _things(question: str, hits: Sequence[Hit]) -> tuple[tuple[str, ...], ...]:
    """The names of single things in a question, each as its pieces, that the hits know: those with digits, and
    those with a capital that not every document holds."""
    asked = units(question)
    zh = detect_language(question) == "zh"
    found = {code for code in asked.codes if any(p[0].isdigit() for p in code)}
    for match in _NAME.finditer(question):
        pieces = units(match.group()).pieces
        begins = not question[: match.start()].strip(" \"'“‘(")
        if zh or (not begins and units(f"x {match.group()}").names & asked.names):
            found.add(pieces)
    if not found:
        return ()
    held = [(hit.passage, whole_units(hit.passage)) for hit in hits]
    documents = {hit.passage.document_id for hit in hits}
    kept = []
    for name in sorted(found):
        own = {p.document_id for p, u in held if u.has_run(name)}
        if not own:
            continue
        heads = any(_heads(name, p) for p, u in held if u.has_run(name))
        if heads or len(own) < _EVERYWHERE * len(documents):
            kept.append(name)
    return tuple(kept)


def _heads(name: tuple[str, ...], passage: Passage) -> bool:
    """Whether a row, an item or a heading begins with the name: it is one of several things that are told of."""
    size = len(name)
    if any(units(heading).pieces[:size] == name for heading in (passage.title, *passage.section)):
        return True
    return any(
        (s.role in ("row", "item", "heading"))
        and units(s.cells[0] if s.cells else s.body).pieces[:size] == name
        for s in prepare([passage]).sentences[0]
    )


def _named(name: tuple[str, ...], found: Found, question: str, document: Document) -> bool:
    passage = found.item.hit.passage
    if _holds(name, whole_units(passage)):
        return True
    crossed = passage.language != detect_language(question)
    if crossed and passage.language == "zh" and not any(p[0].isdigit() for p in name):
        return True  # it may be written in Han there
    return any(_holds(name, whole_units(each)) for each in document(passage))


def _holds(name: tuple[str, ...], held: Units) -> bool:
    if held.has_run(name):
        return True
    (first, *rest) = name
    spelt = not rest and len(first) >= _SPELT
    return spelt and bool(get_close_matches(first, held.pieces, 1, _ALIKE))
