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
from app.cli.remote import open_remote
from app.cli.server_file import RunningServer, find_server
from app.errors import GroundkbError, IndexInUse, Language
from app.index.spaces import Spaces
from app.library.library import open_library
from app.models.choose import choose_chat
from app.models.device import choose_device
from app.models.e5_reader import build_e5_reader
from app.models.embedding import Embedder
from app.models.places import embedding_folder
from app.runtime import open_storage
from app.settings import Settings
from app.texts import say, told
from ingest.parse import ocr

Severity = Literal["ok", "warn", "fail"]
PACKAGES: Final = (
    "groundkb", "torch", "sentence-transformers", "qdrant-client", "qdrant-edge-py",
    "xllamacpp", "ollama", "fastapi", "unstructured",
)  # fmt: skip
LOW_DISK: Final = 2_000_000_000  # bytes: the weights take 1.6 GB
NO_DISK: Final = 100_000_000
SHORT_KEY: Final = 16


@dataclass(frozen=True)
class Finding:
    """`remedy_*` is empty when there is nothing to do."""

    name: str
    severity: Severity
    en: str
    zh: str
    remedy_en: str = ""
    remedy_zh: str = ""


def of_error(name: str, error: GroundkbError, severity: Severity = "fail") -> Finding:
    en, zh = told(error, "en"), told(error, "zh")
    return Finding(name, severity, en.message, zh.message, en.hint, zh.hint)


def versions() -> Finding:
    """Python and the packages whose versions matter to a bug report."""
    listed = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    text = f"Python {platform.python_version()}, {platform.machine()}; {listed}"
    return Finding("versions", "ok", text, text)


async def findings(settings: Settings, language: Language) -> AsyncIterator[Finding]:
    """All checks that need settings."""
    yield folder("data", settings.data)
    yield folder("models", settings.models)
    for finding in risks(settings):
        yield finding
    yield await asyncio.to_thread(database, settings)
    yield weights(settings)
    yield await asyncio.to_thread(pictures, settings)
    server = await find_server(settings.data)
    if server is not None:
        async for finding in running(server, language):
            yield finding
        return
    yield Finding("server", "ok", "No server of this library is running.", "没有正在运行的服务。")
    for finding in await asyncio.to_thread(list, storage(settings)):
        yield finding
    yield await chat(settings)


