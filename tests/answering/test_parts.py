"""Messages that ask several things."""

import pytest

from app.answering.evidence.context import prepare
from app.answering.parts import merged_found, questions_of
from app.answering.quotes import Found
from app.answering.read import ReadHit
from tests.passages import hit, passage


@pytest.mark.parametrize(
    ("text", "questions"),
    [
        ("When is the backup made?", ("When is the backup made?",)),
        (
            "When does the gate open, and who has the key of the shed?",
            ("When does the gate open", "who has the key of the shed?"),
        ),
        (
            "When is the backup made and how long is it kept?",
            ("When is the backup made", "how long is it kept (the backup made)?"),
        ),
        (
            "DeepSeek 用什么许可证？Gull 有多少内存？",
            ("DeepSeek 用什么许可证", "Gull 有多少内存？"),
        ),
        ("备份何时进行？由谁负责？", ("备份何时进行", "备份，由谁负责？")),
        ("租期几年，押金多少？", ("租期几年", "押金多少？")),
        ("年假有几天，病假有几天？", ("年假有几天", "病假有几天？")),
        (
            "Which gate sees most of the carts? How wide is the shed?",
            ("Which gate sees most of the carts", "How wide is the shed?"),
        ),
        (
            "What are the codes of lockers 12 and 13?",
            ("What are the codes of locker 12?", "What are the codes of locker 13?"),
        ),
        (
            "Gull 有多少内存，Heron 呢？",
            ("Gull 有多少内存？", "Heron 有多少内存？"),
        ),
        (
            "How much does Petrel weigh, and Puffin?",
            ("How much does Petrel weigh?", "How much does Puffin weigh?"),
        ),
        # One question that compares two things is no two questions.
        (
            "What is the difference between A4 and A5, and which is larger?",
            ("What is the difference between A4 and A5, and which is larger?",),
        ),
    ],
)
def test_each_part_stands_alone(text: str, questions: tuple[str, ...]) -> None:
    assert questions_of(text) == questions


def test_rows_of_one_table_stay_one_table() -> None:
    table = passage("| Room | Code |\n| --- | --- |\n| 12 | 7 |\n| 13 | 8 |")
    item = ReadHit(hit(table), 1.0, ())
    rows = [s for s in prepare([table]).sentences[0] if s.role == "row"]
    (whole,) = merged_found([[Found(item, (rows[0],))], [Found(item, (rows[1],))]])
    assert whole.sentences == tuple(rows)
