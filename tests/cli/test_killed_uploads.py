"""A server that is killed while it takes uploads in: real processes, the real embedding model."""

import time
from pathlib import Path

import httpx

from tests.cli.conftest import ChatServer, Served, base_environment, serving

FILES = 5


def _environment(data: Path, models: Path, chat: ChatServer) -> dict[str, str]:
    return {
        **base_environment(data, models),
        "GROUNDKB_CHAT": "openai",
        "GROUNDKB_OPENAI_URL": chat.url,
        "GROUNDKB_CHAT_MODEL": "copier",
    }


def _statuses(server: Served) -> list[str]:
    with httpx.Client(base_url=server.url, trust_env=False, timeout=30) as client:
        return [job["status"] for job in client.get("/jobs").json()["jobs"]]


def test_uploads_outlive_a_killed_server(
    tmp_path: Path, models_dir: Path, chat_server: ChatServer
) -> None:
    data = tmp_path / "data"
    environment = _environment(data, models_dir, chat_server)
    text = " ".join(f"Sentence {n} speaks of the nightly backup." for n in range(300))
    form = [("files", (f"{n}.txt", f"File {n}. {text}".encode())) for n in range(FILES)]
    with serving(data, tmp_path / "log", environment) as server:
        with httpx.Client(base_url=server.url, trust_env=False, timeout=30) as client:
            assert client.post("/documents", files=form).status_code == 202
        while "running" not in _statuses(server):
            time.sleep(0.05)
        assert _statuses(server).count("queued") > 0
        server.process.kill()
        server.process.wait(10)
    with serving(data, tmp_path / "log2", environment) as server:
        deadline = time.monotonic() + 120
        while set(statuses := _statuses(server)) != {"done"}:
            assert time.monotonic() < deadline, statuses
            assert "failed" not in statuses
            time.sleep(0.2)
        with httpx.Client(base_url=server.url, trust_env=False, timeout=30) as client:
            documents = client.get("/documents").json()["documents"]
            assert sorted(row["title"] for row in documents) == [str(n) for n in range(FILES)]
            sizes = [
                len(client.get(f"/documents/{row['id']}/chunks").json()["chunks"])
                for row in documents
            ]
        assert sizes == [row["chunks"] for row in documents]
        assert len(set(sizes)) == 1
        assert min(sizes) > 1
    left = [path for path in (data / "uploads").rglob("*") if path.is_file()]
    assert len(left) == FILES
    assert not any("incoming" in path.parts for path in left)
