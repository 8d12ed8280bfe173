"""A few key words are read as the question that they stand for."""

import pytest

from app.answering.question import kind_of
from app.answering.terse import spelled_question


@pytest.mark.parametrize(
    ("words", "question"),
    [
        ("hotel limit per night", "What is the hotel limit per night?"),
        ("wifi password", "What is the wifi password?"),
        ("public holidays", "What are the public holidays?"),
        ("reset password", "How do I reset password?"),
        ("备份 时间", "备份的时间是什么时候？"),
        ("年假 天数", "年假有多少天？"),
        ("差旅 酒店 限额", "差旅酒店限额是多少？"),
        ("退款流程", "退款流程是什么？"),
    ],
)
def test_key_words_become_a_question(words: str, question: str) -> None:
    assert spelled_question(words) == question


@pytest.mark.parametrize(
    "text",
    [
        "What is the limit?",
        "I lost my badge",
        "E137",
        "backup",
        "list the machines",
        "Apache 2.0 vs MIT",
        "vpn 连不上",
        "年假有多少天",
        "你好",
        "请帮我总结",
        "The gate is open. Who has the key",
    ],
)
def test_what_asks_or_tells_something_stays(text: str) -> None:
    assert spelled_question(text) == text


def test_the_kind_is_that_of_the_question() -> None:
    assert kind_of(spelled_question("退款流程")) == "steps"
    assert kind_of(spelled_question("public holidays")) == "list"
