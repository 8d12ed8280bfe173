"""Pictures and scanned pages, read by the real engine."""

from pathlib import Path

import pytest
from PIL import Image

from app.errors import DocumentCorrupt, DocumentTooLarge, DocumentWithoutText, OcrMissing
from app.texts import told
from ingest.faults import concerns_one_document
from ingest.parse import Limits, ocr, parse
from tests.ingest.parse.helpers import LIMITS, check_blocks, outline, section_of
from tests.ingest.parse.pictures import mixed_pdf, picture

PAGE = [
    (60, 60, 44, "选型指南"),
    (60, 130, 28, "开源模型的许可证各不相同，选型时要看清楚每一条限制，"),
    (60, 175, 28, "然后再决定是否使用它。"),
    (60, 250, 28, "The licence of DeepSeek-V3 is MIT, and it may be used"),
    (60, 295, 28, "in commercial products."),
]


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("a.png", "image/png"), ("a.jpg", "image/jpeg"), ("a.tiff", "image/tiff"),
     ("a.webp", "image/webp"), ("a.bmp", "image/bmp")],
)  # fmt: skip
def test_a_picture_of_a_page(tmp_path: Path, name: str, media_type: str) -> None:
    picture(PAGE).save(tmp_path / name)
    parsed = parse(tmp_path / name, limits=LIMITS)
    check_blocks(parsed)
    assert parsed.media_type == media_type
    assert outline(parsed) == [
        ("heading", "选型指南"),
        ("paragraph", "开源模型的许可证各不相同，选型时要看清楚每一条限制，然后再决定是否使用它。"),
        ("paragraph", "The licence of DeepSeek-V3 is MIT, and it may be used in commercial products."),
    ]  # fmt: skip


def test_the_same_picture_gives_the_same_text(tmp_path: Path) -> None:
    picture(PAGE).save(tmp_path / "a.png")
    first, second = (parse(tmp_path / "a.png", limits=LIMITS) for _ in range(2))
    assert first == second


def test_each_picture_of_a_tiff_is_a_page(tmp_path: Path) -> None:
    pages = [picture([(60, 200, 32, f"第{n}页的内容说明。")]) for n in "一二三"]
    pages[0].save(tmp_path / "a.tif", save_all=True, append_images=pages[1:])
    parsed = parse(tmp_path / "a.tif", limits=LIMITS)
    assert [b.page for b in parsed.blocks] == [1, 2, 3]
    assert "第三页的内容说明" in parsed.text


def test_only_the_scanned_pages_of_a_pdf_are_recognised(tmp_path: Path) -> None:
    # The middle page is drawn with a word that OCR would read as well: only text can be so exact.
    exact = "Text layer: O0O0 lI1l rn m."
    path = mixed_pdf(tmp_path / "a.pdf", [exact, picture(PAGE), None, "The last page."])
    parsed = parse(path, limits=LIMITS)
    check_blocks(parsed)
    pages = {b.page: parsed.text[b.start : b.end] for b in parsed.blocks}
    assert pages[1] == exact
    assert pages[2].startswith("The licence of DeepSeek-V3 is MIT")
    assert pages[4] == "The last page."
    assert "pages_without_text" not in parsed.metadata


def test_a_scan_with_a_stamp_of_its_scanner(tmp_path: Path) -> None:
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=(500, 300))
    canvas.drawImage(ImageReader(picture(PAGE)), 0, 0, 500, 300)
    canvas.drawString(150, 5, "Scanned with SomeScanner")
    canvas.save()
    assert "选型时要看清楚" in parse(tmp_path / "a.pdf", limits=LIMITS).text


def test_a_turned_photograph(tmp_path: Path) -> None:
    turned = picture(PAGE).rotate(90, expand=True)
    exif = Image.Exif()
    exif[0x0112] = 6  # the viewer is to turn it clockwise
    turned.save(tmp_path / "a.jpg", exif=exif, quality=95)
    assert "选型时要看清楚每一条限制" in parse(tmp_path / "a.jpg", limits=LIMITS).text


def test_transparent_is_white(tmp_path: Path) -> None:
    black = picture(PAGE).convert("L").point(lambda value: 255 - value)
    clear = Image.new("RGBA", black.size, (0, 0, 0, 0))
    clear.putalpha(black)
    clear.save(tmp_path / "a.png")
    assert "选型时要看清楚每一条限制" in parse(tmp_path / "a.png", limits=LIMITS).text


def test_a_tall_screenshot_is_read_in_strips(tmp_path: Path) -> None:
    words = [f"第 {n} 条：设备编号为 {1000 + 37 * n}" for n in range(30)]
    lines = [(40, 90 + 90 * n, 30, word) for n, word in enumerate(words)]
    picture(lines, width=720, height=2800).save(tmp_path / "a.png")
    text = "".join(parse(tmp_path / "a.png", limits=LIMITS).text.split())
    found = [text.count(str(1000 + 37 * n)) for n in range(30)]
    assert found == [1] * 30, "each line once, those at the borders of strips too"


def test_a_picture_of_a_table_keeps_its_header(tmp_path: Path) -> None:
    rows = [("型号", "价格", "重量"), ("甲型", "120", "3 kg"), ("乙型", "250", "5 kg"), ("丙型", "310", "8 kg")]  # fmt: skip
    lines = [
        (60 + 300 * c, 80 + 60 * r, 30, cell)
        for r, row in enumerate(rows)
        for c, cell in enumerate(row)
    ]
    picture(lines).save(tmp_path / "a.png")
    parsed = parse(tmp_path / "a.png", limits=LIMITS)
    assert [kind for kind, _ in outline(parsed)] == ["table_row"] * 4
    assert all(b.header == "| 型号 | 价格 | 重量 |" for b in parsed.blocks)


