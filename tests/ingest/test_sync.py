"""Sync: the index equals the sources, failures are named, and refusals change nothing."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.errors import EmbeddingFailed, SourceMissing, SyncRefused, WriterBusy
from app.index.protocol import Point, Query
from app.index.spaces import VectorSpace
from app.library.library import open_library
from app.library.locks import writer_lock
from app.library.originals import Taken
from app.models.embedding import Matrix
from app.runtime import Storage, open_storage
from app.settings import Settings
from ingest.report import (
    DocumentDone,
    Planned,
    SyncEvent,
    SyncProgress,
    SyncReport,
    SyncRequest,
)
from ingest.sources.uris import source_uri
from tests.conftest import BigramEmbedder

KB = "default"


def run(storage: Storage, *roots: Path, **options: Any) -> SyncReport:
    return storage.sync(
        SyncRequest(tuple(str(root) for root in roots), KB, **options), lambda _event: None
    )


def counts(report: SyncReport) -> tuple[int, int, int, int, int]:
    return (report.added, report.changed, report.removed, report.unchanged, len(report.failed))


def texts(storage: Storage) -> dict[str, str]:
    """What a reader can find: the passages of current revisions, joined, by file name."""
    index = storage.indexes.ensure(KB)
    result = {}
    for row in storage.library.documents(KB):
        if row.revision:
            found = index.passages(row.id, row.revision)
            result[row.source.rpartition("/")[2]] = "".join(passage.text for passage in found)
    return result


def age(folder: Path, seconds: float = 60) -> None:
    """Make files old enough for their time stamps to be trusted."""
    for path in folder.rglob("*"):
        then = time.time() - seconds
        os.utime(path, (then, then))


def test_added_unchanged_changed_removed(
    storage: Storage, documents: Path, fake_embedder: BigramEmbedder
) -> None:
    age(documents)
    assert counts(run(storage, documents)) == (3, 0, 0, 0, 0)
    assert set(texts(storage)) == {"licences.md", "上下文.txt", "memory.txt"}

    embedded = fake_embedder.embedded
    assert counts(run(storage, documents)) == (0, 0, 0, 3, 0)
    assert fake_embedder.embedded == embedded, "unchanged files cost no embedding"

    (documents / "memory.txt").write_text("A 70B model needs about 40 GB.")
    (documents / "上下文.txt").unlink()
    (documents / "new.txt").write_text("A new document.")
    assert counts(run(storage, documents)) == (1, 1, 1, 1, 0)
    assert texts(storage)["memory.txt"] == "A 70B model needs about 40 GB."
    assert set(texts(storage)) == {"licences.md", "memory.txt", "new.txt"}


def test_replaced_points_are_gone(storage: Storage, documents: Path) -> None:
    run(storage, documents)
    (documents / "memory.txt").write_text("Completely different.")
    run(storage, documents)
    index = storage.indexes.ensure(KB)
    assert set(index.revisions()) == set(storage.library.current_revisions(KB))
    assert storage.library.leftovers(KB) == []


def test_a_touched_file_is_read_but_not_embedded_again(
    storage: Storage, documents: Path, fake_embedder: BigramEmbedder
) -> None:
    run(storage, documents)
    embedded = fake_embedder.embedded
    age(documents, 30)
    assert counts(run(storage, documents)) == (0, 0, 0, 3, 0)
    assert fake_embedder.embedded == embedded


def test_a_change_of_equal_size_within_the_clock_tick_is_seen(
    storage: Storage, tmp_path: Path
) -> None:
    folder = tmp_path / "f"
    folder.mkdir()
    file = folder / "a.txt"
    file.write_text("The answer is 1.")
    stamp = file.stat()
    run(storage, folder)
    file.write_text("The answer is 2.")
    os.utime(file, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert counts(run(storage, folder)) == (0, 1, 0, 0, 0)
    assert texts(storage)["a.txt"] == "The answer is 2."


def test_documents_are_found_by_search(storage: Storage, documents: Path) -> None:
    run(storage, documents)
    question = "Yi-34B 的上下文长度"
    hits = storage.indexes.ensure(KB).search(
        Query(storage.embedder.embed_query(question), storage.sparse.encode_query(question), 3)
    )
    best = hits[0].passage
    assert best.source == source_uri(documents / "上下文.txt")
    text = storage.library.text(KB, best.document_id, best.revision)
    assert text[best.start : best.end] == best.text


def test_a_root_knows_only_its_own(storage: Storage, documents: Path, tmp_path: Path) -> None:
    other = tmp_path / "documents-other"
    other.mkdir()
    (other / "x.txt").write_text("Other.")
    run(storage, documents)
    assert counts(run(storage, other)) == (1, 0, 0, 0, 0)
    assert len(storage.library.documents(KB)) == 4


def test_a_pattern_owns_what_it_names_and_nothing_else(storage: Storage, documents: Path) -> None:
    texts_only = documents / "*.txt"
    assert counts(run(storage, texts_only)) == (2, 0, 0, 0, 0)
    assert counts(run(storage, documents))[0] == 1
    (documents / "memory.txt").unlink()
    (documents / "licences.md").unlink()
    assert counts(run(storage, texts_only))[2] == 1
    assert set(texts(storage)) == {"licences.md", "上下文.txt"}
    (documents / "上下文.txt").unlink()
    with pytest.raises(SyncRefused):  # a pattern that lost everything, as a folder
        run(storage, texts_only)


def test_nested_roots_do_not_count_twice(storage: Storage, documents: Path) -> None:
    sub = documents / "sub"
    sub.mkdir()
    (sub / "x.txt").write_text("Deep.")
    assert counts(run(storage, documents, sub)) == (4, 0, 0, 0, 0)
    assert counts(run(storage, sub))[2] == 0


def test_events_add_up_to_the_report(storage: Storage, documents: Path) -> None:
    (documents / "bad.pdf").write_bytes(b"%PDF-1.7 nothing more")
    events: list[SyncEvent] = []
    report = storage.sync(SyncRequest((str(documents),), KB), events.append)
    planned = [event for event in events if isinstance(event, Planned)]
    done = [event for event in events if isinstance(event, DocumentDone)]
    assert planned[0].added == 4
    assert sorted(event.outcome for event in done) == ["added", "added", "added", "failed"]
    assert sum(event.chunks for event in done) == report.chunks
    assert report.exit_code == 3
    assert report.failed[0].code == "document_corrupt"


def test_a_known_failure_is_reported_again_without_reading(
    storage: Storage, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (documents / "bad.pdf").write_bytes(b"%PDF-1.7 nothing more")
    first = run(storage, documents)
    read: list[str] = []
    take = storage.library.originals.take

    def noting(path: Path, limit: int) -> Taken:
        read.append(path.name)
        return take(path, limit)

    monkeypatch.setattr(storage.library.originals, "take", noting)
    again = run(storage, documents)
    assert again.failed == first.failed
    assert "bad.pdf" not in read
    (documents / "bad.pdf").unlink()
    assert counts(run(storage, documents))[4] == 0


def test_a_known_failure_is_looked_at_again_when_a_limit_was_raised(
    storage: Storage, documents: Path
) -> None:
    small = replace(storage, settings=storage.settings.model_copy(update={"max_file_bytes": 10}))
    assert {item.code for item in run(small, documents).failed} == {"document_too_large"}
    assert {item.code for item in run(small, documents).failed} == {"document_too_large"}
    report = run(storage, documents)
    assert (report.added, report.failed) == (3, ())


def test_a_known_failure_is_looked_at_again_after_an_upgrade(
    storage: Storage, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (documents / "bad.pdf").write_bytes(b"%PDF-1.7 nothing more")
    run(storage, documents)
    planned: list[Planned] = []

    def note(event: object) -> None:
        if isinstance(event, Planned):
            planned.append(event)

    request = SyncRequest((str(documents),), "default")
    storage.sync(request, note)
    monkeypatch.setattr("ingest.plan.version", lambda _name: "99.0")
    storage.sync(request, note)
    assert [event.added for event in planned] == [0, 1]


def test_a_document_that_turns_bad_keeps_its_last_good_revision(
    storage: Storage, documents: Path
) -> None:
    run(storage, documents)
    (documents / "memory.txt").write_bytes(bytes(range(256)) * 20)
    report = run(storage, documents)
    assert [failed.code for failed in report.failed] == ["format_unsupported"]
    assert texts(storage)["memory.txt"].startswith("A 7B model")


def test_a_missing_root_changes_nothing(storage: Storage, documents: Path) -> None:
    run(storage, documents)
    before = texts(storage)
    with pytest.raises(SourceMissing):
        run(storage, documents / "nowhere")
    report = run(storage, documents, documents / "nowhere")
    assert [Path(root).name for root in report.failed_roots] == ["nowhere"]
    assert texts(storage) == before


def test_an_emptied_root_is_refused(storage: Storage, documents: Path) -> None:
    run(storage, documents)
    before = texts(storage)
    for path in documents.iterdir():
        path.unlink()
    with pytest.raises(SyncRefused):
        run(storage, documents)
    assert texts(storage) == before
    assert counts(run(storage, documents, allow_mass_delete=True)) == (0, 0, 3, 0, 0)
    assert storage.indexes.ensure(KB).count() == 0


def test_a_large_removal_is_refused(storage: Storage, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(10):
        (folder / f"{number}.txt").write_text(f"Document {number}.")
    run(storage, folder)
    for number in range(4):
        (folder / f"{number}.txt").unlink()
    with pytest.raises(SyncRefused, match="4; 10"):
        run(storage, folder)
    (folder / "0.txt").write_text("Document 0.")
    assert counts(run(storage, folder))[2] == 3


def test_a_dry_run_only_tells(storage: Storage, documents: Path) -> None:
    run(storage, documents)
    (documents / "memory.txt").unlink()
    (documents / "new.txt").write_text("Something new.")
    (documents / "licences.md").write_text("Another licence.")
    report = run(storage, documents, dry_run=True)
    assert report.would_add == (source_uri(documents / "new.txt"),)
    # Files that are as new as the sync are looked at again, changed or not.
    assert source_uri(documents / "licences.md") in report.would_change
    assert report.would_remove == (source_uri(documents / "memory.txt"),)
    assert len(texts(storage)) == 3


def test_two_writers_do_not_meet(storage: Storage, documents: Path) -> None:
    with (
        writer_lock(storage.settings.data, KB),
        pytest.raises(WriterBusy, match=f"process_since: {os.getpid()}; "),
    ):
        run(storage, documents)
    assert counts(run(storage, documents)) == (3, 0, 0, 0, 0)


def test_a_lost_index_is_built_again(
    make_settings: Callable[..., Settings], documents: Path, fake_embedder: BigramEmbedder
) -> None:
    storage = open_storage(make_settings(), fake_embedder)
    run(storage, documents)
    index = storage.indexes.ensure(KB)
    gone = storage.library.documents(KB)[0]
    assert gone.revision
    index.delete_revisions([(gone.id, gone.revision)])
    assert counts(run(storage, documents)) == (1, 0, 0, 2, 0)
    assert len(texts(storage)) == 3
    storage.close()


def test_points_of_unknown_documents_are_deleted(storage: Storage, documents: Path) -> None:
    run(storage, documents)
    index = storage.indexes.ensure(KB)
    row = storage.library.documents(KB)[0]
    assert row.revision
    known = index.passages(row.id, row.revision)
    stray = replace(known[0], id="7d444840-9dc0-11d1-b245-5ffdce74fad2", document_id="stray")
    index.upsert(
        [
            Point(
                stray,
                storage.embedder.embed_passages([stray.text] * len(stray.windows)),
                storage.sparse.encode_passage(stray.text),
            )
        ]
    )
    run(storage, documents)
    assert all(document != "stray" for document, _ in index.revisions())


class _Broken(BigramEmbedder):
    def embed_passages(self, texts: object, on_batch: object = None) -> Matrix:
        raise EmbeddingFailed(detail="out of memory")


def test_a_broken_model_stops_the_sync_and_nothing_is_lost(
    make_settings: Callable[..., Settings], documents: Path, fake_embedder: BigramEmbedder
) -> None:
    broken = open_storage(make_settings(), _Broken())
    with pytest.raises(EmbeddingFailed):
        run(broken, documents)
    assert texts(broken) == {}
    broken.close()
    mended = open_storage(make_settings(), fake_embedder)
    assert counts(run(mended, documents)) == (3, 0, 0, 0, 0)
    mended.close()


def test_two_libraries_stand_side_by_side(
    make_settings: Callable[..., Settings], documents: Path, tmp_path: Path
) -> None:
    one = open_storage(make_settings(data=tmp_path / "one"), BigramEmbedder())
    two = open_storage(make_settings(data=tmp_path / "two"), BigramEmbedder())
    run(one, documents)
    assert len(texts(one)) == 3
    assert two.library.documents(KB) == []
    one.close()
    two.close()


def test_the_history_of_syncs_is_kept(storage: Storage, documents: Path) -> None:
    report = run(storage, documents)
    (only,) = storage.library.runs(KB)
    assert only.finished_at is not None
    assert only.report == report.as_json()


def _incoming(originals: Path) -> list[Path]:
    copies = [path for path in originals.rglob("*") if path.is_file()]
    return [path for path in copies if "incoming" in path.parts and path.name != ".lock"]


def test_a_stopped_sync_keeps_what_it_took_in(
    storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.batch.BATCH_WINDOWS", 1)
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(6):
        (folder / f"{number}.txt").write_text(f"Document {number}.")
    done: list[SyncEvent] = []

    def on_event(event: SyncEvent) -> None:
        if isinstance(event, DocumentDone):
            done.append(event)

    report = storage.sync(SyncRequest((str(folder),), KB), on_event, stop=lambda: len(done) >= 2)
    assert (report.added, report.stopped, report.exit_code) == (2, True, 3)
    assert len(texts(storage)) == 2
    assert storage.library.runs(KB)[0].report == report.as_json()
    originals = storage.settings.data / "originals"
    # What a thread was copying when the sync stopped is thrown away when it has come.
    deadline = time.monotonic() + 10
    while _incoming(originals) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert _incoming(originals) == []
    rest = run(storage, folder)
    assert (rest.added, rest.stopped, rest.exit_code) == (4, False, 0)


def test_a_stop_within_a_long_document_leaves_it_as_it_was(
    storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.batch.BATCH_WINDOWS", 4)
    file = tmp_path / "long.txt"
    file.write_text("The old text.")
    run(storage, file)
    file.write_text("\n\n".join(f"Paragraph {n} says this and that. " * 20 for n in range(40)))
    asked = 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > 3

    report = storage.sync(SyncRequest((str(file),), KB), lambda _event: None, stop=stop)
    assert (report.changed, report.stopped) == (0, True)
    assert texts(storage) == {"long.txt": "The old text."}
    index = storage.indexes.ensure(KB)
    assert set(index.revisions()) == set(storage.library.current_revisions(KB))
    assert counts(run(storage, file)) == (0, 1, 0, 0, 0)


class _StopsAfter(BigramEmbedder):
    """Asks for a stop once so many windows are embedded."""

    def __init__(self, windows: int) -> None:
        super().__init__()
        self.left = windows

    def embed_passages(
        self, texts: Sequence[str], on_batch: Callable[[int], None] = lambda _: None
    ) -> Matrix:
        def counted(windows: int) -> None:
            self.left -= windows
            on_batch(windows)

        return super().embed_passages(texts, counted)


def test_a_stop_keeps_the_documents_that_are_embedded_as_a_whole(
    make_settings: Callable[..., Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three small ones are in one batch with a long one, which is embedded in pieces."""
    monkeypatch.setattr("ingest.batch.BATCH_WINDOWS", 4)
    monkeypatch.setattr("ingest.sync.BATCH_WINDOWS", 4)
    folder = tmp_path / "documents"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.txt").write_text(f"Document {number}.")
    long = "\n\n".join(f"Paragraph {n} says this and that. " * 20 for n in range(40))
    (folder / "long.txt").write_text(long)
    embedder = _StopsAfter(30)
    storage = open_storage(make_settings(), embedder)
    report = storage.sync(
        SyncRequest((str(folder),), KB), lambda _: None, stop=lambda: embedder.left <= 0
    )
    assert (report.added, report.stopped) == (3, True)
    assert set(texts(storage)) == {"0.txt", "1.txt", "2.txt"}
    assert -1 <= embedder.left <= 0, "it went on embedding"
    index = storage.indexes.ensure(KB)
    assert set(index.revisions()) == set(storage.library.current_revisions(KB))
    embedder.left = 1_000_000
    assert counts(run(storage, folder)) == (1, 0, 0, 3, 0)
    storage.close()


