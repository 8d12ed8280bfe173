"""Fixtures for all tests: a library in a temporary folder, the real models, a ranking fake."""

import contextlib
import ctypes
import gc
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings as hypothesis_settings

from app.models.embedding import Embedder, EmbeddingIdentity, Matrix, OnBatch, Vector, ignore_batch
from app.models.sentence_transformer import build_embedder
from app.settings import Settings
from ingest.reading import ReadPool

# A machine that is busy takes longer over an example: how long is measured where it is promised.
hypothesis_settings.register_profile("tests", deadline=None)
hypothesis_settings.load_profile("tests")


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the developer's machine reaches a test, and none writes outside its folder."""
    for name in list(os.environ):
        if name.startswith(("GROUNDKB_", "QDRANT_")) and name != "GROUNDKB_TEST_MODELS":
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs weights; keep what loads the chat model in one process of a run side by side."""
    for item in items:
        if isinstance(item, pytest.Function) and "real_embedder" in item.fixturenames:
            item.add_marker("weights")
        if item.get_closest_marker("chat"):
            item.add_marker(pytest.mark.xdist_group("chat"))


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """After each file, give back what its tests let go: glibc keeps it, 3 GB of it in a whole run."""
    if nextitem is None or nextitem.path != item.path:
        gc.collect()
        with contextlib.suppress(OSError, AttributeError):  # of glibc alone
            ctypes.CDLL(None).malloc_trim(0)


@pytest.fixture(scope="session")
def models_dir() -> Path:
    """Where `groundkb models pull` put the weights; GROUNDKB_TEST_MODELS names another place."""
    named = os.environ.get("GROUNDKB_TEST_MODELS")
    return (
        Path(named)
        if named
        else Settings.model_fields["models"].get_default(call_default_factory=True)
    )


@pytest.fixture
def make_settings(tmp_path: Path, models_dir: Path) -> Callable[..., Settings]:
    """Settings over a library of this test's own."""

    def make(**overrides: object) -> Settings:
        values = {"data": tmp_path / "data", "models": models_dir, "chat": "embedded", **overrides}
        return Settings(_env_file=None, **values)  # type: ignore[call-arg, arg-type]

    return make


@pytest.fixture
def settings(make_settings: Callable[..., Settings]) -> Settings:
    return make_settings()


class SharedPool(ReadPool):
    """Workers that all tests of a session use: starting one takes seconds."""

    def close(self) -> None:
        """A library was closed; the next test's goes on with the same workers."""

    def end(self) -> None:
        super().close()


@pytest.fixture(scope="session")
def readers() -> Iterator[ReadPool]:
    pool = SharedPool(1)
    yield pool
    pool.end()


@pytest.fixture(autouse=True)
def _readers_are_shared(monkeypatch: pytest.MonkeyPatch, readers: ReadPool) -> None:
    monkeypatch.setattr(ReadPool, "of", classmethod(lambda _cls, _settings: readers))


@pytest.fixture(scope="session")
def real_embedder(models_dir: Path) -> Embedder:
    return build_embedder(Settings(_env_file=None, models=models_dir))  # type: ignore[call-arg]


class BigramEmbedder:
    """A fake that ranks: texts that share character pairs are near each other. Counts its calls."""

    def __init__(self, model: str = "bigrams", dimension: int = 64) -> None:
        self.identity = EmbeddingIdentity(model, "1", dimension, "", "", normalised=True)
        self.embedded = 0

    def embed_query(self, text: str) -> Vector:
        vector = np.zeros(self.identity.dimension, np.float32)
        folded = f" {text.casefold()} "
        for place in range(len(folded) - 1):
            digest = hashlib.blake2b(folded[place : place + 2].encode(), digest_size=8).digest()
            vector[int.from_bytes(digest) % self.identity.dimension] += 1
        return vector / np.linalg.norm(vector)

    def embed_passages(self, texts: Sequence[str], on_batch: OnBatch = ignore_batch) -> Matrix:
        self.embedded += len(texts)
        rows = []
        for text in texts:
            rows.append(self.embed_query(text))
            on_batch(1)
        return np.stack(rows) if rows else np.zeros((0, self.identity.dimension), np.float32)


@pytest.fixture
def fake_embedder() -> BigramEmbedder:
    return BigramEmbedder()


def write_documents(folder: Path) -> None:
    """Make `folder` with three small documents."""
    folder.mkdir()
    (folder / "licences.md").write_text(
        "# Licences\n\nDeepSeek uses the MIT licence. Qwen uses Apache 2.0.\n", encoding="utf-8"
    )
    (folder / "上下文.txt").write_text(
        "Yi-34B 的上下文长度为 200K。Mistral 7B 的上下文长度为 32K。\n", encoding="utf-8"
    )
    (folder / "memory.txt").write_text(
        "A 7B model in 4-bit needs about 5 GB of memory.\n", encoding="utf-8"
    )


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    """A folder with three small documents."""
    folder = tmp_path / "documents"
    write_documents(folder)
    return folder


def pytest_configure(config: pytest.Config) -> None:
    """Put temporary libraries into memory where there is room: databases and indexes flush
    to disk at every step, and a test waits for the disk longer than for anything else."""
    memory = Path("/dev/shm")
    if config.option.basetemp is None and memory.is_dir() and shutil.disk_usage(memory).free > 4e9:
        config.option.basetemp = tempfile.mkdtemp(prefix="groundkb-tests-", dir=memory)
        config.add_cleanup(lambda: shutil.rmtree(config.option.basetemp, ignore_errors=True))
