"""Where originals and uploads lie: one suite over a folder, S3 and Google Cloud Storage as they speak."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.errors import FilesUnreachable, SettingsInvalid
from app.library.files import BucketFiles, FileStore, FolderFiles
from app.library.originals import Originals
from app.settings import load_settings
from ingest.uploads import Uploads, upload_source
from tests.ingest.sources.stores import STORES


@pytest.fixture(params=["folder", "s3", "gs"])
def files(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FileStore]:
    if request.param == "folder":
        (tmp_path / "files").mkdir()
        yield FolderFiles(tmp_path / "files")
        return
    with STORES[request.param](tmp_path / "store", monkeypatch) as store:
        yield BucketFiles(f"{store.root}/")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "data" / "originals").mkdir(parents=True)
    return tmp_path / "data"


def put(files: FileStore, folder: Path, name: str, text: str) -> None:
    path = folder / "written"
    path.write_text(text, encoding="utf-8")
    files.put(path, name)
    assert not path.exists()


def text(files: FileStore, name: str) -> str | None:
    kept = files.look(name)
    return None if kept is None else b"".join(files.blocks(kept)).decode()


def test_a_file_is_put_found_moved_and_removed(files: FileStore, tmp_path: Path) -> None:
    assert files.look("a/b.txt") is None
    put(files, tmp_path, "a/b.txt", "Some text.")
    put(files, tmp_path, "a/b.txt", "其他文字。")
    assert files.look("a") is None, "a folder is no file"
    kept = files.look("a/b.txt")
    assert kept is not None
    assert (kept.name, kept.size) == ("a/b.txt", len("其他文字。".encode()))
    assert abs(kept.written - time.time()) < 600
    assert text(files, "a/b.txt") == "其他文字。"
    put(files, tmp_path, "c/报告 #1?%20*.md", "Old.")
    files.share("a/b.txt", "c/报告 #1?%20*.md")
    files.move("a/b.txt", "c/报告 #1?%20*.md")
    assert text(files, "c/报告 #1?%20*.md") == "其他文字。"
    assert files.look("a/b.txt") is None
    files.remove("c/报告 #1?%20*.md")
    files.remove("c/报告 #1?%20*.md")
    assert files.look("c/报告 #1?%20*.md") is None


def test_a_folder_is_listed_and_removed_alone(files: FileStore, tmp_path: Path) -> None:
    names = ["a/1.txt", "a/deep/er/2.txt", "ab/3.txt", "a.txt"]
    for name in names:
        put(files, tmp_path, name, name)
    assert [kept.name for kept in files.beneath("a")] == ["a/1.txt", "a/deep/er/2.txt"]
    assert list(files.beneath("nothing")) == []
    files.remove_beneath("a")
    files.remove_beneath("a")
    assert [name for name in names if files.look(name)] == ["ab/3.txt", "a.txt"]


def test_a_state_changes_with_what_a_file_holds(files: FileStore, tmp_path: Path) -> None:
    put(files, tmp_path, "a", "one")
    first = files.look("a")
    assert first == files.look("a")
    put(files, tmp_path, "a", "two")
    second = files.look("a")
    assert first is not None
    assert second is not None
    assert first.state != second.state


def test_what_vanishes_before_it_is_read_is_told_as_gone(files: FileStore, tmp_path: Path) -> None:
    put(files, tmp_path, "a", "text")
    kept = files.look("a")
    assert kept is not None
    files.remove("a")
    with pytest.raises(FileNotFoundError):
        list(files.blocks(kept))


def test_originals_come_back_as_they_were(files: FileStore, data: Path, tmp_path: Path) -> None:
    originals = Originals(files, data)
    (tmp_path / "f").write_bytes(bytes(range(256)) * 9_000)
    taken = originals.take(tmp_path / "f", 10_000_000)
    originals.keep(taken)
    # Another machine has another folder.
    (tmp_path / "other" / "originals").mkdir(parents=True)
    elsewhere = Originals(files, tmp_path / "other")
    path = elsewhere.fetch(taken.revision)
    assert path is not None
    assert path.read_bytes() == bytes(range(256)) * 9_000
    elsewhere.release(path)
    again = elsewhere.fetch(taken.revision)
    assert again is not None
    assert again == path or not path.exists(), "a copy is let go of, an original stays"
    elsewhere.release(again)
    elsewhere.remove(taken.revision)
    assert originals.fetch(taken.revision) is None
    originals.close()
    elsewhere.close()


def test_an_upload_is_found_at_another_machine(
    files: FileStore, data: Path, tmp_path: Path
) -> None:
    here = Uploads(files, files.folder if isinstance(files, FolderFiles) else data)
    there = Uploads(files, tmp_path / "other")
    for job, name, content in (("job-1", "规则/a b.txt", "old"), ("job-2", "规则/a b.txt", "new")):
        here.stage("kb", job, f"{name}.part").write_text(content)
        here.arrived("kb", job, f"{name}.part", name)
        assert there.waits("kb", job, name)
        found = there.find("kb", job, name)
        assert found is not None
        assert found.source == upload_source(name)
        taken = found.take(Originals(files, data), 100)
        assert taken.path.read_text() == content
        assert there.digest(found) == taken.revision
        there.put_in_place("kb", job, found.source, taken.revision)
        assert not there.waits("kb", job, name)
        [placed] = there._in_place("kb")
        assert placed.source == upload_source(name)
        again = there.find("kb", job, name)
        assert again is not None
        assert there.digest(again) == taken.revision
    assert not [path for path in data.rglob("*.part") if path.is_file()]
    there.sweep(["kb"], lambda _jobs: set())
    there.remove_all("kb")
    assert list(there._in_place("kb")) == []


@pytest.mark.parametrize("kind", ["s3", "gs"])
def test_what_waits_too_long_in_a_bucket_is_swept(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with STORES[kind](tmp_path / "store", monkeypatch) as store:
        uploads = Uploads(BucketFiles(store.root), tmp_path)
        for job in ("lost", "queued"):
            uploads.stage("kb", job, "a.txt").write_text("text")
            uploads.arrived("kb", job, "a.txt", "a.txt")
        uploads.sweep(["kb"], lambda _jobs: set())
        assert uploads.waits("kb", "lost", "a.txt"), "it came this moment"
        later = time.time() + 2 * 86_400
        monkeypatch.setattr("ingest.uploads.time.time", lambda: later)
        uploads.sweep(["kb"], lambda jobs: {"queued"} & set(jobs))
        assert not uploads.waits("kb", "lost", "a.txt")
        assert uploads.waits("kb", "queued", "a.txt")


def test_a_bucket_that_refuses_or_is_not_there_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with STORES["s3"](tmp_path / "store", monkeypatch) as store:
        missing = BucketFiles("s3://no-such-bucket/kb")
        with pytest.raises(FilesUnreachable) as raised:
            put(missing, tmp_path, "a", "text")
        assert raised.value.params["url"] == "s3://no-such-bucket/kb"
        assert (tmp_path / "written").exists(), "what could not be put is not lost"
        store.deny()
        with pytest.raises(FilesUnreachable):
            BucketFiles(store.root).look("a")


def test_a_bucket_needs_what_several_machines_need(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid) as raised:
        load_settings(data=tmp_path, originals_url="s3://bucket/kb")
    assert "originals_shared" in str(raised.value)
