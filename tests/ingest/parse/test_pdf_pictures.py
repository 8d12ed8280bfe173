"""PDF: pictures and charts beside text, and where what is written onto a page stands."""

from pathlib import Path

import pytest
from PIL import Image
from reportlab.graphics.charts.barcharts import HorizontalBarChart, VerticalBarChart
from reportlab.graphics.charts.linecharts import HorizontalLineChart
from reportlab.graphics.charts.piecharts import Pie
from reportlab.graphics.shapes import Drawing
from reportlab.lib import colors
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Table, TableStyle

from ingest.parse import Limits, parse
from tests.ingest.parse.helpers import LIMITS, check_blocks, outline
from tests.ingest.parse.pictures import picture

NO_OCR = Limits(ocr=False)
WORDS = "This page has text of its own, in which nothing of the picture is told."
SIGN = "Assembly point: gate seven"


def _beside(path: Path, *signs: str, turned: bool = False) -> Path:
    """Pages of text with a picture of a sign each."""
    canvas = Canvas(str(path), pagesize=(595, 842))
    for number, sign in enumerate(signs, 1):
        if turned:
            canvas.setPageRotation(90)
        top = 560 if turned else 700  # a turned page is as high as this one is wide
        canvas.drawString(72, top, WORDS)
        canvas.drawString(72, top - 20, f"It is number {number}.")
        drawn = picture([(40, 80, 36, sign)], height=160)
        if turned:
            drawn = drawn.rotate(90, expand=True)
            canvas.drawImage(ImageReader(drawn), 300, 100, 64, 400)
        else:
            canvas.drawImage(ImageReader(drawn), 72, 500, 400, 64)
        canvas.showPage()
    canvas.save()
    return path


@pytest.mark.parametrize("turned", [False, True])
def test_the_text_in_a_picture_beside_text_stands_after_its_page(
    tmp_path: Path, turned: bool
) -> None:
    parsed = parse(_beside(tmp_path / "a.pdf", SIGN, SIGN, turned=turned), limits=LIMITS)
    check_blocks(parsed)
    told = [text for _, text in outline(parsed)]
    # Read once, though it is shown on both pages.
    assert told == [
        f"{WORDS} It is number 1.",
        f"Text in the picture: {SIGN}",
        f"{WORDS} It is number 2.",
    ] or (turned and f"Text in the picture: {SIGN}" in told)
    page = next(b.page for b in parsed.blocks if SIGN in parsed.text[b.start : b.end])
    assert page == 1
    assert parsed.notes == ()


def test_pictures_beside_text_are_noted_by_their_pages_without_ocr(tmp_path: Path) -> None:
    notes = parse(_beside(tmp_path / "a.pdf", SIGN, SIGN), limits=NO_OCR).notes
    assert [(n.kind, n.count, n.detail) for n in notes] == [
        ("picture", 1, "1"),
        ("picture", 1, "2"),
    ]


def test_a_scan_with_its_text_laid_over_it_has_been_read(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=(595, 842))
    canvas.drawImage(ImageReader(Image.new("RGB", (60, 60), "gray")), 0, 0, 595, 842)
    for n in range(4):
        canvas.drawString(72, 700 - 16 * n, WORDS)
    canvas.save()
    assert parse(tmp_path / "a.pdf", limits=NO_OCR).notes == ()


def test_strips_of_a_picture_are_one(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=(595, 842))
    canvas.drawString(72, 700, WORDS)
    strip = ImageReader(Image.new("RGB", (60, 10), "gray"))
    for n in range(4):
        canvas.drawImage(strip, 72, 500 - 30 * n, 180, 30)
    canvas.save()
    notes = parse(tmp_path / "a.pdf", limits=NO_OCR).notes
    assert [(n.kind, n.count) for n in notes] == [("picture", 1)]


def _chart(kind: str) -> Drawing:
    drawing = Drawing(400, 200)
    chart = {
        "bars": VerticalBarChart,
        "level bars": HorizontalBarChart,
        "lines": HorizontalLineChart,
        "pie": Pie,
    }[kind]()
    chart.x, chart.y, chart.width, chart.height = 50, 50, 300, 125
    if kind == "pie":
        chart.width = 125
        chart.data = [10, 20, 30]
    else:
        chart.data = [(13, 5, 20, 22)]
    drawing.add(chart)
    return drawing


