"""Rich Text Format 1.9: what Word shows of it with all changes accepted.

Footnotes, comments and text boxes follow the paragraph or table that holds them, headers and
footers stand at the end; all of them are labelled. Headings are paragraphs with an outline level; in
files that have none, what plain text would take for a heading, if it is numbered or stands out.

Over 350 lines: the reader's state goes through groups, destinations, tables and headings alike.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import regex

from ingest.parse.document import (
    Block,
    Builder,
    Content,
    Metadata,
    Note,
    NoteKind,
    clean,
    one_line,
)
from ingest.parse.labels import Kind, labelled, only_counts_pages
from ingest.parse.plain import parse_plain
from ingest.parse.symbols import superscript, symbol

_TOKEN: Final = regex.compile(
    rb"\\(?P<word>[a-zA-Z]+)(?P<number>-?\d{1,9})?[ ]?|\\'(?P<hex>[0-9a-fA-F]{2})|\\(?P<sign>.)"
    rb"|(?P<brace>[{}])|[\r\n]+|(?P<text>[^\\{}\r\n]+)",
    regex.DOTALL,
)
_CODE_PAGES: Final[Mapping[int, str]] = {
    128: "cp932", 129: "cp949", 130: "johab", 134: "gb18030", 136: "big5hkscs", 161: "cp1253",
    162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251",
    222: "cp874", 238: "cp1250",
}  # fmt: skip
_SYMBOL_SET: Final = 2
_SIGNS: Final[Mapping[str, str]] = {
    "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”",
    "bullet": "•", "line": "\n", "lbr": "\n", "tab": "\t", "emspace": " ", "enspace": " ",
    "qmspace": " ", "page": "\n", "column": "\n", "softline": "\n",
}  # fmt: skip
_ESCAPED: Final[Mapping[bytes, str]] = {
    b"\\": "\\", b"{": "{", b"}": "}", b"~": " ", b"_": "-", b"\n": "\n", b"\r": "\n", b"\t": "\t",
}  # fmt: skip
_STRUCTURE: Final = frozenset(("par", "sect", "cell", "row", "nestcell", "nestrow"))
# Groups without text of the document.
_SKIPPED: Final = frozenset(
    "colortbl listtable listoverridetable revtbl rsidtbl generator themedata fldinst"
    " colorschememapping datastore latentstyles xmlnstbl filetbl datafield bkmkstart bkmkend atnid"
    " atnref atndate atntime atnparent atnicn nonesttables nonshppict shprslt sn sv ftnsep ftnsepc"
    " ftncn aftnsep aftnsepc aftncn objdata objclass objname objalias pgptbl mmathPr tc tcn xe rxe txe"
    " template keywords doccomm hlinkbase company manager operator category comment userprops"
    " passwordhash protusertbl upr pnseclvl wgrffmtfilter fontemb fontfile blipuid pntxta pntxtb".split()
)
_MARGINS: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(("header", "headerl", "headerr", "headerf"), "header"),
    **dict.fromkeys(("footer", "footerl", "footerr", "footerf"), "footer"),
}
_KNOWN_STARRED: Final = frozenset(
    (
        "annotation",
        "atnauthor",
        "shpinst",
        "shppict",
        "ud",
        "fldrslt",
        "footnote",
        "pntext",
        "shptxt",
    )
)
_NUMBERED: Final = regex.compile(
    r"第[\d一二三四五六七八九十百]+[章节篇部]|\d+(?:\.\d+)*[.、]?\s|[一二三四五六七八九十]+、"
)
_LONGEST_STRUCK: Final = 200  # characters of one piece that are kept for its note
_ITEM: Final = regex.compile(r"[\W_]|o")


@dataclass
class _Story:
    """Text that stands together: the body, a note, a header. `hanging`: what follows its paragraph,
    `due`: what follows the table that is being read."""

    lines: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    hanging: list[str] = field(default_factory=list)
    due: list[str] | None = None
    looks: list["_Look"] = field(default_factory=list)  # of what is open
    paragraphs: list[tuple[str, "_Look"]] = field(default_factory=list)

    def end(self, in_table: bool) -> None:
        """A paragraph ends; within a table the cell goes on."""
        if in_table:
            self.open.append("\n")
            return
        self._end_table()
        text = _joined(self.open).strip()
        self.open.clear()
        if text:
            self.paragraphs.append((text, _common(self.looks)))
        self.looks.clear()
        self.lines += [f"{part}\n\n" for part in (text, *self.hanging) if part]
        self.hanging.clear()

    def end_cell(self) -> None:
        self.cells.append(one_line(_joined(self.open)).replace("|", "\\|"))
        self.open.clear()
        self.looks.clear()

    def end_row(self) -> None:
        if any(self.cells):
            self.lines.append(f"| {' | '.join(self.cells)} |\n")
            self.due = [*(self.due or ()), *self.hanging]
            self.hanging.clear()
        self.cells.clear()

    def text(self) -> str:
        self.end_row()
        self.end(in_table=False)
        return "".join(self.lines).strip()

    def _end_table(self) -> None:
        if self.due is not None:
            self.lines += ["\n", *(f"{text}\n\n" for text in self.due)]
            self.due = None


@dataclass(frozen=True, slots=True)
class _Look:
    """Of a paragraph: its outline level from 0 (None: it has none), the size of its type in half
    points, whether it is bold, whether a list numbers it."""

    outline: int | None = None
    size: int = 24
    bold: bool = False
    item: bool = False


def _common(looks: Sequence[_Look]) -> _Look:
    """What holds for all of a paragraph."""
    if not looks:
        return _Look()
    return _Look(
        looks[-1].outline,
        min(look.size for look in looks),
        all(look.bold for look in looks),
        any(look.item for look in looks),
    )


def _joined(parts: Sequence[str]) -> str:
    """One text, halves of characters beyond 16 bits put together."""
    text = "".join(parts).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return clean(text)


@dataclass(frozen=True)
class _State:
    """What holds within a group."""

    story: _Story
    shown: bool = True  # no text of a group without any
    hidden: bool = False
    struck: bool = False
    raised: bool = False
    in_table: bool = False
    unit: int = 1  # characters that stand for one in Unicode
    font: int = -1
    look: _Look = _Look()


class _Reader:
    def __init__(self) -> None:
        self.body = _Story()
        self.margins: dict[str, None] = {}
        self.notes: list[Note] = []
        self.metadata: dict[str, str] = {}
        self._state = _State(self.body)
        self._groups: list[tuple[_State, Callable[[], None]]] = []
        self._bytes = bytearray()
        self._skip = 0  # characters that follow one in Unicode
        self._page = "cp1252"
        self._fonts: dict[int, str] = {}
        self._symbols: set[int] = set()
        self._defining = -1  # the font that the table of fonts is at
        self._starred = self._in_fonts = False
        self._style: int | None = None  # the one that the table of styles is at
        self._in_styles = False
        self._outlines: dict[int, int] = {}  # levels of styles
        self._author = ""
        self._striking = False  # what came last has a line through it
        self._footnotes = 0

    def read(self, data: bytes) -> None:
        place = 0
        while found := _TOKEN.match(data, place):
            place = found.end()
            brace, word = found["brace"], found["word"]
            if found["hex"]:
                self._byte(bytes.fromhex(found["hex"].decode()))
            elif found["text"]:
                self._byte(found["text"])
            elif brace == b"{":
                self._write_bytes()
                self._groups.append((self._state, lambda: None))
                self._starred = False
            elif brace == b"}":
                self._close()
            elif word:
                number = int(found["number"]) if found["number"] else None
                if word == b"bin":
                    place += max(number or 0, 0)
                else:
                    self._write_bytes()
                    self._word(word.decode(), number)
            elif found["sign"] == b"*":
                self._starred = True
            elif found["sign"]:
                self._add(_ESCAPED.get(found["sign"], ""))
        while self._groups:
            self._close()
        self._write_bytes()

    def _close(self) -> None:
        self._write_bytes()
        if self._groups:
            before, done = self._groups.pop()
            done()
            self._state = before
        self._in_fonts = self._in_fonts and self._state.shown is False
        self._in_styles = self._in_styles and self._state.shown is False

    def _word(self, word: str, number: int | None) -> None:
        starred, self._starred = self._starred, False
        on = number != 0
        state = self._state
        if self._in_fonts:
            self._of_font(word, number)
        elif word == "fonttbl":
            self._in_fonts = True
            self._state = replace(state, shown=False)
        elif word in ("s", "outlinelevel") and number is not None:
            self._outline(word, number)
        elif word == "stylesheet":
            self._in_styles = True
            self._state = replace(state, shown=False)
        elif word in _SKIPPED or (starred and word not in _KNOWN_STARRED):
            self._state = replace(state, shown=False)
        elif word in ("info", "title", "author", "subject", "pict", "object"):
            self._aside(word)
        elif word in _MARGINS or word in ("footnote", "annotation", "atnauthor", "shptxt"):
            self._story(word)
        elif word in ("listtext", "pntext"):
            self._story("listtext")
        elif word in _SIGNS:
            self._add(_SIGNS[word])
        elif word in _STRUCTURE:
            self._structure(word)
        elif word == "intbl":
            self._state = replace(state, in_table=True)
        elif word == "pard":
            look = replace(state.look, outline=None, item=False)
            self._state = replace(state, in_table=False, look=look)
        elif word in ("b", "fs"):
            look = (
                replace(state.look, bold=on)
                if word == "b"
                else replace(state.look, size=number or 24)
            )
            self._state = replace(state, look=look)
        elif word in ("v", "deleted"):
            self._state = replace(state, hidden=on)
        elif word in ("strike", "striked"):
            self._state = replace(state, struck=on)
        elif word == "ud":
            self._state = replace(state, shown=True)
        elif word == "plain":
            look = replace(state.look, bold=False, size=24)
            self._state = replace(state, hidden=False, struck=False, raised=False, look=look)
        elif word in ("super", "nosupersub"):
            self._state = replace(state, raised=on and word == "super")
        elif word == "uc":
            self._state = replace(state, unit=max(number or 0, 0))
        elif word == "u" and number is not None:
            self._add(chr(number % 0x10000))
            self._skip = state.unit
        elif word == "f" and number is not None:
            self._state = replace(state, font=number)
        elif word == "ansicpg" and number:
            self._page = "gb18030" if number == 936 else f"cp{number}"

    def _outline(self, word: str, number: int) -> None:
        """A paragraph's style or level, or those of a style."""
        level = number if 0 <= number < 9 else None
        if self._in_styles:
            if word == "s":
                self._style = number
            elif self._style is not None and level is not None:
                self._outlines[self._style] = level
            return
        if word == "s":
            level = self._outlines.get(number)
        look = replace(self._state.look, outline=level)
        self._state = replace(self._state, look=look)

    def _structure(self, word: str) -> None:
        story = self._state.story
        if not self._state.shown:
            return
        if word == "cell":
            story.end_cell()
        elif word == "row":
            story.end_row()
        elif word in ("nestcell", "nestrow"):
            self._add(" ")
        else:
            story.end(self._state.in_table and word == "par")

    def _of_font(self, word: str, number: int | None) -> None:
        if word == "f" and number is not None:
            self._defining = number
        elif word == "fcharset" and number in _CODE_PAGES:
            self._fonts[self._defining] = _CODE_PAGES[number or 0]
        elif word == "fcharset" and number == _SYMBOL_SET:
            self._symbols.add(self._defining)

    def _aside(self, word: str) -> None:
        """What is told of and not shown."""
        if word in ("pict", "object"):
            kind: NoteKind = "picture" if word == "pict" else "embedded_file"
            if self._state.shown:
                self.notes.append(Note(kind))
            if word == "pict":
                self._state = replace(self._state, shown=False)
        elif word == "info":
            self._state = replace(self._state, story=_Story(), shown=True)
        else:
            story = _Story()
            self._state = replace(self._state, story=story)

            def told() -> None:
                self.metadata.setdefault(word, one_line(story.text()))

            self._at_end(told)

    def _story(self, word: str) -> None:
        around, story = self._state.story, _Story()
        shown = self._state.shown and not self._state.hidden
        self._state = replace(self._state, story=story, in_table=False, shown=self._state.shown)

        def done() -> None:
            text = story.text()
            if not text or not shown:
                return
            if word in _MARGINS:
                lines = (line for line in text.split("\n") if line)
                kept = [n for n in lines if not only_counts_pages(regex.sub(r"\d", "", n))]
                if kept:
                    self.margins.setdefault(labelled(_MARGINS[word], "\n".join(kept)))
            elif word == "footnote":
                self._footnotes += 1
                around.hanging.append(labelled("footnote", text, str(self._footnotes)))
            elif word == "annotation":
                author = f"({self._author})" if self._author else ""
                around.hanging.append(labelled("comment", text, author))
            elif word == "atnauthor":
                self._author = one_line(text)
            elif word == "listtext":
                mark = one_line(text)
                around.open.append("- " if _ITEM.fullmatch(mark) else f"{mark} ")
                around.looks.append(replace(self._state.look, item=True))
            else:
                around.hanging.append(text)

        self._at_end(done)

    def _at_end(self, done: Callable[[], None]) -> None:
        if self._groups:
            self._groups[-1] = (self._groups[-1][0], done)

    def _byte(self, data: bytes) -> None:
        skipped = min(self._skip, len(data))
        self._skip -= skipped
        self._bytes += data[skipped:]

    def _write_bytes(self) -> None:
        self._skip = 0 if not self._bytes else self._skip
        if not self._bytes:
            return
        data, self._bytes = bytes(self._bytes), bytearray()
        font = self._state.font
        if font in self._symbols:
            self._add("".join(symbol(code, "symbol") or chr(code) for code in data))
            return
        try:
            self._add(data.decode(self._fonts.get(font, self._page)))
        except (LookupError, UnicodeDecodeError):
            # Fonts without a code page of their own: accented letters beside Chinese.
            self._add(data.decode(self._fonts.get(font, "cp1252"), "replace"))

    def _add(self, text: str) -> None:
        self._write_bytes()
        state = self._state
        if not state.shown or not text:
            return
        if state.hidden:
            if text.strip():
                self._striking = False
                self.notes.append(Note("hidden"))
            return
        if state.struck and text.strip():
            self._struck(text)
            return
        self._striking = False
        if text.strip():
            state.story.looks.append(state.look)
        state.story.open.append((superscript(text) if state.raised else None) or text)

    def _struck(self, text: str) -> None:
        """Runs that follow each other are one piece."""
        before = self.notes.pop().detail if self._striking else ""
        detail = before if len(before) > _LONGEST_STRUCK else before + text
        self.notes.append(Note("struck_through", detail=detail))
        self._striking = True


