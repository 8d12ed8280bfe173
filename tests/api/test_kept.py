"""What earlier versions kept, and what was damaged, is read and never answered with 500."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest
from fastapi import FastAPI
from sqlalchemy import update

from app.api.wire.answers import Answer, FilterIn, ScopeIn
from app.library.database import writing
from app.library.jobs import NewJob
from app.library.stored import StoredAnswer, StoredFilter, StoredScope, read
from app.library.tables import ConversationTurn, Document, Feedback, Job, Source, SyncRun
from app.runtime import Runtime
from ingest.report import SyncRequest
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
    place = {"conversation_id": "c", "position": 3, "turn_id": "turn"}
    assert Answer.of_kept(kept, "c", 3, "turn") == given.model_copy(update=place)
    assert set(StoredAnswer.model_fields) == {*Answer.model_fields, "v"} - {*place, "not_kept"}


def test_every_condition_of_a_filter_is_kept() -> None:
    """Fails for a field of the API's FilterIn that app.library.stored.filters does not have."""
    assert set(StoredFilter.model_fields) == {*FilterIn.model_fields, "v"}
    assert set(StoredScope.model_fields) == set(ScopeIn.model_fields)


def test_a_word_that_this_version_does_not_know_leaves_the_rest() -> None:
    kept = read(StoredAnswer, {**Answer.of(an_answer()).to_keep(), "models": {"gate": "magic"}})
    assert kept is not None
    found = Answer.of_kept(kept, "c", 0, "turn")
    assert found is not None
    assert (found.models.gate, found.answer) == (None, an_answer().answer)


async def test_a_turn_with_more_or_less_than_the_wire_knows_is_read(
    client: httpx.AsyncClient, runtime: Runtime
) -> None:
    given = Answer.of(an_answer()).to_keep()
    less = {name: given[name] for name in ("answer", "answered", "citations")}
    more = {**given, "colour": "red", "usage": {**given["usage"], "joules": 3}}
    kept = runtime.library.conversations
    first = kept.ask("q0", conversation_id=None, kb="default")
    kept.finish(first.id, "done", answer=more)
    place = first.conversation_id
    kept.finish(kept.ask("q1", conversation_id=place, kb="default").id, "done", answer=less)
    turns = (await client.get(f"/conversations/{place}")).json()["turns"]
    assert [turn["answer"]["answer"] for turn in turns] == [given["answer"]] * 2
    assert turns[1]["answer"]["citations"] == turns[0]["answer"]["citations"]


@pytest.mark.parametrize("rubbish", RUBBISH)
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_rubbish_in_any_row_shows_as_unreadable(
    scripted: Callable[..., FastAPI], runtime: Runtime, rubbish: Any, language: str
) -> None:
    library = runtime.library
    turn = library.conversations.ask("许可证？", conversation_id=None, kb="default")
    library.conversations.finish(turn.id, "done", answer={})
    place = turn.conversation_id
    library.feedback.add(
        kb="default", helpful=True, reason="", comment="", question="q", answer={}, version="0"
    )
    library.record_failure("default", "d", "file:///d", 1, 1, {"code": "x"})
    run = library.begin_run("default", ["/a"])
    library.end_run(run, {})
    headers = {"accept-language": language}
    async with client_of(scripted(operator_token="t"), **headers) as client:
        source = library.sources.put("default", "/a", time_zone="UTC")
        job = library.jobs.add(NewJob("default", "sync", "/a", {"roots": ["/a"]}))
        with writing(runtime.library.engine) as session:
            session.execute(update(ConversationTurn).values(answer=rubbish))
            session.execute(update(Feedback).values(answer=rubbish))
            session.execute(update(Document).values(failure=rubbish, notes=rubbish))
            session.execute(update(SyncRun).values(report=rubbish))
            session.execute(
                update(Job).values(error=rubbish, report=rubbish, request=rubbish, status="failed")
            )
            session.execute(update(Source).values(last_run=rubbish))
        for path in (
            f"/conversations/{place}",
            "/conversations",
            "/jobs",
            f"/jobs/{job.id}",
            "/sources",
            "/documents",
            "/documents/d",
            "/feedback/export",
        ):
            answer = await client.get(path)
            assert answer.status_code == 200, f"{path}: {answer.text}"
        failed = (await client.get("/documents/d")).json()
        assert failed["failure"]["code"] in ("kept_unreadable", "x")
        assert (await client.get("/jobs")).json()["jobs"][0]["error"] is not None
        [shown] = (await client.get(f"/conversations/{place}")).json()["turns"]
        assert (shown["answer"], shown["question"]) == (None, "许可证？")
        assert shown["problem"]["code"] == "kept_unreadable"
        assert ("无法读取" in shown["problem"]["message"]) == (language == "zh")
        # And the conversation goes on.
        body = {"question": "还有呢？", "conversation_id": place}
        assert (await client.post("/ask", json=body)).json()["position"] == 1
        # Nor does the rest of the program stumble over them.
        assert library.sources.get(source.id).location == "/a"
        assert len(library.runs("default")) == 1
        assert library.known_sources("default", ["file:///d"])["file:///d"].failure is not None
        assert library.jobs.get(job.id).request.allow_mass_delete is False


async def test_what_a_reader_left_out_is_told_with_the_document_and_in_the_report(
    runtime: Runtime, scripted: Callable[..., FastAPI], tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Pump", "Pressure"])
    book.active.append(["P-101", "6 bar"])
    hidden = book.create_sheet("Salaries")
    hidden.append(["Li Lei", 5])
    hidden.sheet_state = "hidden"
    (tmp_path / "books").mkdir()
    book.save(tmp_path / "books" / "pumps.xlsx")
    request = SyncRequest((str(tmp_path / "books"),), "default")
    report = await asyncio.to_thread(runtime.storage.sync, request, lambda _: None)
    assert report.notes == {"hidden": 1}
    [run] = runtime.library.runs("default")
    assert run.report is not None
    assert run.report["notes"] == report.notes
    async with client_of(scripted()) as client:
        [row] = (await client.get("/documents")).json()["documents"]
        assert row["notes"] == [{"kind": "hidden", "count": 1, "detail": "Salaries"}]
        assert (await client.get(f"/documents/{row['id']}")).json()["notes"] == row["notes"]
