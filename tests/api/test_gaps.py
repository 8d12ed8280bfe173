"""What was not answered, over HTTP and on the command line."""

import csv
import io

import httpx
import pytest

from app.api.app import create_app
from app.api.routes.gaps import as_csv
from app.api.wire.gaps import Gaps, GapTopic
from app.runtime import Runtime
from tests.api.conftest import client_of


async def ask(client: httpx.AsyncClient, question: str) -> None:
    response = await client.post("/ask", json={"question": question, "conversation_id": "new"})
    assert response.status_code == 200, response.text


async def test_refused_questions_come_by_topic(prepared: Runtime) -> None:
    async with client_of(create_app(prepared.settings, prepared)) as client:
        assert (await client.get("/gaps")).json() == {"questions": 0, "topics": []}
        await ask(client, "Which licence does DeepSeek use?")
        for question in ("When does the canteen close?", "When does the canteen open?"):
            await ask(client, question)
        found = (await client.get("/gaps")).json()
        assert found["questions"] == 2
        questions = {question for topic in found["topics"] for question in topic["questions"]}
        assert questions == {"When does the canteen close?", "When does the canteen open?"}
        assert any("canteen" in topic["name"] for topic in found["topics"])
        assert {topic["verdict"] for topic in found["topics"]} == {"missing"}

        table = await client.get("/gaps", params={"format": "csv"})
        assert table.headers["content-type"].startswith("text/csv")
        rows = list(csv.DictReader(io.StringIO(table.text)))
        assert sum(int(row["refused"]) for row in rows) == 2
        missing = await client.get("/gaps", params={"kb": "nowhere"})
        assert missing.json()["error"]["code"] == "knowledge_base_not_found"


@pytest.mark.parametrize("begins", ["=", "+", "-", "@"])
def test_a_question_is_no_formula(begins: str) -> None:
    topic = GapTopic(
        name="x",
        verdict="missing",
        count=1,
        refused=1,
        disliked=0,
        unsupported=0,
        differing=0,
        questions=(f"{begins}cmd|' /C calc'!A0",),
        closest=(),
    )
    [row] = csv.DictReader(io.StringIO(as_csv(Gaps(questions=1, topics=(topic,)))))
    assert row["questions"].startswith("'")
