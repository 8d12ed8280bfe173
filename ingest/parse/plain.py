"""Plain text: the file's own text, unchanged, with the structure that it shows.

What is recognised: paragraphs (an empty line, or a line that is a paragraph of its own),
wrapped lines, bullets and numbers, '| a | b |' tables, fenced code, and headings: '# …' and
underlined ones, '第三章 …' and '2.1 …' on a line of their own, '一、…' and '（一）…' with text below, lines that end in '¶' (the anchor
that saved web pages leave), and short lines that stand alone between empty lines.
"""

from dataclasses import dataclass, replace

import regex

from app.text.lines import LIST_MARKER, is_table_row, soft_breaks
from app.text.width import width
from ingest.parse.document import Block, BlockKind, Content, clean, one_line

_FENCE = regex.compile(r"[ \t]*(```|~~~)")
_RULE = regex.compile(r"[ \t]*\|?[ \t]*:?-{2,}:?[ \t]*(\|[ \t]*:?-{2,}:?[ \t]*)*\|?[ \t]*$")
_UNDERLINE = regex.compile(r"[ \t]*(={3,}|-{3,})[ \t]*$")
_HASHES = regex.compile(r"(#{1,6})[ \t]+(?=\S)")
_CHAPTER = regex.compile(
    r"[ \t]*(?:第[\d一二三四五六七八九十百零]{1,5}(?:(?P<part>[编篇部卷])|(?P<chapter>章)|(?P<section>节))"
    r"|(?P<latin>(?:chapter|part|appendix)\s+[\dIVXLA-Z]{1,5}\b))",
    regex.IGNORECASE,
)
_NUMBERED = regex.compile(
    r"[ \t]*(?P<number>\d{1,2}(?:\.\d{1,2}){0,3})(?P<stop>\.?)(?:[ \t]+|(?<=\.\d{1,2}))(?=\p{L})"
)
_NUMBERED_CLOSELY = regex.compile(
    r"[ \t]*(?P<number>\d{1,2}(?:\.\d{1,2}){0,3})(?P<stop>\.?)[ \t]*(?=\p{L})"
)
_COUNTED = regex.compile(
    r"[ \t]*(?:(?P<outer>[一二三四五六七八九十]{1,3}、)|(?P<inner>[（(][一二三四五六七八九十]{1,3}[)）]))(?=\S)"
)
_LONE_BULLET = regex.compile(r"[ \t]*[-*+•·▪●]$")
_NOT_IN_HEADING = regex.compile(
    r"[。；，,;:：{}<>=|@\\]|[.!?！？…]$|^[图表][ ]?\d|^(fig|table)\b|://"
)
_WIDEST_HEADING = 90
_WIDEST_BARE_HEADING = 60
_NARROWEST_TITLE = 12  # a first line that is shorter is rather a page's label than its title


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int  # trailing white space left out
    text: str

    @property
    def blank(self) -> bool:
        return not self.text.strip()


def parse_plain(text: str) -> Content:
    """Blocks over the cleaned text itself; offsets are those of the file but for line ends."""
    text = clean(text).lstrip("\ufeff")
    blocks = _Reader(_split(text)).read()
    return Content(text, tuple(blocks))


def _split(text: str) -> list[_Line]:
    lines, position = [], 0
    for line in text.split("\n"):
        kept = line.rstrip()
        lines.append(_Line(position, position + len(kept), kept))
        position += len(line) + 1
    return lines


class _Numbers:
    """Levels of numbered headings: '2' is 2, '2.1' is 3, and so on.

    A single number may be a chapter or count within a section ('2.3 Versions', '1. First',
    '2. Second', '3 Next chapter'): it counts if it goes on with a count, or begins one.
    """

    def __init__(self) -> None:
        self._chapter = 0
        self._depth = 0  # dots in the last number with dots since the last chapter
        self._count = 0
        self._stop = ""  # what stands behind the numbers of the count

    def level(self, number: str, stop: str) -> int:
        """The level of a heading with this number, were it the next."""
        depth = number.count(".")
        if depth:
            return min(2 + depth, 6)
        return min(3 + self._depth, 6) if self._counts(int(number), stop) else 2

    def take(self, number: str, stop: str) -> None:
        """A heading with this number has come."""
        parts = [int(part) for part in number.split(".")]
        if len(parts) > 1:
            self._chapter, self._depth, self._count = parts[0], len(parts) - 1, 0
        elif self._counts(parts[0], stop):
            self._count, self._stop = parts[0], stop
        else:
            self._chapter, self._depth, self._count = parts[0], 0, 0

    def _counts(self, number: int, stop: str) -> bool:
        if not self._depth or number != self._count + 1:
            return False
        return stop == self._stop if self._count else number != self._chapter + 1


