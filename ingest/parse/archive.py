"""Zip containers (Office, OpenDocument, EPUB): refused before they unpack to too much."""

import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from app.errors import DocumentCorrupt, DocumentEncrypted, DocumentTooLarge, Phrase
from ingest.parse.document import Limits
from ingest.parse.encoding import decode_names

# Office XML packs 10 to 50 times; a member that is larger than this and packs better than
# _MOST_RATIO times holds nothing that anyone wrote.
_MOST_RATIO = 200
_RATIO_COUNTS_FROM = 10_000_000
_MOST_MEMBERS = 50_000
_METHODS = {zipfile.ZIP_BZIP2: "bzip2", zipfile.ZIP_LZMA: "LZMA"}

_UTF8 = 0x800
_UNICODE_PATH = 0x7075
ENCRYPTED = 0x1  # of a member's flags


def packs_too_well(info: zipfile.ZipInfo) -> bool:
    """Whether a member is a bomb by its size and what it packs into."""
    ratio = info.file_size / max(info.compress_size, 1)
    return info.file_size > _RATIO_COUNTS_FROM and ratio > _MOST_RATIO


def member_name(info: zipfile.ZipInfo) -> str:
    """What a member is known by. Some programs part folders by backslashes, or begin with a slash."""
    return info.filename.replace("\\", "/").removeprefix("./").lstrip("/")


class Archive:
    """An open container. `read` gives a member's bytes, bounded by what its directory declares."""

    def __init__(self, zipped: zipfile.ZipFile, name: str) -> None:
        self._zip = zipped
        self._name = name
        self._members = {member_name(info): info for info in zipped.infolist()}

    def __contains__(self, member: str) -> bool:
        return member in self._members

    @property
    def members(self) -> tuple[str, ...]:
        return tuple(self._members)

    def named(self) -> Iterator[tuple[str, str]]:
        """Each member with what it is called, where its name does not say in which encoding it is."""
        return zip(self._members, names_of(self._members.values()), strict=True)

    def read(self, member: str) -> bytes:
        """Raises DocumentCorrupt if the member is missing or broken.

        zipfile stops at the declared size, which `open_archive` has checked, so a directory
        that lies cannot make it unpack more (`require_bounded`).
        """
        if member not in self._members:
            detail = Phrase("zip_without", member=member)
            raise DocumentCorrupt(path=self._name, detail=detail)
        info = self._members[member]
        require_bounded(self._name, info)
        try:
            return self._zip.read(info)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
            raise DocumentCorrupt(
                path=self._name, detail=Phrase("file_said", path=member, error=error)
            ) from error


def require_bounded(name: str, info: zipfile.ZipInfo) -> None:
    """Raises DocumentCorrupt for ways of packing by which a small file can unpack without bound: what is not
    stored or deflated, zipfile unpacks in whole before it cuts it to the declared size."""
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        method = _METHODS.get(info.compress_type, str(info.compress_type))
        detail = Phrase("zip_method", member=info.filename, method=method)
        raise DocumentCorrupt(path=name, detail=detail)


def broken_zip(error: Exception) -> Phrase:
    """Why a document is corrupt whose container zipfile does not open."""
    return Phrase("zip_broken", error=error)


@contextmanager
def open_archive(path: Path | IO[bytes], name: str, limits: Limits) -> Iterator[Archive]:
    """Raises DocumentCorrupt, DocumentEncrypted, DocumentTooLarge; nothing is unpacked before."""
    try:
        zipped = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise DocumentCorrupt(path=name, detail=broken_zip(error)) from error
    with zipped:
        infos = zipped.infolist()
        if any(info.flag_bits & ENCRYPTED for info in infos):
            raise DocumentEncrypted(path=name)
        if len(infos) > _MOST_MEMBERS:
            detail = Phrase("zip_files", count=len(infos))
            raise DocumentTooLarge(path=name, detail=detail)
        unpacked = sum(info.file_size for info in infos)
        if unpacked > limits.max_unpacked_bytes:
            raise DocumentTooLarge(
                path=name,
                detail=Phrase("zip_unpacked", unpacked=unpacked, limit=limits.max_unpacked_bytes),
            )
        for info in infos:
            if packs_too_well(info):
                ratio = info.file_size / max(info.compress_size, 1)
                raise DocumentTooLarge(
                    path=name,
                    detail=Phrase("zip_bomb", name=info.filename, ratio=ratio),
                )
        yield Archive(zipped, name)


def names_of(infos: Iterable[zipfile.ZipInfo]) -> list[str]:
    """The files' names. Old programs write them in the encoding of their machine, and do not say in
    which; all names of an archive decide."""
    raw = [_raw(info) for info in infos]
    untold = [name for name in raw if isinstance(name, bytes)]
    following = iter(decode_names(untold))
    return [next(following) if isinstance(name, bytes) else name for name in raw]


def _raw(info: zipfile.ZipInfo) -> str | bytes:
    """A name, or its bytes where the archive does not say what they mean."""
    if info.flag_bits & _UTF8:
        return info.orig_filename
    told = _told_apart(info.extra)
    return info.orig_filename.encode("cp437", "replace") if told is None else told


def _told_apart(extra: bytes) -> str | None:
    """The name in UTF-8 that some programs put beside the one in their machine's encoding."""
    place = 0
    while place + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, place)
        if kind == _UNICODE_PATH and length > 5:
            return extra[place + 9 : place + 4 + length].decode("utf-8", "replace")
        place += 4 + length
    return None
