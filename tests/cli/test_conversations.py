"""`groundkb conversations`, `feedback export` and `kb set-refusal`: the library alone, no server, no model."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.api.wire.answers import Answer
from app.library.jobs import NewJob
from app.library.library import Library, open_library
from app.settings import Settings
from tests.api.conftest import an_answer
from tests.cli.conftest import RunCli

ANSWER: dict[str, Any] = Answer.of(an_answer()).model_dump(mode="json")


def opened(tmp_path: Path) -> Library:
    return open_library(Settings(_env_file=None, data=tmp_path / "data"))  # type: ignore[call-arg]


@pytest.fixture
def kept(tmp_path: Path) -> str:
    library = opened(tmp_path)
    turn = library.conversations.ask("许可证是什么？", conversation_id=None, kb="default")
    library.conversations.finish(turn.id, "done", answer=ANSWER)
    library.close()
    return turn.conversation_id


def test_list_show_delete(run_cli: RunCli, kept: str) -> None:
    listed = run_cli("conversations", "list")
    assert (listed.code, kept in listed.out, "许可证是什么？" in listed.out) == (0, True, True)
    assert run_cli("conversations", "list", "--json").json["conversations"][0]["id"] == kept
    assert "No conversations" in run_cli("conversations", "list", "--search", "else").out

    shown = run_cli("conversations", "show", kept)
    assert "采用 MIT 许可证。[1]" in shown.out
    assert "DeepSeek-V3 — 模型 › 许可证" in shown.out
    [turn] = run_cli("conversations", "show", kept, "--json").json["turns"]
    assert turn["answer"] == {
        **ANSWER,
        "conversation_id": kept,
        "position": 0,
        "turn_id": turn["id"],
    }

    assert run_cli("conversations", "delete", kept).code == 0
    again = run_cli("conversations", "show", kept)
    assert (again.code, kept in again.err) == (1, True)
    assert run_cli("conversations", "delete", kept).code == 1


def test_feedback_export(run_cli: RunCli, tmp_path: Path) -> None:
    library = opened(tmp_path)
    library.feedback.add(
        kb="default",
        helpful=True,
        reason="",
        comment="",
        question="许可证？",
        answer=ANSWER,
        version="1",
    )
    library.close()
    printed = run_cli("feedback", "export")
    assert json.loads(printed.out)["question"] == "许可证？"
    file = tmp_path / "golden.jsonl"
    assert run_cli("feedback", "export", str(file)).code == 0
    assert file.read_text(encoding="utf-8") == printed.out
    assert run_cli("feedback", "export", "--kb", "other").out == ""


def test_set_refusal(run_cli: RunCli) -> None:
    done = run_cli("kb", "set-refusal", "zh", "请询问服务台。")
    assert done.json == {
        "name": "default",
        "title": "default",
        "refusals": {"zh": "请询问服务台。", "en": None},
    }
    assert run_cli("kb", "set-refusal", "zh").json["refusals"]["zh"] is None
    assert run_cli("kb", "set-refusal", "fr", "non").code == 2
    assert run_cli("kb", "set-refusal", "en", "x", "--kb", "unknown").code == 1


def test_a_list_that_is_cut_says_so(run_cli: RunCli, kept: str, tmp_path: Path) -> None:
    library = opened(tmp_path)
    library.conversations.ask("另一个问题", conversation_id=None, kb="default")
    for name in "ab":
        library.jobs.add(NewJob("default", "sync", name, {"roots": [name]}))
    library.close()
    for command in ("conversations", "jobs"):
        assert "and 1 more" in run_cli(command, "list", "--limit", "1").out
        assert "more" not in run_cli(command, "list").out