class _Reader:
    def __init__(self, lines: list[_Line]) -> None:
        self._lines = lines
        self._blocks: list[Block] = []
        self._path: list[tuple[int, str]] = []
        self._numbers = _Numbers()

    def read(self) -> list[Block]:
        lines, i = self._lines, 0
        while i < len(lines):
            line = lines[i]
            if line.blank:
                i += 1
            elif fence := _FENCE.match(line.text):
                i = self._code(i, fence.group(1))
            elif is_table_row(line.text):
                i = self._table(i)
            elif level := self._heading_level(i):
                self._heading(line, level)
                underlined = i + 1 < len(lines) and _UNDERLINE.match(lines[i + 1].text)
                if underlined:
                    self._extend(lines[i + 1])
                i += 2 if underlined else 1
            else:
                i = self._run(i)
        return self._blocks

    def _code(self, first: int, fence: str) -> int:
        last = first + 1
        while last < len(self._lines) and not self._lines[last].text.lstrip().startswith(fence):
            last += 1
        last = min(last, len(self._lines) - 1)
        self._add(first, last, "code")
        return last + 1

    def _table(self, first: int) -> int:
        lines, i, header = self._lines, first, ""
        while i < len(lines) and is_table_row(lines[i].text):
            ruled = i + 1 < len(lines) and _RULE.match(lines[i + 1].text)
            if i == first and ruled:
                header = lines[i].text.strip()
            if not _RULE.match(lines[i].text):
                self._add(i, i, "table_row", header=header)
            elif self._blocks:
                self._extend(lines[i])  # the rule belongs to the header row above it
            else:
                self._add(i, i, "paragraph")
            i += 1
        return i

    def _run(self, first: int) -> int:
        """Paragraphs and list items up to the next empty line or other kind of block."""
        lines, i = self._lines, first
        while i < len(lines) and not lines[i].blank:
            if i > first and (
                _FENCE.match(lines[i].text) or is_table_row(lines[i].text) or self._heading_level(i)
            ):
                break
            i += 1
        soft = soft_breaks([line.text for line in lines[first:i]])
        for n in range(first, i - 1):
            if _LONE_BULLET.match(lines[n].text):
                soft[n - first] = True  # its item stands on the next line
        begin = first
        for n in range(first, i):
            if soft[n - first] or (n + 1 < i and self._hangs(begin, n + 1)):
                continue
            marked = LIST_MARKER.match(lines[begin].text) is not None
            self._add(begin, n, "list_item" if marked else "paragraph", level=int(marked))
            begin = n + 1
        return i

    def _hangs(self, item: int, n: int) -> bool:
        """Whether line `n` goes on with an item above, being indented as its text is."""
        marker, line = LIST_MARKER.match(self._lines[item].text), self._lines[n].text
        indent = len(line) - len(line.lstrip())
        if marker is None or marker.group().lstrip().startswith("第"):
            return False  # an article of a statute has paragraphs
        return not LIST_MARKER.match(line) and indent >= marker.end()

    def _heading_level(self, i: int) -> int:
        """1 to 6, or 0 when the line is no heading."""
        line = self._lines[i].text
        if hashes := _HASHES.match(line):
            return len(hashes.group(1))
        if width(line) > _WIDEST_HEADING:
            return 0
        following = self._lines[i + 1] if i + 1 < len(self._lines) else None
        bare = not _NOT_IN_HEADING.search(line.strip(" \t¶"))
        if following and _UNDERLINE.match(following.text) and not LIST_MARKER.match(line):
            return 1 if "=" in following.text else 2
        if chapter := _CHAPTER.match(line):
            if not bare:
                return 0
            return 3 if chapter.group("section") else 1 if chapter.group("part") else 2
        if (counted := _COUNTED.match(line)) and bare:
            return self._counted_level(i, counted)
        alone = (i == 0 or self._lines[i - 1].blank) and (following is None or following.blank)
        anchored = line.endswith("¶")
        numbered = (_NUMBERED_CLOSELY if anchored else _NUMBERED).match(line)
        if numbered and (anchored or (alone and bare)):
            return self._numbers.level(*numbered.group("number", "stop"))
        if anchored:
            return 2
        if alone and bare and following and self._text_follows(i + 1):
            if width(line) > _WIDEST_BARE_HEADING or LIST_MARKER.match(line):
                return 0
            title = not self._blocks and width(line) >= _NARROWEST_TITLE
            return 1 if title else 2
        return 0

    def _counted_level(self, i: int, counted: regex.Match[str]) -> int:
        """'一、…' and '（一）…' head what follows, unless they follow each other at once: a list."""
        above = next((n for n in range(i - 1, -1, -1) if not self._lines[n].blank), None)
        below = next((n for n in range(i + 1, len(self._lines)) if not self._lines[n].blank), None)
        if below is None:
            return 0
        for n in (above, below):
            other = _COUNTED.match(self._lines[n].text) if n is not None else None
            if other and other.lastgroup == counted.lastgroup:
                return 0
        in_chapter = any(_CHAPTER.match(title) for _, title in self._path)
        return 2 + in_chapter + (counted.lastgroup == "inner")

    def _text_follows(self, i: int) -> bool:
        return any(not line.blank for line in self._lines[i : i + 4])

    def _heading(self, line: _Line, level: int) -> None:
        title = one_line(_HASHES.sub("", line.text, count=1).rstrip("#¶ "))
        self._path = [(n, t) for n, t in self._path if n < level]
        self._path.append((level, title))
        if numbered := _NUMBERED_CLOSELY.match(line.text):
            self._numbers.take(*numbered.group("number", "stop"))
        section = tuple(t for _, t in self._path)
        start = line.end - len(line.text.lstrip())
        self._blocks.append(Block(start, line.end, "heading", level, section))

    def _add(
        self, first: int, last: int, kind: BlockKind, *, level: int = 0, header: str = ""
    ) -> None:
        line = self._lines[first]
        start = line.end - len(line.text.lstrip())
        section = tuple(t for _, t in self._path)
        self._blocks.append(Block(start, self._lines[last].end, kind, level, section, None, header))

    def _extend(self, line: _Line) -> None:
        self._blocks[-1] = replace(self._blocks[-1], end=line.end)
