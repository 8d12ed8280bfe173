"""A question about several things is asked of each, and no other question is."""

import pytest

from app.answering.apart import apart
from app.answering.question import kind_of


@pytest.mark.parametrize(
    ("question", "of", "first"),
    [
        ("Compare the kiln and the oven.", ("the kiln", "the oven"), "What are the characteristics of the kiln?"),
        ("What is the difference between clay and loam?", ("clay", "loam"), "What are the characteristics of clay?"),
        ("How do Orkan and Zefir differ?", ("Orkan", "Zefir"), "What are the characteristics of Orkan?"),
        (
            "Compare Rook and Jay in price and weight.",
            ("Rook, price", "Rook, weight", "Jay, price", "Jay, weight"),
            "What is the price of Rook?",
        ),
        ("What are Rook and Jay used for, respectively?", ("Rook", "Jay"), "What are Rook used for?"),
        ("Which licences do ox-2 and Elk 3 have?", ("ox-2", "Elk 3"), "Which licences do ox-2 have?"),
        ("What is new in Elk 3 compared with Elk 2?", ("Elk 3",), "What is new or improved in Elk 3?"),
        ("What changed from Elk 2 to Elk 3?", ("Elk 3",), "What is new or improved in Elk 3?"),
        ("陶土和瓷土有什么区别？", ("陶土", "瓷土"), "陶土有什么特点？"),
        ("比较日班、夜班的工时。", ("日班, 工时", "夜班, 工时"), "日班的工时是什么？"),
        ("年假和病假分别有几天？", ("年假", "病假"), "年假有几天？"),
        ("Rook 和 Jay 的价格是多少？", ("Rook", "Jay"), "Rook 的价格是多少？"),
        ("Elk 3 相比 Elk 2 有什么变化？", ("Elk 3",), "Elk 3有哪些改进和新特点？"),
        ("Elk 3 相比 Elk 2 有哪些改进？", ("Elk 3",), "Elk 3有哪些改进和新特点？"),
    ],
)  # fmt: skip
def test_each_thing_is_asked_about(question: str, of: tuple[str, ...], first: str) -> None:
    found = apart(question, kind_of(question))
    assert tuple(each.of for each in found) == of
    assert found[0].text == first


@pytest.mark.parametrize(
    "question",
    [
        "Which is cheaper, Rook or Jay?",
        "Do Rook and Jay have the same licence?",
        "What do Rook and Jay have to do with each other?",
        "Who runs the sales and service desk?",
        "When was the hall of Rook built?",
        "Why do Rook and Jay sing?",
        "Rook 和 Jay 哪个更重？",
        "谁负责采购和付款？",
        "仓库和车间之间有多远？",
        "什么是年假？",
        "What changed in version 3?",
    ],
)
def test_one_thing_is_not(question: str) -> None:
    assert apart(question, kind_of(question)) == ()
