"""A file that moves, is renamed or changes case keeps its document, with its tags and properties;
sync keeps to that over any tree of files and any changes of it."""

import json
import os
import time
import unicodedata
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.errors import SyncRefused
from app.index.protocol import Query
from app.runtime import Storage, open_storage
from app.settings import Settings
from ingest.report import SyncReport, SyncRequest
from ingest.sources.uris import path_of, source_uri
from tests.conftest import BigramEmbedder
from tests.ingest.parse.make import zipped

KB = "default"
# Rows and short lines are embedded with the document's name before them, long prose without.
PROSE = "The canteen on the second floor opens at seven and closes at three on working days. " * 6
TABLE = "part,price\nvalve,12\npump,80\n"


def run(storage: Storage, *roots: Path, **options: Any) -> SyncReport:
    wanted = SyncRequest(tuple(map(str, roots)), KB, **options)
    return storage.sync(wanted, lambda _event: None)


def counts(report: SyncReport) -> dict[str, int]:
    names = ("added", "changed", "moved", "amended", "removed", "unchanged")
    return {name: getattr(report, name) for name in names if getattr(report, name)}


def ids(storage: Storage) -> dict[str, str]:
    """Document ids by file name."""
    return {path_of(row.source).name: row.id for row in storage.library.documents(KB)}


def points(storage: Storage) -> Counter[tuple[str, ...]]:
    """All that a search can find: what a library made of the same files at once would hold too."""
    index = storage.indexes.ensure(KB)
    found: Counter[tuple[str, ...]] = Counter()
    for row in storage.library.documents(KB):
        if row.revision is None:
            continue
        passages = index.passages(row.id, row.revision)
        assert len(passages) == row.chunks
        vectors = index.vectors(row.id, row.revision)
        for passage in passages:
            rounded = json.dumps((vectors[passage.id] * 100).round().astype(int).tolist())
            text = storage.library.text(KB, row.id)
            assert text[passage.start : passage.end] == passage.text
            assert passage.source == row.source
            found[(row.source, row.title, passage.title, passage.text, rounded, *row.tags)] += 1
    assert sum(found.values()) == index.count()
    return found


def test_a_file_that_moves_keeps_its_document(
    storage: Storage, fake_embedder: BigramEmbedder, tmp_path: Path
) -> None:
    folder = tmp_path / "docs"
    (folder / "old").mkdir(parents=True)
    (folder / "old" / "canteen.txt").write_text(PROSE)
    (folder / "old" / "prices.csv").write_text(TABLE)
    (folder / "stays.txt").write_text("Stays.")
    assert counts(run(storage, folder)) == {"added": 3}
    before = ids(storage)
    storage.set_tags(KB, before["canteen.txt"], ("kitchen",))
    embedded = fake_embedder.embedded
    (folder / "new" / "deep").mkdir(parents=True)
    (folder / "old" / "canteen.txt").rename(folder / "new" / "deep" / "canteen.txt")
    (folder / "old" / "prices.csv").rename(folder / "prices.csv")
    planned = run(storage, folder, dry_run=True)
    assert (planned.moved, planned.would_remove) == (2, ())
    assert len(planned.would_move) == 2
    assert counts(run(storage, folder)) == {"moved": 2, "unchanged": 1}
    assert fake_embedder.embedded == embedded, "nothing of it is embedded again"
    assert ids(storage) == before
    row = storage.library.document(KB, before["canteen.txt"])
    assert (row.source, row.tags) == (
        source_uri(folder / "new" / "deep" / "canteen.txt"),
        ("kitchen",),
    )
    question = "When does the canteen open?"
    query = Query(storage.embedder.embed_query(question), storage.sparse.encode_query(question), 1)
    (hit,) = storage.indexes.ensure(KB).search(query)
    assert hit.passage.source == row.source
    assert counts(run(storage, folder)) == {"unchanged": 3}


