"""What earlier versions kept, and what was damaged, is read and never answered with 500."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import update

from app.api.wire.answers import Answer
from app.library.database import writing
from app.library.stored import StoredAnswer, read
from app.library.tables import ConversationTurn, Feedback
from app.runtime import Runtime
from tests.api.conftest import an_answer, client_of, refused

RUBBISH: tuple[Any, ...] = (
    {},
    [],
    "rubbish",
    7,
    {"answer": {}},
    {"code": 3},
    {"failed": "x", "kb": 1},
)


@pytest.mark.parametrize("answer", [an_answer(), refused(), an_answer(standalone_question="谁？")])
def test_every_field_of_an_answer_is_kept(answer: Any) -> None:
    """Fails for a field of the API's Answer that app.library.stored.answers does not have."""
    given = Answer.of(answer)
    kept = read(StoredAnswer, given.to_keep())
    assert kept is not None
    place = {"conversation_id": "c", "position": 3}
    assert Answer.of_kept(kept, "c", 3) == given.model_copy(update=place)
    assert set(StoredAnswer.model_fields) == {*Answer.model_fields, "v"} - {*place, "not_kept"}


def test_a_word_that_this_version_does_not_know_leaves_the_rest() -> None:
    kept = read(StoredAnswer, {**Answer.of(an_answer()).to_keep(), "models": {"gate": "magic"}})
    assert kept is not None
    found = Answer.of_kept(kept, "c", 0)
    assert found is not None
    assert (found.models.gate, found.answer) == (None, an_answer().answer)


async def test_a_turn_with_more_or_less_than_the_wire_knows_is_read(
    client: httpx.AsyncClient, runtime: Runtime
) -> None:
    given = Answer.of(an_answer()).to_keep()
    less = {name: given[name] for name in ("answer", "answered", "citations")}
    more = {**given, "colour": "red", "usage": {**given["usage"], "joules": 3}}
    kept = runtime.library.conversations
    place = kept.begin("default", "q0", more)
    kept.append(place, "q1", less)
    turns = (await client.get(f"/conversations/{place}")).json()["turns"]
    assert [turn["answer"]["answer"] for turn in turns] == [given["answer"]] * 2
    assert turns[1]["answer"]["citations"] == turns[0]["answer"]["citations"]


@pytest.mark.parametrize("rubbish", RUBBISH)
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_rubbish_in_any_row_shows_as_unreadable(
    scripted: Callable[..., FastAPI], runtime: Runtime, rubbish: Any, language: str
) -> None:
    library = runtime.library
    place = library.conversations.begin("default", "许可证？", {})
    library.feedback.add(
        kb="default", helpful=True, reason="", comment="", question="q", answer={}, version="0"
    )
    with writing(library.engine) as session:
        session.execute(update(ConversationTurn).values(answer=rubbish))
        session.execute(update(Feedback).values(answer=rubbish))
    async with client_of(scripted(), **{"accept-language": language}) as client:
        for path in (f"/conversations/{place}", "/conversations", "/feedback/export"):
            answer = await client.get(path)
            assert answer.status_code == 200, f"{path}: {answer.text}"
        [turn] = (await client.get(f"/conversations/{place}")).json()["turns"]
        assert (turn["answer"], turn["question"]) == (None, "许可证？")
        assert turn["problem"]["code"] == "kept_unreadable"
        assert ("无法读取" in turn["problem"]["message"]) == (language == "zh")
        # And the conversation goes on.
        body = {"question": "还有呢？", "conversation_id": place}
        assert (await client.post("/ask", json=body)).json()["position"] == 1
