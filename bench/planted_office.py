"""Word, PowerPoint, Excel and OpenDocument files with planted facts."""

from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Inches
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image as SheetImage
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches as SlideInches

from bench.planted import Fact, Planter
from bench.planted_pictures import picture

_W = nsdecls("w")


def docx(path: Path, plan: Planter) -> None:
    document = Document()
    document.add_heading(plan.title(), 0)
    for heading, filler in plan.fillers(3):
        document.add_heading(heading, 1)
        document.add_paragraph(filler)
        document.add_paragraph(plan.fact("body").sentence)
    _word_table(document, plan)
    _word_inline(document, plan)
    section = document.sections[0]
    section.header.paragraphs[0].text = plan.fact("header").sentence
    section.footer.paragraphs[0].text = plan.fact("footer").sentence
    _word_notes(document, plan)
    comment = plan.fact("comment")
    run = document.add_paragraph(plan.filler()).runs[0]
    document.add_comment(run, text=comment.sentence, author="Editor")
    document.add_picture(BytesIO(picture(plan.fact("picture").sentence)), width=Inches(5))
    document.save(str(path))


def _word_table(document: Any, plan: Planter) -> None:
    facts = [plan.number("table") for _ in range(2)]
    table = document.add_table(rows=1, cols=3)
    for cell, text in zip(
        table.rows[0].cells, (plan.head(), *(f.thing for f in facts)), strict=True
    ):
        cell.text = text
    for cell, text in zip(
        table.add_row().cells, (plan.place, *(f.value for f in facts)), strict=True
    ):
        cell.text = text


def _word_inline(document: Any, plan: Planter) -> None:
    """What python-docx cannot write: text boxes, changes, content controls."""
    text = plan.fact("text box").sentence
    box = (
        f'<w:r {nsdecls("w", "wp", "a")} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
        ' xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
        ' xmlns:v="urn:schemas-microsoft-com:vml"><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:anchor>'
        f"<a:graphic><a:graphicData><wps:wsp><wps:txbx><w:txbxContent><w:p><w:r><w:t>{text}</w:t></w:r></w:p>"
        "</w:txbxContent></wps:txbx></wps:wsp></a:graphicData></a:graphic></wp:anchor></w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict><v:shape><v:textbox><w:txbxContent><w:p><w:r><w:t>{text}</w:t></w:r></w:p>"
        "</w:txbxContent></v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    document.add_paragraph(plan.filler())._p.append(parse_xml(box))
    changed = f'<w:ins {_W} w:id="90" w:author="x"><w:r><w:t>{plan.fact("tracked change").sentence}</w:t></w:r></w:ins>'
    document.add_paragraph()._p.append(parse_xml(changed))
    control = (
        f"<w:sdt {_W}><w:sdtContent><w:p><w:r><w:t>{plan.fact('content control').sentence}</w:t></w:r></w:p>"
        "</w:sdtContent></w:sdt>"
    )
    document.element.body.insert(len(document.element.body) - 1, parse_xml(control))


def _word_notes(document: Any, plan: Planter) -> None:
    for number, kind in ((1, "footnote"), (2, "endnote")):
        text = plan.fact(kind).sentence
        xml = f'<w:{kind}s {_W}><w:{kind} w:id="{number}"><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:{kind}></w:{kind}s>'
        part = Part(
            PackURI(f"/word/{kind}s.xml"),
            f"application/vnd.openxmlformats-officedocument.wordprocessingml.{kind}s+xml",
            xml.encode(),
            document.part.package,
        )
        document.part.relate_to(part, getattr(RELATIONSHIP_TYPE, f"{kind.upper()}S"))
        mark = f'<w:r {_W}><w:{kind}Reference w:id="{number}"/></w:r>'
        document.add_paragraph(plan.filler())._p.append(parse_xml(mark))


def pptx(path: Path, plan: Planter) -> None:
    deck = Presentation()
    first = deck.slides.add_slide(deck.slide_layouts[1])
    first.shapes.title.text = plan.title()
    first.placeholders[1].text = plan.fact("body").sentence
    for where in ("body", "notes", "text box", "table", "chart", "picture", "group"):
        slide = deck.slides.add_slide(deck.slide_layouts[5])
        slide.shapes.title.text = plan.heading(len(deck.slides))
        box = slide.shapes.add_textbox(
            SlideInches(1), SlideInches(5), SlideInches(8), SlideInches(2)
        )
        box.text_frame.text = plan.filler()[:300]
        _slide(slide, where, plan)
    deck.save(str(path))


def _slide(slide: Any, where: str, plan: Planter) -> None:
    fact = plan.fact(where)
    size = [SlideInches(n) for n in (1, 2, 6, 2)]
    if where == "notes":
        slide.notes_slide.notes_text_frame.text = fact.sentence
    elif where == "table":
        table = slide.shapes.add_table(2, 2, *size).table
        for place, text in (
            ((0, 0), plan.head()),
            ((0, 1), fact.thing),
            ((1, 0), plan.place),
            ((1, 1), fact.value),
        ):
            table.cell(*place).text = text
    elif where == "chart":
        data = CategoryChartData(number_format="0")
        data.categories = [plan.place]
        data.add_series(fact.thing, (int(fact.value),))
        slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *size, data)
    elif where == "picture":
        slide.shapes.add_picture(BytesIO(picture(fact.sentence)), *size[:2])
    elif where == "group":
        inner = slide.shapes.add_group_shape().shapes.add_textbox(*size)
        inner.text_frame.text = fact.sentence
    else:
        slide.shapes.add_textbox(*size).text_frame.text = fact.sentence


