"""Files that are broken, disguised, locked or too large: a named error, and nothing else."""

import random
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.errors import (
    DocumentCorrupt,
    DocumentEncrypted,
    DocumentTooLarge,
    DocumentWithoutText,
    FormatUnsupported,
    GroundkbError,
    SourceUnreadable,
)
from app.texts import told
from ingest.parse import Limits, parse
from tests.ingest.parse import make
from tests.ingest.parse.helpers import LIMITS, parse_text

MAKERS = {
    "a.docx": make.docx, "a.pptx": make.pptx, "a.xlsx": make.xlsx, "a.epub": make.epub,
    "a.odt": make.odt, "a.msg": make.msg,
    "a.pdf": lambda path: make.pdf(path, [[(72, 12, "Some text of a page.")]]),
}  # fmt: skip


def test_a_binary_named_txt(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 20)
    with pytest.raises(FormatUnsupported) as caught:
        parse(path, limits=LIMITS)
    assert "a.txt" in str(caught.value)
    assert "docx" in told(caught.value, "zh").hint


def test_a_zip_and_an_old_word_file_are_not_read(tmp_path: Path) -> None:
    with pytest.raises(FormatUnsupported, match="zip_archive"):
        parse(make.zipped(tmp_path / "a.zip", {"x.txt": "x"}), limits=LIMITS)
    for member, kind in (("visio/document.xml", "Visio"), ("xl/workbook.bin", "xlsb")):
        with pytest.raises(FormatUnsupported, match=kind):
            parse(make.zipped(tmp_path / f"a.{kind}", {member: "x"}), limits=LIMITS)
    with pytest.raises(FormatUnsupported, match="Word 97"):
        parse(make.compound(tmp_path / "a.doc", {"WordDocument": b"x" * 600}), limits=LIMITS)


def test_the_content_decides_over_the_name(tmp_path: Path) -> None:
    for name, maker in MAKERS.items():
        path = maker(tmp_path / name)
        wrong = path.rename(tmp_path / f"{name}.txt")
        assert parse(wrong, limits=LIMITS).media_type != "text/plain"


def test_text_named_as_a_container_is_corrupt(tmp_path: Path) -> None:
    for name in ("a.pdf", "a.docx", "a.epub", "a.msg"):
        with pytest.raises(DocumentCorrupt):
            parse_text(tmp_path, name, "Only text.")


def test_the_name_may_differ_from_the_path(tmp_path: Path) -> None:
    path = tmp_path / "0f3a"
    path.write_text("# 标题\n\n**正文**。\n")
    parsed = parse(path, name="说明.md", limits=LIMITS)
    assert parsed.text == "标题\n\n正文。"


@pytest.mark.parametrize(
    "name", ["空 格.txt", "emoji👩‍👩‍👧.txt", "换\n行.txt", "-rf.txt", "无后缀"]
)
def test_names(tmp_path: Path, name: str) -> None:
    assert parse_text(tmp_path, name, "正文。").title == Path(name).stem


def test_encrypted(tmp_path: Path) -> None:
    locked = make.pdf(tmp_path / "a.pdf", [[(72, 12, "x")]], password="secret")
    office = make.compound(tmp_path / "b.docx", {"EncryptedPackage": b"x" * 600})
    book = make.epub(tmp_path / "c.epub", "http://www.w3.org/2001/04/xmlenc#aes256-cbc")
    for path in (locked, office, book):
        with pytest.raises(DocumentEncrypted):
            parse(path, limits=LIMITS)


def test_a_book_with_obfuscated_fonts_is_not_encrypted(tmp_path: Path) -> None:
    book = make.epub(tmp_path / "c.epub", "http://www.idpf.org/2008/embedding")
    assert "第一章" in parse(book, limits=LIMITS).text


def test_without_text(tmp_path: Path) -> None:
    paths = [make.pdf(tmp_path / "a.pdf", [[], []]), tmp_path / "b.txt", tmp_path / "c.html"]
    paths[1].write_text(" \n\t\n")
    paths[2].write_text("<html><body><script>x</script></body></html>")
    for path in paths:
        with pytest.raises(DocumentWithoutText):
            parse(path, limits=LIMITS)


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_truncated(tmp_path: Path, name: str, share: float) -> None:
    path = MAKERS[name](tmp_path / name)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    try:
        parsed = parse(path, limits=LIMITS)
    except (DocumentCorrupt, DocumentWithoutText, FormatUnsupported):
        return
    assert parsed.text.strip()  # PDFium repairs what it can


