"""Arithmetic is exact, over typed cells, and shows its rows."""

import pytest

from app.answering.compute import (
    Computed,
    NotComputable,
    asks_of_column,
    compute,
    concerns,
    is_of_others,
    names_kind,
)
from app.answering.evidence.context import prepare
from app.errors import Language
from app.texts import say
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
        ("How much is the purchase of all machines together?", "67,350", 3),
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
    assert isinstance(computed, Computed)
    assert text in computed.text
    assert len(computed.rows) == rows


SERVICES = passage(
    "| Service | Restart takes | Fee | Size |\n"
    "| API | 8 seconds | 12 EUR | 2,048 tokens |\n"
    "| Database | 45 seconds | 9 USD | 32K tokens |\n"
    "| Large model | 6 minutes | 7 EUR | 1 million tokens |\n",
    title="Services",
)


@pytest.mark.parametrize(
    ("question", "passage_", "language", "said"),
    [
        ("库存一共有多少？", PARTS, "zh", "无法计算“库存”的总和：“未知”不是单个数字。"),
        (
            "What is the total weight of all machines?",
            MACHINES,
            "en",
            "the columns Machine, Purchase, Power idle, Kind",
        ),
        (
            "What is the average kind of the machines?",
            MACHINES,
            "en",
            "“laptop” is not a single number",
        ),
        ("What is the total fee of the services?", SERVICES, "en", "(12 EUR, 9 USD, 7 EUR)"),
        ("Which machine is the heaviest?", MACHINES, "en", "The largest value cannot be computed"),
    ],
)
def test_what_cannot_be_computed_says_why(  # type: ignore[no-untyped-def]
    question: str, passage_, language: Language, said: str
) -> None:
    failed = compute(question, [passage_], language)
    assert isinstance(failed, NotComputable)
    assert said in say(failed.reason, language)


def test_a_table_that_is_not_asked_about_does_not_say_why() -> None:
    failed = compute("What is the total weight of all whales?", [MACHINES], "en")
    assert isinstance(failed, NotComputable)
    assert not concerns("What is the total weight of all whales?", failed)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Which service takes the longest to restart?", "6 minutes (Large model)"),
        ("What is the total restart time of all services?", "413 seconds"),
        ("Which service has the largest size in tokens?", "1 million tokens (Large model)"),
        ("哪个服务重启最慢，即重启时间最长的是哪个？", "6 minutes (Large model)"),
    ],
)
def test_units_of_one_dimension_are_turned_into_one(question: str, text: str) -> None:
    computed = compute(question, [SERVICES], "en")
    assert isinstance(computed, Computed)
    assert text in computed.text


@pytest.mark.parametrize(
    "question",
    [
        "What does Gull cost?",  # nothing to compute
        "How many machines run without a fan?",  # not told from the table
    ],
)
def test_what_the_table_does_not_say_is_not_computed(question: str) -> None:
    assert compute(question, [MACHINES], "en") is None


STOCK = passage(
    "| 型号 | 零售价（元） | 库存（台） |\n| Y-2 | 899 | 340 |\n| Y-4 | 1899 | 215 |\n",
    title="价格",
)


@pytest.mark.parametrize(
    ("question", "alone"),
    [
        ("库存一共有多少台？", True),
        ("库存一共有多少台电脑？", False),
        ("电脑一共有多少台？", False),
    ],
)
def test_a_column_may_be_all_that_is_asked_about(question: str, *, alone: bool) -> None:
    computed = compute(question, [STOCK], "zh")
    assert asks_of_column(question, ("型号", "零售价（元）", "库存（台）")) is alone
    if alone:
        assert isinstance(computed, Computed)
        assert "555" in computed.text


@pytest.mark.parametrize(
    ("question", "others"),
    [
        ("What is the total contract value of all bridges?", True),
        ("What is the total contract length of the plans?", False),
        ("What is the average fee of the plans?", False),
    ],
)
def test_a_table_of_other_things_than_are_asked_about(question: str, *, others: bool) -> None:
    plans = passage(
        "| Plan | Fee (EUR) | Contract (months) |\n| Basic | 9 | 1 |\n| Pro | 39 | 24 |\n",
        title="Plans",
    )
    rows = [s for s in prepare([plans]).sentences[0] if s.role == "row"]
    assert is_of_others(question, rows) is others


def test_it_is_told_in_the_askers_language() -> None:
    computed = compute("单价合计是多少？", [PARTS], "zh")
    assert isinstance(computed, Computed)
    assert computed.text == "单价：3 行合计 13.11"


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
    assert isinstance(computed, Computed)
    assert names_kind(question, computed.rows) == named


def test_the_table_may_be_of_what_its_document_is_on() -> None:
    """Its first column is called but 型号, and the question asks which 净水器."""
    table = passage(
        "| 型号 | 滤芯寿命 |\n| 清泉 400 | 24 个月 |\n| 清泉 800 | 36 个月 |\n", title="净水器对比"
    )
    computed = compute("哪款净水器滤芯寿命最长？", [table], "zh")
    assert isinstance(computed, Computed)
    assert names_kind("哪款净水器滤芯寿命最长？", computed.rows)
    assert not names_kind("哪款空调滤芯寿命最长？", computed.rows)
