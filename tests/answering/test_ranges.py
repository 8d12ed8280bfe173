"""Of a table of ranges the row is found that holds the amount of a question, and none for what else it asks."""

from decimal import Decimal

import pytest

from app.answering.evidence.context import prepare
from app.answering.narrow import narrowed
from app.answering.quotes import Found
from app.answering.ranges import Range, in_range, range_of, rows_in_range
from app.answering.read import ReadHit
from app.index.protocol import Passage
from app.index.words import WordCutter
from tests.passages import hit, passage


@pytest.fixture(scope="module")
def cutter() -> WordCutter:
    return WordCutter()


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("under 500", Range(None, Decimal(500), "", below=True)),
        ("500 to 1,499", Range(Decimal(500), Decimal(1499), "")),
        ("5,000 and above", Range(Decimal(5000), None, "")),
        ("> 20 kg", Range(Decimal(20), None, "kg", above=True)),
        ("€ 500 – € 999", Range(Decimal(500), Decimal(999), "EUR")),
        ("1 to under 5", Range(Decimal(1), Decimal(5), "", below=True)),
        ("不足 500 元", Range(None, Decimal(500), "CNY", below=True)),
        ("500 元至 1,999 元", Range(Decimal(500), Decimal(1999), "CNY")),
        ("10 年及以上", Range(Decimal(10), None, "year")),
        ("超过 30 天", Range(Decimal(30), None, "d", above=True)),
        ("15%", None),
        ("KX15", None),
        ("2 weeks", None),
        ("Orders are taken from 500 by telephone and e-mail only", None),
    ],
)
def test_a_cell_that_is_a_range(cell: str, found: Range | None) -> None:
    assert range_of(cell) == found


POSTAGE = passage(
    "| Weight | Postage | Insured up to |\n| --- | --- | --- |\n| up to 2 kg | 4.90 | 100 |\n| 2 to 10 kg | 7.50 | 500 |\n| over 10 kg | 14.00 | 500 |\n\nParcels to islands take two days longer.",
    title="Parcels",
    section=("Parcels",),
)
LATE = passage(
    "| Days overdue | Fee (EUR) |\n| --- | --- |\n| 1 to 14 | 0 |\n| 15 to 30 | 5 |\n| more than 30 | 12 |",
    title="Late payment",
    section=("Late payment",),
)
LEAVE = passage(
    "| 工龄 | 年假 |\n| --- | --- |\n| 不满 1 年 | 5 天 |\n| 1 至 9 年 | 10 天 |\n| 10 年以上 | 15 天 |",
    title="员工手册",
    language="zh",
)


@pytest.mark.parametrize(
    ("question", "of", "row"),
    [
        ("What postage do I pay for 3 kg?", POSTAGE, "| 2 to 10 kg |"),
        ("How much is the postage for a parcel of 12 kg?", POSTAGE, "| over 10 kg |"),
        ("What is the postage for 800 g?", POSTAGE, "| up to 2 kg |"),
        ("工龄 12 年有多少天年假？", LEAVE, "| 10 年以上 |"),
        ("What is the fee when I pay 20 days late?", LATE, "| 15 to 30 |"),
        ("What is the fee for two weeks?", LATE, "| 1 to 14 |"),
        ("工龄 18 个月的年假有几天？", LEAVE, "| 1 至 9 年 |"),
        ("How much annual leave is there after 4 years of service?", LEAVE, "| 1 至 9 年 |"),
    ],
)
def test_the_row_whose_range_holds_the_amount(
    question: str, of: Passage, row: str, cutter: WordCutter
) -> None:
    found = rows_in_range(question, [of], cutter.terms)
    assert [s.text[: len(row)] for _, rows in found for s in rows] == [row]


@pytest.mark.parametrize(
    ("question", "of"),
    [
        ("What postage do I pay for 3 litres?", POSTAGE),
        ("What customs duty do I pay for 3 kg?", POSTAGE),
        ("What postage to islands do furniture vans pay for 3 kg?", POSTAGE),
        ("What postage do I pay?", POSTAGE),
        ("What postage is paid for each weight above 3 kg?", POSTAGE),
        ("工龄 3 年的病假有几天？", LEAVE),
        ("工龄 3 公斤的年假有几天？", LEAVE),
        ("What is the fee for 20 kg?", LATE),
    ],
)
def test_no_row_where_something_else_is_asked(
    question: str, of: Passage, cutter: WordCutter
) -> None:
    assert rows_in_range(question, [of], cutter.terms) == ()


def test_the_row_of_a_range_is_not_that_of_another_thing() -> None:
    rows = [s for s in prepare([POSTAGE]).sentences[0] if s.role == "row"]
    question = "Which postage do I get for 3 kg?"
    assert [in_range(question, row) for row in rows] == [False, True, False]
    kept = narrowed([Found(ReadHit(hit(POSTAGE)), (rows[1],))], question)
    assert [s.text for each in kept for s in each.sentences] == [rows[1].text]
