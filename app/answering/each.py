"""What several things have of one kind, told of each where the documents tell it: 'What licences do the models use?'

Such a question is answered by no sentence alone, nor by a list: each document tells it of its own things, among
remarks on the kind itself, which are about no thing.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from app.answering.concepts import concepts, places
from app.answering.evidence.context import Sentence, prepare, whole_text
from app.answering.evidence.rules import ENTITY
from app.answering.evidence.units import fold, units
from app.answering.quotes import Found
from app.answering.read import ReadHit
from app.index.protocol import Passage
from app.text.glosses import holds, named, stems_of
from app.text.language import detect_language

_ASKED: Final = (
    re.compile(
        r"\b(?:what|which) (?P<kind>(?:[a-z-]+ )?[a-z-]{2,30}(?<![sui])s) (?:do|does|did|are|were|have|has)(?: all)?(?: the| our| these| those| different| various)? (?P<things>(?:[\w-]+ )?[\w-]+s) (?:use[sd]?|have|need|require|carry|carried|come|fall|run|belong|given|under|released|published|licensed|sold|made|stored|kept)\b"
    ),
    re.compile(
        r"(?:各|这些|不同|所有|全部|每[个种款台])?(?:的)?(?P<things>[\u3400-\u9fff]{2,6}?)(?:都|分别|各自|各)?(?:采用|使用|用|有|需要|适用|支持|属于)(?:了|的是)?(?:哪些|哪几种|哪几类)(?P<kind>[\u3400-\u9fff]{2,6})"
    ),
    re.compile(
        r"(?:这些|不同|所有|全部)(?:的)?(?P<things>[\u3400-\u9fff]{2,6}?)的(?P<kind>[\u3400-\u9fff]{2,6}?)(?:都|分别|各)?(?:是|有|为)(?:什么|哪些)"
    ),
)
# 'bge-m3: 1,024 dimensions, …'
_LABEL: Final = re.compile(r"(?P<name>[^\s:：,，。;；][^:：,，。;；]{1,40})[:：]")
_JOINED: Final = "-_.abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_THAN: Final = re.compile(r"\bthan\b|\bunlike\b|比(?!例|特|如|较|对|重)|不如|优于")
# Characters before the name that a sentence is about.
_BEFORE: Final = 12
_WORDS: Final = 4
_FEWEST: Final = 2
_MOST: Final = 24


@dataclass(frozen=True)
class _Asked:
    kind: str
    things: str
    meant: frozenset[int]


def told_of_each(question: str, items: Sequence[ReadHit]) -> tuple[Found, ...]:
    """The sentences that tell it of a thing, with its name, and the tables that have a column for it; empty where
    fewer than two things are told of."""
    asked = _asked(question)
    if asked is None:
        return ()
    language = detect_language(question)
    cut = [
        (item, prepare([item.hit.passage]).sentences[0])
        for item in items
        if _speaks_of(asked.things, item.hit.passage, language)
    ]
    values = frozenset(
        name for _, sentences in cut for s in sentences for name in _values(s.text, asked.meant)
    )
    found: list[Found] = []
    tables: list[Found] = []
    seen: set[tuple[str, str]] = set()
    for item, sentences in cut:
        rows = tuple(s for s in sentences if _is_row_of(s, asked.meant))
        if rows:
            tables.append(Found(item, rows[:_MOST]))
        for sentence in sentences:
            thing = _thing(sentence, asked.meant, values)
            passage = item.hit.passage
            place = (passage.document_id, str(passage.start + sentence.start))
            if thing and place not in seen and (passage.document_id, thing) not in seen:
                seen |= {place, (passage.document_id, thing)}
                found.append(Found(item, (sentence,), thing))
    if len(found) + sum(len(table.sentences) for table in tables) < _FEWEST:
        return ()
    return (*found[:_MOST], *tables)


def _asked(question: str) -> _Asked | None:
    folded = fold(question)
    for pattern in _ASKED:
        if (match := pattern.search(folded)) and (meant := concepts(match["kind"])):
            return _Asked(match["kind"], match["things"], meant)
    return None


def _speaks_of(things: str, passage: Passage, language: str) -> bool:
    """Whether a passage, or what it stands under, speaks of such things at all."""
    text = fold(whole_text(passage))
    if units(things).words & units(text).words or concepts(things) & concepts(text):
        return True
    if passage.language == language:
        return False
    ways = named(things, "zh" if language == "zh" else "en", passage.language)
    stems = frozenset(stems_of(text))
    return any(holds(text, stems, way.said) for way in ways)


def _values(text: str, meant: frozenset[int]) -> Iterator[str]:
    """The names that stand beside a word of the kind: the MIT of 'MIT licence'."""
    folded = fold(text, lower=False)
    if len(folded) != len(folded.casefold()):
        return
    spans = list(places(folded, meant))
    for match in ENTITY.finditer(folded):
        for start, end in spans:
            beside = (
                folded[match.end() : start] if match.end() <= start else folded[end : match.start()]
            )
            near = match.end() <= start or match.start() >= end
            if near and len(beside) <= 2 and not beside.strip(" -:：“”\"'是为"):
                yield match.group().casefold()


def _is_row_of(sentence: Sentence, meant: frozenset[int]) -> bool:
    columns = sentence.around.columns
    if sentence.role != "row" or len(columns) != len(sentence.cells):
        return False
    return bool(concepts(" . ".join(columns[1:])) & meant) and not concepts(columns[0]) & meant


def _thing(sentence: Sentence, meant: frozenset[int], values: frozenset[str]) -> str:
    """The name of what a sentence tells it of; '' where it begins with none, or with one of the kind itself."""
    if sentence.role not in ("prose", "item") or not concepts(sentence.text) & meant:
        return ""
    if _THAN.search(fold(sentence.text)):
        return ""
    body = fold(sentence.body, lower=False).lstrip('-*• "“')
    label, match = _LABEL.match(body), ENTITY.search(body[:80])
    if label is not None and _is_name(label["name"], sentence, meant):
        name = label["name"]
    elif match is not None and match.start() <= _BEFORE:
        # The e5 of multilingual-e5-small is its own name nowhere.
        before = body[: match.start()]
        name = before[len(before.rstrip(_JOINED)) :] + match.group()
    else:
        return ""
    name = name.strip(" -*")
    return "" if name.casefold() in values else name


def _is_name(label: str, sentence: Sentence, meant: frozenset[int]) -> bool:
    """Whether what stands before a colon calls a thing, and says nothing of it."""
    short = len(label.split()) <= _WORDS if label.isascii() else sentence.role == "item"
    return short and not concepts(label) & meant