def folder(name: str, path: Path) -> Finding:
    """Can it be written, and is there room? Nothing is made or written to find out."""
    existing = next(parent for parent in (path, *path.parents) if parent.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        return Finding(
            f"folder {name}", "fail",
            f"{path} cannot be written.", f"{path} 不可写。",
            f"Give this user permission, or set GROUNDKB_{name.upper()} to another folder.",
            f"请授予当前用户权限，或把 GROUNDKB_{name.upper()} 设为其他文件夹。",
        )  # fmt: skip
    free = shutil.disk_usage(existing).free
    text = f"{path}, {free / 1e9:.1f} GB free"
    text_zh = f"{path}，剩余 {free / 1e9:.1f} GB"
    if free < LOW_DISK:
        severity: Severity = "fail" if free < NO_DISK else "warn"
        return Finding(
            f"folder {name}", severity, text, text_zh, "Make room on that disk.", "请清理该磁盘。"
        )
    return Finding(f"folder {name}", "ok", text, text_zh)


def pictures(settings: Settings) -> Finding:
    """Can the text of pictures and scans be read?"""
    if settings.ocr == "off":
        return Finding(
            "ocr", "ok", "Pictures and scans are not read (GROUNDKB_OCR is off).",
            "不识别图片与扫描件（GROUNDKB_OCR 已关闭）。",
        )  # fmt: skip
    reason = ocr.missing()
    if reason is None:
        return Finding("ocr", "ok", "Pictures and scans are read.", "可以识别图片与扫描件。")
    return Finding(
        "ocr", "warn",
        f"Pictures and scans are not read: {reason}", f"无法识别图片与扫描件：{reason}",
        "Run `pip install 'groundkb[ocr]'`; if libGL is missing, also "
        "`pip install --no-deps --force-reinstall opencv-python-headless`. Then sync again.",
        "请运行 `pip install 'groundkb[ocr]'`；若提示缺少 libGL，再运行 "
        "`pip install --no-deps --force-reinstall opencv-python-headless`。然后重新同步。",
    )  # fmt: skip


def risks(settings: Settings) -> Iterator[Finding]:
    """Settings that are valid and yet probably not meant."""
    if not is_loopback(settings.host) and not settings.api_keys:
        yield Finding(
            "access", "warn",
            f"The server listens on {settings.host} without API keys: everyone who reaches the port can read the library.",
            f"服务监听 {settings.host} 且未设置 API 密钥：任何能访问端口的人都能读取资料库。",
            "Set GROUNDKB_API_KEYS, or let GROUNDKB_HOST be 127.0.0.1.",
            "请设置 GROUNDKB_API_KEYS，或让 GROUNDKB_HOST 为 127.0.0.1。",
        )  # fmt: skip
    if any(len(key.get_secret_value()) < SHORT_KEY for key in settings.api_keys):
        yield Finding(
            "access", "warn",
            f"An API key has fewer than {SHORT_KEY} characters and can be guessed.",
            f"有 API 密钥少于 {SHORT_KEY} 个字符，容易被猜到。",
            "Make keys with `openssl rand -hex 24`.", "请用 `openssl rand -hex 24` 生成密钥。",
        )  # fmt: skip
    used = {"OLLAMA": settings.ollama_url if settings.chat in ("auto", "ollama") else None,
            "OPENAI": settings.openai_url if settings.chat == "openai" else None,
            "QDRANT": settings.qdrant_url}  # fmt: skip
    for name, url in used.items():
        host = host_name(url.split("://", 1)[1].split("/", 1)[0]) if url else ""
        if url and url.startswith("http://") and "." in host and not is_loopback(host):
            yield Finding(
                "privacy", "warn",
                f"Questions and passages go unencrypted to {url}.",
                f"问题与段落会以明文发送到 {url}。",
                f"Use https in GROUNDKB_{name}_URL, unless that network is yours alone.",
                f"除非该网络完全由您掌控，否则请在 GROUNDKB_{name}_URL 中使用 https。",
            )  # fmt: skip


def database(settings: Settings) -> Finding:
    """Is the library's database there and sound? A library that was never used is not made."""
    if settings.database_url is None and not (settings.data / "library.sqlite3").exists():
        return Finding(
            "database", "ok", "Nothing is in the library yet.", "资料库还是空的。",
            "`groundkb ingest sync FOLDER` takes documents in.",
            "用 `groundkb ingest sync 文件夹` 导入文档。",
        )  # fmt: skip
    try:
        with closing(open_library(settings)) as library:
            counts = {kb: len(library.documents(kb)) for kb in library.knowledge_bases()}
    except GroundkbError as error:
        return of_error("database", error)
    listed = ", ".join(f"{kb}: {count}" for kb, count in counts.items()) or "0"
    return Finding("database", "ok", f"Documents: {listed}", f"文档数：{listed}")


def weights(settings: Settings) -> Finding:
    """Are the embedding model's files here?"""
    try:
        found = embedding_folder(settings)
    except GroundkbError as error:
        return of_error("embedding weights", error)
    return Finding(
        "embedding weights",
        "ok",
        f"{settings.embedding_model} in {found}",
        f"{settings.embedding_model}，位于 {found}",
    )


def storage(settings: Settings) -> Iterator[Finding]:
    """Open what a sync opens, embed a word, compare each knowledge base's index with the models."""
    if not settings.data.exists():
        yield Finding("index", "ok", "Not made yet.", "尚未建立。")
        return
    try:
        opened = open_storage(settings)
    except IndexInUse as error:
        yield of_error("index", error, "warn")
        return
    except GroundkbError as error:
        yield of_error("index", error)
        return
    try:
        try:
            opened.embedder.embed_query("doctor")
            identity = opened.embedder.identity
            text = f"{identity.model}, {identity.dimension} dimensions"
            yield Finding("embedding", "ok", text, f"{identity.model}，{identity.dimension} 维")
        except GroundkbError as error:
            yield of_error("embedding", error)
        yield reading(settings, opened.embedder)
        try:
            opened.engine.probe()
            where = settings.qdrant_url or str(settings.data / "index")
            yield Finding("index", "ok", f"Answers: {where}", f"正常：{where}")
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
        reader = build_e5_reader(settings, embedder)
        reader.read("When does it open?", ["It opens at nine."])
    except GroundkbError as error:
        return of_error("reader", error)
    text = f"{reader.name}, {choose_device(settings.device)}"
    return Finding("reader", "ok", text, text)


def _index_of(indexes: Spaces, kb: str) -> Finding:
    name = f"index of {kb}"
    try:
        index = indexes.current(kb)
        if index is None:
            return Finding(
                name, "warn", "There is none.", "不存在。",
                "The next `groundkb ingest sync` builds it.", "下次 `groundkb ingest sync` 会建立它。",
            )  # fmt: skip
        count = index.count()
        outdated = indexes.outdated(kb)
    except GroundkbError as error:
        return of_error(name, error)
    if outdated:
        return Finding(
            name, "warn",
            f"{index.collection}: {count} passages, cut and indexed by another version of groundkb. It answers, but finds less than it could.",
            f"{index.collection}：{count} 个段落，由其他版本的 groundkb 切分和索引。可以正常回答，但检索效果不是最好。",
            "Run `groundkb reindex`; questions are answered meanwhile.",
            "请运行 `groundkb reindex`；期间照常回答问题。",
        )  # fmt: skip
    return Finding(
        name, "ok",
        f"{index.collection}: {count} passages, made with the configured embedding model",
        f"{index.collection}：{count} 个段落，与所配置的向量模型一致",
    )  # fmt: skip


async def chat(settings: Settings) -> Finding:
    """Which chat model would be used, why, and does it answer?"""
    try:
        model, reason = await choose_chat(settings)
    except GroundkbError as error:
        return of_error("chat", error)
    if model is None:
        return Finding("chat", "ok", say(reason, "en"), say(reason, "zh"))
    try:
        await model.probe()
    except GroundkbError as error:
        return of_error("chat", error)
    finally:
        await model.close()
    named = f"{model.provider}/{model.name}"
    return Finding("chat", "ok", f"{named}: {say(reason, 'en')}", f"{named}：{say(reason, 'zh')}")


async def running(server: RunningServer, language: Language) -> AsyncIterator[Finding]:
    """What the server that has the library open says of its parts."""
    text = f"{server.url}, pid {server.pid}"
    yield Finding("server", "ok", f"Running: {text}", f"正在运行：{text}")
    try:
        async with open_remote(server, language) as remote:
            ready = await remote.ready()
    except GroundkbError as error:
        yield of_error("server", error)
        return
    for check in ready.checks:
        if check.error is None:
            detail = f"Answers in {check.ms:.0f} ms"
            yield Finding(check.part, "ok", detail, f"正常，{check.ms:.0f} 毫秒")
        else:
            said, hint = check.error.message, check.error.hint
            yield Finding(check.part, "fail", said, said, hint, hint)
    if ready.chat is not None:
        text = f"{ready.chat.provider}/{ready.chat.model}: {ready.chat.reason}"
        yield Finding("chat model", "ok", text, text)
