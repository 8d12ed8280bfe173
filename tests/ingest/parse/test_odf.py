"""OpenDocument sheets and presentations: what Calc and Impress show, by the rules of the others."""

from pathlib import Path

import pytest

from app.errors import DocumentCorrupt, DocumentEncrypted
from ingest.parse import Note, ParsedDocument, parse
from tests.ingest.parse.helpers import LIMITS, check_blocks, outline, section_of
from tests.ingest.parse.make import zipped
from tests.ingest.parse.test_odt import SPACES, p

MORE = SPACES + ' xmlns:presentation="urn:oasis:names:tc:opendocument:xmlns:presentation:1.0"'
KINDS = {"ods": "spreadsheet", "odp": "presentation"}


def package(folder: Path, suffix: str, body: str, automatic: str = "") -> Path:
    kind = KINDS[suffix]
    return zipped(
        folder / f"a.{suffix}",
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "content.xml": f"<office:document-content {MORE}><office:automatic-styles>{automatic}"
            f"</office:automatic-styles><office:body><office:{kind}>{body}</office:{kind}></office:body>"
            "</office:document-content>",
            "styles.xml": f"<office:document-styles {MORE}/>",
        },
    )


def read(folder: Path, suffix: str, body: str, automatic: str = "") -> ParsedDocument:
    parsed = parse(package(folder, suffix, body, automatic), limits=LIMITS)
    check_blocks(parsed)
    return parsed


def cell(text: str = "", attributes: str = "", inner: str = "") -> str:
    return f"<table:table-cell {attributes}>{inner}{p(text) if text else ''}</table:table-cell>"


def row(*cells: str, attributes: str = "") -> str:
    return f"<table:table-row {attributes}>{''.join(cells)}</table:table-row>"


def sheet(name: str, *rows: str, columns: str = "", style: str = "") -> str:
    return f'<table:table table:name="{name}" table:style-name="{style}">{columns}{"".join(rows)}</table:table>'


COVERED = "<table:covered-table-cell/>"
FILLER = row(
    cell(attributes='table:number-columns-repeated="1024"'),
    attributes='table:number-rows-repeated="1048000"',
)


def test_a_sheet_shows_values_merged_cells_and_comments(tmp_path: Path) -> None:
    note = f"<office:annotation><dc:creator>Li</dc:creator>{p('Blocked.')}</office:annotation>"
    body = sheet(
        "Rates",
        row(cell("Hall"), cell("2026", 'table:number-columns-spanned="2"'), COVERED),
        row(cell(), cell("Plan"), cell("Actual")),
        row(
            cell("North", 'table:number-rows-spanned="2"'), cell("7.5%"), cell("00412", inner=note)
        ),
        row(COVERED, cell("9.0%"), cell("00077")),
        row(cell("Sum"), cell("", 'table:formula="of:=SUM([.B3:.B4])"'), cell("x")),
        FILLER,
    )
    parsed = read(tmp_path, "ods", body)
    assert outline(parsed) == [
        ("heading", "Rates"),
        ("table_row", "| Hall | 2026 Plan | 2026 Actual |"),
        ("table_row", "| North | 7.5% | 00412 |"),
        ("table_row", "| North | 9.0% | 00077 |"),
        ("table_row", "| Sum | =SUM([.B3:.B4]) | x |"),
        ("paragraph", "Comment (C3, Li): Blocked."),
    ]
    assert parsed.notes == (Note("formula", 1, "Rates"),)
    assert parsed.media_type == "application/vnd.oasis.opendocument.spreadsheet"


def test_hidden_sheets_rows_and_columns_are_left_out_and_noted(tmp_path: Path) -> None:
    columns = '<table:table-column/><table:table-column table:visibility="collapse"/><table:table-column/>'
    hidden = (
        '<style:style style:name="off" style:family="table"><style:table-properties table:display="false"/>'
        "</style:style>"
    )
    body = sheet(
        "Open",
        row(cell("Name"), cell("Secret"), cell("City")),
        row(cell("Aldo"), cell("s1"), cell("Turin")),
        row(cell("Beta"), cell("s2"), cell("Graz"), attributes='table:visibility="filter"'),
        row(cell("Canto"), cell("s3"), cell("Ulm")),
        columns=columns,
    ) + sheet("Closed", row(cell("away"), cell("1")), style="off")
    parsed = read(tmp_path, "ods", body, hidden)
    assert [text for _, text in outline(parsed)] == [
        "Open",
        "| Name | City |",
        "| Aldo | Turin |",
        "| Canto | Ulm |",
    ]
    assert set(parsed.notes) == {
        Note("hidden", 1, "Open!B"),
        Note("hidden", 1, "Open!3"),
        Note("hidden", 1, "Closed"),
    }


