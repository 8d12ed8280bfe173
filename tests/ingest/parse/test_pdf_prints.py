"""PDF as browsers and office programs print it: raised numbers, drawn bullets, names above columns."""

from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from ingest.parse import ParsedDocument, parse
from tests.ingest.parse.helpers import LIMITS, check_blocks, outline
from tests.ingest.parse.raw_pdf import drawn_glyphs, raw_pdf, stream

LEFT = (
    "The left column begins here and tells of the",
    "lubrication. It has to be done with the pump",
    "at rest, and with the main switch locked by",
    "the blue padlock. Nobody else may hold the",
    "key meanwhile. It takes about a quarter of",
    "an hour.",
)
RIGHT = (
    "The second column tells of the filter. One",
    "that is torn is replaced at once, and the",
    "event is written into the book with the name",
    "of who found it.",
)


def read(canvas: Canvas, path: Path) -> ParsedDocument:
    canvas.save()
    parsed = parse(path, limits=LIMITS)
    check_blocks(parsed)
    return parsed


def test_raised_numbers_are_written_as_such(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    text = canvas.beginText(60, 700)
    for part, size, rise in (
        ("Pressure of 10", 11, 0), ("3", 7, 5), (" Pa, an area of 5 m", 11, 0), ("2", 7, 5),
        (" and H", 11, 0), ("2", 7, -3), ("O (g/m", 11, 0), ("3", 7, 5), ("), as said", 11, 0), ("1", 7, 5), (".", 11, 0),
    ):  # fmt: skip
        text.setFont("Helvetica", size)
        text.setRise(rise)
        text.textOut(part)
    canvas.drawText(text)
    assert (
        read(canvas, tmp_path / "a.pdf").text
        == "Pressure of 10³ Pa, an area of 5 m² and H2O (g/m³), as said¹."
    )


def test_drawn_bullets_make_items(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    y = 700
    for words in ("First point, which is of oil.", "Second point", "Third point"):
        canvas.circle(70, y + 4, 2, fill=1)
        canvas.drawString(80, y, words)
        y -= 14
    canvas.circle(300, 300, 2, fill=1)
    canvas.drawString(400, 300, "a point of a drawing")
    shown = outline(read(canvas, tmp_path / "a.pdf"))
    assert shown[:3] == [
        ("list_item", "• First point, which is of oil."),
        ("list_item", "• Second point"),
        ("list_item", "• Third point"),
    ]
    assert shown[3][1] == "a point of a drawing"


def test_names_in_the_middle_of_wide_columns(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    canvas.setFont("Helvetica-Bold", 11)
    for x, name in ((130, "Screw"), (290, "Torque"), (450, "Class")):
        canvas.drawCentredString(x, 700, name)
    canvas.setFont("Helvetica", 11)
    for n, row in enumerate(
        (("M6", "9 Nm", "8.8"), ("M8", "23 Nm", "8.8"), ("M10", "45 Nm", "10"))
    ):
        for x, cell in zip((60, 220, 380), row, strict=True):
            canvas.drawString(x, 682 - 18 * n, cell)
    parsed = read(canvas, tmp_path / "a.pdf")
    assert parsed.text.startswith("| Screw | Torque | Class |\n| M6 | 9 Nm | 8.8 |")
    assert {block.header for block in parsed.blocks} == {"| Screw | Torque | Class |"}


def test_names_near_each_other_above_columns(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    canvas.setFont("Helvetica", 10)
    rows = (
        ("Pos", "Description", "Qty", "Total"),
        ("1", "Seal kit K-12", "2", "80.00"),
        ("2", "Work", "3.5", "315.00"),
    )
    for n, row in enumerate(rows):
        for x, cell in zip((60, 90, 320, 450), row, strict=True):
            canvas.drawString(x, 700 - 16 * n, cell)
    parsed = read(canvas, tmp_path / "a.pdf")
    assert parsed.text.split("\n") == ["| " + " | ".join(row) + " |" for row in rows]


def test_a_column_below_wide_text_is_joined_to_its_own_margin(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    canvas.setFont("Helvetica", 11)
    wide = (
        "This manual describes how the pump MX-40 is kept in working order, from the first",
        "start to the last service, and whom to call when something is not as it should be",
        "although all that is said below was done, and was written into the book of the pump",
        "by those who are named on the first sheet of it, with the day and with the hour,",
    )
    for n, line in enumerate(wide):
        canvas.drawString(60, 760 - 15 * n, line)
    for x, column in ((60, LEFT), (310, RIGHT)):
        for n, line in enumerate(column):
            canvas.drawString(x, 660 - 15 * n, line)
    shown = [text for _, text in outline(read(canvas, tmp_path / "a.pdf"))]
    assert " ".join(LEFT) in shown
    assert " ".join(RIGHT) in shown


def test_type_that_most_of_a_document_is_set_in_marks_no_headings(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    canvas.setFont("Helvetica-Bold", 11)
    canvas.drawString(60, 700, "All of this notice is set in bold type")
    canvas.drawString(60, 660, "It has a second paragraph, too")
    kinds = [kind for kind, _ in outline(read(canvas, tmp_path / "a.pdf"))]
    assert kinds == ["paragraph", "paragraph"]


def test_a_regular_font_with_thick_stems_is_not_bold(tmp_path: Path) -> None:
    font = (
        b"<</Type/Font/Subtype/TrueType/BaseFont/%b/FirstChar 32/LastChar 32/Widths[600]"
        b"/Encoding/WinAnsiEncoding/FontDescriptor %d 0 R>>"
    )
    about = (
        b"<</Type/FontDescriptor/FontName/%b/Flags 32/FontBBox[0 0 1000 1000]/ItalicAngle 0"
        b"/Ascent 800/Descent -200/CapHeight 700/StemV 125>>"
    )
    page = b"BT /F1 11 Tf 60 700 Td (Notes) Tj /F2 11 Tf 0 -40 Td (%b) Tj ET" % (
        b"plain words " * 9
    )
    path = raw_pdf(
        tmp_path / "a.pdf",
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 900 842]/Contents 4 0 R"
            b"/Resources<</Font<</F1 5 0 R/F2 6 0 R>>>>>>",
            stream(page),
            font % (b"AAAAAA+Some-Regular", 7),
            font % (b"BAAAAA+Other", 8),
            about % b"AAAAAA+Some-Regular",
            about.replace(b"125", b"80") % b"BAAAAA+Other",
        ],
    )
    assert [kind for kind, _ in outline(parse(path, limits=LIMITS))] == ["paragraph", "paragraph"]


def test_a_single_page_keeps_no_count_of_pages(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    canvas.setFont("STSong-Light", 11)
    canvas.drawString(60, 700, "这一页只有一句话。")
    canvas.drawCentredString(300, 30, "第 1 页 共 1 页")
    assert read(canvas, tmp_path / "a.pdf").text == "这一页只有一句话。"


def test_titles_of_short_chapters_go_with_the_numbers_of_their_pages(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    for page in range(1, 9):
        canvas.setFont("Helvetica", 9)
        canvas.drawString(60, 810, f"Chapter {(page + 1) // 2}: of pumps")
        canvas.drawRightString(540, 810, str(page + 4))
        canvas.setFont("Helvetica", 11)
        canvas.drawString(60, 700, f"Pump number {page * 7} is described on this page.")
        canvas.showPage()
    assert "Chapter" not in read(canvas, tmp_path / "a.pdf").text


def test_entries_of_a_table_of_contents_stay_apart_and_are_no_headings(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    for font, entries, top in (
        ("Helvetica-Bold", ("1 Introduction", "2 Structures"), 750),
        ("Helvetica", ("2.1 Syntax of all that there is", "2.2 Naming of parts"), 700),
    ):
        canvas.setFont(font, 11)
        for n, entry in enumerate(entries):
            dots = "." * (100 - len(entry))
            canvas.drawString(60, top - 14 * n, f"{entry} {dots} {n + 3}")
    canvas.drawString(
        60, 640, "Plain words of the document itself, which are longer than all of its names."
    )
    shown = outline(read(canvas, tmp_path / "a.pdf"))
    assert [kind for kind, _ in shown] == ["paragraph"] * 5
    assert shown[2][1] == "2.1 Syntax of all that there is … 3"


def test_a_total_below_its_column_is_a_row_of_its_own(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    rows = [
        ("Item", "Qty", "Unit price", "Amount"), ("Bolt M8", "100", "0.12", "12.00"),
        ("Nut M8", "200", "0.07", "14.00"), ("", "", "Total", "26.00"), ("", "", "", "31.20"),
    ]  # fmt: skip
    for pitch, y in ((12, 720), (18, 500)):
        for row in rows:
            for x, cell in zip((60, 200, 280, 380), row, strict=True):
                canvas.drawRightString(x + 60, y, cell)
            y -= pitch
    lines = [text for _, text in outline(read(canvas, tmp_path / "a.pdf"))]
    wanted = [f"| {' | '.join(row)} |" for row in rows]
    assert lines == [*wanted, *wanted]


def test_digits_of_a_font_that_states_their_own_height_are_not_raised(tmp_path: Path) -> None:
    shown = b"BT /F1 12 Tf 60 700 Td (ABCD) Tj ET BT /F2 12 Tf 91.5 700 Td (A) Tj ET"
    path = drawn_glyphs(tmp_path / "a.pdf", [("Dock", -200, 800), ("7", 0, 700)], shown)
    assert parse(path, limits=LIMITS).text == "Dock 7"


def glyph(font: int, char: str, x: float, y: float) -> bytes:
    """Drawn by itself on a page that is upside down, as browsers do: PDFium sees a new line at each."""
    return b"q 1 0 0 -1 0 842 cm BT 1 0 0 -1 %.1f %.1f Tm /F%d 12 Tf (%b) Tj ET Q " % (
        x, 842 - y, font, char.encode(),
    )  # fmt: skip


def test_glyphs_that_are_drawn_one_by_one_are_words(tmp_path: Path) -> None:
    shown = glyph(1, "A", 60, 700) + glyph(1, "B", 67.2, 700)
    shown += b"".join(glyph(2, char, 76 + 7.2 * n, 700) for n, char in enumerate("ABAC"))
    path = drawn_glyphs(tmp_path / "a.pdf", [("年报", -120, 880), ("206", 0, 700)], shown)
    assert parse(path, limits=LIMITS).text == "年报2026"


def test_a_flat_sign_stays_in_its_word_in_a_cell(tmp_path: Path) -> None:
    shown = b"".join(b"%d 600 m %d 740 l S " % (x, x) for x in (50, 200, 350))
    shown += b"".join(b"50 %d m 350 %d l S " % (y, y) for y in (600, 670, 740))
    for words, x, y in (("ABC", 60, 700), ("AB", 210, 700), ("AB", 60, 630), ("BA", 210, 630)):
        for n, char in enumerate(words):
            shown += glyph(1, char, x + 7.2 * n, y)
        shown += glyph(2, "A", x + 7.2 * len(words), y)
    path = drawn_glyphs(tmp_path / "a.pdf", [("星期日", -120, 880), ("一", 420, 480)], shown)
    assert parse(path, limits=LIMITS).text.split("\n") == [
        "| 星期日一 | 星期一 |",
        "| 星期一 | 期星一 |",
    ]


def test_slanted_type_stays_where_it_stands(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    canvas.drawString(60, 760, "On valves of the third line")
    text = canvas.beginText()
    text.setTextTransform(1, 0, 0.25, 1, 60, 720)
    text.textOut("Abstract. We study fourteen valves.")
    canvas.drawText(text)
    canvas.drawString(60, 680, "Each of them opens by itself.")
    assert read(canvas, tmp_path / "a.pdf").text.split("\n\n") == [
        "On valves of the third line",
        "Abstract. We study fourteen valves.",
        "Each of them opens by itself.",
    ]


def test_columns_within_a_cell_over_the_whole_table_are_a_table(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    canvas.setFont("Helvetica", 9)
    for y in (740, 700, 620, 590):
        canvas.line(50, y, 550, y)
    for x, top, bottom in ((50, 740, 590), (300, 740, 700), (550, 740, 590), (200, 620, 590)):
        canvas.line(x, top, x, bottom)
    canvas.drawString(60, 726, "Buyer: Lake Water Ltd")
    canvas.drawString(60, 712, "Tax number: 914201")
    canvas.drawString(310, 726, "Seller: Pump Works")
    rows = (
        ("Item", "Model", "Count", "Amount"),
        ("Pump", "IS80", "2", "17,699.12"),
        ("Valve", "DN50", "12", "300.00"),
    )
    for n, row in enumerate(rows):
        for x, words in zip((60, 200, 320, 430), row, strict=True):
            canvas.drawString(x, 686 - 18 * n, words)
    canvas.drawString(60, 600, "Total in words")
    canvas.drawString(210, 600, "eighteen thousand")
    assert read(canvas, tmp_path / "a.pdf").text.split("\n") == [
        "| Buyer: Lake Water Ltd Tax number: 914201 | Seller: Pump Works |", "",
        "| Item | Model | Count | Amount |", "| Pump | IS80 | 2 | 17,699.12 |", "| Valve | DN50 | 12 | 300.00 |", "",
        "| Total in words | eighteen thousand |",
    ]  # fmt: skip


def test_what_is_no_table_beside_such_a_cell_is_kept(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    for y in (740, 700, 620, 590):
        canvas.line(50, y, 550, y)
    for x, top, bottom in ((50, 740, 590), (550, 740, 590), (300, 620, 590)):
        canvas.line(x, top, x, bottom)
    canvas.drawString(60, 715, "A frame around one line of words.")
    for n, row in enumerate(
        (("Item", "Model", "Amount"), ("Pump", "IS80", "17.1"), ("Valve", "DN50", "3.0"))
    ):
        for x, words in zip((60, 200, 430), row, strict=True):
            canvas.drawString(x, 684 - 18 * n, words)
    canvas.drawString(60, 600, "Signed by nobody")
    text = read(canvas, tmp_path / "a.pdf").text
    assert "A frame around one line of words." in text
    assert "Signed by nobody" in text
    assert "| Pump | IS80 | 17.1 |" in text


def test_a_clause_or_other_weight_after_a_sentence_begins_a_paragraph(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    lines = (
        ("1.1 Water is supplied at the place of use.", ""),
        ("1.2 Works are told of a day before them.", ""),
        ("Duties of the buyer, which all hold", "Bold"),
        ("The bill is paid within fourteen days.", ""),
    )
    for n, (words, weight) in enumerate(lines):
        canvas.setFont(f"Helvetica{'-' if weight else ''}{weight}", 11)
        canvas.drawString(72, 700 - 14 * n, words)
    paragraphs = read(canvas, tmp_path / "a.pdf").text.split("\n\n")
    assert paragraphs[:2] == [lines[0][0], lines[1][0]]
    assert paragraphs[2].startswith(lines[2][0])
