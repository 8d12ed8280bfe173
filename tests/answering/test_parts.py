"""Messages that ask several things."""

import pytest

from app.answering.parts import questions_of


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
        (
            "Which gate sees most of the carts? How wide is the shed?",
            ("Which gate sees most of the carts", "How wide is the shed?"),
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
