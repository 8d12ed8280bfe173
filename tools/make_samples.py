"""Write the PDF and DOCX documents of samples/library from the Markdown in samples/sources.

    python tools/make_samples.py [TARGET]

Running it again gives the same bytes: dates and ids are fixed and nothing is compressed,
since deflate's output differs between zlib builds.
"""

import io
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import escape

import docx
from docx.document import Document as DocxDocument
from docx.enum.style import WD_STYLE_TYPE
from markdown_it import MarkdownIt
from markdown_it.token import Token
from reportlab.lib import colors
from reportlab.lib.pagesizes import A5
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle
from reportlab.platypus.flowables import Flowable

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
# Format of each generated document; the language decides the font.
FORMATS = {
    "06-检索增强实践": ("pdf", "zh"),
    "07-evaluation": ("pdf", "en"),
    "08-安全与权限": ("docx", "zh"),
    "09-operations-runbook": ("docx", "en"),
}
WRITTEN = datetime(2026, 1, 15, 9, 0, 0)
ZIP_DATE = (2026, 1, 15, 9, 0, 0)
CHINESE_FONT = "STSong-Light"  # one of PDF's predefined CID fonts: readers bring it along


@dataclass(frozen=True)
class Heading:
    level: int  # 1-based
    text: str


@dataclass(frozen=True)
class Text:
    spans: tuple[tuple[str, bool], ...]  # (text, bold)
    marker: str = ""  # "•" or "1." in a list


@dataclass(frozen=True)
class Rows:
    rows: tuple[tuple[str, ...], ...]  # the first is the header


Block = Heading | Text | Rows


def read_blocks(markdown: str) -> Iterator[Block]:
    """The blocks of a source: headings, paragraphs, flat lists and tables. Raises ValueError on others."""
    tokens = iter(MarkdownIt("commonmark").enable("table").parse(markdown))
    counter: int | None = None
    marker = ""
    for token in tokens:
        match token.type:
            case "heading_open":
                yield Heading(int(token.tag[1]), next(tokens).content)
            case "bullet_list_open":
                counter = None
            case "ordered_list_open":
                counter = 0
            case "list_item_open":
                if counter is not None:
                    counter += 1
                marker = "•" if counter is None else f"{counter}."
            case "list_item_close":
                marker = ""
            case "paragraph_open":
                yield Text(tuple(_spans(next(tokens))), marker)
            case "table_open":
                yield Rows(tuple(_rows(tokens)))
            case (
                "heading_close"
                | "paragraph_close"
                | "table_close"
                | "bullet_list_close"
                | "ordered_list_close"
            ):
                pass
            case unknown:
                raise ValueError(f"a source holds {unknown}, which this script does not write")


def _spans(inline: Token) -> Iterator[tuple[str, bool]]:
    bold = False
    for child in inline.children or []:
        if child.type in ("strong_open", "strong_close"):
            bold = child.type == "strong_open"
        elif child.type in ("text", "code_inline"):
            if child.content:
                yield child.content, bold
        elif child.type == "softbreak":
            yield " ", bold
        else:
            raise ValueError(f"a source holds {child.type}, which this script does not write")


def _rows(tokens: Iterator[Token]) -> Iterator[tuple[str, ...]]:
    row: list[str] = []
    for token in tokens:
        if token.type == "table_close":
            return
        if token.type == "inline":
            row.append(token.content)
        elif token.type == "tr_close":
            yield tuple(row)
            row = []


