"""From blocks to passages: what one search hit holds and what is embedded for it.

A passage is a run of blocks of one section, up to a width of 1200 (about 400 Chinese or 1200
English characters; `app.text.width`), with the headings that stand directly above. Short
neighbouring sections are put together. A paragraph up to 2600 stays whole; a longer one is cut
at sentence ends, code at line ends, a table only between rows. No passage crosses a page.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from llama_index.core.schema import BaseNode, Document, TextNode, TransformComponent

from app.index.protocol import Passage
from app.text.language import detect_language
from app.text.sentences import Span, windows
from app.text.width import fit, width
from ingest.parse import Block, ParsedDocument

# Part of the index fingerprint: to be changed with anything here, in `app.text` or in
# `ingest.parse` that gives other passages, windows or texts to embed.
CHUNKING_VERSION = "1"

BUDGET = 1200
_STRETCHED = BUDGET * 5 // 4  # rather than to leave a fragment
WHOLE_PARAGRAPH = 2600
# A row wider than this is no row that anyone reads (a file in a cell); it is cut like prose.
WHOLE_ROW = 20_000

_SMALL_SECTION = 400  # below this, a section takes in the next one of its parent
_TINY_SECTION = 150  # below this, even across headings of the outermost level
_LEAD_IN = 200  # 'The licences are:' stays with the list or table that follows
_SHORT_WINDOW = 60  # says little without its heading


@dataclass(frozen=True, slots=True)
class _Unit:
    """A block, or a piece of one, that no passage divides."""

    start: int
    end: int
    block: Block
    width: int

    @property
    def heading(self) -> bool:
        return self.block.kind == "heading"


class PassageParser(TransformComponent):
    """llama-index component: a Document whose metadata hold `parsed` becomes one node a passage.

    Each node's text is the passage's; its metadata hold `start`, `end`, `windows`, `page` and
    `section` as in `Passage`. It keeps no state, so that it can run in a llama-index
    IngestionPipeline or on Ray as it is.
    """

    def __call__(self, nodes: Sequence[BaseNode], **_: Any) -> list[BaseNode]:
        found: list[BaseNode] = []
        for node in nodes:
            parsed: ParsedDocument = node.metadata["parsed"]
            found.extend(_node(parsed, units) for units in _group(parsed.text, _units(parsed)))
        return found


def chunk(
    parsed: ParsedDocument,
    *,
    document_id: str,
    revision: str,
    source: str,
    tags: Sequence[str] = (),
) -> list[Passage]:
    """The passages of one document, in order; they hold all of its text but white space.

    `document_id` is a UUID; a passage's id is uuid5(document id, 'revision:ordinal').
    """
    document = Document(text="", metadata={"parsed": parsed})
    namespace = UUID(document_id)
    return [
        Passage(
            id=str(uuid5(namespace, f"{revision}:{ordinal}")),
            document_id=document_id,
            revision=revision,
            ordinal=ordinal,
            text=node.get_content(),
            start=node.metadata["start"],
            end=node.metadata["end"],
            windows=node.metadata["windows"],
            page=node.metadata["page"],
            section=node.metadata["section"],
            language=detect_language(node.get_content()),
            title=parsed.title,
            source=source,
            tags=tuple(tags),
        )
        for ordinal, node in enumerate(PassageParser()([document]))
    ]


def embedding_texts(passage: Passage, parsed: ParsedDocument) -> list[str]:
    """What is embedded for each window, in the order of `passage.windows`.

    The window's text in one line. Before rows of a table stands its header row; before rows,
    list items and short windows the heading that they stand under.
    """
    return [_embedding_text(parsed, start, end) for start, end in passage.windows]


def sparse_text(passage: Passage) -> str:
    """What BM25 counts the words of: title, heading path and text."""
    return "\n".join((passage.title, *passage.section, passage.text))


def _embedding_text(parsed: ParsedDocument, start: int, end: int) -> str:
    place = bisect_right(parsed.blocks, start, key=lambda block: block.start) - 1
    block = parsed.blocks[max(place, 0)]
    text = " ".join(parsed.text[start:end].split())
    parts = [text]
    if block.header and not text.startswith(block.header):
        parts.insert(0, block.header)
    needs = block.kind in ("table_row", "list_item") or width(text) < _SHORT_WINDOW
    if needs and block.kind != "heading" and block.section:
        parts.insert(0, block.section[-1])
    return " ".join(parts)


# --- units ------------------------------------------------------------------------------


def _units(parsed: ParsedDocument) -> list[_Unit]:
    units = []
    for block in parsed.blocks:
        total = width(parsed.text[block.start : block.end])
        for start, end in _pieces(parsed.text, block, total):
            whole = (start, end) == (block.start, block.end)
            size = total if whole else width(parsed.text[start:end])
            units.append(_Unit(start, end, block, size))
    return units


def _pieces(text: str, block: Block, total: int) -> list[Span]:
    """The block as a whole, or cut where its kind allows."""
    limit = {"code": BUDGET, "table_row": WHOLE_ROW}.get(block.kind, WHOLE_PARAGRAPH)
    if total <= limit:
        return [(block.start, block.end)]
    if block.kind == "code":
        return _code_pieces(text, block)
    ends = [end for _, end in windows(text, block.start, block.end, BUDGET)][:-1]
    pieces: list[Span] = []
    start = block.start
    for end in (*ends, block.end):
        # Beyond this: thousands of signs without a word, which are no sentence and no window.
        while width(text[start:end]) > WHOLE_PARAGRAPH:
            cut = fit(text, start, end, BUDGET)
            pieces.append((start, cut))
            start = _skip_blank(text, cut)
        if start < end:
            pieces.append((start, end))
        start = _skip_blank(text, end)
    return pieces


def _code_pieces(text: str, block: Block) -> list[Span]:
    pieces: list[Span] = []
    start = block.start
    while start < block.end:
        end = fit(text, start, block.end, BUDGET)
        if end < block.end:
            # The last empty line in the latter half, else the last line end.
            middle = start + (end - start) // 2
            cut = max(text.rfind("\n\n", middle, end), -1)
            cut = cut if cut >= 0 else text.rfind("\n", start + 1, end)
            end = cut if cut > start else end
        pieces.append((start, end))
        start = end
        while start < block.end and text[start] == "\n":
            start += 1
    return pieces


def _skip_blank(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace():
        position += 1
    return position


# --- passages ---------------------------------------------------------------------------


def _group(text: str, units: Sequence[_Unit]) -> list[list[_Unit]]:
    """Units to passages."""
    grouper = _Grouper(text, units)
    current: list[_Unit] = []
    groups: list[list[_Unit]] = []
    for i, unit in enumerate(units):
        if current and grouper.breaks(current, i):
            kept = grouper.without_carried(current, unit)
            groups.append(current[:kept])
            current = current[kept:]
        current.append(unit)
    if current:
        groups.append(current)
    return groups


class _Grouper:
    def __init__(self, text: str, units: Sequence[_Unit]) -> None:
        self._text = text
        self._units = units
        self._before = [0]  # width of all units before the i-th
        for unit in units:
            self._before.append(self._before[-1] + unit.width + 1)
        # Places where a new section or page begins, and where a run of table rows ends.
        self._starts = [
            i
            for i, unit in enumerate(units)
            if unit.heading or (i and unit.block.page != units[i - 1].block.page)
        ]
        self._run_ends = [
            i
            for i, unit in enumerate(units)
            if unit.block.kind != "table_row" or self._is_header(unit)
        ]
        levels = Counter(unit.block.level for unit in units if unit.heading)
        # The outermost level that divides the document; a lone heading is its title.
        self._top = min((n for n, count in levels.items() if count > 1), default=0)

    def breaks(self, current: Sequence[_Unit], i: int) -> bool:
        """Whether unit i begins a new passage after the units of `current`."""
        unit = self._units[i]
        if all(map(self._sticks, current)):
            return False
        if unit.block.page != current[-1].block.page:
            return True
        used = sum(u.width + 1 for u in current)
        if unit.heading:
            limit = _TINY_SECTION if unit.block.level <= self._top else _SMALL_SECTION
            budget = _STRETCHED if used < _TINY_SECTION else BUDGET
            return used >= limit or used + self._until(self._starts, i) > budget
        if used + self._until(self._starts, i) <= _STRETCHED:
            return False  # the rest of the section would be a fragment
        if unit.block.kind == "table_row" and self._is_header(unit):
            return used + self._until(self._run_ends, i) > BUDGET
        return used + unit.width > BUDGET

    def without_carried(self, current: Sequence[_Unit], unit: _Unit) -> int:
        """How many units stay: headings and lead-ins at the end go with what follows them."""
        kept = len(current)
        while kept > 1 and self._sticks(current[kept - 1]):
            if unit.heading and not current[kept - 1].heading:
                break
            kept -= 1
        return kept

    def _sticks(self, unit: _Unit) -> bool:
        """Whether the unit is only the beginning of what follows it."""
        if unit.heading or (unit.block.kind == "table_row" and self._is_header(unit)):
            return True
        last = self._text[unit.end - 1]
        return unit.block.kind == "paragraph" and unit.width <= _LEAD_IN and last in ":："

    def _is_header(self, unit: _Unit) -> bool:
        header = unit.block.header
        return bool(header) and self._text.startswith(header, unit.start)

    def _until(self, places: Sequence[int], i: int) -> int:
        """Width of the units from the i-th to the next of `places` behind it."""
        place = bisect_left(places, i + 1)
        end = places[place] if place < len(places) else len(self._units)
        return self._before[end] - self._before[i]


def _node(parsed: ParsedDocument, units: Sequence[_Unit]) -> TextNode:
    start, end = units[0].start, units[-1].end
    content = [unit for unit in units if not unit.heading]
    return TextNode(
        text=parsed.text[start:end],
        metadata={
            "start": start,
            "end": end,
            "windows": _windows(parsed.text, units),
            "page": (content or units)[0].block.page,
            "section": _section(units),
        },
    )


def _section(units: Sequence[_Unit]) -> tuple[str, ...]:
    """The heading path that all of the passage's text has in common."""
    paths = [unit.block.section for unit in units if not unit.heading]
    if not paths:
        return units[-1].block.section
    common = paths[0]
    for path in paths[1:]:
        same = 0
        while same < min(len(common), len(path)) and common[same] == path[same]:
            same += 1
        common = common[:same]
    return common


def _windows(text: str, units: Sequence[_Unit]) -> tuple[Span, ...]:
    """Sentence windows; none mixes prose, rows and code, or the end of a section with the next."""
    found: list[Span] = []
    first = 0
    for i in range(1, len(units) + 1):
        if i < len(units):
            unit, before = units[i], units[i - 1]
            same = _texture(unit) == _texture(before)
            if same and not (unit.heading and not before.heading):
                continue
        found.extend(windows(text, units[first].start, units[i - 1].end))
        first = i
    return tuple(found) or ((units[0].start, units[-1].end),)


def _texture(unit: _Unit) -> str:
    kind = unit.block.kind
    return kind if kind in ("table_row", "code") else "prose"
