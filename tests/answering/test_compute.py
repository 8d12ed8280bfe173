"""Arithmetic is exact, over typed cells, and shows its rows."""

import pytest

from app.answering.compute import compute, names_kind
from app.errors import Language
from tests.passages import passage

MACHINES = passage(
    "| Machine | Purchase | Power idle | Kind |\n"
    "| Gull | 1,450 | 9 W | laptop |\n"
    "| Heron | 4,900 | 65 W | tower |\n"
    "| Albatross | 61,000 | 240 W | tower |\n",
    title="Costs",
)
PARTS = passage(
    "| 零件 | 单价 | 库存 |\n| 轴承 | 3.00 | 12 |\n| 皮带 | 4.37 | 未知 |\n| 密封圈 | 5.74 | 7 |\n",
    title="零件表",
)


@pytest.mark.parametrize(
    ("question", "text", "rows"),
    [
        ("What is the total purchase of all machines?", "67,350", 3),
        ("What is the average purchase of the machines?", "22,450", 3),
        ("What is the total purchase of the tower machines?", "65,900", 2),
        ("Which machine has the highest purchase?", "61,000 (Albatross)", 3),
        ("Which machine has the lowest power idle?", "9 W (Gull)", 3),
        ("Which machine is the most expensive?", "61,000 (Albatross)", 3),
        ("哪台机器最便宜？", "1,450 (Gull)", 3),
        ("How many machines are there?", "3: Gull, Heron, Albatross", 3),
        ("How many tower machines are there?", "2: Heron, Albatross", 2),
        ("What is the difference between Gull and Heron in purchase?", "3,450", 2),
    ],
)
def test_numbers_come_from_the_cells(question: str, text: str, rows: int) -> None:
    computed = compute(question, [MACHINES], "en")
    assert computed is not None
    assert text in computed.text
    assert len(computed.rows) == rows


@pytest.mark.parametrize(
    ("question", "passage_", "language"),
    [
        ("库存一共有多少？", PARTS, "zh"),  # a cell that is no number
        ("What is the total weight of all machines?", MACHINES, "en"),  # no such column
        ("What does Gull cost?", MACHINES, "en"),  # nothing to compute
    ],
)
def test_what_cannot_be_computed_is_not(question: str, passage_, language: Language) -> None:  # type: ignore[no-untyped-def]
    assert compute(question, [passage_], language) is None


def test_it_is_told_in_the_askers_language() -> None:
    computed = compute("单价合计是多少？", [PARTS], "zh")
    assert computed is not None
    assert computed.text == "单价：3 行合计 13.11"


@pytest.mark.parametrize(
    "question",
    [
        "How many machines run without a fan?",  # not told from the table
        "Which machine is the heaviest?",  # no such column
    ],
)
def test_what_the_table_does_not_say_is_not_computed(question: str) -> None:
    assert compute(question, [MACHINES], "en") is None


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("Which machine is the most expensive?", True),
        ("哪台机器最贵？", True),  # in another language: taken at its word
        ("Which car is the most expensive?", False),
    ],
)
def test_a_table_of_other_things_is_told_from_that_asked_about(question: str, named: bool) -> None:
    computed = compute(question, [MACHINES], "en")
    assert computed is not None
    assert names_kind(question, computed.rows) == named
