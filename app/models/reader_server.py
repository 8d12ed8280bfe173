"""Reading by another process, `groundkb reader`: on a machine with a GPU, for any number of servers.

What goes over is the question, and the passages as the reader is shown them; what comes back is what a
reader in this process would say.
"""

from collections.abc import Sequence
from typing import Any

import httpx
import numpy as np
from numpy.typing import NDArray

from app.errors import Phrase, ReaderServerDown, ReadingFailed
from app.models.asking import answer_of, open_client
from app.models.e5_reader import build_e5_reader
from app.models.embedding import Embedder
from app.models.giving_way import next_step
from app.models.reading import Reader, Reading, Span
from app.settings import Settings


class ServerReader:
    """A `Reader` over the addresses of `app.api.reader_service`. May be called from several threads."""

    def __init__(self, url: str, *, api_key: str | None, timeout: float) -> None:
        """`timeout`: longest wait for one answer, seconds. Asks which reader it is. Raises
        ReaderServerDown and ReadingFailed."""
        self._url = url.rstrip("/")
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=32)
        self._client = open_client(api_key, timeout, limits)
        about = self._asked("GET", "/reader")
        try:
            self._name, self._checks = str(about["name"]), bool(about["checks"])
        except (KeyError, TypeError) as error:
            raise self._no_reader(about) from error

    @property
    def name(self) -> str:
        return self._name

    @property
    def checks(self) -> bool:
        """See `Reader.checks`."""
        return self._checks

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        """See `Reader.read`. Raises ReaderServerDown, too."""
        next_step()
        if not passages:
            return []
        said = self._asked("POST", "/read", {"question": question, "passages": list(passages)})
        try:
            return [_reading(said["readings"][place]) for place in range(len(passages))]
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise self._no_reader(said) from error

    def check(self, question: str, answer: str, passages: Sequence[str]) -> NDArray[np.float32]:
        """See `Reader.check`. Raises ReaderServerDown, too."""
        next_step()
        if not passages:
            return np.zeros(0, np.float32)
        body = {"question": question, "answer": answer, "passages": list(passages)}
        said = self._asked("POST", "/check", body)
        try:
            found = np.array([float(score) for score in said["scores"]], np.float32)
        except (KeyError, TypeError, ValueError) as error:
            raise self._no_reader(said) from error
        if found.shape != (len(passages),) or not np.isfinite(found).all():
            raise self._no_reader(said)
        return found

    def _asked(self, method: str, path: str, body: Any = None) -> Any:
        answer = answer_of(
            self._client, method, self._url, path, body, down=ReaderServerDown, failed=ReadingFailed
        )
        try:
            return answer.json()
        except ValueError as error:
            raise self._no_reader(answer.text) from error

    def _no_reader(self, said: object) -> ReadingFailed:
        return ReadingFailed(detail=Phrase("not_readings", url=self._url, said=str(said)[:300]))


def _reading(said: Any) -> Reading:
    """Raises KeyError, TypeError and ValueError for what is none."""
    answers = float(said["answers"])
    if not np.isfinite(answers):
        raise ValueError("no number")
    spans = tuple(Span(int(start), int(end), float(score)) for start, end, score in said["spans"])
    return Reading(answers, spans)


def build_reader(settings: Settings, embedder: Embedder | None = None) -> Reader:
    """The reader of the settings: at GROUNDKB_READER_URL, else in this process, with the `embedder`'s word
    vectors. Raises ReaderServerDown and ReadingFailed, or as `build_e5_reader` does."""
    if settings.reader_url:
        key = settings.reader_api_key
        return ServerReader(
            settings.reader_url,
            api_key=key.get_secret_value() if key else None,
            timeout=settings.reader_timeout,
        )
    return build_e5_reader(settings, embedder)
