"""What only the embedded store has: one process a folder, kills, threads, damage."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.errors import DiskFull, IndexDamaged, IndexFailed, IndexInUse
from app.index.edge import EdgeStore
from app.index.fingerprint import collection_name, ensure_current
from app.index.protocol import Index
from app.index.sparse import SparseEncoder
from app.texts import told
from tests.index.material import FINGERPRINT, MemoryAliases, passage, point, question

Opener = Callable[[], EdgeStore]
REPOSITORY = Path(__file__).parents[2]

# Opens the index of the folder in argv and does what the body says, until it is killed.
CHILD = """
import sys, time
from pathlib import Path
from app.index.edge import EdgeStore
from app.index.fingerprint import ensure_current
from app.index.sparse import SparseEncoder
from tests.index.material import FINGERPRINT, MemoryAliases, passage, point

vectors = EdgeStore(Path(sys.argv[1]), MemoryAliases())
index = ensure_current(vectors, "test", FINGERPRINT)
sparse = SparseEncoder()
def say(text):
    print(text, flush=True)
"""


def run_child(folder: Path, body: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", CHILD + body, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
    )


def read_line(child: "subprocess.Popen[str]") -> str:
    assert child.stdout
    return child.stdout.readline().strip()


def kill(child: "subprocess.Popen[str]") -> None:
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    assert child.stdout
    child.stdout.close()


def test_everything_is_there_after_reopening(edge_store: Opener, sparse: SparseEncoder) -> None:
    first = edge_store()
    index = ensure_current(first, "test", FINGERPRINT)
    made = [passage("d", n, f"Sentence {n}. ", f"第{n}句。") for n in range(300)]
    index.upsert([point(one, sparse) for one in made])
    # All that can meet the question, so that no cut falls between equal scores: which of two
    # equals comes before a cut may differ from one opening to the next.
    wanted = question("Sentence 17 第17句", sparse, limit=len(made))
    before = index.search(wanted)
    assert len(before) == len(made)
    first.close()
    first.close()

    again = edge_store()
    reopened = again.open(collection_name("test", FINGERPRINT))
    assert reopened is not None
    assert reopened.passages("d", "r1") == made
    assert reopened.search(wanted) == before
    assert again.fingerprint(reopened.collection) == FINGERPRINT


def test_deleted_points_do_not_count_in_the_scores(
    edge_store: Opener, sparse: SparseEncoder
) -> None:
    """As if they had never been there: now, after `optimise`, and once it is opened again."""
    vectors = edge_store()
    made = {
        number: point(passage("d", number, f"Pump {number % 3} of plant {number}. "), sparse)
        for number in range(90)
    }
    gone = [point(passage("gone", number, f"Pump {number}. "), sparse) for number in range(60)]
    index = ensure_current(vectors, "test", FINGERPRINT)
    index.upsert([*made.values(), *gone])
    index.delete_revisions([("gone", "r1")])
    never = ensure_current(vectors, "other", FINGERPRINT)
    never.upsert(list(made.values()))
    wanted = question("pump 1 of plant 7", sparse, mode="sparse", limit=100)
    scores = [hit.score for hit in never.search(wanted)]
    assert scores
    assert [hit.score for hit in index.search(wanted)] == pytest.approx(scores)
    index.optimise()
    index.upsert(gone)
    index.delete_revisions([("gone", "r1")])
    assert [hit.score for hit in index.search(wanted)] == pytest.approx(scores)
    vectors.close()
    again = edge_store().open(collection_name("test", FINGERPRINT))
    assert again is not None
    assert [hit.score for hit in again.search(wanted)] == pytest.approx(scores)


def test_a_closed_index_says_so(edge_store: Opener, sparse: SparseEncoder) -> None:
    vectors = edge_store()
    index = ensure_current(vectors, "test", FINGERPRINT)
    vectors.close()
    with pytest.raises(IndexFailed):
        index.search(question("x", sparse))
    with pytest.raises(IndexFailed, match="closed"):
        vectors.open(index.collection)
    with pytest.raises(IndexFailed, match="closed"):
        vectors.probe()


def test_a_second_store_in_this_process_is_refused(edge_store: Opener) -> None:
    edge_store()
    with pytest.raises(IndexInUse, match=f"process_since: {os.getpid()}; "):
        edge_store()


def test_a_second_process_is_refused_until_the_first_is_killed(
    edge_store: Opener, tmp_path: Path
) -> None:
    child = run_child(tmp_path / "index", "say('open'); time.sleep(60)")
    try:
        assert read_line(child) == "open"
        with pytest.raises(IndexInUse, match=f"process_since: {child.pid}; ") as caught:
            edge_store()
        assert str(tmp_path / "index") in told(caught.value, "zh").message
    finally:
        kill(child)
    # The owner's file is still there; it holds nobody up.
    assert (tmp_path / "index" / ".owner.json").exists()
    assert ensure_current(edge_store(), "test", FINGERPRINT).count() == 0


def test_a_kill_after_a_flush_loses_nothing(edge_store: Opener, tmp_path: Path) -> None:
    child = run_child(
        tmp_path / "index",
        "index.upsert([point(passage('d', n, f'Sentence {n}.'), sparse) for n in range(500)]); "
        "index.flush(); say('written'); time.sleep(60)",
    )
    try:
        assert read_line(child) == "written"
    finally:
        kill(child)
    index = edge_store().open(collection_name("test", FINGERPRINT))
    assert index is not None
    assert index.revisions() == {("d", "r1"): 500}
    assert [one.text for one in index.passages("d", "r1")][499] == "Sentence 499."


def test_kills_in_the_middle_leave_an_index_that_opens(
    edge_store: Opener, tmp_path: Path, sparse: SparseEncoder
) -> None:
    """Documents are written, deleted and flushed until a kill at some moment; all that was
    reported as done must hold, and the rest must be repairable by doing it again."""
    body = """
