"""`groundkb models`: list, advise, and pull through Ollama."""

from collections.abc import Iterator
from pathlib import Path

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


def test_a_fact_without_a_source_is_called_unconfirmed(run_cli: RunCli) -> None:
    listed = run_cli("models", "list")
    assert "not confirmed by a source: licence, date" in listed.out
    rows = {row["name"]: row for row in run_cli("models", "list", "--json").json["models"]}
    assert rows["GLM-4.7-Flash"]["unconfirmed"] == ["licence", "released"]
    assert rows["Qwen3-8B"]["unconfirmed"] == []
    assert rows["Qwen3-8B"]["sources"]["licence"]["address"].startswith("https://github.com/QwenLM")


def test_one_model_is_shown_with_the_sizes_that_fit_and_its_sources(run_cli: RunCli) -> None:
    asked = ("models", "show", "qwen3:30b-a3b-instruct-2507-q4_K_M", "--machine", "24GB-gpu")
    shown = run_cli(*asked)
    assert shown.code == 0, shown.err
    assert "Apache License 2.0" in shown.out
    assert "ModelScope: Qwen/Qwen3-30B-A3B-Instruct-2507" in shown.out
    assert "licence: https://github.com/QwenLM/Qwen3/" in shown.out
    said = run_cli(*asked, "--json").json
    assert said["fits"][0] == "Q4_K_M"
    assert not {"Q8_0", "FP8", "F16"} & set(said["fits"])
    assert {"AWQ", "GPTQ", "FP8"} <= set(said["sizes_gb"])
    chinese = run_cli("models", "show", "BAAI/bge-reranker-base", LC_ALL="zh_CN")
    assert "未得到来源证实：大小与结构、发布时间" in chinese.out
    unknown = run_cli("models", "show", "no-such-model")
    assert unknown.code == 2
    assert "models list" in unknown.err


def test_advice_is_for_the_languages_of_the_documents(run_cli: RunCli, tmp_path: Path) -> None:
    asked = ("models", "advise", "--machine", "24GB-gpu", "--json")
    assert run_cli(*asked).json["of_documents"] is False  # no library yet, and none is made
    assert not (tmp_path / "data" / "library.sqlite3").exists()
    folder = tmp_path / "folder"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.md").write_text(f"第 {number} 号泵的额定压力为 {number} 兆帕。\n")
    assert run_cli("ingest", "sync", str(folder)).code == 0
    found = run_cli(*asked).json
    assert (found["languages"], found["of_documents"]) == (["zh"], True)
    (folder / "motor.md").write_text("The motor's rated power is 2.2 kW at 1450 rpm.\n")
    assert run_cli("ingest", "sync", str(folder)).code == 0
    assert run_cli(*asked).json["languages"] == ["zh", "en"]
    assert "您的文档：zh、en" in run_cli("models", "advise", LC_ALL="zh_CN").out
    told = run_cli(*asked, "--language", "en").json
    assert (told["languages"], told["of_documents"]) == (["en"], False)


def test_a_language_that_is_none(run_cli: RunCli) -> None:
    said = run_cli("models", "advise", "--language", "fr")
    assert said.code == 2
    assert "language" in said.err


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
