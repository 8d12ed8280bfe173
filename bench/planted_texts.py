"""Texts, pages, books, mails, data and PDF files with planted facts."""

import json
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from bench.planted import Planter
from bench.planted_pictures import picture

_FONT = "STSong-Light"


def txt(path: Path, plan: Planter) -> None:
    parts = [plan.title()]
    for _, filler in plan.fillers(3):
        parts += [filler, plan.fact("body").sentence]
    path.write_text("\n\n".join(parts), encoding="utf-8")


def md(path: Path, plan: Planter) -> None:
    parts = [f"# {plan.title()}"]
    for heading, filler in plan.fillers(2):
        parts += [f"## {heading}", filler, plan.fact("body").sentence]
    cell, item = plan.number("table"), plan.fact("list")
    parts.append(
        f"| {plan.head()} | {cell.thing} |\n| --- | --- |\n| {plan.place} | {cell.value} |"
    )
    parts.append(f"- {item.sentence}\n- {plan.filler()[:80]}")
    parts.append(f"{plan.filler()}[^1]\n\n[^1]: {plan.fact('footnote').sentence}")
    path.write_text("\n\n".join(parts), encoding="utf-8")


def _html_body(plan: Planter) -> str:
    parts = [f"<h1>{plan.title()}</h1>"]
    for heading, filler in plan.fillers(2):
        parts.append(f"<h2>{heading}</h2><p>{filler}</p><p>{plan.fact('body').sentence}</p>")
    cell = plan.number("table")
    parts.append(
        f"<table><tr><th>{plan.head()}</th><th>{cell.thing}</th></tr>"
        f"<tr><td>{plan.place}</td><td>{cell.value}</td></tr></table>"
    )
    parts.append(f"<ul><li>{plan.fact('list').sentence}</li></ul>")
    return "".join(parts)


def html(path: Path, plan: Planter) -> None:
    path.write_text(
        f"<html><head><meta charset='utf-8'><title>{plan.title()}</title></head><body><main>{_html_body(plan)}"
        f'<img src="p.png" alt="{plan.fact("description of a picture").sentence}"></main></body></html>',
        encoding="utf-8",
    )


def epub(path: Path, plan: Planter) -> None:
    chapter = (
        '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml"><body>'
        f"{_html_body(plan)}<aside>{plan.fact('footnote').sentence}</aside></body></html>"
    )
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:title>{plan.title()}</dc:title></metadata><manifest>"
        '<item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest>'
        '<spine><itemref idref="a"/></spine></package>'
    )
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="p.opf"/></rootfiles></container>'
    )
    with ZipFile(path, "w", ZIP_DEFLATED) as file:
        for name, content in (
            ("mimetype", "application/epub+zip"), ("META-INF/container.xml", container),
            ("p.opf", package), ("a.xhtml", chapter),
        ):  # fmt: skip
            file.writestr(name, content)


def csv(path: Path, plan: Planter) -> None:
    mark = "\t" if path.suffix == ".tsv" else ","
    facts = [plan.number("table") for _ in range(4)]
    rows = [(plan.head(), *(f.thing for f in facts)), (plan.place, *(f.value for f in facts))]
    path.write_text("\n".join(mark.join(row) for row in rows), encoding="utf-8")


def _message(plan: Planter, *, rich: bool) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = plan.title()
    message["From"], message["To"] = "a@example.org", "b@example.org"
    message["Date"] = "Mon, 02 Mar 2026 10:00:00 +0100"
    if rich:
        message.set_content("See the HTML part." if not plan.chinese else "请看 HTML 部分。")
        message.add_alternative(f"<html><body>{_html_body(plan)}</body></html>", subtype="html")
    else:
        message.set_content("\n\n".join((plan.filler(), plan.fact("body").sentence)))
    return message


def eml(path: Path, plan: Planter) -> None:
    message = _message(plan, rich=path.stem.endswith("rich"))
    attached = f"{plan.filler()}\n\n{plan.fact('attachment').sentence}\n"
    message.add_attachment(
        attached.encode(), maintype="text", subtype="plain", filename="enclosed.txt"
    )
    path.write_bytes(bytes(message))