def parse_rtf(data: bytes) -> Content:
    """The text with tables as rows, notes, comments and headers."""
    reader = _Reader()
    reader.read(data)
    text = "\n\n".join(filter(None, (reader.body.text(), *reader.margins)))
    content = _with_headings(parse_plain(clean(text).strip()), reader.body.paragraphs)
    noted = Builder()
    for note in reader.notes:
        if note.kind == "struck_through":
            noted.struck(note.detail)
        else:
            noted.note(note.kind)
    kept: Metadata = {k: v for k, v in reader.metadata.items() if v and k != "title"}
    return replace(
        content,
        title=reader.metadata.get("title", "") or content.title,
        metadata={**content.metadata, **kept},
        notes=(*content.notes, *noted.finish().notes),
    )


def _with_headings(content: Content, paragraphs: Sequence[tuple[str, _Look]]) -> Content:
    """The blocks of the text, with the headings that the file has, not those of plain text."""
    looks = [(" ".join(text.split()), look) for text, look in paragraphs]
    outlined = any(look.outline is not None for _, look in looks)
    sizes: dict[int, int] = {}
    for text, look in looks:
        sizes[look.size] = sizes.get(look.size, 0) + len(text)
    usual = max(sizes, key=lambda size: sizes[size], default=24)
    blocks: list[Block] = []
    path: list[tuple[int, str]] = []
    waiting: dict[str, deque[_Look]] = defaultdict(deque)
    for text, look in looks:
        waiting[text].append(look)
    for block in content.blocks:
        text = " ".join(content.text[block.start : block.end].split())
        look = waiting[text].popleft() if waiting.get(text) else _Look()
        level = 0
        if outlined:
            level = 0 if look.outline is None else min(look.outline + 1, 6)
        elif block.kind == "heading":
            out = look.bold or look.size > usual or (_NUMBERED.match(text) and not look.item)
            level = block.level if out else 0
        if level:
            path = [*((n, title) for n, title in path if n < level), (level, text)]
            block = replace(block, kind="heading", level=level)
        elif block.kind == "heading":
            item = look.item
            block = replace(block, kind="list_item" if item else "paragraph", level=int(item))
        blocks.append(replace(block, section=tuple(title for _, title in path)))
    return replace(content, blocks=tuple(blocks))
