"""Questions from English text: sentences that state a quantity, turned round.

Each pattern takes a whole clause from the beginning of a sentence, so that the question names
its subject as the document does, and the sentence it was made from is its answer.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

_SENTENCE: Final = re.compile(
    r"(?:^|(?<=[.!?]\s)|(?<=\n))(?:[-•*]\s+)?([A-Z][^.!?\n|]*(?:\.\d[^.!?\n|]*)*)(?=[.!?\n]|$)"
)
_SUBJECT: Final = r"(?P<subject>[A-Z][\w' ,./-]{2,70}?)"
_ABOUT: Final = (
    r"(?:(?:about|only|exactly|roughly|around|at most|at least|nearly|therefore|just) )*"
)
_NUMBER: Final = r"(?P<number>\d[\d,.]*)"
_SPAN: Final = r"(?:milliseconds?|seconds?|minutes?|hours?|days?|weeks?|months?|years?)"
_SPACE: Final = r"(?:bytes?|[KMGT]i?B)"

_BARE: Final = {"holds": "hold", "has": "have", "contains": "contain", "covers": "cover"}

_PATTERNS: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...]] = (
    (
        re.compile(rf"{_SUBJECT} (?P<verb>takes|took) {_ABOUT}{_NUMBER} {_SPAN}\b"),
        lambda m: f"How long {'did' if m['verb'] == 'took' else 'does'} {_lower(m)} take?",
    ),
    (
        re.compile(
            rf"{_SUBJECT} (?P<verb>is|are) (?P<done>kept|stored|retained|valid) for {_ABOUT}{_NUMBER} {_SPAN}\b"
        ),
        lambda m: f"How long {m['verb']} {_lower(m)} {m['done']}?",
    ),
    (
        re.compile(
            rf"{_SUBJECT} (?P<verb>is|are) (?P<done>made|run|sent|checked|updated|published) (?:every \w+ |daily )?at \d\d?:\d\d"
        ),
        lambda m: f"When {m['verb']} {_lower(m)} {m['done']}?",
    ),
    (
        re.compile(rf"{_SUBJECT} has an? (?P<noun>[a-z]+(?: [a-z]+)?) of {_ABOUT}{_NUMBER}"),
        lambda m: f"What is the {m['noun']} of {_lower(m)}?",
    ),
    (
        re.compile(
            rf"{_SUBJECT} (?P<verb>needs|uses|requires) {_ABOUT}{_NUMBER} {_SPACE} of (?P<noun>[a-z]+)\b"
        ),
        lambda m: f"How much {m['noun']} does {_lower(m)} {m['verb'].removesuffix('s')}?",
    ),
    (
        re.compile(rf"{_SUBJECT} takes {_ABOUT}{_NUMBER} {_SPACE}\b"),
        lambda m: f"How much space does {_lower(m)} take?",
    ),
    (
        re.compile(
            rf"{_SUBJECT} (?P<verb>holds|has|contains|covers) {_ABOUT}{_NUMBER} (?P<noun>[a-z]+s)\b(?! of)"
        ),
        lambda m: f"How many {m['noun']} does {_lower(m)} {_BARE[m['verb']]}?",
    ),
    (
        re.compile(
            rf"(?P<subject>(?:The|An?) [a-z][\w' -]{{8,70}}?) (?P<verb>is|was) {_ABOUT}{_NUMBER}"
        ),
        lambda m: f"What {m['verb']} {_lower(m)}?",
    ),
)
_HOW: Final = re.compile(
    r"(?m)^(?:#+\s*|\d+\.\s*)?How (?P<subject>(?:the|we|our) [a-z ]{3,30}?) (?P<verb>is|are) (?P<done>[a-z]+)$"
)
# What points outside the sentence, or begins it with something that is no subject.
_DEPENDENT: Final = re.compile(
    r"^(?:It|They|This|That|These|Those|He|She|We|You|I|There|Here|Each|Both|One|Another|In|On|At|By|For|"
    r"With|Without|After|Before|If|When|While|Since|As|So|Then|But|And|Or|To|From|Under|Over|Our|Its|Their)\b"
    r"|\b(?:it|they|this|that|these|those|which|who|we|you|former|latter|same|such|one|alone)\b",
)


def english_questions(text: str) -> Iterator[str]:
    """The best first."""
    for sentence in _SENTENCE.finditer(text):
        for pattern, ask in _PATTERNS:
            found = pattern.match(sentence[1])
            if found and not _DEPENDENT.search(found["subject"]):
                yield ask(found)
                break
    for found in _HOW.finditer(text):
        yield f"How {found['verb']} {found['subject']} {found['done']}?"


def _lower(match: re.Match[str]) -> str:
    """The subject within a sentence: names keep their capital, other words begin small."""
    subject = match["subject"].strip().removesuffix(" therefore")
    first = subject.split(" ", 1)[0]
    common = first in ("The", "A", "An") or (
        first[1:].islower() and first.endswith(("ing", "ly", "s"))
    )
    return subject[0].lower() + subject[1:] if common else subject