def test_documents_of_an_archive_move_with_it_and_out_of_it(
    storage: Storage, fake_embedder: BigramEmbedder, tmp_path: Path
) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    zipped(folder / "old.zip", {"a/canteen.txt": PROSE, "prices.csv": TABLE})
    assert counts(run(storage, folder)) == {"added": 2}
    before = ids(storage)
    storage.set_tags(KB, before["canteen.txt"], ("kitchen",))
    embedded = fake_embedder.embedded
    assert counts(run(storage, folder)) == {"unchanged": 2}
    (folder / "old.zip").rename(folder / "new.zip")
    assert counts(run(storage, folder)) == {"moved": 2}
    (folder / "new.zip").unlink()
    (folder / "canteen.txt").write_text(PROSE)
    zipped(folder / "new.zip", {"prices.csv": TABLE})
    assert counts(run(storage, folder)) == {"moved": 1, "unchanged": 1}
    assert (ids(storage), fake_embedder.embedded) == (before, embedded)
    assert storage.library.document(KB, before["canteen.txt"]).tags == ("kitchen",)
    # Half copied, it may hold what it held.
    whole = (folder / "new.zip").read_bytes()
    (folder / "new.zip").write_bytes(whole[: len(whole) // 2])
    damaged = run(storage, folder)
    assert (counts(damaged), damaged.failed) == ({"unchanged": 1}, ())
    assert [item.reason for item in damaged.passed_over] == ["archive_damaged"]
    assert ids(storage) == before
    # One of its documents is read again from where it is.
    (folder / "new.zip").write_bytes(whole)
    assert counts(run(storage, folder / "new.zip" / "prices.csv")) == {"unchanged": 1}


def test_a_renamed_file_is_searched_by_its_new_name(
    storage: Storage, make_settings: Callable[..., Settings], fake_embedder: BigramEmbedder,
    tmp_path: Path,
) -> None:  # fmt: skip
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "alpha.txt").write_text(PROSE)
    (folder / "beta.csv").write_text(TABLE)
    run(storage, folder)
    before = ids(storage)
    storage.set_tags(KB, before["beta.csv"], ("stock",))
    whole = fake_embedder.embedded
    (folder / "alpha.txt").rename(folder / "gamma.txt")
    (folder / "beta.csv").rename(folder / "Zinc List.csv")
    assert counts(run(storage, folder)) == {"moved": 2}
    after = ids(storage)
    assert after == {"gamma.txt": before["alpha.txt"], "Zinc List.csv": before["beta.csv"]}
    assert storage.library.document(KB, after["Zinc List.csv"]).title == "Zinc List"
    assert storage.library.document(KB, after["Zinc List.csv"]).tags == ("stock",)
    again = fake_embedder.embedded - whole
    assert 0 < again < whole, "only what is embedded with the name"
    # The same points as if it had always been called so.
    fresh = open_storage(make_settings(data=tmp_path / "fresh"), BigramEmbedder())
    with closing(fresh):
        run(fresh, folder)
        storage.set_tags(KB, after["Zinc List.csv"], ())
        assert points(storage) == points(fresh)


def test_a_name_that_tells_another_format_reads_the_document_anew(
    storage: Storage, tmp_path: Path
) -> None:
    file = tmp_path / "docs" / "note.txt"
    file.parent.mkdir()
    file.write_text("# Heading\n\nSome *text* here.\n")
    run(storage, file.parent)
    (before,) = ids(storage).values()
    storage.set_tags(KB, before, ("mine",))
    file.rename(file.with_suffix(".csv"))
    report = run(storage, file.parent)
    assert (report.removed, report.added + report.changed) == (0, 1)
    (row,) = storage.library.documents(KB)
    assert (row.id, row.tags, row.media_type) == (before, ("mine",), "text/csv")
    points(storage)
    assert counts(run(storage, file.parent)) == {"unchanged": 1}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("README.md", "readme.md"),
        ("Notes/a.md", "notes/a.md"),
        ("Café Öl.md", "Café Öl.md"),
    ],
)
def test_case_and_composition_of_letters_are_no_other_document(
    storage: Storage, tmp_path: Path, old: str, new: str
) -> None:
    if old == new:
        new = unicodedata.normalize("NFD", new)
    folder = tmp_path / "docs"
    (folder / old).parent.mkdir(parents=True)
    (folder / old).write_text(f"# Title\n\n{PROSE}")
    run(storage, folder)
    (before,) = ids(storage).values()
    (folder / new).parent.mkdir(exist_ok=True)
    (folder / old).rename(folder / new)
    assert counts(run(storage, folder)) == {"moved": 1}
    # Its contents may have changed at the same time: it is the same name all the same.
    (folder / new).unlink()
    (folder / old).write_text(f"# Title\n\nChanged. {PROSE}")
    assert counts(run(storage, folder)) == {"changed": 1}
    (row,) = storage.library.documents(KB)
    assert (row.id, row.source) == (before, source_uri(folder / old))
    points(storage)


