"""Zip archives as folders: each file within is a document, at the archive's address and its own path.

What an archive says of itself is believed only within bounds, and nothing is unpacked to look at it:
names become addresses, never places to write to. An archive within an archive is passed over.
"""

import errno
import os
import stat
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Final, cast
from zipfile import ZipFile, ZipInfo

from app.errors import (
    DocumentCorrupt,
    DocumentEncrypted,
    FormatUnsupported,
    Phrase,
    SourceUnreadable,
)
from app.settings import Settings
from ingest.parse.archive import (
    ENCRYPTED,
    broken_zip,
    names_of,
    packs_too_well,
    require_bounded,
)
from ingest.parse.formats import BINARY, SUPPORTED
from ingest.sources.found import FoundFile, PassedOver, PassedReason, stamp
from ingest.sources.names import safe_path
from ingest.sources.passing import reason_by_name
from ingest.sources.uris import path_of, source_uri

_SUFFIX: Final = ".zip"
_BLOCK: Final = 1 << 20
_ENTRY_BYTES: Final = 400  # of one file in an archive's directory, on average, at most
_END_BYTES: Final = 66_000  # the end of a directory, with the longest comment
# What tells a document of several parts, whatever its own name ends in.
_DOCUMENTS: Final = frozenset(("[Content_Types].xml", "mimetype"))


def may_be_opened(path: Path) -> bool:
    """Whether a file is by its name an archive that is read here."""
    return path.suffix.lower() == _SUFFIX


@dataclass
class Archives:
    """Opens archives of at most `most_files` files (0: none) that unpack to at most `most_bytes`.
    Safe in threads; the one that was read last stays open as long as this or its documents live."""

    most_files: int = 5_000
    most_bytes: int = 500_000_000
    _path: Path | None = None
    _open: ZipFile | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def of(cls, settings: Settings) -> "Archives":
        return cls(settings.archive_max_files, settings.max_unpacked_bytes)

    def look_into(
        self, path: Path, shown_at: Path | None = None
    ) -> list[FoundFile | PassedOver] | PassedReason | None:
        """What lies in the archive at `path`, in a stable order; or why it is not opened. None: it
        is a document of several parts. `shown_at`: where it lies as far as addresses are concerned.
        """
        if not self.most_files:
            return "archive"
        try:
            state = _state(path)
            if not _begins_as_archive(path):
                # Of a copy that has only begun there is nothing yet, or zeros: what it held stays.
                return "archive" if _head(path).strip(b"\0") else "archive_damaged"
            archive = self._opened(path, state)
        except _TooLarge:
            return "archive_too_large"
        except Exception:  # noqa: BLE001  zipfile raises whatever it meets in a damaged directory
            return "archive_damaged"
        infos = archive.infolist()
        if not _DOCUMENTS.isdisjoint(info.filename for info in infos):
            return None
        files = {info.filename: info for info in infos if not info.is_dir()}  # of two, the later
        sizes = sum(info.file_size for info in files.values())
        if len(files) > self.most_files or sizes > self.most_bytes:
            return "archive_too_large"
        if any(packs_too_well(info) for info in files.values()):
            return "archive_too_large"
        if files and all(info.flag_bits & ENCRYPTED for info in files.values()):
            return "archive_encrypted"
        found = [
            self._item(path, state, shown_at or path, inner, info)
            for inner, info in _placed(list(files.values()))
        ]
        return found or "archive"

    def unpacked(self, path: Path, name: str) -> "list[Packed] | None":
        """The documents in an archive that was sent in and is called `name`; None for one that is not
        opened. What systems leave behind, and links, are none."""
        found = self.look_into(path, Path("/") / name)
        if not isinstance(found, list):
            return None
        packed = [
            Packed(str(path_of(item.source)).removeprefix("/"), item)
            for item in found
            if isinstance(item, FoundFile)
            or item.reason not in ("system_file", "lock_file", "link")
        ]
        return packed or None

    def _item(
        self, path: Path, state: tuple[int, int], shown_at: Path, inner: str, info: ZipInfo
    ) -> FoundFile | PassedOver:
        source = source_uri(shown_at / inner)
        name = PurePosixPath(inner).name
        reason = reason_by_name(name)
        if stat.S_ISLNK(info.external_attr >> 16):
            reason = "link"
        elif info.flag_bits & ENCRYPTED:
            reason = "archive_encrypted"
        if reason is not None:
            return PassedOver(source, reason)
        changed = stamp(f"{info.CRC} {info.file_size} {info.date_time}")
        return FoundFile(
            source,
            Path(name),
            info.file_size,
            changed,
            lambda: self._blocks(path, state, info, name),
        )

    def _blocks(
        self, path: Path, state: tuple[int, int], info: ZipInfo, name: str
    ) -> Iterator[bytes]:
        """No more than the directory says. Raises DocumentCorrupt, and SourceUnreadable."""
        require_bounded(name, info)
        try:
            archive = self._opened(path, state)
        except OSError as error:
            detail = error.strerror or str(error)
            raise SourceUnreadable(path=path.name, detail=detail) from error
        except Exception as error:
            raise DocumentCorrupt(path=path.name, detail=broken_zip(error)) from error
        try:
            with archive.open(info) as file:
                while block := file.read(_BLOCK):
                    yield block
        except Exception as error:
            # What zipfile and the codecs raise for damaged bytes, and for ways of packing that
            # they do not know.
            said = Phrase("file_said", path=name, error=error)
            raise DocumentCorrupt(path=name, detail=said) from error

    def _opened(self, path: Path, state: tuple[int, int]) -> ZipFile:
        """Raises OSError, also when the file is another by now, and what zipfile raises."""
        with self._lock:
            if self._open is None or self._path != path or _state(path) != state:
                if _state(path) != state:
                    raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
                self._open = None  # it is closed when nobody reads from it any more
                file = _Bounded(path, self.most_files * _ENTRY_BYTES + _END_BYTES)
                self._open = ZipFile(cast(IO[bytes], file))
                file.most = _BLOCK  # the directory is read; its files are, by blocks
                self._path = path
            return self._open


