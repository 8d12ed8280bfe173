"""A server in one terminal, the command in another: real processes, the real embedding model,
a chat server that copies."""

import json
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.cli.server_file import NAME, read_server_file
from tests.cli.conftest import (
    GROUNDKB,
    ChatServer,
    RunCli,
    Served,
    base_environment,
    free_port,
    serving,
)
from tests.conftest import write_documents

QUESTION = "DeepSeek uses which licence?"


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory, models_dir: Path, chat_server: ChatServer
) -> Iterator[Served]:
    """One server for the tests of this file; it syncs three documents as it starts."""
    folder = tmp_path_factory.mktemp("handover")
    write_documents(folder / "documents")
    environment = environment_of(folder / "data", models_dir, chat_server)
    options = ("--sync", str(folder / "documents"))
    with serving(folder / "data", folder / "log", environment, *options) as server:
        deadline = time.monotonic() + 60
        while "curl" not in server.said:
            assert time.monotonic() < deadline, server.said
            time.sleep(0.1)
        yield server


def environment_of(data: Path, models: Path, chat: ChatServer) -> dict[str, str]:
    return {
        **base_environment(data, models),
        "GROUNDKB_CHAT": "openai",
        "GROUNDKB_OPENAI_URL": chat.url,
        "GROUNDKB_CHAT_MODEL": "copier",
    }


def environment_for(server: Served) -> dict[str, str]:
    """What a second terminal needs to name the same library: nothing of the models."""
    return {"GROUNDKB_DATA": str(server.data), "GROUNDKB_MODELS": str(server.data / "none")}


def test_it_says_where_it_is_and_which_model_answers(running: Served) -> None:
    assert running.url in running.said
    assert "openai/copier" in running.said
    assert "GROUNDKB_CHAT=openai" in running.said
    assert f"curl -s {running.url}/ask" in running.said
    assert "added 3" in running.said
    assert "token" not in running.said.replace("tokens", "")


def test_the_curl_line_works(running: Served) -> None:
    line = re.search(r"^ *(curl .*)$", running.said, re.MULTILINE)
    assert line
    done = subprocess.run(line[1], shell=True, capture_output=True, text=True, timeout=60)
    assert set(json.loads(done.stdout)) >= {"answer", "answered", "citations"}, done.stdout


def test_ask_goes_to_the_server_and_gives_the_same_answer(running: Served, run_cli: RunCli) -> None:
    """The contract: JSON, SSE, the command's JSON and the command's text are one answer."""
    ran = run_cli("ask", QUESTION, "--json", **environment_for(running))
    assert ran.code == 0, ran.err
    by_cli = ran.json
    with httpx.Client(base_url=running.url, trust_env=False, timeout=60) as client:
        by_json = client.post("/ask", json={"question": QUESTION}).json()
        stream = client.post(
            "/ask", json={"question": QUESTION}, headers={"Accept": "text/event-stream"}
        ).text
    last = stream.strip().split("\n\n")[-1]
    assert last.startswith("event: done\n")
    by_sse = json.loads(last.partition("data: ")[2])
    for answer in (by_cli, by_json, by_sse):
        del answer["timings_ms"]
    assert by_cli == by_json == by_sse
    assert by_cli["answered"] is True
    shown = run_cli("ask", QUESTION, **environment_for(running))
    assert by_cli["answer"] in shown.out
    assert by_cli["citations"]
    for citation in by_cli["citations"]:
        assert f"“{' '.join(citation['quote'].split())}”" in shown.out
    assert "[1] Licences" in shown.out
    assert "openai/copier" in shown.out


def test_search_goes_to_the_server(running: Served, run_cli: RunCli) -> None:
    ran = run_cli("search", "Yi-34B 的上下文长度", "--json", **environment_for(running))
    assert ran.code == 0, ran.err
    assert "200K" in ran.json["passages"][0]["text"]
    shown = run_cli("search", "Yi-34B 的上下文长度", "--limit", "1", **environment_for(running))
    assert "200K" in shown.out


def test_errors_of_the_server_are_the_commands_own(running: Served, run_cli: RunCli) -> None:
    ran = run_cli("ask", "  ", "--json", **environment_for(running))
    assert ran.code == 2
    assert ran.json["error"]["code"] == "question_empty"
    ran = run_cli("ask", "why", "--kb", "nowhere", LC_ALL="zh_CN.UTF-8", **environment_for(running))
    assert ran.code == 1
    assert "没有名为 nowhere 的知识库" in ran.err
    ran = run_cli("ask", "长" * 5000, **environment_for(running))
    assert ran.code == 2
    assert "5000" in ran.err


def test_sync_and_remove_go_to_the_server(running: Served, run_cli: RunCli, tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "phi.txt").write_text("Phi-3 mini has 3.8 billion parameters.")
    (tmp_path / "more" / "broken.pdf").write_bytes(b"%PDF-1.7 nothing")
    ran = run_cli("ingest", "sync", str(tmp_path / "more"), "--json", **environment_for(running))
    assert ran.code == 3
    assert (ran.json["added"], len(ran.json["failed"])) == (1, 1)
    shown = run_cli("ingest", "sync", str(tmp_path / "more"), **environment_for(running))
    assert "unchanged 1" in shown.out
    assert "document_corrupt" in shown.out
    found = run_cli("search", "Phi-3 parameters", "--json", **environment_for(running)).json
    assert "3.8 billion" in found["passages"][0]["text"]
    status = run_cli("ingest", "status", "--json", **environment_for(running)).json
    assert status["documents"] == 5
    for name in ("phi.txt", "broken.pdf"):
        ran = run_cli("ingest", "remove", str(tmp_path / "more" / name), **environment_for(running))
        assert ran.code == 0, ran.err
    found = run_cli("search", "Phi-3 parameters", "--json", **environment_for(running)).json
    assert all("3.8 billion" not in passage["text"] for passage in found["passages"])
    missing = run_cli("ingest", "sync", "/nowhere/at/all", **environment_for(running))
    assert missing.code == 1
    assert "/nowhere/at/all" in missing.err


