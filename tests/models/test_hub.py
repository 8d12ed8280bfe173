"""Hubs: bounded when silent, resumed when cut, refused when the bytes are not as listed."""

import hashlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.errors import WeightsCorrupt, WeightsUnavailable
from app.models import hub
from app.models.catalogue import HubFile
from app.models.hub import Hub, HubUnavailable, fetch_chat, fetch_hub_file, fetch_model
from app.models.progress import Progress, ignore_progress
from app.models.weights import pull_gguf
from app.settings import Settings
from tests.models.servers import FakeServer, HubHandler, serving

FILES = {
    "config.json": b"{}",
    "modules.json": b"[]",
    "1_Pooling/config.json": b'{"a": 1}',
    "tokenizer.json": b'{"b": 2}',
    "model.safetensors": bytes(range(256)) * 2000,
    "pytorch_model.bin": b"pickle",
    "onnx/model.onnx": b"x",
    "onnx/config.json": b"{}",
    "README.md": b"# model",
    "small.gguf": b"GGUF" * 100,
}
LOADED = {
    "config.json",
    "modules.json",
    "1_Pooling/config.json",
    "tokenizer.json",
    "model.safetensors",
}


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with serving(HubHandler) as running:
        running.files = dict(FILES)
        yield running


@pytest.fixture(params=["huggingface", "modelscope"])
def which(request: pytest.FixtureRequest) -> Hub:
    value: Hub = request.param
    return value


def found(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_what_sentence_transformers_loads_is_fetched_and_no_more(
    server: FakeServer, which: Hub, tmp_path: Path
) -> None:
    events: list[Progress] = []
    revision = fetch_model(which, "org/small", None, tmp_path, events.append, server.url)
    assert found(tmp_path) == {name: FILES[name] for name in LOADED}
    assert len(revision) == (40 if which == "huggingface" else 12)
    last = [event for event in events if event.file == "model.safetensors"][-1]
    assert last.done == last.total == len(FILES["model.safetensors"])


def test_pickles_are_fetched_only_where_there_are_no_safetensors(
    server: FakeServer, which: Hub, tmp_path: Path
) -> None:
    del server.files["model.safetensors"]
    fetch_model(which, "org/small", None, tmp_path, ignore_progress, server.url)
    assert "pytorch_model.bin" in found(tmp_path)


def test_a_cut_download_goes_on_where_it_stopped(
    server: FakeServer, which: Hub, tmp_path: Path
) -> None:
    server.cut = 100_000
    with pytest.raises(HubUnavailable, match=r"model\.safetensors"):
        fetch_model(which, "org/small", None, tmp_path, ignore_progress, server.url)
    assert not (tmp_path / "model.safetensors").exists()
    server.cut = None
    fetch_model(which, "org/small", None, tmp_path, ignore_progress, server.url)
    assert (tmp_path / "model.safetensors").read_bytes() == FILES["model.safetensors"]
    assert "bytes=100000-" in [ranged for _path, ranged in server.requests]


def test_complete_files_are_not_fetched_again(
    server: FakeServer, which: Hub, tmp_path: Path
) -> None:
    fetch_model(which, "org/small", None, tmp_path, ignore_progress, server.url)
    server.requests.clear()
    fetch_model(which, "org/small", None, tmp_path, ignore_progress, server.url)
    assert len(server.requests) == 1  # the listing


def test_bytes_that_are_not_as_listed_are_an_error_that_names_the_file(
    server: FakeServer, which: Hub, tmp_path: Path
) -> None:
    server.stated = {"model.safetensors": "0" * 64}
    with pytest.raises(WeightsCorrupt, match=r"model\.safetensors"):
        fetch_model(which, "org/small", None, tmp_path, ignore_progress, server.url)
    assert "model.safetensors" not in found(tmp_path)
    assert "model.safetensors.incomplete" not in found(tmp_path)  # the next run starts clean


def test_an_unknown_model_is_said_to_be_unknown(
    server: FakeServer, which: Hub, tmp_path: Path
) -> None:
    with pytest.raises(HubUnavailable, match="hub_no_model"):
        fetch_model(which, "org/nothing", None, tmp_path, ignore_progress, server.url)


def test_a_silent_hub_is_left_after_its_time(
    server: FakeServer, which: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "LISTING_SECONDS", 0.3)
    server.mode = "silent"
    started = time.monotonic()
    with pytest.raises(HubUnavailable, match="hub_silent"):
        fetch_model(which, "org/small", None, tmp_path, ignore_progress, server.url)
    assert time.monotonic() - started < 10


def test_a_hub_that_is_not_there(which: Hub, tmp_path: Path) -> None:
    with pytest.raises(HubUnavailable, match="hub_silent"):
        fetch_model(which, "org/small", None, tmp_path, ignore_progress, "http://127.0.0.1:9")


def test_modelscope_revision_follows_the_content(server: FakeServer, tmp_path: Path) -> None:
    first = fetch_model("modelscope", "org/small", None, tmp_path, ignore_progress, server.url)
    server.files["tokenizer.json"] = b'{"b": 3}'
    second = fetch_model("modelscope", "org/small", None, tmp_path, ignore_progress, server.url)
    assert first != second


def test_a_single_file_must_be_the_known_one(
    server: FakeServer, which: Hub, tmp_path: Path
) -> None:
    source, target = HubFile("org/small", "small.gguf"), tmp_path / "chat.gguf"
    with pytest.raises(HubUnavailable, match="hub_other_file"):
        fetch_hub_file(which, source, "0" * 64, target, ignore_progress, server.url)
    right = hashlib.sha256(FILES["small.gguf"]).hexdigest()
    fetch_hub_file(which, source, right, target, ignore_progress, server.url)
    assert target.read_bytes() == FILES["small.gguf"]
    with pytest.raises(HubUnavailable, match=r"hub_no_file: other\.gguf"):
        fetch_hub_file(
            which, HubFile("org/small", "other.gguf"), right, target, ignore_progress, server.url
        )


def test_one_gguf_of_a_chat_model_is_fetched_whole_and_goes_on_where_it_stopped(
    server: FakeServer, which: Hub, tmp_path: Path
) -> None:
    body = b"GGUF" * 100_000
    server.files |= {"Chat-Q4_K_M.gguf": body, "Chat-Q8_0.gguf": body + b"8", "Chat-Q8_0.txt": b""}
    server.cut = 100_000
    with pytest.raises(HubUnavailable):
        fetch_chat(which, "org/small", "q4_k_m", tmp_path, ignore_progress, server.url)
    assert not (tmp_path / "Chat-Q4_K_M.gguf").exists()
    server.cut = None
    path = fetch_chat(which, "org/small", "q4_k_m", tmp_path, ignore_progress, server.url)
    assert path == tmp_path / "Chat-Q4_K_M.gguf"
    assert path.read_bytes() == body
    assert "bytes=100000-" in [ranged for _path, ranged in server.requests]
    for unclear in ("Q5_K_M", "Chat", "Chat-Q8_0.txt"):
        with pytest.raises(HubUnavailable, match="hub_which_file"):
            fetch_chat(which, "org/small", unclear, tmp_path, ignore_progress, server.url)
    server.stated = {"Chat-Q8_0.gguf": "0" * 64}
    with pytest.raises(WeightsCorrupt):
        fetch_chat(which, "org/small", "Q8_0", tmp_path, ignore_progress, server.url)


def test_no_hub_no_gguf(make_settings: Callable[..., Settings]) -> None:
    with pytest.raises(WeightsUnavailable, match="hub_off"):
        pull_gguf(make_settings(hub="none"), "org/small", "Q4_K_M")
