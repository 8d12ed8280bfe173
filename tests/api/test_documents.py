"""Documents, search, sync: over the real library, the real index and a copying chat model."""

import asyncio
import json
import os
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.api.app import create_app
from app.runtime import Runtime
from app.settings import Settings
from ingest.job_worker import JobControl, JobWorker
from ingest.report import DocumentDone, SyncReport
from tests.api.conftest import client_of, parse_events, served

TOKEN = {"X-Operator-Token": "the-token"}


@pytest.fixture
async def real(prepared: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(create_app(prepared.settings, prepared, "the-token")) as client:
        yield client


@pytest.fixture
async def own(filled: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(create_app(filled.settings, filled, "the-token")) as client:
        yield client


async def listed(client: httpx.AsyncClient, **params: str) -> dict[str, dict[str, Any]]:
    body = (await client.get("/documents", params=params)).json()
    assert body["total"] >= len(body["documents"])
    return {document["source"].rsplit("/", 1)[-1]: document for document in body["documents"]}


async def test_list_filter_and_page(real: httpx.AsyncClient) -> None:
    documents = await listed(real)
    assert len(documents) == 3
    licences = documents["licences.md"]
    assert licences["status"] == "ready"
    assert licences["kb"] == "default"
    assert licences["chunks"] == 1
    assert licences["failure"] is None
    assert list(await listed(real, q="上下文")) == [
        name for name in documents if name not in ("licences.md", "memory.txt")
    ]
    assert await listed(real, status="failed") == {}
    page = (await real.get("/documents", params={"limit": 1, "offset": 1})).json()
    assert (len(page["documents"]), page["total"]) == (1, 3)
    bases = (await real.get("/knowledge-bases")).json()
    assert bases == {"knowledge_bases": ["default"], "default": "default"}


async def test_what_can_be_asked_about(real: httpx.AsyncClient) -> None:
    found = (await real.get("/scopes", params={"q": "licen"})).json()
    assert [document["source"].rsplit("/", 1)[-1] for document in found["documents"]] == [
        "licences.md"
    ]
    [folder] = (await real.get("/scopes")).json()["folders"]
    assert (folder["name"].rsplit("/", 1)[-1], folder["documents"]) == ("documents", 3)


async def test_text_chunks_and_original_fit_each_other(
    real: httpx.AsyncClient, documents: Path
) -> None:
    originals = {file.read_bytes() for file in documents.iterdir()}
    for document in (await listed(real)).values():
        path = f"/documents/{document['id']}"
        assert (await real.get(path)).json() == document
        text = (await real.get(f"{path}/text")).json()
        chunks = (await real.get(f"{path}/chunks")).json()
        assert text["revision"] == chunks["revision"] == document["revision"]
        assert len(chunks["chunks"]) == document["chunks"]
        for chunk in chunks["chunks"]:
            assert text["text"][chunk["start"] : chunk["end"]] == chunk["text"]
            assert all(
                chunk["start"] <= span["start"] < span["end"] <= chunk["end"]
                for span in chunk["windows"]
            )
        original = await real.get(f"{path}/original")
        assert original.headers["content-type"] == "text/plain; charset=utf-8"
        assert original.headers["content-disposition"].startswith("inline;")
        assert "default-src 'none'" in original.headers["content-security-policy"]
        assert original.content in originals


async def test_a_document_that_could_run_scripts_is_handed_over_as_a_download(
    filled: Runtime, settings: Settings, documents: Path
) -> None:
    (documents / "page.html").write_text(
        "<html><body><p>A page about llamas and their habits.</p>"
        "<script>alert(1)</script></body></html>",
        encoding="utf-8",
    )
    async with client_of(create_app(settings, filled, "the-token")) as client:
        await client.post("/sync", json={"roots": [str(documents)]}, headers=TOKEN)
        page = (await listed(client))["page.html"]
        original = await client.get(f"/documents/{page['id']}/original")
    assert original.headers["content-disposition"].startswith("attachment;")
    assert original.headers["x-content-type-options"] == "nosniff"


async def test_unknown_documents_and_knowledge_bases(real: httpx.AsyncClient) -> None:
    known = next(iter((await listed(real)).values()))
    for path in (
        "/documents/x",
        "/documents/x/text",
        "/documents/x/chunks",
        "/documents/x/original",
    ):
        response = await real.get(path)
        assert response.status_code == 404, path
        assert response.json()["error"]["code"] == "document_not_found"
    assert (await real.delete("/documents/x")).status_code == 404
    assert (await real.get(f"/documents/{known['id']}", params={"kb": "other"})).status_code == 404
    for path in ("/ask", "/search"):
        response = await real.post(path, json={"question": "why", "kb": "nowhere"})
        assert response.status_code == 404, path
        assert response.json()["error"]["code"] == "knowledge_base_not_found"


async def test_a_removed_document_is_found_no_more(real: httpx.AsyncClient) -> None:
    licences = (await listed(real))["licences.md"]

    async def found() -> set[str]:
        body = (await real.post("/search", json={"question": "DeepSeek licence"})).json()
        return {passage["document_id"] for passage in body["passages"]}

    assert licences["id"] in await found()
    path, body = f"/documents/{licences['id']}", {"document_ids": [licences["id"]]}
    assert (await real.delete(path)).status_code == 204
    assert licences["id"] not in await found()
    assert "licences.md" not in await listed(real)
    for address in (path, f"{path}/text", f"{path}/chunks", f"{path}/original"):
        assert (await real.get(address)).status_code == 404, address
    assert (await real.delete(path)).status_code == 404

    restored = await real.post("/documents/restore", json=body)
    assert restored.json() == {"documents": [licences], "total": 1}
    assert licences["id"] in await found()
    assert (await listed(real))["licences.md"] == licences


async def test_several_documents_are_tagged_deleted_and_restored_at_once(
    own: httpx.AsyncClient,
) -> None:
    ids = [document["id"] for document in (await listed(own)).values()]
    tags = {"document_ids": ids, "add": ["finance", "2026"]}
    assert (await own.post("/documents/tags", json=tags)).status_code == 204
    tags = {"document_ids": ids[:1], "remove": ["2026"]}
    assert (await own.post("/documents/tags", json=tags)).status_code == 204
    tagged = {item["id"]: item["tags"] for item in (await listed(own)).values()}
    assert tagged == {ids[0]: ["finance"], ids[1]: ["finance", "2026"], ids[2]: ["finance", "2026"]}

    unknown = {"document_ids": [ids[0], "x"]}
    for action in ("delete", "restore", "tags"):
        assert (await own.post(f"/documents/{action}", json=unknown)).status_code == 404, action
    assert len(await listed(own)) == 3
    assert (await own.post("/documents/delete", json={"document_ids": ids})).status_code == 204
    assert await listed(own) == {}
    answer = (await own.post("/ask", json={"question": "DeepSeek uses which licence?"})).json()
    assert (answer["answered"], answer["retrieved"]) == (False, [])
    await own.post("/documents/restore", json={"document_ids": ids})
    assert len(await listed(own)) == 3
    answer = (await own.post("/ask", json={"question": "DeepSeek uses which licence?"})).json()
    assert answer["answered"] is True


@pytest.mark.parametrize("mode", ["hybrid", "dense", "sparse"])
async def test_search_finds_the_passage_and_its_sentence(
    real: httpx.AsyncClient, mode: str
) -> None:
    body = {"question": "Yi-34B 的上下文长度是多少？", "mode": mode, "limit": 2}
    result = (await real.post("/search", json=body)).json()
    best = result["passages"][0]
    assert "200K" in best["text"]
    assert len(result["passages"]) <= 2
    window = best["best_window"]
    assert best["start"] <= window["start"] < window["end"] <= best["end"]
    assert result["index"].startswith("kb_default@")
    english = {**body, "filter": {"languages": ["en"]}}
    found = (await real.post("/search", json=english)).json()["passages"]
    assert all(passage["language"] == "en" for passage in found)


@pytest.mark.parametrize("path", ["/ask", "/search"])
async def test_questions_that_are_none(real: httpx.AsyncClient, path: str) -> None:
    for empty in ("", "  ", "\n\t　"):
        response = await real.post(path, json={"question": empty})
        assert response.status_code == 422
        assert response.json()["error"]["code"] == "question_empty"
    response = await real.post(path, json={"question": "长" * 4001})
    assert response.status_code == 422
    assert response.json()["error"]["code"] == "question_too_long"
    assert "4001" in response.json()["error"]["message"]


async def test_sync_streams_its_progress_and_reports(
    own: httpx.AsyncClient, documents: Path
) -> None:
    (documents / "new.txt").write_text("Phi-3 mini has 3.8B parameters.", encoding="utf-8")
    (documents / "memory.txt").unlink()
    headers = {**TOKEN, "Accept": "text/event-stream"}
    response = await own.post("/sync", json={"roots": [str(documents)]}, headers=headers)
    events = [(name, json.loads(value)) for name, value in parse_events(response.text)]
    named = dict(events)
    assert [name for name, _ in events[:2]] == ["begun", "planned"]
    assert named["begun"]["job_id"]
    assert (named["planned"]["added"], named["planned"]["removed"]) == (1, 1)
    done = {
        (value["source"].rsplit("/", 1)[-1], value["outcome"])
        for name, value in events
        if name == "document"
    }
    # A file that was read within its clock's tick is read again, and found unchanged.
    assert {item for item in done if item[1] != "unchanged"} == {
        ("memory.txt", "removed"),
        ("new.txt", "added"),
    }
    name, report = events[-1]
    assert name == "report"
    assert (report["added"], report["removed"], report["unchanged"]) == (1, 1, 2)
    assert report["failed"] == []
    again = (await own.post("/sync", json={"roots": [str(documents)]}, headers=TOKEN)).json()
    assert (again["added"], again["unchanged"]) == (0, 3)


async def test_an_address_with_a_password_is_refused_before_it_is_kept(
    own: httpx.AsyncClient,
) -> None:
    body = {"roots": ["sftp://me:hunter2@example.org/x"]}
    response = await own.post("/sync", json=body, headers=TOKEN)
    assert response.status_code == 422
    assert response.json()["error"]["code"] == "address_invalid"
    jobs = (await own.get("/jobs")).json()
    assert jobs["jobs"] == []
    assert "hunter2" not in response.text


async def test_a_dry_run_changes_nothing(own: httpx.AsyncClient, documents: Path) -> None:
    (documents / "memory.txt").unlink()
    body = {"roots": [str(documents)], "dry_run": True}
    report = (await own.post("/sync", json=body, headers=TOKEN)).json()
    assert report["dry_run"] is True
    assert [source.rsplit("/", 1)[-1] for source in report["would_remove"]] == ["memory.txt"]
    assert (report["would_add"], report["would_change"], report["would_move"]) == ([], [], [])
    assert len(await listed(own)) == 3


async def test_questions_are_answered_while_a_sync_runs(
    filled: Runtime, settings: Settings, documents: Path
) -> None:
    for number in range(150):
        (documents / f"more-{number}.txt").write_text(f"Item {number} weighs {number} kg.\n" * 20)
    async with client_of(create_app(settings, filled, "the-token")) as client:
        sync = asyncio.create_task(
            client.post("/sync", json={"roots": [str(documents)]}, headers=TOKEN, timeout=60)
        )
        await asyncio.sleep(0.05)
        answered = 0
        while not sync.done():
            response = await client.post("/ask", json={"question": "DeepSeek uses which licence?"})
            assert response.status_code == 200
            answered += 1
        assert (await sync).json()["added"] == 150
        assert answered > 0


def test_a_client_that_hangs_up_stops_the_sync(runtime: Runtime, settings: Settings) -> None:
    stopped = threading.Event()

    def endless(control: JobControl) -> SyncReport:
        """A sync that always finds one more document, until it is stopped."""
        for number in range(3_000):
            if control.stop():
                stopped.set()
                return SyncReport("default", number, 0, 0, 0, (), 0, 0.0, stopped=True)
            control.on_event(DocumentDone(f"file:///{number}", "added"))
            time.sleep(0.01)
        raise AssertionError("nobody stopped it")

    runtime.storage.worker = JobWorker(runtime.library, settings.data, {"sync": endless})
    headers = {**TOKEN, "Accept": "text/event-stream"}
    with served(create_app(settings, runtime, "the-token")) as url:
        with httpx.Client(base_url=url, trust_env=False) as client:
            with client.stream("POST", "/sync", json={"roots": ["/x"]}, headers=headers) as stream:
                for line in stream.iter_lines():
                    if line == "event: document":
                        break
            assert not stopped.is_set()
        assert stopped.wait(5)
        (job,) = runtime.library.jobs.latest("default", 5)
        while job.status == "running":
            time.sleep(0.02)
            job = runtime.library.jobs.get(job.id)
        assert job.status == "cancelled"


async def test_the_whole_way_from_question_to_quote(real: httpx.AsyncClient) -> None:
    body = {"question": "DeepSeek uses which licence?"}
    answer = (await real.post("/ask", json=body)).json()
    assert answer["answered"] is True
    assert "MIT" in answer["answer"]
    citation = answer["citations"][0]
    path = f"/documents/{citation['document_id']}/text"
    text = (await real.get(path, params={"revision": citation["revision"]})).json()["text"]
    assert text[citation["start"] : citation["end"]] == citation["quote"]
    assert citation["quote"] == "DeepSeek uses the MIT licence."
    cited = {item["chunk_id"] for item in answer["retrieved"] if item["cited"]}
    assert cited == {citation["chunk_id"]}


async def test_folders_tags_and_what_can_be_searched_choose_documents(
    own: httpx.AsyncClient, documents: Path
) -> None:
    inner = documents / "a folder"
    inner.mkdir()
    (inner / "budget.txt").write_text("The budget of 2026 is 4 million yuan.", encoding="utf-8")
    (inner / "empty.txt").write_text("", encoding="utf-8")
    await own.post("/sync", json={"roots": [str(documents)]}, headers=TOKEN)
    budget = (await listed(own))["budget.txt"]
    await own.put(f"/documents/{budget['id']}/tags", json={"tags": ["finance"]})

    scopes = (await own.get("/scopes", params={"q": "a fold"})).json()
    (folder,) = scopes["folders"]
    assert (folder["name"], folder["documents"]) == (f"file://{inner}", 1)
    assert set(await listed(own, folder=folder["name"])) == {"budget.txt", "empty.txt"}
    assert set(await listed(own, folder=folder["name"], searchable="true")) == {"budget.txt"}
    assert set(await listed(own, tag="finance")) == {"budget.txt"}
    tags = (await own.get("/scopes", params={"q": "FIN"})).json()["tags"]
    assert tags == [{"name": "finance", "documents": 1}]


async def test_a_document_that_failed_for_good_is_read_again_when_asked(
    own: httpx.AsyncClient, documents: Path
) -> None:
    path = documents / "later.txt"
    path.write_text("", encoding="utf-8")
    status = path.stat()
    await own.post("/sync", json={"roots": [str(documents)]}, headers=TOKEN)
    failed = (await listed(own, status="failed"))["later.txt"]
    # The same size and time as when it failed: a sync passes it over.
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    again = await own.post(f"/documents/{failed['id']}/retry")
    assert again.status_code == 202
    assert (await own.post("/documents/x/retry")).status_code == 404
    job: dict[str, Any] = {"status": "queued"}
    while job["status"] in ("queued", "running"):
        await asyncio.sleep(0.05)
        job = (await own.get(f"/jobs/{again.json()['job_id']}")).json()
    assert (await own.get("/jobs")).json()["jobs"][0]["source"] == str(path)
    assert (await listed(own, status="failed"))["later.txt"]["updated_at"] > str(
        failed["updated_at"]
    ), "it was read"
