"""Tags that documents are given by hand."""

from collections.abc import Mapping, Sequence
from typing import Final

from ingest.writer import IngestDeps, Writer, writing

TAGS_WAIT_SECONDS: Final = 10.0


def set_tags(deps: IngestDeps, kb: str, document_id: str, tags: Sequence[str]) -> None:
    """Give a document tags by hand, without embedding it again.

    Raises DocumentNotFound, and WriterBusy when a sync goes on writing for TAGS_WAIT_SECONDS: it might
    be writing this document with the tags it had.
    """
    with writing(deps, kb, TAGS_WAIT_SECONDS) as writer:
        _give_tags(writer, {document_id: tags})


def change_tags(
    deps: IngestDeps,
    kb: str,
    document_ids: Sequence[str],
    add: Sequence[str],
    remove: Sequence[str],
) -> None:
    """Give documents more tags by hand and take others away. Raises as `set_tags` does, with nothing
    changed where a document is unknown."""
    with writing(deps, kb, TAGS_WAIT_SECONDS) as writer:
        rows = [deps.library.document(kb, document_id) for document_id in document_ids]
        wanted = {row.id: dict.fromkeys((*row.tags, *add)) for row in rows}
        _give_tags(
            writer, {of: [t for t in tags if t not in remove] for of, tags in wanted.items()}
        )


def _give_tags(writer: Writer, tags_of: Mapping[str, Sequence[str]]) -> None:
    index = writer.index
    for document_id, tags in tags_of.items():
        writer.library.set_tags(writer.kb, document_id, tags)
        index.set_tags(document_id, tags)
    index.flush()
