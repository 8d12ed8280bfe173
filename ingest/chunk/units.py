"""The smallest pieces of a document that no passage divides."""

from dataclasses import dataclass

from app.text.sentences import Span, skip_blank, windows
from app.text.width import fit, width
from ingest.parse import Block, ParsedDocument

BUDGET = 1200  # width of a passage (`app.text.width`)
WHOLE_PARAGRAPH = 2600  # up to this a paragraph stays whole
# A row wider than this is no row that anyone reads (a file in a cell); it is cut like prose.
WHOLE_ROW = 20_000


@dataclass(frozen=True, slots=True)
class Unit:
    """A block, or a piece of one, that no passage divides."""

    start: int
    end: int
    block: Block
    width: int

    @property
    def heading(self) -> bool:
        return self.block.kind == "heading"


def units_of(parsed: ParsedDocument) -> list[Unit]:
    """The blocks in order, over-long ones in pieces."""
    units = []
    for block in parsed.blocks:
        total = width(parsed.text[block.start : block.end])
        for start, end in _pieces(parsed.text, block, total):
            whole = (start, end) == (block.start, block.end)
            size = total if whole else width(parsed.text[start:end])
            units.append(Unit(start, end, block, size))
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
            start = skip_blank(text, cut, block.end)
        if start < end:
            pieces.append((start, end))
        start = skip_blank(text, end, block.end)
    return pieces


def _code_pieces(text: str, block: Block) -> list[Span]:
    pieces: list[Span] = []
    start = block.start
    while start < block.end:
        end = fit(text, start, block.end, BUDGET)
        if end < block.end:
            # The last empty line in the latter half, else the last line end.
            middle = start + (end - start) // 2
            cut = text.rfind("\n\n", middle, end)
            cut = cut if cut >= 0 else text.rfind("\n", start + 1, end)
            end = cut if cut > start else end
        pieces.append((start, end))
        start = end
        while start < block.end and text[start] == "\n":
            start += 1
    return pieces
