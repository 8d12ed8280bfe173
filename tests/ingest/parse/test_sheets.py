"""Excel workbooks: what a reader of the sheet sees, and a bounded answer to absurd ones."""

import time
import zipfile
from datetime import date
from datetime import time as clock
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image as SheetImage
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Color, Font, PatternFill
from openpyxl.worksheet.table import Table

from ingest.parse import Note, ParsedDocument, parse
from tests.ingest.parse.helpers import LIMITS, check_blocks, outline
from tests.ingest.parse.make import zipped
from tests.ingest.parse.packages import relations


def read(path: Path) -> ParsedDocument:
    parsed = parse(path, limits=LIMITS)
    check_blocks(parsed)
    return parsed


def saved(folder: Path, book: Workbook) -> ParsedDocument:
    book.save(folder / "a.xlsx")
    return read(folder / "a.xlsx")


def sheet_of(folder: Path, *rows: tuple[object, ...]) -> tuple[ParsedDocument, list[str]]:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    parsed = saved(folder, book)
    return parsed, lines(parsed)


def lines(parsed: ParsedDocument) -> list[str]:
    """All but the heading of the first sheet."""
    return [line for line in parsed.text.split("\n") if line][1:]


def raw(folder: Path, sheet: str, **parts: str) -> Path:
    """A workbook of one sheet, given as XML."""
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    members = {
        "_rels/.rels": relations(("r1", "officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{space}" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/'
        'relationships"><sheets><sheet name="S" sheetId="1" r:id="s1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relations(("s1", "worksheet", "worksheets/sheet1.xml")),
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{space}">{sheet}</worksheet>',
        **{name.replace("__", "/"): content for name, content in parts.items()},
    }
    return zipped(folder / "raw.xlsx", members)


def test_merged_cells_stand_in_every_row_they_cover(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    for row in (
        ("Hall", "Shift", "Lead"),
        ("North", "Day", "Ito"),
        (None, "Night", "Roux"),
        ("South", "Day", "Falk"),
    ):
        sheet.append(row)  # fmt: skip
    sheet.merge_cells("A2:A3")
    assert lines(saved(tmp_path, book)) == [
        "| Hall | Shift | Lead |", "| North | Day | Ito |", "| North | Night | Roux |", "| South | Day | Falk |",
    ]  # fmt: skip


def test_two_header_rows_are_joined(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    for row in (
        ("Energy report",),
        ("Site", "2025", None, "2026"),
        (None, "Plan", "Actual", "Plan", "Actual"),
        ("Ulm", 5, 6, 7, 8),
    ):
        sheet.append(row)  # fmt: skip
    for merged in ("A1:E1", "A2:A3", "B2:C2", "D2:E2"):
        sheet.merge_cells(merged)
    parsed = saved(tmp_path, book)
    header = "| Site | 2025 Plan | 2025 Actual | 2026 Plan | 2026 Actual |"
    assert lines(parsed) == ["Energy report", header, "| Ulm | 5 | 6 | 7 | 8 |"]
    assert parsed.blocks[-1].header == header


def test_two_header_rows_without_merged_cells(tmp_path: Path) -> None:
    _, found = sheet_of(
        tmp_path,
        (None, "North", None, "South"),
        ("Product", "Sold", "Kept", "Sold", "Kept"),
        ("Bolt", 5, 6, 7, 8),
        ("Nut", 1, 2, 3, 4),
    )
    assert found[0] == "| Product | North Sold | North Kept | South Sold | South Kept |"


def test_years_name_columns_but_only_above_other_numbers(tmp_path: Path) -> None:
    parsed, found = sheet_of(tmp_path, ("Region", 2024, 2025), ("East", 10, 12), ("West", 7, 9))
    assert parsed.blocks[-1].header == found[0] == "| Region | 2024 | 2025 |"
    parsed, _ = sheet_of(tmp_path, ("Ada", 1990), ("Bo", 1985), ("Cy", 2001))
    assert {block.header for block in parsed.blocks if block.kind == "table_row"} == {""}


def test_values_stand_as_they_are_shown(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(("Item", "Rate", "Price", "Due", "Code", "Opens", "Loss", "On", "Wrong"))
    sheet.append(("Valve", 0.025, 1999.5, date(2026, 3, 1), 77, clock(6, 45), -12, True, "#N/A"))
    for cell, form in zip(
        sheet[2][1:7],
        ("0.0%", '#,##0.00 "kr"', "dd.mm.yyyy", "0000", "hh:mm", "0;(0)"),
        strict=True,
    ):
        cell.number_format = form
    assert lines(saved(tmp_path, book))[1] == (
        "| Valve | 2.5% | 1,999.50 kr | 01.03.2026 | 0077 | 06:45 | (12) | TRUE | #N/A |"
    )


def test_a_sheet_that_nobody_named_is_no_title(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(("a", "b"))
    assert saved(tmp_path, book).title == "a"
    book.active.title = "Prices"
    assert saved(tmp_path, book).title == "Prices"


def test_formulas_without_a_saved_result_say_so(tmp_path: Path) -> None:
    parsed, found = sheet_of(tmp_path, ("Part", "Sum"), ("a", "=1+2"), ("b", "=B2*2"))
    assert found == ["| Part | Sum |", "| a | =1+2 |", "| b | =B2*2 |"]
    assert parsed.notes == (Note("formula", 2, "Sheet"),)


def test_what_is_hidden_is_left_out_and_noted(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    sheet.title = "Staff"
    sheet.append(("Team list",))
    sheet.append(())
    for row in (
        ("Name", "Town", "Pay"),
        ("Ann", "Bern", 1),
        ("Ben", "Lyon", 2),
        ("Cem", "Gent", 3),
    ):
        sheet.append(row)
    sheet.row_dimensions[5].hidden = True
    sheet.column_dimensions["C"].hidden = True
    sheet["B6"].comment = Comment("Moves in autumn.", "x")
    sheet["C6"].comment = Comment("secret", "x")
    book.create_sheet("Floor").append(("Lowest", "41"))
    book["Floor"].sheet_state = "veryHidden"
    parsed = saved(tmp_path, book)
    assert parsed.text == (
        "Staff\n\nTeam list\n\n| Name | Town |\n| Ann | Bern |\n| Cem | Gent |\n\n"
        "Comment (B6, Gent): x: Moves in autumn."
    )
    assert set(parsed.notes) == {
        Note("hidden", 1, "Staff!5:5"), Note("hidden", 1, "Staff!C:C"), Note("hidden", 1, "C6"),
        Note("hidden", 1, "Floor"),
    }  # fmt: skip


def test_several_tables_on_one_sheet(tmp_path: Path) -> None:
    parsed, found = sheet_of(
        tmp_path,
        ("Prices",),
        ("Tool", "Price"),
        ("Saw", 12),
        ("Discontinued",),
        ("Axe", 9),
        ("Depots",),
        ("Town", "Street"),
        ("Lund", "Quay"),
        ("Source: stock list",),
    )
    assert outline(parsed)[1:] == [
        ("paragraph", "Prices"),
        ("table_row", "| Tool | Price |"),
        ("table_row", "| Saw | 12 |"),
        ("table_row", "| Discontinued |"),
        ("table_row", "| Axe | 9 |"),
        ("paragraph", "Depots"),
        ("table_row", "| Town | Street |"),
        ("table_row", "| Lund | Quay |"),
        ("paragraph", "Source: stock list"),
    ]
    assert len(found) == 9


def test_tables_beside_each_other(tmp_path: Path) -> None:
    _, found = sheet_of(
        tmp_path,
        ("Tool", "Price", None, "Town", "Street"),
        ("Saw", 12, None, "Lund", "Quay"),
        ("Axe", 9),
        ("Adze", 7),
    )
    assert found == [
        "| Tool | Price |", "| Saw | 12 |", "| Axe | 9 |", "| Adze | 7 |", "| Town | Street |", "| Lund | Quay |",
    ]  # fmt: skip
    _, found = sheet_of(tmp_path, ("Tool", "Size", None, "Price", "Tax"), ("Saw", 3, None, 12, 2))
    assert found == ["| Tool | Size | Price | Tax |", "| Saw | 3 | 12 | 2 |"]
    apart = (("Left", "n", None, None, "Right", "m"), ("a", 1, None, None, "c", 3))
    _, found = sheet_of(tmp_path, *apart)
    assert found == ["| Left | n |", "| a | 1 |", "| Right | m |", "| c | 3 |"]


def test_the_header_that_the_file_names_or_sets_in_bold(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    for row in (("5", "7", "9"), ("a", "b", "c"), ("d", "e", "f")):
        sheet.append(row)
    sheet.add_table(Table(displayName="T", ref="A1:C3"))
    assert saved(tmp_path, book).blocks[-1].header == "| 5 | 7 | 9 |"
    book = Workbook()
    for cells in (("Model", 500, 600), ("a", 1, 2), ("b", 3, 4)):
        book.active.append(cells)
    for cell in book.active[1]:
        cell.font = Font(bold=True)
    assert saved(tmp_path, book).blocks[-1].header == "| Model | 500 | 600 |"


def test_a_wide_sheet_is_read_in_parts_that_keep_their_header(tmp_path: Path) -> None:
    names = ("Machine", *(f"Measured quantity number {n}" for n in range(60)))
    parsed, found = sheet_of(
        tmp_path, names, *((f"M{m}", *(f"{m}-{n}" for n in range(60))) for m in range(3))
    )
    row = next(b for b in parsed.blocks if "2-37" in parsed.text[b.start : b.end])
    text = parsed.text[row.start : row.end]
    assert text.startswith("| M2 | ")
    place = text.split(" | ").index(
        next(cell for cell in text.split(" | ") if cell.startswith("2-37"))
    )
    assert row.header.split(" | ")[place].startswith("Measured quantity number 37")
    assert sum("2-37" in line for line in found) == 1


def test_pictures_and_charts(tmp_path: Path) -> None:
    from tests.ingest.parse.pictures import picture

    picture([(40, 80, 36, "Spare key in locker nine")], height=160).save(tmp_path / "p.png")
    book = Workbook()
    for row in (("Month", "Output"), ("May", 3), ("June", 4)):
        book.active.append(row)
    chart = BarChart()
    chart.title = "Output by month"
    chart.add_data(Reference(book.active, min_col=2, min_row=1, max_row=3), titles_from_data=True)
    book.active.add_chart(chart, "D2")
    book.active.add_image(SheetImage(tmp_path / "p.png"), "D20")
    book.active.oddHeader.left.text = "Draft & internal"
    book.active.oddFooter.center.text = "Page &P of &N"
    parsed = saved(tmp_path, book)
    assert lines(parsed)[3:] == [
        "Chart: Output by month", "Text in the picture: Spare key in locker nine", "Header: Draft & internal",
    ]  # fmt: skip
    assert parsed.notes == (Note("chart", 1, "Output by month"),)


@pytest.mark.parametrize("reference", ["999999999999", "0", "-4", "x", ""])
def test_absurd_row_numbers_are_no_harm(tmp_path: Path, reference: str) -> None:
    row = f'<row r="{reference}"><c t="inlineStr"><is><t>one</t></is></c><c><v>2</v></c></row>'
    start = time.monotonic()
    parsed = read(raw(tmp_path, f"<sheetData>{row}</sheetData>"))
    assert time.monotonic() - start < 2
    assert lines(parsed) == ["| one | 2 |"]


@pytest.mark.parametrize(
    "sheet",
    [
        '<cols>{}</cols><sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData>'.format(
            '<col min="2" max="16384" hidden="1"/>' * 20_000
        ),
        "<sheetData>{}</sheetData>".format("<row><c><v>7</v></c></row>" * 20_000),
        "<sheetData>{}</sheetData>".format(
            "<row><c><v>7</v></c></row><row><c><v>7</v></c><c><v>8</v></c></row>" * 10_000
        ),
        "<sheetData>{}</sheetData>".format(
            "".join(
                "<row>"
                + "".join(
                    f'<c r="{a}{b}1"><v>1</v></c>' for a in "ABCDEFGH" for b in "ACEGIKMOQSUWY"
                )
                + "</row>"
                for _ in range(100)
            )
        ),
    ],
    ids=[
        "overlapping columns",
        "one cell a row",
        "rows of one and two cells",
        "every second column",
    ],
)
def test_large_sheets_take_time_in_proportion(tmp_path: Path, sheet: str) -> None:
    path = raw(tmp_path, sheet)
    start = time.process_time()
    read(path)
    assert time.process_time() - start < 8


def test_cells_at_the_ends_of_a_sheet(tmp_path: Path) -> None:
    cells = "".join(
        f'<row r="{r}"><c r="A{r}"><v>1</v></c><c r="XFD{r}"><v>2</v></c></row>'
        for r in (1, 2, 1_048_576)
    )
    merged = '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    assert lines(read(raw(tmp_path, f"<sheetData>{cells}</sheetData>"))) == ["| 1 | 2 |"] * 3
    start = time.monotonic()
    parsed = read(raw(tmp_path, f"<sheetData>{cells}</sheetData>{merged * 100}"))
    assert time.monotonic() - start < 5
    assert len(parsed.text) < 10_000


def test_a_title_merged_over_the_columns_is_no_table(tmp_path: Path) -> None:
    book = Workbook()
    book.active["A1"] = "Price list 2026"
    book.active.merge_cells("A1:D1")
    for column, value in enumerate(("No", "Part", "Price", "Tax"), 1):
        book.active.cell(3, column, value)
        book.active.cell(4, column, f"{value} 1")
    assert lines(saved(tmp_path, book)) == [
        "Price list 2026", "| No | Part | Price | Tax |", "| No 1 | Part 1 | Price 1 | Tax 1 |",
    ]  # fmt: skip


def test_rows_below_an_empty_one_without_names_go_on_with_the_table(tmp_path: Path) -> None:
    _, found = sheet_of(
        tmp_path,
        ("Item", 2024, 2025),
        ("Bolts", 12, 15),
        (),
        ("Screws", 7, 9),
        (),
        ("Depot", "City", "Lead"),
        ("North", "Ulm", "Okoye"),
        (),
        ("Total", "", 24),
    )
    assert found == [
        "| Item | 2024 | 2025 |",
        "| Bolts | 12 | 15 |",
        "| Screws | 7 | 9 |",
        "| Depot | City | Lead |",
        "| North | Ulm | Okoye |",
        "| Total | 24 |",
    ]
    first, other = saved_rows(tmp_path, "Screws"), saved_rows(tmp_path, "Total")
    assert first == "| Item | 2024 | 2025 |"
    assert other != "| Depot | City | Lead |", "its columns hold names, no numbers"


def saved_rows(folder: Path, part: str) -> str:
    """The names of the columns of the row that holds `part`."""
    parsed = read(folder / "a.xlsx")
    place = parsed.text.index(part)
    return next(b.header for b in parsed.blocks if b.start <= place < b.end)


def test_a_row_of_units_below_the_names_of_columns(tmp_path: Path) -> None:
    _, shown = sheet_of(
        tmp_path,
        ("Pump", "Flow", "Head"),
        (None, "m³/h", "m"),
        ("P-1", 20, 32),
        ("P-2", 25, 40),
    )
    assert shown == ["| Pump | Flow m³/h | Head m |", "| P-1 | 20 | 32 |", "| P-2 | 25 | 40 |"]


def test_a_row_of_words_without_a_name_is_no_row_of_units(tmp_path: Path) -> None:
    rows = (
        ("Name", "Town", "Post"),
        (None, "Bern", "lead"),
        ("Ann", "Gent", "clerk"),
        ("Bo", "Oslo", "clerk"),
    )
    _, shown = sheet_of(tmp_path, *rows)
    assert shown[:2] == ["| Name | Town | Post |", "|  | Bern | lead |"]


def test_comments_name_their_authors(tmp_path: Path) -> None:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    threads = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"
    cell = '<c r="{}" t="inlineStr"><is><t>{}</t></is></c>'
    rows = "".join(
        f'<row r="{n}">{cell.format(f"A{n}", a)}{cell.format(f"B{n}", b)}</row>'
        for n, (a, b) in enumerate((("Code", "Lot"), ("A", "five"), ("B", "six")), 1)
    )
    related = relations(
        ("c1", "comments", "../comments1.xml"), ("c2", "threadedComment", "../threads.xml")
    )
    path = raw(
        tmp_path,
        f"<sheetData>{rows}</sheetData>",
        **{
            "xl/worksheets/_rels/sheet1.xml.rels": related,
            "xl/comments1.xml": f'<comments xmlns="{space}"><authors><author>Cy</author></authors><commentList>'
            '<comment ref="B2" authorId="0"><text><t>[Threaded comment] older programs</t></text></comment>'
            '<comment ref="B3" authorId="0"><text><t>Look again.</t></text></comment></commentList></comments>',
            "xl/threads.xml": f'<ThreadedComments xmlns="{threads}"><threadedComment ref="B2" personId="P1" id="1">'
            '<text>Still right?</text></threadedComment><threadedComment ref="B2" personId="P2" id="2" parentId="1">'
            "<text>Until July.</text></threadedComment></ThreadedComments>",
            "xl/persons/person.xml": f'<personList xmlns="{threads}"><person displayName="Ana" id="P1"/>'
            '<person displayName="Bo" id="P2"/></personList>',
        },
    )
    assert lines(read(path))[-3:] == [
        "Comment (B2, five): Ana: Still right?",
        "Bo: Until July.",
        "Comment (B3, six): Cy: Look again.",
    ]


def test_pictures_that_are_the_value_of_a_cell(tmp_path: Path) -> None:
    """WPS writes a formula that names one, Excel an error and a value beside it."""
    drawing = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rich = "http://schemas.microsoft.com/office/spreadsheetml/2017/richdata"
    links = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    parts = {
        "xl/cellimages.xml": f'<c xmlns:x="{drawing}" {links} xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
        '<x:pic><x:nvPicPr><x:cNvPr id="2" name="ID_7A" descr="螺栓外观"/></x:nvPicPr><x:blipFill><a:blip r:embed="p1"/>'
        "</x:blipFill></x:pic></c>",
        "xl/_rels/cellimages.xml.rels": relations(("p1", "image", "media/a.png")),
        "xl/metadata.xml": f'<metadata xmlns="{space}"><futureMetadata name="XLRICHVALUE"><bk><extLst><ext><v:rvb xmlns:v="{rich}" i="1"/>'
        '</ext></extLst></bk></futureMetadata><valueMetadata><bk><rc t="1" v="0"/></bk></valueMetadata></metadata>',
        "xl/richData/rv.xml": f'<rvData xmlns="{rich}"><rv s="0"><v>1</v></rv><rv s="1"><v>0</v><v>5</v><v>Nut, seen from above</v></rv></rvData>',
        "xl/richData/rvs.xml": f'<rvStructures xmlns="{rich}"><s t="_error"><k n="errorType"/></s><s t="_localImage"><k n="_rvRel:LocalImageIdentifier"/>'
        '<k n="CalcOrigin"/><k n="Text"/></s></rvStructures>',
        "xl/richData/rel.xml": f'<richValueRels xmlns="http://schemas.microsoft.com/office/spreadsheetml/2022/richvaluerel" {links}><rel r:id="q"/></richValueRels>',
        "xl/richData/_rels/rel.xml.rels": relations(("q", "image", "../media/b.png")),
    }  # fmt: skip
    related = (
        ("s1", "worksheet", "worksheets/sheet1.xml"), ("c1", "cellImage", "cellimages.xml"),
        ("m1", "sheetMetadata", "metadata.xml"), ("v1", "rdRichValue", "richData/rv.xml"),
        ("v2", "rdRichValueStructure", "richData/rvs.xml"), ("v3", "richValueRel", "richData/rel.xml"),
    )  # fmt: skip
    formula = '<f>_xlfn.DISPIMG("{0}",1)</f><v>=DISPIMG("{0}",1)</v>'
    rows = (
        '<row><c t="inlineStr"><is><t>Part</t></is></c><c t="inlineStr"><is><t>Picture</t></is></c></row>'
        f'<row><c><v>1</v></c><c t="str">{formula.format("ID_7A")}</c></row>'
        '<row><c><v>2</v></c><c t="e" vm="1"><v>#VALUE!</v></c></row>'
        f'<row><c><v>3</v></c><c t="str">{formula.format("ID_00")}</c></row>'
        '<row><c><v>4</v></c><c t="e"><v>#VALUE!</v></c></row>'
    )
    path = raw(tmp_path, f"<sheetData>{rows}</sheetData>", **parts)
    with zipfile.ZipFile(path) as made:
        members = {name: made.read(name) for name in made.namelist()}
    members["xl/_rels/workbook.xml.rels"] = relations(*related).encode()
    parsed = read(zipped(path, members))
    assert lines(parsed) == [
        "| Part | Picture |", "| 1 | 螺栓外观 |", "| 2 | Nut, seen from above |", "| 3 |", "| 4 | #VALUE! |",
    ]  # fmt: skip
    assert [(note.kind, note.detail.rpartition("/")[2]) for note in parsed.notes] == [
        ("picture", "a.png"), ("picture", "b.png"), ("picture", "S!B4"),
    ]  # fmt: skip


def test_characters_that_xml_cannot_hold_and_what_stands_for_a_newer_part(tmp_path: Path) -> None:
    drawing = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
    shape = '<x:sp><x:nvSpPr><x:cNvPr id="{0}" name="s"/></x:nvSpPr><x:txBody><a:p><a:r><a:t>{1}</a:t></a:r></a:p></x:txBody></x:sp>'
    slicer = "This shape represents a slicer, which this version cannot show."
    parts = {
        "xl/drawings/drawing1.xml": f'<d xmlns:x="{drawing}" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
        ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><x:twoCellAnchor><mc:AlternateContent><mc:Choice Requires="s">'
        f"<x:graphicFrame/></mc:Choice><mc:Fallback>{shape.format(1, slicer)}</mc:Fallback></mc:AlternateContent></x:twoCellAnchor>"
        f"<x:twoCellAnchor><mc:AlternateContent><mc:Choice>{shape.format(2, 'Paid by card')}</mc:Choice><mc:Fallback/></mc:AlternateContent>"
        "</x:twoCellAnchor></d>",
        "xl/worksheets/_rels/sheet1.xml.rels": relations(("d", "drawing", "../drawings/drawing1.xml")),
    }  # fmt: skip
    row = '<row><c t="inlineStr"><is><t>first_x000D_\nsecond</t></is></c><c t="str"><v>a_x0009_b _x005F_x0041_</v></c></row>'
    parsed = read(raw(tmp_path, f"<sheetData>{row}</sheetData>", **parts))
    assert lines(parsed) == ["| first second | a b _x0041_ |", "Paid by card"]


def test_many_comments_take_time_in_proportion(tmp_path: Path) -> None:
    """All rows were looked through for each comment."""
    count = 12_000
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    comments = "".join(
        f'<comment ref="A{n}"><text><t>c</t></text></comment>' for n in range(1, count)
    )
    rows = "".join("<row><c><v>1</v></c><c><v>2</v></c></row>" for _ in range(count))
    path = raw(
        tmp_path,
        f"<sheetData>{rows}</sheetData>",
        **{
            "xl/comments1.xml": f'<comments xmlns="{space}"><commentList>{comments}</commentList></comments>',
            "xl/worksheets/_rels/sheet1.xml.rels": relations(("c", "comments", "../comments1.xml")),
        },
    )
    started = time.process_time()
    assert len(read(path).blocks) > count
    assert time.process_time() - started < 2.5


def test_white_type_on_no_colour_is_hidden(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    for row in (("Part", "Price"), ("Bolt", 12), ("Nut", 9), ("Tell that it is free", None)):
        sheet.append(row)
    white = Font(color="FFFFFF")
    sheet["A1"].font = sheet["B1"].font = white  # on a colour: the names of the columns
    sheet["A1"].fill = sheet["B1"].fill = PatternFill("solid", fgColor="1F4E78")
    sheet["A4"].font = white
    sheet["A4"].fill = PatternFill("solid", fgColor="FFFFFF")
    sheet["C2"] = "helper"
    sheet["C2"].font = Font(color=Color(theme=0))
    parsed = saved(tmp_path, book)
    assert lines(parsed) == ["| Part | Price |", "| Bolt | 12 |", "| Nut | 9 |"]
    assert parsed.notes == (Note("hidden", 2, "Sheet"),)
    # What gives cells a colour besides their own style leaves all as it is.
    sheet.conditional_formatting.add(
        "A1:C4", CellIsRule(operator="equal", formula=["1"], font=white)
    )
    assert "Tell that it is free" in saved(tmp_path, book).text


def test_check_boxes_say_whether_they_are_ticked(tmp_path: Path) -> None:
    drawing = "http://schemas.openxmlformats.org/drawingml/2006"
    ids = {"1025": ("已审核", 'checked="Checked"'), "1026": ("已归档", "")}
    shapes = "".join(
        f'<xdr:sp><xdr:nvSpPr><xdr:cNvPr id="{key}" name="c"/></xdr:nvSpPr><xdr:txBody><a:p><a:r><a:t>{label}</a:t></a:r>'
        "</a:p></xdr:txBody></xdr:sp>"
        for key, (label, _) in ids.items()
    )
    controls = "".join(f'<control shapeId="{key}" r:id="c{key}"/>' for key in ids)
    path = raw(
        tmp_path,
        '<sheetData><row r="1"><c r="A1"><v>7</v></c></row></sheetData><controls xmlns:r="http://schemas.openxmlformats.org/'
        f'officeDocument/2006/relationships">{controls}</controls>',
        **{
            "xl/worksheets/_rels/sheet1.xml.rels": relations(
                ("d1", "drawing", "../drawings/drawing1.xml"),
                *((f"c{key}", "ctrlProp", f"../ctrlProps/{key}.xml") for key in ids),
            ),
            "xl/drawings/drawing1.xml": f'<xdr:wsDr xmlns:xdr="{drawing}/spreadsheetDrawing" xmlns:a="{drawing}/main">{shapes}'
            "</xdr:wsDr>",
        },
        **{
            f"xl/ctrlProps/{key}.xml": f'<formControlPr objectType="CheckBox" {state}/>'
            for key, (_, state) in ids.items()
        },
    )
    assert lines(read(path)) == ["7", "☒ 已审核", "☐ 已归档"]