def frame(inner: str, kind: str = "", y: str = "1cm") -> str:
    return f'<draw:frame presentation:class="{kind}" svg:y="{y}">{inner}</draw:frame>'


def box(text: str, kind: str = "", y: str = "1cm") -> str:
    return frame(f"<draw:text-box>{p(text)}</draw:text-box>", kind, y)


def test_slides_with_title_texts_in_order_tables_and_notes(tmp_path: Path) -> None:
    table = frame(
        sheet("t", row(cell("Press"), cell("Strokes")), row(cell("A"), cell("40"))), y="5cm"
    )
    notes = f"<presentation:notes>{box('Runs slowly.', 'notes')}</presentation:notes>"
    hidden = (
        '<style:style style:name="off" style:family="drawing-page"><style:drawing-page-properties'
        ' presentation:visibility="hidden"/></style:style>'
    )
    body = (
        f"<draw:page>{box('Below', y='4cm')}<draw:g><draw:custom-shape svg:y='20mm'>{p('In a shape')}"
        f"</draw:custom-shape></draw:g>{table}{box('Press A', 'title')}{box('7', 'page-number')}{notes}</draw:page>"
        f"<draw:page draw:style-name='off'>{box('Away', 'title')}</draw:page>"
        f"<draw:page>{box('第三页', 'title')}{box('限速四十')}</draw:page>"
    )
    parsed = read(tmp_path, "odp", body, hidden)
    assert [text for _, text in outline(parsed)] == [
        "Press A", "In a shape", "Below", "| Press | Strokes |", "| A | 40 |", "Notes: Runs slowly.",
        "第三页", "限速四十",
    ]  # fmt: skip
    assert [block.page for block in parsed.blocks] == [1, 1, 1, 1, 1, 1, 3, 3]
    assert section_of(parsed, "限速") == ("第三页",)
    assert parsed.notes == (Note("hidden", 1, "Away"),)


@pytest.mark.parametrize("suffix", KINDS)
def test_what_is_locked_or_empty_says_so(tmp_path: Path, suffix: str) -> None:
    kind = f"application/vnd.oasis.opendocument.{KINDS[suffix]}"
    locked = zipped(
        tmp_path / f"b.{suffix}",
        {
            "mimetype": kind,
            "META-INF/manifest.xml": "<m><encryption-data/></m>",
            "content.xml": "x",
        },
    )
    with pytest.raises(DocumentEncrypted):
        parse(locked, limits=LIMITS)
    with pytest.raises(DocumentCorrupt):
        parse(zipped(tmp_path / f"c.{suffix}", {"mimetype": kind}), limits=LIMITS)


def test_equal_rows_beyond_the_limit_are_noted(tmp_path: Path) -> None:
    many = row(cell("a"), cell("1"), attributes='table:number-rows-repeated="1000000"')
    parsed = read(tmp_path, "ods", sheet("Log", row(cell("name"), cell("value")), many))
    (note,) = parsed.notes
    assert (note.kind, note.detail) == ("cut", "Log")
    assert note.count == 1_000_000 - parsed.text.count("| a | 1 |")


def test_values_that_no_text_shows(tmp_path: Path) -> None:
    """As programs leave them that write sheets without opening them."""

    def value(kind: str, name: str, text: str) -> str:
        return cell(attributes=f'office:value-type="{kind}" office:{name}="{text}"')

    summed = 'table:formula="of:=SUM([.B1:.B2])" office:value-type="float" office:value="12.50"'
    body = sheet(
        "S",
        row(cell("What"), cell("Worth")),
        row(cell("discount"), value("percentage", "value", "0.075")),
        row(cell("tax"), value("percentage", "value", "0.19")),
        row(cell("price"), '<table:table-cell office:value-type="currency" office:currency="CNY" office:value="1234.5"/>'),
        row(cell("day"), value("date", "date-value", "2026-03-01T08:30:00")),
        row(cell("length"), value("time", "time-value", "PT30H5M00S")),
        row(cell("done"), value("boolean", "boolean-value", "true")),
        row(cell("code"), value("string", "string-value", "00412")),
        row(cell("sum"), cell(attributes=summed)),
        row(cell("empty"), cell(attributes=summed, inner="<text:p/>")),
    )  # fmt: skip
    parsed = read(tmp_path, "ods", body)
    assert [text for _, text in outline(parsed)][2:] == [
        "| discount | 7.5% |", "| tax | 19% |", "| price | 1234.5 CNY |", "| day | 2026-03-01 08:30:00 |",
        "| length | 30:05:00 |", "| done | TRUE |", "| code | 00412 |", "| sum | 12.50 |", "| empty | =SUM([.B1:.B2]) |",
    ]  # fmt: skip
