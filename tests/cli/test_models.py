"""`groundkb models`: list, advise, and pull through Ollama."""

from collections.abc import Iterator

import pytest

from tests.cli.conftest import RunCli
from tests.models.servers import FakeServer, OllamaHandler, serving


@pytest.fixture
def ollama() -> Iterator[FakeServer]:
    with serving(OllamaHandler) as server:
        yield server


def test_list_gives_memory_licence_and_names(run_cli: RunCli) -> None:
    listed = run_cli("models", "list", "--json").json
    assert listed["as_of"]
    [row] = [row for row in listed["models"] if row["name"] == "Qwen3-8B"]
    assert (row["ollama"], row["hub"]) == ("qwen3:8b", "Qwen/Qwen3-8B")
    assert row["memory_gb"] == pytest.approx(6.2, abs=0.2)
    wider = run_cli("models", "list", "--window", "32768", "--json").json["models"]
    assert next(r["memory_gb"] for r in wider if r["name"] == "Qwen3-8B") > row["memory_gb"] + 3
    assert "qwen3:8b" in run_cli("models", "list").out
    assert "bge-m3" in run_cli("models", "list", "--role", "embedding").out


def test_advise_in_both_languages(run_cli: RunCli) -> None:
    english = run_cli("models", "advise", "--machine", "24GB-gpu")
    assert english.code == 0, english.err
    assert "groundkb models pull" in english.out
    assert "conditions for commercial use" in english.out
    chinese = run_cli("models", "advise", "--machine", "24GB-gpu", "--rejected", LC_ALL="zh_CN")
    assert "未入选" in chinese.out
    assert "禁止商用" in chinese.out
    found = run_cli("models", "advise", "--json").json
    assert found["machine"]["cores"] >= 1
    assert {"proposals", "passed"} <= set(found)


def test_a_machine_that_is_none(run_cli: RunCli) -> None:
    said = run_cli("models", "advise", "--machine", "a big one")
    assert said.code == 2
    assert "8GB-laptop" in said.err


def test_pull_through_ollama(run_cli: RunCli, ollama: FakeServer) -> None:
    pulled = run_cli("models", "pull", "tiny:1b", GROUNDKB_OLLAMA_URL=ollama.url)
    assert pulled.code == 0, pulled.err
    assert "tiny:1b" in pulled.out
    [body] = ollama.bodies("/api/pull")
    assert body["model"] == "tiny:1b"


@pytest.mark.parametrize("mode", ["drop", "stream_error", "broken", "loading"])
def test_a_pull_that_breaks_off_is_a_failure(
    run_cli: RunCli, ollama: FakeServer, mode: str
) -> None:
    ollama.mode = mode  # type: ignore[assignment]
    said = run_cli("models", "pull", "tiny:1b", GROUNDKB_OLLAMA_URL=ollama.url)
    assert said.code == 1
    assert "✗" in said.err


def test_a_name_that_ollama_does_not_know(run_cli: RunCli, ollama: FakeServer) -> None:
    said = run_cli("models", "pull", "huge:900b", GROUNDKB_OLLAMA_URL=ollama.url)
    assert said.code == 1
    assert "file does not exist" in said.err
    assert run_cli("models", "pull", "x", GROUNDKB_OLLAMA_URL="http://127.0.0.1:9").code == 1
