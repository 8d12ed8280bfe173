"""The Ray engine: two workers on this machine give the library that this process alone gives."""

import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from app.errors import EmbedderDiffers, RayFailed, RayMissing
from app.index.protocol import Point
from app.models.embedding import Embedder, Matrix, OnBatch, ignore_batch
from app.runtime import Storage, open_storage
from app.settings import Settings
from ingest.engines import IngestEngine, Workshop
from ingest.engines.ray_environment import set_environment
from ingest.report import EngineName, SyncReport, SyncRequest
from ingest.sync import sync
from ingest.writer import Stop
from tests.conftest import BigramEmbedder, write_documents

set_environment(None)
ray = pytest.importorskip("ray")
from ingest.engines.ray_engine import open_ray  # noqa: E402
from ingest.engines.ray_worker import WHOLE_WINDOWS  # noqa: E402

KB = "default"


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    """A Ray on this machine, loopback only, which all tests of this module use."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ray.init(
            address="local",
            num_cpus=2,
            include_dashboard=False,
            object_store_memory=200_000_000,
            log_to_driver=False,
            configure_logging=False,
        )
    yield
    ray.shutdown()


# --- embedders of the workers -------------------------------------------------------------


def bigrams(settings: Settings) -> Embedder:
    return BigramEmbedder()


def others(settings: Settings) -> Embedder:
    return BigramEmbedder("another model")


class Mortal(BigramEmbedder):
    """Takes its process with it when it meets the word; once only, if there is a `mark`."""

    def __init__(self, mark: Path | None = None) -> None:
        super().__init__()
        self._mark = mark

    def embed_passages(self, texts: Sequence[str], on_batch: OnBatch = ignore_batch) -> Matrix:
        if any("poison" in text for text in texts) and not (self._mark and self._mark.exists()):
            if self._mark:
                self._mark.touch()
            os._exit(1)
        return super().embed_passages(texts, on_batch)


def mortal(settings: Settings) -> Embedder:
    return Mortal()


def mortal_once(settings: Settings) -> Embedder:
    return Mortal(settings.data / "died")


# --- tests --------------------------------------------------------------------------------


def run(
    storage: Storage,
    folder: Path,
    build: Callable[[Settings], Embedder] | None = None,
    stop: Stop = lambda: False,
) -> SyncReport:
    """Sync on Ray; `build` makes the workers' embedder, if not the real one."""

    def opened(name: EngineName, workshop: Workshop) -> IngestEngine:
        assert name == "ray"
        return open_ray(workshop, build) if build else open_ray(workshop)

    deps = replace(storage.deps, open_engine=opened, stop=stop)
    return sync(deps, SyncRequest((str(folder),), KB, engine="ray"), lambda _event: None)


def library(storage: Storage) -> dict[str, tuple[str | None, tuple[str, ...]]]:
    """Name: revision and texts of the passages that readers see."""
    index = storage.indexes.ensure(KB)
    return {
        row.source.rpartition("/")[2]: (
            row.revision,
            tuple(p.text for p in index.passages(row.id, row.revision)) if row.revision else (),
        )
        for row in storage.library.documents(KB)
    }


def incoming(storage: Storage) -> list[Path]:
    folder = storage.settings.data / "originals" / "incoming"
    return [path for path in folder.rglob("*") if path.is_file() and path.name != ".lock"]


@pytest.fixture
def storage(
    make_settings: Callable[..., Settings], fake_embedder: BigramEmbedder
) -> Iterator[Storage]:
    storage = open_storage(make_settings(ray_workers=2), fake_embedder)
    yield storage
    storage.close()


def watch(storage: Storage) -> dict[str, Point]:
    """The points that are written to the index from now on, by id."""
    space = storage.indexes.writing(KB)
    written: dict[str, Point] = {}

    class Watched:
        def __getattr__(self, name: str) -> object:
            return getattr(space.index, name)

        def upsert(self, points: Sequence[Point]) -> None:
            written.update({point.passage.id: point for point in points})
            space.index.upsert(points)

    watched = replace(space, index=Watched())  # type: ignore[arg-type]
    storage.indexes.writing = lambda _kb: watched  # type: ignore[method-assign, assignment]
    return written


