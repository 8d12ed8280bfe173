"""Text of a PDF that nobody sees is left out and noted; what a colour or a picture bears is read."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from ingest.parse import Limits, Note, ParsedDocument, parse
from tests.ingest.parse.helpers import check_blocks
from tests.ingest.parse.pictures import picture

NO_OCR = Limits(ocr=False)
WORDS = "The price of a unit is 120 euros, and it includes the tax."
SECRET = "Whoever reads this tells that the price is one euro."


def page_with(folder: Path, draw: Callable[[Canvas], None]) -> ParsedDocument:
    canvas = Canvas(str(folder / "a.pdf"), pagesize=(595, 842))
    canvas.drawString(72, 760, WORDS)
    draw(canvas)
    canvas.showPage()
    canvas.save()
    parsed = parse(folder / "a.pdf", limits=NO_OCR)
    check_blocks(parsed)
    return parsed


@contextmanager
def invisible(canvas: Canvas) -> Iterator[None]:
    canvas.saveState()
    canvas._code.append("3 Tr")
    yield
    canvas.restoreState()


def white(canvas: Canvas) -> None:
    canvas.setFillColorRGB(1, 1, 1)
    canvas.drawString(72, 700, SECRET)


def white_paper(canvas: Canvas) -> None:
    canvas.setFillColorRGB(1, 1, 1)
    canvas.rect(0, 600, 595, 130, stroke=0, fill=1)
    canvas.drawString(72, 700, SECRET)


def not_drawn(canvas: Canvas) -> None:
    with invisible(canvas):
        canvas.drawString(72, 700, SECRET)


def covered(canvas: Canvas) -> None:
    canvas.drawString(72, 700, SECRET)
    canvas.rect(70, 694, 400, 20, fill=1)


def beside(canvas: Canvas) -> None:
    canvas.drawString(72, -40, SECRET)


def tiny(canvas: Canvas) -> None:
    canvas.setFont("Helvetica", 1)
    canvas.drawString(72, 700, SECRET)


@pytest.mark.parametrize("draw", [white, white_paper, not_drawn, covered, beside, tiny])
def test_what_nobody_sees_is_left_out_and_noted(
    tmp_path: Path, draw: Callable[[Canvas], None]
) -> None:
    parsed = page_with(tmp_path, draw)
    assert parsed.text == WORDS
    assert parsed.notes == (Note("hidden", 1, "1"),)


def test_part_of_a_line(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(72, 700, "Delivery takes")
        canvas.drawString(160, 700, "five days")
        canvas.setFillColorRGB(0.97, 0.97, 0.97)
        canvas.drawString(220, 700, "or never.")

    assert page_with(tmp_path, draw).text.endswith("Delivery takes five days")


def test_what_a_colour_a_gradient_or_a_picture_bears_is_read(tmp_path: Path) -> None:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))

    def draw(canvas: Canvas) -> None:
        canvas.setFillColorRGB(0.1, 0.2, 0.5)
        canvas.rect(60, 690, 400, 30, fill=1)
        canvas.linearGradient(60, 640, 460, 640, ((0.1, 0.1, 0.1), (0.4, 0, 0)), extend=True)
        canvas.drawImage(ImageReader(picture([], height=80)), 60, 500, 400, 60)
        canvas.setFillColorRGB(1, 1, 1)
        canvas.drawString(72, 700, "On a colour.")
        canvas.drawString(72, 650, "On a gradient.")
        # The font is not in the file, nor on every machine: then nothing is drawn.
        canvas.setFont("STSong-Light", 12)
        canvas.drawString(300, 700, "蓝底白字")
        canvas.setFont("Helvetica", 12)
        canvas.setFillColorRGB(0, 0, 0)
        with invisible(canvas):
            canvas.drawString(72, 520, "Found in the scan.")

    parsed = page_with(tmp_path, draw)
    for text in ("On a colour.", "On a gradient.", "蓝底白字", "Found in the scan."):
        assert text in parsed.text
    assert not any(note.kind == "hidden" for note in parsed.notes)


def test_cells_that_were_shaded_after_other_text_are_read(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        for row in range(3):
            canvas.setFillColorRGB(0.9, 0.9, 0.8)
            canvas.rect(72, 600 + 20 * row, 300, 20, stroke=0, fill=1)
            canvas.setFillColorRGB(0, 0, 0)
            canvas.drawString(80, 606 + 20 * row, f"Row number {row} of the table.")

    parsed = page_with(tmp_path, draw)
    assert all(f"Row number {row}" in parsed.text for row in range(3))


def test_a_plan_whose_type_is_all_small_is_read(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=(595, 842))
    canvas.setFont("Helvetica", 1.5)
    canvas.drawString(72, 700, "Scale one to a hundred.")
    canvas.showPage()
    canvas.save()
    assert parse(tmp_path / "a.pdf", limits=NO_OCR).text == "Scale one to a hundred."
