"""Stores that speak the real protocols, on this machine: S3 (moto), Google Cloud Storage
(gcp-storage-emulator) and SFTP (asyncssh), besides fsspec's own in memory."""

import asyncio
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncssh
import fsspec
import httpx
import pytest
from fsspec.config import conf
from gcp_storage_emulator.server import create_server
from moto.server import ThreadedMotoServer

# Read when gcsfs is imported. Otherwise it asks for a bucket's kind by gRPC, which this server has not.
os.environ["GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT"] = "false"

PASSWORD = "pass-word-of-the-tests"
BUCKET = "bucket"


@dataclass(frozen=True)
class Store:
    """`root`: the address of a folder in it, which `put` and `remove` fill by relative names.
    `deny`: makes the store refuse the one who asks from now on."""

    root: str
    put: Callable[[str, bytes], object]
    remove: Callable[[str], object]
    deny: Callable[[], object]


def _of(filesystem: Any, root: str, deny: Callable[[], object]) -> Store:
    return Store(
        root,
        lambda name, data: filesystem.pipe_file(f"{root}/{name}", data),
        lambda name: filesystem.rm_file(f"{root}/{name}"),
        deny,
    )


@contextmanager
def memory(_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    store = fsspec.filesystem("memory")

    def fail(*_: object, **__: object) -> None:
        raise PermissionError("access denied")

    try:
        yield _of(
            store,
            f"memory://{BUCKET}/docs",
            lambda: monkeypatch.setattr(type(store), "find", fail),
        )
    finally:
        store.store.clear()


@contextmanager
def s3(_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "someone")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", PASSWORD)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    store = fsspec.filesystem("s3", skip_instance_cache=True, use_listings_cache=False)
    store.mkdir(BUCKET)

    def deny() -> None:
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")

    try:
        yield _of(store, f"s3://{BUCKET}/docs", deny)
    finally:
        httpx.post(f"{url}/moto-api/reset").raise_for_status()  # it is kept in the process
        server.stop()


@contextmanager
def gs(_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    server = create_server("127.0.0.1", 0, in_memory=True, default_bucket=BUCKET)
    server.start()
    port = server._api._httpd.server_port
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{port}")
    monkeypatch.setitem(conf, "gs", {"token": "anon"})
    store = fsspec.filesystem("gs", skip_instance_cache=True, token="anon")

    def deny() -> None:
        monkeypatch.setitem(conf, "gs", {"token": "/there/is/no/such.json"})

    try:
        yield _of(store, f"gs://{BUCKET}/docs", deny)
    finally:
        server.stop()


class _Login(asyncssh.SSHServer):
    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return password == PASSWORD


@contextmanager
def sftp(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """`folder` is what the server shows, and the home of the one who asks."""
    served, home = folder / "served", folder / "home"
    (served / "docs").mkdir(parents=True)
    (home / ".ssh").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setitem(conf, "sftp", {"password": PASSWORD, "config": None})
    key = asyncssh.generate_private_key("ssh-ed25519")

    async def serve(ready: "Future[int]", end: "Future[None]") -> None:
        server = await asyncssh.create_server(
            _Login,
            "127.0.0.1",
            0,
            server_host_keys=[key],
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=str(served).encode()),
        )
        try:
            ready.set_result(server.get_port())
            await asyncio.wrap_future(end)
        finally:
            # Not `async with`: from Python 3.12 on it waits for clients that keep their connections.
            server.close()

    ready: Future[int] = Future()
    end: Future[None] = Future()
    thread = threading.Thread(target=lambda: asyncio.run(serve(ready, end)))
    thread.start()
    try:
        port = ready.result(10)
        known = f"[127.0.0.1]:{port} {key.export_public_key().decode()}"
        (home / ".ssh" / "known_hosts").write_text(known)
        docs = served / "docs"

        def put(name: str, data: bytes) -> None:
            (docs / name).parent.mkdir(parents=True, exist_ok=True)
            (docs / name).write_bytes(data)

        yield Store(
            f"sftp://someone@127.0.0.1:{port}/docs",
            put,
            lambda name: (docs / name).unlink(),
            lambda: monkeypatch.setitem(conf, "sftp", {"password": "wrong"}),
        )
    finally:
        end.set_result(None)
        thread.join()


STORES = {"memory": memory, "s3": s3, "gs": gs, "sftp": sftp}
