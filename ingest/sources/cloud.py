"""Object stores and other remote folders by fsspec: s3://, gs://, abfs://, sftp://.

Credentials and addresses come from where the store's own library looks for them (the environment,
its configuration files, `~/.config/fsspec`), never from groundkb's settings or a source's address.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from app.errors import Phrase, SourceUnreachable, reason_of
from ingest.sources.found import FoundFile, Listing, PassedOver, Unreadable, stamp
from ingest.sources.passing import reason_by_name

# Others that fsspec knows would read this machine's files or the web past groundkb's guards.
SCHEMES = ("s3", "gs", "gcs", "abfs", "sftp", "memory")
_BLOCK = 1 << 20
# What stores call the state of an object, the most telling first.
_STATES = ("etag", "generation", "md5hash", "content_md5", "lastmodified", "last_modified", "updated", "mtime", "created")  # fmt: skip
# So that a store which does not answer fails in minutes, and that an SFTP server is only believed
# with a key in ~/.ssh/known_hosts, which sshfs does not ask for by itself. fsspec's configuration
# files say otherwise where that is wanted.
_AWS = {"connect_timeout": 20, "read_timeout": 60, "retries": {"max_attempts": 3}}
_FRESH = {"use_listings_cache": False}
_OPTIONS: dict[str, dict[str, Any]] = {
    "s3": {"config_kwargs": _AWS, **_FRESH},
    "gs": _FRESH,
    "gcs": _FRESH,
    "abfs": _FRESH,
    "sftp": {
        "known_hosts": (),
        "connect_timeout": 20,
        "login_timeout": 60,
        "keepalive_interval": 20,
    },
}


def look(root: str) -> Listing:
    """Every object beneath a folder of a store, or the one object; hidden names are left out, and
    so are pipes of an SFTP server. What by its name is no document, and links, are passed over.

    A store that cannot be asked is in the listing as unreadable, and so is an empty or missing
    folder: a wrong bucket name looks the same.
    """
    root = root.rstrip("/")
    try:
        folder = _open(root)
        items = list(folder.beneath() if folder.scheme == "sftp" else folder.objects())
    except ImportError as error:
        wanted = "adlfs" if root.startswith("abfs:") else "groundkb[cloud]"
        run = f"`pip install '{wanted}'`"
        return _failed(root, Phrase("error_run", error=error, run=run))
    except Exception as error:  # noqa: BLE001 - each store's library has errors of its own
        return _failed(root, reason_of(error))
    if not items:
        return _failed(root, Phrase("address_empty"))
    return Listing(root, items)


def _open(root: str) -> "_Folder":
    import fsspec  # lazy: local folders do not need it
    from fsspec.config import conf

    scheme, _, rest = root.partition("://")
    kind = fsspec.get_filesystem_class(scheme)
    options = {
        **_OPTIONS.get(scheme, {}),
        **conf.get(scheme, {}),
        **kind._get_kwargs_from_urls(root),
    }
    # A store that was kept would go on with the credentials that it found at first.
    store = kind(skip_instance_cache=True, **options)
    return _Folder(scheme, rest.partition("/")[0], store, kind._strip_protocol(root))


@dataclass(frozen=True)
class _Folder:
    """A folder of a store, or one object. `host`: of an SFTP server; elsewhere paths begin with what
    stands there, a bucket."""

    scheme: str
    host: str
    store: Any
    path: str

    def objects(self) -> Iterator[FoundFile | Unreadable | PassedOver]:
        """What a store of flat names holds beneath the path. Raises what its library does."""
        for name, facts in sorted(self.store.find(self.path, detail=True).items()):
            inner = name.removeprefix(self.path).strip("/")
            hidden = any(part.startswith(".") for part in inner.split("/"))
            # Empty objects with the name of a folder are how stores show folders.
            if not hidden and not name.endswith("/"):
                yield self._item(name, facts or self.store.info(name))

    def beneath(self) -> Iterator[FoundFile | Unreadable | PassedOver]:
        """The files of folders within folders, and folders that cannot be looked into: `find` would
        pass over these. Raises what the store's library does."""
        facts = self.store.info(self.path or "/")
        if facts["type"] == "file":
            yield self._item(self.path, facts)
        else:
            yield from self._walk(self.store.ls(self.path or "/", detail=True))

    def _walk(
        self, entries: Iterable[Mapping[str, Any]]
    ) -> Iterator[FoundFile | Unreadable | PassedOver]:
        for facts in sorted(entries, key=lambda facts: str(facts["name"])):
            name = facts["name"]
            if PurePosixPath(name).name.startswith("."):
                continue
            if facts["type"] == "link":
                yield PassedOver(self._source(name), "link")
            elif facts["type"] == "file":
                yield self._item(name, facts)
            elif facts["type"] == "directory":
                try:
                    inner = self.store.ls(name, detail=True)
                except Exception as error:  # noqa: BLE001 - as above
                    yield _unreadable(self._source(name), reason_of(error))
                else:
                    yield from self._walk(inner)

    def _item(self, name: str, facts: Mapping[str, Any]) -> FoundFile | Unreadable | PassedOver:
        source = self._source(name)
        if (reason := reason_by_name(PurePosixPath(name).name)) is not None:
            return PassedOver(source, reason)
        lowered = {key.lower(): value for key, value in facts.items()}
        state = next((f"{key} {lowered[key]}" for key in _STATES if lowered.get(key)), "")
        if not state:
            detail = Phrase("store_without_times")
            return _unreadable(source, detail)
        size = int(facts.get("size") or 0)
        return FoundFile(
            source,
            Path(PurePosixPath(name).name),
            size,
            stamp(f"{state} {size}"),
            fetch=lambda: self._blocks(name, source),
        )

    def _source(self, name: str) -> str:
        inner = name.lstrip("/")
        return (
            f"sftp://{self.host}/{inner}" if self.scheme == "sftp" else f"{self.scheme}://{inner}"
        )

    def _blocks(self, name: str, source: str) -> Iterator[bytes]:
        try:
            with self.store.open(name, "rb") as file:
                while block := file.read(_BLOCK):
                    yield block
        except Exception as error:
            raise SourceUnreachable(url=source, detail=reason_of(error)) from error


def _unreadable(source: str, detail: str | Phrase) -> Unreadable:
    return Unreadable(source, SourceUnreachable(url=source, detail=detail))


def _failed(root: str, detail: str | Phrase) -> Listing:
    return Listing(root, [_unreadable(root, detail)], complete=False)
