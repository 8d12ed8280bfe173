"""What is attached to a mail, as documents that come, change and go with it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from app.library.enclosed import enclosed_under
from app.library.library import Library
from app.settings import Settings
from ingest.prepare import Prepared
from ingest.reading import EnclosedText, ReadText
from ingest.sources.found import FoundFile


def enclosed_in(
    mail: Prepared, library: Library, kb: str, settings: Settings
) -> Iterator[Prepared]:
    """The documents enclosed in one that was read, and in those, which are new or changed. They
    are to become current with it, in one commit: a mail that is unchanged is not looked into again.

    Raises DiskFull.
    """
    if not mail.enclosed:
        return
    known = library.known_files(kb, enclosed_under(mail.found.source))
    for inner in _all_of(mail):
        before = known.get(inner.source)
        if before is not None and before.revision == inner.revision:
            continue
        own = before.own_tags if before is not None else None
        text = inner.text if own is None else _tagged(inner.text, tuple(own))
        yield Prepared(
            FoundFile(inner.source, Path(inner.name), len(inner.data), mail.found.mtime_ns),
            before,
            inner.document_id,
            library.originals.receive([inner.data], inner.name, settings.max_file_bytes),
            mail.read_at_ns,
            text.parsed,
            text.passages,
            text.tags,
            mail.sidecar,
        )


def remove_others(mail: Prepared, library: Library, kb: str) -> list[str]:
    """Hide from readers what the mail enclosed before and does not enclose now; their sources."""
    if mail.known is None:
        return []
    known = library.known_files(kb, enclosed_under(mail.found.source))
    gone = set(known) - {inner.source for inner in _all_of(mail)}
    library.remove(kb, [known[source].id for source in gone])
    return sorted(gone)


def _all_of(mail: Prepared) -> Iterator[EnclosedText]:
    waiting = list(mail.enclosed)
    while waiting:
        inner = waiting.pop(0)
        waiting += inner.text.enclosed
        yield inner


def _tagged(text: ReadText, tags: tuple[str, ...]) -> ReadText:
    """With the tags that the document was given by hand."""
    passages = tuple(replace(passage, tags=tags) for passage in text.passages)
    return replace(text, passages=passages, tags=tags)
