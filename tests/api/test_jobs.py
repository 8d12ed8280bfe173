"""Uploads, jobs and sources over HTTP: real SQLite, a real Edge index, a ranking fake embedder."""

import asyncio
import io
import json
import threading
import time
import zipfile
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.api import sse
from app.api.app import create_app
from app.api.routes import sync
from app.api.routes.jobs import _changes
from app.api.routes.sync import job_events, last_report
from app.api.wire.syncs import SyncReport as WireReport
from app.errors import DiskFull, EmbeddingFailed, GroundkbError, LibraryFailed
from app.models.embedding import Matrix
from app.runtime import Runtime
from app.settings import Settings
from ingest import job_worker
from ingest.job_worker import JobControl, JobWorker
from ingest.report import SyncReport, SyncRequest
from ingest.schedule import put_source
from ingest.uploads import upload_job, uploads_of
from tests.api.conftest import client_of, parse_events
from tests.conftest import BigramEmbedder

Client = httpx.AsyncClient


@pytest.fixture
async def client(runtime: Runtime, settings: Settings) -> AsyncIterator[Client]:
    async with client_of(create_app(settings, runtime, "the-token")) as opened:
        yield opened


@dataclass
class Gate:
    """A job's work that goes on until it is let go."""

    go: threading.Event = field(default_factory=threading.Event)
    begun: threading.Event = field(default_factory=threading.Event)

    def __call__(self, control: JobControl) -> SyncReport:
        self.begun.set()
        while not self.go.wait(0.01):
            if control.stop():
                return SyncReport("default", 0, 0, 0, 0, (), 0, 0.0, stopped=True)
        return SyncReport("default", 1, 0, 0, 0, (), 1, 0.0)


@pytest.fixture
def gate(runtime: Runtime, settings: Settings) -> Gate:
    work = Gate()
    runtime.storage.worker = JobWorker(
        runtime.library, settings.data, {"sync": work, "upload": work}
    )
    return work


def form(*files: tuple[str, bytes]) -> list[tuple[str, tuple[str, bytes, str]]]:
    return [("files", (name, data, "application/octet-stream")) for name, data in files]


async def upload(client: Client, *files: tuple[str, bytes], **params: str) -> list[dict[str, Any]]:
    response = await client.post("/documents", files=form(*files), params=params)
    assert response.status_code == 202, response.text
    jobs: list[dict[str, Any]] = response.json()["jobs"]
    return jobs


async def ended(client: Client, job_id: str) -> dict[str, object]:
    deadline = time.monotonic() + 20
    while True:
        job: dict[str, object] = (await client.get(f"/jobs/{job_id}")).json()
        if job["status"] in ("done", "failed", "cancelled"):
            return job
        assert time.monotonic() < deadline, job
        await asyncio.sleep(0.02)


async def titles_found(client: Client, question: str) -> list[str]:
    found = (await client.post("/search", json={"question": question})).json()
    return [passage["text"] for passage in found["passages"]]


async def test_each_file_is_a_job_and_a_bad_one_does_not_hold_up_the_others(client: Client) -> None:
    jobs = await upload(
        client,
        ("phi.txt", b"Phi-3 mini has 3.8 billion parameters."),
        ("broken.pdf", b"%PDF-1.7 nothing"),
        ("许可证.md", "# 许可证\n\nDeepSeek 采用 MIT 许可证。\n".encode()),
    )
    assert [job["name"] for job in jobs] == ["phi.txt", "broken.pdf", "许可证.md"]
    first, broken, last = [await ended(client, job["job_id"]) for job in jobs]
    assert (first["status"], first["stage"], first["progress"]) == ("done", "done", 1.0)
    assert first["kind"] == "upload"
    assert first["source"] == "upload:///phi.txt"
    assert broken["status"] == "failed"
    error = broken["error"]
    assert isinstance(error, dict)
    assert error["code"] == "document_corrupt"
    assert "broken.pdf" in error["message"]
    assert last["status"] == "done"
    assert any("3.8 billion" in text for text in await titles_found(client, "Phi-3 parameters"))
    assert any("MIT" in text for text in await titles_found(client, "DeepSeek 许可证"))
    document = (await client.get(f"/documents/{last['document_id']}")).json()
    assert document["source"] == "upload:///许可证.md"
    original = await client.get(f"/documents/{last['document_id']}/original")
    assert "DeepSeek 采用" in original.text


