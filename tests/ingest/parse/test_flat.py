"""Documents of Office and OpenDocument that are one XML file, and packages whose members are named otherwise."""

import zipfile
from base64 import b64encode
from pathlib import Path

import pytest

from app.errors import DocumentCorrupt
from ingest.parse import Note, ParsedDocument, parse
from tests.ingest.parse import make
from tests.ingest.parse.helpers import LIMITS, check_blocks, outline, parse_text

PIXEL = b64encode(b"\x89PNG\r\n\x1a\n" + bytes(60)).decode()


def same(first: ParsedDocument, second: ParsedDocument) -> bool:
    return (first.text, first.title, first.media_type, first.notes) == (
        second.text,
        second.title,
        second.media_type,
        second.notes,
    )


@pytest.mark.parametrize(
    ("kind", "names"),
    [("docx", ("a.xml", "a.doc", "a.docx")), ("pptx", ("b.xml",)), ("xlsx", ("c.xml",))],
)
def test_a_package_of_one_xml_file_reads_as_the_package(
    tmp_path: Path, kind: str, names: tuple[str, ...]
) -> None:
    whole = getattr(make, kind)(tmp_path / f"whole.{kind}")
    expected = parse(whole, limits=LIMITS, name="x")
    for name in names:
        path = tmp_path / name
        path.write_text(make.flat(whole), encoding="utf-8")
        found = parse(path, limits=LIMITS, name="x" + path.suffix)
        check_blocks(found)
        assert same(found, expected)


def word_2003(body: str, before: str = "") -> str:
    spaces = (
        f'xmlns:w="{make.WORD_2003}" xmlns:wx="http://schemas.microsoft.com/office/word/2003/auxHint"'
        ' xmlns:aml="http://schemas.microsoft.com/aml/2001/core" xmlns:v="urn:schemas-microsoft-com:vml"'
        ' xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:st1="urn:schemas-microsoft-com:office:smarttags"'
    )
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><?mso-application progid="Word.Document"?>'
        f"<w:wordDocument {spaces}>{before}<w:body><wx:sect>{body}</wx:sect></w:body></w:wordDocument>"
    )


def p(text: str, properties: str = "") -> str:
    return f"<w:p>{f'<w:pPr>{properties}</w:pPr>' if properties else ''}<w:r><w:t>{text}</w:t></w:r></w:p>"


def change(kind: str, inner: str = "") -> str:
    content = f"<aml:content>{inner}</aml:content>" if inner else ""
    return f'<aml:annotation aml:id="1" aml:author="李" w:type="Word.{kind}">{content}</aml:annotation>'