def rtf(path: Path, plan: Planter) -> None:
    def coded(text: str) -> str:
        return "".join(sign if sign.isascii() else f"\\u{ord(sign)}?" for sign in text)

    def planted(where: str) -> str:
        return coded(plan.fact(where).sentence)

    parts = [coded(plan.title())]
    for _, filler in plan.fillers(2):
        parts += [coded(filler), planted("body")]
    parts.append(coded(plan.filler()) + "{\\footnote \\pard " + planted("footnote") + "}")
    parts.append(coded(plan.filler()) + "{\\*\\annotation \\pard " + planted("comment") + "}")
    parts.append("{\\shp{\\*\\shpinst{\\shptxt \\pard " + planted("text box") + "\\par}}}")
    cell = plan.number("table")
    table = "".join(
        f"\\trowd\\cellx3000\\cellx6000 {coded(one)}\\cell {coded(other)}\\cell\\row "
        for one, other in ((plan.head(), cell.thing), (plan.place, cell.value))
    )
    header = "{\\header \\pard " + planted("header") + "\\par}"
    body = "\\par ".join(parts)
    path.write_text(f"{{\\rtf1\\ansi {header}{body}\\par {table}\\pard}}", encoding="ascii")


def data(path: Path, plan: Planter) -> None:
    """JSON, JSON lines and YAML: records, one of them the place's."""
    record = {plan.head(): plan.place}
    for where in ("field", "field", "nested field"):
        fact = plan.fact(where)
        if where == "field":
            record[fact.thing] = fact.value
        else:
            record["detail"] = {plan.head(): plan.place, fact.thing: fact.value}  # type: ignore[assignment]
    if path.suffix == ".jsonl":
        text = json.dumps(record, ensure_ascii=False) + "\n"
    elif path.suffix == ".yaml":
        nested = record.pop("detail")
        lines = [f'{key}: "{value}"' for key, value in record.items()]
        lines += ["detail:", *(f'  {k}: "{v}"' for k, v in nested.items())]  # type: ignore[attr-defined]
        text = "\n".join(lines) + "\n"
    else:
        text = json.dumps({"records": [record]}, ensure_ascii=False)
    path.write_text(text, encoding="utf-8")


def code(path: Path, plan: Planter) -> None:
    path.write_text(
        f"# {plan.fact('comment').sentence}\n\n\ndef run():\n    # {plan.fact('comment').sentence}\n    return 1\n",
        encoding="utf-8",
    )


def image(path: Path, plan: Planter) -> None:
    form = {".png": "PNG", ".jpg": "JPEG", ".tiff": "TIFF", ".webp": "WEBP", ".bmp": "BMP"}[
        path.suffix
    ]
    path.write_bytes(picture(plan.fact("picture").sentence, form))


def pdf(path: Path, plan: Planter) -> None:
    """Three pages with a header each, a table with ruled cells, a footnote, a scan."""
    pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
    canvas = Canvas(str(path), pagesize=(595, 842))
    header, pages = plan.fact("header"), 3
    for page in range(pages):
        _line(canvas, 72, 810, header.sentence, 8)
        _line(canvas, 72, 760, plan.title() if not page else plan.heading(page), 18)
        y = _block(canvas, plan.filler(), 720)
        y = _block(canvas, plan.fact("body").sentence, y - 16)
        if page == 0:
            _ruled(canvas, plan, y - 30)
        if page == 1:
            canvas.line(72, 110, 200, 110)
            _line(canvas, 72, 96, f"1 {plan.fact('footnote').sentence}", 8)
        if page == 2:
            drawn = ImageReader(BytesIO(picture(plan.fact("picture").sentence)))
            wide, high = drawn.getSize()
            canvas.drawImage(drawn, 72, y - 120, 450, 450 * high / wide)
        canvas.showPage()
    canvas.save()


def _line(canvas: Canvas, x: float, y: float, text: str, size: float) -> None:
    canvas.setFont("Helvetica" if text.isascii() else _FONT, size)
    canvas.drawString(x, y, text)


def _block(canvas: Canvas, text: str, y: float) -> float:
    """Lines of one width; the height below them."""
    width = 80 if text.isascii() else 40
    words = text.split(" ") if text.isascii() else list(text)
    line = ""
    joint = " " if text.isascii() else ""
    for word in [*words, None]:
        if word is None or len(line) + len(word) + 1 > width:
            _line(canvas, 72, y, line, 10)
            y -= 15
            line = ""
        if word is not None:
            line = f"{line}{joint}{word}" if line else word
    return y


def _ruled(canvas: Canvas, plan: Planter, y: float) -> None:
    facts = [plan.number("table") for _ in range(2)]
    rows = ((plan.head(), *(f.thing for f in facts)), (plan.place, *(f.value for f in facts)))
    canvas.grid([72, 222, 372, 522], [y, y - 20, y - 40])
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            _line(canvas, 78 + 150 * c, y - 14 - 20 * r, text, 10)