async def test_the_same_name_again_is_the_same_document(
    client: Client, fake_embedder: BigramEmbedder
) -> None:
    (first,) = await upload(client, ("a.txt", b"Yi-34B has a context of 200K."))
    await ended(client, first["job_id"])
    embedded = fake_embedder.embedded
    (same,) = await upload(client, ("a.txt", b"Yi-34B has a context of 200K."))
    report = (await ended(client, same["job_id"]))["report"]
    assert isinstance(report, dict)
    assert (report["unchanged"], report["added"], report["changed"]) == (1, 0, 0)
    assert fake_embedder.embedded == embedded
    assert same["unchanged"]
    (other,) = await upload(
        client, ("a.txt", b"Yi-34B has a context of 4K only."), on_conflict="replace"
    )
    assert not other["unchanged"]
    assert other["document_id"] == first["document_id"]
    report = (await ended(client, other["job_id"]))["report"]
    assert isinstance(report, dict)
    assert report["changed"] == 1
    assert await titles_found(client, "context of Yi-34B") == ["Yi-34B has a context of 4K only."]
    assert (await client.get("/documents")).json()["total"] == 1


async def test_another_file_of_the_same_name_is_a_question(client: Client) -> None:
    (first,) = await upload(client, ("note.txt", b"The blue ladder is 4 m long."))
    await ended(client, first["job_id"])
    sent = form(("note.txt", b"The red ladder is 6 m long."), ("new.txt", b"Something else."))
    refused = await client.post("/documents", files=sent)
    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "name_taken"
    assert "note.txt" in refused.json()["error"]["message"]
    assert refused.json()["taken"] == [
        {"name": "note.txt", "document_id": first["document_id"]},
    ]
    assert (await client.get("/documents")).json()["total"] == 1, "nothing was taken in"
    assert len((await client.get("/jobs")).json()["jobs"]) == 1
    jobs = await upload(
        client, ("note.txt", b"The red ladder is 6 m long."), on_conflict="keep_both"
    )
    jobs += await upload(
        client, ("note.txt", b"The tin ladder is 8 m long."), on_conflict="keep_both"
    )
    assert [job["name"] for job in jobs] == ["note (2).txt", "note (3).txt"]
    assert len({first["document_id"], *(job["document_id"] for job in jobs)}) == 3
    for job in jobs:
        await ended(client, job["job_id"])
    found = await titles_found(client, "How long is the ladder?")
    assert {text.split()[1] for text in found} == {"blue", "red", "tin"}
    # The very same bytes are the document that there is, whatever is asked for.
    (again,) = await upload(
        client, ("note.txt", b"The red ladder is 6 m long."), on_conflict="keep_both"
    )
    assert (again["name"], again["unchanged"]) == ("note (2).txt", True)


async def test_a_name_is_taken_while_its_first_file_still_waits(client: Client, gate: Gate) -> None:
    (first,) = await upload(client, ("note.txt", b"The blue ladder."))
    refused = await client.post("/documents", files=form(("note.txt", b"The red ladder.")))
    assert refused.status_code == 409
    assert refused.json()["taken"][0]["document_id"] == first["document_id"]
    (same,) = await upload(client, ("note.txt", b"The blue ladder."))
    assert same["unchanged"]
    # Two of one name in one request are no less a question.
    refused = await client.post("/documents", files=form(("x.txt", b"1"), ("x.txt", b"2")))
    assert refused.status_code == 409
    both = await upload(client, ("x.txt", b"1"), ("x.txt", b"2"), on_conflict="keep_both")
    assert [job["name"] for job in both] == ["x.txt", "x (2).txt"]
    gate.go.set()


