"""Object stores and other remote folders by fsspec: s3://, gs://, abfs://, sftp://.

Credentials and addresses come from where the store's own library looks for them (the environment,
its configuration files, `~/.config/fsspec`), never from groundkb's settings.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from app.errors import SourceUnreachable
from ingest.sources.found import FoundFile, Listing, Unreadable, stamp

# Others that fsspec knows would read this machine's files or the web past groundkb's guards.
SCHEMES = ("s3", "gs", "gcs", "abfs", "sftp", "memory")
_BLOCK = 1 << 20
# What stores call the state of an object, the most telling first.
_STATES = ("etag", "generation", "md5hash", "content_md5", "lastmodified", "last_modified", "updated", "mtime", "created")  # fmt: skip
_ERRORS = (OSError, ValueError, RuntimeError)


def look(root: str) -> Listing:
    """Every object beneath a folder of a store, or the one object; hidden names are passed over.

    A store that cannot be asked is in the listing as unreadable, and so is an empty or missing
    folder: a wrong bucket name looks the same.
    """
    root = root.rstrip("/")
    scheme = root.partition("://")[0]
    try:
        store, path = _open(root)
        found = store.find(path, withdirs=False, detail=True)
    except ImportError as error:
        return _failed(root, f"{error} (run `pip install 'groundkb[cloud]'`)")
    except _ERRORS as error:
        return _failed(root, str(error) or type(error).__name__)
    if not found:
        return _failed(root, "there is nothing at this address")
    items = [
        _file(root, scheme, store, name, facts)
        for name, facts in sorted(found.items())
        if not _hidden(name, path)
    ]
    return Listing(root, items)


def _open(root: str) -> tuple[Any, str]:
    from fsspec.core import url_to_fs  # lazy: local folders do not need it

    store, path = url_to_fs(root, use_listings_cache=False)
    return store, path


def _file(
    root: str, scheme: str, store: Any, name: str, facts: Mapping[str, Any]
) -> FoundFile | Unreadable:
    source = f"{scheme}://{_key(root, name)}"
    lowered = {key.lower(): value for key, value in facts.items()}
    state = next((f"{key} {lowered[key]}" for key in _STATES if lowered.get(key)), "")
    if not state:
        error = SourceUnreachable(url=source, detail="the store does not tell when it changed")
        return Unreadable(source, error)
    size = int(facts.get("size") or 0)
    number = stamp(f"{state} {size}")
    return FoundFile(
        source,
        Path(PurePosixPath(name).name),
        size,
        number,
        fetch=lambda: _blocks(store, name, source),
    )


def _key(root: str, name: str) -> str:
    """What follows '://' in the address of an object; sftp has its host there."""
    host, slash, _ = root.partition("://")[2].partition("/")
    return f"{host}{name}" if root.startswith("sftp://") and slash else name.lstrip("/")


def _blocks(store: Any, name: str, source: str) -> Iterator[bytes]:
    try:
        with store.open(name, "rb") as file:
            while block := file.read(_BLOCK):
                yield block
    except _ERRORS as error:
        raise SourceUnreachable(url=source, detail=str(error) or type(error).__name__) from error


def _hidden(name: str, path: str) -> bool:
    inner = name.removeprefix(path).strip("/")
    return any(part.startswith(".") for part in inner.split("/"))


def _failed(root: str, detail: str) -> Listing:
    error = SourceUnreachable(url=root, detail=detail)
    return Listing(root, [Unreadable(root, error)], complete=False)
