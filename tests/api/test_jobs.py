"""Uploads and jobs over HTTP: real SQLite, a real Edge index, a ranking fake embedder."""

import asyncio
import time
from collections.abc import AsyncIterator

import httpx
import pytest

from app.api.app import create_app
from app.runtime import Runtime
from app.settings import Settings
from tests.api.conftest import client_of

Client = httpx.AsyncClient


@pytest.fixture
async def client(runtime: Runtime, settings: Settings) -> AsyncIterator[Client]:
    async with client_of(create_app(settings, runtime, "the-token")) as opened:
        yield opened


def form(*files: tuple[str, bytes]) -> list[tuple[str, tuple[str, bytes, str]]]:
    return [("files", (name, data, "application/octet-stream")) for name, data in files]


async def upload(client: Client, *files: tuple[str, bytes]) -> list[dict[str, str]]:
    response = await client.post("/documents", files=form(*files))
    assert response.status_code == 202, response.text
    jobs: list[dict[str, str]] = response.json()["jobs"]
    return jobs


async def ended(client: Client, job_id: str) -> dict[str, object]:
    deadline = time.monotonic() + 20
    while True:
        job: dict[str, object] = (await client.get(f"/jobs/{job_id}")).json()
        if job["status"] in ("done", "failed", "cancelled"):
            return job
        assert time.monotonic() < deadline, job
        await asyncio.sleep(0.02)


async def titles_found(client: Client, question: str) -> list[str]:
    found = (await client.post("/search", json={"question": question})).json()
    return [passage["text"] for passage in found["passages"]]


async def test_each_file_is_a_job_and_a_bad_one_does_not_hold_up_the_others(client: Client) -> None:
    jobs = await upload(
        client,
        ("phi.txt", b"Phi-3 mini has 3.8 billion parameters."),
        ("broken.pdf", b"%PDF-1.7 nothing"),
        ("许可证.md", "# 许可证\n\nDeepSeek 采用 MIT 许可证。\n".encode()),
    )
    assert [job["name"] for job in jobs] == ["phi.txt", "broken.pdf", "许可证.md"]
    first, broken, last = [await ended(client, job["job_id"]) for job in jobs]
    assert (first["status"], first["stage"], first["progress"]) == ("done", "done", 1.0)
    assert first["kind"] == "upload"
    assert first["source"] == "upload:///phi.txt"
    assert broken["status"] == "failed"
    error = broken["error"]
    assert isinstance(error, dict)
    assert error["code"] == "document_corrupt"
    assert "broken.pdf" in error["message"]
    assert last["status"] == "done"
    assert any("3.8 billion" in text for text in await titles_found(client, "Phi-3 parameters"))
    assert any("MIT" in text for text in await titles_found(client, "DeepSeek 许可证"))
    document = (await client.get(f"/documents/{last['document_id']}")).json()
    assert document["source"] == "upload:///许可证.md"
    original = await client.get(f"/documents/{last['document_id']}/original")
    assert "DeepSeek 采用" in original.text