async def test_a_file_that_failed_leaves_its_name_free(client: Client) -> None:
    (bad,) = await upload(client, ("note.txt", b""))
    assert (await ended(client, bad["job_id"]))["status"] == "failed"
    (mended,) = await upload(client, ("note.txt", b"The blue ladder."))
    assert (await ended(client, mended["job_id"]))["status"] == "done"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../../evil.txt", "evil.txt"),
        ("new\nline.txt", "new line.txt"),
        ("🎉.txt", "🎉.txt"),
        ("长" * 300 + ".txt", None),
        ('quo"te.txt', 'quo"te.txt'),
    ],
)
async def test_evil_names_stay_in_their_folder(
    client: Client, settings: Settings, sent: str, kept: str | None
) -> None:
    (job,) = await upload(client, (sent, b"Some text to be found."))
    assert (await ended(client, job["job_id"]))["status"] == "done"
    if kept is not None:
        assert job["name"] == kept
    files = [path for path in settings.data.rglob("*") if path.name == job["name"]]
    assert [path.parent.name for path in files] == [job["document_id"]]
    assert not list(settings.data.parent.glob("*evil*"))


async def test_a_sync_of_a_folder_leaves_uploads_alone(
    client: Client, runtime: Runtime, documents: Path
) -> None:
    (job,) = await upload(client, ("own.txt", b"An uploaded text."))
    await ended(client, job["job_id"])
    token = {"X-Operator-Token": "the-token"}
    for _ in range(2):
        response = await client.post("/sync", json={"roots": [str(documents)]}, headers=token)
        assert response.json()["removed"] == 0
    assert (await client.get("/documents")).json()["total"] == 4
    kinds = [job["kind"] for job in (await client.get("/jobs")).json()["jobs"]]
    assert kinds == ["sync", "sync", "upload"]
    last = (await client.get("/jobs", params={"limit": 2, "offset": 2})).json()
    assert ([job["kind"] for job in last["jobs"]], last["total"]) == (["upload"], 3)
    # An index that was lost comes back from the uploads as from the folder.
    index = runtime.storage.indexes.current("default")
    assert index is not None
    index.delete_revisions(list(index.revisions()))
    report = (await client.post("/sync", json={"roots": [str(documents)]}, headers=token)).json()
    assert report["added"] == 4
    assert await titles_found(client, "uploaded text")


async def test_a_removed_upload_stays_away(client: Client, documents: Path) -> None:
    (job,) = await upload(client, ("own.txt", b"An uploaded text."))
    await ended(client, job["job_id"])
    assert (await client.delete(f"/documents/{job['document_id']}")).status_code == 204
    token = {"X-Operator-Token": "the-token"}
    await client.post("/sync", json={"roots": [str(documents)]}, headers=token)
    assert (await client.get(f"/documents/{job['document_id']}")).status_code == 404


async def test_a_zip_bomb_is_named_and_harmless(
    client: Client, runtime: Runtime, make_settings: Callable[..., Settings]
) -> None:
    runtime.storage.settings = make_settings(max_unpacked_bytes=1_000_000)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", b" " * 9_000_000)
    (job,) = await upload(client, ("bomb.docx", packed.getvalue()))
    bad = await ended(client, job["job_id"])
    assert bad["status"] == "failed"
    assert isinstance(bad["error"], dict)
    assert bad["error"]["code"] in ("document_too_large", "document_corrupt")
    assert "bomb.docx" in bad["error"]["message"]


async def test_limits(
    runtime: Runtime, make_settings: Callable[..., Settings], settings: Settings
) -> None:
    limited = make_settings(max_upload_files=2, max_upload_bytes=20_000, max_file_bytes=5_000)
    runtime.storage.settings = limited
    async with client_of(create_app(limited, runtime)) as client:
        many = await client.post("/documents", files=form(*[(f"{n}.txt", b"x") for n in range(3)]))
        assert (many.status_code, many.json()["error"]["code"]) == (413, "too_many_files")
        large = await client.post("/documents", files=form(("l.txt", b"x" * 30_000)))
        assert (large.status_code, large.json()["error"]["code"]) == (413, "upload_too_large")

        async def endless() -> AsyncIterator[bytes]:
            yield b'--b\r\nContent-Disposition: form-data; name="f"; filename="e.txt"\r\n\r\n'
            for _ in range(100):
                yield b"x" * 1_000

        kind = {"Content-Type": "multipart/form-data; boundary=b"}
        streamed = await client.post("/documents", content=endless(), headers=kind)
        assert streamed.status_code == 413
        assert (await client.get("/jobs")).json()["jobs"] == []
        first, second = await upload(client, ("big.txt", b"x" * 6_000), ("ok.txt", b"Fine text."))
        bad = await ended(client, first["job_id"])
        assert isinstance(bad["error"], dict)
        assert bad["error"]["code"] == "document_too_large"
        assert (await ended(client, second["job_id"]))["status"] == "done"
    incoming = settings.data / "uploads" / "default" / "incoming"
    assert list(incoming.iterdir()) == [], "nothing that was refused is left"


