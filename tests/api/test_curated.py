"""Answers that an owner wrote: given to questions that ask the same, while their quotes stand."""

import asyncio
import json
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.answering.answer import Question
from app.answering.curated import add_curated
from app.answering.instructions import of_curated
from app.answering.prompts import load_prompts
from app.api.app import create_app
from app.api.routes.feedback import golden_lines
from app.library.curated import CuratedQuote
from app.library.library import open_library
from app.library.sight import Sight
from app.runtime import Runtime
from app.settings import Settings
from ingest.report import SyncRequest
from tests.api.conftest import client_of

PATH = "/knowledge-bases/default/curated-answers"
QUESTION = "Which licence does DeepSeek use?"
QUOTE = "DeepSeek uses the MIT licence."


def document(runtime: Runtime, name: str) -> str:
    return next(row.id for row in runtime.library.documents("default") if name in row.source)


def written(runtime: Runtime, **changes: Any) -> dict[str, Any]:
    quote = {"document_id": document(runtime, "licences.md"), "quote": QUOTE}
    answer = "MIT, as our lawyers confirmed. [1]"
    return {"question": QUESTION, "answer": answer, "quotes": [quote]} | changes


async def asked(client: httpx.AsyncClient, question: str, **more: Any) -> dict[str, Any]:
    response = await client.post("/ask", json={"question": question, **more})
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


async def test_it_is_given_with_its_quotes_to_what_asks_the_same(prepared: Runtime) -> None:
    async with client_of(create_app(prepared.settings, prepared)) as client:
        made = await client.post(PATH, json=written(prepared))
        assert made.status_code == 201, made.text
        assert made.json()["state"] == "given"
        for question in (
            QUESTION,
            "What licence does DeepSeek use",
            "DeepSeek uses which licence?",
        ):
            found = await asked(client, question)
            assert (found["kind"], found["answered"]) == ("curated", True)
            assert found["answer"] == "MIT, as our lawyers confirmed. [1]"
            [citation] = found["citations"]
            text = prepared.library.text("default", citation["document_id"])
            assert text[citation["start"] : citation["end"]] == citation["quote"] == QUOTE
            assert citation["revision"]
            assert citation["chunk_id"]
        for question in ("Which licence does Qwen use?", "Why does DeepSeek use the MIT licence?"):
            assert (await asked(client, question))["kind"] != "curated"
        assert (await asked(client, QUESTION, mode="quotes"))["kind"] != "curated"

        [kept] = (await client.get(PATH)).json()["answers"]
        assert kept["question"] == QUESTION
        assert (await client.delete(f"{PATH}/{kept['id']}")).status_code == 204
        assert (await asked(client, QUESTION))["kind"] != "curated"
        assert (await client.delete(f"{PATH}/{kept['id']}")).status_code == 404


async def test_it_is_kept_in_a_conversation_and_opens_as_it_was(prepared: Runtime) -> None:
    async with client_of(create_app(prepared.settings, prepared)) as client:
        await client.post(PATH, json=written(prepared))
        found = await asked(client, QUESTION, conversation_id="new")
        kept = (await client.get(f"/conversations/{found['conversation_id']}")).json()
        assert kept["turns"][0]["answer"]["kind"] == "curated"


async def test_what_cannot_stand_is_refused(prepared: Runtime) -> None:
    async with client_of(create_app(prepared.settings, prepared)) as client:
        licences = document(prepared, "licences.md")

        async def code(**changes: Any) -> str:
            response = await client.post(PATH, json=written(prepared, **changes))
            found: str = response.json()["error"]["code"]
            return found

        wrong = [{"document_id": licences, "quote": "DeepSeek uses the GPL."}]
        assert await code(quotes=wrong) == "curated_quote_missing"
        assert await code(quotes=[{"document_id": "x", "quote": "x"}]) == "document_not_found"
        assert await code(answer="MIT. [2]") == "curated_mark_missing"
        assert await code(quotes=[]) == "request_invalid"
        unmarked = await client.post(PATH, json=written(prepared, answer="MIT."))
        assert unmarked.json()["answer"] == "MIT. [1]"
        assert await code(question="What licence does DeepSeek use?") == "curated_answer_exists"
        nowhere = await client.post(PATH.replace("default", "nowhere"), json=written(prepared))
        assert nowhere.json()["error"]["code"] == "knowledge_base_not_found"


