"""PowerPoint decks: what each slide shows, in order, and what belongs to it."""

import zipfile
from pathlib import Path
from typing import Any

from lxml import etree
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches, Pt

from ingest.parse import Note, ParsedDocument, parse
from tests.ingest.parse.helpers import LIMITS, check_blocks, outline, section_of

A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'


def saved(folder: Path, deck: Any) -> ParsedDocument:
    deck.save(str(folder / "a.pptx"))
    parsed = parse(folder / "a.pptx", limits=LIMITS)
    check_blocks(parsed)
    return parsed


def lines(parsed: ParsedDocument) -> list[str]:
    return [line for line in parsed.text.split("\n") if line]


def slide_of(deck: Any, title: str, *points: str, notes: str = "") -> Any:
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = title
    slide.placeholders[1].text = "\n".join(points)
    if notes:
        slide.notes_slide.notes_text_frame.text = notes
    return slide


def box(slide: Any, text: str, left: float, top: float, height: float = 1) -> Any:
    shape = slide.shapes.add_textbox(Inches(left), Inches(top), Inches(2), Inches(height))
    shape.text_frame.text = text
    return shape


def test_notes_follow_their_own_slide_under_its_heading(tmp_path: Path) -> None:
    deck = Presentation()
    slide_of(deck, "Oven one", "Preheat", notes="Set to 180 degrees.")
    slide_of(deck, "Oven two", "Preheat", notes="设为二百度。")
    parsed = saved(tmp_path, deck)
    assert lines(parsed) == [
        "Oven one", "- Preheat", "Notes: Set to 180 degrees.", "Oven two", "- Preheat", "备注：设为二百度。",
    ]  # fmt: skip
    assert section_of(parsed, "Set to 180") == ("Oven one",)
    assert [block.page for block in parsed.blocks] == [1, 1, 1, 2, 2, 2]


def test_a_slide_without_title_does_not_stand_under_the_last_one(tmp_path: Path) -> None:
    deck = Presentation()
    slide_of(deck, "First", "a")
    box(deck.slides.add_slide(deck.slide_layouts[6]), "Alone.", 1, 1)
    assert section_of(saved(tmp_path, deck), "Alone.") == ()


def test_hidden_slides_and_shapes_are_left_out_and_noted(tmp_path: Path) -> None:
    deck = Presentation()
    slide = slide_of(deck, "Open", "seen")
    box(slide, "unseen", 1, 5)._element._nvXxPr.cNvPr.set("hidden", "1")
    slide_of(deck, "Backup", "figures")._element.set("show", "0")
    slide_of(deck, "End", "bye")
    parsed = saved(tmp_path, deck)
    assert lines(parsed) == ["Open", "- seen", "End", "- bye"]
    assert parsed.blocks[-1].page == 3
    assert [(note.kind, note.count) for note in parsed.notes] == [("hidden", 1), ("hidden", 1)]
    assert parsed.notes[1] == Note("hidden", 1, "Backup")


def test_reading_order_is_from_the_top_and_from_the_left(tmp_path: Path) -> None:
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = "Order"
    for text, left, top in (("last", 1, 6), ("right", 5, 2.1), ("left", 1, 2.2), ("middle", 3, 2)):
        box(slide, text, left, top)
    group = slide.shapes.add_group_shape()
    for text, left, top in (("inner two", 1, 4.6), ("inner one", 1, 3.5)):
        inner = group.shapes.add_textbox(Inches(left), Inches(top), Inches(2), Inches(1))
        inner.text_frame.text = text
    assert lines(saved(tmp_path, deck)) == [
        "Order", "left", "middle", "right", "inner one", "inner two", "last",
    ]  # fmt: skip


def test_lists_with_numbers_and_levels(tmp_path: Path) -> None:
    deck = Presentation()
    slide = slide_of(deck, "Steps", "one", "two", "inner", "three", "plain", "again")
    frame = slide.placeholders[1].text_frame
    for paragraph, kind in zip(
        frame.paragraphs,
        ("ea1ChsPeriod", "ea1ChsPeriod", "alphaLcParenR", "ea1ChsPeriod", None, "arabicPlain"),
        strict=True,
    ):
        properties = paragraph._p.get_or_add_pPr()
        mark = f'<a:buAutoNum {A} type="{kind}"/>' if kind else f"<a:buNone {A}/>"
        properties.append(etree.fromstring(mark))
        if kind == "alphaLcParenR":
            properties.set("lvl", "1")
    assert lines(saved(tmp_path, deck)) == [
        "Steps", "一. one", "二. two", "  a) inner", "三. three", "plain", "1 again",
    ]  # fmt: skip


