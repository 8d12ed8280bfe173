"""A parsed document: plain text and the blocks it is made of."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, Self

import regex

from app.errors import Language
from app.settings import Settings
from app.text.marks import nfc
from app.text.width import width

BlockKind = Literal["heading", "paragraph", "list_item", "table_row", "code"]
Metadata = Mapping[str, str | tuple[str, ...]]
NoteKind = Literal[
    "picture",  # stands in the document, and was not read
    "chart",
    "embedded_file",
    "macro",
    "hidden",  # left out, since the reader of the original does not see it
    "struck_through",  # left out, since its author crossed it out; `detail` holds the words
    "formula",  # saved without its result: the formula itself stands in the text
    "broken_line",  # of a file of records; it stands in the text as it is
    "unreadable_text",  # characters whose meaning the file does not give
    "cut",  # left out for a limit
]

# The property that names the pages which nothing could be read of, for lack of OCR.
PAGES_WITHOUT_TEXT = "pages_without_text"

# A table's header line is printed again when its rows since the last one reach this width,
# as a printed table repeats it on each page: with it, a passage of the later rows (at most
# 1200 wide) can be read alone.
HEADER_EVERY = 850
_WIDEST_HEADER_REPEATED = 300
_STRUCK_TOLD, _LONGEST_STRUCK = 20, 120  # notes of one document, characters of each
_BYTES_PER_TIME = 10_000_000

# C0/C1 controls but tab and newline; lone surrogates and noncharacters cannot be stored as
# UTF-8 or as XML; tag characters are invisible text, used to smuggle instructions (those of an
# emoji flag follow U+1F3F4).
_UNWANTED = regex.compile(
    r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
    r"|(?<![\U0001f3f4\U000e0000-\U000e007f])[\U000e0000-\U000e007f]+"
)
_NEWLINE = regex.compile(r"\r\n?|[\x0c\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of the stored text, `text[start:end]`, with what it is.

    `level`: of a heading 1 (outermost) to 6; of a list item its nesting from 1; else 0.
    `section`: the heading path, outermost first; a heading's own text is its last element.
    `header`: of a table row, the line of the table's header row ('' if the table has none);
    a header row itself has its own line there.
    """

    start: int
    end: int
    kind: BlockKind
    level: int = 0
    section: tuple[str, ...] = ()
    page: int | None = None
    header: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """What a reader knows that it left out of the text: `count` things of one kind; `detail`
    says where or which, in the document's own words (a sheet's name, a file's name, '')."""

    kind: NoteKind
    count: int = 1
    detail: str = ""


@dataclass(frozen=True)
class Enclosed:
    """A file within a document that is a document of its own: what is attached to a mail. `name`
    is its own among those of the document; `data`: the file itself."""

    name: str
    data: bytes
    parsed: "ParsedDocument"


@dataclass(frozen=True)
class ParsedDocument:
    """`text` is what a revision stores; every offset of the product refers to it.

    Lines end in '\\n'; characters are NFC; there are no other control characters but tabs.
    `blocks` are in order, do not overlap, and hold all of the text that is not white space.
    `metadata` is what the document says of itself (front matter, author, …): flat, of strings
    and tuples of strings. `notes`: what is not in the text though the file holds it.
    `enclosed`: what is in the text of another document, made of this one.
    """

    title: str
    text: str
    blocks: tuple[Block, ...]
    media_type: str
    language: Language
    metadata: Metadata = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    enclosed: tuple[Enclosed, ...] = ()


@dataclass(frozen=True)
class Limits:
    """What `parse` refuses with DocumentTooLarge; sizes in bytes. `ocr`: pictures may be read,
    for each document at most so many pages and seconds; `on_ocr` is called when that begins.
    `max_enclosed`: documents that are made of one, `enclosed_depth` mails within mails at most;
    what goes beyond is noted.

    Time and memory bound the process that a document is read in (`ingest.reading`).
    """

    max_file_bytes: int = 200_000_000
    max_unpacked_bytes: int = 500_000_000
    max_pages: int = 5_000
    ocr: bool = True
    ocr_pages: int = 500
    ocr_seconds: float = 1_800.0
    max_text_chars: int = 20_000_000
    max_passages: int = 20_000
    max_rows: int = 200_000
    max_headings: int = 50_000
    parse_seconds: float = 120.0
    parse_memory_bytes: int = 2_000_000_000
    max_enclosed: int = 100
    enclosed_depth: int = 5
    on_ocr: Callable[[], None] | None = field(default=None, repr=False, compare=False)

    def seconds_for(self, path: Path) -> float:
        """How long reading a file may take, OCR aside: a large one may take longer."""
        try:
            size = path.stat().st_size
        except OSError:
            size = 0
        return self.parse_seconds * (1 + size / _BYTES_PER_TIME)

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The limits that the settings name."""
        return cls(
            settings.max_file_bytes,
            settings.max_unpacked_bytes,
            settings.max_pages,
            settings.ocr == "auto",
            settings.ocr_max_pages,
            settings.ocr_timeout,
            settings.max_text_chars,
            settings.max_passages,
            settings.max_rows,
            settings.max_headings,
            settings.parse_timeout,
            settings.parse_memory_bytes,
        )


@dataclass(frozen=True)
class Content:
    """What a format's parser hands back; `parse` adds title, language and media type."""

    text: str
    blocks: tuple[Block, ...]
    title: str = ""  # as the document's metadata states it
    metadata: Metadata = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    enclosed: tuple[Enclosed, ...] = ()


