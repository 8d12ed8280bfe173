"""Figures of a golden set by kind of question: points held, whole answers, right refusals."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.evaluation.records import Record

# Kinds of questions that the library does not answer begin so.
UNANSWERABLE = "unanswerable"


@dataclass(frozen=True)
class KindFigures:
    """`points` of `of` are held; `whole` of `questions` are answered with all of theirs, steps in their
    order; of unanswerable kinds `whole` are refused. `supported` of `statements` have evidence."""

    kind: str
    questions: int
    whole: int
    points: int
    of: int
    refused: int
    statements: int
    supported: int


def by_kind(records: Sequence[Record]) -> list[KindFigures]:
    """The figures of each kind, in the order of their first record, and of all answerable and all
    unanswerable ones."""
    kinds = list(dict.fromkeys(record.kind for record in records))
    found = [_figures(kind, [r for r in records if r.kind == kind]) for kind in kinds]
    found.append(_figures("all answerable", [r for r in records if r.answerable]))
    found.append(_figures("all unanswerable", [r for r in records if not r.answerable]))
    return found


def is_whole(record: Record) -> bool:
    """Whether the record is all that is asked: every point, steps in order; a refusal where none is held."""
    if not record.answerable:
        return not record.answered
    in_order = record.ordered or record.kind != "steps"
    return record.answered and record.points == record.of and in_order


def _figures(kind: str, records: Sequence[Record]) -> KindFigures:
    return KindFigures(
        kind,
        len(records),
        sum(map(is_whole, records)),
        sum(record.points for record in records),
        sum(record.of for record in records),
        sum(not record.answered for record in records),
        sum(record.statements for record in records),
        sum(record.supported for record in records),
    )