def test_two_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    left = [
        "左栏第一行讲的是模型的许可证和",
        "使用范围的第二行文字仍在左栏里",
        "左栏到此为止不再继续往下写了。",
    ]
    right = [
        "右栏第一行讲的是上下文的长度和",
        "内存占用的第二行文字仍在右栏里",
        "右栏到此为止不再继续往下写了。",
    ]
    lines = [(40 + 560 * c, 80 + 45 * n, 28, text) for c, column in enumerate((left, right))
             for n, text in enumerate(column)]  # fmt: skip
    picture(lines, width=1120).save(tmp_path / "a.png")
    parsed = parse(tmp_path / "a.png", limits=LIMITS)
    assert "".join(left) in parsed.text
    assert "".join(right) in parsed.text
    assert parsed.text.index("左栏到此为止") < parsed.text.index("右栏第一行")


def test_headings_of_a_scan_make_sections(tmp_path: Path) -> None:
    picture(PAGE).save(tmp_path / "a.png")
    parsed = parse(tmp_path / "a.png", limits=LIMITS)
    assert section_of(parsed, "commercial") == ("选型指南",)


def test_english_words_keep_their_spaces(tmp_path: Path) -> None:
    lines = [
        "The index equals the source folder after any crash at any point, and each",
        "document is at every moment wholly old or wholly new. Nothing is cut: the",
        "prompt fits the window of the model by count and not by hope, in both.",
    ]
    drawn = [(50, 80 + 50 * n, 26, line) for n, line in enumerate(lines)]
    picture(drawn, width=1100).save(tmp_path / "a.jpg", quality=75)
    words = parse(tmp_path / "a.jpg", limits=LIMITS).text.split()
    wanted = " ".join(lines).split()
    assert sum(word in words for word in wanted) >= 0.95 * len(wanted)


def test_a_picture_without_text(tmp_path: Path) -> None:
    picture([]).save(tmp_path / "a.png")
    with pytest.raises(DocumentWithoutText):
        parse(tmp_path / "a.png", limits=LIMITS)


def test_limits_of_pages_and_time(tmp_path: Path) -> None:
    scans = [picture([(60, 200, 32, "说明")], width=300, height=300)] * 3
    path = mixed_pdf(tmp_path / "a.pdf", scans)
    with pytest.raises(DocumentTooLarge, match="ocr_pages"):
        parse(path, limits=Limits(ocr_pages=2))
    with pytest.raises(DocumentTooLarge, match="ocr_seconds"):
        parse(path, limits=Limits(ocr_seconds=1e-6))
    scans[0].save(tmp_path / "a.tif", save_all=True, append_images=scans[1:])
    with pytest.raises(DocumentTooLarge, match="ocr_pages"):
        parse(tmp_path / "a.tif", limits=Limits(ocr_pages=2))


def test_pages_beyond_the_limits_of_a_file_with_text_are_noted(tmp_path: Path) -> None:
    scan = picture([(60, 200, 32, "说明")], width=300, height=300)
    path = mixed_pdf(tmp_path / "a.pdf", ["Some text.", scan, scan, scan])
    parsed = parse(path, limits=Limits(ocr_pages=1))
    assert [(n.kind, n.detail) for n in parsed.notes] == [("picture", "3"), ("picture", "4")]
    assert "pages_without_text" not in parsed.metadata  # OCR would not read more the next time


def test_a_picture_that_unpacks_to_gigabytes(tmp_path: Path) -> None:
    Image.new("1", (16_000, 16_000)).save(tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size < 200_000
    with pytest.raises(DocumentTooLarge, match="pixels"):
        parse(tmp_path / "a.png", limits=LIMITS)


def test_a_truncated_picture(tmp_path: Path) -> None:
    picture(PAGE).save(tmp_path / "a.png")
    data = (tmp_path / "a.png").read_bytes()
    (tmp_path / "a.png").write_bytes(data[: len(data) // 2])
    with pytest.raises(DocumentCorrupt):
        parse(tmp_path / "a.png", limits=LIMITS)


def test_text_named_as_a_picture_is_corrupt(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("Only text.")
    with pytest.raises(DocumentCorrupt):
        parse(tmp_path / "a.png", limits=LIMITS)


@pytest.mark.parametrize("how", ["off", "not installed"])
def test_without_ocr(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    limits = Limits(ocr=how != "off")
    if how == "not installed":

        def missing() -> None:
            raise ModuleNotFoundError("No module named 'rapidocr_onnxruntime'")

        monkeypatch.setattr(ocr, "_load", missing)
    scan = picture(PAGE)
    scan.save(tmp_path / "a.png")
    for path in (tmp_path / "a.png", mixed_pdf(tmp_path / "scan.pdf", [scan])):
        with pytest.raises(OcrMissing) as caught:
            parse(path, limits=limits)
        assert "groundkb[ocr]" in told(caught.value, "zh").hint
        # Once it is installed, the next sync reads the file although it has not changed.
        assert concerns_one_document(caught.value)
        assert not caught.value.permanent
    mixed = parse(mixed_pdf(tmp_path / "b.pdf", [scan, "Some text.", scan]), limits=limits)
    assert mixed.text == "Some text."
    assert mixed.metadata["pages_without_text"] == "1, 3"


def test_a_page_of_drawings_without_any_word(tmp_path: Path) -> None:
    """A blank page needs no OCR, so that its lack is no error."""
    path = mixed_pdf(tmp_path / "a.pdf", ["Some text.", None])
    assert "pages_without_text" not in parse(path, limits=Limits(ocr=False)).metadata
