"""The cutting of a document as a llama-index component."""

from collections.abc import Sequence
from typing import Any

from llama_index.core.schema import BaseNode, TextNode, TransformComponent

from app.index.protocol import Place
from app.text.sentences import Span, windows
from ingest.chunk.grouping import group
from ingest.chunk.units import Unit, units_of
from ingest.parse import ParsedDocument


class PassageParser(TransformComponent):
    """llama-index component: a Document whose metadata hold `parsed` becomes one node a passage.

    Each node's text is the passage's; its metadata hold `start`, `end`, `windows`, `page` and
    `section` and `places` as in `Passage`. It keeps no state, so that it can run in a llama-index
    IngestionPipeline or on Ray as it is.
    """

    def __call__(self, nodes: Sequence[BaseNode], **_: Any) -> list[BaseNode]:
        found: list[BaseNode] = []
        for node in nodes:
            parsed: ParsedDocument = node.metadata["parsed"]
            found.extend(_node(parsed, units) for units in group(parsed.text, units_of(parsed)))
        return found


def _node(parsed: ParsedDocument, units: Sequence[Unit]) -> TextNode:
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
            "places": _places(units),
        },
    )


def _section(units: Sequence[Unit]) -> tuple[str, ...]:
    """The heading path that all of the passage's text under headings has in common."""
    paths = [unit.block.section for unit in units if not unit.heading and unit.block.section]
    if not paths:
        return units[-1].block.section
    common = paths[0]
    for path in paths[1:]:
        same = 0
        while same < min(len(common), len(path)) and common[same] == path[same]:
            same += 1
        common = common[:same]
    return common


def _places(units: Sequence[Unit]) -> tuple[Place, ...]:
    """Page and heading path wherever they change; none where they never do."""
    found: list[Place] = []
    for unit in units:
        place = Place(unit.start, unit.block.page, unit.block.section)
        if not found or (found[-1].page, found[-1].section) != (place.page, place.section):
            found.append(place)
    return tuple(found) if len(found) > 1 else ()


def _windows(text: str, units: Sequence[Unit]) -> tuple[Span, ...]:
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


def _texture(unit: Unit) -> str:
    kind = unit.block.kind
    return kind if kind in ("table_row", "code") else "prose"
