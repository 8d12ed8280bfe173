"""PDF: pages, paragraphs, headings, running titles."""

from pathlib import Path

from reportlab.pdfgen.canvas import Canvas

from ingest.parse import parse
from tests.ingest.parse import make
from tests.ingest.parse.helpers import LIMITS, check_blocks, outline

ENGLISH = [
    (72, 20, "Choosing a model"),
    (72, 11, "The first paragraph of this page goes on over several lines of text, and the infor-"),
    (72, 11, "mation that it holds is spread over them as in any other book that was printed, so"),
    (72, 11, "that it ends here."),
    (72, 11, ""),
    (
        72,
        11,
        "A second paragraph begins here and is as long as the first line of the other one was,",
    ),
    (72, 11, "then it ends."),
    (72, 15, "Licences"),
    (90, 11, "- MIT: free for any use"),
    (90, 11, "- Apache 2.0: the same with a patent grant"),
]


def test_lines_are_joined_to_paragraphs(tmp_path: Path) -> None:
    path = make.pdf(tmp_path / "a.pdf", [ENGLISH], title="Model guide", line=15)
    parsed = parse(path, limits=LIMITS)
    check_blocks(parsed)
    found = outline(parsed)
    assert found[0] == ("heading", "Choosing a model")
    assert found[1][1].endswith("so that it ends here.")
    assert "the information that it holds" in found[1][1]
    assert found[2][1].endswith("was, then it ends.")
    assert found[3] == ("heading", "Licences")
    assert found[4:] == [
        ("list_item", "- MIT: free for any use"),
        ("list_item", "- Apache 2.0: the same with a patent grant"),
    ]
    assert parsed.title == "Model guide"
    assert [b.level for b in parsed.blocks if b.kind == "heading"] == [1, 2]


def test_chinese_lines_are_joined_without_spaces(tmp_path: Path) -> None:
    line = "开源模型的许可证各不相同选型时要看清楚每一条限制然后再决定是否使用它"
    page = [
        (72, 18, "选型指南"),
        (94, 12, line),
        (72, 12, line + "因此"),
        (72, 12, "要谨慎。"),
        (94, 12, "第二段。"),
    ]
    parsed = parse(make.pdf(tmp_path / "a.pdf", [page]), limits=LIMITS)
    assert outline(parsed) == [
        ("heading", "选型指南"),
        ("paragraph", f"{line}{line}因此要谨慎。"),
        ("paragraph", "第二段。"),
    ]
    assert parsed.language == "zh"


def test_pages_are_counted_from_one(tmp_path: Path) -> None:
    pages = [
        [(72, 12, f"Text of page {n} that says something of its own about topic {n}.")]
        for n in range(1, 6)
    ]
    parsed = parse(make.pdf(tmp_path / "a.pdf", pages), limits=LIMITS)
    assert [b.page for b in parsed.blocks] == [1, 2, 3, 4, 5]


def test_headers_footers_and_page_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    canvas = Canvas(str(path))
    for n in range(1, 5):
        canvas.drawString(72, 800, "The Handbook of Models")
        canvas.drawString(72, 600, f"What page {n} has to say is found nowhere else.")
        canvas.drawString(290, 30, f"- {n} -")
        canvas.showPage()
    canvas.save()
    text = parse(path, limits=LIMITS).text
    assert "Handbook" not in text
    assert "- 2 -" not in text
    assert text.count("found nowhere else") == 4


def test_cells_below_each_other_are_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    canvas = Canvas(str(path))
    canvas.drawString(72, 700, "The following table lists the models that were tried in our tests.")
    rows = [
        (670, ("Model", "Licence", "Layers")),
        (650, ("Llama", "Meta, with a long", "32")),
        (636, ("", "and modified text", "")),
        (610, ("Qwen", "Apache", "28")),
    ]
    for y, row in rows:
        for x, cell in zip((72, 200, 420), row, strict=True):
            if cell:
                canvas.drawString(x, y, cell)
    canvas.drawString(72, 570, "A paragraph after the table.")
    canvas.save()
    parsed = parse(path, limits=LIMITS)
    assert outline(parsed)[1:] == [
        ("table_row", "| Model | Licence | Layers |"),
        ("table_row", "| Llama | Meta, with a long and modified text | 32 |"),
        ("table_row", "| Qwen | Apache | 28 |"),
        ("paragraph", "A paragraph after the table."),
    ]
    assert {b.header for b in parsed.blocks if b.kind == "table_row"} == {
        "| Model | Licence | Layers |"
    }


def test_a_sentence_goes_on_over_the_page(tmp_path: Path) -> None:
    first = [
        (72, 12, "This sentence starts at the foot of a page and it is not yet finished when the")
    ]
    second = [(72, 12, "page ends, but only here."), (72, 12, ""), (72, 12, "Another paragraph.")]
    parsed = parse(make.pdf(tmp_path / "a.pdf", [first, second]), limits=LIMITS)
    assert [(b.page, parsed.text[b.start : b.end]) for b in parsed.blocks] == [
        (1, "This sentence starts at the foot of a page and it is not yet finished when the page ends, but only here."),
        (2, "Another paragraph."),
    ]  # fmt: skip
