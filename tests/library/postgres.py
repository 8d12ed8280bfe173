"""A PostgreSQL server as a process of the tests, where its programs are installed."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest


def programs() -> Path | None:
    """The folder of `initdb` and `postgres`; Debian keeps it out of PATH."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    needed = ("initdb", "postgres", "pg_isready", "pg_dump", "psql")
    return next((path for path in folders if all((path / name).exists() for name in needed)), None)


class PostgresServer:
    """Listens on a loopback port. The superuser is `groundkb`, without a password."""

    def __init__(self, port: int, bin_folder: Path) -> None:
        self._port, self._bin = port, bin_folder

    def new_database(self) -> str:
        """The URL of an empty database."""
        name = f"test_{uuid4().hex}"
        self.sql("postgres", f"CREATE DATABASE \"{name}\" ENCODING 'UTF8' TEMPLATE template0")
        return f"postgresql+psycopg://groundkb@127.0.0.1:{self._port}/{name}"

    def sql(self, database: str, text: str) -> str:
        """What `psql` prints. Raises CalledProcessError."""
        command = [
            str(self._bin / "psql"),
            "-h",
            "127.0.0.1",
            "-p",
            str(self._port),
            "-U",
            "groundkb",
        ]
        options = ["-d", database, "-v", "ON_ERROR_STOP=1", "-q", "-t", "-A", "-f", "-"]
        return subprocess.run(
            [*command, *options], input=text, text=True, check=True, capture_output=True
        ).stdout

    def dump(self, database: str) -> str:
        """The whole database as SQL that `sql` takes."""
        command = [str(self._bin / "pg_dump"), "-h", "127.0.0.1", "-p", str(self._port)]
        options = ["-U", "groundkb", "--inserts", "--no-owner", database]
        text = subprocess.run([*command, *options], text=True, check=True, capture_output=True)
        # `\restrict` and the like are for newer versions of psql.
        return "".join(
            line for line in text.stdout.splitlines(keepends=True) if not line.startswith("\\")
        )


@contextmanager
def running(bin_folder: Path) -> Iterator[PostgresServer]:
    """A server with an empty cluster, gone at the end. It refuses to run as root."""
    folder = Path(tempfile.mkdtemp(prefix="groundkb-postgres-"))
    run_as: dict[str, str] = {}
    if os.geteuid() == 0:
        run_as = {"user": "postgres", "group": "postgres"}
        shutil.chown(folder, **run_as)  # type: ignore[call-overload]
    cluster = folder / "cluster"
    quiet = {"cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.STDOUT}
    try:
        initdb = [bin_folder / "initdb", "-D", cluster, "-U", "groundkb", "--auth=trust", "-N"]
        subprocess.run([*initdb, "--locale=C.UTF-8"], check=True, **run_as, **quiet)  # type: ignore[call-overload]
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": port,
            "unix_socket_directories": folder,
            "fsync": "off",  # nothing of it outlives the tests
            "max_connections": 50,
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        process = subprocess.Popen(
            [bin_folder / "postgres", "-D", cluster, *options],
            **run_as,  # type: ignore[call-overload]
            **quiet,
        )
        try:
            ready = [str(bin_folder / "pg_isready"), "-h", "127.0.0.1", "-p", str(port), "-q"]
            end = time.monotonic() + 30
            while subprocess.run(ready, check=False).returncode != 0:
                assert process.poll() is None, "PostgreSQL ended at once"
                assert time.monotonic() < end, "PostgreSQL does not come up"
                time.sleep(0.1)
            yield PostgresServer(port, bin_folder)
        finally:
            process.send_signal(signal.SIGINT)  # does not wait for connections to close
            process.wait(30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The server of this session; skips loudly where PostgreSQL or its driver is not installed."""
    bin_folder = programs()
    if bin_folder is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    pytest.importorskip("psycopg", reason="pip install 'groundkb[postgres]'")
    with running(bin_folder) as server:
        yield server
