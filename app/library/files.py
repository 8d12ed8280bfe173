"""Where originals and uploads are kept: a folder of this machine, or a bucket that all machines reach.

Both have the same names, `originals/ab/abcd…` and `uploads/…`, so that one becomes the other by copying.
"""

import contextlib
import filecmp
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final, Protocol

from app.errors import FilesUnreachable, Phrase, reason_of
from app.library.disk import blocks_of, needs_room
from app.settings import Settings

_BLOCK: Final = 1 << 20
# What stores call the state of an object; first what stays when it is copied within the store.
_STATES: Final = ("md5hash", "content_md5", "etag", "generation", "lastmodified", "last_modified", "updated", "created")  # fmt: skip
_TIMES: Final = ("lastmodified", "last_modified", "updated", "mtime", "created")
# So that a store which does not answer fails within a minute or two.
_OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "s3": {
        "config_kwargs": {
            "connect_timeout": 10,
            "read_timeout": 60,
            "retries": {"max_attempts": 3},
        }
    }
}


@dataclass(frozen=True)
class KeptFile:
    """`size` in bytes; `state` changes with what the file holds: nanoseconds of a local one's time, a number
    made of what a store says of an object's state. `written`: when, in seconds of the epoch. `path`: where it
    lies on this machine."""

    name: str
    size: int
    state: int
    written: float
    path: Path | None = None


class FileStore(Protocol):
    """Files by names such as `a/b/c`. Each is there whole or not at all, whoever looks at whatever moment.

    Methods may be called from several threads and processes. All raise FilesUnreachable where a store
    does not answer, and those that write DiskFull.
    """

    def put(self, path: Path, name: str) -> None:
        """Move a file of this machine in, over the one that has the name; durable on return."""

    def look(self, name: str) -> KeptFile | None:
        """None: there is no such file."""

    def blocks(self, file: KeptFile) -> Iterator[bytes]:
        """What a file holds, some of it at a time. Raises FileNotFoundError, too, of one that is gone."""

    def move(self, name: str, target: str) -> None:
        """Give a file another name, that of an existing one, too. Cut off, it may have both."""

    def share(self, name: str, other: str) -> None:
        """Two names of the same bytes become one file where a store can do that."""

    def remove(self, name: str) -> None:
        """None is no error."""

    def remove_beneath(self, folder: str) -> None:
        """Delete all files of a folder; none is no error."""

    def beneath(self, folder: str) -> Iterator[KeptFile]:
        """All files of a folder and of the folders within it, ordered by name."""


