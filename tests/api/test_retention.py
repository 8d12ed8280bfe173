"""Questions and their answers are kept for as long as the settings say, and no longer."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from app.api.app import create_app
from app.library.database import viewing, writing
from app.library.shadow import Tried
from app.library.tables import (
    Conversation,
    ConversationTurn,
    Feedback,
    ShadowPair,
    SharedConversation,
    now,
)
from app.runtime import Runtime
from tests.api.conftest import client_of

OLD, NEW = "Which licence does the SECRET-OLD use?", "Which licence does DeepSeek use?"


def held(runtime: Runtime) -> str:
    """All that the database holds, as text."""
    with viewing(runtime.library.engine) as connection:
        names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'"))
        rows = [connection.execute(text(f'SELECT * FROM "{name}"')).all() for (name,) in names]
    return repr(rows)


def on_disk(runtime: Runtime) -> str:
    """All that the files of the data folder hold, as text."""
    files = (path for path in runtime.settings.data.rglob("*") if path.is_file())
    return "".join(path.read_bytes().decode("utf-8", "replace") for path in files)


@pytest.mark.parametrize(("days", "kept"), [(None, True), (30.0, False)])
async def test_what_is_older_goes_and_what_is_newer_stays(
    prepared: Runtime, days: float | None, kept: bool
) -> None:
    library = prepared.library
    prepared.storage.settings = prepared.settings.model_copy(update={"keep_days": days})
    test = library.shadow.start(Tried(None, {"context_passages": 3}), 1.0)
    library.shadow.change(test.id, "stopped")
    async with client_of(create_app(prepared.settings, prepared)) as client:
        for question in (OLD, NEW):
            body = {"question": question, "conversation_id": "new"}
            answer = (await client.post("/ask", json=body)).json()
            library.conversations.share(answer["conversation_id"])
            judged = {"question": question, "answer": answer, "helpful": False, "comment": question}
            assert (await client.post("/feedback", json=judged)).status_code == 201
            pair = {"answer": question}
            library.shadow.add(test.id, "default", question, pair, pair)
            if question == OLD:
                at = now() - timedelta(days=31)
                with writing(library.engine) as session:
                    for row in session.query(Conversation):
                        row.updated_at = row.created_at = at
                    tables: tuple[Any, ...] = (ConversationTurn, Feedback, ShadowPair)
                    for table in tables:
                        for each in session.query(table):
                            each.created_at = at
        await asyncio.to_thread(prepared.storage.purge)
        left = held(prepared)
        assert ("SECRET-OLD" in left) is kept
        assert NEW in left
        [conversation, *more] = (await client.get("/conversations")).json()["conversations"]
        assert len(more) == kept
        assert conversation["title"] == NEW
        assert len(library.feedback.all("default")) == 1 + kept
        assert len(library.shadow.pairs(test.id)) == 1 + kept
        gaps = (await client.get("/gaps")).text
        assert ("SECRET-OLD" in gaps) is kept
    with viewing(library.engine) as connection:
        shared = connection.execute(SharedConversation.__table__.select()).all()
    assert len(shared) == 1 + kept


async def test_with_no_days_nothing_is_left_at_the_next_look(prepared: Runtime) -> None:
    prepared.storage.settings = prepared.settings.model_copy(update={"keep_days": 0.0})
    async with client_of(create_app(prepared.settings, prepared)) as client:
        await client.post("/ask", json={"question": OLD, "conversation_id": "new"})
        assert "SECRET-OLD" in on_disk(prepared)
        await asyncio.to_thread(prepared.storage.purge)
        assert "SECRET-OLD" not in held(prepared)
        assert "SECRET-OLD" not in on_disk(prepared), "nor where the rows were"
