"""Which documents moved: a file that is gone and one that is new are the same document when they
hold the same bytes, or when their paths differ in case or in the composition of letters alone.

Only files of this machine are compared: in a store or on the web the address is the identity, and
comparing would mean fetching.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from app.errors import GroundkbError
from app.library.library import KnownFile
from app.text.marks import nfc
from ingest.report import Tie
from ingest.sources.found import FoundFile, PassedReason
from ingest.sources.passing import reason_by_content
from ingest.sources.uris import SCHEME, path_of

Item = TypeVar("Item")
Pair = tuple[FoundFile, KnownFile]


@dataclass
class Contents:
    """What was found out about files' bytes, so that each is looked into once for a sync."""

    _digests: dict[tuple[str, int, int], str | None] = field(default_factory=dict)
    _reasons: dict[tuple[Path, int, int], PassedReason | None] = field(default_factory=dict)

    def digest(self, file: FoundFile) -> str | None:
        """The SHA-256 of a file of this machine; None for one that cannot be read."""
        key = (file.source, file.size, file.mtime_ns)
        if key not in self._digests:
            self._digests[key] = _digest(file)
        return self._digests[key]

    def reason(self, file: FoundFile) -> PassedReason | None:
        """Why a local file is no document, by what it holds."""
        key = (file.path, file.size, file.mtime_ns)
        if key not in self._reasons:
            self._reasons[key] = reason_by_content(file.path)
        return self._reasons[key]


def match_moves(
    gone: Iterable[KnownFile], new: Iterable[FoundFile], contents: Contents
) -> tuple[list[Pair], list[Tie]]:
    """The pairs of a new file and the document that it is, each at most in one; and the ties: equal
    files of which nothing tells which became which. These are left alone."""
    lost = [file for file in gone if file.revision is not None and file.source.startswith(SCHEME)]
    come = [file for file in new if file.source.startswith(SCHEME)]
    pairs, lost, come, _ = _paired(
        lost, come, lambda file: _folded(file.source), lambda file: _folded(file.source)
    )
    sizes = {file.size for file in lost}
    by_bytes, _, _, ties = _paired(
        lost,
        [file for file in come if file.size in sizes],
        lambda file: file.revision,
        contents.digest,
    )
    return pairs + by_bytes, ties


def _paired(
    gone: Sequence[KnownFile],
    new: Sequence[FoundFile],
    key_of_gone: Callable[[KnownFile], Hashable],
    key_of_new: Callable[[FoundFile], Hashable],
) -> tuple[list[Pair], list[KnownFile], list[FoundFile], list[Tie]]:
    """Pairs of equal keys where each side has one; what is left of both; and where a side has more."""
    lost, come = _by(gone, key_of_gone), _by(new, key_of_new)
    pairs: list[Pair] = []
    ties: list[Tie] = []
    for key in lost.keys() & come.keys() - {None}:
        if len(lost[key]) == len(come[key]) == 1:
            pairs.append((come[key][0], lost[key][0]))
        else:
            names = [tuple(sorted(file.source for file in side)) for side in (lost[key], come[key])]
            ties.append(Tie(*names))
    found = {file.source for file, _ in pairs}
    known = {file.source for _, file in pairs}
    return (
        sorted(pairs, key=lambda pair: pair[0].source),
        [file for file in gone if file.source not in known],
        [file for file in new if file.source not in found],
        sorted(ties, key=lambda tie: tie.gone),
    )


def _by(items: Iterable[Item], key: Callable[[Item], Hashable]) -> dict[Hashable, list[Item]]:
    found: dict[Hashable, list[Item]] = defaultdict(list)
    for item in items:
        found[key(item)].append(item)
    return found


def _folded(source: str) -> str:
    """The path as file systems that know no case, or one composition of letters, have it."""
    return nfc(nfc(str(path_of(source))).casefold())


def _digest(file: FoundFile) -> str | None:
    try:
        if file.fetch is None:
            with file.path.open("rb") as opened:
                return hashlib.file_digest(opened, "sha256").hexdigest()
        digest = hashlib.sha256()
        for block in file.fetch():
            digest.update(block)
    except (OSError, GroundkbError):
        return None
    return digest.hexdigest()