async def test_more_than_a_request_body_may_hold_can_be_uploaded(
    client: Client, gate: Gate, settings: Settings
) -> None:
    data = b"A line about the nightly backup.\n" * 40_000
    assert len(data) > settings.max_body_bytes
    (job,) = await upload(client, ("long.txt", data))
    (staged,) = settings.data.rglob("long.txt")
    assert staged.read_bytes() == data
    gate.go.set()
    assert (await ended(client, job["job_id"]))["status"] == "done"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "multipart/form-data; boundary=b"),
        (b"not a form", "multipart/form-data; boundary=b"),
        (b"{}", "application/json"),
        (
            b'--b\r\nContent-Disposition: form-data; name="f"; filename="e.txt"\r\n\r\ncut off',
            "multipart/form-data; boundary=b",
        ),
    ],
)
async def test_what_is_no_form_is_named(
    client: Client, settings: Settings, content: bytes, kind: str
) -> None:
    response = await client.post("/documents", content=content, headers={"Content-Type": kind})
    assert (response.status_code, response.json()["error"]["code"]) == (422, "request_invalid")
    assert not list(settings.data.rglob("e.txt"))


async def test_cancel(client: Client, gate: Gate, settings: Settings) -> None:
    running, waiting = await upload(client, ("a.txt", b"aaa"), ("b.txt", b"bbb"))
    await asyncio.to_thread(gate.begun.wait, 5)
    dropped = (await client.post(f"/jobs/{waiting['job_id']}/cancel")).json()
    assert dropped["status"] == "cancelled"
    assert not list(settings.data.rglob("b.txt")), "a cancelled upload leaves no bytes"
    asked = (await client.post(f"/jobs/{running['job_id']}/cancel")).json()
    assert asked["status"] == "running"
    assert (await ended(client, running["job_id"]))["status"] == "cancelled"
    refused = await client.post(f"/jobs/{waiting['job_id']}/retry")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "job_not_repeatable")
    assert (await client.post("/jobs/nope/cancel")).status_code == 404


async def test_events_follow_a_job_to_its_end(client: Client, gate: Gate, runtime: Runtime) -> None:
    (job,) = await upload(client, ("a.txt", b"aaa"))
    statuses = []
    async for told in _changes(runtime.library, runtime.library.jobs.get(job["job_id"]), "en"):
        statuses.append(told.status)
        if told.status == "running":
            gate.go.set()
    assert statuses[-2:] == ["running", "done"]
    events = parse_events((await client.get(f"/jobs/{job['job_id']}/events")).text)
    assert [(name, json.loads(data)["status"]) for name, data in events] == [("job", "done")]
    assert (await client.get("/jobs/nope/events")).status_code == 404


