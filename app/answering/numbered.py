"""Things of a kind that are told apart by a number: room 451, locker 12, 3 号线, 房间 455.

What is said of one reads like what is said of the next, to a search by meaning and to a reader alike. So the number
decides: where it is found, what holds another in its place is not meant, and where only others are found,
the documents do not know the thing.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from app.answering.evidence.context import Sentence, prepare
from app.answering.evidence.keys import quantities
from app.answering.evidence.units import fold
from app.answering.quotes import Found
from app.index.protocol import Hit, Passage
from app.text.glosses import ASKING

Terms = Callable[[str], Iterable[str]]

_NUMBER: Final = re.compile(r"(?<![\d.,:/A-Za-z_-])\d+(?![\d:/A-Za-z_-]|[.,]\d|\s?%)")
_ANY_NUMBER: Final = re.compile(r"\d+(?:[.,:]\d+)*")
# 'room no. 451', '编号 451': what stands between a word and its number.
_BEFORE: Final = re.compile(
    r"(?:(?P<latin>(?<![A-Za-z])[A-Za-z]{3,40})(?: (?:no\.?|nr\.?|number))?|(?P<han>[\u3400-\u9fff]{2}))[ #:：]{0,2}$",
    re.IGNORECASE,
)
# What is counted off in Chinese, behind the number; not what measures.
_BEHIND: Final = re.compile(
    r" ?(?P<han>号[\u3400-\u9fff]?|[楼层室班级类型区栋座期批路线档组队房柜桌站井罐炉泵阀款厂店仓舱卡箱])"
)
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
    which is asked about; None if it does not."""
    text = whole(passage)
    asked = _asked(question)
    if not any(each.word and _tells_of(each, text) for each in asked):
        return None
    wanted = {t for t in terms(fold(question)) if not t.isdigit()} - ASKING
    return len(wanted & set(terms(text))) / len(wanted) if wanted else 1.0


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


def _asked(question: str) -> list[_Asked]:
    """The numbers of a question that may name a thing: none that measures."""
    text = fold(question)
    measures = [(start, end) for _, unit, start, end in quantities(text) if unit]
    found: list[_Asked] = []
    last = 0
    for match in _NUMBER.finditer(text):
        if any(start <= match.start() < end for start, end in measures):
            continue
        word, number = _word(text, match), match.group().lstrip("0") or "0"
        if not word and found and _JOINED.match(text[last : match.start()]):
            word = found[-1].word
        found.append(_Asked(number, word))
        last = match.end()
    return found


def _word(text: str, match: re.Match[str]) -> str:
    if behind := _BEHIND.match(text, match.end()):
        return behind["han"]
    before = _BEFORE.search(text, max(0, match.start() - 40), match.start())
    if before is None:
        return ""
    if before["han"]:
        return "" if _NO_THING_HAN.search(before["han"]) else before["han"]
    word = before["latin"].casefold()
    return "" if word in _NO_THING else word.removesuffix("s")


def _of_kind(word: str, text: str) -> set[str]:
    """The numbers that stand beside a word."""
    return {
        match.group().lstrip("0") or "0"
        for match in _NUMBER.finditer(text)
        if _word(text, match) == word
    }


def _numbers(text: str) -> Iterator[str]:
    return (match.group().lstrip("0") or "0" for match in _NUMBER.finditer(text))


def _tells_of(asked: _Asked, text: str) -> bool:
    """Whether a sentence speaks of the number and of what it is a number of, or of a range that it lies in."""
    wanted = int(asked.number)
    for sentence in _SENTENCE.split(text):
        if asked.word not in sentence:
            continue
        if asked.number in _numbers(sentence):
            return True
        if any(int(r["low"]) <= wanted <= int(r["high"]) for r in _RANGE.finditer(sentence)):
            return True
    return False


def whole(passage: Passage) -> str:
    """A passage under its title and headings, folded."""
    return fold(" . ".join((passage.title, *passage.section, passage.text)))


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