def test_progress_counts_windows_up_to_the_end(storage: Storage, documents: Path) -> None:
    told: list[SyncProgress] = []

    def on_event(event: SyncEvent) -> None:
        if isinstance(event, SyncProgress):
            told.append(event)

    storage.sync(SyncRequest((str(documents),), KB), on_event)
    last = told[-1]
    assert (last.stage, last.of_documents) == ("writing", 3)
    assert last.windows == last.of_windows > 0
    assert [step.share for step in told] == sorted(step.share for step in told)


def test_a_sync_leaves_the_incoming_files_of_another_alone(
    storage: Storage, make_settings: Callable[..., Settings], documents: Path
) -> None:
    """The sweep is for what killed processes left behind, not for a sync of another knowledge base."""
    other = open_library(storage.settings)
    taken = other.originals.take(documents / "memory.txt", 1000)
    run(storage, documents)
    assert taken.path.exists()
    other.close()
    abandoned = storage.settings.data / "originals" / "incoming" / "of-a-killed-process"
    abandoned.mkdir()
    (abandoned / "half").write_text("x")
    run(storage, documents)
    assert not abandoned.exists()


def test_a_partly_scanned_file_is_read_again_when_ocr_comes(
    settings: Settings, fake_embedder: BigramEmbedder, tmp_path: Path
) -> None:
    pictures = pytest.importorskip("tests.ingest.parse.pictures", exc_type=ImportError)
    scan = pictures.picture([(60, 200, 44, "The key hangs in room 12.")])
    folder = tmp_path / "scans"
    folder.mkdir()
    pictures.mixed_pdf(folder / "a.pdf", ["The first page is text.", scan])
    age(folder)
    without = open_storage(settings.model_copy(update={"ocr": "off"}), fake_embedder)
    assert counts(run(without, folder)) == (1, 0, 0, 0, 0)
    assert counts(run(without, folder)) == (0, 0, 0, 1, 0)
    assert "room 12" not in texts(without)["a.pdf"]
    without.close()
    opened = open_storage(settings, fake_embedder)
    assert run(opened, folder).failed == ()
    assert "room 12" in texts(opened)["a.pdf"]
    assert counts(run(opened, folder)) == (0, 0, 0, 1, 0)
    opened.close()


def test_a_sync_finds_its_index_once(
    storage: Storage, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.batch.BATCH_WINDOWS", 1)
    asked = []
    real = storage.indexes.writing

    def counted(kb: str) -> VectorSpace:
        asked.append(kb)
        return real(kb)

    monkeypatch.setattr(storage.indexes, "writing", counted)
    run(storage, documents)
    assert asked == [KB]