async def test_events_of_a_job_that_is_not_there_are_an_error_of_http(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a machine that was busy a stream had begun by the time that it was known."""
    monkeypatch.setattr(sse, "FIRST_WAIT", 0.0)
    answer = await client.get("/jobs/none/events")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "job_not_found"


async def test_a_failed_upload_can_be_tried_again(
    client: Client, runtime: Runtime, settings: Settings, fake_embedder: BigramEmbedder
) -> None:
    sound = fake_embedder.embed_passages

    def broken(texts: Sequence[str], on_batch: object) -> Matrix:
        raise EmbeddingFailed(detail="out of memory")

    fake_embedder.embed_passages = broken  # type: ignore[method-assign, assignment]
    (job,) = await upload(client, ("a.txt", b"Mistral 7B has a context of 32K."))
    failed = await ended(client, job["job_id"])
    assert failed["status"] == "failed"
    assert isinstance(failed["error"], dict)
    assert failed["error"]["code"] == "embedding_failed"
    chinese = await client.get(f"/jobs/{job['job_id']}", headers={"Accept-Language": "zh"})
    assert "向量模型" in chinese.json()["error"]["message"]
    fake_embedder.embed_passages = sound  # type: ignore[method-assign]
    assert (await client.post(f"/jobs/{job['job_id']}/retry")).status_code == 202
    done = await ended(client, job["job_id"])
    assert (done["status"], done["error"]) == ("done", None)
    assert await titles_found(client, "Mistral context")
    again = await client.post(f"/jobs/{job['job_id']}/retry")
    assert again.status_code == 409


async def test_jobs_that_a_killed_server_left_are_done(
    client: Client, runtime: Runtime, settings: Settings
) -> None:
    """What the rows and files look like after SIGKILL in the middle of an upload."""
    jobs, uploads = runtime.library.jobs, uploads_of(runtime.library, settings.data)
    uploads.stage("default", "job-1", "a.txt").write_bytes(b"Qwen uses Apache 2.0.")
    jobs.add(upload_job("default", "a.txt"), identifier="job-1")
    assert jobs.claim("a-worker-that-was-killed") is not None
    runtime.storage.worker.start()
    assert (await ended(client, "job-1"))["status"] == "done"
    assert await titles_found(client, "Qwen licence")


async def test_jobs_of_a_living_worker_are_left_to_it(
    client: Client, runtime: Runtime, settings: Settings
) -> None:
    other = JobWorker(runtime.library, settings.data, {"upload": Gate()})
    jobs = runtime.library.jobs
    other.add(upload_job("default", "a.txt"), "job-1")
    deadline = time.monotonic() + 5
    while jobs.get("job-1").status != "running":
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)
    runtime.storage.worker.start()
    await asyncio.sleep(0.3)
    assert jobs.get("job-1").worker == other.id
    await asyncio.to_thread(other.stop)
    # Stopped in good order it hands its job back, and the other takes it up (and finds no file).
    assert (await ended(client, "job-1"))["status"] == "failed"


async def test_tags_are_set_without_embedding_and_outlive_a_change(
    client: Client, runtime: Runtime, documents: Path, fake_embedder: BigramEmbedder
) -> None:
    request = SyncRequest((str(documents),), "default")
    await asyncio.to_thread(runtime.storage.sync, request, lambda _: None)
    listed = (await client.get("/documents", params={"q": "licences"})).json()["documents"]
    path = f"/documents/{listed[0]['id']}"
    embedded = fake_embedder.embedded
    tagged = (await client.put(f"{path}/tags", json={"tags": ["legal", " 许可 ", "legal"]})).json()
    assert tagged["tags"] == ["legal", "许可"]
    assert fake_embedder.embedded == embedded

    async def found(tag: str) -> list[str]:
        body = {"question": "MIT licence", "filter": {"tags": [tag]}}
        return [hit["text"] for hit in (await client.post("/search", json=body)).json()["passages"]]

    assert len(await found("legal")) == 1
    (documents / "licences.md").write_text("---\ntags: own\n---\n\nAll under the MIT licence.\n")
    await asyncio.to_thread(runtime.storage.sync, request, lambda _: None)
    assert await found("legal")
    assert await found("own") == []
    assert (await client.put(f"{path}/tags", json={"tags": [""]})).status_code == 422
    assert (await client.put("/documents/nope/tags", json={"tags": []})).status_code == 404


async def test_sources(client: Client, documents: Path, fake_embedder: BigramEmbedder) -> None:
    token = {"X-Operator-Token": "the-token"}
    body = {"location": str(documents), "schedule": "0 3 * * *", "time_zone": "Asia/Shanghai"}
    assert (await client.post("/sources", json=body)).status_code == 403
    made = await client.post("/sources", json=body, headers=token)
    assert made.status_code == 201
    source = made.json()
    assert source["next_run"].endswith("T19:00:00Z")
    bad = await client.post("/sources", json={**body, "schedule": "0 25 * * *"}, headers=token)
    assert bad.json()["error"]["code"] == "schedule_invalid"
    gone = await client.post("/sources", json={**body, "location": "/nowhere"}, headers=token)
    assert gone.json()["error"]["code"] == "source_missing"
    # Syncing a registered source needs no operator: its path was the operator's choice.
    started = await client.post(f"/sources/{source['id']}/sync")
    assert started.status_code == 202
    job = await ended(client, started.json()["job_id"])
    assert (job["status"], job["source_id"]) == ("done", source["id"])
    (now,) = (await client.get("/sources")).json()["sources"]
    assert now["last_run"]["report"]["added"] == 3
    path = f"/sources/{source['id']}"
    assert (await client.patch(path, json={"enabled": False})).status_code == 403
    rests = (await client.patch(path, json={"enabled": False}, headers=token)).json()
    assert (rests["next_run"], rests["schedule"]) == (None, "0 3 * * *")
    assert (await client.delete(path)).status_code == 403
    assert (await client.delete(path, headers=token)).status_code == 204
    assert (await client.get("/sources")).json()["sources"] == []
    assert (await client.post(f"{path}/sync")).status_code == 404
    assert (await client.get("/documents")).json()["total"] == 3, "its documents stay"
    assert (await client.post(f"{path}/restore")).status_code == 403
    back = await client.post(f"{path}/restore", headers=token)
    assert back.json() == {**now, "enabled": False, "next_run": None}
    await client.delete(path, headers=token)
    again = await client.post("/sources", json=body, headers=token)
    assert again.json()["id"] == source["id"]


async def test_the_operators_key_manages_sources_and_opens_the_api(
    runtime: Runtime, make_settings: Callable[..., Settings], documents: Path
) -> None:
    body = {"location": str(documents)}
    for keys in ((), ("a-reader-key",)):
        settings = make_settings(api_keys=keys, operator_keys="an-operator-key", max_wrong_keys=2)
        async with client_of(create_app(settings, runtime, "the-token")) as client:
            good = {"Authorization": "Bearer an-operator-key"}
            assert (await client.get("/documents", headers=good)).status_code == 200
            assert (await client.post("/sources", json=body, headers=good)).status_code == 201
            if keys:
                reader = {"Authorization": "Bearer a-reader-key"}
                refused = await client.post("/sources", json=body, headers=reader)
                assert refused.json()["error"]["code"] == "operator_only"
            wrong = {"Authorization": "Bearer a-guess"}
            codes = [
                (await client.post("/sources", json=body, headers=wrong)).status_code
                for _ in range(3)
            ]
            assert codes == ([401, 401, 429] if keys else [403, 403, 429])


async def test_the_worker_starts_what_is_due(
    client: Client, runtime: Runtime, documents: Path
) -> None:
    source = put_source(runtime.library, "default", str(documents), schedule="0 3 * * *")
    past = datetime.now(UTC) - timedelta(days=3)
    runtime.library.sources.change(source.id, next_run=past)
    runtime.storage.worker.start(scheduling=True)
    deadline = time.monotonic() + 10
    while runtime.library.sources.get(source.id).last_run is None:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    assert len(runtime.library.jobs.latest("default", 10)) == 1
    planned = runtime.library.sources.get(source.id).next_run
    assert planned is not None
    assert planned > datetime.now(UTC)


async def test_files_of_a_folder_keep_their_paths(client: Client) -> None:
    one, other = await upload(
        client,
        ("handbook/rules.md", b"The red ladder is in hall 1."),
        ("handbook/inner/rules.md", b"The blue ladder is in hall 2."),
    )
    assert (one["name"], other["name"]) == ("handbook/rules.md", "handbook/inner/rules.md")
    for job in (one, other):
        assert (await ended(client, job["job_id"]))["status"] == "done"
    again = {"files": ("handbook/inner/rules.md", b"The blue ladder is in hall 3.")}
    refused = await client.post("/documents", files=again)
    assert refused.status_code == 409
    beside = await client.post("/documents?on_conflict=keep_both", files=again)
    [kept] = beside.json()["jobs"]
    assert kept["name"] == "handbook/inner/rules (2).md"
    assert (await ended(client, kept["job_id"]))["status"] == "done"
    folders = (await client.get("/scopes")).json()["folders"]
    assert [folder["name"] for folder in folders] == [
        "upload:///handbook",
        "upload:///handbook/inner",
    ]
    retried = await client.post(f"/documents/{kept['document_id']}/retry")
    assert (await ended(client, retried.json()["job_id"]))["status"] == "done"


async def test_the_files_of_an_archive_become_documents_under_its_name(client: Client) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("报告/第一季度.txt", "An uploaded text within an archive.")
        archive.writestr("../../up.md", "# Up")
        archive.writestr("in.zip", "PK")
        archive.writestr("Thumbs.db", "x")
        archive.writestr("blank.txt", " ")
    jobs = await upload(client, ("papers.zip", packed.getvalue()))
    ends = {job["name"]: await ended(client, job["job_id"]) for job in jobs}
    assert {name: job["status"] for name, job in ends.items()} == {
        "papers.zip/blank.txt": "failed",
        "papers.zip/in.zip": "failed",
        "papers.zip/up.md": "done",
        "papers.zip/报告/第一季度.txt": "done",
    }
    assert error_of(ends["papers.zip/in.zip"]) == "format_unsupported"
    assert error_of(ends["papers.zip/blank.txt"]) == "document_without_text"
    assert any("within an archive" in text for text in await titles_found(client, "uploaded text"))
    # The same again is the same; what cannot be opened is refused by name.
    again = await upload(client, ("papers.zip", packed.getvalue()))
    assert {job["name"] for job in again if job["unchanged"]} >= {"papers.zip/up.md"}
    (bad,) = await upload(client, ("bad.zip", packed.getvalue()[:-30]))
    assert error_of(await ended(client, bad["job_id"])) == "document_corrupt"


@pytest.mark.parametrize(
    ("bounds", "code"),
    [
        ({"archive_max_files": 3}, "too_many_files"),
        ({"max_unpacked_bytes": 90_000}, "upload_too_large"),
    ],
)
async def test_the_archives_of_one_request_are_bounded_together(
    client: Client,
    runtime: Runtime,
    make_settings: Callable[..., Settings],
    bounds: dict[str, int],
    code: str,
) -> None:
    runtime.storage.settings = make_settings(**bounds)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("a.txt", "b.txt"):
            archive.writestr(name, "text " * 5_000)
    files = [("files", (f"{n}.zip", packed.getvalue(), "application/zip")) for n in (1, 2)]
    refused = await client.post("/documents", files=files)
    assert (refused.status_code, refused.json()["error"]["code"]) == (413, code)
    assert (await client.get("/jobs")).json()["total"] == 0


def error_of(job: Any) -> str:
    return str(job["error"]["code"])


async def watched_to_its_end(runtime: Runtime, documents: Path) -> WireReport:
    wanted = SyncRequest((str(documents),), "default")
    async with asyncio.timeout(10):
        return await last_report(job_events(runtime.storage, wanted, "en"))


async def test_a_sync_that_somebody_else_takes_back_before_it_begins_ends_for_who_waits(
    client: Client, gate: Gate, runtime: Runtime, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync, "LOOK_SECONDS", 0.05)
    await upload(client, ("a.txt", b"text"))
    await asyncio.to_thread(gate.begun.wait, 5)
    waiting = asyncio.create_task(watched_to_its_end(runtime, documents))
    queued: list[str] = []
    while not queued:
        await asyncio.sleep(0.01)
        jobs = (await client.get("/jobs")).json()["jobs"]
        queued = [job["id"] for job in jobs if job["kind"] == "sync"]
    await client.post(f"/jobs/{queued[0]}/cancel")
    assert (await waiting).stopped
    gate.go.set()


@pytest.mark.parametrize("error", [DiskFull(path="d"), LibraryFailed(detail="d")])
async def test_a_sync_of_which_the_end_cannot_be_noted_ends_for_who_waits(
    gate: Gate,
    runtime: Runtime,
    documents: Path,
    error: GroundkbError,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(runtime.library.jobs, "finish", full)
    gate.go.set()
    with pytest.raises(type(error)):
        await watched_to_its_end(runtime, documents)


async def test_the_worker_outlives_what_nobody_foresaw(
    client: Client, gate: Gate, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_worker, "TROUBLE_SECONDS", 0.01)
    prune, times = runtime.library.jobs.prune, [1, 2]

    def broken() -> None:
        if times:
            raise PermissionError(times.pop(), "Read-only file system")
        prune()

    monkeypatch.setattr(runtime.library.jobs, "prune", broken)
    gate.go.set()
    [job] = await upload(client, ("a.txt", b"text"))
    assert (await ended(client, job["job_id"]))["status"] == "done"
