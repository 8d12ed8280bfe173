"""Conversations."""

from collections.abc import Iterator

import pytest

from app.errors import ConversationNotFound
from app.library.library import Library, open_library
from app.settings import Settings


@pytest.fixture
def library(settings: Settings) -> Iterator[Library]:
    library = open_library(settings)
    yield library
    library.close()


def test_a_conversation_is_kept_in_order(library: Library) -> None:
    conversations = library.conversations
    one = conversations.create("default")
    assert conversations.get(one)[0].title == ""
    assert (
        conversations.append(
            one, "What is\n  Qwen's licence?", {"answer": "Apache", "answered": True}
        )
        == 0
    )
    assert conversations.append(one, "And its size?", {"answer": "7B", "answered": True}) == 1
    row, turns = conversations.get(one)
    assert row.title == "What is Qwen's licence?"
    assert [(turn.question, turn.answer and turn.answer.answer) for turn in turns] == [
        ("What is\n  Qwen's licence?", "Apache"),
        ("And its size?", "7B"),
    ]


def test_listing_is_by_last_use_and_can_be_searched(library: Library) -> None:
    conversations = library.conversations
    one = conversations.begin("default", "许可证是什么？", {})
    two = conversations.begin("default", "100% sure?", {})
    conversations.begin("other", "Elsewhere", {})
    conversations.append(one, "它的大小呢？", {})
    assert [row.id for row in conversations.find("default")] == [one, two]
    assert [row.id for row in conversations.find("default", "大小")] == [one]
    assert [row.id for row in conversations.find("default", "100%")] == [two]
    assert conversations.find("default", "%_") == []
    assert len(conversations.find()) == 3


def test_a_question_asked_again_replaces_the_turns_from_there_on(library: Library) -> None:
    conversations = library.conversations
    one = conversations.begin("default", "q0", {})
    for number in (1, 2):
        conversations.append(one, f"q{number}", {})
    assert conversations.append(one, "again", {}, position=1) == 1
    row, turns = conversations.get(one)
    assert [turn.question for turn in turns] == ["q0", "again"]
    assert row.title == "q0"


def test_the_title_follows_the_first_question_unless_it_was_given(library: Library) -> None:
    conversations = library.conversations
    one = conversations.begin("default", "first", {})
    conversations.append(one, "edited", {}, position=0)
    assert conversations.get(one)[0].title == "edited"
    conversations.rename(one, "Licences")
    conversations.append(one, "edited again", {}, position=0)
    assert conversations.get(one)[0].title == "Licences"


def test_a_replacement_of_a_deleted_conversation_leaves_nothing_behind(library: Library) -> None:
    conversations = library.conversations
    one = conversations.begin("default", "q", {})
    conversations.delete(one)
    with pytest.raises(ConversationNotFound):
        conversations.append(one, "q", {}, position=0)
    assert conversations.find() == []


def test_rename_and_delete(library: Library) -> None:
    conversations = library.conversations
    one = conversations.begin("default", "q" * 200, {})
    assert len(conversations.get(one)[0].title) == 80
    conversations.rename(one, " Licences ")
    assert conversations.get(one)[0].title == "Licences"
    conversations.append(one, "q", {})
    conversations.delete(one)
    for call in (
        lambda: conversations.get(one),
        lambda: conversations.append(one, "q", {}),
        lambda: conversations.delete(one),
        lambda: conversations.rename(one, "x"),
    ):
        with pytest.raises(ConversationNotFound):
            call()