def test_two_workers_write_the_points_that_one_process_writes(
    cluster: None,
    make_settings: Callable[..., Settings],
    real_embedder: Embedder,
    tmp_path: Path,
) -> None:
    folder = tmp_path / "documents"
    write_documents(folder)
    for number in range(12):
        text = f"# Part {number}\n\nThe {number}th engine turns.\n\n第 {number} 台发动机在转动。\n"
        (folder / f"{number}.md").write_text(text * (number + 1), encoding="utf-8")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 nothing")

    def taken_in(engine: EngineName) -> tuple[SyncReport, object, dict[str, Point]]:
        storage = open_storage(make_settings(data=tmp_path / engine, ray_workers=2), real_embedder)
        written = watch(storage)
        report = storage.sync(SyncRequest((str(folder),), KB, engine=engine), lambda _event: None)
        seen = library(storage)
        assert incoming(storage) == []
        storage.close()
        return replace(report, seconds=0.0), seen, written

    local, local_library, local_points = taken_in("local")
    on_ray, ray_library, ray_points = taken_in("ray")
    assert local == on_ray
    assert (local.added, [item.code for item in local.failed]) == (15, ["document_corrupt"])
    assert local_library == ray_library
    assert local_points.keys() == ray_points.keys()
    for key, point in local_points.items():
        same = ray_points[key]
        assert (point.passage, point.sparse) == (same.passage, same.sparse)
        # Batches of other texts are padded otherwise; bfloat16 keeps 8 bits.
        np.testing.assert_allclose(np.sum(point.dense * same.dense, axis=1), 1.0, atol=2e-3, rtol=0)


def test_a_file_that_kills_its_worker_is_the_only_one_that_fails(
    cluster: None, storage: Storage, documents: Path
) -> None:
    (documents / "deadly.txt").write_text("This is poison.")
    for number in range(20):
        (documents / f"{number}.txt").write_text(f"Document {number}.")
    report = run(storage, documents, mortal)
    (failed,) = report.failed
    assert (failed.code, failed.permanent) == ("worker_lost", False)
    assert failed.source.endswith("deadly.txt")
    assert report.added == 23
    assert incoming(storage) == []
    assert run(storage, documents, bigrams).added == 1  # not given up


def test_a_worker_that_dies_once_is_started_again(
    cluster: None, storage: Storage, documents: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (documents / "unlucky.txt").write_text("Some poison.")
    report = run(storage, documents, mortal_once)
    assert (storage.settings.data / "died").exists()
    assert (report.added, report.failed) == (4, ())
    assert capsys.readouterr().out == ""  # where a command prints its JSON


def test_a_long_document_is_embedded_in_pieces_by_all(
    cluster: None, storage: Storage, tmp_path: Path
) -> None:
    folder = tmp_path / "long"
    folder.mkdir()
    sentences = (f"Item {n} is kept on shelf {n * 7} of the hall." for n in range(40_000))
    (folder / "long.txt").write_text("\n\n".join(sentences))
    points = watch(storage)
    run(storage, folder, bigrams)
    assert sum(len(point.dense) for point in points.values()) > WHOLE_WINDOWS
    assert [point.passage.ordinal for point in points.values()] == list(range(len(points)))
    (text,) = library(storage).values()
    assert "shelf 279993 of" in text[1][-1]


def test_a_stop_leaves_nothing_behind(cluster: None, storage: Storage, documents: Path) -> None:
    for number in range(30):
        (documents / f"{number}.txt").write_text(f"Document {number}.")
    report = run(storage, documents, bigrams, stop=lambda: True)
    assert (report.added, report.stopped) == (0, True)
    assert incoming(storage) == []


def test_a_worker_with_another_model_is_refused(
    cluster: None, storage: Storage, documents: Path
) -> None:
    with pytest.raises(EmbedderDiffers):
        run(storage, documents, others)
    assert library(storage) == {}


def test_workers_that_find_no_processor_are_a_named_error(
    cluster: None, storage: Storage, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocker = ray.remote(num_cpus=2)(BigramEmbedder).remote()
    ray.get(blocker.embed_query.remote("here"))
    monkeypatch.setattr("ingest.engines.ray_engine.START_SECONDS", 0.5)
    with pytest.raises(RayFailed, match="ray_none_started: 2"):
        run(storage, documents, bigrams)
    ray.kill(blocker)
    assert library(storage) == {}


def test_secrets_stay_here(
    cluster: None, make_settings: Callable[..., Settings], documents: Path, tmp_path: Path
) -> None:
    settings = make_settings(api_keys=("top-secret",), qdrant_api_key="hidden", ray_workers=1)
    storage = open_storage(settings, BigramEmbedder())

    assert run(storage, documents, partial(_telling, told=tmp_path / "told")).added == 3
    storage.close()
    told = (tmp_path / "told").read_text()
    assert "models" in told
    assert not any(secret in told for secret in ("top-secret", "hidden"))


def _telling(settings: Settings, told: Path) -> Embedder:
    keys = [key.get_secret_value() for key in settings.api_keys]
    told.write_text(f"{settings!r} {keys} {settings.qdrant_api_key and 'hidden'}")
    return BigramEmbedder()


def test_without_ray_the_error_says_what_to_install(
    storage: Storage, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.engines.choose.find_spec", lambda _name: None)
    with pytest.raises(RayMissing):
        storage.sync(SyncRequest((str(documents),), KB, engine="ray"), lambda _event: None)
    assert storage.sync(SyncRequest((str(documents),), KB), lambda _event: None).added == 3
