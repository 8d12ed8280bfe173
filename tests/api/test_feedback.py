"""Feedback: kept with its answer, exported as a golden set that the evaluation reads."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.evaluation.datasets import load
from app.runtime import Runtime
from tests.api.conftest import ScriptedAnswerer, an_answer, events_of, refused


async def judge(
    client: httpx.AsyncClient, question: str, helpful: bool, **more: Any
) -> httpx.Response:
    answer = (await client.post("/ask", json={"question": question})).json()
    body = {"question": question, "answer": answer, "helpful": helpful, **more}
    return await client.post("/feedback", json=body)


async def test_a_judgement_is_kept_with_its_answer(
    client: httpx.AsyncClient, runtime: Runtime
) -> None:
    response = await judge(client, "许可证？", False, reason="wrong_source", comment=" 另一份 ")
    assert response.status_code == 201
    [row] = runtime.library.feedback.all("default")
    assert response.json() == {"id": row.id}
    assert (row.helpful, row.reason, row.comment) == (False, "wrong_source", "另一份")
    assert row.answer is not None
    assert row.answer.citations[0].start == 100
    assert row.answer.models.embedding == "bigrams"
    assert row.version


async def test_a_judgement_of_a_kept_turn_is_told_with_it_changed_and_withdrawn(
    client: httpx.AsyncClient, runtime: Runtime
) -> None:
    asked = {"question": "许可证？", "conversation_id": "new"}
    answer = (await client.post("/ask", json=asked)).json()

    async def told() -> Any:
        kept = (await client.get(f"/conversations/{answer['conversation_id']}")).json()
        turn = (
            await client.get(
                f"/conversations/{answer['conversation_id']}/turns/{answer['turn_id']}"
            )
        ).json()
        assert turn["feedback"] == kept["turns"][0]["feedback"]
        return turn["feedback"]

    assert await told() is None
    body = {"question": "许可证？", "answer": answer}
    await client.post("/feedback", json={**body, "helpful": True})
    assert await told() == {"helpful": True, "reason": "", "comment": ""}
    changed = {"helpful": False, "reason": "wrong", "comment": "Apache"}
    response = await client.post("/feedback", json={**body, **changed})
    assert await told() == changed
    assert len(runtime.library.feedback.all("default")) == 1
    assert (await client.delete(f"/feedback/{response.json()['id']}")).status_code == 204
    assert await told() is None


async def test_the_export_is_a_golden_set(
    client: httpx.AsyncClient, answerer: ScriptedAnswerer, tmp_path: Path
) -> None:
    await judge(client, "许可证？", True)
    await judge(client, "多少钱？", False, reason="should_refuse")
    await judge(client, "多大？", False, reason="wrong")
    await judge(client, "改主意", True)
    await judge(client, "改主意", False, reason="incomplete")
    answerer.script = events_of(an_answer("32K。[1][2]", standalone_question="Mistral 的上下文？"))
    await judge(client, "那 Mistral 呢？", True)
    answerer.script = events_of(refused())
    await judge(client, "天气？", True)
    await judge(client, "明明有", False, reason="should_answer")

    response = await client.get("/feedback/export")
    assert response.headers["content-type"].startswith("application/x-ndjson")
    file = tmp_path / "golden.jsonl"
    file.write_text(response.text, encoding="utf-8")
    dataset = load(file, "golden")
    quote = "代码采用 MIT 许可证。"[:12]
    assert [(q.text, q.answerable, q.answers, q.documents) for q in dataset.questions] == [
        ("许可证？", True, (("采用 MIT 许可证。", quote),), ("file:///library/deepseek.md",)),
        ("多少钱？", False, (), ()),
        ("Mistral 的上下文？", True, (("32K。", quote),), ("file:///library/deepseek.md",)),
        ("天气？", False, (), ()),
    ]
    assert dataset.language == "zh"
    empty = await client.get("/feedback/export", params={"kb": "other"})
    assert (empty.status_code, empty.text) == (200, "")


async def test_an_upload_is_found_by_its_name(
    client: httpx.AsyncClient, answerer: ScriptedAnswerer
) -> None:
    [citation] = an_answer().citations
    uploaded = replace(citation, source="upload:///笔记/许可证.md")
    answerer.script = events_of(an_answer(citations=(uploaded,)))
    await judge(client, "许可证？", True)
    entry = json.loads((await client.get("/feedback/export")).text)
    assert entry["documents"] == ["许可证.md"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": "because"},
        {"comment": "x" * 4_001},
        {"question": ""},
        {"question": "x" * 4_001},
        {"answer": {"answer": "made up"}},
        {"helpful": None},
    ],
)
async def test_what_is_out_of_bounds_is_not_kept(
    client: httpx.AsyncClient, runtime: Runtime, wrong: dict[str, Any]
) -> None:
    answer = (await client.post("/ask", json={"question": "a"})).json()
    body = {"question": "a", "answer": answer, "helpful": True, **wrong}
    response = await client.post("/feedback", json=body)
    assert (response.status_code, response.json()["error"]["code"]) == (422, "request_invalid")
    assert runtime.library.feedback.all("default") == []


async def test_an_unknown_knowledge_base_is_named(client: httpx.AsyncClient) -> None:
    response = await judge(client, "a", True, kb="unknown")
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "knowledge_base_not_found"
