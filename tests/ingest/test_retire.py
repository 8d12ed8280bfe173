"""Folders that are retired, roots of which some are missing, and sources that cannot be reached."""

import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from app.api.metrics import Metrics
from app.errors import KnowledgeBaseNotFound, SourceMissing, SourceUnknown
from app.library.jobs import FINISHED, JobRow, NewJob
from app.runtime import Storage
from ingest.knowledge_bases import delete_knowledge_base
from ingest.report import SyncReport, SyncRequest
from ingest.schedule import put_source, source_job
from ingest.sources.local import require_one
from ingest.sources.uris import source_uri
from ingest.uploads import upload_job, uploads_of

KB = "default"


def run(storage: Storage, *roots: object, **options: Any) -> SyncReport:
    wanted = SyncRequest(tuple(map(str, roots)), KB, **options)
    return storage.sync(wanted, lambda _event: None)


def done(storage: Storage, new: NewJob, identifier: str | None = None) -> JobRow:
    """A job of the worker's, ended."""
    job = storage.worker.add(new, identifier)
    deadline = time.monotonic() + 60
    while (row := storage.library.jobs.get(job.id)).status not in FINISHED:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return row


@pytest.mark.parametrize("state", ["there", "empty", "missing"])
def test_a_folder_is_retired_whatever_became_of_it(
    storage: Storage, documents: Path, tmp_path: Path, state: str
) -> None:
    (tmp_path / "other.txt").write_text("Another document.")
    run(storage, documents, tmp_path / "other.txt")
    put_source(storage.library, KB, str(documents), schedule="0 3 * * *")
    if state != "there":
        shutil.rmtree(documents)
    if state == "empty":
        documents.mkdir()
    planned = run(storage, documents, retire=True, dry_run=True)
    assert (planned.removed, len(storage.library.documents(KB))) == (3, 4)
    assert run(storage, documents, retire=True).removed == 3
    assert [row.title for row in storage.library.documents(KB)] == ["other"]
    assert storage.library.sources.all(KB) == [], "no schedule looks for it every night"
    assert storage.indexes.ensure(KB).count() == 1
    with pytest.raises(SourceUnknown):
        run(storage, documents, retire=True)
    with pytest.raises(SourceUnknown):
        run(storage, "https://example.org/nothing", retire=True)


def test_a_pattern_is_retired(storage: Storage, documents: Path) -> None:
    run(storage, documents)
    assert run(storage, documents / "*.txt", retire=True).removed == 2
    assert [Path(row.source).name for row in storage.library.documents(KB)] == ["licences.md"]


def test_what_is_there_is_synced_and_what_is_not_fails(storage: Storage, documents: Path) -> None:
    gone = documents.parent / "more"
    report = run(storage, documents, gone)
    assert (report.added, report.exit_code) == (3, 3)
    assert [failed.code for failed in report.failed] == ["source_missing"]
    assert report.failed_roots == (source_uri(gone),)
    # What had been taken in from there stays.
    gone.mkdir()
    (gone / "a.txt").write_text("A text.")
    run(storage, documents, gone)
    shutil.rmtree(gone)
    assert run(storage, documents, gone).removed == 0
    with pytest.raises(SourceMissing):
        run(storage, gone, documents.parent / "nowhere")


def test_a_source_that_cannot_be_reached_is_a_failed_job(storage: Storage, documents: Path) -> None:
    metrics = Metrics()
    storage.worker.on_ended = metrics.job_ended
    address = "http://127.0.0.1:9/page"
    row = put_source(storage.library, KB, address, schedule="0 3 * * *")
    job = done(storage, source_job(row))
    assert (job.status, job.report and job.report["failed_roots"]) == ("failed", [address])
    assert job.error is not None
    assert job.error["code"] in ("address_refused", "source_unreachable")
    last = storage.library.sources.get(row.id).last_run
    assert last is not None
    assert (last.status, last.error and last.error.code) == ("failed", job.error["code"])
    # One root of two: the report says so, and the job did what it could.
    roots = {"roots": [address, str(documents)]}
    both = done(storage, NewJob(KB, "sync", "both", roots))
    assert (both.status, both.report and both.report["added"]) == ("done", 3)
    done(storage, NewJob(KB, "sync", "no", {"roots": ["/nowhere/at/all"]}))
    text = metrics.exposition().decode()
    assert 'groundkb_jobs_total{kind="sync",outcome="partly"} 2.0' in text
    assert 'groundkb_jobs_total{kind="sync",outcome="error_source_missing"} 1.0' in text
    assert "groundkb_failed_sources_total 3.0" in text
    assert 'groundkb_synced_documents_total{outcome="added"} 3.0' in text


