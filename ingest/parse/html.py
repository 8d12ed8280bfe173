"""HTML: what a reader of the page sees of its main part, as blocks.

Hidden elements go first (a page can carry text for machines only: prompt injection), then
what surrounds the content: if the page marks its content with one <main> or <article>, that is
taken; else trafilatura finds it; if that leaves too little, the whole body is taken without
navigation, forms and footers.
"""

from itertools import islice

import regex
from lxml import etree, html
from lxml.html import HtmlElement

from app.text.width import CJK, width
from ingest.parse.document import Builder, Content, Metadata, one_line
from ingest.parse.encoding import decode
from ingest.parse.grid import write_grid
from ingest.parse.labels import labelled
from ingest.parse.numerals import numeral
from ingest.parse.page import (
    BLOCKS,
    NOT_TEXT,
    bound_spans,
    content,
    drop_hidden,
    drop_struck,
    striking_selectors,
)
from ingest.parse.page_parts import show_parts
from ingest.parse.page_tables import cell_text, is_data, table_grid
from ingest.parse.symbols import superscript

_DECLARED = regex.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w-]+)", regex.IGNORECASE)
_BODY = regex.compile(r"<body[\s>]", regex.IGNORECASE)
_HEAD_END = regex.compile(r"</head\s*>", regex.IGNORECASE)
_SPACE = regex.compile(r"[ \t\r\n\f]+")
_CJK_BREAK = regex.compile(rf"(?<=[{CJK}])[ \t]*\n\s*(?=[{CJK}])")
_WIDEST_TERM = 160
_PICTURE = 32  # pixels
_LONGEST_ALT = 100
_NUMBERS = {"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
_ANCHOR = frozenset(("¶", "#", "§", "🔗"))


def parse_html(data: bytes) -> Content:
    """A page. The charset is that of the byte order mark, the declaration or the bytes."""
    tree = html.document_fromstring(
        _with_body(_text_of(data)), parser=html.HTMLParser(huge_tree=True, remove_comments=True)
    )
    title = " ".join(tree.xpath("(//title[not(ancestor::svg)])[1]//text()")) or " ".join(
        tree.xpath("//meta[@property='og:title']/@content")[:1]
    )
    metadata = _metadata(tree)
    builder = Builder()
    _drop_hidden(builder, tree)
    main = content(tree)
    headings = tree.xpath("//h1")
    if len(headings) == 1 and main not in headings[0].iterancestors():
        # Many pages put the headline above the element that holds the article.
        builder.heading(headings[0].text_content(), 1)
    _write(builder, main)
    return builder.finish(title=title, metadata=metadata)


def write_html(builder: Builder, source: str | bytes) -> None:
    """All visible blocks of some HTML: a mail, a chapter of a book, HTML within Markdown."""
    text = _text_of(source) if isinstance(source, bytes) else _without_declaration(source)
    if text.strip():
        parser = html.HTMLParser(huge_tree=True, remove_comments=True)
        tree = html.document_fromstring(f"<div>{text}</div>", parser=parser)
        _drop_hidden(builder, tree)
        _write(builder, tree)


def _drop_hidden(builder: Builder, tree: HtmlElement) -> None:
    bound_spans(tree)
    for drawing in tree.iter("svg"):
        if drawing.find(".//text") is not None:
            builder.note("picture", one_line(drawing.findtext("title") or "")[:_LONGEST_ALT])
    for reading in list(tree.iter("rt")):
        _replace(reading, f"（{one_line(reading.text_content())}）")
    for raised in list(tree.iter("sup")):
        _replace(raised, superscript(raised.text_content()))
    show_parts(builder, tree)
    striking = striking_selectors(tree)
    if hidden := drop_hidden(tree):
        builder.note("hidden", count=hidden)
    for words in drop_struck(tree, striking):
        builder.struck(words)


def _replace(element: HtmlElement, text: str | None) -> None:
    """Give an element this text alone; None leaves it."""
    if text is not None and element.getparent() is not None:
        tail = element.tail
        element.clear()
        element.tag, element.text, element.tail = "span", text, tail


def _text_of(data: bytes) -> str:
    declared = _DECLARED.search(data[:4096])
    if declared and not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        name = declared.group(1).decode("ascii").lower()
        # Pages that say gb2312 use characters of its supersets.
        name = {"gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs"}.get(name, name)
        try:
            return _without_declaration(data.decode(name))
        except (LookupError, UnicodeDecodeError):
            pass  # a wrong declaration: the bytes decide
    return _without_declaration(decode(data) or data.decode("utf-8", "replace"))


def _with_body(text: str) -> str:
    """A page that leaves out <body>, as HTML 5 allows: libxml2 would put its parts in the head."""
    if _BODY.search(text):
        return text
    end = _HEAD_END.search(text)
    return f"{text[: end.end()]}<body>{text[end.end() :]}" if end else f"<body>{text}"


def _without_declaration(text: str) -> str:
    """lxml refuses text with an XML encoding declaration; NULs would end the page."""
    return regex.sub(r"\A\ufeff?\s*<\?xml[^>]*\?>", "", text).replace("\x00", "")


def _metadata(tree: HtmlElement) -> Metadata:
    found: dict[str, str | tuple[str, ...]] = {}
    for name in ("description", "author", "keywords", "date"):
        for value in tree.xpath(f"//meta[@name='{name}']/@content")[:1]:
            if text := one_line(value):
                found[name] = text
    return found


def _write(builder: Builder, tree: HtmlElement) -> None:
    """Iterates instead of recursing: pages may nest thousands of elements."""
    writer = _Writer(builder)
    walk = etree.iterwalk(tree, events=("start", "end"))
    for event, element in walk:
        if event == "start":
            if not isinstance(element.tag, str) or element.tag in NOT_TEXT:
                walk.skip_subtree()
            elif element.tag == "table" and is_data(element):
                writer.table(element)
                walk.skip_subtree()
            else:
                writer.start(element)
        else:
            if isinstance(element.tag, str) and element.tag not in NOT_TEXT:
                writer.end(element)
            if element is not tree:
                writer.add(element.tail)
    writer.flush()


class _Writer:
    def __init__(self, builder: Builder) -> None:
        self._builder = builder
        self._buffer: list[str] = []
        self._lists: list[int | None] = []  # next number of each open list; None: bullets
        self._forms: list[str] = []  # of its numbers
        self._marker: str | None = None
        self._pre = 0
        self._defined = ""  # the term whose definition comes
        self._term = ""  # the same, for further definitions of it

    def add(self, text: str | None) -> None:
        if text:
            text = text.replace("\xad", "")  # where a word may be divided
            self._buffer.append(text if self._pre else _CJK_BREAK.sub("", text))

    def start(self, element: HtmlElement) -> None:
        tag = element.tag
        if tag in ("ul", "ol", "menu", "dir"):
            self.flush()
            start = element.get("start") or "1"
            self._lists.append(
                (int(start[:9]) if start.isdecimal() else 1) if tag == "ol" else None
            )
            self._forms.append(_NUMBERS.get(element.get("type") or "", "decimal"))
        elif tag == "li":
            self.flush()
            number = self._lists[-1] if self._lists else None
            if number is not None and (element.get("value") or "").isdecimal():
                number = int(element.get("value")[:9])
            self._marker = "-" if number is None else f"{numeral(number, self._forms[-1])}."
            if number is not None:
                self._lists[-1] = number + 1
        elif tag == "dd":
            self.flush()
            self._defined = self._defined or self._term
        elif tag == "tabitem":  # of Docusaurus: its label is what a reader chooses it by
            self.flush()
            self._builder.paragraph(element.get("label") or element.get("value") or "")
        elif tag == "pre":
            self.flush()
            self._pre += 1
        elif tag == "br":
            self._buffer.append("\n" if self._pre else "\u2028")
        elif tag == "img":
            self._picture(element)
        elif tag in BLOCKS or tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            self.flush()
        if not (tag == "a" and _is_anchor(element)):
            self.add(element.text)

    def end(self, element: HtmlElement) -> None:
        tag = element.tag
        if tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            text = self._take().replace("\n", " ")
            self._marker = None
            self._builder.heading(text.rstrip("¶# "), int(tag[1]))
        elif tag == "pre":
            self._builder.code("".join(self._buffer))
            self._buffer.clear()
            self._pre -= 1
        elif tag in ("ul", "ol", "menu", "dir"):
            self.flush()
            if self._lists:
                self._lists.pop()
                self._forms.pop()
        elif tag == "li":
            self.flush()
            self._marker = None
        elif tag == "dt":
            term = self._take()
            if width(term) > _WIDEST_TERM:
                self._builder.paragraph(term)
            else:
                self._defined = "; ".join(filter(None, (self._defined, term)))
                self._term = self._defined
        elif tag in BLOCKS:
            self.flush()
            if tag == "dl" and self._defined:
                self._builder.paragraph(self._defined)
            if tag in ("dd", "dl"):
                self._defined = ""
            if tag == "dl":
                self._term = ""

    def flush(self) -> None:
        """Write what was collected as a paragraph or list item."""
        if self._pre:
            return
        text = self._take()
        if not text:
            return
        if self._defined:
            text, self._defined = f"{self._defined}: {text}", ""
        if self._marker is not None:
            self._builder.list_item(text, max(len(self._lists), 1), self._marker)
            self._marker = None
        else:
            self._builder.paragraph(text)

    def _picture(self, element: HtmlElement) -> None:
        """What is said in its place; a drawing of a few pixels is no picture."""
        sides = [element.get(name) or "" for name in ("width", "height")]
        if any(side.isdecimal() and int(side[:6]) < _PICTURE for side in sides):
            return
        alt = one_line(element.get("alt") or "")
        self._builder.note("picture", alt[:_LONGEST_ALT])
        if width(alt) > 2:
            self.add(f" [{labelled('picture', alt)}] ")

    def table(self, element: HtmlElement) -> None:
        self.flush()
        caption = element.find("caption")
        if caption is not None:
            self._builder.paragraph(cell_text(caption))
        write_grid(self._builder, *table_grid(element))

    def _take(self) -> str:
        text = _SPACE.sub(" ", "".join(self._buffer)).replace("\u2028", "\n")
        self._buffer.clear()
        return text.strip()


def _is_anchor(element: HtmlElement) -> bool:
    """Whether a link is the mark that pages put beside their headings."""
    return "".join(islice(element.itertext(), 5)).strip() in _ANCHOR
