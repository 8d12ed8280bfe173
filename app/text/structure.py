"""What a document's stored text is made of, read from the text itself.

The text is written in a few fixed ways (`ingest.parse.document.Builder`): blocks are parted by an
empty line, a table's row is one line `| a | b |`, an item begins with its marker, and only code
and what hangs below an item is indented. Headings are lines like others: the heading paths of the
passages tell them.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["heading", "paragraph", "list_item", "table_row", "code"]
Sections = Sequence[tuple[int, tuple[str, ...]]]

_ROW: Final = re.compile(r"\| .* \|")
_ITEM: Final = re.compile(
    r"( {0,64})(?:[-*•‣◦▪–]|\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.)、])[ \t]+\S"
)
_INDENTED: Final = re.compile(r"(?:  |\t)\s*\S")
_SPACES_OF_LEVEL: Final = 2


@dataclass(frozen=True, slots=True)
class Block:
    """Characters `start` to `end` of a text, and what they are. `level`: of a heading 1 (outermost)
    to 6, of an item its nesting from 1, else 0. `header`: a table's row that names its columns."""

    start: int
    end: int
    kind: Kind
    level: int
    header: bool


def structure(text: str, sections: Sections = ()) -> Iterator[Block]:
    """The blocks of a stored text, in order. `sections`: heading paths, outermost first, each with
    the offset from which on it holds; in order."""
    starts = [start for start, _ in sections]
    for start, end in _blocks(text):
        block = text[start:end]
        lines = block.split("\n")
        if all(_ROW.fullmatch(line) for line in lines):
            yield from _rows(start, lines)
        elif _ITEM.match(lines[0]):
            yield from _items(start, lines)
        elif any(_INDENTED.match(line) for line in lines):
            yield Block(start, end, "code", level=0, header=False)
        else:
            level = _heading_level(block, start, end, sections, starts)
            kind: Kind = "heading" if level else "paragraph"
            yield Block(start, end, kind, level, header=False)


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Where each begins and ends: lines up to one of blanks alone, in time linear in the text."""
    start = end = offset = 0  # start == end: none has begun
    for line in text.rstrip().split("\n"):
        after = offset + len(line)
        if line.strip(" \t"):
            start, end = (offset if start == end else start), after
        elif start < end:
            yield start, end
            start = end
        offset = after + 1
    if start < end:
        yield start, end


def _rows(start: int, lines: Sequence[str]) -> Iterator[Block]:
    """A long table prints its header again, as a printed one does on each page."""
    for line in lines:
        header = len(lines) > 1 and line == lines[0]
        yield Block(start, start + len(line), "table_row", level=0, header=header)
        start += len(line) + 1


def _items(start: int, lines: Sequence[str]) -> Iterator[Block]:
    item: tuple[int, int] | None = None  # where it begins, its level
    end = start
    for line in lines:
        found = _ITEM.match(line)
        if found is not None or item is None:
            if item is not None:
                yield Block(item[0], end, "list_item", item[1], header=False)
            indent = len(found.group(1)) if found else 0
            item = (start + indent, 1 + indent // _SPACES_OF_LEVEL)
        end = start + len(line)
        start = end + 1
    if item is not None:
        yield Block(item[0], end, "list_item", item[1], header=False)


def _heading_level(
    block: str, start: int, end: int, sections: Sections, starts: Sequence[int]
) -> int:
    """0: it is none. A heading goes with the text below it, where its path begins at the latest."""
    if "\n" in block:
        return 0
    for offset in (start, end + 2):
        at = bisect_right(starts, offset) - 1
        if at >= 0 and block in sections[at][1]:
            return min(sections[at][1].index(block) + 1, 6)
    return 0
