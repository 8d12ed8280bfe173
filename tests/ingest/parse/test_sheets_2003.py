"""Workbooks of one XML file, and what else is called .xls without being one of Excel's."""

import time
from pathlib import Path

from ingest.parse import Note, ParsedDocument, parse
from tests.ingest.parse.helpers import LIMITS, check_blocks, outline

SPACES = (
    'xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:s="urn:schemas-microsoft-com:office:spreadsheet"'
    ' xmlns:x="urn:schemas-microsoft-com:office:excel"'
)


def read(folder: Path, sheets: str) -> ParsedDocument:
    path = folder / "a.xls"
    path.write_text(
        f'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook {SPACES}>{sheets}</Workbook>',
        encoding="utf-8",
    )
    parsed = parse(path, limits=LIMITS)
    check_blocks(parsed)
    return parsed


def cell(text: str, kind: str = "String", attributes: str = "", inner: str = "") -> str:
    return f'<Cell {attributes}><Data s:Type="{kind}">{text}</Data>{inner}</Cell>'


def row(*cells: str, attributes: str = "") -> str:
    return f"<Row {attributes}>{''.join(cells)}</Row>"


def test_a_workbook_of_one_xml_file(tmp_path: Path) -> None:
    note = '<Comment s:Author="Li"><Data>含运费</Data></Comment>'
    body = (
        '<Styles><Style s:ID="p"><NumberFormat s:Format="0.0%"/></Style>'
        '<Style s:ID="z"><NumberFormat s:Format="00000"/></Style></Styles>'
        '<Worksheet s:Name="价格"><Table><Column/><Column s:Index="5" s:Hidden="1"/>'
        + row(cell("型号"), cell("2026", attributes='s:MergeAcross="1"'), cell("折扣"), cell("内部"))
        + row(cell("X1", attributes='s:MergeDown="1"'), cell("1200", "Number", inner=note), cell("2026-03-01T00:00:00.000", "DateTime"),
              cell("0.075", "Number", 's:StyleID="p"'), cell("9", "Number"))
        + row(cell("1300", "Number", 's:Index="2"'), cell("412", "Number", 's:StyleID="z"'), cell("1", "Boolean"))
        + row(cell("hidden"), attributes='s:Hidden="1"')
        + "</Table></Worksheet>"
        '<Worksheet s:Name="旧"><Table><Row><Cell><Data s:Type="String">x</Data></Cell></Row></Table>'
        "<x:WorksheetOptions><x:Visible>SheetHidden</x:Visible></x:WorksheetOptions></Worksheet>"
    )  # fmt: skip
    parsed = read(tmp_path, body)
    assert [text for _, text in outline(parsed)] == [
        "价格",
        "| 型号 | 2026 | 2026 | 折扣 |",
        "| X1 | 1200 | 2026-03-01 | 7.5% |",
        "| X1 | 1300 | 00412 | TRUE |",
        "批注 (B2)：含运费",
    ]
    assert set(parsed.notes) == {
        Note("hidden", 2, "价格"),
        Note("hidden", 1, "价格!4:4"),
        Note("hidden", 1, "旧"),
    }


def test_absurd_numbers_and_merged_cells_are_no_harm(tmp_path: Path) -> None:
    columns = '<Column s:Index="1" s:Span="16383" s:Hidden="0"/>' * 5_000
    merged = 's:MergeAcross="999999999" s:MergeDown="999999999"'
    rows = row(cell("a", attributes=merged), attributes='s:Index="999999999"') * 2_000
    started = time.process_time()
    parsed = read(tmp_path, f'<Worksheet s:Name="S"><Table>{columns}{rows}</Table></Worksheet>')
    assert time.process_time() - started < 5
    assert parsed.notes[0].kind == "cut"


def test_text_and_pages_under_the_name_of_a_workbook(tmp_path: Path) -> None:
    (tmp_path / "a.xls").write_bytes("型号\t价\nX1\t1,200\n".encode("gbk"))
    assert parse(tmp_path / "a.xls", limits=LIMITS).text == "| 型号 | 价 |\n| X1 | 1,200 |"
    page = "<html><body><table><tr><td>型号</td><td>价</td></tr><tr><td>X1</td><td>1</td></tr></table></body></html>"
    (tmp_path / "b.xls").write_text(page, encoding="utf-8")
    assert parse(tmp_path / "b.xls", limits=LIMITS).text == "| 型号 | 价 |\n| X1 | 1 |"