def test_a_wrong_path_is_told_of_before_anything_is_loaded(tmp_path: Path) -> None:
    with pytest.raises(SourceMissing):
        require_one([str(tmp_path / "a"), str(tmp_path / "b")])
    require_one([str(tmp_path / "a"), str(tmp_path)])
    require_one(["https://example.org", str(tmp_path / "a")])
    code = (
        "import sys; sys.argv = ['groundkb', 'ingest', 'sync', '/nowhere/at/all']\n"
        "from app.cli.main import execute\n"
        "code = execute()\n"
        "heavy = {'torch', 'fastapi', 'sqlalchemy', 'llama_index', 'qdrant_edge'} & sys.modules.keys()\n"
        "print(code, sorted(heavy))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert ran.stdout == "1 []\n", ran.stderr
    assert "/nowhere/at/all" in ran.stderr


def test_an_unknown_knowledge_base_is_an_error(storage: Storage, documents: Path) -> None:
    with pytest.raises(KnowledgeBaseNotFound):
        storage.sync(SyncRequest((str(documents),), "new"), lambda _event: None)
    with pytest.raises(KnowledgeBaseNotFound):
        put_source(storage.library, "new", str(documents), schedule=None)
    assert storage.library.knowledge_bases() == [KB]


def test_a_knowledge_base_is_deleted_with_everything_in_it(
    storage: Storage, documents: Path, tmp_path: Path
) -> None:
    library = storage.library
    run(storage, documents)
    library.create_knowledge_base("spare", "Spare", 10)
    (tmp_path / "own.txt").write_text("A text of its own.")
    for root in (documents, tmp_path / "own.txt"):
        storage.sync(SyncRequest((str(root),), "spare"), lambda _event: None)
    uploads_of(storage.library, storage.settings.data).stage("spare", "1", "own.txt").write_text(
        "A text of its own."
    )
    assert done(storage, upload_job("spare", "own.txt"), "1").status == "done"
    put_source(library, "spare", str(documents), schedule="0 3 * * *")
    conversation = library.conversations.create("spare")
    originals = storage.settings.data / "originals"

    def kept() -> int:
        return sum(path.is_file() and path.name != ".lock" for path in originals.rglob("*"))

    assert kept() == 4
    delete_knowledge_base(storage.deps, "spare")
    assert library.knowledge_bases() == [KB]
    assert kept() == 3, "what the other one has in common with it stays"
    assert not any((storage.settings.data / "uploads" / "spare").glob("*"))
    assert not any("kb_spare" in path.name for path in (storage.settings.data / "index").iterdir())
    assert library.conversations.count("spare") == 0
    with pytest.raises(Exception, match=conversation):
        library.conversations.get(conversation)
    assert library.jobs.latest("spare", 10) == []
    assert library.sources.all("spare") == []
    assert run(storage, documents).unchanged == 3
    with pytest.raises(KnowledgeBaseNotFound):
        delete_knowledge_base(storage.deps, "spare")
    # One of the same name begins empty.
    library.create_knowledge_base("spare", None, 10)
    assert library.documents("spare") == []
    report = storage.sync(SyncRequest((str(documents),), "spare"), lambda _event: None)
    assert report.added == 3
    assert storage.indexes.ensure("spare").count() == 3
