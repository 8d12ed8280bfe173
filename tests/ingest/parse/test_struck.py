"""Text with a line through it: what its author took back is left out in every format, and noted."""

from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font
from pptx import Presentation
from pptx.util import Inches
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
)
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

from ingest.parse import Note, ParsedDocument, parse
from tests.ingest.parse.helpers import LIMITS, check_blocks, parse_text
from tests.ingest.parse.make import SOLE_FONT, zipped
from tests.ingest.parse.packages import p, r, row, table, word
from tests.ingest.parse.test_odt import SPACES

_OLD, _NEW = "costs 480 euros", "costs 520 euros"


def struck(parsed: ParsedDocument) -> list[str]:
    check_blocks(parsed)
    return [note.detail for note in parsed.notes if note.kind == "struck_through"]


def lines(parsed: ParsedDocument) -> list[str]:
    return [line for line in parsed.text.split("\n") if line]


def test_word_leaves_out_what_a_run_or_a_style_strikes(tmp_path: Path) -> None:
    line = '<w:strike w:val="1"/>'
    styles = (
        '<w:style w:type="character" w:styleId="Gone"><w:rPr><w:dstrike/></w:rPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="GoneP"><w:rPr><w:strike/></w:rPr></w:style>'
    )
    body = (
        p("The course ", r("costs 4", line), r("80 euros", line), r(" ", line), r(_NEW), ".")
        + p("It is ", r("not ", '<w:strike w:val="0"/>'), "free.")
        + p("Lunch is ", r("paid", '<w:rStyle w:val="Gone"/>'), "free.")
        + p("Rooms are given out.", properties='<w:pStyle w:val="GoneP"/>')
        + table(row("Seat", "Price"), row("A", f"<w:tc>{p(r('12', line), '15')}</w:tc>"))
    )
    parsed = parse(word(tmp_path / "a.docx", body, {"styles.xml": styles}), limits=LIMITS)
    assert lines(parsed) == [
        f"The course  {_NEW}.", "It is not free.", "Lunch is free.", "| Seat | Price |", "| A | 15 |",
    ]  # fmt: skip
    assert struck(parsed) == [_OLD, "paid", "Rooms are given out.", "12"]


def test_html_leaves_out_what_marks_and_styles_strike(tmp_path: Path) -> None:
    parsed = parse_text(
        tmp_path,
        "a.html",
        "<style>.was { text-decoration: line-through red }</style><h1>Fees</h1>"
        f"<p>The course <del>{_OLD}</del> <ins>{_NEW}</ins>.</p>"
        "<p>Lunch <s>is paid</s> is <span style='text-decoration-line: line-through'>dear</span> free.</p>"
        "<table><tr><th>Seat<th>Price<th>Row</tr><tr><td>A<td style='text-decoration:line-through'>12<td>7</tr>"
        "</table><p class=was>Rooms are given out.</p>",
    )
    assert lines(parsed) == [
        "Fees", f"The course {_NEW}.", "Lunch is free.", "| Seat | Price | Row |", "| A |  | 7 |",
    ]  # fmt: skip
    assert struck(parsed) == [_OLD, "is paid", "dear", "12", "Rooms are given out."]


def test_markdown_leaves_out_what_is_struck_and_keeps_a_tag_that_nothing_closes(
    tmp_path: Path,
) -> None:
    parsed = parse_text(
        tmp_path,
        "a.md",
        f"# Fees\n\nThe course ~~{_OLD}~~ {_NEW}.\n\nLunch <del>is **paid**</del> is free.\n\n"
        "- [x] ~~Book rooms~~\n- Ask\n\nA prompt begins with <s> and goes on. `~~code~~`\n\n"
        "| Seat | Price |\n| --- | --- |\n| A | ~~12~~ 15 |\n",
    )
    assert lines(parsed) == [
        "Fees", f"The course  {_NEW}.", "Lunch  is free.", "- [x]", "- Ask",
        "A prompt begins with  and goes on. ~~code~~", "| Seat | Price |", "| A | 15 |",
    ]  # fmt: skip
    assert struck(parsed) == [_OLD, "is paid", "Book rooms", "12"]


