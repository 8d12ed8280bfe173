"""Backup and restore: identical search results, and never half a library."""

import bz2
import gzip
import io
import json
import lzma
import random
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app.answering.retrieve import retrieve
from app.errors import (
    BackupInvalid,
    BackupTooNew,
    BackupUnsupported,
    IndexMissing,
    RestoreTargetNotEmpty,
    RestoreUnfinished,
)
from app.index.edge import EdgeStore
from app.index.server import in_memory
from app.index.spaces import Spaces
from app.library.archive import RESTORING, restore_archive
from app.library.library import open_library
from app.models.embedding import Embedder
from app.runtime import Storage, open_storage
from app.settings import Settings
from app.texts import told
from ingest.backup import backup
from ingest.chunk import CHUNKING_VERSION
from ingest.report import SyncRequest
from tests.conftest import BigramEmbedder

KB = "default"
QUESTIONS = ("DeepSeek uses which licence?", "Yi-34B 的上下文长度是多少？", "memory of a 7B model")


@pytest.fixture
def storage(
    settings: Settings, fake_embedder: BigramEmbedder, documents: Path
) -> Iterator[Storage]:
    opened = open_storage(settings, fake_embedder)
    opened.sync(SyncRequest((str(documents),), KB), lambda _event: None)
    yield opened
    opened.close()


def results(storage: Storage) -> list[tuple[str, str, float, float]]:
    return [
        (question, hit.passage.id, hit.score, hit.cosine)
        for question in QUESTIONS
        for hit in retrieve(
            storage.library, storage.indexes.reading(KB), storage.sparse, question, kb=KB, limit=5
        ).hits
    ]


@pytest.mark.parametrize("name", ["b.tar", "b.tar.gz", ""])
def test_a_restored_library_finds_the_same_with_the_same_scores(
    storage: Storage, make_settings: Callable[..., Settings], tmp_path: Path, name: str
) -> None:
    (tmp_path / "out").mkdir()
    report = storage.backup(tmp_path / "out" / name)
    assert (report.documents, report.vectors) == (3, True)
    archive = Path(report.path)
    assert archive.stat().st_mode & 0o777 == 0o600
    assert report.bytes == archive.stat().st_size
    before = results(storage)
    manifest = restore_archive(archive, tmp_path / "restored")
    assert sum(manifest.documents.values()) == 3
    restored = open_storage(make_settings(data=tmp_path / "restored"), BigramEmbedder())
    assert results(restored) == before
    assert len(before) > len(QUESTIONS)
    for row in storage.library.documents(KB):
        there = restored.library.original(KB, row.id)
        assert there.read_bytes() == storage.library.original(KB, row.id).read_bytes()
        assert restored.library.text(KB, row.id) == storage.library.text(KB, row.id)
    report_again = restored.sync(
        SyncRequest((str(tmp_path / "documents"),), KB), lambda _event: None
    )
    assert (report_again.unchanged, report_again.added, report_again.changed) == (3, 0, 0)
    restored.close()
    assert not list(storage.settings.data.glob(".backup-*"))


def sparse_scores(storage: Storage) -> dict[tuple[str, str], float]:
    space = storage.indexes.reading(KB)
    return {
        (question, hit.passage.id): hit.score
        for question in QUESTIONS
        for hit in retrieve(
            storage.library, space, storage.sparse, question, kb=KB, limit=5, mode="sparse"
        ).hits
    }


def test_documents_that_were_changed_and_removed_do_not_count_in_the_scores_that_are_saved(
    storage: Storage, make_settings: Callable[..., Settings], documents: Path, tmp_path: Path
) -> None:
    for round_ in range(3):
        (documents / "memory.txt").write_text(f"A 7B model needs {round_ + 4} GB of memory.\n")
        (documents / f"extra-{round_}.txt").write_text(f"Memory of a model, part {round_}.\n")
        (documents / f"extra-{round_ - 1}.txt").unlink(missing_ok=True)
        storage.sync(SyncRequest((str(documents),), KB), lambda _event: None)
    before = sparse_scores(storage)
    assert before
    storage.backup(tmp_path / "b.tar")
    restore_archive(tmp_path / "b.tar", tmp_path / "restored")
    restored = open_storage(make_settings(data=tmp_path / "restored"), BigramEmbedder())
    assert sparse_scores(restored) == pytest.approx(before)
    restored.close()


