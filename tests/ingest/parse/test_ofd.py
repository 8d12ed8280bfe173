"""OFD: the fixed pages of Chinese offices and invoices."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from app.errors import DocumentCorrupt, DocumentEncrypted, DocumentTooLarge, DocumentWithoutText
from ingest.parse import Limits, Note, ParsedDocument, parse
from tests.ingest.parse.helpers import LIMITS, check_blocks, outline
from tests.ingest.parse.make import zipped

SPACE = 'xmlns:ofd="http://www.ofdspec.org/2016"'


def text(x: float, y: float, words: str, size: float = 4, more: str = "", code: str = "") -> str:
    """Type that stands at `y` millimetres from the top."""
    step = f'DeltaX="g {len(words) - 1} {size}"' if len(words) > 1 else ""
    return (
        f'<ofd:TextObject ID="1" Boundary="{x} {y - size} 150 {size + 1}" Font="3" Size="{size}" {more}>'
        f'<ofd:TextCode X="0" Y="{size}" {code or step}>{words}</ofd:TextCode></ofd:TextObject>'
    )


def frame(x: float, y: float, wide: float, high: float) -> str:
    return (
        f'<ofd:PathObject ID="2" Boundary="{x} {y} {wide} {high}"><ofd:AbbreviatedData>M 0 0 L {wide} 0 L {wide} {high}'
        f" L 0 {high} C</ofd:AbbreviatedData></ofd:PathObject>"
    )


def ofd(path: Path, *pages: str, parts: Mapping[str, str | bytes] | None = None) -> Path:
    document = "".join(
        f'<ofd:Page ID="{n}" BaseLoc="Pages/Page_{n}/Content.xml"/>' for n in range(len(pages))
    )
    members: dict[str, str | bytes] = {
        "OFD.xml": f"<ofd:OFD {SPACE}><ofd:DocBody><ofd:DocInfo><ofd:Title>电子发票</ofd:Title><ofd:Author>税务局</ofd:Author>"
        "</ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f"<ofd:Document {SPACE}><ofd:CommonData><ofd:PageArea><ofd:PhysicalBox>0 0 210 297"
        '</ofd:PhysicalBox></ofd:PageArea><ofd:TemplatePage ID="9" BaseLoc="Tpls/Content.xml"/>'
        f"<ofd:DocumentRes>DocumentRes.xml</ofd:DocumentRes></ofd:CommonData><ofd:Pages>{document}</ofd:Pages>"
        "<ofd:Attachments>Attachs/Attachments.xml</ofd:Attachments></ofd:Document>",
        "Doc_0/DocumentRes.xml": f'<ofd:Res {SPACE} BaseLoc="Res"><ofd:MultiMedias><ofd:MultiMedia ID="5">'
        "<ofd:MediaFile>seal.png</ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias></ofd:Res>",
        "Doc_0/Attachs/Attachments.xml": f'<ofd:Attachments {SPACE}><ofd:Attachment Name="invoice.xbrl"/></ofd:Attachments>',
        "Doc_0/Tpls/Content.xml": f"<ofd:Page {SPACE}><ofd:Content><ofd:Layer>{text(80, 40, '增值税电子发票', 7)}"
        "</ofd:Layer></ofd:Content></ofd:Page>",
        **{
            f"Doc_0/Pages/Page_{n}/Content.xml": f"<ofd:Page {SPACE}>{page}</ofd:Page>"
            for n, page in enumerate(pages)
        },
        **(parts or {}),
    }
    return zipped(path, members)


def page(*inner: str, template: bool = False) -> str:
    behind = '<ofd:Template TemplateID="9"/>' if template else ""
    return f"{behind}<ofd:Content><ofd:Layer>{''.join(inner)}</ofd:Layer></ofd:Content>"


def read(path: Path, limits: Limits = LIMITS) -> ParsedDocument:
    parsed = parse(path, limits=limits)
    check_blocks(parsed)
    return parsed


def test_a_page_with_its_template_a_table_a_picture_and_an_attachment(tmp_path: Path) -> None:
    cells = [
        frame(20 + 50 * column, 80 + 10 * line, 50, 10) for column in range(3) for line in range(3)
    ]
    words = (("项目名称", "数量", "金额"), ("离心泵", "2", "17699.12"), ("阀门", "12", "300.00"))
    values = [
        text(22 + 50 * column, 87 + 10 * line, word)
        for line, row in enumerate(words)
        for column, word in enumerate(row)
    ]
    path = ofd(
        tmp_path / "a.ofd",
        page(
            text(20, 60, "发票号码：26422000"),
            text(120, 60, "开票日期：", code='DeltaX="g 4 4"'),
            text(142, 60, "2026年3月21日"),
            *cells,
            *values,
            text(20, 130, "价税合计 贰万元整"),
            text(20, 140, "secret", more='Visible="false"'),
            '<ofd:ImageObject ID="4" Boundary="150 120 40 40" ResourceID="5"/>',
            template=True,
        ),
    )
    parsed = read(path)
    assert (parsed.title, parsed.media_type) == ("电子发票", "application/ofd")
    assert parsed.metadata == {"author": "税务局"}
    assert outline(parsed) == [
        ("heading", "增值税电子发票"),
        ("paragraph", "发票号码：26422000 开票日期： 2026年3月21日"),
        ("table_row", "| 项目名称 | 数量 | 金额 |"),
        ("table_row", "| 离心泵 | 2 | 17699.12 |"),
        ("table_row", "| 阀门 | 12 | 300.00 |"),
        ("paragraph", "价税合计 贰万元整"),
    ]
    assert {note.kind for note in parsed.notes} == {"hidden", "picture", "embedded_file"}
    assert Note("embedded_file", 1, "invoice.xbrl") in parsed.notes


def test_lines_of_a_paragraph_are_joined_and_pages_counted(tmp_path: Path) -> None:
    first = [
        text(20, 60, "第一条　取水口上游一千米以内为一级保护区，在该区域之内任何单位"),
        text(20, 67, "和个人都不得堆放物料，违反的处五千元以上二万元以下的罚款。"),
    ]
    parsed = read(
        ofd(tmp_path / "a.ofd", page(*first), page(text(20, 60, "本办法自公布之日起施行。")))
    )
    assert "任何单位和个人都不得堆放物料" in parsed.text
    assert [block.page for block in parsed.blocks] == [1, 2]


def test_what_is_no_readable_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DocumentWithoutText):
        read(ofd(tmp_path / "a.ofd", page()))
    with pytest.raises(DocumentCorrupt):
        read(ofd(tmp_path / "b.ofd", page(), parts={"OFD.xml": "<ofd:OFD"}))
    with pytest.raises(DocumentEncrypted):
        read(ofd(tmp_path / "c.ofd", page(text(20, 60, "字")), parts={"Encryptions.xml": "<x/>"}))
    with pytest.raises(DocumentTooLarge):
        read(ofd(tmp_path / "d.ofd", page(), page()), Limits(max_pages=1))
    odd = 'DeltaX="g 999999999 1e999 g"'
    strange = page(
        text(20, 60, "奇怪的字", code=odd, more='CTM="nan 0 x"'),
        '<ofd:PathObject Boundary="x"><ofd:AbbreviatedData>L M 1 L 2</ofd:AbbreviatedData></ofd:PathObject>',
    )
    assert read(ofd(tmp_path / "e.ofd", strange)).text == "奇怪的字"