def test_twins_that_are_both_there_are_two_documents(storage: Storage, tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    for name in ("é.txt", unicodedata.normalize("NFD", "é.txt"), "É.txt"):
        (folder / name).write_text("The same text in each of them.")
    assert counts(run(storage, folder)) == {"added": 3}
    assert counts(run(storage, folder)) == {"unchanged": 3}
    assert len({row.id for row in storage.library.documents(KB)}) == 3


def test_ties_are_left_alone_and_reported(storage: Storage, tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    for name in ("a.txt", "b.txt", "c.txt", "d.txt"):
        (folder / name).write_text("The same text in each." if name < "c" else f"Other {name}.")
    run(storage, folder)
    before = ids(storage)
    (folder / "a.txt").rename(folder / "x.txt")
    (folder / "b.txt").rename(folder / "y.txt")
    report = run(storage, folder)
    assert counts(report) == {"added": 2, "removed": 2, "unchanged": 2}
    (tie,) = report.ties
    assert [path_of(source).name for source in (*tie.gone, *tie.new)] == [
        "a.txt", "b.txt", "x.txt", "y.txt",
    ]  # fmt: skip
    assert report.exit_code == 0
    after = ids(storage)
    assert {before["a.txt"], before["b.txt"]}.isdisjoint(after.values())
    assert storage.library.runs(KB)[0].report == json.loads(json.dumps(report.as_json()))


def test_a_file_at_a_place_that_another_left_is_another_document(
    storage: Storage, tmp_path: Path
) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "a.txt").write_text("The first text.")
    run(storage, folder)
    (first,) = ids(storage).values()
    for turn in range(3):
        (folder / "a.txt").rename(folder / f"b{turn}.txt")
        run(storage, folder)
        (folder / "a.txt").write_text(f"Text {turn} that came later.")
        assert counts(run(storage, folder))["added"] == 1
    found = ids(storage)
    assert found["b0.txt"] == first
    assert len(set(found.values())) == 4
    points(storage)


def test_a_file_that_comes_back_is_the_document_that_was_deleted_there(
    storage: Storage, tmp_path: Path
) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "a.txt").write_text("A text.")
    run(storage, folder)
    (folder / "a.txt").rename(folder / "b.txt")
    run(storage, folder)
    (document,) = ids(storage).values()
    storage.library.delete(KB, [document])
    assert counts(run(storage, folder)) == {"added": 1}
    assert ids(storage) == {"b.txt": document}
    # And one that moves to where another was deleted takes its place.
    (folder / "c.txt").write_text("Another text.")
    run(storage, folder)
    storage.library.delete(KB, [document])
    (folder / "b.txt").unlink()
    other = ids(storage)["c.txt"]
    (folder / "c.txt").rename(folder / "b.txt")
    assert counts(run(storage, folder)) == {"moved": 1}
    assert ids(storage) == {"b.txt": other}
    points(storage)


