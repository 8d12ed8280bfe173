"""A backup as one file: a tar archive of a library's folder, with a manifest of checksums.

The manifest is the last member, so an archive that was cut short has none. A restore unpacks
into `<data>/.restoring`, checks everything, and only then moves it into place, the database
last; as long as that folder exists nothing opens the library (see `unfinished_restore`).
"""

import hashlib
import json
import lzma
import os
import shutil
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final

from sqlalchemy.exc import SQLAlchemyError

from app.errors import (
    BackupInvalid,
    BackupTooNew,
    DiskFull,
    Phrase,
    RestoreTargetNotEmpty,
    reason_of,
)
from app.library.disk import BLOCK, copy_sparse, flush, is_full, needs_room
from app.library.migrations import SCHEMA_VERSION
from app.library.sqlite import describe
from app.library.upgrade import upgrade_file

FORMAT: Final = 1
DATABASE: Final = "library.sqlite3"
RESTORING: Final = ".restoring"
_MANIFEST: Final = "manifest.json"
FOLDERS: Final = frozenset({"originals", "uploads", "index"})
_LARGEST_MANIFEST: Final = 1 << 30
# Left over in a folder that was never used, or by a container's volume.
_NO_LIBRARY: Final = frozenset({RESTORING, "lost+found", ".DS_Store"})
# What tarfile and those who unpack for it raise.
_DAMAGED: Final = (tarfile.TarError, zlib.error, lzma.LZMAError, EOFError)
OnStep = Callable[[str], None]


@dataclass(frozen=True)
class Manifest:
    """What an archive holds. `index` says whether the vectors are in it ('embedded') or are a
    server's to keep ('server'); `files` maps a name to its SHA-256 and size in bytes."""

    format: int
    groundkb: str
    schema: int
    created: str
    index: str
    collections: Mapping[str, str]  # by knowledge base
    documents: Mapping[str, int]  # by knowledge base
    files: Mapping[str, tuple[str, int]] = field(default_factory=dict)

    @property
    def bytes(self) -> int:
        return sum(size for _, size in self.files.values())


def write_archive(
    folder: Path, target: Path, manifest: Manifest, on_step: OnStep = lambda _: None
) -> Manifest:
    """Pack all files under `folder` into `target`; returns the manifest with the files in it.

    Compressed when the name ends in `.gz` or `.tgz`. The file appears under its name when it is
    whole and on disk, in place of an older one. Raises DiskFull and OSError.
    """
    draft = target.with_name(f".{target.name}.{os.getpid()}.partial")
    files: dict[str, tuple[str, int]] = {}
    try:
        with needs_room(target), open(draft, "xb", opener=_private) as raw:
            with _packing(raw, compressed=target.name.endswith((".gz", ".tgz"))) as tar:
                for path in sorted(item for item in folder.rglob("*") if item.is_file()):
                    name = path.relative_to(folder).as_posix()
                    on_step("pack")
                    files[name] = _add(tar, path, name)
                manifest = Manifest(**{**asdict(manifest), "files": files})
                _add_text(tar, _MANIFEST, json.dumps(asdict(manifest), ensure_ascii=False))
            raw.flush()
            os.fsync(raw.fileno())
        on_step("publish")
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return manifest


def restore_archive(archive: Path, data: Path, on_step: OnStep = lambda _: None) -> Manifest:
    """Make the folder `data`, which must not exist or be empty, the library of the archive.

    Raises RestoreTargetNotEmpty, BackupInvalid (not a backup, cut short, a wrong checksum),
    BackupTooNew and DiskFull. Killed or failed, it leaves a folder that nothing opens and that
    a new restore starts over in.
    """
    staged = data / RESTORING
    if not archive.is_file():
        raise BackupInvalid(path=archive, detail=Phrase("no_such_file"))
    if not staged.exists() and data.exists() and _used(data):
        raise RestoreTargetNotEmpty(path=data)
    with needs_room(data):
        staged.mkdir(parents=True, exist_ok=True)
        for item in data.iterdir():
            # An earlier restore's: as long as the folder `.restoring` is there, all of it is.
            if item != staged and item.name not in _NO_LIBRARY:
                shutil.rmtree(item) if item.is_dir() else item.unlink()
        content = staged / "content"
        shutil.rmtree(content, ignore_errors=True)
        content.mkdir()
        try:
            manifest = _unpack(archive, content, on_step)
        except BaseException:
            shutil.rmtree(staged, ignore_errors=True)
            raise
        _upgrade(archive, content / DATABASE, on_step)
        flush(content, *content.rglob("*"))
        on_step("verified")
        # The database comes last: a library without one is none.
        for item in sorted(content.iterdir(), key=lambda path: path.name == DATABASE):
            on_step("place")
            item.rename(data / item.name)
        flush(data)
        on_step("placed")
        shutil.rmtree(staged)
        flush(data)
    return manifest


def _upgrade(archive: Path, database: Path, on_step: OnStep) -> None:
    """The archive of an earlier release holds an earlier schema."""
    try:
        upgrade_file(database, on_step)
    except SQLAlchemyError as error:
        if is_full(error.__cause__ or error):
            raise DiskFull(path=database) from error
        raise BackupInvalid(path=archive, detail=describe(error)) from error