def write_pdf(blocks: list[Block], language: str) -> bytes:
    """A5 pages with page numbers."""
    if language == "zh":
        pdfmetrics.registerFont(UnicodeCIDFont(CHINESE_FONT))
        font = bold = CHINESE_FONT
    else:
        font, bold = "Helvetica", "Helvetica-Bold"
    wrap = "CJK" if language == "zh" else "LTR"
    body = ParagraphStyle("body", fontName=font, fontSize=10.5, leading=16, wordWrap=wrap)
    item = ParagraphStyle("item", parent=body, leftIndent=16, bulletIndent=2)
    cell = ParagraphStyle("cell", parent=body, fontSize=9, leading=12)
    titles = {
        level: ParagraphStyle(
            f"h{level}", parent=body, fontName=bold, fontSize=size, leading=size + 8, spaceBefore=8
        )
        for level, size in ((1, 18), (2, 13), (3, 11))
    }
    width = A5[0] - 84
    story: list[Flowable] = []
    title = ""
    for block in blocks:
        match block:
            case Heading(level, text):
                title = title or text
                story.append(Paragraph(escape(text), titles[level]))
            case Text(spans, marker):
                markup = "".join(
                    f"<b>{escape(text)}</b>" if strong and language == "en" else escape(text)
                    for text, strong in spans
                )
                style = item if marker else body
                story.append(Paragraph(markup, style, bulletText=marker or None))
            case Rows(rows):
                table = Table(
                    [[Paragraph(escape(text), cell) for text in row] for row in rows],
                    colWidths=[width / len(rows[0])] * len(rows[0]),
                    repeatRows=1,
                )
                grid = ("GRID", (0, 0), (-1, -1), 0.5, colors.grey)
                head = ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke)
                table.setStyle(TableStyle([grid, head, ("VALIGN", (0, 0), (-1, -1), "TOP")]))
                story.append(table)
        story.append(Spacer(1, 5))
    out = io.BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=A5,
        leftMargin=42,
        rightMargin=42,
        topMargin=42,
        bottomMargin=48,
        title=title,
        author="groundkb",
        lang="zh-CN" if language == "zh" else "en",
        invariant=1,
        pageCompression=0,
    )

    def number(canvas: Canvas, _: SimpleDocTemplate) -> None:
        canvas.setFont(font, 8)
        canvas.drawCentredString(A5[0] / 2, 24, str(canvas.getPageNumber()))

    document.build(story, onFirstPage=number, onLaterPages=number)
    return out.getvalue()


def write_docx(blocks: list[Block], language: str) -> bytes:
    """Word's own heading, list and table styles, so that a reader finds the structure."""
    document = docx.Document()
    properties = document.core_properties
    properties.author = properties.last_modified_by = "groundkb"
    properties.created = properties.modified = WRITTEN
    properties.language = "zh-CN" if language == "zh" else "en-GB"
    for block in blocks:
        match block:
            case Heading(level, text):
                properties.title = properties.title or text
                document.add_heading(text, level)
            case Text(spans, marker):
                style = {"": "Normal", "•": "List Bullet"}.get(marker, "List Number")
                paragraph = document.add_paragraph(style=style)
                for text, strong in spans:
                    paragraph.add_run(text).bold = strong or None
            case Rows(rows):
                _add_table(document, rows)
    _drop_unused_styles(document)
    out = io.BytesIO()
    document.save(out)
    return _repack(out.getvalue())


def _drop_unused_styles(document: DocxDocument) -> None:
    """python-docx's template brings 800 KB of table styles; two of them are in use here."""
    for style in list(document.styles):
        if style.type == WD_STYLE_TYPE.TABLE and style.name not in ("Normal Table", "Table Grid"):
            style.delete()
    for key, relation in list(document.part.rels.items()):
        if relation.reltype.endswith("/stylesWithEffects"):
            document.part.drop_rel(key)


def _add_table(document: DocxDocument, rows: tuple[tuple[str, ...], ...]) -> None:
    table = document.add_table(len(rows), len(rows[0]), style="Table Grid")
    for cells, row in zip(table.rows, rows, strict=True):
        for cell, text in zip(cells.cells, row, strict=True):
            cell.text = text


def _repack(archive: bytes) -> bytes:
    """The same members in the same order with a fixed date, uncompressed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            target.writestr(zipfile.ZipInfo(name, ZIP_DATE), source.read(name))
    return out.getvalue()


def make(target: Path) -> list[Path]:
    """Write all generated documents into `target`; returns their paths."""
    written = []
    for stem, (kind, language) in FORMATS.items():
        source = SAMPLES / "sources" / f"{stem}.md"
        blocks = list(read_blocks(source.read_text(encoding="utf-8")))
        path = target / f"{stem}.{kind}"
        path.write_bytes((write_pdf if kind == "pdf" else write_docx)(blocks, language))
        written.append(path)
    return written


if __name__ == "__main__":
    for written_path in make(Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLES / "library"):
        print(written_path)
