"""A rewritten follow-up still asks what the new turn asks."""

import pytest

from app.answering.answer import Turn
from app.answering.prompts import load_prompts
from app.answering.rewrite import keeps, rewrite, spelled_out
from tests.fakes import ScriptedChat

HISTORY = (
    Turn("user", "When is the crane inspected?"),
    Turn("assistant", "The crane is inspected in May."),
)


@pytest.mark.parametrize(
    ("question", "written", "kept"),
    [
        ("And the weighbridge?", "When is the weighbridge inspected?", True),
        ("And the weighbridge?", "When is the crane inspected?", False),
        ("那 E120 呢？", "E120 是什么意思？", True),
        ("那 E120 呢？", "E137 是什么意思？", False),
        ("2024 年呢？", "2024 年的预算是多少？", True),
        ("2024 年呢？", "2023 年的预算是多少？", False),
        ("Why?", "Why is the crane inspected in May?", True),
    ],
)
def test_what_the_new_turn_names_is_kept(question: str, written: str, kept: bool) -> None:
    assert keeps(question, written) == kept


async def test_a_rewrite_that_lost_the_new_turn_is_not_taken() -> None:
    chat = ScriptedChat(answer="When is the crane inspected?")
    found = await rewrite(chat, load_prompts(), HISTORY, "And the weighbridge?")
    assert "weighbridge" in found
    assert "inspected" in found


@pytest.mark.parametrize(
    ("question", "whole"),
    [
        ("And the weighbridge?", "When is the weighbridge inspected?"),
        ("And by whom?", "When is the crane inspected? And by whom?"),
        ("那地磅呢？", "When is the crane inspected? 那地磅呢？"),
        ("When is the hoist oiled?", "When is the hoist oiled?"),
        # What they point at they have named themselves.
        ("List all products with their prices.", "List all products with their prices."),
        ("列出所有产品及其价格。", "列出所有产品及其价格。"),
        ("And its price?", "When is the crane inspected? And its price?"),
        ("它和其他的呢？", "When is the crane inspected? 它和其他的呢？"),
    ],
)
def test_without_a_chat_model_a_follow_up_is_read_with_the_question_before_it(
    question: str, whole: str
) -> None:
    assert spelled_out(HISTORY, question) == whole


@pytest.mark.parametrize(
    ("before", "question", "whole"),
    [
        ("How heavy is the Petrel?", "And the Puffin?", "How heavy is the Puffin?"),
        ("Petrel 有多重？", "那 Puffin 呢？", "Puffin 有多重？"),
    ],
)
def test_the_same_of_another_thing_is_asked_of_that_alone(
    before: str, question: str, whole: str
) -> None:
    assert spelled_out((Turn("user", before),), question) == whole
