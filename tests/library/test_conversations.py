"""Conversations: turns, their versions, and what can be undone."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from app.errors import ConversationNotFound, TurnNotFound
from app.library.conversations import Conversations, TurnRow
from app.library.library import Library, open_library
from app.library.tables import now
from app.settings import Settings

ANSWER = {"answer": "Apache", "answered": True}


@pytest.fixture
def library(settings: Settings) -> Iterator[Library]:
    library = open_library(settings)
    yield library
    library.close()


@pytest.fixture
def kept(library: Library) -> Conversations:
    return library.conversations


def begin(kept: Conversations, question: str, kb: str = "default") -> str:
    return kept.ask(question, conversation_id=None, kb=kb).conversation_id


def ask(
    kept: Conversations, conversation: str, question: str, position: int | None = None
) -> TurnRow:
    turn = kept.ask(question, conversation_id=conversation, kb="default", position=position)
    kept.finish(turn.id, "done", answer={**ANSWER, "answer": f"{question}!"})
    return turn


def shown(kept: Conversations, conversation: str) -> list[str]:
    return [turn.question for turn in kept.get(conversation)[1]]


def test_a_turn_is_stored_when_it_is_asked_and_again_when_it_ends(kept: Conversations) -> None:
    one = kept.create("default")
    assert kept.get(one)[0].title == ""
    turn = kept.ask("What is\n  Qwen's licence?", conversation_id=one, kb="default")
    row, [stored] = kept.get(one)
    assert row.title == "What is Qwen's licence?"
    assert (stored.id, stored.position, stored.status, stored.answer) == (
        turn.id,
        0,
        "running",
        None,
    )
    kept.finish(turn.id, "done", answer=ANSWER)
    [stored] = kept.get(one)[1]
    assert stored.status == "done"
    assert stored.answer is not None
    assert stored.answer.answer == "Apache"
    second = kept.ask("And its size?", conversation_id=one, kb="default")
    kept.finish(second.id, "failed", problem={"code": "chat_failed", "params": {"detail": "x"}})
    stored = kept.get(one)[1][1]
    assert (stored.position, stored.status) == (1, "failed")
    assert stored.problem is not None
    assert stored.problem.code == "chat_failed"


def test_listing_is_by_last_use_and_can_be_searched_and_paged(kept: Conversations) -> None:
    one, two = begin(kept, "许可证是什么？"), begin(kept, "100% sure?")
    begin(kept, "Elsewhere", "other")
    ask(kept, one, "它的大小呢？")
    assert [(row.id, row.turns) for row in kept.find("default")[0]] == [(one, 2), (two, 1)]
    assert [row.id for row in kept.find("default", limit=1, offset=1)[0]] == [two]
    assert kept.find("default", limit=1, offset=1)[1] == 2
    assert kept.find("default", limit=1, offset=2) == ([], 2)
    assert [row.id for row in kept.find("default", "大小")[0]] == [one]
    assert [row.id for row in kept.find("default", "100%")[0]] == [two]
    assert kept.find("default", "%_") == ([], 0)
    assert kept.find()[1] == 3


def test_asking_again_makes_a_version_and_later_turns_keep_theirs(kept: Conversations) -> None:
    one = kept.create("default")
    first = ask(kept, one, "q0")
    middle = ask(kept, one, "q1")
    ask(kept, one, "q2")
    again = ask(kept, one, "q1 again", position=1)
    assert shown(kept, one) == ["q0", "q1 again"]
    assert kept.get(one)[1][1].versions == (middle.id, again.id)
    ask(kept, one, "q2 after again")
    # Back to the first version: what was asked after it is there as it was.
    kept.choose(one, middle.id)
    assert shown(kept, one) == ["q0", "q1", "q2"]
    kept.choose(one, again.id)
    assert shown(kept, one) == ["q0", "q1 again", "q2 after again"]
    edited = ask(kept, one, "q0 edited", position=0)
    assert shown(kept, one) == ["q0 edited"]
    assert kept.get(one)[1][0].versions == (first.id, edited.id)
    kept.choose(one, first.id)
    assert shown(kept, one) == ["q0", "q1 again", "q2 after again"], "the latest branch"
    with pytest.raises(TurnNotFound):
        kept.ask("q", conversation_id=one, kb="default", position=4)


def test_the_title_follows_the_first_question_unless_it_was_given(kept: Conversations) -> None:
    one = begin(kept, "first")
    ask(kept, one, "edited", position=0)
    assert kept.get(one)[0].title == "edited"
    kept.rename(one, "Licences")
    ask(kept, one, "edited again", position=0)
    assert kept.get(one)[0].title == "Licences"


def test_a_deleted_conversation_can_come_back_until_it_is_purged(kept: Conversations) -> None:
    one = begin(kept, "q" * 200)
    assert len(kept.get(one)[0].title) == 80
    running = kept.ask("r", conversation_id=one, kb="default")
    kept.delete(one)
    assert kept.find() == ([], 0)
    for call in (
        lambda: kept.get(one),
        lambda: kept.ask("q", conversation_id=one, kb="default"),
        lambda: kept.delete(one),
        lambda: kept.rename(one, "x"),
        lambda: kept.choose(one, running.id),
    ):
        with pytest.raises(ConversationNotFound):
            call()
    kept.finish(running.id, "done", answer=ANSWER)  # its answer came meanwhile
    assert kept.purge(now() - timedelta(days=1)) == 0
    kept.restore(one)
    assert [turn.status for turn in kept.get(one)[1]] == ["running", "done"]
    with pytest.raises(ConversationNotFound):
        kept.restore(one)
    kept.delete(one)
    assert kept.purge(now() + timedelta(seconds=1)) == 1
    with pytest.raises(ConversationNotFound):
        kept.restore(one)
    with pytest.raises(TurnNotFound):
        kept.finish(running.id, "done", answer=ANSWER)


def test_a_deleted_turn_can_come_back(kept: Conversations) -> None:
    one = kept.create("default")
    ask(kept, one, "q0")
    first = ask(kept, one, "q1")
    ask(kept, one, "q2")
    second = ask(kept, one, "q1 again", position=1)
    kept.delete_turn(one, second.id)
    assert shown(kept, one) == ["q0", "q1", "q2"]
    assert kept.get(one)[1][1].versions == (first.id,)
    kept.delete_turn(one, first.id)
    assert shown(kept, one) == ["q0"]
    with pytest.raises(TurnNotFound):
        kept.turn(one, first.id)
    kept.restore_turn(one, first.id)
    assert shown(kept, one) == ["q0", "q1", "q2"]
    kept.delete_turn(one, first.id)
    kept.purge(now() + timedelta(seconds=1))
    for turn in (first, second):
        with pytest.raises(TurnNotFound):
            kept.restore_turn(one, turn.id)
    assert shown(kept, one) == ["q0"]


def test_a_turn_belongs_to_its_conversation(kept: Conversations) -> None:
    one, other = kept.create("default"), kept.create("default")
    turn = ask(kept, one, "q")
    for call in (kept.turn, kept.choose, kept.delete_turn):
        with pytest.raises(TurnNotFound):
            call(other, turn.id)


def test_what_was_under_way_when_the_server_ended_is_told(kept: Conversations) -> None:
    one = begin(kept, "q")
    [turn] = kept.get(one)[1]
    done = ask(kept, one, "r")
    began = now()
    kept.ask("asked since", conversation_id=one, kb="default", position=None)
    kept.interrupt_older(began)
    assert [item.status for item in kept.get(one)[1]] == ["interrupted", "done", "running"]
    kept.interrupt([done.id])
    assert kept.turn(one, done.id).answer is not None
    kept.finish(turn.id, "done", answer=ANSWER)  # another process made it after all
    assert kept.turn(one, turn.id).status == "done"