async def test_a_source_that_changes_is_flagged_and_a_quote_that_is_gone_withholds_it(
    filled: Runtime, documents: Path
) -> None:
    async def change(text: str) -> None:
        (documents / "licences.md").write_text(text, "utf-8")
        request = SyncRequest((str(documents),), "default")
        await asyncio.to_thread(filled.storage.sync, request, lambda _: None)

    async with client_of(create_app(filled.settings, filled)) as client:

        async def state() -> str:
            found: str = (await client.get(PATH)).json()["answers"][0]["state"]
            return found

        assert (await client.post(PATH, json=written(filled))).status_code == 201
        await change(f"# Licences of 2026\n\nAs before: {QUOTE} Qwen uses Apache 2.0.\n")
        assert await state() == "changed"
        found = await asked(client, QUESTION)
        assert found["kind"] == "curated"
        [citation] = found["citations"]
        text = filled.library.text("default", citation["document_id"])
        assert text[citation["start"] : citation["end"]] == QUOTE
        await change("# Licences\n\nDeepSeek uses the Apache licence. Qwen uses Apache 2.0.\n")
        assert await state() == "withheld"
        assert (await asked(client, QUESTION))["kind"] != "curated"
        (documents / "licences.md").unlink()
        request = SyncRequest((str(documents),), "default")
        await asyncio.to_thread(filled.storage.sync, request, lambda _: None)
        assert await state() == "withheld"


async def test_it_is_for_those_who_may_read_and_search_its_sources(prepared: Runtime) -> None:
    library, answerer = prepared.library, prepared.answerer
    async with client_of(create_app(prepared.settings, prepared)) as client:
        await client.post(PATH, json=written(prepared))
        other = document(prepared, "memory.txt")
        limited = {"filter": {"document_ids": [other]}}
        assert (await asked(client, QUESTION, **limited))["kind"] != "curated"
    licences = document(prepared, "licences.md")
    library.limits.limit_document("default", licences, ["board"])
    for group, given in (("board", True), ("staff", False)):
        seen = library.seen_by(Sight(groups=frozenset({group})))
        answer = await answerer.over(seen).answer(Question(QUESTION, "default"))
        assert (answer.kind == "curated") is given
        assert given or QUOTE not in answer.answer


async def test_it_is_a_golden_case_and_an_example_while_its_quotes_stand(
    filled: Runtime, documents: Path
) -> None:
    library = filled.library
    found = document(filled, "licences.md")
    add_curated(library, "default", QUESTION, "MIT, says the owner.", [(found, QUOTE)])
    [case] = map(json.loads, golden_lines(library, "default"))
    assert (case["question"], case["answerable"]) == (QUESTION, True)
    assert case["answers"] == ["MIT, says the owner.", QUOTE]
    [name] = case["documents"]
    assert name.endswith("licences.md")
    [example] = of_curated(library, "default", load_prompts())
    system, user, assistant = example["messages"]
    assert [each["role"] for each in (system, user, assistant)] == ["system", "user", "assistant"]
    assert QUOTE in user["content"]
    assert "Qwen uses Apache 2.0." in user["content"], "the paragraph of the quote"
    assert QUESTION in user["content"]
    assert assistant["content"] == "MIT, says the owner. [1]"
    assert [each["quote"] for each in example["citations"]] == [QUOTE]

    (documents / "licences.md").write_text("DeepSeek uses another licence.", "utf-8")
    request = SyncRequest((str(documents),), "default")
    await asyncio.to_thread(filled.storage.sync, request, lambda _: None)
    assert list(golden_lines(library, "default")) == []
    assert list(of_curated(library, "default", load_prompts())) == []


def test_what_was_read_of_the_answers_is_read_once(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every question asks for the ids, which another process may have changed; no more."""
    with closing(open_library(settings)) as one, closing(open_library(settings)) as other:
        quotes = [CuratedQuote("d", "r", "q")]
        first = one.curated.add("default", "A?", "a", quotes)
        assert one.curated.of("default") == [first]
        second = other.curated.add("default", "B?", "b", quotes)
        elsewhere = other.curated.add("second", "C?", "c", quotes)
        assert one.seen_by(Sight()).curated.of("default") == [first, second]
        assert one.curated.of("second") == [elsewhere]

        def fail(*_: object) -> None:
            raise AssertionError("read again")

        monkeypatch.setattr("app.library.curated._row", fail)
        assert one.curated.of("default") == [first, second]
        other.curated.remove("default", first.id)
        assert one.curated.of("default") == [second]
        assert one.curated.of("second") == [elsewhere]
