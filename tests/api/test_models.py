"""Which models suit the server's machine, and fetching one, as the page asks for it."""

import asyncio

from app.api.app import create_app
from app.runtime import Runtime
from tests.api.conftest import client_of
from tests.models.servers import OllamaHandler, serving

OPERATOR = {"X-Operator-Token": "token"}


async def test_it_proposes_what_fits_with_reasons_in_the_readers_language(
    prepared: Runtime,
) -> None:
    app = create_app(prepared.settings, prepared, "token")
    async with client_of(app, **OPERATOR) as client:
        found = (await client.get("/models/advice")).json()
        zh = (await client.get("/models/advice", headers={"Accept-Language": "zh"})).json()
        huge = (await client.get("/models/advice", params={"window": 1_000_000})).json()
    assert set(found["machine"]["languages"]) == {"en", "zh"}
    assert found["machine"]["chat"] == prepared.chat_name
    assert found["machine"]["ram_bytes"] > 1e9
    roles = [each["role"] for each in found["proposals"]]
    assert "embedding" in roles
    for proposal, again in zip(found["proposals"], zh["proposals"], strict=True):
        assert proposal["name"] == again["name"]
        assert proposal["reasons"] != again["reasons"]
    assert any("window" in each["why"] for each in huge["passed"])


async def test_a_model_is_fetched_by_ollama_with_progress_one_at_a_time(prepared: Runtime) -> None:
    with serving(OllamaHandler) as server:
        settings = prepared.settings.model_copy(update={"ollama_url": server.url})
        app = create_app(settings, prepared, "token")
        async with client_of(app, **OPERATOR) as client:

            async def ended() -> dict[str, object]:
                async with asyncio.timeout(20):
                    while True:
                        status: dict[str, object] = (await client.get("/models/pull")).json()
                        if status["state"] != "running":
                            return status
                        await asyncio.sleep(0.01)

            assert (await ended())["state"] == "none"
            begun = await client.post("/models/pull", json={"model": "tiny:1b"})
            assert (begun.status_code, begun.json()["model"]) == (202, "tiny:1b")
            done = await ended()
            assert (done["state"], done["done"], done["total"]) == ("done", 1000, 1000)
            await client.post("/models/pull", json={"model": "unknown:1b"})
            failed = await ended()
            assert failed["state"] == "failed"
            assert isinstance(failed["error"], dict)
            assert "unknown:1b" in failed["error"]["message"]
            server.mode = "silent"
            await client.post("/models/pull", json={"model": "tiny:1b"})
            another = await client.post("/models/pull", json={"model": "thinker:1b"})
            assert another.status_code == 409
            for name in ("", "a b", "http://x/y", "x;y", "../x"):
                answer = await client.post("/models/pull", json={"model": name})
                assert answer.status_code == 422, name
        async with client_of(app) as client:
            assert (await client.get("/models/advice")).status_code == 200
            answer = await client.post("/models/pull", json={"model": "tiny:1b"})
            assert answer.status_code == 403
