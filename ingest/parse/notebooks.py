"""Jupyter notebooks (nbformat 3 and 4): text cells as Markdown, code cells as code, and what they printed."""

import json
from collections.abc import Iterator
from typing import Any, Final

import regex

from app.errors import DocumentCorrupt, Phrase
from ingest.parse.document import Builder, Content
from ingest.parse.html import write_html
from ingest.parse.markdown import write_markdown

_TERMINAL: Final = regex.compile(r"\x1b\[[\d;?]{0,20}[A-Za-z]")  # colours and the like
_LONGEST_OUTPUT: Final = 20_000  # characters of one cell; more is a log


def parse_notebook(text: str, name: str) -> Content:
    """Cells in order. Pictures that a cell draws are noted. Raises DocumentCorrupt."""
    try:
        tree = json.loads(text)
    except ValueError as error:
        raise DocumentCorrupt(path=name, detail=Phrase("damaged_said", said=str(error))) from error
    builder = Builder()
    for cell in _cells(tree):
        source = _text(cell.get("source", cell.get("input")))
        match cell.get("cell_type"):
            case "markdown":
                write_markdown(builder, source)
            case "heading":
                builder.heading(source, cell["level"] if isinstance(cell.get("level"), int) else 1)
            case "code":
                builder.code(source)
                _write_outputs(builder, cell)
            case _:
                builder.paragraph(source)
    return builder.finish()


def _cells(tree: Any) -> Iterator[dict[str, Any]]:
    holders = [tree, *_all(tree, "worksheets")]
    for holder in holders:
        yield from _all(holder, "cells")


def _all(holder: Any, name: str) -> Iterator[dict[str, Any]]:
    found = holder.get(name) if isinstance(holder, dict) else None
    yield from (item for item in found if isinstance(item, dict)) if isinstance(found, list) else ()


def _text(value: Any) -> str:
    """A text, or one that is kept line by line."""
    if isinstance(value, list):
        return "".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""


def _write_outputs(builder: Builder, cell: dict[str, Any]) -> None:
    left = _LONGEST_OUTPUT
    for output in _all(cell, "outputs"):
        data = output.get("data", output)
        data = data if isinstance(data, dict) else {}
        page, plain = _text(data.get("text/html")), _text(data.get("text/plain"))
        printed = _text(output.get("text")) or plain
        if output.get("output_type") in ("error", "pyerr"):
            printed = ": ".join(filter(None, (_text(output.get(n)) for n in ("ename", "evalue"))))
        if any(kind.startswith("image/") for kind in data):
            builder.note("picture")
            continue  # the text beside it says only that it is a figure
        size = len(page or printed)
        if size > left:
            builder.note("cut")
        elif "<table" in page:
            write_html(builder, page)
        else:
            builder.code(_TERMINAL.sub("", printed))
        left -= min(size, left)
