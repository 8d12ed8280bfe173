"""Front matter and metadata files: tags and properties by which a search can be narrowed."""

import json
from pathlib import Path

import pytest

from app.answering.retrieve import retrieve
from app.index.protocol import Filter
from app.runtime import Storage
from app.texts import told_of
from ingest.report import SyncReport, SyncRequest
from ingest.sources.found import FoundFile
from ingest.sources.local import scan
from tests.conftest import BigramEmbedder

KB = "default"


def run(storage: Storage, root: Path) -> SyncReport:
    return storage.sync(SyncRequest((str(root),), KB), lambda _event: None)


def found(storage: Storage, **chosen: object) -> set[str]:
    """File names that a search with this filter finds."""
    hits = retrieve(
        storage.library,
        storage.indexes.reading(KB),
        storage.sparse,
        "licence",
        kb=KB,
        limit=20,
        filter=Filter(**chosen),  # type: ignore[arg-type]
    ).hits
    return {hit.passage.source.rpartition("/")[2] for hit in hits}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "a.md").write_text(
        "---\ntags: [law, draft]\nauthor: 李雷\nyear: 2024\n---\n# A\n\nThe licence is MIT.\n"
    )
    (folder / "b.txt").write_text("The licence is Apache.\n")
    (folder / "b.txt.meta.json").write_text(
        json.dumps({"tags": ["law"], "author": ["李雷", "韩梅梅"]})
    )
    (folder / "c.md").write_text("---\nauthor: 韩梅梅\n---\nThe licence is GPL.\n")
    (folder / "c.md.meta.yaml").write_text("tags: final, law\nauthor: 李雷\nreviewed: 2024-05-01\n")
    (folder / "alone.meta.json").write_text('{"licence": "none"}')
    return folder


def test_tags_and_properties_narrow_a_search(storage: Storage, folder: Path) -> None:
    report = run(storage, folder)
    assert (report.added, report.failed) == (4, ()), "a metadata file of no file is a document"
    assert found(storage, tags=("law",)) == {"a.md", "b.txt", "c.md"}
    assert found(storage, tags=("final",)) == {"c.md"}
    both = (("author", ("李雷",)),)
    assert found(storage, properties=both) == {"a.md", "b.txt", "c.md"}, "the metadata file wins"
    assert found(storage, properties=(("author", ("韩梅梅",)),)) == {"b.txt"}
    assert found(storage, properties=(("year", ("2024", "2025")), *both)) == {"a.md"}
    assert found(storage, properties=(("reviewed", ("2024-05-01",)),)) == {"c.md"}
    assert found(storage, properties=both, tags=("draft",)) == {"a.md"}
    assert found(storage, properties=(("year", ("1999",)),)) == set()
    ids = {row.source.rpartition("/")[2]: row.id for row in storage.library.documents(KB)}
    assert found(storage, properties=both, document_ids=(ids["b.txt"],)) == {"b.txt"}


def test_a_changed_metadata_file_costs_no_embedding(
    storage: Storage, folder: Path, fake_embedder: BigramEmbedder
) -> None:
    run(storage, folder)
    embedded = fake_embedder.embedded
    (folder / "c.md.meta.yaml").write_text("tags: [archived]\n")
    (folder / "a.md.meta.yml").write_text("year: 2025\n")
    (folder / "b.txt.meta.json").unlink()
    report = run(storage, folder)
    assert (report.exit_code, report.amended, report.changed) == (0, 3, 0)
    assert fake_embedder.embedded == embedded
    assert found(storage, tags=("archived",)) == {"c.md"}
    assert found(storage, tags=("final",)) == set()
    assert found(storage, tags=("law",)) == {"a.md"}, "its own tags stay"
    assert found(storage, properties=(("author", ("韩梅梅",)),)) == {"c.md"}, "its own again"
    assert found(storage, properties=(("year", ("2025",)),)) == {"a.md"}
    (folder / "a.md.meta.yml").unlink()
    run(storage, folder)
    assert found(storage, properties=(("year", ("2024",)),)) == {"a.md"}


def test_tags_given_by_hand_stay(storage: Storage, folder: Path) -> None:
    run(storage, folder)
    (row,) = (row for row in storage.library.documents(KB) if row.source.endswith("b.txt"))
    storage.set_tags(KB, row.id, ("mine",))
    (folder / "b.txt.meta.json").write_text('{"tags": ["other"], "year": 2020}')
    run(storage, folder)
    assert found(storage, tags=("mine",)) == {"b.txt"}
    assert found(storage, tags=("other",)) == set()
    assert found(storage, properties=(("year", ("2020",)),)) == {"b.txt"}


def test_a_removed_document_has_no_properties_left(storage: Storage, folder: Path) -> None:
    run(storage, folder)
    (folder / "a.md").unlink()
    run(storage, folder)
    assert storage.library.properties.matching(KB, {"year": ["2024"]}) == set()


@pytest.mark.parametrize("text", ["[1, 2", "- a\n- b\n", "x" * 70_000, "\0\1\2"])
def test_a_broken_metadata_file_is_named(storage: Storage, folder: Path, text: str) -> None:
    (folder / "b.txt.meta.json").write_text(text)
    report = run(storage, folder)
    (failed,) = report.failed
    assert (failed.code, failed.permanent) == ("sidecar_invalid", False)
    assert "b.txt.meta.json" in told_of(failed.code, failed.params, "en").message
    (folder / "b.txt.meta.json").write_text("{}")
    assert run(storage, folder).failed == ()
    assert "b.txt" in found(storage)


def test_a_root_that_is_a_file_has_its_metadata_file(folder: Path) -> None:
    (only,) = scan(folder / "b.txt")
    assert isinstance(only, FoundFile)
    assert only.sidecar == folder / "b.txt.meta.json"
    assert list(scan(folder / "alone.meta.json")) != []
