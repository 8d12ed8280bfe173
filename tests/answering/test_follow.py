"""A follow-up of another thing becomes the question of that thing, or stays as it is where that cannot be told."""

import pytest

from app.answering.follow import same_of_other


@pytest.mark.parametrize(
    ("before", "question", "whole"),
    [
        (
            "What does repair on site cost?",
            "And in the workshop?",
            "What does repair in the workshop cost?",
        ),
        ("How long is the lease on barges?", "And on cranes?", "How long is the lease on cranes?"),
        ("How long is the lease on barges?", "And cranes?", "How long is the lease on cranes?"),
        (
            "When does the pool open on Mondays?",
            "What about on Sundays?",
            "When does the pool open on Sundays?",
        ),
        ("Who looks after scanners?", "And the lift?", "Who looks after the lift?"),
        ("When does the pool open?", "And the sauna?", "When does the sauna open?"),
        ("Who signs for tools in Bergen?", "And in Oslo?", "Who signs for tools in Oslo?"),
        ("探亲假提前多久申请？", "丧假呢？", "丧假提前多久申请？"),
        ("清洗收费吗？", "那检测呢？", "检测收费吗？"),
        ("青云钢厂的账期是多少天？", "那白塔包装呢？", "白塔包装的账期是多少天？"),
        ("水箱的保修期是多久？", "那退货期呢？", "水箱的退货期是多久？"),
        ("热线工作日几点下班？", "周末呢？", "热线周末几点下班？"),
        ("2024 年的产量是多少？", "那 2025 年呢？", "2025 年的产量是多少？"),
    ],
)
def test_the_question_of_the_other_thing(before: str, question: str, whole: str) -> None:
    assert same_of_other(before, question) == whole


@pytest.mark.parametrize(
    ("before", "question"),
    [
        ("What is the price of the barge?", "And the deposit?"),  # of what?
        ("When is the barge painted?", "Why?"),
        ("When is the barge painted?", "And who pays?"),
        ("When is the barge painted?", "And is it insured?"),
        ("How much does carriage within 20 miles cost?", "And beyond that?"),
        ("When is the barge painted?", "The sauna opens at noon."),
        ("When is the barge painted?", "那吊车呢？"),
        ("地磅在哪里？", "为什么呢？"),
        ("押金多少？", "那怎么退呢？"),
        ("去年和今年的产量差多少？", "明年呢？"),
        ("", "And the sauna?"),
    ],
)
def test_what_is_no_such_follow_up(before: str, question: str) -> None:
    assert same_of_other(before, question) == ""
