"""From blocks to passages: what one search hit holds and what is embedded for it.

A passage is a run of blocks of one section, up to a width of 1200 (about 400 Chinese or 1200
English characters; `app.text.width`), with the headings that stand directly above. Short
neighbouring sections of one parent are put together. A paragraph up to 2600 stays whole; a longer one is cut
at sentence ends, code at line ends, a table only between rows. No passage crosses a page.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit
from uuid import UUID, uuid5

from app.index.protocol import Passage
from app.text.language import detect_language
from app.text.width import width
from ingest.parse import ParsedDocument

# Part of the index fingerprint: to be changed with anything here, in `app.text` or in
# `ingest.parse` that gives other passages, windows or texts to embed.
CHUNKING_VERSION = "3"

_SHORT_WINDOW = 60  # says little without its heading
_LONGEST_NAME = 80  # a longer one would drown what stands in the window
_WORD = re.compile(r"[^\W_]+")


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
    # llama-index takes a second to import, and most commands never cut a document.
    from llama_index.core.schema import Document

    from ingest.chunk.component import PassageParser

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
            places=node.metadata["places"],
        )
        for ordinal, node in enumerate(PassageParser()([document]))
    ]


def embedding_texts(passage: Passage, parsed: ParsedDocument) -> list[str]:
    """What is embedded for each window, in the order of `passage.windows`.

    The window's text in one line. Before rows of a table stands its header row; before rows,
    list items and short windows the document's name and the heading that they stand under.
    """
    name = _name(passage)
    return [_embedding_text(parsed, name, start, end) for start, end in passage.windows]


def sparse_text(passage: Passage) -> str:
    """What BM25 counts the words of: title, file name, heading path and text."""
    return "\n".join((passage.title, _file_name(passage), *passage.section, passage.text))


def _name(passage: Passage) -> str:
    """What people call the document: its title, with its file's name where that says more."""
    title, file_name = passage.title, _file_name(passage)
    words = _WORD.findall(file_name)
    if width(file_name) > _LONGEST_NAME or all(word in title.casefold() for word in words):
        file_name = ""
    return " ".join(part for part in (title, file_name) if part and width(part) <= _LONGEST_NAME)


def _file_name(passage: Passage) -> str:
    """The last part of the document's address without its suffix, in lower case."""
    path = unquote(urlsplit(passage.source).path)
    return PurePosixPath(path).stem.casefold()


def _embedding_text(parsed: ParsedDocument, name: str, start: int, end: int) -> str:
    place = bisect_right(parsed.blocks, start, key=lambda block: block.start) - 1
    block = parsed.blocks[max(place, 0)]
    text = " ".join(parsed.text[start:end].split())
    parts = [text]
    if block.header and not text.startswith(block.header):
        parts.insert(0, block.header)
    if block.kind in ("table_row", "list_item") or width(text) < _SHORT_WINDOW:
        if block.kind != "heading" and block.section:
            parts.insert(0, block.section[-1])
        if name.casefold() not in " ".join(parts).casefold():
            parts.insert(0, name)
    return " ".join(parts)
