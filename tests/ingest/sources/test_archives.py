"""Zip archives as folders: what lies in them, by which names, and how far they are opened."""

import io
import os
import random
import stat
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from app.errors import GroundkbError
from ingest.sources.archives import Archives
from ingest.sources.found import FoundFile, Item, PassedOver
from ingest.sources.local import Pattern, parse_root, scan
from ingest.sources.uris import path_of


def packed(path: Path, members: Mapping[str, bytes | str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


def under(root: Path, archives: Archives | None = None) -> dict[str, Item]:
    return {str(path_of(i.source).relative_to(root)): i for i in scan(root, archives)}


def bytes_of(item: Item) -> bytes:
    assert isinstance(item, FoundFile)
    assert item.fetch is not None
    return b"".join(item.fetch())


def reasons(root: Path, archives: Archives | None = None) -> dict[str, str]:
    found = under(root, archives)
    return {name: i.reason for name, i in found.items() if isinstance(i, PassedOver)}


def with_names(path: Path, names: list[bytes], extra: bytes = b"") -> Path:
    """An archive whose names are these bytes, without a word on their encoding."""
    stand_ins = [f"{i:03}".ljust(len(name), "_") for i, name in enumerate(names)]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for stand_in in stand_ins:
            info = zipfile.ZipInfo(stand_in)
            info.extra = extra
            file.writestr(info, f"text of {stand_in}")
    data = buffer.getvalue()
    for stand_in, name in zip(stand_ins, names, strict=True):
        data = data.replace(stand_in.encode(), name)
    path.write_bytes(data)
    return path


def test_files_lie_beneath_the_archive_and_are_read_from_it(tmp_path: Path) -> None:
    members: dict[str, bytes | str] = {"b.md": "# B", "papers/2024/plan.txt": "plan", "empty/": ""}
    packed(tmp_path / "docs.zip", members)
    found = under(tmp_path)
    assert list(found) == ["docs.zip/b.md", "docs.zip/papers/2024/plan.txt"]
    assert bytes_of(found["docs.zip/papers/2024/plan.txt"]) == b"plan"
    # Also where the archive is the source itself, and named so by a system without case.
    upper = packed(tmp_path / "UPPER.ZIP", members)
    assert list(under(upper)) == ["b.md", "papers/2024/plan.txt"]


def test_a_changed_file_tells_and_an_unchanged_one_does_not(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    states = []
    for text in ("one", "one", "two"):
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr(zipfile.ZipInfo("x.txt"), text)
        item = under(tmp_path)["a.zip/x.txt"]
        assert isinstance(item, FoundFile)
        states.append(item.mtime_ns)
    assert states[0] == states[1] != states[2]


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("gbk", ["说明.txt"]),
        ("gbk", ["合同/采购合同（最终版）.docx", "合同/付款.txt", "a.txt"]),
        ("utf-8", ["手册/安装.md", "Prüfbericht Öl.txt"]),
        ("big5", ["報價單/二零二六年度維修報價單.txt", "報價單/設備清單與驗收記錄.txt"]),
        ("cp437", ["Prüfbericht.txt", "Ölwechsel.txt"]),
    ],
)
def test_names_without_their_encoding_are_read(
    tmp_path: Path, encoding: str, names: list[str]
) -> None:
    with_names(tmp_path / "a.zip", [name.encode(encoding) for name in names])
    assert sorted(under(tmp_path / "a.zip")) == sorted(names)


def test_a_name_that_is_told_beside_is_taken(tmp_path: Path) -> None:
    told = "说明书.txt".encode()
    extra = struct.pack("<HHBI", 0x7075, 5 + len(told), 1, 0) + told
    with_names(tmp_path / "a.zip", [b"_______.txt"], extra)
    assert list(under(tmp_path / "a.zip")) == ["说明书.txt"]


def test_names_become_addresses_within_the_archive(tmp_path: Path) -> None:
    names = ["../../etc/passwd.txt", "/abs.txt", "C:\\win\\x.txt", "a//b/./c.txt", "n\nl?#%.txt"]
    packed(tmp_path / "a.zip", dict.fromkeys(names, "x"))
    assert list(under(tmp_path / "a.zip")) == [
        *("a/b/c.txt", "abs.txt", "etc/passwd.txt", "n l?#%.txt", "win/x.txt"),
    ]


def test_two_of_one_name_are_two_documents(tmp_path: Path) -> None:
    packed(tmp_path / "a.zip", {"x.txt": "1", "/x.txt": "2"})
    found = under(tmp_path / "a.zip")
    assert {name: bytes_of(item) for name, item in found.items()} == {
        "x.txt": b"1",
        "x (2).txt": b"2",
    }


def test_what_is_no_document_is_named(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        link = zipfile.ZipInfo("link.txt")
        link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        file.writestr(link, "/etc/passwd")
        for name in ("in.zip", "setup.exe", "Thumbs.db", "__MACOSX/._a.txt", ".hidden", "a.txt"):
            file.writestr(name, "x")
    assert reasons(tmp_path) == {
        "a.zip/in.zip": "archive",
        "a.zip/link.txt": "link",
        "a.zip/setup.exe": "program",
        "a.zip/Thumbs.db": "system_file",
    }
    assert "a.zip/a.txt" in under(tmp_path)
    (tmp_path / ".groundkbignore").write_text("*.exe\na.zip/a.txt\n")
    assert "a.zip/setup.exe" not in reasons(tmp_path)
    assert "a.zip/a.txt" not in under(tmp_path)


def encrypted(path: Path, members: dict[str, bytes | str], locked: set[str]) -> None:
    data = bytearray(packed(path, members).read_bytes())
    with zipfile.ZipFile(path) as file:
        for info in file.infolist():
            if info.filename in locked:
                data[info.header_offset + 6] |= 1
    place = -1
    while (place := data.find(b"PK\x01\x02", place + 1)) >= 0:
        length = int.from_bytes(data[place + 28 : place + 30], "little")
        if data[place + 46 : place + 46 + length].decode() in locked:
            data[place + 8] |= 1
    path.write_bytes(data)


def test_archives_beyond_the_bounds_are_passed_over_with_the_reason(tmp_path: Path) -> None:
    archives = Archives(most_files=3, most_bytes=20_000_000)
    encrypted(tmp_path / "locked.zip", {"a.txt": "x"}, {"a.txt"})
    encrypted(tmp_path / "half.zip", {"a.txt": "x", "b.txt": "y"}, {"a.txt"})
    packed(tmp_path / "many.zip", {f"{i}.txt": "x" for i in range(4)})
    packed(tmp_path / "names.zip", {f"{i}{'n' * 60_000}.txt": "x" for i in range(2)})
    packed(
        tmp_path / "large.zip",
        {f"{i}.bin": bytes(i) * 11_000_000 for i in range(2)} | {"x": b"a" * 11_000_000},
    )
    packed(tmp_path / "bomb.zip", {"bomb.txt": b"a" * 12_000_000})
    packed(tmp_path / "nothing.zip", {})
    (tmp_path / "torn.zip").write_bytes((tmp_path / "half.zip").read_bytes()[:-9])
    (tmp_path / "text.zip").write_text("no archive at all")
    assert reasons(tmp_path, archives) == {
        "bomb.zip": "archive_too_large",
        "half.zip/a.txt": "archive_encrypted",
        "large.zip": "archive_too_large",
        "locked.zip": "archive_encrypted",
        "many.zip": "archive_too_large",
        "names.zip": "archive_too_large",
        "nothing.zip": "archive",
        "text.zip": "archive",
        "torn.zip": "archive_damaged",
    }
    assert set(reasons(tmp_path, Archives(most_files=0)).values()) == {"archive"}


def test_a_document_of_several_parts_is_none_whatever_its_name(tmp_path: Path) -> None:
    packed(
        tmp_path / "letter.zip", {"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>"}
    )
    item = under(tmp_path)["letter.zip"]
    assert isinstance(item, FoundFile)
    assert item.fetch is None


def test_damaged_bytes_and_a_replaced_archive_are_errors_of_the_document(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"x.txt": "some text " * 50})
    data = bytearray(path.read_bytes())
    data[40:50] = bytes(10)
    path.write_bytes(data)
    with pytest.raises(GroundkbError) as failed:
        bytes_of(under(tmp_path)["a.zip/x.txt"])
    assert failed.value.code == "document_corrupt"
    item = under(tmp_path)["a.zip/x.txt"]
    packed(path, {"other.txt": "another text"})
    with pytest.raises(GroundkbError) as changed:
        bytes_of(item)
    assert (changed.value.code, changed.value.permanent) == ("source_unreadable", False)


def test_one_file_of_an_archive_can_be_named(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"x/1.md": "1", "x/2.md": "2", "x[1].md": "3", "4.txt": "4"})
    for root, wanted in (
        ("x/1.md", ["x/1.md"]),
        ("x/*.md", ["x/1.md", "x/2.md"]),
        ("x[1].md", ["x[1].md"]),
    ):
        place = parse_root(str(path / root))
        assert isinstance(place, Pattern)
        assert parse_root(str(place.path)) == place
        assert [str(path_of(i.source).relative_to(path)) for i in place.scan()] == wanted


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_unpacks_without_bound_is_not_read(tmp_path: Path, method: int) -> None:
    """A directory may lie about the size, and zipfile believes it too late."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w", method) as file:
        file.writestr("x.txt", "some text")
    with pytest.raises(GroundkbError) as failed:
        bytes_of(under(tmp_path)["a.zip/x.txt"])
    assert failed.value.code == "document_corrupt"
    assert failed.value.params["detail"]["code"] == "zip_method"


@pytest.mark.timeout(20)
def test_a_pipe_named_like_an_archive_holds_nobody_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.zip")
    assert reasons(tmp_path) == {"x.zip": "archive_damaged"}


def test_the_bound_of_the_directory_is_none_of_the_files(tmp_path: Path) -> None:
    content = random.Random(1).randbytes(900_000)
    packed(tmp_path / "a.zip", {"x.txt": content})
    assert bytes_of(under(tmp_path, Archives(most_files=3))["a.zip/x.txt"]) == content


@pytest.mark.parametrize("begun", [b"", bytes(600)])
def test_a_copy_that_has_only_begun_is_damaged_and_loses_nothing(
    tmp_path: Path, begun: bytes
) -> None:
    (tmp_path / "a.zip").write_bytes(begun)
    assert reasons(tmp_path) == {"a.zip": "archive_damaged"}
