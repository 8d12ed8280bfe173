"""Things of a kind that are told apart by a number: room 451, locker 12, 3 号线, 房间 455.

What is said of one reads like what is said of the next, to a search by meaning and to a reader alike. So the number
decides: where it is found, what holds another in its place is not meant, and where only others are found,
the documents do not know the thing.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from app.answering.concepts import concepts
from app.answering.evidence.context import Sentence, headings, prepare, whole_text
from app.answering.evidence.keys import quantities
from app.answering.evidence.units import fold
from app.answering.quotes import Found
from app.errors import Language
from app.index.protocol import Hit, Passage
from app.text.glosses import ASKING, holds, named, stems_of
from app.text.language import detect_language

Terms = Callable[[str], Iterable[str]]

NUMBER: Final = re.compile(r"(?<![\d.,:/A-Za-z_-])\d+(?![\d/A-Za-z_-]|[.,:]\d|\s?%)")
_ANY_NUMBER: Final = re.compile(r"\d+(?:[.,:]\d+)*")
# 'room no. 451', '编号 451': what stands between a word and its number.
_BEFORE: Final = re.compile(
    r"(?:(?P<latin>(?<![A-Za-z])[A-Za-z]{3,40})(?: (?:no\.?|nr\.?|number))?|(?P<han>[\u3400-\u9fff]{2}))[ #:：]{0,2}$",
    re.IGNORECASE,
)
# What is counted off in Chinese, behind the number; not what measures.
BEHIND: Final = re.compile(
    r" ?(?P<han>号(?:(?![和与及或的是在有到至、])[\u3400-\u9fff])?|[楼层室班级类型区栋座期批路线档组队房柜桌站井罐炉泵阀款厂店仓舱卡箱])"
)
# What a dictionary calls by other names than what is counted off.
_HAN_OF: Final = {
    "层": "floor level storey story", "区": "zone area ward district sector", "楼": "floor building storey", "栋": "building block", "幢": "building block",
    "座": "building tower seat", "阀": "valve", "罐": "tank", "期": "phase issue", "批": "batch lot", "路": "route bus line",
    "档": "gear level", "款": "model", "组": "group team", "线": "line", "室": "room ward", "柜": "locker cabinet cupboard",
    "道": "lane track", "台": "unit machine", "位": "bay space seat", "架": "rack shelf", "箱": "box case", "桶": "bin drum",
}  # fmt: skip
_NO_THING: Final = ASKING | frozenset(
    "top first last next than over under below above between within least most only around nearly almost since until"
    " through plus minus times page pages section chapter article step clause paragraph".split()
)
_NO_THING_HAN: Final = re.compile(
    r"[的是在有到至约为和与第过了于从共用要前后近每超]$|^[年月日时分秒]"
)
# 'rooms 410 and 411': the second is one of what the first is.
_JOINED: Final = re.compile(r"^\s?(?:,|，|、|and|or|和|与|及|以及|或)\s?$")
_SENTENCE: Final = re.compile(r"[。！？!?;；\n]|\.(?!\d)")
_RANGE: Final = re.compile(r"(?P<low>\d{1,9}) ?(?:[-–—~～至到]|to|through) ?(?P<high>\d{1,9})")
# From so many others on, numbers tell things of that kind apart.
_OTHERS: Final = 2


@dataclass(frozen=True)
class _Asked:
    """A number of a question, and the word that says of what it is; '' where none does."""

    number: str
    word: str


def unknown_numbers(question: str, hits: Sequence[Hit]) -> tuple[str, ...]:
    """The numbered things of a question of which no hit tells, while some tell of others of the kind."""
    missing: list[str] = []
    for asked in _asked(question):
        if not asked.word:
            continue
        others: set[str] = set()
        for hit in hits:
            text = whole(hit.passage)
            if _tells_of(asked, text):
                break
            others |= _of_kind(asked.word, text)
        else:
            if len(others) >= _OTHERS:
                missing.append(f"{asked.word} {asked.number}")
    return tuple(missing)


def of_numbers(question: str, hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """The hits without those that tell of another thing of a kind, where one tells of that which is asked about."""
    asked = _asked(question)
    if not asked:
        return tuple(hits)
    wanted = {each.number for each in asked}
    words = {each.word for each in asked if each.word}
    texts = [whole(hit.passage) for hit in hits]
    own = [bool(wanted & set(_numbers(text))) for text in texts]
    if not any(own) or all(own):
        return tuple(hits)
    kinds = [set[str]().union(*(_of_kind(word, text) for word in words)) for text in texts]
    told = any(numbers & wanted for numbers, mine in zip(kinds, own, strict=True) if mine)
    shapes = {
        shape
        for hit, mine in zip(hits, own, strict=True)
        if mine
        for shape in _shapes(hit.passage, wanted)
    }
    return tuple(
        hit
        for hit, mine, numbers in zip(hits, own, kinds, strict=True)
        if mine or not ((told and numbers) or _mostly(hit.passage, shapes))
    )


def told_share(question: str, passage: Passage, terms: Terms) -> float | None:
    """How much of what else a question names is said in a passage, [0, 1], if that tells of the numbered thing
    which is asked about; None if it does not. In the other language by what a dictionary makes of the words."""
    asked = _asked(question)
    text = whole(passage)
    if not any(each.word and _tells_of(each, text) for each in asked):
        return None
    return _share(question, asked, text, passage.language, terms)


def tells_all(question: str, passage: Passage, terms: Terms) -> bool:
    """Whether one sentence, under title and headings, tells of the numbered thing that is asked about all that the
    question names."""
    asked = [each for each in _asked(question) if each.word]
    above = fold(headings(passage))
    return any(
        any(_tells_of(each, sentence) for each in asked)
        and _share(question, asked, f"{above} . {sentence}", passage.language, terms) == 1.0
        for sentence in _SENTENCE.split(fold(passage.text))
    )


def _share(
    question: str, asked: Sequence[_Asked], text: str, written: Language, terms: Terms
) -> float:
    language = detect_language(question)
    if written != language:
        things = {each.word for each in asked}
        others = [
            each
            for each in named(question, language, written)
            if not each.word.isdigit() and not any(_is_of(each.word, thing) for thing in things)
        ]
        stems, meant = frozenset(stems_of(text)), concepts(text)
        told = [holds(text, stems, o.said) or bool(concepts(o.word) & meant) for o in others]
        return sum(told) / len(told) if told else 1.0
    wanted = {t for t in terms(fold(question)) if not t.isdigit()} - ASKING
    return len(wanted & set(terms(text))) / len(wanted) if wanted else 1.0


def names_number(question: str, sentences: Iterable[Sentence]) -> bool:
    """Whether the question asks about no numbered thing, or a sentence has its number."""
    wanted = {each.number for each in _asked(question) if each.word}
    return not wanted or any(wanted & set(_numbers(fold(s.text))) for s in sentences)


def without_siblings(found: Iterable[Found], question: str) -> tuple[Found, ...]:
    """What was found without sentences that differ by their numbers alone from one with a number of the
    question, and have it not."""
    given = tuple(found)
    wanted = {each.number for each in _asked(question)}
    if not wanted:
        return given
    alike: dict[str, bool] = defaultdict(bool)
    for each in given:
        for sentence in _prose(each.sentences):
            alike[_shape(sentence.text)] |= bool(wanted & set(_numbers(sentence.text)))
    kept = (
        replace(
            each,
            sentences=tuple(
                s
                for s in each.sentences
                if s.role == "row" or not alike[_shape(s.text)] or wanted & set(_numbers(s.text))
            ),
        )
        for each in given
    )
    return tuple(each for each in kept if each.sentences)


@lru_cache(maxsize=256)
def _asked(question: str) -> tuple[_Asked, ...]:
    """`_numbered` of a question, which each of its passages is held against."""
    return tuple(_numbered(question))


def _numbered(text: str) -> list[_Asked]:
    """The numbers of a text that may name a thing: none that measures."""
    text = fold(text)
    measures = [(start, end) for _, unit, start, end in quantities(text) if unit]
    found: list[_Asked] = []
    last = 0
    for match in NUMBER.finditer(text):
        if any(start <= match.start() < end for start, end in measures):
            continue
        word, number = called(text, match), match.group().lstrip("0") or "0"
        if not word and found and _JOINED.match(text[last : match.start()]):
            word = found[-1].word
        found.append(_Asked(number, word))
        last = match.end()
    return found


def called(text: str, match: re.Match[str]) -> str:
    """What the number found in a text is a number of, in lower case: the word before it, or what counts it off
    behind; '' where it may measure or mean anything."""
    if behind := BEHIND.match(text, match.end()):
        return behind["han"]
    before = _BEFORE.search(text, max(0, match.start() - 40), match.start())
    if before is None:
        return ""
    if before["han"]:
        return "" if _NO_THING_HAN.search(before["han"]) else before["han"]
    word = before["latin"].casefold()
    return "" if word in _NO_THING else word.removesuffix("s")


def _of_kind(word: str, text: str) -> set[str]:
    """The numbers that stand beside a word, or beside one of the other language that means the same."""
    return {
        match.group().lstrip("0") or "0"
        for match in NUMBER.finditer(text)
        if _is_of(called(text, match), word)
    }


def _is_of(one: str, other: str) -> bool:
    """Whether two words may call one thing: in two languages by what a dictionary makes of the English one."""
    if one == other:
        return bool(one)
    if not one or not other or one.isascii() == other.isascii():
        return False
    latin, han = (one, other) if one.isascii() else (other, one)
    # 251 号柜 is a 储物柜; a mere 251 号 may be any thing.
    kept = han.removeprefix("号") or han
    said = {c for each in named(latin, "en", "zh") for way in each.said for c in way}
    counted = latin in {word for c in kept for word in _HAN_OF.get(c, "").split()}
    return counted or bool(said & set(kept)) or bool(concepts(latin) & concepts(kept))


def _numbers(text: str) -> Iterator[str]:
    return (match.group().lstrip("0") or "0" for match in NUMBER.finditer(text))


def _tells_of(asked: _Asked, text: str) -> bool:
    """Whether a sentence speaks of the number and of what it is a number of, or of a range that it lies in."""
    wanted = int(asked.number)
    for sentence in _SENTENCE.split(text):
        if asked.word not in sentence:
            if any(
                each.number == asked.number and _is_of(each.word, asked.word)
                for each in _numbered(sentence)
            ):
                return True
            continue
        if asked.number in _numbers(sentence):
            return True
        if any(int(r["low"]) <= wanted <= int(r["high"]) for r in _RANGE.finditer(sentence)):
            return True
    return False


def whole(passage: Passage) -> str:
    """A passage under its title and headings, folded."""
    return fold(whole_text(passage))


def _shape(text: str) -> str:
    return _ANY_NUMBER.sub("#", fold(text))


def _prose(sentences: Iterable[Sentence]) -> Iterator[Sentence]:
    return (sentence for sentence in sentences if sentence.role != "row")


def _shapes(passage: Passage, wanted: set[str]) -> set[str]:
    return {
        _shape(s.text)
        for s in _prose(prepare([passage]).sentences[0])
        if wanted & set(_numbers(s.text))
    }


def _mostly(passage: Passage, shapes: set[str]) -> bool:
    """Whether half of a passage are sentences of these shapes."""
    shown = [_shape(s.text) for s in _prose(prepare([passage]).sentences[0])]
    return bool(shown) and 2 * sum(shape in shapes for shape in shown) >= len(shown)
