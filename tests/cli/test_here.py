"""Commands without a server: the first serves the others, to them alone, until all are done."""

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.api.auth import OPERATOR_HEADER
from app.cli.server_file import RunningServer, read_server_file
from app.index.edge_folder import FolderLock
from tests.cli.conftest import GROUNDKB, RunCli, base_environment
from tests.conftest import write_documents

# A server that is not asked: no chat model need be loaded.
CHAT = {
    "GROUNDKB_CHAT": "openai",
    "GROUNDKB_OPENAI_URL": "http://127.0.0.1:9/v1",
    "GROUNDKB_CHAT_MODEL": "none",
}


@pytest.fixture
def nightly(tmp_path: Path, models_dir: Path, run_cli: RunCli) -> Iterator[subprocess.Popen[str]]:
    """A sync that takes some seconds, over a library that holds three documents already."""
    write_documents(tmp_path / "first")
    assert run_cli("ingest", "sync", str(tmp_path / "first"), **CHAT).code == 0
    many = tmp_path / "many"
    many.mkdir()
    for number in range(120):
        lines = (f"Sentence {number}.{line} tells of cranes and valves." for line in range(40))
        (many / f"{number}.txt").write_text("\n\n".join(lines))
    process = subprocess.Popen(
        [*GROUNDKB, "ingest", "sync", str(many), "--json"],
        env={**os.environ, **base_environment(tmp_path / "data", models_dir), **CHAT},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield process
    process.kill()
    process.wait(10)


def served_by(process: subprocess.Popen[str], data: Path) -> RunningServer:
    deadline = time.monotonic() + 120
    while (file := read_server_file(data)) is None or file.pid != process.pid:
        assert process.poll() is None, "it ended before it served"
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return file


def test_ctrl_c_ends_a_sync_with_a_report_of_what_was_kept(
    nightly: subprocess.Popen[str], run_cli: RunCli, tmp_path: Path
) -> None:
    server = served_by(nightly, tmp_path / "data")
    headers = {OPERATOR_HEADER: server.token}
    with httpx.Client(base_url=server.url, headers=headers, trust_env=False) as client:
        deadline = time.monotonic() + 120
        while client.get("/documents", params={"kb": "default"}).json()["total"] < 5:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    asked = time.monotonic()
    nightly.send_signal(signal.SIGINT)
    out, err = nightly.communicate(timeout=60)
    assert nightly.returncode == 130
    report = json.loads(out)
    assert report["stopped"]
    assert 0 < report["added"] < 120
    assert "Stopping." in err
    assert time.monotonic() - asked < 10
    status = run_cli("ingest", "status", "--json", **CHAT)
    assert status.json["documents"] == 3 + report["added"]


def test_while_a_sync_runs_search_reads_and_a_second_sync_waits_its_turn(
    nightly: subprocess.Popen[str], run_cli: RunCli, tmp_path: Path
) -> None:
    server = served_by(nightly, tmp_path / "data")
    found = run_cli("search", "DeepSeek uses which licence?", "--json", **CHAT)
    assert found.code == 0, found.err
    assert "MIT" in found.json["passages"][0]["text"]
    assert nightly.poll() is None, "the sync had ended: nothing was tried"

    with httpx.Client(base_url=server.url, trust_env=False) as stranger:
        assert stranger.get("/documents").status_code == 401
        assert stranger.post("/search", json={"question": "MIT"}).status_code == 401

    (tmp_path / "second").mkdir()
    (tmp_path / "second" / "a.txt").write_text("The canteen closes at three.")
    second = run_cli("ingest", "sync", str(tmp_path / "second"), "--json", **CHAT)
    assert second.code == 0, second.err
    assert second.json["added"] == 1

    out, _ = nightly.communicate(timeout=180)
    assert (nightly.returncode, json.loads(out)["added"]) == (0, 120)
    assert read_server_file(tmp_path / "data") is None
    status = run_cli("ingest", "status", "--json", **CHAT)
    assert status.json["documents"] == 124


def test_a_chat_model_that_is_missing_keeps_no_document_out(
    run_cli: RunCli, tmp_path: Path, models_dir: Path
) -> None:
    """Only what needs it says so."""
    models = tmp_path / "models"
    models.mkdir()
    for item in models_dir.iterdir():
        if "chat" not in item.name:
            (models / item.name).symlink_to(item)
    environment = {"GROUNDKB_CHAT": "embedded", "GROUNDKB_MODELS": str(models)}
    write_documents(tmp_path / "documents")
    synced = run_cli("ingest", "sync", str(tmp_path / "documents"), **environment)
    assert synced.code == 0, synced.err
    asked = run_cli("ask", "DeepSeek uses which licence?", "--json", **environment)
    assert asked.code == 1
    assert asked.json["error"]["code"] == "weights_missing"


def test_another_that_is_slow_to_open_the_library_is_waited_for(
    run_cli: RunCli, tmp_path: Path
) -> None:
    """It may load its models for longer than one waits without a word."""
    lock = FolderLock(tmp_path / "data" / "index")
    lock.acquire()
    opened = threading.Timer(7, lock.release)
    opened.start()
    found = run_cli("search", "DeepSeek uses which licence?", LANG="en", **CHAT)
    opened.join()
    assert found.code == 0, found.err
    assert "waiting for it" in found.err
    assert "no document yet" in found.out