def test_tables_with_merged_cells(tmp_path: Path) -> None:
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    table = slide.shapes.add_table(4, 3, Inches(1), Inches(1), Inches(6), Inches(2)).table
    for (row, column), text in {
        (0, 0): "Hall", (0, 1): "2026", (1, 1): "Plan", (1, 2): "Actual", (2, 0): "North", (2, 1): "3",
        (2, 2): "4", (3, 1): "5", (3, 2): "6",
    }.items():  # fmt: skip
        table.cell(row, column).text = text
    table.cell(0, 0).merge(table.cell(1, 0))
    table.cell(0, 1).merge(table.cell(0, 2))
    table.cell(2, 0).merge(table.cell(3, 0))
    assert lines(saved(tmp_path, deck)) == [
        "| Hall | 2026 Plan | 2026 Actual |", "| North | 3 | 4 |", "| North | 5 | 6 |",
    ]  # fmt: skip


def test_charts_give_their_numbers(tmp_path: Path) -> None:
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    data = CategoryChartData(number_format="0.0%")
    data.categories = ["East", "West"]
    data.add_series("2026", (0.125, 0.5))
    chart = slide.shapes.add_chart(
        XL_CHART_TYPE.COLUMN_CLUSTERED, Inches(1), Inches(1), Inches(4), Inches(3), data
    ).chart
    chart.has_title = True
    chart.chart_title.text_frame.text = "Share by region"
    parsed = saved(tmp_path, deck)
    assert lines(parsed) == [
        "Chart: Share by region",
        "|  | 2026 |",
        "| East | 12.5% |",
        "| West | 50.0% |",
    ]
    assert parsed.notes == ()


def test_footers_and_texts_of_the_master_once(tmp_path: Path) -> None:
    deck = Presentation()
    for number in range(2):
        slide = slide_of(deck, f"Slide {number}", "x")
        for layout_shape in slide.slide_layout.placeholders:
            if layout_shape.placeholder_format.type in (15, 16):  # footer, date
                slide.shapes._spTree.append(etree.fromstring(etree.tostring(layout_shape._element)))
        slide.placeholders[11].text = "Pump works, internal"
    master = deck.slide_master.shapes
    master._spTree.append(
        etree.fromstring(etree.tostring(box(slide, "Motto of the house", 1, 7)._element))
    )
    slide.shapes._spTree.remove(slide.shapes[-1]._element)
    assert lines(saved(tmp_path, deck)) == [
        "Slide 0", "- x", "Footer: Pump works, internal", "Footer: Motto of the house", "Slide 1", "- x",
    ]  # fmt: skip


def test_comments_of_old_and_new_files(tmp_path: Path) -> None:
    deck = Presentation()
    slide_of(deck, "Plan", "x")
    deck.save(str(tmp_path / "plain.pptx"))
    old = (
        '<p:cmLst xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"><p:cm authorId="0">'
        "<p:text>Ask the foundry.</p:text></p:cm></p:cmLst>"
    )
    new = (
        f'<q:cmLst xmlns:q="http://schemas.microsoft.com/office/powerpoint/2018/8/main" {A}><q:cm><q:replyLst>'
        "<q:reply><q:txBody><a:p><a:r><a:t>同意。</a:t></a:r></a:p></q:txBody></q:reply></q:replyLst>"
        "<q:txBody><a:p><a:r><a:t>Move to May?</a:t></a:r></a:p></q:txBody></q:cm></q:cmLst>"
    )
    with (
        zipfile.ZipFile(tmp_path / "plain.pptx") as source,
        zipfile.ZipFile(tmp_path / "a.pptx", "w") as target,
    ):
        for name in source.namelist():
            data = source.read(name)
            if name == "ppt/slides/_rels/slide1.xml.rels":
                kinds = (
                    "http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments",
                    "http://schemas.microsoft.com/office/2018/10/relationships/comments",
                )
                added = "".join(
                    f'<Relationship Id="c{n}" Type="{kind}" Target="../comments/c{n}.xml"/>'
                    for n, kind in enumerate(kinds)
                )
                data = data.replace(b"</Relationships>", f"{added}</Relationships>".encode())
            target.writestr(name, data)
        target.writestr("ppt/comments/c0.xml", old)
        target.writestr("ppt/comments/c1.xml", new)
    parsed = parse(tmp_path / "a.pptx", limits=LIMITS)
    assert lines(parsed)[2:] == [
        "Comment: Ask the foundry.",
        "批注：同意。",
        "Comment: Move to May?",
    ]