def test_doctor_asks_the_server(running: Served, run_cli: RunCli, models_dir: Path) -> None:
    environment = {**environment_for(running), "GROUNDKB_MODELS": str(models_dir)}
    ran = run_cli("doctor", "--json", **environment)
    checks = {check["name"]: check for check in ran.json["checks"]}
    assert running.url in checks["server"]["message"]
    assert {checks[part]["severity"] for part in ("chat", "index", "library", "embedding")} == {
        "ok"
    }
    assert "openai/copier" in checks["chat model"]["message"]
    assert ran.code == 0


def test_a_second_server_names_the_first(
    running: Served, models_dir: Path, chat_server: ChatServer
) -> None:
    done = subprocess.run(
        [*GROUNDKB, "serve", "--port", "0"],
        env={**os.environ, **environment_of(running.data, models_dir, chat_server)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert running.url in done.stderr
    file = read_server_file(running.data)
    assert file is not None
    assert file.url == running.url


def test_a_port_that_is_taken(running: Served, tmp_path: Path, models_dir: Path) -> None:
    port = running.url.rpartition(":")[2]
    started = time.monotonic()
    done = subprocess.run(
        [*GROUNDKB, "serve", "--port", port],
        env={**os.environ, **base_environment(tmp_path / "data", models_dir)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert port in done.stderr
    assert "GROUNDKB_PORT" in done.stderr
    assert "Traceback" not in done.stderr
    assert time.monotonic() - started < 30  # before any model is loaded


def test_a_server_that_cannot_open_its_library_says_why_and_ends(
    tmp_path: Path,
) -> None:
    done = subprocess.run(
        [*GROUNDKB, "serve", "--port", "0"],
        env={**os.environ, **base_environment(tmp_path / "data", tmp_path / "none")},
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert done.returncode == 1
    assert "groundkb models pull" in done.stderr
    assert not (tmp_path / "data" / NAME).exists()


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_within_seconds_even_in_the_middle_of_an_answer(
    sent: signal.Signals, tmp_path: Path, models_dir: Path, chat_server: ChatServer
) -> None:
    write_documents(tmp_path / "documents")
    environment = environment_of(tmp_path / "data", models_dir, chat_server)
    options = ("--sync", str(tmp_path / "documents"))
    with serving(tmp_path / "data", tmp_path / "log", environment, *options) as server:
        while "curl" not in server.said:
            assert server.process.poll() is None, server.said
            time.sleep(0.1)
        chat_server.delay = 1.0  # an answer that would take most of a minute
        received: list[str] = []

        def ask() -> None:
            headers = {"Accept": "text/event-stream"}
            with httpx.Client(trust_env=False, timeout=60) as client:
                try:
                    with client.stream(
                        "POST", f"{server.url}/ask", json={"question": QUESTION}, headers=headers
                    ) as stream:
                        received.extend(stream.iter_lines())
                except httpx.HTTPError as error:
                    received.append(type(error).__name__)

        asking = threading.Thread(target=ask)
        asking.start()
        try:
            deadline = time.monotonic() + 30
            while not chat_server.open_streams:
                assert time.monotonic() < deadline, received
                time.sleep(0.05)
            started = time.monotonic()
            server.process.send_signal(sent)
            assert server.process.wait(15) == 0, server.said
            assert time.monotonic() - started < 8
        finally:
            chat_server.delay = 0.0
            asking.join(10)
        assert not (tmp_path / "data" / NAME).exists()
        assert "Traceback" not in server.said
        # The library is closed well enough to be opened at once.
        status = subprocess.run(
            [*GROUNDKB, "ingest", "status", "--json"],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert json.loads(status.stdout)["documents"] == 3


def test_a_killed_server_is_no_hindrance(
    tmp_path: Path, models_dir: Path, chat_server: ChatServer, run_cli: RunCli
) -> None:
    write_documents(tmp_path / "documents")
    environment = environment_of(tmp_path / "data", models_dir, chat_server)
    with serving(tmp_path / "data", tmp_path / "log", environment) as server:
        server.process.kill()
        server.process.wait(10)
        assert (tmp_path / "data" / NAME).exists()
        ran = run_cli("ingest", "sync", str(tmp_path / "documents"), "--json", **environment)
        assert ran.code == 0, ran.err
        assert ran.json["added"] == 3
        answer = run_cli("ask", QUESTION, "--json", **environment)
        assert "MIT" in answer.json["answer"]


def test_without_a_server_the_chat_server_that_is_down_is_named(
    tmp_path: Path, models_dir: Path, chat_server: ChatServer, run_cli: RunCli
) -> None:
    write_documents(tmp_path / "documents")
    environment = environment_of(tmp_path / "data", models_dir, chat_server)
    assert run_cli("ingest", "sync", str(tmp_path / "documents"), **environment).code == 0
    down = f"http://127.0.0.1:{free_port()}/v1"
    ran = run_cli("ask", QUESTION, **{**environment, "GROUNDKB_OPENAI_URL": down})
    assert ran.code == 1
    assert down.removesuffix("/v1") in ran.err
    assert "Traceback" not in ran.err