def _used(data: Path) -> bool:
    return any(item.name not in _NO_LIBRARY for item in data.iterdir())


def unfinished_restore(data: Path) -> bool:
    """Whether a restore into this folder was cut short: what lies there is no library."""
    return (data / RESTORING).exists()


def _unpack(archive: Path, content: Path, on_step: OnStep) -> Manifest:
    found: dict[str, tuple[str, int]] = {}
    stated: Any = None
    try:
        with tarfile.open(archive, "r:*") as tar:
            for member in tar:
                if stated is not None or not member.isreg() or not _expected(member.name):
                    detail = Phrase("archive_member_unexpected", name=member.name)
                    raise BackupInvalid(path=archive, detail=detail)
                stream = tar.extractfile(member)
                if stream is None:
                    detail = Phrase("archive_member_empty", name=member.name)
                    raise BackupInvalid(path=archive, detail=detail)
                if member.name == _MANIFEST:
                    stated = json.loads(stream.read(_LARGEST_MANIFEST))
                    continue
                on_step("unpack")
                path = content / member.name
                path.parent.mkdir(parents=True, exist_ok=True)
                found[member.name] = _copy(stream, path)
                os.utime(path, (member.mtime, member.mtime))
    except (*_DAMAGED, ValueError, KeyError, TypeError) as error:
        # What is said of a file that none of its readers can open lists them all.
        said = Phrase("archive_none") if "\n" in str(error) else reason_of(error)
        raise BackupInvalid(path=archive, detail=said) from error
    except OSError as error:
        # gzip says so of a wrong checksum and of what is no gzip file; a full disk has a number.
        if error.errno is not None:
            raise
        raise BackupInvalid(path=archive, detail=str(error)) from error
    manifest = _manifest(archive, stated)
    if manifest.format > FORMAT or manifest.schema > SCHEMA_VERSION:
        raise BackupTooNew(path=archive, version=manifest.groundkb)
    for name in sorted({*found, *manifest.files}):
        if found.get(name) != tuple(manifest.files.get(name, ())):
            detail = Phrase("checksum_wrong", name=name)
            raise BackupInvalid(path=archive, detail=detail)
    if DATABASE not in found:
        detail = Phrase("archive_without", name=DATABASE)
        raise BackupInvalid(path=archive, detail=detail)
    return manifest


def _manifest(archive: Path, stated: Any) -> Manifest:
    if not isinstance(stated, dict):
        detail = Phrase("archive_without_manifest")
        raise BackupInvalid(path=archive, detail=detail)
    try:
        files = {name: (str(item[0]), int(item[1])) for name, item in stated["files"].items()}
        known = {name: stated[name] for name in Manifest.__dataclass_fields__}
        return Manifest(**{**known, "files": files})
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        detail = Phrase("manifest_broken", error=error)
        raise BackupInvalid(path=archive, detail=detail) from error


def _expected(name: str) -> bool:
    """Whether `backup` would have put it there: the database, and files of the library's own folders.
    A `server.json` would send the operator's token wherever it says."""
    path = PurePosixPath(name)
    if not path.parts or path.is_absolute() or ".." in path.parts or "\\" in name:
        return False
    return name in (DATABASE, _MANIFEST) or (len(path.parts) > 1 and path.parts[0] in FOLDERS)


def _copy(stream: IO[bytes], path: Path) -> tuple[str, int]:
    hashing = _Hashing(stream)
    copy_sparse(iter(lambda: hashing.read(BLOCK), b""), path)
    return hashing.digest.hexdigest(), hashing.size


@contextmanager
def _packing(raw: IO[bytes], *, compressed: bool) -> Iterator[tarfile.TarFile]:
    # Level 1: originals and vectors hardly get smaller, and the database does so already.
    if compressed:
        with tarfile.open(
            fileobj=raw, mode="w:gz", format=tarfile.PAX_FORMAT, compresslevel=1
        ) as tar:
            yield tar
    else:
        with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as tar:
            yield tar


class _Hashing:
    """Reads a file and hashes what was read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest, self.size = hashlib.sha256(), 0

    def read(self, size: int = -1) -> bytes:
        block = self._file.read(size)
        self.digest.update(block)
        self.size += len(block)
        return block


def _add(tar: tarfile.TarFile, path: Path, name: str) -> tuple[str, int]:
    member = tarfile.TarInfo(name)
    status = path.stat()
    member.size, member.mtime, member.mode = status.st_size, status.st_mtime, 0o600
    with path.open("rb") as file:
        hashing: Any = _Hashing(file)  # `read` is all that is asked of it
        tar.addfile(member, hashing)
    return hashing.digest.hexdigest(), hashing.size


def _add_text(tar: tarfile.TarFile, name: str, text: str) -> None:
    data = text.encode()
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(data), 0o600
    tar.addfile(member, BytesIO(data))


def _private(path: str, flags: int) -> int:
    """A backup holds all documents: its owner alone may read it."""
    return os.open(path, flags, 0o600)
