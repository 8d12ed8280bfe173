"""PDF: tables, columns, running titles, and what stands on a page besides its text."""

import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table, TableStyle

from app.errors import DocumentTooLarge, OcrMissing
from ingest.parse import Limits, ParsedDocument, parse
from tests.ingest.parse.helpers import LIMITS, check_blocks, outline
from tests.ingest.parse.raw_pdf import leftward, nested_forms, without_meanings

HEADER = ("Valve", "Medium", "Set pressure")
NO_OCR = Limits(ocr=False)


def rows(first: int, last: int) -> list[tuple[str, str, str]]:
    return [(f"SV-{n:02}", ("brine", "glycol")[n % 2], f"{n}.5 bar") for n in range(first, last)]


def draw(canvas: Canvas, lines: Sequence[tuple[str, ...]], y: float = 750) -> None:
    for line in lines:
        for x, cell in zip((60, 200, 400), line, strict=True):
            canvas.drawString(x, y, cell)
        y -= 18


def row_of(parsed: ParsedDocument, part: str) -> tuple[str, str, int | None]:
    place = parsed.text.index(part)
    block = next(b for b in parsed.blocks if b.start <= place < b.end)
    return parsed.text[block.start : block.end], block.header, block.page


@pytest.mark.parametrize("repeated", [True, False])
@pytest.mark.parametrize("title", ["", "Valve register (continued)"])
def test_a_table_over_three_pages(tmp_path: Path, repeated: bool, title: str) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    for page in range(3):
        above = [HEADER] if repeated or not page else []
        if page and title:
            canvas.drawString(60, 768, title)
        # The last page holds a single row.
        draw(canvas, above + rows(30 * page, 30 * page + (1 if page == 2 else 30)))
        canvas.showPage()
    canvas.save()
    parsed = parse(tmp_path / "a.pdf", limits=LIMITS)
    check_blocks(parsed)
    header = "| Valve | Medium | Set pressure |"
    assert row_of(parsed, "SV-00") == ("| SV-00 | brine | 0.5 bar |", header, 1)
    assert row_of(parsed, "SV-45") == ("| SV-45 | glycol | 45.5 bar |", header, 2)
    assert row_of(parsed, "SV-60") == ("| SV-60 | brine | 60.5 bar |", header, 3)
    # Printed once above the rows of each page, and again where many rows follow.
    lines = parsed.text.split("\n")
    assert all(not (a == b == header) for a, b in pairwise(lines))
    for n in (1, 2, 3):
        first = next(b for b in parsed.blocks if b.page == n and b.kind == "table_row")
        assert parsed.text[first.start : first.end] == header
    assert parsed.text.count("SV-") == 61


