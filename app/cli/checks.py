"""What `groundkb doctor` looks at. Each check says how it is and what to do; none needs another to pass."""

import asyncio
import os
import platform
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final, Literal

from app.api.middleware.hosts import host_name, is_loopback
from app.cli.client import connected
from app.cli.server_file import RunningServer, find_server
from app.errors import GroundkbError, IndexInUse, IndexMismatch, Phrase
from app.index.edge_folder import read_fingerprint
from app.index.factory import INDEX_FOLDER
from app.index.fingerprint import alias_name, describe, fingerprint_of
from app.index.spaces import Spaces
from app.library.library import open_library
from app.models.catalogue import READER_BASE
from app.models.choose import choose_chat
from app.models.device import choose_device
from app.models.embedding import Embedder
from app.models.places import embedding_folder, reader_folder
from app.models.reader_server import build_reader
from app.models.sentence_transformer import build_embedder
from app.runtime import open_storage
from app.settings import Settings
from app.texts import Told, say, told
from ingest.chunk import CHUNKING_VERSION
from ingest.parse import ocr

Severity = Literal["ok", "warn", "fail"]
PACKAGES: Final = (
    "groundkb",
    "torch",
    "sentence-transformers",
    "qdrant-client",
    "qdrant-edge-py",
    "xllamacpp",
    "ollama",
    "fastapi",
)
LOW_DISK: Final = 2_000_000_000  # bytes: the weights take 1.6 GB
NO_DISK: Final = 100_000_000
SHORT_KEY: Final = 16


@dataclass(frozen=True)
class Finding:
    """`remedy` is empty when there is nothing to do."""

    name: str
    severity: Severity
    said: Phrase | GroundkbError | str
    remedy: Phrase | str = ""

    def told(self, language: str) -> Told:
        """What it says and what to do, in the reader's language."""
        if isinstance(self.said, GroundkbError):
            return told(self.said, language)
        return Told(say(self.said, language), say(self.remedy, language))


def of_error(name: str, error: GroundkbError, severity: Severity = "fail") -> Finding:
    return Finding(name, severity, error)


def versions() -> Finding:
    """Python and the packages whose versions matter to a bug report."""
    listed = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    text = f"Python {platform.python_version()}, {platform.machine()}; {listed}"
    return Finding("versions", "ok", text)


async def findings(settings: Settings, language: str) -> AsyncIterator[Finding]:
    """All checks that need settings."""
    yield folder("data", settings.data)
    yield folder("models", settings.models)
    for finding in risks(settings):
        yield finding
    yield await asyncio.to_thread(database, settings)
    yield weights(settings)
    yield await asyncio.to_thread(pictures, settings)
    server = await find_server(settings.data, settings.host)
    if server is not None:
        async for finding in running(server, language):
            yield finding
        return
    yield Finding("server", "ok", Phrase("check_no_server"))
    for finding in await asyncio.to_thread(list, storage(settings)):
        yield finding
    yield await chat(settings)