def test_a_folder_of_another_name_is_no_mass_removal(storage: Storage, tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    (folder / "2025").mkdir(parents=True)
    for number in range(6):
        (folder / "2025" / f"{number}.txt").write_text(f"Document number {number}.")
    run(storage, folder)
    (folder / "2025").rename(folder / "2026")
    assert counts(run(storage, folder)) == {"moved": 6}
    (folder / "2026").rename(tmp_path / "elsewhere")
    (folder / "kept.txt").write_text("One that stays.")
    with pytest.raises(SyncRefused):
        run(storage, folder)
    # From one root of the sync to another it is a move.
    assert counts(run(storage, folder, tmp_path / "elsewhere")) == {"moved": 6, "added": 1}


def test_nested_roots_miss_a_file_once(storage: Storage, tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    (folder / "sub").mkdir(parents=True)
    for name in ("sub/a.txt", "sub/b.txt", "c.txt"):
        (folder / name).write_text(f"Text of {name}.")
    run(storage, folder)
    (folder / "sub" / "a.txt").unlink()
    assert counts(run(storage, folder, folder / "sub"))["removed"] == 1


def test_a_moved_file_that_cannot_be_read_there_keeps_its_last_good_revision(
    storage: Storage, tmp_path: Path
) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "a.txt").write_text(PROSE)
    run(storage, folder)
    (document,) = ids(storage).values()
    (folder / "a.txt").rename(folder / "b.txt")
    (folder / "b.txt.meta.json").write_text("[1, 2")
    for _ in range(2):
        report = run(storage, folder)
        assert [failed.code for failed in report.failed] == ["sidecar_invalid"]
        assert report.removed == 0
    (row,) = storage.library.documents(KB)
    assert (row.id, row.status, path_of(row.source).name) == (document, "stale", "b.txt")
    (folder / "b.txt.meta.json").write_text('{"tags": ["x"]}')
    run(storage, folder)
    (row,) = storage.library.documents(KB)
    assert (row.id, row.status, row.tags) == (document, "ready", ("x",))


def test_a_sidecar_alone_is_reported_as_such(
    storage: Storage, fake_embedder: BigramEmbedder, tmp_path: Path
) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "a.txt").write_text(PROSE)
    run(storage, folder)
    embedded = fake_embedder.embedded
    sidecar = folder / "a.txt.meta.yaml"
    for text, tags in (("tags: [one]", ("one",)), ("tags: [two]", ("two",)), (None, ())):
        if text is None:
            sidecar.unlink()
        else:
            sidecar.write_text(text)
        assert counts(run(storage, folder)) == {"amended": 1}, text
        (row,) = storage.library.documents(KB)
        assert row.tags == tags
        assert counts(run(storage, folder)) == {"unchanged": 1}
    assert fake_embedder.embedded == embedded


def test_a_document_to_be_read_again_keeps_its_tags(storage: Storage, tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "a.txt").write_text(PROSE)
    run(storage, folder)
    (row,) = storage.library.documents(KB)
    storage.set_tags(KB, row.id, ("mine",))
    assert row.revision is not None
    storage.indexes.ensure(KB).delete_revisions([(row.id, row.revision)])  # a lost index
    run(storage, folder)
    (again,) = storage.library.documents(KB)
    assert (again.id, again.tags) == (row.id, ("mine",))


# --- against a model, over any tree ------------------------------------------------------------

NAMES = ("a.txt", "A.txt", "b.txt", "c.csv", "d.md", "é.txt", "e\u0301.txt")
PLACES = ("", "x/", "X/", "x/y/")
TEXTS = (PROSE, TABLE, "A short line.", "# Heading\n\nA short line.", "Another line of text.")


@dataclass
class Tree:
    """Files by path: contents, and the tag of a sidecar if there is one."""

    files: dict[str, str] = field(default_factory=dict)
    sidecars: dict[str, str] = field(default_factory=dict)