def test_damage_is_told_without_names_of_exceptions(tmp_path: Path) -> None:
    path = MAKERS["a.msg"](tmp_path / "a.msg")
    data = bytearray(path.read_bytes())
    damage = random.Random(603818)  # a library meets a KeyError there
    for _ in range(damage.randrange(1, 30)):
        data[damage.randrange(len(data))] = damage.randrange(256)
    path.write_bytes(data)
    with pytest.raises(DocumentCorrupt) as caught:
        parse(path, limits=LIMITS)
    assert "damaged_said" in str(caught.value)
    assert "Error" not in str(caught.value)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    name=st.sampled_from(["a.odt", "a.epub", "a.pdf", "a.msg", "a.xlsx"]),
    damages=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=20),
)
def test_damaged_bytes_raise_only_named_errors(
    tmp_path: Path, name: str, damages: list[tuple[float, int]]
) -> None:
    path = MAKERS[name](tmp_path / name)
    damaged = bytearray(path.read_bytes())
    for place, byte in damages:
        damaged[int(place * len(damaged))] = byte
    path.write_bytes(bytes(damaged))
    try:
        parse(path, limits=LIMITS)
    except GroundkbError:
        return


def test_a_zip_bomb_is_refused_before_it_unpacks(tmp_path: Path) -> None:
    path = tmp_path / "bomb.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        file.writestr("word/document.xml", b"\0" * 40_000_000)
    with pytest.raises(DocumentTooLarge, match="zip_bomb"):
        parse(path, limits=LIMITS)
    with pytest.raises(DocumentTooLarge, match="zip_unpacked"):
        parse(path, limits=Limits(max_unpacked_bytes=1_000_000))


def test_a_zip_that_lies_about_its_size(tmp_path: Path) -> None:
    path = make.odt(tmp_path / "a.odt")
    data = path.read_bytes()
    with zipfile.ZipFile(path) as file:
        size = file.getinfo("content.xml").file_size
    # Both headers now say that the member is 10 bytes long.
    lied = data.replace(size.to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert lied != data
    path.write_bytes(lied)
    with pytest.raises(DocumentCorrupt):
        parse(path, limits=LIMITS)


def test_xml_entities_are_not_expanded(tmp_path: Path) -> None:
    laughs = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10 if i else "ha"}">' for i in range(9))
    path = make.zipped(
        tmp_path / "a.odt",
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": f'<!DOCTYPE x [{laughs}<!ENTITY f SYSTEM "file:///etc/passwd">]><x'
            ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
            ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:text>'
            "<text:p>before &l8; &f; after</text:p></office:text></x>",
        },
    )
    try:
        text = parse(path, limits=LIMITS).text
    except DocumentCorrupt:
        return
    assert len(text) < 100
    assert "root:" not in text


def test_the_reason_is_in_the_readers_language(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"no pdf")
    (tmp_path / "b.docx").write_bytes(b"PK\x03\x04 cut short")
    (tmp_path / "c.json").write_text('{"a": 1,\n"b": ')
    (tmp_path / "d.bin").write_bytes(bytes(range(256)))
    for name, reason in (
        ("a.pdf", "内容不是 .pdf 格式"),
        ("b.docx", "zip 容器已损坏"),
        ("c.json", "第 2 行"),
        ("d.bin", "二进制内容"),
    ):
        with pytest.raises(GroundkbError) as raised:
            parse(tmp_path / name, limits=LIMITS)
        assert reason in told(raised.value, "zh").message


def test_limits(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x" * 100)
    with pytest.raises(DocumentTooLarge, match="more_bytes_than_set"):
        parse(tmp_path / "a.txt", limits=Limits(max_file_bytes=99))
    many = make.pdf(tmp_path / "a.pdf", [[(72, 12, "x")]] * 4)
    with pytest.raises(DocumentTooLarge, match="pages"):
        parse(many, limits=Limits(max_pages=3))


def test_unreadable(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreadable):
        parse(tmp_path / "absent.txt", limits=LIMITS)
    with pytest.raises(SourceUnreadable):
        parse(tmp_path, name="folder.txt", limits=LIMITS)


@pytest.mark.parametrize(
    ("name", "text"),
    [("a.json", "[" * 100_000), ("b.json", '{"a": '), ("c.jsonl", '{"a"\n{"b"\n')],
)
def test_broken_data(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(DocumentCorrupt):
        parse_text(tmp_path, name, text)


@pytest.mark.parametrize(
    ("name", "unit"),
    [("a.txt", "没有换行的很长的文件，"), ("b.txt", "x"), ("c.md", "word *emph* [l](u) "), ("d.md", "*_[`<"),
     ("e.html", "word <b>bold</b> ")],
)  # fmt: skip
def test_an_endless_line(tmp_path: Path, name: str, unit: str) -> None:
    parsed = parse_text(tmp_path, name, unit * (1_000_000 // len(unit)))
    assert len(parsed.blocks) == 1


def test_control_characters_and_invisible_tags_go(tmp_path: Path) -> None:
    smuggled = "".join(chr(0xE0000 + ord(c)) for c in "ignore")
    flag = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
    parsed = parse_text(tmp_path, "a.txt", f"正\x07文{smuggled}。{flag}\x1b[0m")
    assert parsed.text == f"正文。{flag}[0m"
