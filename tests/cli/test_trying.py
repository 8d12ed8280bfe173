"""`groundkb models try`: two servers' models asked the same questions over a library of real files."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import ChatServer, RunCli, chat_server
from tests.models import servers
from tests.models.servers import FakeServer

__all__ = ["chat_server"]

FACTS = {
    "pump.md": "The rated pressure of pump P7 is 16 bar.\n\nPump P7 was built in 2011 in Ulm.\n",
    "motor.md": "The rated power of motor M3 is 2.2 kW.\n\nMotor M3 weighs 31 kg.\n",
    "阀门.md": "V9 阀门的额定压力为 25 兆帕。\n\nV9 阀门由不锈钢制成。\n",
}
QUESTIONS = [
    {"question": "What is the rated pressure of pump P7?", "answers": ["16 bar"], "document": "pump.md"},
    {"question": "V9 阀门的额定压力是多少？", "answers": ["25 兆帕"], "document": "阀门.md"},
    {"question": "Who is the head of the canteen?", "answerable": False},
]  # fmt: skip


@pytest.fixture
def ollama(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeServer]:
    # Fewer tokens than the product counts would be a prompt that the server cut.
    monkeypatch.setattr(
        servers, "count_words", lambda messages: sum(len(each["content"]) for each in messages)
    )
    with servers.serving(servers.OllamaHandler) as server:
        yield server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "folder"
    made.mkdir()
    for name, text in FACTS.items():
        (made / name).write_text(text, "utf-8")
    return made


@pytest.fixture
def golden(tmp_path: Path) -> Path:
    path = tmp_path / "golden.jsonl"
    lines = [json.dumps(each, ensure_ascii=False) for each in QUESTIONS]
    path.write_text("\n".join(lines), "utf-8")
    return path


def test_models_are_compared_on_the_golden_set_over_the_library(
    run_cli: RunCli, ollama: FakeServer, chat_server: ChatServer, folder: Path, golden: Path
) -> None:
    environment = {
        "GROUNDKB_OLLAMA_URL": ollama.url,
        "GROUNDKB_OPENAI_URL": chat_server.url,
        "GROUNDKB_CHAT_NUM_CTX": "4096",
    }
    assert run_cli("ingest", "sync", str(folder), **environment).code == 0
    asked = ("models", "try", "openai/copier", "tiny:1b", "--path", str(golden))
    found = run_cli(*asked, "--json", **environment)
    assert found.code == 0, found.err
    said = found.json
    assert (said["questions"], said["answerable"], said["generated"]) == (3, 2, False)
    first, second = said["trials"]
    assert (first["model"], second["model"]) == ("openai/copier", "ollama/tiny:1b")
    assert first["right"]["value"] == 1.0
    assert first["right"]["low"] < 0.6  # three questions prove little
    assert first["right_refusals"]["value"] == second["right_refusals"]["value"] == 1.0
    assert first["false_refusals"]["value"] == 0.0
    assert first["supported"]["value"] == 1.0
    assert first["first_statement"]["value"] > 0
    assert first["tokens_per_second"]["value"] > 0
    assert (first["memory"], first["against"]) == (None, None)
    assert (second["memory"], second["computed"]) == (1_500_000_000, False)
    assert second["against"]["n"] == 3

    before = len(ollama.bodies("/api/chat"))
    again = run_cli(*asked, **environment)
    assert "right" in again.out
    assert "tiny:1b" in again.out
    assert len(ollama.bodies("/api/chat")) == before + 1  # loaded, and asked nothing again


def test_questions_made_from_the_library_are_marked(
    run_cli: RunCli, ollama: FakeServer, folder: Path
) -> None:
    assert run_cli("ingest", "sync", str(folder)).code == 0
    chinese = run_cli("models", "try", "tiny:1b", GROUNDKB_OLLAMA_URL=ollama.url, LC_ALL="zh_CN")
    assert chinese.code == 0, chinese.err
    assert "无人核对过" in chinese.out
    asked = re.search(r"(\d+) 个有答案，(\d+) 个隐去", chinese.out.replace("\n", ""))
    assert asked
    assert 0 <= int(asked[1]) - int(asked[2]) <= 1  # every second one has lost its document


def test_a_folder_is_tried_in_a_library_of_its_own(
    run_cli: RunCli, ollama: FakeServer, folder: Path, golden: Path, tmp_path: Path
) -> None:
    asked = ("models", "try", "tiny:1b", "--documents", str(folder))
    alone = run_cli(*asked, GROUNDKB_OLLAMA_URL=ollama.url)
    assert alone.code == 2
    assert "--path" in alone.err
    found = run_cli(*asked, "--path", str(golden), "--json", GROUNDKB_OLLAMA_URL=ollama.url)
    assert found.code == 0, found.err
    assert found.json["trials"][0]["right_refusals"]["value"] == 1.0
    assert not (tmp_path / "data" / "library.sqlite3").exists()


def test_a_model_that_is_not_there_ends_it_before_anything_is_asked(
    run_cli: RunCli, ollama: FakeServer
) -> None:
    said = run_cli("models", "try", "tiny:1b", "huge:900b", GROUNDKB_OLLAMA_URL=ollama.url)
    assert said.code == 1
    assert "huge:900b" in said.err
    assert ollama.bodies("/api/chat") == []


def test_a_library_without_anything_to_ask_says_so(run_cli: RunCli, ollama: FakeServer) -> None:
    said = run_cli("models", "try", "tiny:1b", GROUNDKB_OLLAMA_URL=ollama.url)
    assert said.code == 2
    assert "--path" in said.err
