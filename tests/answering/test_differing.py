"""Two documents that give the same quantity otherwise."""

from datetime import date

import pytest

from app.answering.differing import differing
from app.answering.evidence.context import prepare
from app.answering.quotes import Found
from app.answering.read import ReadHit
from app.index.protocol import Hit
from tests.passages import passage

OLD = ("Trip rules (valid from 1 March 2021)", "The allowance for a day abroad is 40 euros.")
NEW = (
    "Trip rules (valid from 1 May 2024, replaces the rules of 2021)",
    "The allowance for a day abroad is 55 euros.",
)


def found(title: str, text: str, document: str) -> Found:
    of = passage(text, title=title, document_id=document)
    return Found(ReadHit(Hit(of, 0.0, 0.0, 0)), prepare([of]).sentences[0])


@pytest.mark.parametrize("turned", [False, True])
def test_the_later_one_comes_first(turned: bool) -> None:
    both = [found(*OLD, "old"), found(*NEW, "new")]
    two = differing(both[::-1] if turned else both)
    assert two is not None
    assert two.known
    assert two.later.item.hit.passage.document_id == "new"
    assert two.dates == (date(2024, 5, 1), date(2021, 3, 1))


def test_without_dates_neither_is_called_the_later() -> None:
    two = differing([found("A", OLD[1], "a"), found("B", NEW[1], "b")])
    assert two is not None
    assert not two.known


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (OLD[1], OLD[1]),
        (OLD[1], "Hotel costs are refunded up to 90 euros a night."),
        ("Heron has 64 GB of memory for models.", "Gull has 16 GB of memory for models."),
        ("运行日志保存 30 天。", "审计日志保存 180 天。"),
        (OLD[1], "The allowance for a day abroad is paid within 5 days."),
    ],
)
def test_what_agrees_or_is_about_something_else_does_not_differ(one: str, other: str) -> None:
    assert differing([found("A", one, "a"), found("B", other, "b")]) is None


def test_one_document_does_not_differ_from_itself() -> None:
    assert differing([found("A", OLD[1], "a"), found("A", NEW[1], "a")]) is None
