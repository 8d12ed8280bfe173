"""The words of a knowledge base's documents, for `app.text.spelling`.

They are read from the texts in the background, when a question first has a word that is not among
them, and stay in memory; texts that came since are read at such a question, too. Words of a
document that has gone stay until the next start: they do no harm.
"""

import threading
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import Engine, select

from app.errors import GroundkbError
from app.library.database import viewing
from app.library.tables import Document, Revision
from app.text.spelling import Spelling, words_of

log = structlog.get_logger()

_PATIENCE: Final = 0.1  # seconds that a question waits for texts to be read
_AGAIN: Final = 5.0  # seconds before it is looked again whether there are new ones
_AT_ONCE: Final = 50


@dataclass
class _Words:
    spelling: Spelling = field(default_factory=Spelling)
    until: datetime | None = None  # all documents that changed up to then have been read
    looked: float = float("-inf")
    reading: threading.Thread | None = None


class Vocabulary:
    """Methods are safe to call from several threads, and raise nothing: a question whose words
    cannot be looked up is searched as it is."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._words: dict[str, _Words] = {}
        self._lock = threading.Lock()
        self._closed = threading.Event()

    def meant(self, kb: str, question: str, patience: float = _PATIENCE) -> tuple[str, ...]:
        """Words of the documents that misspelt ones of `question` may stand for. `patience`: seconds
        to wait for documents that were not looked at yet; what is not read by then counts from
        the next question on."""
        with self._lock:
            words = self._words.setdefault(kb, _Words())
            unknown = words.spelling.unknown(question)
        if not unknown:
            return ()
        if reading := self._read_on(kb, words):
            reading.join(patience)
        with self._lock:
            found = [words.spelling.near(word) for word in words.spelling.unknown(question)]
        return tuple(dict.fromkeys(word for near in found for word in near))

    def close(self) -> None:
        """End what is read in the background."""
        self._closed.set()
        for words in list(self._words.values()):
            if words.reading is not None:
                words.reading.join()

    def _read_on(self, kb: str, words: _Words) -> threading.Thread | None:
        with self._lock:
            if words.reading is not None and words.reading.is_alive():
                return words.reading
            if self._closed.is_set() or time.monotonic() - words.looked < _AGAIN:
                return None
            words.reading = threading.Thread(
                target=self._read, args=(kb, words), name=f"vocabulary-{kb}", daemon=True
            )
            words.reading.start()
            return words.reading

    def _read(self, kb: str, words: _Words) -> None:
        changed = (
            select(Document.updated_at, Document.title, Document.source, Revision.text)
            .join(
                Revision,
                (Revision.kb == Document.kb)
                & (Revision.document_id == Document.id)
                & (Revision.revision == Document.revision),
            )
            .where(Document.kb == kb, Document.deleted_at.is_(None))
            .order_by(Document.updated_at)
        )
        if words.until is not None:
            changed = changed.where(Document.updated_at > words.until)
        try:
            with viewing(self._engine) as connection:
                rows = connection.execution_options(yield_per=_AT_ONCE).execute(changed)
                for updated_at, *texts in rows:
                    if self._closed.is_set():
                        return
                    found = set().union(*map(words_of, texts))
                    with self._lock:
                        words.spelling.add(found)
                        words.until = updated_at
            words.looked = time.monotonic()
        except GroundkbError as error:
            log.warning("vocabulary_not_read", kb=kb, code=error.code, reason=str(error))