def test_a_second_backup_leaves_the_copy_of_the_first_alone(
    storage: Storage, make_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    first, second = tmp_path / "first.tar", tmp_path / "second.tar"

    def on_step(step: str) -> None:
        if step == "pack" and not second.exists():
            storage.backup(second)

    backup(storage.settings, storage.library, storage.vectors, first, on_step)
    before = results(storage)
    for archive in (first, second):
        restore_archive(archive, tmp_path / archive.stem)
        restored = open_storage(make_settings(data=tmp_path / archive.stem), BigramEmbedder())
        assert results(restored) == before
        restored.close()


def test_a_restored_library_of_the_real_model_finds_the_same(
    make_settings: Callable[..., Settings], real_embedder: Embedder, documents: Path, tmp_path: Path
) -> None:
    storage = open_storage(make_settings(), real_embedder)
    storage.sync(SyncRequest((str(documents),), KB), lambda _event: None)
    before = results(storage)
    storage.backup(tmp_path / "b.tar.gz")
    storage.close()
    restore_archive(tmp_path / "b.tar.gz", tmp_path / "restored")
    restored = open_storage(make_settings(data=tmp_path / "restored"), real_embedder)
    assert results(restored) == before
    restored.close()


def test_a_folder_that_is_used_is_refused(storage: Storage, tmp_path: Path) -> None:
    storage.backup(tmp_path / "b.tar")
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "letter.txt").write_text("mine")
    with pytest.raises(RestoreTargetNotEmpty):
        restore_archive(tmp_path / "b.tar", tmp_path / "used")
    with pytest.raises(RestoreTargetNotEmpty):
        restore_archive(tmp_path / "b.tar", storage.settings.data)
    assert [path.name for path in (tmp_path / "used").iterdir()] == ["letter.txt"]


