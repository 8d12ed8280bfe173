"""Markdown: the text as it reads, without the marks, and its headings, lists, tables and code.

Bold and italic lose their marks, links keep their words only, a line wrapped in the source is
joined, what is struck through is left out and noted, raw HTML is reduced to its text, front matter becomes metadata. A definition stands
behind its term, a footnote below the block that refers to it, formulas are kept as written. The
stored text is what a reader of the rendered page would copy. Pictures become a note.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import regex
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.admon import admon_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin

from app.text.lines import unwrap
from app.text.width import width
from ingest.parse.document import Builder, Content, Metadata, clean, one_line
from ingest.parse.html import write_html
from ingest.parse.labels import labelled
from ingest.parse.properties import load_properties, load_toml

_FRONT_MATTER = regex.compile(r"\A﻿?---[ \t]*\n(.*?\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", regex.DOTALL)
_TOML_MATTER = regex.compile(r"\A\ufeff?\+\+\+[ \t]*\n(.*?\n)\+\+\+[ \t]*(?:\n|\Z)", regex.DOTALL)
_FRONT_MATTER_LIMIT = 65_536
_LONGEST_INLINE = 50_000  # characters of one paragraph; longer ones are no prose
_TAG_NAME = regex.compile(r"<(/?)([A-Za-z][\w-]*)")
_HIDING = regex.compile(r"\bhidden\b|display\s*:\s*none|visibility\s*:\s*hidden", regex.IGNORECASE)
_IMAGE = regex.compile(r"!\[[^\]\n]{0,500}\]\([^()\n]{0,2000}\)")
_LINK = regex.compile(r"\[([^\]\n]{0,500})\]\([^()\n]{0,2000}\)")
_FOOTNOTE = regex.compile(r"\[\^([^\]\s]{1,100})\]")
# How the kinds of admonition begin: '> [!WARNING]' and ':::warning Title'.
_ALERT = regex.compile(r"\[!([A-Za-z]{2,20})\][-+]?[ \t]*\n?")
_FENCED_ALERT = regex.compile(r":{3,}[ \t]*\{?([A-Za-z][\w-]{0,30})?\}?[ \t]*([^\n]*)(?:\n|$)")
_STRUCK = regex.compile(r"~~(?=\S)[^~\n]{1,2000}~~")
_EMPHASIS = regex.compile(r"[*_`~]+")
# What some dialects say of a heading: '{#name .class}'.
_ATTRIBUTES = regex.compile(r"\s*\{:?\s*[#.][^{}\n]{0,200}\}\s*$")
# What stands above the text of an MDX page.
_IMPORTS = regex.compile(r"(?:import\s[^\n]{1,300}?from\s+['\"][^'\"\n]{1,300}['\"];?\s*)+")
# Links of Obsidian and its like, which have a letter in them and no space before it.
_WIKI_LINK = regex.compile(
    r"(?P<shown>!)?\[\[(?=[^\[\]\n]{0,200}\p{L})(?P<page>[^\s\[\]|][^\[\]|\n]{0,200})(?:\|(?P<words>[^\[\]\n]{1,200}))?\]\]"
)
_CONTENTS = regex.compile(r"\[\[?_?TOC_?\]?\]|\{:toc\}", regex.IGNORECASE)  # made when shown
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
    for pattern, load in ((_FRONT_MATTER, load_properties), (_TOML_MATTER, load_toml)):
        found = pattern.match(text[:_FRONT_MATTER_LIMIT])
        values = load(found.group(1)) if found else None
        if found and values is not None:
            metadata, text = values, text[found.end() :]
            break
    builder = Builder()
    _Writer(builder, text).write()
    title = metadata.get("title", "")
    return builder.finish(title=title if isinstance(title, str) else "", metadata=metadata)


def write_markdown(builder: Builder, text: str) -> None:
    """All blocks of some Markdown within another document."""
    _Writer(builder, clean(text)).write()


class _Writer:
    def __init__(self, builder: Builder, text: str) -> None:
        self._builder = builder
        self._env: dict[str, Any] = {}  # where markdown-it keeps link references
        # Blocks at first, the inside of each when its turn comes: the tokens of a large file's
        # words would take a hundred times its size.
        self._inline = _reader()
        tokens = self._inline.disable(["inline", "text_join"]).parse(text, self._env)
        self._tokens: Sequence[Token]
        self._tokens, self._footnotes = _without_footnotes(tokens)
        self._lists: list[int | None] = []  # next number of each open list; None: bullets
        self._marker: str | None = None  # of the item just opened, until its first text
        self._defined = ""  # the term whose definitions come
        self._term = ""  # the same, until the first text of a definition
        self._begun = False  # whether any text has been written
        self._referred: dict[str, None] = {}  # footnotes of the block being written

    def write(self) -> None:
        i = 0
        while i < len(self._tokens):
            i = self._block(i)
            last = self._tokens[i - 1]
            if last.level == 0 and last.nesting <= 0:
                self._write_footnotes(self._referred)
        self._write_footnotes(dict.fromkeys(self._footnotes))

    def _block(self, i: int) -> int:
        token = self._tokens[i]
        kind = token.type
        if kind == "heading_open":
            level = int(token.tag[1:])
            text = self._words(self._tokens[i + 1].content).rstrip("¶ ")
            self._builder.heading(_ATTRIBUTES.sub("", text), level)
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
        elif kind == "dt_open":
            self._defined = self._words(self._tokens[i + 1].content)
            return i + 3
        elif kind == "dd_open":
            self._term = self._defined
        elif kind == "math_block":
            self._builder.paragraph(f"$${token.content.strip()}$$")
        elif kind in ("fence", "code_block"):
            self._builder.code(token.content)
        elif kind == "html_block":
            self._marker = None
            write_html(self._builder, token.content)
        return i + 1

    def _text(self, text: str) -> None:
        text = _ALERT.sub(_alert, text, count=1) if text.startswith("[!") else text
        if text.startswith(":::"):
            text = _FENCED_ALERT.sub(_alert, text, count=1)
        if text.rstrip().endswith(":::"):
            text = text.rstrip().rstrip(":")
        if not text.strip() or _CONTENTS.fullmatch(text.strip()):
            return
        if not self._begun and _IMPORTS.fullmatch(text.strip()):
            return
        self._begun = True
        if self._term:
            text, self._term = f"{self._term}: {text}", ""
        if self._marker is not None:
            self._builder.list_item(text, max(len(self._lists), 1), self._marker)
            self._marker = None
        else:
            self._builder.paragraph(text)

    def _words(self, source: str) -> str:
        """What is read of a paragraph's or cell's Markdown."""
        if self._footnotes:
            self._referred.update(dict.fromkeys(_FOOTNOTE.findall(source)))
        if len(source) > _LONGEST_INLINE:
            return _without_marks(source)
        tokens = self._inline.inline.parse(source, self._inline, self._env, [])
        for token in tokens:
            if token.type == "image":
                self._builder.note("picture", token.content)
        text, struck = _visible(tokens)
        if "[[" in text and not any(t.type == "code_inline" and "[[" in t.content for t in tokens):
            text = _WIKI_LINK.sub(self._wiki_link, text)
        for words in struck:
            self._builder.struck(words)
        return text

    def _wiki_link(self, match: regex.Match[str]) -> str:
        """What a note shows of '[[Page|words]]'; what it shows another file of is noted."""
        if match.group("shown"):
            self._builder.note("embedded_file", match.group("page"))
            return ""
        return (match.group("words") or match.group("page")).strip()

    def _write_footnotes(self, labels: dict[str, None]) -> None:
        """The footnotes that have not been written yet, each as a paragraph with its mark."""
        for label in list(labels):
            if inner := self._footnotes.pop(label, None):
                outer, self._tokens = self._tokens, inner
                self._mark_footnote(label)
                self._tokens = outer
        self._referred = {}

    def _mark_footnote(self, label: str) -> None:
        i, first = 0, True
        while i < len(self._tokens):
            token = self._tokens[i]
            if first and token.type == "inline":
                self._text(f"[^{label}]: {unwrap(self._words(token.content))}")
                first, i = False, i + 1
            else:
                i = self._block(i)

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


def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": True, "maxNesting": 60})
    reader.enable(["table", "strikethrough"])
    deflist_plugin(reader)
    admon_plugin(reader)
    # No spaces within and no digits beside the dollars: 'from $5 to $6' is no formula.
    dollarmath_plugin(reader, allow_labels=False, allow_space=False, allow_digits=False)
    footnote_plugin(reader, inline=False, move_to_end=False)
    reader.disable("footnote_ref")  # the mark stays as it is written
    return reader


def _without_footnotes(
    tokens: Sequence[Token],
) -> tuple[list[Token], dict[str, Sequence[Token]]]:
    """The tokens without the definitions of footnotes, and the tokens of each definition."""
    kept: list[Token] = []
    notes: dict[str, Sequence[Token]] = {}
    label = ""
    inner: list[Token] = []
    for token in tokens:
        if token.type == "footnote_reference_open":
            label, inner = str((token.meta or {}).get("label", "")), []
        elif token.type == "footnote_reference_close":
            notes.setdefault(label, inner)
            label = ""
        elif label:
            inner.append(token)
        else:
            kept.append(token)
    return kept, notes


def _alert(match: regex.Match[str]) -> str:
    """'Warning: ', or 'Warning, the title: '."""
    kind = (match.group(1) or "").capitalize()
    title = (match.group(2) or "").strip() if match.re.groups > 1 else ""
    words = ", ".join(filter(None, (kind, title)))
    return f"{words}: " if words else ""


def _visible(tokens: Iterable[Token]) -> tuple[str, list[str]]:
    """No marks, no tags, nothing that HTML hides; what is said in the place of a picture. Beside it
    what is struck through."""
    shown: list[str] = []
    struck: list[list[str]] = []
    parts = shown
    hidden = ""  # the tag whose end shows text again
    crossed_out: list[str] = []  # the marks and tags whose end does
    tokens = list(tokens)
    # A tag that nothing closes is a word of its own: the '<s>' that begins a model's prompt.
    closed = {found[0]: i for i, t in enumerate(tokens) if (found := _strikes(t)) and not found[1]}
    for i, token in enumerate(tokens):
        striking = _strikes(token)
        if striking and not hidden:
            name, begins = striking
            begins = begins and closed.get(name, -1) > i
            if begins and not crossed_out:
                parts = []
                struck.append(parts)
            if begins:
                crossed_out.append(name)
            elif name in crossed_out:
                crossed_out.remove(name)
                parts = parts if crossed_out else shown
        elif token.type == "html_inline":
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
        elif token.type in ("math_inline", "math_inline_double"):
            parts.append(f"{token.markup}{token.content}{token.markup}")
        elif token.type == "image" and width(alt := one_line(token.content)) > 2:
            parts.append(f"[{labelled('picture', alt)}]")
        elif token.type in ("softbreak", "hardbreak"):
            parts.append("\n")
    return "".join(shown), ["".join(words) for words in struck]


def _strikes(token: Token) -> tuple[str, bool] | None:
    """Which mark or tag begins (or ends) text with a line through it."""
    if token.type in ("s_open", "s_close"):
        return "~~", token.type == "s_open"
    if token.type == "html_inline" and (tag := _TAG_NAME.match(token.content)):
        name = tag.group(2).lower()
        if name in ("s", "del", "strike") and not token.content.endswith("/>"):
            return name, not tag.group(1)
    return None


def _without_marks(text: str) -> str:
    """The commonest marks removed by pattern, in linear time."""
    text = _STRUCK.sub("", _IMAGE.sub("", text))
    return _EMPHASIS.sub("", _LINK.sub(r"\1", text))