def clean(text: str) -> str:
    """Newlines as '\\n', NFC, without control characters (tabs stay); marks as `app.text.marks` has them."""
    text = _NEWLINE.sub("\n", text)
    return nfc(_UNWANTED.sub("", text))


def one_line(text: str) -> str:
    """Cleaned, with every run of white space as one space, trimmed."""
    return " ".join(clean(text).split())


def table_line(cells: Sequence[str]) -> str:
    """A table row as one line: '| a | b |'; a bar within a cell is written '\\|'."""
    return "| " + " | ".join(one_line(cell).replace("|", "\\|") for cell in cells) + " |"


class Builder:
    """Writes the stored text block by block and keeps the heading path.

    Blocks are parted by an empty line; list items, and rows of one table, by a line break.
    """

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._blocks: list[Block] = []
        self._path: list[tuple[int, str]] = []
        self._notes: dict[tuple[NoteKind, str], int] = {}  # kind, detail: how many
        self._told: set[str] = set()  # of what is struck through
        self.page: int | None = None  # of the blocks to come

    def heading(self, text: str, level: int) -> None:
        """A heading of level 1 to 6; it closes all sections of its level and below."""
        text = one_line(text)
        if text:
            level = min(max(level, 1), 6)
            self._path = [(n, title) for n, title in self._path if n < level]
            self._path.append((level, text))
            self._add(text, "heading", level=level)

    def leave_sections(self) -> None:
        """What follows stands under no heading: the document's own headers and footers."""
        self._path = []

    def paragraph(self, text: str) -> None:
        """Line breaks inside stay; trailing spaces of lines go."""
        self._add(_lines(text), "paragraph")

    def list_item(self, text: str, level: int = 1, marker: str = "-") -> None:
        """An item with its marker, indented by two spaces for each level below the first."""
        lines = _lines(text).split("\n")
        if any(lines):
            indent = "  " * (level - 1)
            hang = "\n" + indent + " " * (len(marker) + 1)
            self._add(f"{marker} {hang.join(lines)}", "list_item", level=level, indent=indent)

    def code(self, text: str) -> None:
        """Indentation stays."""
        lines = [line.rstrip() for line in clean(text).split("\n")]
        while lines and not lines[0]:
            lines.pop(0)
        while lines and not lines[-1]:
            lines.pop()
        self._add("\n".join(lines), "code")

    def table(
        self,
        rows: Sequence[Sequence[str]],
        *,
        has_header: bool = True,
        header: Sequence[str] | None = None,
    ) -> None:
        """Rows of cells; the first is the header row. Rows without any text are left out.

        `header`: the header row of a table of which these rows are more, on a page of their own;
        it is printed above them, so that the page can be read alone.
        """
        lines = [table_line(row) for row in rows if any(cell.strip() for cell in row)]
        if header is not None and lines:
            lines.insert(0, table_line(header))
            has_header = True
        names = lines[0] if lines and has_header else ""
        repeat = width(names) <= _WIDEST_HEADER_REPEATED and len(lines) > 1
        since = 0
        for i, line in enumerate(lines):
            if names and repeat and i > 1 and since + width(line) > HEADER_EVERY:
                self._add(names, "table_row", header=names, follows=True)
                since = 0
            self._add(line, "table_row", header=names, follows=i > 0)
            since += width(line) + 1

    def take(self, content: "Content") -> None:
        """All blocks and notes of another document, under the heading that they stand below."""
        if content.blocks:
            if self._blocks:
                self._write("\n\n")
            shift, path = self._length, tuple(title for _, title in self._path)
            self._write(content.text)
            self._blocks += [
                replace(
                    block,
                    start=block.start + shift,
                    end=block.end + shift,
                    section=path + block.section,
                    page=self.page,
                )
                for block in content.blocks
            ]
        for note in content.notes:
            self.note(note.kind, note.detail, note.count)

    def note(self, kind: NoteKind, detail: str = "", count: int = 1) -> None:
        """Something was left out; notes of one kind and detail are counted together."""
        key = kind, one_line(detail)
        self._notes[key] = self._notes.get(key, 0) + count

    def struck(self, text: str) -> None:
        """Text with a line through it: what its author took back is no evidence for anything. It
        is noted with its words, the first pieces one by one."""
        words = one_line(text)
        if words:
            shown = words[:_LONGEST_STRUCK] + ("…" if len(words) > _LONGEST_STRUCK else "")
            self.note("struck_through", shown if len(self._told) < _STRUCK_TOLD else "")
            self._told.add(shown)

    def finish(
        self,
        *,
        title: str = "",
        metadata: Metadata | None = None,
        enclosed: Sequence[Enclosed] = (),
    ) -> Content:
        """The text, blocks and notes written so far."""
        return Content(
            "".join(self._parts),
            tuple(self._blocks),
            one_line(title),
            metadata or {},
            tuple(Note(kind, count, detail) for (kind, detail), count in self._notes.items()),
            tuple(enclosed),
        )

    def _add(
        self,
        text: str,
        kind: BlockKind,
        *,
        level: int = 0,
        header: str = "",
        indent: str = "",
        follows: bool = False,
    ) -> None:
        if not text.strip():
            return
        if self._blocks:
            in_list = kind == "list_item" and self._blocks[-1].kind == "list_item"
            separator = "\n" if follows or in_list else "\n\n"
            self._write(separator)
        self._write(indent)
        start = self._length
        self._write(text)
        section = tuple(title for _, title in self._path)
        self._blocks.append(Block(start, self._length, kind, level, section, self.page, header))

    def _write(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)


def _lines(text: str) -> str:
    return "\n".join(line.strip() for line in clean(text).split("\n")).strip()