@dataclass(frozen=True)
class Packed:
    """One of an archive's files: its name, which begins with that of the archive, and the file, or
    why it is no document."""

    name: str
    item: FoundFile | PassedOver

    def blocks(self) -> Iterator[bytes]:
        """Its bytes. Raises what `FoundFile.fetch` does, and the error of what is no document."""
        if isinstance(self.item, PassedOver):
            if self.item.reason == "archive_encrypted":
                raise DocumentEncrypted(path=self.name)
            nested = self.item.reason.startswith("archive")
            kind = Phrase("zip_archive") if nested else BINARY
            raise FormatUnsupported(path=self.name, detail=kind, supported=SUPPORTED)
        if self.item.fetch is not None:
            yield from self.item.fetch()


class _TooLarge(Exception):
    """The directory is larger than that of as many files as are taken."""


class _Bounded:
    """A file that gives at most `most` bytes at once: zipfile reads a directory in one go."""

    def __init__(self, path: Path, most: int) -> None:
        self._file = path.open("rb")
        self.most = most

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(self.most + 1 if size < 0 else min(size, self.most + 1))
        if len(data) > self.most:
            raise _TooLarge
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()

    def __del__(self) -> None:
        self.close()


def _begins_as_archive(path: Path) -> bool:
    return _head(path).startswith(b"PK")


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(512)


def _state(path: Path) -> tuple[int, int]:
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):  # to open a pipe is to wait for who writes into it
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
    return status.st_size, status.st_mtime_ns


def _placed(infos: Sequence[ZipInfo]) -> list[tuple[str, ZipInfo]]:
    """Each file with its path in the archive, which is its own; without what systems left there and
    what is hidden."""
    taken: Counter[str] = Counter()
    placed = []
    for given, info in zip(names_of(infos), infos, strict=True):
        parts = given.replace("\\", "/").split("/")
        folders = [part for part in parts if part not in ("", ".", "..") and part[1:] != ":"]
        if not folders or "__MACOSX" in folders or any(part.startswith(".") for part in folders):
            continue
        path = PurePosixPath(safe_path("/".join(folders)))
        taken[str(path)] += 1
        if (number := taken[str(path)]) > 1:
            path = path.with_name(f"{path.stem} ({number}){path.suffix}")
        placed.append((str(path), info))
    return sorted(placed, key=lambda pair: pair[0])