@pytest.mark.parametrize("kind", ["bars", "level bars", "lines", "pie"])
def test_a_chart_is_noted_by_its_page(tmp_path: Path, kind: str) -> None:
    style = getSampleStyleSheet()["BodyText"]
    parts: list[Flowable] = [Paragraph(WORDS, style), _chart(kind)]
    SimpleDocTemplate(str(tmp_path / "a.pdf")).build(parts)
    notes = parse(tmp_path / "a.pdf", limits=NO_OCR).notes
    assert [(n.kind, n.count, n.detail) for n in notes] == [("chart", 1, "1")]


def test_tables_frames_and_small_signs_are_no_charts(tmp_path: Path) -> None:
    style = getSampleStyleSheet()["BodyText"]
    data = [["Part", "Load", "Note"]]
    data += [[f"P-{n}", f"{n}0 kN", "a note that wraps " * (n % 3)] for n in range(12)]
    table = Table([[Paragraph(cell, style) for cell in row] for row in data])
    table.setStyle(
        TableStyle(
            [("GRID", (0, 0), (-1, -1), 1, colors.black),
             ("ROWBACKGROUNDS", (0, 0), (-1, -1), [colors.lightgrey, colors.white]),
             ("BACKGROUND", (1, 1), (1, -1), colors.lightblue)]
        )
    )  # fmt: skip
    SimpleDocTemplate(str(tmp_path / "a.pdf")).build([Paragraph(WORDS, style), table])
    assert parse(tmp_path / "a.pdf", limits=NO_OCR).notes == ()
    canvas = Canvas(str(tmp_path / "b.pdf"))
    canvas.drawString(72, 700, WORDS)
    for n in range(4):
        canvas.roundRect(72, 600 - 60 * n, 300, 40, 6, fill=1)  # boxes
    canvas.circle(500, 700, 12)  # a sign
    canvas.rect(0, 0, 595, 30, fill=1)  # a band
    canvas.save()
    assert parse(tmp_path / "b.pdf", limits=NO_OCR).notes == ()


def test_comments_stand_after_their_page_under_its_heading(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    for number in (1, 2):
        canvas.setFont("Helvetica", 20)
        canvas.drawString(60, 740, f"Hall number {number}")
        canvas.setFont("Helvetica", 11)
        canvas.drawString(60, 700, f"Hall {number} is swept every day of the week but Sundays.")
        canvas.drawString(60, 685, "The broom stands beside the door, and so does the pail.")
        canvas.textAnnotation(f"Key {number} is blue.", Rect=[300, 700, 320, 720])
        canvas.showPage()
    canvas.save()
    parsed = parse(tmp_path / "a.pdf", limits=NO_OCR)
    check_blocks(parsed)
    for number in (1, 2):
        block = next(b for b in parsed.blocks if f"Key {number}" in parsed.text[b.start : b.end])
        assert (block.page, block.section) == (number, (f"Hall number {number}",))


@pytest.mark.parametrize(
    ("title", "kept"),
    [
        ("The gate of the yard is locked at 19:30.", True),
        ("Tariff valid from 1 May 2026", True),
        ("ACME Handbook - Internal - printed 2026-02-01", False),
        ("ACME Tool Works Inc.", False),
    ],
)
@pytest.mark.parametrize("pages", [2, 5])
@pytest.mark.parametrize(("y", "label"), [(815, "Header"), (25, "Footer")])
def test_what_a_running_title_says_is_kept_once(
    tmp_path: Path, title: str, kept: bool, pages: int, y: int, label: str
) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=(595, 842))
    for number in range(pages):
        canvas.drawString(72, y, title)
        canvas.drawString(72, 700, f"Words of page {number} stand here, and end here.")
        canvas.showPage()
    canvas.save()
    parsed = parse(tmp_path / "a.pdf", limits=NO_OCR)
    assert parsed.text.count(title) == kept
    assert parsed.text.endswith(
        f"{label}: {title}" if kept else f"page {pages - 1} stand here, and end here."
    )
