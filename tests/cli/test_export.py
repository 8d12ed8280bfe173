"""`groundkb export instructions`: what is exported of which judgement."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

from app.library.feedback import FeedbackStore
from app.library.library import open_library
from app.settings import Settings
from tests.cli.conftest import RunCli

PASSAGES: list[dict[str, Any]] = [
    {"chunk_id": "a", "document_id": "d", "text": "Valves are blue.", "start": 0, "end": 16,
     "title": "Valves", "shown": True},
    {"chunk_id": "b", "document_id": "e", "text": "Backups are kept 30 days.", "start": 0, "end": 25,
     "title": "Backups", "shown": True},
    {"chunk_id": "c", "document_id": "f", "text": "Not shown.", "start": 0, "end": 10, "title": "Other"},
]  # fmt: skip
CITATION = {"marker": 1, "document_id": "e", "chunk_id": "b", "quote": "kept 30 days", "start": 12,
            "end": 24, "source": "file:///backups.md"}  # fmt: skip
ANSWER = {
    "answer": "30 days. [1]",
    "answered": True,
    "citations": [CITATION],
    "retrieved": PASSAGES,
}
REFUSED = {
    "answer": "The context does not contain an answer to this question.",
    "answered": False,
    "refusal": {"reason": "low_relevance"},
    "retrieved": PASSAGES,
}


def judge(store: FeedbackStore, question: str, answer: dict[str, Any], **judgement: Any) -> None:
    values = {"helpful": True, "reason": "", "comment": "", **judgement}
    store.add(kb="default", question=question, answer=answer, version="1", **values)


def test_good_answers_and_right_refusals_become_messages(
    run_cli: RunCli, settings: Settings, tmp_path: Path
) -> None:
    with closing(open_library(settings)) as library:
        store = library.feedback
        judge(store, "How long are backups kept?", ANSWER)
        judge(store, "Who is the chef?", REFUSED)
        judge(store, "Which valve is it?", ANSWER, helpful=False, reason="should_refuse")
        judge(store, "Is it wrong?", ANSWER, helpful=False, reason="wrong")
        judge(store, "Changed my mind", ANSWER)
        judge(store, "Changed my mind", ANSWER, helpful=False, reason="other")
        judge(store, "备份保留多久？", {**ANSWER, "language": "zh", "answer": "30 天。[1]"})
    target = tmp_path / "instructions.jsonl"
    assert run_cli("export", "instructions", str(target)).code == 0
    found = [json.loads(line) for line in target.read_text().splitlines()]
    assert [one["answerable"] for one in found] == [True, False, False, True]
    for one in found:
        assert [message["role"] for message in one["messages"]] == ["system", "user", "assistant"]
    system, user, assistant = (message["content"] for message in found[0]["messages"])
    assert "How long are backups kept?" in user
    assert "[1] Backups\nBackups are kept 30 days." in user, "the number that the answer cites"
    assert "[2] Valves" in user
    assert "Not shown." not in user
    assert assistant == "30 days. [1]"
    assert found[0]["citations"][0]["quote"] == "kept 30 days"
    for refused in found[1:3]:
        sentence = refused["messages"][2]["content"]
        assert sentence == REFUSED["answer"]
        assert sentence in system, "the sentence that the instruction asks for"
        assert refused["citations"] == []
    assert "资料" in found[3]["messages"][1]["content"]
    assert len(run_cli("export", "instructions").out.splitlines()) == 4