def test_opendocument_leaves_out_what_a_style_strikes(tmp_path: Path) -> None:
    def style(name: str, said: str, parent: str = "") -> str:
        return (
            f'<style:style style:name="{name}" style:parent-style-name="{parent}">'
            f'<style:text-properties style:text-line-through-style="{said}"/></style:style>'
        )

    automatic = style("T1", "solid") + style("P1", "solid") + style("T2", "none", "T1")

    def content(kind: str, body: str) -> dict[str, str | bytes]:
        return {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "content.xml": f"<office:document-content {SPACES}><office:automatic-styles>{automatic}"
            f"</office:automatic-styles><office:body><office:{kind}>{body}</office:{kind}></office:body>"
            "</office:document-content>",
        }

    span = '<text:span text:style-name="{}">{}</text:span>'
    text = (
        f"<text:p>The course {span.format('T1', 'costs<text:s/>480 euros')} {_NEW}.</text:p>"
        f'<text:p text:style-name="P1">Lunch is {span.format("T2", "free")} paid.</text:p>'
    )
    parsed = parse(zipped(tmp_path / "a.odt", content("text", text)), limits=LIMITS)
    assert lines(parsed) == [f"The course  {_NEW}.", "free"]
    assert struck(parsed) == [_OLD, "Lunch is paid."]
    cell = "<table:table-cell{}><text:p>{}</text:p></table:table-cell>"
    cells = (
        cell.format("", "A") + cell.format(' table:style-name="T1"', "12") + cell.format("", "7")
    )
    head = "".join(cell.format("", name) for name in ("Seat", "Price", "Row"))
    body = f'<table:table table:name="Fees"><table:table-row>{head}</table:table-row><table:table-row>{cells}</table:table-row></table:table>'
    parsed = parse(zipped(tmp_path / "a.ods", content("spreadsheet", body)), limits=LIMITS)
    assert lines(parsed) == ["Fees", "| Seat | Price | Row |", "| A |  | 7 |"]
    assert struck(parsed) == ["12"]


