"""Local folders: what is found, what is left out, and names of every kind."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import SourceMissing
from app.runtime import Storage
from ingest.report import SyncRequest
from ingest.sources.found import FoundFile, PassedOver, Unreadable
from ingest.sources.local import Pattern, parse_root, scan
from ingest.sources.passing import reason_by_content
from ingest.sources.uris import path_of, source_uri

NAMES = ["a b.txt", "模型.md", "😀.txt", "line\nbreak.txt", "100%.txt", "a?b#c.txt", "x%0Ay.txt"]


def found_names(root: Path) -> list[str]:
    return [file.path.name for file in scan(root) if isinstance(file, FoundFile)]


def passed_over(root: Path) -> list[PassedOver]:
    return [item for item in scan(root) if isinstance(item, PassedOver)]


def test_names_of_every_kind_are_found_and_have_sources_of_their_own(tmp_path: Path) -> None:
    for name in NAMES:
        (tmp_path / name).write_text("x")
    files = [file for file in scan(tmp_path) if isinstance(file, FoundFile)]
    assert sorted(file.path.name for file in files) == sorted(NAMES)
    assert len({file.source for file in files}) == len(NAMES)
    assert all(path_of(file.source) == file.path for file in files)
    assert all("\n" not in file.source for file in files)


@given(st.binary(min_size=1, max_size=30).filter(lambda raw: b"\0" not in raw))
def test_every_path_comes_back_from_its_source(raw: bytes) -> None:
    path = Path("/folder") / os.fsdecode(raw.replace(b"/", b"_"))
    assert path_of(source_uri(path)) == path


def test_hidden_and_ignored_files_are_left_out(tmp_path: Path) -> None:
    for name in (
        "keep.txt",
        "draft.tmp",
        ".hidden",
        "sub/keep.md",
        "sub/old/gone.md",
        "sub/no.txt",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / ".groundkbignore").write_text("# drafts\n*.tmp\nsub/no.txt\nold/\n")
    assert found_names(tmp_path) == ["keep.txt", "keep.md"]


def test_an_ignore_file_that_cannot_be_read_hides_its_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("x")
    (tmp_path / ".groundkbignore").write_bytes(b"\xff\xfe\xff")
    (only,) = list(scan(tmp_path))
    assert isinstance(only, Unreadable)


def test_links_are_not_followed_and_named(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "private.txt").write_text("x")
    root = tmp_path / "root"
    root.mkdir()
    (root / "loop").symlink_to(root)
    (root / "link.txt").symlink_to(outside / "private.txt")
    (root / "folder").symlink_to(outside)
    assert [(path_of(item.source).name, item.reason) for item in passed_over(root)] == [
        ("folder", "link"),
        ("link.txt", "link"),
        ("loop", "link"),
    ]
    assert found_names(root) == []


def test_a_root_may_be_a_file_or_a_link(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "one.txt")
    place = parse_root(str(tmp_path / "link"))
    assert isinstance(place, Path)
    assert found_names(place) == ["one.txt"]


def test_a_missing_root_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceMissing):
        parse_root(str(tmp_path / "nowhere"))
    with pytest.raises(SourceMissing):
        parse_root(str(tmp_path / "nowhere" / "*.pdf"))


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        ("*.md", {"a.md"}),
        ("**/*.md", {"a.md", "sub/b.md", "sub/deep/c.md"}),
        ("sub/**", {"sub/b.md", "sub/deep/c.md", "sub/x.txt"}),
        ("s?b/*", {"sub/b.md", "sub/x.txt"}),
        ("**/[a-b].md", {"a.md", "sub/b.md"}),
        ("*/deep/*.txt", set()),
    ],
)
def test_a_pattern_names_files_beneath_its_folder(
    tmp_path: Path, pattern: str, wanted: set[str]
) -> None:
    for name in ("a.md", "a.txt.bak", "sub/b.md", "sub/x.txt", "sub/deep/c.md", ".hidden.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    place = parse_root(str(tmp_path / pattern))
    assert isinstance(place, Pattern)
    found = [file for file in place.scan() if isinstance(file, FoundFile)]
    assert {str(file.path.relative_to(tmp_path)) for file in found} == wanted


def test_a_file_named_like_a_pattern_is_itself(tmp_path: Path) -> None:
    for name in ("a[1].txt", "a1.txt"):
        (tmp_path / name).write_text("x")
    place = parse_root(str(tmp_path / "a[1].txt"))
    assert place == tmp_path / "a[1].txt"


def test_a_pipe_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert found_names(tmp_path) == []


def test_ignore_files_follow_the_rules_of_gitignore(tmp_path: Path) -> None:
    for name in (
        *("a.log", "keep.log", "build/x.txt", "src/build/y.txt", "docs/build.txt", "top.txt", "sub/top.txt"),
        *("deep/a/b/notes.txt", "sub/inner.log", "sub/more/inner.log", "name with space.txt", "#hash.txt"),
    ):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    rules = "*.log\n!keep.log\nbuild/\n/top.txt\ndeep/**/notes.txt\nname\\ with\\ space.txt\n\\#hash.txt\n"
    (tmp_path / ".groundkbignore").write_text(rules)
    (tmp_path / "sub" / ".groundkbignore").write_text("!inner.log\nmore/\n")
    found = [path_of(f.source).relative_to(tmp_path).as_posix() for f in scan(tmp_path)]
    assert found == ["docs/build.txt", "keep.log", "sub/inner.log", "sub/top.txt"]


def test_what_is_no_document_by_its_name_is_passed_over_and_named(tmp_path: Path) -> None:
    names = {
        "Thumbs.db": "system_file",
        ".DS_Store": "system_file",
        "desktop.ini": "system_file",
        "~$letter.docx": "lock_file",
        "report.pdf.crdownload": "lock_file",
        "~WRL0003.tmp": "lock_file",
        "Backup.ZIP": "archive",
        "logs.tar.gz": "archive",
        "setup.EXE": "program",
        "module.pyc": "program",
    }
    for name in (*names, "letter~.txt", "$5.txt", ".hidden", "zip", "a.zip.txt"):
        (tmp_path / name).write_text("x")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "pack.zip").write_text("x")
    (tmp_path / "archive.zip").mkdir()  # a folder is none
    (tmp_path / "archive.zip" / "in.txt").write_text("x")
    assert found_names(tmp_path) == ["$5.txt", "a.zip.txt", "in.txt", "letter~.txt", "zip"]
    assert {path_of(item.source).name: item.reason for item in passed_over(tmp_path)} == names
    (only,) = scan(tmp_path / "Backup.ZIP")
    assert isinstance(only, PassedOver)
    # Who has them ignored is not told of them.
    (tmp_path / ".groundkbignore").write_text("*.pyc\n")
    assert len(passed_over(tmp_path)) == len(names) - 1


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        (b"\x7fELF\x02\x01\x01", "program"),
        (b"MZ" + bytes(58) + (64).to_bytes(4, "little") + b"PE\x00\x00", "program"),
        (b"MZ, the letters, begin this text, which goes on for more than sixty-four bytes.", None),
        (b"\xca\xfe\xba\xbe\x00\x00\x00\x41", "program"),
        (b"\x1f\x8b\x08\x00", "archive"),
        (b"7z\xbc\xaf\x27\x1c\x00\x04", "archive"),
        (b"Rar!\x1a\x07\x01\x00", "archive"),
        (b"BZh91AY&SY", "archive"),
        (b"BZh is how some files begin.", None),
        (b"a.txt".ljust(257, b"\x00") + b"ustar\x0000", "archive"),
        (b"PK\x03\x04", None),  # perhaps a Word file: whoever reads it will tell
        ("中文".encode("utf-16"), None),
        (b"", None),
    ],
)
def test_programs_and_archives_are_told_by_what_they_hold(
    tmp_path: Path, head: bytes, reason: str | None
) -> None:
    (tmp_path / "letter.txt").write_bytes(head)
    assert reason_by_content(tmp_path / "letter.txt") == reason
    assert reason_by_content(tmp_path / "nowhere") is None


def test_a_name_in_another_systems_encoding_stops_nothing(storage: Storage, tmp_path: Path) -> None:
    """As on a disk, or out of an archive, from a Chinese Windows: the whole sync failed for it."""
    folder, name = tmp_path / "from-windows", "差旅费用报销办法"
    folder.mkdir()
    (folder / "a.txt").write_text("Backups are kept for 30 days.")
    raw = os.fsencode(folder) + b"/" + name.encode("gbk")
    Path(os.fsdecode(raw + b".txt")).write_text("预算为八十万元。")
    Path(os.fsdecode(raw + b".pdf")).write_text("%PDF-1.7 broken")
    report = storage.sync(SyncRequest((str(folder),), "default"), lambda _event: None)
    assert report.added == 2
    [failed] = report.failed
    assert json.dumps(failed.params, ensure_ascii=False).encode()
    titles = {row.title for row in storage.library.documents("default") if row.revision}
    assert name in titles
    again = storage.sync(SyncRequest((str(folder),), "default"), lambda _event: None)
    assert again.unchanged == 2
