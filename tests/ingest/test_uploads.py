"""What uploaded files are called and where they lie."""

import os
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.library.files import FolderFiles
from app.runtime import open_storage
from app.settings import Settings
from ingest.sources.names import safe_name, safe_path
from ingest.sources.uris import path_of
from ingest.uploads import SCHEME, Uploads, again_job, upload_source, uploads_of
from tests.conftest import BigramEmbedder
from tests.uploading import upload


@pytest.mark.parametrize(
    ("given_name", "wanted"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\报告.docx", "报告.docx"),
        ("a\nb\r\x00c.txt", "a b c.txt"),
        ("🎉 party.md", "🎉 party.md"),
        ("..", "unnamed"),
        ("", "unnamed"),
        (".hidden", "hidden"),
        ("dir/", "unnamed"),
        ("e\u0301t\u00e9.txt", "\u00e9t\u00e9.txt"),
        ("\u202egnp.exe", "gnp.exe"),  # right-to-left override
    ],
)
def test_names(given_name: str, wanted: str) -> None:
    assert safe_name(given_name) == wanted


@pytest.mark.parametrize(
    ("given_name", "wanted"),
    [
        ("handbook/内部/rules.md", "handbook/内部/rules.md"),
        ("handbook\\rules.md", "handbook/rules.md"),
        ("a/./ .b /c\n.md", "a/b/c .md"),
        ("rules.md", "rules.md"),
        ("/home/me/rules.md", "rules.md"),
        ("C:\\Users\\me\\rules.md", "rules.md"),
        ("a/../../rules.md", "rules.md"),
        ("a/b/", "a/b/unnamed"),
        ("长" * 40 + "/" + "x/" * 300 + "rules.md", "x/" * 300 + "rules.md"),
    ],
)
def test_paths(given_name: str, wanted: str) -> None:
    assert safe_path(given_name) == wanted


def test_a_file_keeps_its_folders_in_its_place_and_when_it_is_read_again(tmp_path: Path) -> None:
    uploads = Uploads(FolderFiles(tmp_path), tmp_path)
    for job, name in (("job-1", "inner/a.txt"), ("job-2", "other/a.txt")):
        uploads.stage("default", job, name).write_text(name)
        found = uploads.find("default", job, name)
        assert found is not None
        uploads.put_in_place("default", job, found.source)
        placed = uploads.find("default", job, name)
        assert placed is not None
        assert placed.path.read_text() == name
        assert again_job("default", placed.source).request == {"name": name}
    assert {found.source for found in uploads._in_place("default")} == {
        "upload:///inner/a.txt",
        "upload:///other/a.txt",
    }


def test_long_names_keep_their_ending_and_stay_apart() -> None:
    one, other = safe_name("长" * 300 + "1.pdf"), safe_name("长" * 300 + "2.pdf")
    assert one != other
    assert one.endswith(".pdf")
    assert len(one.encode()) <= 180
    assert safe_name("x" * 300).startswith("xxx")


@given(st.text(max_size=400))
def test_any_name_is_one_component_and_comes_back_from_its_source(name: str) -> None:
    safe = safe_name(name)
    assert safe
    assert safe == safe_name(safe)
    assert Path("/folder", safe).parent == Path("/folder")
    assert safe not in (".", "..")
    assert len(safe.encode()) <= 255
    source = upload_source(safe)
    assert source.startswith(f"{SCHEME}/")
    assert path_of("file://" + source.removeprefix(SCHEME)) == Path("/") / safe


def test_a_file_moves_to_its_place_and_replaces_the_one_before(tmp_path: Path) -> None:
    uploads = Uploads(FolderFiles(tmp_path), tmp_path)
    for job, text in (("job-1", "old"), ("job-2", "new")):
        uploads.stage("default", job, "a.txt").write_text(text)
        found = uploads.find("default", job, "a.txt")
        assert found is not None
        assert found.source == "upload:///a.txt"
        uploads.put_in_place("default", job, found.source)
        placed = uploads.find("default", job, "a.txt")
        assert placed is not None
        assert placed.path != found.path
        assert placed.path.read_text() == text
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["a.txt"]


def test_only_old_files_without_an_active_job_are_swept(tmp_path: Path) -> None:
    uploads = Uploads(FolderFiles(tmp_path), tmp_path)
    staged = {job: uploads.stage("default", job, "a.txt") for job in ("lost", "queued", "coming")}
    two_days_ago = time.time() - 2 * 86_400
    for job, path in staged.items():
        path.write_text("text")
        if job != "coming":
            os.utime(path.parent, (two_days_ago, two_days_ago))
    uploads.sweep(["default"], lambda jobs: {"queued"} & set(jobs))
    assert {job for job, path in staged.items() if path.exists()} == {"queued", "coming"}


def test_an_upload_and_its_original_are_one_file_on_disk(
    make_settings: Callable[..., Settings], fake_embedder: BigramEmbedder, tmp_path: Path
) -> None:
    with closing(open_storage(make_settings(), fake_embedder)) as storage:
        library = storage.library
        uploads = uploads_of(library, storage.settings.data)
        for bar in (6, 7):
            assert upload(storage, f"job-{bar}", "pump.txt", f"Pump 1 has {bar} bar.\n") == "done"
            [row] = library.documents("default")
            original = library.original("default", row.id)
            place = storage.settings.data / "uploads" / "default" / row.id / "pump.txt"
            assert place.samefile(original)
            assert original.stat().st_nlink == 2
            assert place.read_text() == f"Pump 1 has {bar} bar.\n"
        # A sync knows it by its time and does not read it again.
        assert uploads.unread(library, "default", "") == []
        # One that fails leaves the last good revision's original alone.
        assert upload(storage, "job-0", "pump.txt", "") == "failed"
        [row] = library.documents("default")
        assert row.status == "stale"
        assert library.original("default", row.id).read_text() == "Pump 1 has 7 bar.\n"
        storage.delete("default", (row.id,))
        assert uploads.unread(library, "default", "") == [], "a sync does not bring it back"
        assert place.exists()
        storage.restore("default", (row.id,))
        assert library.document("default", row.id).revision == row.revision
        storage.delete("default", (row.id,))
        storage.settings = make_settings(undo_days=0)
        storage.purge()
        assert not place.exists()
        assert not original.exists()
        assert storage.indexes.ensure("default").count() == 0