for n in range(index.count(), 10**6):
    index.upsert([point(passage(f"d{n}", k, f"Sentence {k} of {n}."), sparse) for k in range(40)])
    if n % 3 == 0:
        index.delete_revisions([(f"d{n}", "r1")])
    index.flush()
    say(n)
"""
    for wait in (0.05, 0.2, 0.35):
        child = run_child(tmp_path / "index", body)
        done = [int(read_line(child))]
        deadline = time.monotonic() + wait
        while time.monotonic() < deadline:
            done.append(int(read_line(child)))
        kill(child)
        vectors = edge_store()
        index = vectors.open(collection_name("test", FINGERPRINT))
        assert index is not None
        counts = index.revisions()
        for n in done:
            assert counts.get((f"d{n}", "r1"), 0) == (0 if n % 3 == 0 else 40)
        index.upsert([point(passage("after", 0, "A zebra after the kill."), sparse)])
        assert index.search(question("zebra", sparse))[0].passage.document_id == "after"
        index.delete_revisions([(f"d{n}", "r1") for n in range(max(done) + 2)])
        index.delete_revisions([("after", "r1")])
        assert index.count() == 0
        vectors.close()


def test_what_a_killed_process_left_half_made_is_cleared(
    edge_store: Opener, tmp_path: Path
) -> None:
    for name in (".making-1", ".dropped-2"):
        (tmp_path / "index" / name / "shard").mkdir(parents=True)
    (tmp_path / "index" / "lost+found").mkdir()
    vectors = edge_store()
    names = {path.name for path in (tmp_path / "index").iterdir()}
    assert not any(name.startswith((".making", ".dropped")) for name in names)
    assert "lost+found" in names
    with pytest.raises(IndexFailed, match="collection_unmarked"):
        vectors.open("lost+found")


@pytest.mark.parametrize("name", ["", "..", "a/b", "/tmp/x", ".hidden"])
def test_a_name_cannot_leave_the_folder(edge_store: Opener, name: str) -> None:
    vectors = edge_store()
    for call in (vectors.open, vectors.drop, lambda one: vectors.create(one, FINGERPRINT)):
        with pytest.raises(IndexFailed, match="name"):
            call(name)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "index").write_text("a file")
    with pytest.raises(IndexFailed, match="index"):
        EdgeStore(tmp_path / "index", MemoryAliases())


@pytest.mark.parametrize("file", ["fingerprint.json", "shard/edge_config.json"])
def test_a_damaged_collection_is_named(
    edge_store: Opener, tmp_path: Path, sparse: SparseEncoder, file: str
) -> None:
    vectors = edge_store()
    name = ensure_current(vectors, "test", FINGERPRINT).collection
    vectors.close()
    (tmp_path / "index" / name / file).write_text("{ damaged")
    with pytest.raises(IndexDamaged, match=name):
        edge_store().open(name)


def test_searches_go_on_from_several_threads_while_one_writes(
    edge_store: Opener, sparse: SparseEncoder
) -> None:
    index = ensure_current(edge_store(), "test", FINGERPRINT)
    steady = passage("steady", 0, "The lighthouse keeper counts ships.")
    index.upsert([point(steady, sparse)])
    query = question("lighthouse keeper ships", sparse)
    stop = threading.Event()

    def search() -> int:
        searches = 0
        while not stop.is_set():
            assert index.search(query)[0].passage == steady
            searches += 1
        return searches

    with ThreadPoolExecutor() as pool:
        readers = [pool.submit(search) for _ in range(4)]
        try:
            _write_rounds(index, sparse)
        finally:
            stop.set()
        assert all(reader.result() > 0 for reader in readers)
    assert index.count() == 1 + 15 * 20


def _write_rounds(index: Index, sparse: SparseEncoder) -> None:
    for round_ in range(30):
        index.upsert(
            [point(passage(f"d{round_}", n, f"Words {n} of {round_}."), sparse) for n in range(20)]
        )
        index.set_tags(f"d{round_}", [f"t{round_}"])
        if round_ % 2:
            index.delete_revisions([(f"d{round_ - 1}", "r1")])
        if round_ % 10 == 0:
            index.flush()
            index.optimise()


def test_closing_under_searches_gives_named_errors_only(
    edge_store: Opener, sparse: SparseEncoder
) -> None:
    vectors = edge_store()
    index = ensure_current(vectors, "test", FINGERPRINT)
    index.upsert([point(passage("d", n, f"Sentence {n}."), sparse) for n in range(200)])

    def search() -> None:
        while True:
            assert len(index.search(question("Sentence 7", sparse))) == 10

    with ThreadPoolExecutor() as pool:
        readers = [pool.submit(search) for _ in range(4)]
        time.sleep(0.1)
        vectors.close()
        assert [type(reader.exception(10)) for reader in readers] == [IndexFailed] * 4


def test_a_disk_that_is_nearly_full_is_named_before_the_engine_writes(
    edge_store: Callable[[], EdgeStore], sparse: SparseEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It writes through memory maps: without room the system would kill the process."""
    vectors = edge_store()
    index = ensure_current(vectors, "test", FINGERPRINT)
    usage = shutil.disk_usage(tmp := vectors._folder)
    monkeypatch.setattr(
        "app.library.disk.shutil.disk_usage", lambda _: usage._replace(free=10**8 - 1)
    )
    with pytest.raises(DiskFull, match=str(tmp)):
        index.upsert([point(passage("d", 0, "One sentence."), sparse)])
    with pytest.raises(DiskFull):
        vectors.create("kb_test@111111111111", FINGERPRINT)
    index.delete_revisions([("d", "r1")])
    assert index.count() == 0


def test_a_file_that_a_power_cut_has_emptied_is_named(
    edge_store: Opener, sparse: SparseEncoder, tmp_path: Path
) -> None:
    """The engine then raises what is no Exception, which would end whatever works with it."""
    vectors = edge_store()
    index = ensure_current(vectors, "test", FINGERPRINT)
    index.upsert([point(passage("d", 0, "Sentence. "), sparse)])
    index.flush()
    vectors.close()
    emptied = sorted((tmp_path / "index").rglob("is_null/status.dat"))
    assert emptied
    for path in emptied:
        path.write_bytes(b"")
    with pytest.raises(IndexDamaged, match="index out of bounds"):
        edge_store().open(collection_name("test", FINGERPRINT))