def test_another_table_on_the_next_page_has_its_own_header(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    for names in (HEADER, ("Pump", "Hall", "Power")):
        canvas.setFont("Helvetica-Bold", 12)
        draw(canvas, [names])
        canvas.setFont("Helvetica", 12)
        draw(canvas, [(f"{names[0]}-{n}", "x", f"{n}") for n in range(9)], 732)
        canvas.showPage()
    canvas.save()
    parsed = parse(tmp_path / "a.pdf", limits=LIMITS)
    assert row_of(parsed, "Pump-3")[1] == "| Pump | Hall | Power |"


def test_a_ruled_table_with_narrow_gaps_and_wrapped_cells(tmp_path: Path) -> None:
    style = getSampleStyleSheet()["BodyText"]
    data = [["Part", "Used in", "Max load", "Note"]]
    data += [
        [f"P-{n}", Paragraph(f"pump {n} and the long named assembly of hall {n % 3}", style),
         f"{n}0 kN", "" if n == 4 else f"n{n}"]
        for n in range(1, 40)
    ]  # fmt: skip
    table = Table(data, colWidths=[28, 110, 50, 30], repeatRows=1)
    table.setStyle(
        TableStyle(
            [("GRID", (0, 0), (-1, -1), 0.5, colors.black), ("LEFTPADDING", (0, 0), (-1, -1), 1),
             ("RIGHTPADDING", (0, 0), (-1, -1), 1)]
        )
    )  # fmt: skip
    path = tmp_path / "a.pdf"
    words = Paragraph("The parts are listed here.", style)
    SimpleDocTemplate(str(path), pagesize=A4).build([words, table, Paragraph("After it.", style)])
    parsed = parse(path, limits=LIMITS)
    check_blocks(parsed)
    header = "| Part | Used in | Max load | Note |"
    assert parsed.text.startswith("The parts are listed here.")
    assert parsed.text.endswith("After it.")
    for n in (1, 20, 39):
        line = f"| P-{n} | pump {n} and the long named assembly of hall {n % 3} | {n}0 kN | n{n} |"
        assert row_of(parsed, f"| P-{n} |")[:2] == (line, header)
    assert "| P-4 | pump 4 and the long named assembly of hall 1 | 40 kN |  |" in parsed.text


def test_cells_of_a_ruled_table_that_span(tmp_path: Path) -> None:
    data = [["Site", "Shift", "Lead"], ["North", "early", "Anna"], ["", "late", "Ben"],
            ["South", "closed for works", ""]]  # fmt: skip
    table = Table(data)
    table.setStyle(
        TableStyle([("GRID", (0, 0), (-1, -1), 1, colors.black), ("SPAN", (0, 1), (0, 2)),
                    ("SPAN", (1, 3), (2, 3))])
    )  # fmt: skip
    SimpleDocTemplate(str(tmp_path / "a.pdf")).build([table])
    assert parse(tmp_path / "a.pdf", limits=LIMITS).text.split("\n") == [
        "| Site | Shift | Lead |", "| North | early | Anna |", "| North | late | Ben |",
        "| South | closed for works |  |",
    ]  # fmt: skip


def test_a_frame_around_text_is_no_table(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    canvas.rect(50, 650, 400, 100)
    canvas.drawString(60, 700, "A sentence within a frame is a sentence.")
    canvas.save()
    assert outline(parse(tmp_path / "a.pdf", limits=LIMITS)) == [
        ("paragraph", "A sentence within a frame is a sentence.")
    ]


@pytest.mark.parametrize("page_turned", [True, False])
@pytest.mark.parametrize("ruled", [True, False])
def test_tables_on_turned_pages(tmp_path: Path, page_turned: bool, ruled: bool) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    if page_turned:
        canvas.setPageRotation(90)
    else:
        canvas.drawString(60, 800, "Annex A")
    canvas.translate(595, 0)
    canvas.rotate(90)
    draw(canvas, [HEADER, *rows(1, 12)], 500)
    if ruled:
        canvas.grid([50, 190, 390, 560], [515 - 18 * n for n in range(13)])
    canvas.save()
    parsed = parse(tmp_path / "a.pdf", limits=LIMITS)
    check_blocks(parsed)
    for n in range(1, 12):
        row = "| " + " | ".join(rows(n, n + 1)[0]) + " |"
        assert row_of(parsed, f"SV-{n:02}")[:2] == (row, "| Valve | Medium | Set pressure |")
    if not page_turned:
        assert ("paragraph", "Annex A") in outline(parsed)


LEFT = ["The compressor room must be", "aired for ten minutes before", "any work begins. Keep the",
        "hatch locked with the blue", "padlock while the room is", "in use."]  # fmt: skip
RIGHT = ["Filters are changed when the", "gauge shows 0.8 bar or more.", "Used filters go into drum",
         "number six, which is", "collected on the first", "Monday of the month."]  # fmt: skip
ZH_LEFT = ["压缩机房在任何作业开始之前必", "须先通风十分钟，房间使用期间", "舱门应当用蓝色挂锁锁好，发现",
           "泄漏立即报告值班工程师并且记", "录在册。"]  # fmt: skip
ZH_RIGHT = ["过滤器在压力表读数达到规定数", "值时更换，用过的过滤器放入六", "号桶，由废物处理商每月第一个",
            "星期一收走，每次更换以后在表", "上签名。"]  # fmt: skip


@pytest.mark.parametrize("order", ["rows", "columns", "shifted"])
@pytest.mark.parametrize(("left", "right"), [(LEFT, RIGHT), (ZH_LEFT, ZH_RIGHT)])
def test_sentences_run_down_the_column(
    tmp_path: Path, order: str, left: list[str], right: list[str]
) -> None:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    canvas = Canvas(str(tmp_path / "a.pdf"))
    canvas.setFont("STSong-Light" if not left[0].isascii() else "Helvetica", 11)
    shift = 3 if order == "shifted" else 0
    lines = [(60, 730 - 16 * i, text) for i, text in enumerate(left)]
    lines += [(320, 730 - shift - 16 * i, text) for i, text in enumerate(right)]
    if order != "columns":
        lines.sort(key=lambda line: (-line[1] // 16, line[0]))
    for x, y, text in lines:
        canvas.drawString(x, y, text)
    canvas.save()
    parsed = parse(tmp_path / "a.pdf", limits=LIMITS)
    space = " " if left[0].isascii() else ""
    assert outline(parsed) == [
        ("paragraph", space.join(left)),
        ("paragraph", space.join(right)),
    ]


@pytest.mark.parametrize("pages", [2, 6])
def test_running_titles_go_whose_numbers_are_of_the_page(tmp_path: Path, pages: int) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    for n in range(1, pages + 1):
        canvas.setFont("Helvetica", 9)
        canvas.drawString(60, 810, f"ACME Handbook - Internal - printed 2026-02-{n:02}")
        canvas.drawString(60, 30, f"Confidential | Page {n} of {pages}")
        canvas.drawString(300, 20, "ACME Works")
        canvas.drawRightString(540, 20, f"{n + 40}")
        canvas.setFont("Helvetica", 11)
        canvas.drawString(60, 600, f"Crib {n} opens at {n + 5} o'clock.")
        canvas.showPage()
    canvas.save()
    text = parse(tmp_path / "a.pdf", limits=LIMITS).text
    assert text.split("\n\n") == [
        f"Crib {n} opens at {n + 5} o'clock." for n in range(1, pages + 1)
    ]


@pytest.mark.parametrize("pages", [2, 4])
@pytest.mark.parametrize(
    "title", ["Machine sheet M-10{}", "第 {}0 号机器", "Lesson {}", "Balance: 4,3{}0.22 EUR"]
)
@pytest.mark.parametrize(("y", "size"), [(780, 16), (780, 11), (40, 11)])
def test_titles_and_totals_that_differ_in_their_number_stay(
    tmp_path: Path, pages: int, title: str, y: int, size: int
) -> None:
    if y == 40 and title == "Lesson {}":
        pytest.skip("a last line that counts with the pages is a page number")
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    canvas = Canvas(str(tmp_path / "a.pdf"))
    for n in range(1, pages + 1):
        canvas.setFont("Helvetica" if title.isascii() else "STSong-Light", size)
        canvas.drawString(60, y, title.format(n))
        canvas.setFont("Helvetica", 11)
        canvas.drawString(60, 700, f"Oil grade: ISO VG {n * 16}")
        canvas.drawString(290, 20, f"- {n} -")
        canvas.showPage()
    canvas.save()
    parsed = parse(tmp_path / "a.pdf", limits=LIMITS)
    for n in range(1, pages + 1):
        assert title.format(n) in parsed.text
    assert "- 2 -" not in parsed.text


def test_form_values_comments_and_attachments(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    canvas.drawString(60, 700, "Visitor form")
    form = canvas.acroForm
    form.textfield(name="name", tooltip="Visitor name", value="Anna Schmidt", x=100, y=650)
    form.textfield(name="empty", tooltip="Company", value="", x=100, y=600)
    form.checkbox(name="badge", tooltip="Badge given", checked=True, x=100, y=550)
    form.checkbox(name="car", tooltip="Came by car", checked=False, x=100, y=500)
    canvas.textAnnotation("The badge is blue since May.", Rect=[300, 700, 320, 720])
    canvas.textAnnotation("请于下班前归还。", Rect=[300, 600, 320, 620])
    canvas.save()
    parsed = parse(tmp_path / "a.pdf", limits=LIMITS)
    check_blocks(parsed)
    assert outline(parsed) == [
        ("paragraph", "Visitor form"),
        ("paragraph", "Visitor name: Anna Schmidt\nBadge given: Yes"),
        ("paragraph", "Comment: The badge is blue since May."),
        ("paragraph", "批注：请于下班前归还。"),
    ]


def test_a_picture_among_text_is_noted(tmp_path: Path) -> None:
    picture = ImageReader(Image.new("RGB", (60, 60), "gray"))
    canvas = Canvas(str(tmp_path / "a.pdf"))
    canvas.drawString(60, 700, "Text beside a picture.")
    canvas.drawImage(picture, 60, 400, 100, 100)
    canvas.drawImage(picture, 60, 300, 10, 10)  # decoration
    canvas.save()
    notes = parse(tmp_path / "a.pdf", limits=LIMITS).notes
    assert [(note.kind, note.count) for note in notes] == [("picture", 1)]


SENTENCE = "The compressor room must be aired for ten minutes before any work begins there."


def test_a_font_without_meanings_is_no_text(tmp_path: Path) -> None:
    lone = without_meanings(tmp_path / "a.pdf", [SENTENCE])
    with pytest.raises(OcrMissing):
        parse(lone, limits=NO_OCR)
    parsed = parse(without_meanings(tmp_path / "b.pdf", [SENTENCE, ""]), limits=NO_OCR)
    assert parsed.text == "This page can be read as it stands."
    assert [(n.kind, n.detail) for n in parsed.notes] == [("unreadable_text", "1")]
    assert parsed.metadata["pages_without_text"] == "1"


def test_a_scanned_page_that_was_not_read_is_noted(tmp_path: Path) -> None:
    picture = ImageReader(Image.new("RGB", (60, 60), "gray"))
    canvas = Canvas(str(tmp_path / "a.pdf"))
    canvas.drawString(60, 700, "A page of text that goes before a scan of another page.")
    canvas.showPage()
    canvas.drawImage(picture, 0, 0, 595, 842)
    canvas.save()
    parsed = parse(tmp_path / "a.pdf", limits=NO_OCR)
    assert [(n.kind, n.detail, n.count) for n in parsed.notes] == [("picture", "2", 1)]


def test_forms_within_forms_are_refused_before_they_unfold(tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(DocumentTooLarge, match="nested_forms"):
        parse(nested_forms(tmp_path / "a.pdf", 6, 40), limits=LIMITS)
    assert time.monotonic() - started < 5
    parsed = parse(nested_forms(tmp_path / "b.pdf", 3, 4), limits=LIMITS)
    assert parsed.text == "Some words of text."


@pytest.mark.parametrize("cells", [1, 2, 3])
def test_thousands_of_lines_on_a_page_take_linear_time(tmp_path: Path, cells: int) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=(600, 60_000))
    for n in range(4_000):
        for x in range(cells):
            canvas.drawString(20 + 190 * x, 59_900 - 14 * n, f"words of line {n} here, and more")
    canvas.save()
    started = time.process_time()
    parsed = parse(tmp_path / "a.pdf", limits=LIMITS)
    assert time.process_time() - started < 6
    assert parsed.text.count("words of line") == 4_000 * cells


HEBREW = ["חדר המדחסים חייב להיות מאוורר במשך", "עשר דקות לפני כל עבודה והמפתח נמצא",
          "אצל ACME Works עד שעה 17 בלבד."]  # fmt: skip


def test_text_from_right_to_left_is_in_the_order_of_reading(tmp_path: Path) -> None:
    path = leftward(tmp_path / "a.pdf", [[(500, line)] for line in HEBREW])
    assert outline(parse(path, limits=NO_OCR)) == [("paragraph", " ".join(HEBREW))]


def test_the_first_column_of_a_table_from_right_to_left_is_on_the_right(tmp_path: Path) -> None:
    names = ("אולם", "לחץ", "הערה")
    rows_ = [("צפון", "12", "נבדק"), ("דרום", "17", "חדש"), ("מזרח", "31", "סגור")]
    lines = [list(zip((500, 350, 200), row, strict=True)) for row in [names, *rows_]]
    parsed = parse(leftward(tmp_path / "a.pdf", lines), limits=NO_OCR)
    assert parsed.text.split("\n") == [f"| {' | '.join(row)} |" for row in [names, *rows_]]


UNITS = [("Cranes", "120", "131", "140", "138"), ("Lifts", "60", "58", "64", "71"),
         ("Ramps", "7", "8", "9", "10")]  # fmt: skip
PLACES = (60, 180, 260, 340, 420)


@pytest.mark.parametrize("centred", [True, False])
@pytest.mark.parametrize("first_below", [True, False])
@pytest.mark.parametrize("pages", [1, 2])
def test_two_lines_that_name_the_columns_of_a_table_without_lines(
    tmp_path: Path, centred: bool, first_below: bool, pages: int
) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    for page in range(pages):
        for x, year in ((180, "2025"), (340, "2026")):
            # In the middle of where its columns begin and end.
            canvas.drawString(x + 44 if centred else x, 750, year)
        canvas.drawString(60, 732 if first_below else 750, "Unit")
        for x, name in zip(PLACES[1:], ("Plan", "Actual") * 2, strict=True):
            canvas.drawString(x, 732, name)
        for n, row in enumerate(UNITS):
            for x, cell in zip(PLACES, row, strict=True):
                canvas.drawString(x, 714 - 18 * n, cell if x > 60 else f"{cell} {page}")
        canvas.showPage()
    canvas.save()
    parsed = parse(tmp_path / "a.pdf", limits=NO_OCR)
    header = "| Unit | 2025 Plan | 2025 Actual | 2026 Plan | 2026 Actual |"
    for page in range(pages):
        line = f"| Lifts {page} | 60 | 58 | 64 | 71 |"
        assert row_of(parsed, f"Lifts {page}") == (line, header, page + 1)
    assert parsed.text.count("Unit") == pages


def test_two_rows_that_name_the_columns_of_a_ruled_table(tmp_path: Path) -> None:
    data = [["Unit", "2025", "", "2026", ""], ["", "Plan", "Actual", "Plan", "Actual"], *UNITS]
    table = Table(data)
    table.setStyle(
        TableStyle([("GRID", (0, 0), (-1, -1), 1, colors.black), ("SPAN", (0, 0), (0, 1)),
                    ("SPAN", (1, 0), (2, 0)), ("SPAN", (3, 0), (4, 0))])
    )  # fmt: skip
    SimpleDocTemplate(str(tmp_path / "a.pdf")).build([table])
    parsed = parse(tmp_path / "a.pdf", limits=NO_OCR)
    assert (
        row_of(parsed, "Lifts")[1] == "| Unit | 2025 Plan | 2025 Actual | 2026 Plan | 2026 Actual |"
    )


def test_lines_of_a_column_below_a_wide_title_are_one_paragraph(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    canvas.setFont("Helvetica-Bold", 16)
    canvas.drawString(60, 780, "Rules for the compressor room and its hall")
    canvas.setFont("Helvetica", 11)
    for n, (left, right) in enumerate(zip(LEFT, RIGHT, strict=True)):
        canvas.drawString(60, 730 - 16 * n, left)
        canvas.drawString(320, 730 - 16 * n, right)
    canvas.drawString(
        60,
        560,
        "A last sentence runs over the whole width, below both of the columns, and ends it.",
    )
    canvas.save()
    told = [text for _, text in outline(parse(tmp_path / "a.pdf", limits=NO_OCR))]
    assert told[1:3] == [" ".join(LEFT), " ".join(RIGHT)]


@pytest.mark.parametrize(
    ("lines", "named"),
    [
        ([("Land", "2023", "2024"), ("DE", "120", "131"), ("FR", "60", "58")], True),
        ([("Founded", "2020", "x"), ("Moved", "2023", "y"), ("Closed", "2025", "z")], False),
    ],
)
def test_years_name_columns_above_other_numbers(
    tmp_path: Path, lines: Sequence[tuple[str, ...]], named: bool
) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    draw(canvas, lines)
    canvas.save()
    header = row_of(parse(tmp_path / "a.pdf", limits=NO_OCR), lines[1][0])[1]
    assert header == (f"| {' | '.join(lines[0])} |" if named else "")


def test_columns_with_narrow_gaps_are_a_table(tmp_path: Path) -> None:
    """As programs set them that leave 6 points on each side of a column's widest cell."""
    data = [
        list(HEADER),
        *([f"SV-{n}", ("brine", "steam")[n % 2], f"{n}.5 bar"] for n in range(1, 61)),
    ]
    title = Paragraph("Register", getSampleStyleSheet()["Title"])
    SimpleDocTemplate(str(tmp_path / "a.pdf"), pagesize=A4).build([title, Table(data)])
    parsed = parse(tmp_path / "a.pdf", limits=LIMITS)
    header = "| Valve | Medium | Set pressure |"
    for n, page in ((1, 1), (58, 2)):
        row = f"| SV-{n} | {('brine', 'steam')[n % 2]} | {n}.5 bar |"
        assert row_of(parsed, row) == (row, header, page)


def test_justified_text_is_no_table(tmp_path: Path) -> None:
    style = getSampleStyleSheet()["Normal"].clone("j", alignment=4)
    text = "The tank holds extraordinarily compressed and refrigerated hydrocarbon mixtures. " * 12
    SimpleDocTemplate(str(tmp_path / "a.pdf"), pagesize=(260, 842)).build([Paragraph(text, style)])
    parsed = parse(tmp_path / "a.pdf", limits=LIMITS)
    assert {kind for kind, _ in outline(parsed)} == {"paragraph"}


def test_months_tell_statements_apart_and_dates_do_not(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    for n, month in enumerate(("January", "February", "March"), 1):
        canvas.drawString(60, 820, f"ACME, printed {n} March 2026")
        canvas.setFont("Helvetica-Bold", 14)
        canvas.drawString(60, 790, f"Statement {month} 2026")
        canvas.setFont("Helvetica", 11)
        canvas.drawString(60, 740, f"Total: {4310 + n} EUR")
        canvas.showPage()
    canvas.save()
    parsed = parse(tmp_path / "a.pdf", limits=LIMITS)
    assert [text for _, text in outline(parsed)] == [
        "Statement January 2026", "Total: 4311 EUR", "Statement February 2026", "Total: 4312 EUR",
        "Statement March 2026", "Total: 4313 EUR",
    ]  # fmt: skip


def test_a_title_above_columns_that_was_drawn_last_comes_first(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    for x, word in ((72, "Left"), (320, "Right")):
        for n in range(4):
            canvas.drawString(x, 700 - 14 * n, f"{word} column line {n} says a thing,")
    canvas.setFont("Helvetica-Bold", 14)
    canvas.drawString(72, 740, "A title over both columns")
    canvas.save()
    found = outline(parse(tmp_path / "a.pdf", limits=LIMITS))
    assert found[0] == ("heading", "A title over both columns")
