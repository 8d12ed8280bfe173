"""Whether a database and a GROUNDKB_DATA belong together.

The embedded index and the locks are in the folder, so that a database which two folders share would
list documents that only one of them can find. The folder has an id of its own; the database keeps
that of the first folder which uses it with an embedded index.
"""

from pathlib import Path
from typing import Final
from uuid import uuid4

from filelock import FileLock
from sqlalchemy import Engine, select, update

from app.errors import DatabaseOfAnotherFolder
from app.library.disk import flush
from app.library.private import private_file, private_folder
from app.library.tables import Meta

FOLDER_ID: Final = "folder.id"


def require_own(engine: Engine, data: Path) -> None:
    """Note the folder in a database that has none yet. Raises DatabaseOfAnotherFolder, OSError and
    SQLAlchemyError."""
    own = folder_id(data)
    with engine.connect() as connection, connection.begin():
        found = connection.scalar(select(Meta.folder))
    if found is None:
        with engine.connect().execution_options(writing=True) as connection, connection.begin():
            connection.execute(update(Meta).where(Meta.folder.is_(None)).values(folder=own))
        with engine.connect() as connection, connection.begin():
            found = connection.scalar(select(Meta.folder))
    if found != own:
        raise DatabaseOfAnotherFolder(path=data, file=data / FOLDER_ID, folder=str(found))


def folder_id(data: Path) -> str:
    """The folder's id, made and on disk where there was none. Raises OSError."""
    private_folder(data)
    private_folder(data / "locks")
    path = data / FOLDER_ID
    with FileLock(data / "locks" / f"@{FOLDER_ID}.lock"):
        if not path.exists():
            draft = path.with_suffix(".partial")
            private_file(draft)
            draft.write_text(f"{uuid4()}\n", "utf-8")
            flush(draft)
            draft.replace(path)
            flush(data)
        return path.read_text("utf-8").strip()
