"""A backup of the whole library, also while it is in use.

With the writers' locks held, a copy of everything is made beside: the database by SQLite's own
online backup, the embedded index by copying its flushed files, the originals and uploads by
hard links (they are never written to in place). That takes seconds; packing the copy comes
after the locks are free.
"""

import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from app.errors import BackupUnsupported, LibraryFailed
from app.index.factory import INDEX_FOLDER
from app.index.fingerprint import alias_name
from app.index.protocol import VectorStore
from app.library.archive import DATABASE, FOLDERS, FORMAT, Manifest, write_archive
from app.library.disk import needs_room
from app.library.library import Library
from app.library.locks import REINDEX, all_writers, locks_of
from app.library.migrations import SCHEMA_VERSION
from app.library.own_folder import OwnFolder, sweep_folders
from app.library.sqlite import copy_sqlite
from app.settings import Settings

LOCK_WAIT_SECONDS: Final = 600.0
_COPY: Final = ".backup-"
# Made anew by whoever needs it, or copied in another way; in GROUNDKB_DATA.


@dataclass(frozen=True)
class BackupReport:
    """`bytes` are those of the archive; `vectors` False: they are on a Qdrant server and not in it."""

    path: str
    bytes: int
    documents: int
    vectors: bool
    seconds: float


def backup(
    settings: Settings,
    library: Library,
    vectors: VectorStore,
    target: Path,
    on_step: Callable[[str], None] = lambda _step: None,
) -> BackupReport:
    """Write the library into the file `target`, or into a new file in the folder `target`.

    Raises BackupUnsupported for a library database that is not SQLite, WriterBusy when a sync
    goes on for LOCK_WAIT_SECONDS, DiskFull, and the errors of library and index.
    """
    started = time.monotonic()
    if settings.database_url is not None:
        raise BackupUnsupported
    if target.is_dir():
        target = target / f"groundkb-{datetime.now(UTC):%Y%m%d-%H%M%S}.tar.gz"
    sweep_folders(settings.data, _COPY)
    with needs_room(settings.data):
        own = OwnFolder(settings.data, _COPY)
    copy = own.path / "library"
    try:
        with needs_room(settings.data):
            copy.mkdir()
            with ExitStack() as locks:
                of_library = locks_of(library.engine, settings.data)
                locks.enter_context(of_library.writer(REINDEX, wait=LOCK_WAIT_SECONDS))
                locks.enter_context(
                    all_writers(of_library, library.knowledge_bases(), LOCK_WAIT_SECONDS)
                )
                on_step("copy_files")
                _link_files(settings.data, copy)
                on_step("copy_index")
                collections, copied = _copy_index(library, vectors, copy / INDEX_FOLDER)
                on_step("copy_database")
                _copy_database(settings.data / DATABASE, copy / DATABASE)
                documents = {kb: len(library.documents(kb)) for kb in collections}
        manifest = write_archive(
            copy,
            target,
            Manifest(
                format=FORMAT,
                groundkb=version("groundkb"),
                schema=SCHEMA_VERSION,
                created=datetime.now(UTC).isoformat(timespec="seconds"),
                index="embedded" if copied else "server",
                collections=collections,
                documents=documents,
            ),
            on_step,
        )
    finally:
        own.remove()
    return BackupReport(
        path=str(target),
        bytes=target.stat().st_size,
        documents=sum(manifest.documents.values()),
        vectors=copied,
        seconds=round(time.monotonic() - started, 3),
    )


def _link_files(data: Path, copy: Path) -> None:
    for place, folders, names in os.walk(data):
        here = Path(place)
        if here == data:
            folders[:] = [name for name in folders if name in FOLDERS - {INDEX_FOLDER}]
            names = []  # the database is copied by itself
        if here == data / "originals":
            folders[:] = [name for name in folders if name != "incoming"]
        target = copy / here.relative_to(data)
        target.mkdir(exist_ok=True)
        for name in names:
            try:
                os.link(here / name, target / name)
            except FileNotFoundError:
                continue  # Removed just now, by hand: the database does not know it either.
            except OSError:
                shutil.copy2(here / name, target / name)  # a file system without links


def _copy_index(
    library: Library, vectors: VectorStore, target: Path
) -> tuple[dict[str, str], bool]:
    collections: dict[str, str] = {}
    embedded = True
    for kb in library.knowledge_bases():
        collection = vectors.resolve(alias_name(kb))
        collections[kb] = collection or ""
        if collection is not None:
            embedded = vectors.copy(collection, target / collection) and embedded
    return collections, embedded


def _copy_database(source: Path, target: Path) -> None:
    try:
        copy_sqlite(source, target)
        with closing(sqlite3.connect(target)) as copied:
            # Only current collections are in a backup.
            copied.execute("DELETE FROM aliases WHERE alias LIKE '%@previous'")
            copied.execute("DELETE FROM built_revisions")
            copied.commit()
    except sqlite3.Error as error:
        raise LibraryFailed(detail=error) from error
