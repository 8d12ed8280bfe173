"""From blocks to passages: what one search hit holds and what is embedded for it.

A passage is a run of blocks of one section, up to a width of 1200 (about 400 Chinese or 1200
English characters; `app.text.width`), with the headings that stand directly above. Short
neighbouring sections are put together. A paragraph up to 2600 stays whole; a longer one is cut
at sentence ends, code at line ends, a table only between rows. No passage crosses a page.
"""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid5

from llama_index.core.schema import BaseNode, Document, TextNode, TransformComponent

from app.index.protocol import Passage
from app.text.language import detect_language
from app.text.sentences import Span, windows
from app.text.width import width
from ingest.chunk.grouping import group
from ingest.chunk.units import Unit, units_of
from ingest.parse import ParsedDocument

# Part of the index fingerprint: to be changed with anything here, in `app.text` or in
# `ingest.parse` that gives other passages, windows or texts to embed.
CHUNKING_VERSION = "1"

_SHORT_WINDOW = 60  # says little without its heading


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
            found.extend(_node(parsed, units) for units in group(parsed.text, units_of(parsed)))
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
        },
    )


def _section(units: Sequence[Unit]) -> tuple[str, ...]:
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
