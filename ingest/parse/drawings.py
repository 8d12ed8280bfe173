"""Drawings of Office files (DrawingML): charts, SmartArt, texts of shapes."""

from collections.abc import Callable, Iterator
from typing import Any

from ingest.parse.cell_formats import shown
from ingest.parse.document import Builder, one_line
from ingest.parse.formulas import formula
from ingest.parse.labels import labelled
from ingest.parse.ooxml import MC, A, C, Package, alternative, integer
from ingest.parse.symbols import superscript

_DGM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_A14 = "{http://schemas.microsoft.com/office/drawing/2010/main}"
_NO_NODE = frozenset(("pres", "parTrans", "sibTrans"))
_STRUCK = frozenset(("sngStrike", "dblStrike"))
_TINY = 200  # hundredths of a point: type that cannot be read
_MOST_POINTS = 10_000


def drawn_text(
    paragraph: Any,
    builder: Builder | None = None,
    unseen: Callable[[Any], bool] | None = None,
) -> str:
    """The text of an a:p, formulas included; line breaks stay. What has a line through it is left
    out, and told to `builder`; so are runs that nobody sees, of which `unseen` tells by their a:rPr."""
    parts = []
    struck = ""
    for child in _flat(paragraph):
        if child.tag in (f"{A}r", f"{A}fld"):
            text = child.findtext(f"{A}t") or ""
            own = child.find(f"{A}rPr")
            if own is not None and own.get("strike") in _STRUCK and text.strip():
                struck += text
                continue
            if struck and builder is not None:
                builder.struck(struck)
            struck = ""
            if own is not None and (
                integer(own.get("sz"), _TINY + 1) <= _TINY or (unseen is not None and unseen(own))
            ):
                if builder is not None and text.strip():
                    builder.note("hidden")
                continue
            raised = own is not None and integer(own.get("baseline")) > 0
            parts.append((superscript(text) if raised else None) or text)
        elif child.tag == f"{A}br":
            parts.append("\n")
        elif child.tag == f"{_A14}m":
            parts += [formula(inner).strip() for inner in child]
    if struck and builder is not None:
        builder.struck(struck)
    return "".join(parts)


def _flat(paragraph: Any) -> Iterator[Any]:
    for child in paragraph:
        chosen = alternative(child) if child.tag == f"{MC}AlternateContent" else None
        yield from (child,) if chosen is None else chosen


def write_smart_art(builder: Builder, package: Package, part: str | None) -> bool:
    """The texts of a diagram's nodes as a list; False if there are none."""
    tree = package.tree(part) if part else None
    written = False
    for point in tree.iter(f"{_DGM}pt") if tree is not None else ():
        if point.get("type") in _NO_NODE:
            continue
        lines = (one_line(drawn_text(paragraph, builder)) for paragraph in point.iter(f"{A}p"))
        if text := " ".join(line for line in lines if line):
            builder.list_item(text)
            written = True
    return written


def write_chart(builder: Builder, package: Package, part: str | None) -> None:
    """A chart as the table of the numbers that it draws; one without any is noted."""
    tree = package.tree(part) if part else None
    rows = list(_rows(tree)) if tree is not None and tree.tag == f"{C}chartSpace" else []
    if tree is None or len(rows) < 2:
        builder.note("chart", part or "")
        return
    if title := _title(tree.find(f"{C}chart/{C}title")):
        builder.paragraph(labelled("chart", title))
    axes = [
        _title(axis.find(f"{C}title")) for axis in tree.iter(f"{C}catAx", f"{C}valAx", f"{C}dateAx")
    ]
    if names := [name for name in axes if name]:
        builder.paragraph(" / ".join(names))
    builder.table(rows)


def chart_title(tree: Any | None) -> str:
    """The title of a chart's part; '' if it has none."""
    return _title(tree.find(f"{C}chart/{C}title")) if tree is not None else ""


def _rows(tree: Any) -> Iterator[list[str]]:
    """Header, then one row for each category; a column for each series."""
    names: list[str] = []
    categories: dict[int, str] = {}
    columns: list[dict[int, str]] = []
    for series in tree.iter(f"{C}ser"):
        values = _points(series.find(f"{C}val"), series.find(f"{C}yVal"))
        if not values:
            continue
        names.append(_name(series.find(f"{C}tx")))
        columns.append(values)
        for place, text in _points(series.find(f"{C}cat"), series.find(f"{C}xVal")).items():
            categories.setdefault(place, text)
    places = sorted({place for column in columns for place in column} | set(categories))
    yield ["", *names]
    for place in places[:_MOST_POINTS]:
        name = categories.get(place, str(place + 1))
        yield [name, *(column.get(place, "") for column in columns)]


def _points(*elements: Any) -> dict[int, str]:
    """The cached values, by place. Categories of several levels are put together."""
    found: dict[int, list[str]] = {}
    for element in elements:
        if element is None:
            continue
        levels = element.findall(f".//{C}lvl")
        for level in reversed(levels) if levels else [element]:
            form = next((f.text or "" for f in level.iter(f"{C}formatCode")), "")
            for point in level.iter(f"{C}pt"):
                text = point.findtext(f"{C}v") or ""
                code = point.get("formatCode") or form
                numeric = point.getparent().tag in (f"{C}numCache", f"{C}numLit")
                place = integer(point.get("idx"))
                found.setdefault(place, []).append(_number(text, code) if numeric else text)
    return {place: one_line(" ".join(texts)) for place, texts in found.items()}


def _number(text: str, form: str) -> str:
    try:
        return shown(float(text), form or "General")
    except ValueError:
        return text


def _name(element: Any | None) -> str:
    if element is None:
        return ""
    return one_line(" ".join(v.text or "" for v in element.iter(f"{C}v")) or _title(element))


def _title(element: Any | None) -> str:
    if element is None:
        return ""
    paragraphs = [drawn_text(paragraph) for paragraph in element.iter(f"{A}p")]
    cached = [v.text or "" for v in element.iter(f"{C}v")]
    return one_line(" ".join(paragraphs) or " ".join(cached))
