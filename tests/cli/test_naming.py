"""A document is found by what people type: paths of every kind, names, addresses, ids."""

import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.cli.naming import find_document
from app.errors import DocumentAmbiguous, DocumentNotFound
from app.library.library import open_library
from app.runtime import open_storage
from app.settings import Settings
from ingest.report import SyncRequest
from tests.cli.conftest import RunCli
from tests.conftest import BigramEmbedder
from tests.uploading import upload

NAMES = ("中文.md", "雨衣 说明（最终版）🙂.txt", "Prüfbericht Öl.txt", "100% #1?.txt", "a%20b.txt")


@pytest.fixture
def folder(
    make_settings: Callable[..., Settings], fake_embedder: BigramEmbedder, tmp_path: Path
) -> Iterator[Path]:
    """A library over two folders with one name in common, and one upload."""
    folder = tmp_path / "我的 library"
    for place in (folder, folder / "sub"):
        place.mkdir()
        (place / "readme.md").write_text(f"# Read me\n\nOf {place.name}.\n")
    for name in NAMES:
        (folder / name).write_text(f"This is {name}.\n")
    decomposed = unicodedata.normalize("NFD", "Café.txt")
    (folder / decomposed).write_text("Decomposed.\n")
    storage = open_storage(make_settings(), fake_embedder)
    try:
        report = storage.sync(SyncRequest((str(folder),), "default"), lambda _: None)
        assert (report.added, report.failed) == (len(NAMES) + 3, ())
        assert upload(storage, "1", "报告.txt", "An upload.\n") == "done"
        yield folder
    finally:
        storage.close()


def test_every_way_of_naming_it(
    folder: Path, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = open_library(settings)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to(folder)

    def found(wanted: str) -> str:
        return library.text("default", find_document(library, "default", wanted).id).strip()

    for name in NAMES:
        path = folder / name
        for wanted in (
            name,
            str(path),
            f"我的 library/{name}",
            f"./我的 library/sub/../{name}",
            f"link/{name}",
            path.as_uri(),
        ):
            assert found(wanted) == f"This is {name}.", wanted
    for form in ("NFC", "NFD"):
        assert found(unicodedata.normalize(form, "Café.txt")) == "Decomposed."
        assert found(unicodedata.normalize(form, str(folder / "Café.txt"))) == "Decomposed."
    assert found("报告.txt") == found("upload:///报告.txt") == "An upload."
    assert found("sub/readme.md").endswith("Of sub.")
    monkeypatch.chdir(folder)
    assert found("readme.md").endswith("Of 我的 library."), "the one that is here"
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DocumentAmbiguous) as ambiguous:
        found("readme.md")
    assert len(ambiguous.value.sources) == 2
    for nothing in ("", "other.md", "ocs/readme.md", "."):
        with pytest.raises(DocumentNotFound):
            found(nothing)


def test_on_the_command_line(
    folder: Path, run_cli: RunCli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    assert "中文.md" in run_cli("documents", "text", "中文.md").out
    shown = run_cli("documents", "show", NAMES[1])
    assert shown.code == 0, shown.err
    assert "雨衣" in shown.out
    assert run_cli("documents", "show", "sub/readme.md", "--json").json["title"] == "Read me"
    assert run_cli("documents", "show", "nowhere.md").code == 1