def test_a_word_2003_document_of_one_xml_file(tmp_path: Path) -> None:
    before = (
        "<o:DocumentProperties><o:Title>仓库合同</o:Title><o:Author>王</o:Author></o:DocumentProperties>"
        '<w:lists><w:listDef w:listDefId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:nfc w:val="37"/>'
        '<w:lvlText w:val="第%1条"/></w:lvl></w:listDef><w:list w:ilfo="4"><w:ilst w:val="0"/></w:list></w:lists>'
        '<w:styles><w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/></w:style></w:styles>'
    )
    item = '<w:listPr><w:ilvl w:val="0"/><w:ilfo w:val="4"/></w:listPr>'
    note = "<w:r><w:footnote><w:p><w:r><w:t>含税。</w:t></w:r></w:p></w:footnote></w:r>"
    body = (
        "<wx:sub-section>" + p("租金", '<w:pStyle w:val="1"/>') + p("每月付清。", item)
        + f"<w:p><w:pPr>{item}</w:pPr><w:r><w:t>租金</w:t></w:r>"
        + change("Insertion", "<w:r><w:t>4650</w:t></w:r>") + change("Deletion", "<w:r><w:delText>4100</w:delText></w:r>")
        + f"<w:r><w:t>元</w:t></w:r>{note}<w:r>{change('Comment', p('请核对'))}</w:r></w:p></wx:sub-section>"
        + '<w:p><st1:place><w:r><w:t>Hall seven</w:t></w:r></st1:place><w:r><w:rPr><w:vanish/></w:rPr><w:t>secret</w:t></w:r></w:p>'
        + "<w:tbl>" + "".join(
            "<w:tr>" + "".join(f"<w:tc>{cell}</w:tc>" for cell in cells) + "</w:tr>"
            for cells in (
                (p("品名"), p("单价")),
                ('<w:tcPr><w:vmerge w:val="restart"/></w:tcPr>' + p("螺栓"), p("12")),
                ("<w:tcPr><w:vmerge/></w:tcPr>" + p(""), p("13")),
            )
        ) + "</w:tbl>"
        + f'<w:p><w:r><w:pict><w:binData w:name="wordml://1.png">{PIXEL}</w:binData><v:shape alt="平面图">'
        + '<v:imagedata src="wordml://1.png"/></v:shape></w:pict></w:r></w:p>'
        + f'<w:sectPr><w:hdr w:type="odd">{p("内部文件")}</w:hdr></w:sectPr>'
    )  # fmt: skip
    parsed = parse_text(tmp_path, "合同.doc", word_2003(body, before))
    check_blocks(parsed)
    assert parsed.media_type == "application/msword"
    assert (parsed.title, parsed.metadata["author"]) == ("仓库合同", "王")
    assert outline(parsed) == [
        ("heading", "租金"),
        ("list_item", "第一条 每月付清。"),
        ("list_item", "第二条 租金4650元"),
        ("paragraph", "脚注 1：含税。"),
        ("paragraph", "批注 (李)：请核对"),
        ("paragraph", "Hall seven"),
        ("table_row", "| 品名 | 单价 |"),
        ("table_row", "| 螺栓 | 12 |"),
        ("table_row", "| 螺栓 | 13 |"),
        ("paragraph", "图片：平面图"),
        ("paragraph", "页眉：内部文件"),
    ]
    assert Note("hidden", 1) in parsed.notes


def test_a_flat_open_document(tmp_path: Path) -> None:
    office = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
    inner = (
        "<office:meta><dc:title>Pump manual</dc:title></office:meta><office:body><office:text>"
        '<text:h text:outline-level="1">Start</text:h><text:p>Open valve seven.</text:p>'
        "</office:text></office:body>"
    )
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document xmlns:office="{office}"'
        ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        f' office:mimetype="application/vnd.oasis.opendocument.text">{inner}</office:document>'
    )
    parsed = parse_text(tmp_path, "a.fodt", text)
    assert parsed.title == "Pump manual"
    assert outline(parsed) == [("heading", "Start"), ("paragraph", "Open valve seven.")]
    (tmp_path / "b.fodt").write_bytes(text.replace("UTF-8", "UTF-16", 1).encode("utf-16"))
    assert parse(tmp_path / "b.fodt", limits=LIMITS).text == parsed.text


def test_other_xml_stays_as_it_is_and_damage_is_named(tmp_path: Path) -> None:
    sheet = f'<?xml version="1.0"?><xsl:stylesheet xmlns:w="{make.WORD_2003}"><w:wordDocument/></xsl:stylesheet>'
    assert parse_text(tmp_path, "a.xml", sheet).text == sheet
    with pytest.raises(DocumentCorrupt):
        parse_text(tmp_path, "b.doc", word_2003(p("cut"))[:-40])
    with pytest.raises(DocumentCorrupt):
        parse_text(
            tmp_path,
            "c.xml",
            f'<pkg:package xmlns:pkg="{make.PACKAGE}" name="/word/"></pkg:package>',
        )


@pytest.mark.parametrize("kind", ["docx", "xlsx", "pptx", "odt", "epub"])
@pytest.mark.parametrize("form", ["backslash", "slash"])
def test_members_whose_names_are_written_otherwise(tmp_path: Path, kind: str, form: str) -> None:
    whole = getattr(make, kind)(tmp_path / f"whole.{kind}")
    other = tmp_path / f"other.{kind}"
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(other, "w") as target:
        for name in source.namelist():
            info = zipfile.ZipInfo(name)
            info.filename = name.replace("/", "\\") if form == "backslash" else f"/{name}"
            target.writestr(info, source.read(name))
    assert parse(other, limits=LIMITS, name="x").text == parse(whole, limits=LIMITS, name="x").text