def folder(name: str, path: Path) -> Finding:
    """Can it be written, and is there room? Nothing is made or written to find out."""
    existing = next(parent for parent in (path, *path.parents) if parent.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        return Finding(
            f"folder {name}",
            "fail",
            Phrase("check_folder_unwritable", path=path),
            Phrase("check_give_folder", name=name.upper()),
        )
    free = shutil.disk_usage(existing).free
    text = Phrase("check_room", path=path, gigabytes=free / 1e9)
    if free < LOW_DISK:
        severity: Severity = "fail" if free < NO_DISK else "warn"
        return Finding(f"folder {name}", severity, text, Phrase("check_make_room"))
    return Finding(f"folder {name}", "ok", text)


def pictures(settings: Settings) -> Finding:
    """Can the text of pictures and scans be read?"""
    if settings.ocr == "off":
        return Finding("ocr", "ok", Phrase("check_ocr_off"))
    reason = ocr.missing()
    if reason is None:
        return Finding("ocr", "ok", Phrase("check_ocr"))
    said = Phrase("check_ocr_missing", reason=reason)
    return Finding("ocr", "warn", said, Phrase("check_install_ocr"))


def risks(settings: Settings) -> Iterator[Finding]:
    """Settings that are valid and yet probably not meant."""
    if not is_loopback(settings.host) and not settings.asks_who:
        yield Finding(
            "access",
            "warn",
            Phrase("check_listens_openly", host=settings.host),
            Phrase("check_set_keys_or_loopback"),
        )
    if any(len(key.get_secret_value()) < SHORT_KEY for key in settings.api_keys):
        yield Finding(
            "access", "warn", Phrase("check_short_key", least=SHORT_KEY), Phrase("check_make_keys")
        )
    used = {
        "OLLAMA": settings.ollama_url if settings.chat in ("auto", "ollama") else None,
        "OPENAI": settings.openai_url if settings.chat == "openai" else None,
        "QDRANT": settings.qdrant_url,
    }
    for name, url in used.items():
        host = host_name(url.split("://", 1)[1].split("/", 1)[0]) if url else ""
        if url and url.startswith("http://") and "." in host and not is_loopback(host):
            yield Finding(
                "privacy",
                "warn",
                Phrase("check_unencrypted", url=url),
                Phrase("check_use_https", name=name),
            )


def database(settings: Settings) -> Finding:
    """Is the library's database there and sound? A library that was never used is not made."""
    if settings.database_url is None and not (settings.data / "library.sqlite3").exists():
        return Finding("database", "ok", Phrase("check_library_empty"), Phrase("check_take_in"))
    try:
        with closing(open_library(settings)) as library:
            counts = {kb: len(library.documents(kb)) for kb in library.knowledge_bases()}
    except GroundkbError as error:
        return of_error("database", error)
    listed = ", ".join(f"{kb}: {count}" for kb, count in counts.items()) or "0"
    return Finding("database", "ok", Phrase("check_documents_listed", listed=listed))


def weights(settings: Settings) -> Finding:
    """Are the files of the embedding model here; where a server embeds, those of the reader?"""
    here = not settings.embedding_url
    if not here and settings.reader_url:
        where = f"{settings.embedding_url}, {settings.reader_url}"
        return Finding("embedding weights", "ok", where)
    try:
        found = embedding_folder(settings) if here else reader_folder(settings)
    except GroundkbError as error:
        return of_error("embedding weights", error)
    return Finding(
        "embedding weights",
        "ok",
        Phrase(
            "check_weights_found",
            model=settings.embedding_model if here else READER_BASE,
            folder=found,
        ),
    )


def storage(settings: Settings) -> Iterator[Finding]:
    """Open what a sync opens, embed a word, compare each knowledge base's index with the models."""
    if not settings.data.exists():
        yield Finding("index", "ok", Phrase("check_not_made"))
        return
    try:
        opened = open_storage(settings)
    except IndexInUse as error:
        yield of_error("index", error, "warn")
        yield from next_start(settings)
        return
    except GroundkbError as error:
        yield of_error("index", error)
        return
    try:
        try:
            opened.embedder.embed_query("doctor")
            identity = opened.embedder.identity
            text = Phrase("check_embedding", model=identity.model, dimension=identity.dimension)
            yield Finding("embedding", "ok", text)
        except GroundkbError as error:
            yield of_error("embedding", error)
        yield reading(settings, opened.embedder)
        try:
            opened.vectors.probe()
            where = settings.qdrant_url or str(settings.data / "index")
            yield Finding("index", "ok", Phrase("check_index_answers", where=where))
        except GroundkbError as error:
            yield of_error("index", error)
            return
        for kb in opened.library.knowledge_bases():
            yield _index_of(opened.indexes, kb)
    finally:
        opened.close()


def reading(settings: Settings, embedder: Embedder) -> Finding:
    """Load the reader, have it read, and say what it is and where it computes."""
    try:
        reader = build_reader(settings, embedder)
        reader.read("When does it open?", ["It opens at nine."])
    except GroundkbError as error:
        return of_error("reader", error)
    text = f"{reader.name}, {settings.reader_url or choose_device(settings.device)}"
    return Finding("reader", "ok", text)


def next_start(settings: Settings) -> Iterator[Finding]:
    """Whether the settings name the model of the indexes that a running server holds open: after a
    reindex its next start is refused unless they do."""
    try:
        wanted = fingerprint_of(build_embedder(settings).identity, CHUNKING_VERSION)
        with closing(open_library(settings)) as library:
            for kb in library.knowledge_bases():
                collection = library.get_alias(alias_name(kb))
                built = (
                    read_fingerprint(settings.data / INDEX_FOLDER / collection)
                    if collection
                    else None
                )
                if built is not None and built.embedding != wanted.embedding:
                    error = IndexMismatch(built=describe(built), wanted=describe(wanted))
                    yield of_error(f"index of {kb}", error)
    except GroundkbError as error:
        yield of_error("index", error)


def _index_of(indexes: Spaces, kb: str) -> Finding:
    name = f"index of {kb}"
    try:
        index = indexes.current(kb)
        if index is None:
            return Finding(
                name, "warn", Phrase("check_no_index"), Phrase("check_sync_builds_index")
            )
        count = index.count()
        outdated = indexes.outdated(kb)
    except GroundkbError as error:
        return of_error(name, error)
    if outdated:
        said = Phrase("check_index_outdated", collection=index.collection, count=count)
        return Finding(name, "warn", said, Phrase("check_reindex_meanwhile"))
    return Finding(
        name, "ok", Phrase("check_index_counts", collection=index.collection, count=count)
    )


async def chat(settings: Settings) -> Finding:
    """Which chat model would be used, why, and does it answer?"""
    try:
        model, reason = await choose_chat(settings)
    except GroundkbError as error:
        return of_error("chat", error)
    if model is None:
        return Finding("chat", "ok", reason)
    try:
        await model.probe()
    except GroundkbError as error:
        return of_error("chat", error)
    finally:
        await model.close()
    named = f"{model.provider}/{model.name}"
    return Finding("chat", "ok", Phrase("check_chat", named=named, reason=reason))


async def running(server: RunningServer, language: str) -> AsyncIterator[Finding]:
    """What the server that has the library open says of its parts."""
    text = f"{server.url}, pid {server.pid}"
    yield Finding("server", "ok", Phrase("check_server_running", text=text))
    try:
        async with connected(server, language) as client:
            ready = await client.ready()
    except GroundkbError as error:
        yield of_error("server", error)
        return
    for check in ready.checks:
        if check.error is None:
            yield Finding(check.part, "ok", Phrase("check_answers_in", ms=check.ms))
        else:
            said, hint = check.error.message, check.error.hint
            yield Finding(check.part, "fail", said, hint)
    if ready.chat is not None:
        text = f"{ready.chat.provider}/{ready.chat.model}: {ready.chat.reason}"
        yield Finding("chat model", "ok", text)