def xlsx(path: Path, plan: Planter) -> None:
    """Sheets with a title above the header, merged cells, formats, a comment, a picture."""
    book = Workbook()
    sheet = book.active
    sheet.title = plan.heading(1)
    facts = [plan.number("table") for _ in range(3)]
    sheet.append((plan.title(),))
    sheet.append(())
    sheet.append((plan.head(), *(fact.thing for fact in facts)))
    sheet.append((plan.place, *(int(fact.value) for fact in facts)))
    for cell in sheet[4][1:]:
        cell.number_format = "0"
    other = plan.fact("comment")
    sheet["A4"].comment = Comment(other.sentence, "Editor")
    merged = book.create_sheet(plan.heading(2))
    below = [plan.number("merged cells") for _ in range(2)]
    merged.append((plan.head(), "2026", None))
    merged.append((None, *(fact.thing for fact in below)))
    merged.append((plan.place, *(fact.value for fact in below)))
    for reference in ("A1:A2", "B1:C1"):
        merged.merge_cells(reference)
    third = book.create_sheet(plan.heading(3))
    third.append((plan.filler()[:200],))
    third.add_image(SheetImage(BytesIO(picture(plan.fact("picture").sentence))), "B4")
    third.oddHeader.left.text = plan.fact("header").sentence
    book.save(path)


def odt(path: Path, plan: Planter) -> None:
    def p(text: str) -> str:
        return f"<text:p>{text}</text:p>"

    def note(fact: Fact) -> str:
        return (
            f'<text:note text:note-class="footnote"><text:note-citation>1</text:note-citation><text:note-body>{p(fact.sentence)}'
            "</text:note-body></text:note>"
        )

    names = {
        "office": "office",
        "text": "text",
        "table": "table",
        "style": "style",
        "draw": "drawing",
    }
    spaces = " ".join(
        f'xmlns:{k}="urn:oasis:names:tc:opendocument:xmlns:{v}:1.0"' for k, v in names.items()
    )
    cell = plan.number("table")

    def row(*cells: str) -> str:
        inner = "".join(f"<table:table-cell>{p(text)}</table:table-cell>" for text in cells)
        return f"<table:table-row>{inner}</table:table-row>"

    body = f'<text:h text:outline-level="1">{plan.title()}</text:h>' + "".join(
        f'<text:h text:outline-level="2">{heading}</text:h>{p(filler)}{p(plan.fact("body").sentence)}'
        for heading, filler in plan.fillers(2)
    )
    body += p(plan.filler() + note(plan.fact("footnote")))
    body += p(
        f"{plan.filler()}<office:annotation>{p(plan.fact('comment').sentence)}</office:annotation>"
    )
    body += p(
        f"<draw:frame><draw:text-box>{p(plan.fact('text box').sentence)}</draw:text-box></draw:frame>"
    )
    body += (
        f"<table:table>{row(plan.head(), cell.thing)}{row(plan.place, cell.value)}</table:table>"
    )
    header = f"<style:header>{p(plan.fact('header').sentence)}</style:header>"
    parts = {
        "mimetype": "application/vnd.oasis.opendocument.text",
        "content.xml": f"<office:document-content {spaces}><office:body><office:text>{body}</office:text></office:body>"
        "</office:document-content>",
        "styles.xml": f"<office:document-styles {spaces}><office:master-styles><style:master-page>{header}"
        "</style:master-page></office:master-styles></office:document-styles>",
    }
    with ZipFile(path, "w", ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