def test_sheets_leave_out_struck_cells_and_parts_of_cells(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Fees"
    sheet.append(["Seat", "Price", "Note"])
    part = CellRichText(TextBlock(InlineFont(strike=True), _OLD), f" {_NEW}")
    sheet.append(["A", 12, part])
    sheet.append(["B", 15, "open"])
    sheet["B2"].font = Font(strike=True)
    book.save(tmp_path / "a.xlsx")
    parsed = parse(tmp_path / "a.xlsx", limits=LIMITS)
    assert lines(parsed) == [
        "Fees",
        "| Seat | Price | Note |",
        f"| A |  | {_NEW} |",
        "| B | 15 | open |",
    ]
    assert sorted(struck(parsed)) == ["12", _OLD]


def test_slides_leave_out_struck_runs(tmp_path: Path) -> None:
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = "Fees"
    frame = slide.shapes.add_textbox(Inches(1), Inches(2), Inches(5), Inches(1)).text_frame
    paragraph = frame.paragraphs[0]
    for text, line in (("The course ", ""), (_OLD, "sngStrike"), (f" {_NEW}.", "noStrike")):
        run = paragraph.add_run()
        run.text = text
        if line:
            run.font._element.set("strike", line)
    deck.save(str(tmp_path / "a.pptx"))
    parsed = parse(tmp_path / "a.pptx", limits=LIMITS)
    assert lines(parsed) == ["Fees", f"The course  {_NEW}."]
    assert struck(parsed) == [_OLD]


def test_rich_text_leaves_out_struck_text(tmp_path: Path) -> None:
    parsed = parse_text(
        tmp_path,
        "a.rtf",
        f"{{\\rtf1\\ansi The course {{\\strike costs \\b 480 euros}} {_NEW}.\\par\\striked1 Gone.\\striked0 Lunch is free.\\par}}",
    )
    assert lines(parsed) == [f"The course  {_NEW}.", "Lunch is free."]
    assert struck(parsed) == [_OLD, "Gone."]


def test_pdf_leaves_out_what_a_stroke_ends_with(tmp_path: Path) -> None:
    style = getSampleStyleSheet()["BodyText"]
    boxed = Table(
        [["Seat", "Price"], ["A", "12"], ["B", Paragraph("<strike>15</strike> 18", style)]],
        style=[("GRID", (0, 0), (-1, -1), 0.5, "black"), ("TOPPADDING", (0, 0), (-1, -1), 0)],
    )
    SimpleDocTemplate(str(tmp_path / "a.pdf")).build(
        [
            Paragraph(f"The course <strike>{_OLD}</strike> {_NEW}.", style),
            Paragraph("Lunch is <u>free for all</u> of us.", style),
            boxed,
        ]
    )
    parsed = parse(tmp_path / "a.pdf", limits=LIMITS)
    assert lines(parsed) == [
        f"The course {_NEW}.", "Lunch is free for all of us.", "| Seat | Price |", "| A | 12 |",
        "| B | 18 |",
    ]  # fmt: skip
    assert struck(parsed) == [_OLD, "15"]


def test_pdf_parts_a_chinese_line_at_the_ends_of_the_stroke(tmp_path: Path) -> None:
    pdfmetrics.registerFont(UnicodeCIDFont(SOLE_FONT))
    canvas = Canvas(str(tmp_path / "a.pdf"))
    canvas.setFont(SOLE_FONT, 12)
    canvas.drawString(72, 700, "课程费用为四百元五百元，含午餐。")
    canvas.line(72 + 5 * 12, 704.5, 72 + 8 * 12, 704.5)
    canvas.drawString(72, 660, "下面一行的线比文字长，是版面的分隔。")
    canvas.line(40, 664.5, 560, 664.5)
    for x, year in ((72, "2024年"), (220, "2025年"), (370, "2026年")):
        canvas.drawString(x, 620, year)
    canvas.line(72, 624.5, 370 + 4 * 6 + 12, 624.5)
    canvas.save()
    parsed = parse(tmp_path / "a.pdf", limits=LIMITS)
    assert all(year in parsed.text for year in ("2024年", "2025年", "2026年"))
    assert "课程费用为五百元，含午餐。" in parsed.text
    assert "下面一行的线比文字长，是版面的分隔。" in parsed.text
    assert struck(parsed) == ["四百元"]


def test_many_pieces_are_noted_together(tmp_path: Path) -> None:
    body = "".join(f"<p>Row {n} <s>old {n}</s> new</p>" for n in range(30))
    parsed = parse_text(tmp_path, "a.html", f"<main><h1>Rows</h1>{body}</main>")
    notes = [note for note in parsed.notes if note.kind == "struck_through"]
    assert len(notes) == 21
    assert notes[-1] == Note("struck_through", 10, "")


@pytest.mark.parametrize("flags", [4, 2])  # printed; hidden
def test_pdf_leaves_out_what_a_viewers_mark_strikes(tmp_path: Path, flags: int) -> None:
    canvas = Canvas(str(tmp_path / "plain.pdf"))
    canvas.drawString(72, 700, f"The course {_OLD} {_NEW}.")
    canvas.save()
    left = 72 + pdfmetrics.stringWidth("The course ", "Helvetica", 12)
    right = left + pdfmetrics.stringWidth(_OLD, "Helvetica", 12)
    corners = (left, 709, right, 709, left, 697, right, 697)
    mark = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject("/StrikeOut"),
            NameObject("/Rect"): ArrayObject(map(FloatObject, (left, 697, right, 709))),
            NameObject("/QuadPoints"): ArrayObject(map(FloatObject, corners)),
            NameObject("/F"): NumberObject(flags),
        }
    )
    writer = PdfWriter(clone_from=tmp_path / "plain.pdf")
    writer.add_annotation(0, mark)
    writer.write(tmp_path / "a.pdf")
    parsed = parse(tmp_path / "a.pdf", limits=LIMITS)
    shown = flags == 4
    assert struck(parsed) == ([_OLD] if shown else [])
    assert (_OLD in parsed.text) is not shown


def test_lines_of_a_drawing_cross_nothing_out(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    canvas.drawString(72, 700, "Hatched")
    for n in range(300):
        canvas.line(72 + n * 0.1, 704 + n % 5 * 0.1, 80 + n * 0.1, 704 + n % 5 * 0.1)
    canvas.save()
    parsed = parse(tmp_path / "a.pdf", limits=LIMITS)
    assert lines(parsed) == ["Hatched"]
    assert not struck(parsed)
