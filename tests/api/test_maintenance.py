"""Reindex and backup over HTTP: for the operator, with progress, under questions."""

import asyncio
import json
from pathlib import Path

import pytest

from app.api.app import create_app
from app.library.archive import restore_archive
from app.runtime import Runtime
from app.settings import Settings
from tests.api.conftest import client_of
from tests.conftest import BigramEmbedder

TOKEN = {"X-Operator-Token": "the-token"}
STREAM = {**TOKEN, "Accept": "text/event-stream"}


@pytest.fixture(autouse=True)
def _models(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever model is named: a fake of that name, of another dimension."""

    def build(settings: Settings) -> BigramEmbedder:
        if settings.embedding_model == "bigrams":
            return BigramEmbedder()
        return BigramEmbedder(settings.embedding_model, 48)

    monkeypatch.setattr("ingest.reindex.build_embedder", build)


async def test_only_for_the_operator(filled: Runtime, tmp_path: Path) -> None:
    async with client_of(create_app(filled.settings, filled, "the-token")) as client:
        for method, path, body in (
            ("POST", "/reindex", {}),
            ("POST", "/backup", {"path": str(tmp_path / "b.tar")}),
            ("DELETE", "/reindex/previous", None),
        ):
            answer = await client.request(method, path, json=body)
            assert answer.status_code == 403, path
        assert not (tmp_path / "b.tar").exists()


async def test_questions_are_answered_during_a_reindex(filled: Runtime) -> None:
    question = {"question": "DeepSeek uses which licence?"}
    async with client_of(create_app(filled.settings, filled, "the-token")) as client:
        first = (await client.post("/ask", json=question)).json()
        running = asyncio.create_task(
            client.post("/reindex", json={"embedding_model": "other"}, headers=STREAM)
        )
        indexes = set()
        while not running.done():
            answer = await client.post("/ask", json=question)
            assert answer.status_code == 200
            assert answer.json()["answer"] == first["answer"]
            indexes.add(answer.json()["models"]["index"])
        events = [
            json.loads(line[6:])
            for line in (await running).text.splitlines()
            if line[:6] == "data: "
        ]
        assert events[-1]["model"] == "other"
        assert events[-1]["to_set"] == {"GROUNDKB_EMBEDDING_MODEL": "other"}
        assert {event.get("phase") for event in events} >= {"building", "switching"}
        after = (await client.post("/ask", json=question)).json()
        assert after["models"]["embedding"] == "other"
        assert after["models"]["index"] == events[-1]["collections"][0]
        assert first["models"]["index"] in indexes | {first["models"]["index"]}
        assert (await client.get("/readyz")).json()["embedding"] == "other"

        back = (await client.post("/reindex", json={"rollback": True}, headers=TOKEN)).json()
        assert (back["model"], back["documents"], back["to_set"]) == ("bigrams", 0, {})
        assert (await client.post("/ask", json=question)).json()["models"] == first["models"]
        dropped = await client.delete("/reindex/previous", headers=TOKEN)
        assert dropped.json() == {"collections": events[-1]["collections"]}
        again = await client.post("/reindex", json={"rollback": True}, headers=TOKEN)
        assert (again.status_code, again.json()["error"]["code"]) == (409, "nothing_to_roll_back")


async def test_readyz_tells_of_a_switch_by_another_process(filled: Runtime) -> None:
    spaces, kb = filled.storage.indexes, filled.settings.kb
    other = BigramEmbedder("other", 48)
    made = spaces.fingerprint_with(other)
    async with client_of(create_app(filled.settings, filled, "the-token")) as client:
        assert (await client.get("/readyz")).status_code == 200
        index = spaces.vectors.create(f"kb_{kb}@000000000000", made)
        spaces.vectors.point({f"kb_{kb}": index.collection})
        await asyncio.sleep(1.1)  # what was found is good for a second
        ready = await client.get("/readyz")
    assert ready.status_code == 503
    (check,) = (check for check in ready.json()["checks"] if check["part"] == "index")
    assert check["error"]["code"] == "index_mismatch"
    assert "groundkb reindex" in check["error"]["hint"]


async def test_a_backup_of_the_running_server(filled: Runtime, tmp_path: Path) -> None:
    async with client_of(create_app(filled.settings, filled, "the-token")) as client:
        relative = await client.post("/backup", json={"path": "b.tar"}, headers=TOKEN)
        assert relative.status_code == 422
        body = {"path": str(tmp_path / "b.tar")}
        done = (await client.post("/backup", json=body, headers=TOKEN)).json()
    assert done["documents"] == 3
    assert done["vectors"] is True
    assert restore_archive(Path(done["path"]), tmp_path / "restored").documents == {"default": 3}
