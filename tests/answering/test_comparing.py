"""What is compared is told from the question, and shown side by side."""

import pytest

from app.answering.comparing import compared, sides_of
from app.answering.quotes import quoted
from app.answering.read import ReadHit
from app.index.protocol import Hit
from tests.passages import passage


@pytest.mark.parametrize(
    ("question", "sides", "aspect"),
    [
        ("Compare the kiln and the oven.", ("the kiln", "the oven"), ""),
        (
            "Compare Rook, Jay and Tern in price and weight.",
            ("Rook", "Jay", "Tern"),
            "price and weight",
        ),
        ("What is the difference between clay and loam?", ("clay", "loam"), ""),
        ("Compare the guarantee of Rook and Jay.", ("Rook", "Jay"), "guarantee"),
        ("How does LoRA work?", (), ""),
        ("陶土和瓷土有什么区别？", ("陶土", "瓷土"), ""),
        ("比较日班、夜班的工时。", ("日班", "夜班"), "工时"),
    ],
)
def test_the_sides_of_a_question(question: str, sides: tuple[str, ...], aspect: str) -> None:
    assert sides_of(question) == ((sides, aspect) if len(sides) > 1 else ((), ""))


def items(*texts: str) -> list[ReadHit]:
    return [ReadHit(Hit(passage(text, ordinal=n), 0.0, 0.0, 0)) for n, text in enumerate(texts)]


def test_rows_of_one_table_come_first() -> None:
    table = "| Bird | Wing |\n| Rook | 90 cm |\n| Jay | 55 cm |\n| Tern | 75 cm |\n"
    found = compared(
        "Compare Rook and Tern.", items("The Rook is black. The Tern is white.", table)
    )
    assert [s.cells[0] for each in found for s in each.sentences] == ["Rook", "Tern"]


def test_rows_may_name_more_than_the_identifier() -> None:
    table = (
        "| Tool | Weight |\n| Drill KX15 | 2 kg |\n| Drill KX27 | 4 kg |\n| Drill KX2 | 1 kg |\n"
    )
    found = compared("Compare the KX15 and the KX27.", items(table))
    assert [s.cells[0] for each in found for s in each.sentences] == ["Drill KX15", "Drill KX27"]


def test_things_that_are_called_by_a_code_alone() -> None:
    assert sides_of("Q4_K 和 Q8_0 的比特数有什么区别？") == (("Q4_K", "Q8_0"), "比特数")
    text = "下表。\nQ4_K 每个权重 4.85 比特\nQ8_0 每个权重 8.5 比特\n\nQ4_K 和 Q8_0 都很常用。"
    found = compared("Q4_K 和 Q8_0 的比特数有什么区别？", items(text))
    told = [s.text for each in found for s in each.sentences]
    assert told == ["Q4_K 每个权重 4.85 比特", "Q8_0 每个权重 8.5 比特"]


def test_prose_is_shown_as_a_table_with_a_sentence_for_each() -> None:
    text = "Clay holds water for weeks. Sand is poor. Loam drains within a day: it is mixed."
    answer = quoted(compared("Compare clay and loam.", items(text)), "en").answer
    assert "| clay | Clay holds water for weeks. [1] |" in answer
    assert "| loam | Loam drains within a day: it is mixed. [2] |" in answer
    assert "Sand" not in answer


def test_a_sentence_that_says_the_difference_is_enough() -> None:
    text = "运行日志保存 30 天，审计日志保存 180 天。审计日志只能追加。"
    found = compared("日志和审计日志的保存期有什么区别？", items(text))
    assert [s.text for each in found for s in each.sentences] == [
        "运行日志保存 30 天，审计日志保存 180 天。"
    ]


@pytest.mark.parametrize(
    "question",
    [
        "Compare clay and gravel.",  # of one nothing is told
        "Compare the price of clay and loam in winter.",  # nothing is told of that
    ],
)
def test_what_is_not_told_of_is_not_compared(question: str) -> None:
    assert compared(question, items("Clay holds water for weeks. Loam drains within a day.")) == ()


def test_things_that_stand_side_by_side_in_a_table_are_shown_with_its_rows() -> None:
    table = "| 参数 | KX6 | KX8 |\n| --- | --- | --- |\n| 功率 | 3 kW | 4 kW |\n| 重量 | 620 kg | 710 kg |\n"
    given = items("KX8 是一台包装机。", table)
    (whole,) = compared("KX6 和 KX8 有什么区别？", given)
    assert [s.cells[0] for s in whole.sentences] == ["功率", "重量"]
    (of_weight,) = compared("比较 KX6 和 KX8 的重量。", given)
    assert [s.cells[0] for s in of_weight.sentences] == ["重量"]
