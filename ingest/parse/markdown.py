"""Markdown: the text as it reads, without the marks, and its headings, lists, tables and code.

Bold and italic lose their marks, links and images keep their words only (an image none), a
line wrapped in the source is joined, raw HTML is reduced to its text, front matter becomes
metadata. The stored text is what a reader of the rendered page would copy.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import regex
from markdown_it import MarkdownIt
from markdown_it.token import Token

from app.text.lines import unwrap
from ingest.parse.document import Builder, Content, Metadata, clean
from ingest.parse.html import write_html
from ingest.parse.properties import load_properties

_FRONT_MATTER = regex.compile(r"\A﻿?---[ \t]*\n(.*?\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", regex.DOTALL)
_FRONT_MATTER_LIMIT = 65_536
_LONGEST_INLINE = 50_000  # characters of one paragraph; longer ones are no prose
_TAG_NAME = regex.compile(r"<(/?)([A-Za-z][\w-]*)")
_HIDING = regex.compile(r"\bhidden\b|display\s*:\s*none|visibility\s*:\s*hidden", regex.IGNORECASE)
_IMAGE = regex.compile(r"!\[[^\]\n]{0,500}\]\([^()\n]{0,2000}\)")
_LINK = regex.compile(r"\[([^\]\n]{0,500})\]\([^()\n]{0,2000}\)")
_EMPHASIS = regex.compile(r"[*_`~]+")
_ATX = regex.compile(r"^#{1,6}[ \t]+\S", regex.MULTILINE)
_MARKS = regex.compile(r"\*\*[^*\n]+\*\*|\]\([^)\n]+\)|^```|^\|[ \t]*:?-{3,}", regex.MULTILINE)


def looks_like_markdown(text: str) -> bool:
    """Front matter, or several headings, or headings together with other marks.

    Only for files whose name does not say it (a .txt that was saved from a Markdown page).
    """
    sample = text[:50_000].replace("\r\n", "\n")
    if _FRONT_MATTER.match(sample):
        return True
    headings = len(_ATX.findall(sample))
    return headings >= 3 or (headings >= 1 and len(_MARKS.findall(sample)) >= 3)


def parse_markdown(text: str) -> Content:
    """CommonMark with tables and strikethrough; headings of any level make the section path."""
    text = clean(text)
    metadata: Metadata = {}
    found = _FRONT_MATTER.match(text[:_FRONT_MATTER_LIMIT])
    if found:
        values = load_properties(found.group(1))
        if values is not None:
            metadata, text = values, text[found.end() :]
    builder = Builder()
    _Writer(builder, text).write()
    title = metadata.get("title", "")
    return builder.finish(title=title if isinstance(title, str) else "", metadata=metadata)


class _Writer:
    def __init__(self, builder: Builder, text: str) -> None:
        self._builder = builder
        self._env: dict[str, Any] = {}  # where markdown-it keeps link references
        # Blocks at first, the inside of each when its turn comes: the tokens of a large file's
        # words would take a hundred times its size.
        self._inline = MarkdownIt("commonmark", {"html": True, "maxNesting": 60})
        self._inline.enable(["table", "strikethrough"])
        self._tokens: Sequence[Token] = self._inline.disable(["inline", "text_join"]).parse(
            text, self._env
        )
        self._lists: list[int | None] = []  # next number of each open list; None: bullets
        self._marker: str | None = None  # of the item just opened, until its first text

    def write(self) -> None:
        i = 0
        while i < len(self._tokens):
            i = self._block(i)

    def _block(self, i: int) -> int:
        token = self._tokens[i]
        kind = token.type
        if kind == "heading_open":
            level = int(token.tag[1:])
            self._builder.heading(self._words(self._tokens[i + 1].content).rstrip("¶ "), level)
            self._marker = None
            return i + 3
        if kind == "table_open":
            return self._table(i)
        if kind in ("bullet_list_open", "ordered_list_open"):
            ordered = kind.startswith("ordered")
            self._lists.append(int(token.attrGet("start") or 1) if ordered else None)
        elif kind in ("bullet_list_close", "ordered_list_close"):
            self._lists.pop()
        elif kind == "list_item_open":
            number = self._lists[-1]
            self._marker = "-" if number is None else f"{number}."
            if number is not None:
                self._lists[-1] = number + 1
        elif kind == "inline":
            self._text(unwrap(self._words(token.content)))
        elif kind in ("fence", "code_block"):
            self._builder.code(token.content)
        elif kind == "html_block":
            self._marker = None
            write_html(self._builder, token.content)
        return i + 1

    def _text(self, text: str) -> None:
        if not text.strip():
            return
        if self._marker is not None:
            self._builder.list_item(text, max(len(self._lists), 1), self._marker)
            self._marker = None
        else:
            self._builder.paragraph(text)

    def _words(self, source: str) -> str:
        """What is read of a paragraph's or cell's Markdown."""
        if len(source) > _LONGEST_INLINE:
            return _without_marks(source)
        return _visible(self._inline.inline.parse(source, self._inline, self._env, []))

    def _table(self, i: int) -> int:
        rows: list[list[str]] = []
        while self._tokens[i].type != "table_close":
            token = self._tokens[i]
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "inline":
                rows[-1].append(self._words(token.content))
            i += 1
        self._builder.table(rows, has_header=any(cell.strip() for cell in rows[0]))
        return i + 1


def _visible(tokens: Iterable[Token]) -> str:
    """No marks, no images, no tags, nothing that HTML hides."""
    parts: list[str] = []
    hidden = ""  # the tag whose end shows text again
    for token in tokens:
        if token.type == "html_inline":
            tag = _TAG_NAME.match(token.content)
            closing, name = (tag.group(1), tag.group(2).lower()) if tag else ("", "")
            if hidden:
                hidden = "" if closing and name == hidden else hidden
            elif name == "br":
                parts.append("\n")
            elif not closing and (_HIDING.search(token.content) or name in ("script", "style")):
                hidden = name
        elif hidden:
            continue
        elif token.type in ("text", "code_inline", "text_special"):
            parts.append(token.content)
        elif token.type in ("softbreak", "hardbreak"):
            parts.append("\n")
    return "".join(parts)


def _without_marks(text: str) -> str:
    """The commonest marks removed by pattern, in linear time."""
    text = _IMAGE.sub("", text)
    return _EMPHASIS.sub("", _LINK.sub(r"\1", text))
