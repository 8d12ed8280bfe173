"""Another model or other settings on the questions that people ask, beside the answers that they get.

What is kept of an answer is what tells two apart. Two agree when both are refusals, or both are answers
that cite a passage in common and name the same numbers.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from app.answering.answer import Answer
from app.answering.intervals import Interval, mean, paired_difference, proportion
from app.answering.versions import CHANGEABLE, OF_INDEX
from app.errors import Phrase, RequestInvalid
from app.library.shadow import PairRow, Tried
from app.settings import Settings
from app.texts.complaints import complaint

# Pairs that differ which a report shows, the newest.
MOST_SHOWN: Final = 50
_MARK: Final = re.compile(r"\[\d{1,3}\]")
_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)*")
# Kinds of answers that no chat model and no setting makes.
_SAME_FOR_ALL: Final = ("greeting", "curated")


def changed_settings(settings: Settings, changes: Mapping[str, Any]) -> Settings:
    """The settings with some of CHANGEABLE and OF_INDEX set otherwise. Raises RequestInvalid for others, and
    for values out of bounds."""
    known = (*CHANGEABLE, *OF_INDEX)
    if unknown := sorted(set(changes) - set(known)):
        raise RequestInvalid(detail=Phrase("shadow_settings", names=unknown, known=list(known)))
    try:
        return Settings(**{**settings.model_dump(), **changes})
    except ValidationError as error:
        raise RequestInvalid(detail=complaint(error.errors()[0])) from None


def of_index(tried: Tried) -> dict[str, Any]:
    """The changes that need an index of their own."""
    return {name: value for name, value in tried.changes.items() if name in OF_INDEX}


def of_answering(tried: Tried) -> dict[str, Any]:
    """The other changes."""
    return {name: value for name, value in tried.changes.items() if name not in OF_INDEX}


def comparable(answer: Answer) -> bool:
    """Whether a test may learn from it: it was made for this question, and not by an owner."""
    return answer.kind not in _SAME_FOR_ALL and not answer.again


def kept(answer: Answer) -> dict[str, Any]:
    """What is kept of an answer."""
    return {
        "answer": answer.answer,
        "reason": answer.refusal.reason if answer.refusal else None,
        "kind": answer.kind,
        "cited": [[item.document_id, item.start, item.end] for item in answer.citations],
        "sources": list(dict.fromkeys(item.title for item in answer.citations)),
        "statements": len(answer.statements),
        "supported": sum(item.supported for item in answer.statements),
        "left_out": answer.left_out,
        "ms": answer.timings_ms.total,
        "first_ms": answer.timings_ms.first_token,
        "chat": answer.models.chat,
        "prompts": answer.models.prompts,
        "settings": answer.models.settings,
        "index": answer.models.index,
    }


def agree(given: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """See the module's docstring."""
    if (given["reason"] is None) != (other["reason"] is None):
        return False
    if given["reason"] is not None:
        return True
    common = any(
        document == another and start < ends and begins < end
        for document, start, end in given["cited"]
        for another, begins, ends in other["cited"]
    )
    return common and _numbers(given["answer"]) == _numbers(other["answer"])


def _numbers(text: str) -> set[str]:
    return set(_NUMBER.findall(_MARK.sub("", text)))


@dataclass(frozen=True)
class Compared:
    """A figure of the answers that were given and of the others, with 95% intervals; `difference` is that of
    the pairs, other less given."""

    given: Interval
    other: Interval
    difference: Interval


@dataclass(frozen=True)
class Pair:
    """One that differs."""

    question: str
    given: str
    other: str
    given_refused: str | None
    other_refused: str | None
    given_sources: tuple[str, ...]
    other_sources: tuple[str, ...]


@dataclass(frozen=True)
class ShadowReport:
    """`supported`: share of statements that the documents bear out, of answers by both. `seconds` to the
    whole answer, `first` to its first checked piece where both had one: the others were made at lower
    priority, when nobody waited."""

    pairs: int
    agreement: Interval
    refused: Compared
    supported: Compared
    seconds: Compared
    first: Compared
    differing: tuple[Pair, ...]


def report(rows: Sequence[PairRow]) -> ShadowReport:
    """What the pairs of a test tell."""
    both = [(row.given, row.other) for row in rows]
    alike = [agree(given, other) for given, other in both]
    answered = [pair for pair in both if all(each["reason"] is None for each in pair)]
    stated = [pair for pair in answered if all(each["statements"] for each in pair)]
    begun = [pair for pair in both if all(each["first_ms"] is not None for each in pair)]
    refusals = [[float(each["reason"] is not None) for each in pair] for pair in both]
    differing = [
        _pair(row) for row, same in zip(reversed(rows), reversed(alike), strict=True) if not same
    ]
    return ShadowReport(
        pairs=len(rows),
        agreement=proportion(sum(alike), len(alike)),
        refused=Compared(
            proportion(int(sum(one for one, _ in refusals)), len(refusals)),
            proportion(int(sum(two for _, two in refusals)), len(refusals)),
            paired_difference([one for one, _ in refusals], [two for _, two in refusals]),
        ),
        supported=_compared([[e["supported"] / e["statements"] for e in p] for p in stated]),
        seconds=_compared([[each["ms"] / 1000 for each in pair] for pair in both]),
        first=_compared([[each["first_ms"] / 1000 for each in pair] for pair in begun]),
        differing=tuple(differing[:MOST_SHOWN]),
    )


def _compared(values: Sequence[Sequence[float]]) -> Compared:
    given, other = [pair[0] for pair in values], [pair[1] for pair in values]
    return Compared(mean(given), mean(other), paired_difference(given, other))


def _pair(row: PairRow) -> Pair:
    given, other = row.given, row.other
    return Pair(
        row.question,
        given["answer"],
        other["answer"],
        given["reason"],
        other["reason"],
        tuple(given["sources"]),
        tuple(other["sources"]),
    )


def describe(tried: Tried) -> str:
    """What is tried, in a line."""
    changes = [f"{name}={value}" for name, value in sorted(tried.changes.items())]
    return ", ".join([*([tried.chat] if tried.chat else []), *changes])