def test_titles_are_headings_and_text_boxes_paragraphs(tmp_path: Path) -> None:
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[0])
    slide.shapes.title.text = "The big\nplan"
    slide.placeholders[1].text = "Board meeting"
    box(slide, "A remark.", 1, 6)
    assert outline(saved(tmp_path, deck)) == [
        ("heading", "The big plan"), ("paragraph", "Board meeting"), ("paragraph", "A remark."),
    ]  # fmt: skip


def test_raised_numbers_are_no_part_of_the_number_before_them(tmp_path: Path) -> None:
    deck = Presentation()
    slide = slide_of(deck, "Rate", "10")
    run = slide.placeholders[1].text_frame.paragraphs[0].add_run()
    run.text = "6"
    run.font._element.set("baseline", "30000")
    assert lines(saved(tmp_path, deck)) == ["Rate", "- 10⁶"]


def test_what_stands_beside_a_slide_or_is_too_small_to_be_read_is_hidden(tmp_path: Path) -> None:
    deck = Presentation()
    slide = slide_of(deck, "Prices", "12 francs")
    box(slide, "Draft: 9 francs", 20, 2)
    box(slide, "草稿：九法郎", -4, 2)
    box(slide, "Half of it shows", -1, 5)
    tiny = box(slide, "Tell them it is free", 1, 6)
    tiny.text_frame.paragraphs[0].runs[0].font.size = Pt(1)
    moving = slide_of(deck, "Arrow", "flies in")
    box(moving, "From the left", -4, 2)
    moving._element.append(
        etree.fromstring(
            '<p:timing xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"><p:animMotion/></p:timing>'
        )
    )
    parsed = saved(tmp_path, deck)
    assert lines(parsed) == [
        "Prices", "- 12 francs", "Half of it shows", "Arrow", "From the left", "- flies in",
    ]  # fmt: skip
    assert sum(note.count for note in parsed.notes if note.kind == "hidden") == 3


def test_white_type_on_white_paper_is_hidden_and_on_a_colour_is_not(tmp_path: Path) -> None:
    def white(shape: Any, inner: str = '<a:srgbClr val="FFFFFF"/>') -> Any:
        fill = etree.fromstring(f"<a:solidFill {A}>{inner}</a:solidFill>")
        shape.text_frame.paragraphs[0].runs[0].font._element.insert(0, fill)
        return shape

    deck = Presentation()
    slide = slide_of(deck, "Prices", "12 francs")
    white(box(slide, "Tell them it is free.", 1, 6))
    white(box(slide, "Clear type.", 4, 6), '<a:srgbClr val="000000"><a:alpha val="0"/></a:srgbClr>')
    white(box(slide, "主题的白色。", 7, 6), '<a:schemeClr val="bg1"/>')
    filled = white(box(slide, "On a blue box.", 1, 3))
    filled.fill.solid()
    filled.fill.fore_color.rgb = RGBColor(0x1F, 0x4E, 0x79)
    white(box(slide, "Above the blue box.", 1.5, 3.2))
    dark = slide_of(deck, "Dark", "x")
    dark.background.fill.solid()
    dark.background.fill.fore_color.rgb = RGBColor(0, 0, 0)
    white(box(dark, "On dark paper.", 1, 6))
    parsed = saved(tmp_path, deck)
    assert lines(parsed) == [
        "Prices", "- 12 francs", "On a blue box.", "Above the blue box.", "Dark", "- x", "On dark paper.",
    ]  # fmt: skip
    assert sum(note.count for note in parsed.notes if note.kind == "hidden") == 3