def rewritten(archive: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """The archive with each member's content as `change` has it; None leaves it out."""
    target = archive.with_name("changed.tar")
    with tarfile.open(archive) as old, tarfile.open(target, "w") as new:
        for member in old:
            stream = old.extractfile(member)
            assert stream is not None
            content = change(member.name, stream.read())
            if content is not None:
                member.size = len(content)
                new.addfile(member, io.BytesIO(content))
    return target


def test_broken_archives_are_refused_and_leave_nothing(storage: Storage, tmp_path: Path) -> None:
    whole = tmp_path / "b.tar"
    storage.backup(whole)
    cut = tmp_path / "cut.tar"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    zipped = tmp_path / "cut.tar.gz"
    zipped.write_bytes(gzip.compress(whole.read_bytes())[:-2000])
    text = tmp_path / "text.tar"
    text.write_text("This is no archive.")

    def flipped(name: str, content: bytes) -> bytes:
        if name.startswith("originals/"):
            return content[:-1] + bytes([content[-1] ^ 1])
        return content

    cases = [
        cut,
        zipped,
        text,
        tmp_path / "nothing-there.tar",
        rewritten(whole, flipped),
        rewritten(whole, lambda name, c: None if name == "manifest.json" else c),
        rewritten(whole, lambda name, c: None if name.startswith("originals/") else c),
    ]
    for archive in cases:
        with pytest.raises(BackupInvalid):
            restore_archive(archive, tmp_path / "target")
        assert not (tmp_path / "target" / "library.sqlite3").exists()
        assert list((tmp_path / "target").iterdir() if (tmp_path / "target").exists() else []) == []
    restore_archive(whole, tmp_path / "target")


def test_a_member_that_would_leave_the_folder_is_refused(storage: Storage, tmp_path: Path) -> None:
    storage.backup(tmp_path / "b.tar")
    strange = ("server.json", "originals/../server.json", "notes.txt", "locks/a", ".env", "index")
    for name in ("../outside", "/outside", "a/../../outside", *strange):
        with tarfile.open(tmp_path / "evil.tar", "w") as tar:
            member = tarfile.TarInfo(name)
            member.size = 1
            tar.addfile(member, io.BytesIO(b"x"))
        with pytest.raises(BackupInvalid, match="archive_member_unexpected"):
            restore_archive(tmp_path / "evil.tar", tmp_path / "deep" / "target")
    assert not (tmp_path / "outside").exists()
    link = tarfile.TarInfo("originals")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc"
    with tarfile.open(tmp_path / "evil.tar", "w") as tar:
        tar.addfile(link)
    with pytest.raises(BackupInvalid, match="archive_member_unexpected"):
        restore_archive(tmp_path / "evil.tar", tmp_path / "deep" / "target")


def test_a_newer_backup_is_refused(storage: Storage, tmp_path: Path) -> None:
    storage.backup(tmp_path / "b.tar")

    def newer(name: str, content: bytes) -> bytes:
        if name != "manifest.json":
            return content
        return json.dumps({**json.loads(content), "schema": 99, "groundkb": "9.9"}).encode()

    with pytest.raises(BackupTooNew, match=r"9\.9"):
        restore_archive(rewritten(tmp_path / "b.tar", newer), tmp_path / "target")


_RESTORE = """
import os, signal, sys
from pathlib import Path
from app.library.archive import restore_archive
left = int(sys.argv[3])
def on_step(step):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
restore_archive(Path(sys.argv[1]), Path(sys.argv[2]), on_step)
"""


def test_a_killed_restore_is_no_library_and_can_be_repeated(
    storage: Storage, make_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    storage.backup(tmp_path / "b.tar")
    target = tmp_path / "target"
    steps: list[str] = []
    restore_archive(tmp_path / "b.tar", tmp_path / "counted", steps.append)
    for boundary in (0, steps.index("verified"), steps.index("place") + 1, steps.index("placed")):
        done = subprocess.run(
            [sys.executable, "-c", _RESTORE, str(tmp_path / "b.tar"), str(target), str(boundary)],
            cwd=Path(__file__).parents[2],
            check=False,
        )
        assert done.returncode == -9
        assert (target / RESTORING).is_dir()
        with pytest.raises(RestoreUnfinished):
            open_library(make_settings(data=target))
    restore_archive(tmp_path / "b.tar", target)
    restored = open_storage(make_settings(data=target), BigramEmbedder())
    assert results(restored) == results(storage)
    restored.close()


def test_only_the_current_collections_are_in_it(
    storage: Storage, make_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    from ingest.reindex import ReindexDeps, reindex

    deps = ReindexDeps(
        storage.settings, storage.library, storage.indexes, storage.sparse, storage.readers
    )
    reindex(deps, BigramEmbedder("other-model", 32))
    storage.backup(tmp_path / "b.tar")
    restore_archive(tmp_path / "b.tar", tmp_path / "restored")
    assert len(list((tmp_path / "restored" / "index").iterdir())) == 1
    restored = open_storage(
        make_settings(data=tmp_path / "restored"), BigramEmbedder("other-model", 32)
    )
    assert results(restored) == results(storage)
    restored.close()


def test_questions_and_removals_go_on_during_a_backup(storage: Storage, tmp_path: Path) -> None:
    asked: list[int] = []

    def on_step(_step: str) -> None:
        asked.append(len(results(storage)))

    backup(storage.settings, storage.library, storage.vectors, tmp_path / "b.tar", on_step)
    assert asked
    assert all(asked)


def test_vectors_on_a_server_are_said_to_be_left_out(
    settings: Settings, fake_embedder: BigramEmbedder, documents: Path, tmp_path: Path
) -> None:
    library = open_library(settings)
    library.add_knowledge_base(KB)
    report = backup(settings, library, in_memory(), tmp_path / "b.tar")
    assert report.documents == 0
    library.close()
    made = settings.model_copy(update={"database_url": "postgresql://x/y"})
    with pytest.raises(BackupUnsupported):
        backup(made, library, in_memory(), tmp_path / "b.tar")


def test_a_database_shared_with_another_folder_says_so_instead_of_finding_nothing(
    storage: Storage, tmp_path: Path
) -> None:
    """The documents are listed, but the embedded index is in the other GROUNDKB_DATA."""
    assert storage.library.current_count(KB) == 3
    with closing(EdgeStore(tmp_path / "other" / "index", storage.library)) as vectors:
        space = Spaces(vectors, storage.embedder, CHUNKING_VERSION).reading(KB)
    with pytest.raises(IndexMissing) as caught:
        retrieve(storage.library, space, storage.sparse, "licence", kb=KB, limit=3)
    assert "GROUNDKB_DATA" in told(caught.value, "zh").hint


@pytest.mark.parametrize("packed", [gzip.compress, lzma.compress, bz2.compress])
def test_an_archive_of_which_any_byte_is_wrong_is_refused_by_name(
    packed: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    """What unpacks it says so in its own way."""
    words, buffer = random.Random(1), io.BytesIO()
    content = " ".join(f"w{words.randrange(3000)}" for _ in range(20_000)).encode()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        member = tarfile.TarInfo("originals/ab/x")
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    whole = packed(buffer.getvalue())
    for place in range(len(whole) // 40, len(whole), len(whole) // 40):
        broken = bytearray(whole)
        broken[place] ^= 0xFF
        (tmp_path / "b.tar").write_bytes(broken)
        with pytest.raises(BackupInvalid):
            restore_archive(tmp_path / "b.tar", tmp_path / "target")


def test_what_is_no_archive_is_told_in_a_line(tmp_path: Path) -> None:
    """It was told what each of tarfile's readers said of it."""
    (tmp_path / "b.tar.gz").write_text("Product,Price\n")
    with pytest.raises(BackupInvalid) as caught:
        restore_archive(tmp_path / "b.tar.gz", tmp_path / "target")
    for language in ("en", "zh"):
        assert "\n" not in told(caught.value, language).message
