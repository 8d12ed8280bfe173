"""Which document somebody means: by id, address, path or name, as people write them."""

from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from app.errors import DocumentAmbiguous, DocumentNotFound
from app.library.library import DocumentRow, Library
from app.settings import Settings, at_home
from app.text.marks import nfc
from ingest.sources.uris import path_of, source_uri

_MOST_SHOWN = 10


def known_kb(library: Library, kb: str | None, settings: Settings) -> str:
    """The knowledge base that a command is for. Raises KnowledgeBaseNotFound; the default one is
    made by the first that needs it."""
    if kb is not None and kb != settings.kb:
        library.require_knowledge_base(kb)
    return kb or settings.kb


def find_document(library: Library, kb: str, wanted: str) -> DocumentRow:
    """By id or address; by a path of this machine, relative or not; by the name of its file, with
    as many folders before it as it takes. Composed and decomposed letters are the same.

    Raises DocumentNotFound, and DocumentAmbiguous when several have that name.
    """
    rows = library.documents(kb)
    for row in rows:
        if wanted in (row.id, row.source):
            return row
    addresses = {nfc(unquote(address)) for address in _addresses(wanted)}
    for row in rows:
        if nfc(unquote(row.source)) in addresses:
            return row
    tail = tuple(part for part in PurePosixPath(nfc(wanted)).parts if part != ".")
    named = [row for row in rows if tail and _parts(row.source)[-len(tail) :] == tail]
    if len(named) > 1:
        sources = [row.source for row in named[:_MOST_SHOWN]]
        raise DocumentAmbiguous(document=wanted, sources=sources)
    if not named:
        raise DocumentNotFound(document=wanted)
    return named[0]


def _addresses(wanted: str) -> set[str]:
    """The addresses that a path, or an address written in another way, may stand for."""
    if wanted.startswith("file://"):
        return {source_uri(path_of(wanted))}
    path = at_home(wanted)
    return {wanted, source_uri(path.absolute()), source_uri(path.resolve())}


def _parts(source: str) -> tuple[str, ...]:
    return PurePosixPath(nfc(unquote(urlsplit(source).path))).parts
