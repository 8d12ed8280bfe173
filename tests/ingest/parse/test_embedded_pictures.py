"""Pictures that stand in documents, read by the real engine."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from docx.shared import Inches
from pptx import Presentation
from pptx.util import Inches as SlideInches

from ingest.parse import Note, parse
from tests.ingest.parse.helpers import LIMITS, check_blocks
from tests.ingest.parse.pictures import picture

SIGN = "Assembly point: gate seven"


def drawn(text: str) -> BytesIO:
    file = BytesIO()
    picture([(40, 80, 36, text)], height=160).save(file, "PNG")
    file.seek(0)
    return file


def word_file(path: Path, *texts: str) -> Path:
    document = Document()
    document.add_paragraph("Before.")
    for text in texts:
        document.add_picture(drawn(text), width=Inches(4))
    document.add_paragraph("After.")
    document.save(str(path))
    return path


def test_the_text_of_a_picture_stands_where_the_picture_does(tmp_path: Path) -> None:
    parsed = parse(word_file(tmp_path / "a.docx", SIGN, SIGN), limits=LIMITS)
    check_blocks(parsed)
    assert parsed.text == f"Before.\n\nText in the picture: {SIGN}\n\nAfter."
    assert parsed.notes == ()


def test_a_picture_without_text_is_noted(tmp_path: Path) -> None:
    parsed = parse(word_file(tmp_path / "a.docx", ""), limits=LIMITS)
    assert parsed.text == "Before.\n\nAfter."
    assert parsed.notes == (Note("picture", 1, "word/media/image1.png"),)


def test_without_ocr_every_picture_is_noted(tmp_path: Path) -> None:
    path = word_file(tmp_path / "a.docx", SIGN, SIGN, "another")
    parsed = parse(path, limits=replace(LIMITS, ocr=False))
    assert SIGN not in parsed.text
    assert sum(note.count for note in parsed.notes if note.kind == "picture") == 3


def test_the_limit_of_pages_is_no_failure_of_the_document(tmp_path: Path) -> None:
    path = word_file(tmp_path / "a.docx", SIGN, "Second sign of the hall")
    parsed = parse(path, limits=replace(LIMITS, ocr_pages=1))
    assert SIGN in parsed.text
    assert [note.kind for note in parsed.notes] == ["picture"]


def test_one_enormous_picture_does_not_switch_the_others_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.parse.images._MOST_PIXELS", 170_000)
    document = Document()
    big = BytesIO()
    picture([(40, 80, 36, "too large")], height=400).save(big, "PNG")
    big.seek(0)
    document.add_picture(big, width=Inches(4))
    document.add_picture(drawn(SIGN), width=Inches(4))
    document.save(str(tmp_path / "a.docx"))
    parsed = parse(tmp_path / "a.docx", limits=LIMITS)
    assert SIGN in parsed.text
    assert parsed.notes == (Note("picture", 1, "word/media/image1.png"),)


def test_pictures_on_slides(tmp_path: Path) -> None:
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = "Safety"
    shape = slide.shapes.add_picture(drawn(SIGN), SlideInches(1), SlideInches(2))
    shape._element._nvXxPr.cNvPr.set("descr", "A sign by the door")
    deck.save(str(tmp_path / "a.pptx"))
    parsed = parse(tmp_path / "a.pptx", limits=LIMITS)
    assert parsed.text == f"Safety\n\nPicture: A sign by the door\n\nText in the picture: {SIGN}"