@st.composite
def histories(draw: st.DrawFn) -> list[Tree]:
    """A tree as it is at a few syncs: files made, changed, moved, copied and removed in between."""
    paths = [place + name for place in PLACES for name in NAMES]
    path, text = st.sampled_from(paths), st.integers(0, len(TEXTS) - 1)
    tree = Tree({draw(path): TEXTS[draw(text)] for _ in range(draw(st.integers(1, 6)))})
    turns = [tree]
    for _ in range(draw(st.integers(1, 3))):
        files, sidecars = dict(turns[-1].files), dict(turns[-1].sidecars)
        for _ in range(draw(st.integers(0, 5))):
            here = sorted(files)
            step = draw(st.sampled_from(("write", "move", "copy", "remove", "tag", "untag")))
            if step == "write" or not here:
                files[draw(path)] = TEXTS[draw(text)]
                continue
            one = draw(st.sampled_from(here))
            match step:
                case "move":
                    target = draw(path)
                    files[target] = files.pop(one)
                    if (tag := sidecars.pop(one, None)) and draw(st.booleans()):
                        sidecars[target] = tag
                case "copy":
                    files[draw(path)] = files[one]
                case "remove":
                    del files[one]
                case "tag":
                    sidecars[one] = draw(st.sampled_from(("red", "blue")))
                case "untag":
                    sidecars.pop(one, None)
        turns.append(Tree(files, {at: tag for at, tag in sidecars.items() if at in files}))
    return turns


def lay_out(folder: Path, tree: Tree) -> None:
    """Make the folder equal the tree; what stays as it is is not touched."""
    wanted = dict(tree.files)
    wanted |= {f"{path}.meta.json": f'{{"tags": ["{tag}"]}}' for path, tag in tree.sidecars.items()}
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        if str(path.relative_to(folder)) not in wanted:
            path.unlink()
    for name, text in wanted.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
            old = time.time_ns() - 60 * 10**9 + len(text)
            os.utime(path, ns=(old, old))


def must_keep(before: Tree, after: Tree, known: dict[str, str]) -> dict[str, str]:
    """Path to document id, of what has to be the same document after a sync, by the rules as they are
    stated: what is where it was; then one gone and one new whose names fold to the same; then
    one gone and one new of the same bytes."""
    kept = {path: known[path] for path in after.files if path in known}
    gone = [path for path in known if path not in after.files]
    new = [path for path in after.files if path not in known]

    def pair(key_of_gone: Callable[[str], str], key_of_new: Callable[[str], str]) -> None:
        for key in {key_of_gone(path) for path in gone}:
            olds = [path for path in gone if key_of_gone(path) == key]
            news = [path for path in new if key_of_new(path) == key]
            if len(olds) == len(news) == 1:
                kept[news[0]] = known[olds[0]]
        matched = set(kept.values())
        gone[:] = [path for path in gone if known[path] not in matched]
        new[:] = [path for path in new if path not in kept]

    pair(fold, fold)
    pair(lambda path: before.files[path], lambda path: after.files[path])
    return kept


def fold(path: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def documents_of(storage: Storage, folder: Path) -> dict[str, str]:
    return {
        str(path_of(row.source).relative_to(folder)): row.id
        for row in storage.library.documents(KB)
    }


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(turns=histories(), moment=st.integers(0, 2**32))
def test_any_history_of_a_tree(
    turns: list[Tree], moment: int, make_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    work = tmp_path / f"{moment}-{time.monotonic_ns()}"
    folder = work / "docs"
    folder.mkdir(parents=True)
    with closing(open_storage(make_settings(data=work / "data"), BigramEmbedder())) as storage:
        known: dict[str, str] = {}
        before = Tree()
        for tree in turns:
            lay_out(folder, tree)
            report = run(storage, folder, allow_mass_delete=True)
            found = documents_of(storage, folder)
            assert set(found) == set(tree.files), (
                "each file has its document, and no other is there"
            )
            assert len(set(found.values())) == len(found)
            for path, document in must_keep(before, tree, known).items():
                assert found[path] == document, path
            assert report.failed == ()
            done = report.added + report.changed + report.moved + report.amended
            assert done + report.unchanged == len(tree.files)
            again = counts(run(storage, folder))
            assert set(again) <= {"unchanged"}
            known, before = found, tree
        # As if the folder had been taken in at once.
        with closing(open_storage(make_settings(data=work / "fresh"), BigramEmbedder())) as fresh:
            run(fresh, folder)
            assert points(storage) == points(fresh)
