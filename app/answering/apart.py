"""A question about several things, asked of each by itself: no one passage need tell of all of them.

'Compare A and B' over a document with a section on each, 'what are A and B for?', 'what is new in B since A?'.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from app.answering.comparing import sides_of
from app.answering.evidence.units import units
from app.answering.question import Kind
from app.answering.quotes import Found
from app.answering.weigh import Weighed
from app.errors import Language, Phrase
from app.text.language import detect_language
from app.texts import say

_MOST: Final = 6
_SHARED: Final[frozenset[Kind]] = frozenset({"fact", "list", "definition", "steps"})
_ASPECTS: Final = re.compile(r"\s{0,4}(?:、|,|，|以及|\band\b|[和与及])\s{0,4}", re.IGNORECASE)
# A name: of Latin letters with a capital or a digit, or of Chinese characters where the question says that it
# asks each apart.
_LATIN: Final = r"(?<![\w.-])(?:[A-Z0-9][\w.+-]{0,40}|[a-z][\w.+-]{0,20}\d[\w.+-]{0,20})(?: [A-Z0-9][\w.+-]{0,40}){0,3}"
_NAMES: Final = re.compile(
    rf"(?P<names>{_LATIN}(?:\s{{0,2}}(?:、|,|，)\s{{0,2}}{_LATIN}){{0,4}}\s{{0,2}}(?:和|与|跟|及|以及|\band\b)\s{{0,2}}{_LATIN})",
)
_APART: Final = re.compile(
    r"^(?P<names>[^,，?？。]{2,60}?(?:和|与|跟|及|以及|、)[^,，?？。]{1,40}?)(?:分别|各自|各)(?P<rest>.{2,60})$"
)
# Asks for one of them, or for what they have to do with each other.
_TOGETHER: Final = re.compile(
    r"哪(?:个|种|一个|一种|款|台)更|一样|相同|同时|都|之间|关系|\b(?:same|both|between|together|better|more|alike|each other|relat\w+)\b",
    re.IGNORECASE,
)
_DIFFERENCE: Final = re.compile(r"\bdifferences? between\b", re.IGNORECASE)
_RESPECTIVELY: Final = re.compile(r",?\s{0,2}\brespectively\b", re.IGNORECASE)
_SINCE: Final = (
    re.compile(
        r"^(?P<new>.{2,40}?)(?:相比于?|相较于?|相对于?|比起|比)\s{0,2}(?P<old>.{2,40}?)(?:，|,)?(?:有|的|做|改|新|增)"
    ),
    re.compile(r"从\s{0,2}(?P<old>.{2,40}?)\s{0,2}到\s{0,2}(?P<new>.{2,40}?)(?:，|,|有|的|改|都)"),
    re.compile(
        r"\b(?:changed?|changes|new|differen(?:t|ces?)|improve(?:d|ments?)?)\b.{0,20}?\bfrom (?P<old>.{2,40}?) to (?P<new>.{2,40}?)\W*$",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?:changed?|changes|new|differen(?:t|ces?)|improve(?:d|ments?)?) (?:in|with|about|of) (?P<new>.{2,40}?) (?:compared (?:to|with)|since|over|versus|vs\.?|against) (?P<old>.{2,40}?)\W*$",
        re.IGNORECASE,
    ),
)


@dataclass(frozen=True, slots=True)
class Apart:
    """A question of one thing; `of`: the thing, with what is asked of it where that is more than one thing."""

    text: str
    of: str
    thing: str


def apart(question: str, kind: Kind) -> tuple[Apart, ...]:
    """The questions, in the order of the things; empty where it is one of one thing.

    Of what changed from one to another it is one alone: what is said of the later one.
    """
    bare = question.strip(" ?？。.")
    language = detect_language(question)
    if kind == "changes" or (kind == "comparison" and _says_new(bare)):
        new = _newer(bare)
        return (Apart(say(Phrase("apart_new", thing=new), language), new, new),) if new else ()
    if kind == "comparison" or (kind == "compute" and _DIFFERENCE.search(bare)):
        sides, aspect = sides_of(question)
        return _of_each(sides, aspect, language) if sides else ()
    return _shared(bare, language) if kind in _SHARED and not _TOGETHER.search(bare) else ()


def enough(reads: Sequence[Weighed]) -> bool:
    """Whether what was read for each answers the question: at least two of the things are told of, or the one."""
    return sum(each.above >= 0 and bool(each.found) for each in reads) >= min(2, len(reads))


def labelled(asked: Sequence[Apart], reads: Sequence[Weighed]) -> list[Weighed]:
    """What was read for each, its sentences marked with the thing that they are about, to be shown as one
    table; as it is where rows of other tables are among it, which name their things themselves."""
    if len(asked) == 1:
        return list(reads)
    names = {each.thing: units(each.thing).words for each in asked}
    kept = []
    for each, read in zip(asked, reads, strict=True):
        others = [name for thing, name in names.items() if thing != each.thing]
        own = tuple(f for f in read.found if not _of_another(f, names[each.thing], others))
        kept.append(replace(read, found=own or read.found))
    rows = any(s.role == "row" for read in kept for found in read.found for s in found.sentences)
    if rows:
        return kept
    return [
        replace(read, found=tuple(replace(found, of=each.of) for found in read.found))
        for each, read in zip(asked, kept, strict=True)
    ]


def _of_another(found: Found, own: frozenset[str], others: Sequence[frozenset[str]]) -> bool:
    """Whether all that was found names another of the things, and not this one."""
    return all(
        not own <= s.units.words and any(name <= s.units.words for name in others)
        for s in found.sentences
    )


def _says_new(bare: str) -> bool:
    return bool(re.search(r"改进|提升|升级|新增|增强|\bimprove", bare, re.IGNORECASE))


def _newer(bare: str) -> str:
    for pattern in _SINCE:
        if found := pattern.search(bare):
            return found["new"].strip(" \"'“”《》")
    return ""


def _of_each(sides: tuple[str, ...], aspect: str, language: Language) -> tuple[Apart, ...]:
    aspects = [each.strip() for each in _ASPECTS.split(aspect) if each.strip()]
    if not aspects:
        return tuple(
            Apart(say(Phrase("apart_like", thing=side), language), side, side)
            for side in sides[:_MOST]
        )
    return tuple(
        Apart(
            say(Phrase("apart_aspect", thing=side, aspect=each), language), f"{side}, {each}", side
        )
        for side in sides
        for each in aspects
    )[:_MOST]


def _shared(bare: str, language: Language) -> tuple[Apart, ...]:
    """What is asked of several things in one sentence, asked of each."""
    if language == "zh" and (told := _APART.match(bare)):
        names, before, behind = told["names"], "", told["rest"]
    elif found := _NAMES.search(bare):
        names, before, behind = found["names"], bare[: found.start()], bare[found.end() :]
        behind = re.sub(r"^\s{0,2}(?:分别|各自|各)", "", _RESPECTIVELY.sub("", behind))
    else:
        return ()
    things = [each.strip() for each in _ASPECTS.split(names) if each.strip()]
    told_apart = 2 <= len(things) <= _MOST and all(units(each).words for each in things)
    if not told_apart or not units(before + behind).words:
        return ()
    end = "？" if language == "zh" else "?"
    return tuple(Apart(f"{before}{each}{behind}{end}", each, each) for each in things)
