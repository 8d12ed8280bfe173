"""A reader that remembers what it has read: the same question over the same passages costs nothing again.

Reading takes nine tenths of an answer's processor time, and in a company many ask the same. What is
remembered is a digest of the texts and what the reader said of them, never a text: it is the same for everybody
who is shown the passage, and is no more once question or passage is other by a character.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Final, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from app.models.reading import Reader, Reading

T = TypeVar("T")
_DIGEST_BYTES: Final = 16


class RememberedReader:
    """A `Reader` over another: the latest `most` readings, and as many checks."""

    def __init__(self, reader: Reader, most: int) -> None:
        self._reader = reader
        self._readings: _Latest[Reading] = _Latest(most)
        self._checked: _Latest[np.float32] = _Latest(most)

    @property
    def name(self) -> str:
        return self._reader.name

    @property
    def checks(self) -> bool:
        """See `Reader.checks`."""
        return self._reader.checks

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        """See `Reader.read`."""
        return self._readings.of(
            [_digest(question, passage) for passage in passages],
            lambda missing: self._reader.read(question, [passages[place] for place in missing]),
        )

    def check(self, question: str, answer: str, passages: Sequence[str]) -> NDArray[np.float32]:
        """See `Reader.check`."""
        found = self._checked.of(
            [_digest(question, answer, passage) for passage in passages],
            lambda missing: list(
                self._reader.check(question, answer, [passages[place] for place in missing])
            ),
        )
        return np.array(found, np.float32)


class _Latest(Generic[T]):
    """Values by key, the latest used. Safe to use from several threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[bytes, T] = OrderedDict()
        self._lock = Lock()

    def of(self, keys: Sequence[bytes], find: Callable[[list[int]], Sequence[T]]) -> list[T]:
        """The values of `keys`; `find` is given the places of those that are not known."""
        known: dict[bytes, T] = {}
        with self._lock:
            for key in keys:
                if key in self._kept:
                    self._kept.move_to_end(key)
                    known[key] = self._kept[key]
        missing = list({key: place for place, key in enumerate(keys) if key not in known}.values())
        if missing:
            fresh = dict(zip((keys[place] for place in missing), find(missing), strict=True))
            known |= fresh
            with self._lock:
                self._kept |= fresh
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)
        return [known[key] for key in keys]


def _digest(*texts: str) -> bytes:
    """Of texts, each with its length before it: no two lists of texts are alike by their borders."""
    digest = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    for text in texts:
        part = text.encode("utf-8", "surrogatepass")
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.digest()