class FolderFiles:
    """A `FileStore` in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, path: Path, name: str) -> None:
        target = self.folder / name
        with needs_room(self.folder):
            target.parent.mkdir(parents=True, exist_ok=True)
            with path.open("rb") as file:
                os.fsync(file.fileno())
            path.replace(target)

    def look(self, name: str) -> KeptFile | None:
        path = self.folder / name
        return self._kept(path) if path.is_file() else None

    def blocks(self, file: KeptFile) -> Iterator[bytes]:
        return blocks_of(self.folder / file.name)

    def move(self, name: str, target: str) -> None:
        place = self.folder / target
        with needs_room(self.folder):
            place.parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).replace(place)

    def share(self, name: str, other: str) -> None:
        """Neither is ever written to in place; the time of the first stays its own. A file system without
        links keeps both."""
        path, linked = self.folder / name, self.folder / other
        link = path.with_name(f".{path.name}.link")
        with contextlib.suppress(OSError):
            if filecmp.cmp(path, linked, shallow=False):
                link.unlink(missing_ok=True)
                os.link(linked, link)
                time = path.stat().st_mtime_ns
                os.utime(link, ns=(time, time))
                link.replace(path)

    def remove(self, name: str) -> None:
        (self.folder / name).unlink(missing_ok=True)

    def remove_beneath(self, folder: str) -> None:
        shutil.rmtree(self.folder / folder, ignore_errors=True)

    def beneath(self, folder: str) -> Iterator[KeptFile]:
        for path in sorted((self.folder / folder).rglob("*")):
            # What another process removes meanwhile is not there.
            with contextlib.suppress(FileNotFoundError):
                if path.is_file():
                    yield self._kept(path)

    def _kept(self, path: Path) -> KeptFile:
        status = path.stat()
        name = path.relative_to(self.folder).as_posix()
        return KeptFile(name, status.st_size, status.st_mtime_ns, status.st_mtime, path)


class BucketFiles:
    """A `FileStore` in a bucket, or a folder of one, by fsspec. Credentials come from where the store's own
    library looks for them."""

    def __init__(self, url: str) -> None:
        """Asks nobody yet. Raises FilesUnreachable where the store's library is not installed."""
        import fsspec  # a folder does without it
        from fsspec.config import conf

        self._url = url.rstrip("/")
        scheme = self._url.partition("://")[0]
        try:
            kind = fsspec.get_filesystem_class(scheme)
        except ImportError as error:
            raise FilesUnreachable(
                url=self._url,
                detail=Phrase("error_run", error=error, run="`pip install 'groundkb[cloud]'`"),
            ) from error
        with self._named():
            options = {
                **_OPTIONS.get(scheme, {}),
                "use_listings_cache": False,  # others write, too
                **conf.get(scheme, {}),
                **kind._get_kwargs_from_urls(self._url),
            }
            self._store: Any = kind(skip_instance_cache=True, **options)
            self._root: str = kind._strip_protocol(self._url)

    def put(self, path: Path, name: str) -> None:
        with self._named():
            # A store has an object once all of it has come.
            try:
                self._store.put_file(str(path), self._key(name))
            except FileNotFoundError as error:  # so s3fs calls a missing bucket
                raise FilesUnreachable(url=self._url, detail=reason_of(error)) from error
        path.unlink()

    def look(self, name: str) -> KeptFile | None:
        with self._named():
            try:
                facts = self._store.info(self._key(name))
            except FileNotFoundError:
                return None
        # A name under which there are others is told as a folder.
        return self._kept(facts) if facts["type"] == "file" else None

    def blocks(self, file: KeptFile) -> Iterator[bytes]:
        with self._named(), self._store.open(self._key(file.name), "rb") as opened:
            while block := opened.read(_BLOCK):
                yield block

    def move(self, name: str, target: str) -> None:
        with self._named():
            self._store.cp_file(self._key(name), self._key(target))
        self.remove(name)

    def share(self, name: str, other: str) -> None:
        """Objects are never one."""

    def remove(self, name: str) -> None:
        with self._named(), contextlib.suppress(FileNotFoundError):
            self._store.rm_file(self._key(name))

    def remove_beneath(self, folder: str) -> None:
        for kept in self.beneath(folder):
            self.remove(kept.name)

    def beneath(self, folder: str) -> Iterator[KeptFile]:
        with self._named():
            try:
                found = self._store.find(self._key(folder), detail=True)
            except FileNotFoundError:
                found = {}
        # `find` of what is an object gives the object itself.
        kept = [self._kept(facts) for facts in found.values()]
        yield from sorted(
            (each for each in kept if each.name.startswith(f"{folder}/")), key=lambda k: k.name
        )

    def _key(self, name: str) -> str:
        return f"{self._root}/{name}"

    def _kept(self, facts: dict[str, Any]) -> KeptFile:
        lowered = {key.lower(): value for key, value in facts.items()}
        state = next((f"{key} {lowered[key]}" for key in _STATES if lowered.get(key)), "")
        size = int(facts.get("size") or 0)
        name = str(facts["name"]).removeprefix(self._root).strip("/")
        times = (lowered[key] for key in _TIMES if lowered.get(key))
        return KeptFile(name, size, _number(f"{state} {size}"), _seconds(next(times, None)))

    @contextlib.contextmanager
    def _named(self) -> Iterator[None]:
        """Each store's library has errors of its own."""
        try:
            yield
        except (FilesUnreachable, FileNotFoundError):
            raise
        except Exception as error:
            raise FilesUnreachable(url=self._url, detail=reason_of(error)) from error


def _seconds(told: datetime | str | float | None) -> float:
    """Of a time as stores tell it; one that is not told counts as this moment."""
    if isinstance(told, float | int):
        return float(told)
    if isinstance(told, str):
        told = datetime.fromisoformat(told)
    return (told or datetime.now(UTC)).timestamp()


def _number(state: str) -> int:
    """Below the nanoseconds of any real time."""
    return int.from_bytes(blake2b(state.encode(), digest_size=6).digest())


def open_files(settings: Settings) -> FileStore:
    """Where the settings say. Raises FilesUnreachable where what it takes is not installed."""
    if settings.originals_url:
        return BucketFiles(settings.originals_url)
    return FolderFiles(settings.data)
