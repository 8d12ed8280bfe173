"""`groundkb mcp`, called by the protocol's own client, over both transports, against the real application."""

import asyncio
import contextlib
import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from pydantic import SecretStr

from app.api.app import create_app
from app.api.service import Service
from app.cli.client import Client as ApiClient
from app.cli.mcp_tools import (
    READ,
    TEXT,
    AskIn,
    ReadIn,
    SearchIn,
    ask,
    read_document,
    search,
    uri_of,
)
from app.cli.server_file import RunningServer, read_server_file, write_server_file
from app.library.people import SCOPES
from app.runtime import Runtime
from app.settings import Settings
from ingest.report import SyncRequest
from tests.api.conftest import client_of, prepared, prepared_data, served  # noqa: F401  fixtures
from tests.cli.conftest import GROUNDKB, RunCli, base_environment
from tests.conftest import write_documents

KEY = "the-key-of-a-reader"
LICENCE = "Which licence does DeepSeek use?"
NO_CHAT = {"GROUNDKB_CHAT": "none"}
UNANSWERED = "When does the canteen close on Friday?"


@contextlib.contextmanager
def running(runtime: Runtime, **changes: object) -> Iterator[RunningServer]:
    """The application behind HTTP, with its file in the library's folder, as `groundkb serve` leaves it."""
    token = secrets.token_urlsafe(8)
    app = create_app(runtime.settings.model_copy(update=changes), runtime, token)
    service: Service = app.state.service
    with served(app) as url:
        server = RunningServer(url, os.getpid(), service.instance, token)
        write_server_file(runtime.settings.data, server)
        yield server


def environment(settings: Settings, **more: str) -> dict[str, str]:
    return {**os.environ, **base_environment(settings.data, settings.models), **more}


def over_stdio(settings: Settings, **more: str) -> Client:
    command = StdioServerParameters(
        command=sys.executable, args=[*GROUNDKB[1:], "mcp"], env=environment(settings, **more)
    )
    return Client(command, read_timeout_seconds=120)


@contextlib.contextmanager
def http_door(settings: Settings, log: Path, **more: str) -> Iterator[str]:
    """`groundkb mcp --http` as a process; its address."""
    with log.open("w") as output:
        process = subprocess.Popen(
            [*GROUNDKB, "mcp", "--http", "--port", "0"],
            env=environment(settings, **more),
            stdout=subprocess.DEVNULL,
            stderr=output,
        )
    try:
        deadline = time.monotonic() + 60
        while "/mcp" not in log.read_text():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield next(word for word in log.read_text().split() if word.startswith("http://"))
    finally:
        process.terminate()
        assert process.wait(20) == 0, log.read_text()


@contextlib.asynccontextmanager
async def over_http(url: str, **headers: str) -> AsyncIterator[Client]:
    async with (
        httpx2.AsyncClient(headers=headers, timeout=120) as http,
        Client(streamable_http_client(url, http_client=http), read_timeout_seconds=120) as client,
    ):
        yield client


async def try_all(client: Client) -> None:
    """What either transport has to do."""
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert set(tools) == {"search", "ask", "read_document", "list_documents"}
    assert all(tool.annotations and tool.annotations.read_only_hint for tool in tools.values())

    listed = structured(await client.call_tool("list_documents", {"limit": 2}))
    assert (len(listed["documents"]), listed["total"], listed["next_offset"]) == (2, 3, 2)
    rest = structured(await client.call_tool("list_documents", {"limit": 2, "offset": 2}))
    assert (len(rest["documents"]), rest["next_offset"]) == (1, None)

    found = structured(await client.call_tool("search", {"question": LICENCE, "limit": 1}))
    [passage] = found["passages"]
    assert "MIT" in passage["text"]
    assert len(passage["text"]) <= TEXT

    answer = structured(await client.call_tool("ask", {"question": LICENCE}))
    assert (answer["answered"], answer["refusal"]) == (True, None)
    quote = answer["quotes"][0]
    arguments = {"document_id": quote["document_id"], "start": quote["start"]}
    read = structured(
        await client.call_tool(
            "read_document", {**arguments, "limit": quote["end"] - quote["start"]}
        )
    )
    assert read["text"] == quote["quote"], "a quote is exactly what stands in the document"

    refused = await client.call_tool("ask", {"question": UNANSWERED})
    assert not refused.is_error, "a refusal is a result, no failure"
    refusal = structured(refused)
    assert refusal["answered"] is False
    assert refusal["quotes"] == []
    assert refusal["refusal"]["reason"] in ("no_hits", "low_relevance", "model", "unverified")
    assert refusal["refusal"]["message"] == refusal["answer"]
    chinese = structured(await client.call_tool("ask", {"question": "食堂星期五几点关门？"}))
    assert chinese["answer"] == "上下文未包含对此问题的答案"

    resources = (await client.list_resources()).resources
    assert len(resources) == 3
    licences = next(item for item in resources if "licences" in (item.description or ""))
    [content] = (await client.read_resource(licences.uri)).contents
    assert "DeepSeek uses the MIT licence." in content.text  # type: ignore[union-attr]

    await try_failures(client)


async def try_failures(client: Client) -> None:
    """Each with its code, in the language of the question where there is one."""
    unknown = await client.call_tool("read_document", {"document_id": "nothing"})
    assert error_of(unknown)["code"] == "document_not_found"
    nowhere = await client.call_tool("ask", {"question": "许可证是什么？", "kb": "Not A Name"})
    assert error_of(nowhere)["code"] == "request_invalid"
    assert "请求" in error_of(nowhere)["message"]
    greedy = await client.call_tool("search", {"question": LICENCE, "limit": 1_000})
    assert error_of(greedy)["code"] == "request_invalid"
    odd = await client.call_tool("search", {"question": LICENCE, "model": "x"})
    assert error_of(odd)["code"] == "request_invalid"
    with pytest.raises(MCPError) as caught:
        await client.read_resource("groundkb://-/nothing")
    assert caught.value.data["code"] == "document_not_found"
    with pytest.raises(MCPError):
        await client.call_tool("delete_everything", {})


def structured(result: Any) -> dict[str, Any]:
    assert not result.is_error, result.content
    value: dict[str, Any] = result.structured_content
    return value


def error_of(result: Any) -> dict[str, str]:
    assert result.is_error
    error: dict[str, str] = result.structured_content["error"]
    assert error["message"] in result.content[0].text
    return error


async def test_over_stdio_it_talks_to_the_running_server(prepared: Runtime) -> None:  # noqa: F811
    with running(prepared, api_keys=(SecretStr(KEY),)):
        async with over_stdio(prepared.settings) as client:
            assert client.server_info.name == "groundkb"
            await try_all(client)


async def test_over_http_with_the_rights_of_the_key(prepared: Runtime, tmp_path: Path) -> None:  # noqa: F811
    with (
        running(prepared, api_keys=(SecretStr(KEY),)),
        http_door(prepared.settings, tmp_path / "log", GROUNDKB_API_KEYS=KEY) as url,
    ):
        async with over_http(url, authorization=f"Bearer {KEY}") as client:
            await try_all(client)
        async with over_http(url, authorization="Bearer wrong") as stranger:
            for tool, arguments in (
                ("ask", {"question": LICENCE}),
                ("search", {"question": LICENCE}),
                ("list_documents", {}),
                ("read_document", {"document_id": "x"}),
            ):
                refused = await stranger.call_tool(tool, arguments)
                assert error_of(refused)["code"] == "api_key_wrong", tool
            with pytest.raises(MCPError) as caught:
                await stranger.list_resources()
            assert caught.value.data["code"] == "api_key_wrong"
        async with over_http(url, **{"x-api-key": KEY, "accept-language": "zh"}) as client:
            unknown = await client.call_tool("read_document", {"document_id": "nothing"})
            assert "文档" in error_of(unknown)["message"]


async def test_over_http_each_is_told_what_he_may_read(prepared: Runtime, tmp_path: Path) -> None:  # noqa: F811
    library = prepared.library
    [licences] = [row for row in library.documents("default") if "licences" in row.source]
    prepared.storage.limit_document("default", licences.id, ["board"])
    keys = {}
    for name, groups in (("Ann", ["board"]), ("Bo", [])):
        library.people.add(name, "reader", groups)
        keys[name] = library.people.add_key(name, "assistant", SCOPES["reader"])[1]
    calls: list[tuple[str, dict[str, Any]]] = [
        ("ask", {"question": LICENCE}),
        ("search", {"question": LICENCE, "limit": 20}),
        ("search", {"question": LICENCE, "knowledge_bases": ["default"]}),
        ("list_documents", {}),
        ("list_documents", {"query": "licences"}),
        ("read_document", {"document_id": licences.id}),
    ]
    with (
        running(prepared, accounts=True, max_wrong_keys=2),
        http_door(prepared.settings, tmp_path / "log", GROUNDKB_ACCOUNTS="true") as url,
    ):

        async def told(name: str) -> list[str]:
            async with over_http(url, authorization=f"Bearer {keys[name]}") as client:
                results = [str(await client.call_tool(*call)) for call in calls]
                results.append(str(await client.list_resources()))
                try:
                    results.append(str(await client.read_resource(uri_of(None, licences.id))))
                except MCPError as error:
                    results.append(f"{error} {error.data}")
                return results

        assert all("DeepSeek uses the MIT" in text for text in (await told("Ann"))[:3])
        for text in await told("Bo"):
            asked_for = text.replace(LICENCE, "").replace(licences.id, "")
            assert not {"DeepSeek", "MIT", "licences"} & set(re.findall(r"\w+", asked_for)), text
        # Wrong keys shut out the address that they came from, and nobody else who comes by this door.
        far = {"x-forwarded-for": "203.0.113.7"}
        async with over_http(url, authorization="Bearer wrong", **far) as stranger:
            found = [error_of(await stranger.call_tool(*calls[3]))["code"] for _ in range(4)]
        assert found[0] == "api_key_wrong"
        assert found[-1] == "too_many_wrong_keys"
        assert await told("Bo")
        async with over_http(url, authorization=f"Bearer {keys['Bo']}") as client:
            assert structured(await client.call_tool(*calls[3]))["total"] == 2


async def test_a_page_of_another_site_is_not_served(prepared: Runtime, tmp_path: Path) -> None:  # noqa: F811
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    accept = {"accept": "application/json, text/event-stream"}
    with running(prepared), http_door(prepared.settings, tmp_path / "log") as url:
        async with httpx2.AsyncClient() as http:
            rebound = await http.post(url, json=body, headers={**accept, "host": "evil.example"})
            crossed = await http.post(
                url, json=body, headers={**accept, "origin": "http://evil.example"}
            )
            own = await http.post(url, json=body, headers=accept)
    assert (rebound.status_code, crossed.status_code) == (421, 403)
    assert own.status_code == 200


async def test_the_stages_of_an_answer_are_told_as_progress(prepared: Runtime) -> None:  # noqa: F811
    told: list[str | None] = []

    async def progress(
        progress: float, total: float | None = None, message: str | None = None
    ) -> None:
        told.append(message)

    with running(prepared):
        async with over_stdio(prepared.settings, LC_ALL="zh_CN.UTF-8") as client:
            await client.call_tool("ask", {"question": LICENCE}, progress_callback=progress)
    assert told[0] == "正在检索……"


async def test_a_long_document_comes_in_parts(
    prepared: Runtime,  # noqa: F811
    tmp_path: Path,
) -> None:
    folder = tmp_path / "long"
    folder.mkdir()
    words = "".join(f"Line {number} of the long report.\n\n" for number in range(2_000))
    (folder / "long.txt").write_text(words)
    prepared.storage.sync(SyncRequest((str(folder),), "default"), lambda _: None)
    with running(prepared):
        async with over_stdio(prepared.settings) as client:
            listed = structured(await client.call_tool("list_documents", {"query": "long.txt"}))
            [document] = listed["documents"]
            parts, start = [], 0
            while start is not None:
                part = structured(
                    await client.call_tool(
                        "read_document",
                        {"document_id": document["document_id"], "start": start, "limit": READ},
                    )
                )
                assert len(part["text"]) <= READ
                parts.append(part["text"])
                start = part["next_start"]
            stored = prepared.library.text("default", document["document_id"])
            assert "".join(parts) == stored

            [content] = (await client.read_resource(document["uri"])).contents
            text = content.text  # type: ignore[union-attr]
            assert f"{document['uri']}?start={READ}" in text
            [rest] = (await client.read_resource(f"{document['uri']}?start={READ}")).contents
            assert rest.text.startswith(stored[READ : READ + 50])  # type: ignore[union-attr]


@pytest.fixture
def synced(run_cli: RunCli, settings: Settings, tmp_path: Path) -> Settings:
    """A closed library, indexed by the model that a command will open it with."""
    write_documents(tmp_path / "documents")
    assert run_cli("ingest", "sync", str(tmp_path / "documents"), **NO_CHAT).code == 0
    return settings


async def test_without_a_server_it_serves_the_library_itself(synced: Settings) -> None:
    settings = synced
    async with over_stdio(settings, **NO_CHAT) as client:
        answer = structured(await client.call_tool("ask", {"question": LICENCE}))
        assert "MIT" in answer["quotes"][0]["quote"]
        server = read_server_file(settings.data)
        assert server is not None
        assert server.command
    assert read_server_file(settings.data) is None


async def test_several_knowledge_bases_are_searched_at_once(
    prepared: Runtime,  # noqa: F811
    tmp_path: Path,
) -> None:
    library = prepared.library
    library.add_knowledge_base("second")
    folder = tmp_path / "second"
    folder.mkdir()
    (folder / "qwen.md").write_text("Which licence? Qwen3 uses a licence of its own.\n", "utf-8")
    request = SyncRequest((str(folder),), "second")
    await asyncio.to_thread(prepared.storage.sync, request, lambda _: None)
    app = create_app(prepared.settings, prepared, "token")

    async def quietly(_: str) -> None:
        return None

    async with client_of(app) as http:
        client = ApiClient(http, str(http.base_url), {})
        for named in (
            {"knowledge_bases": ("default", "second")},
            {"kb": "second", "knowledge_bases": ("default",)},
        ):
            found = await search(client, SearchIn(question=LICENCE, **named), quietly)
            places = {passage.uri.split("/")[2] for passage in found.passages}
            assert places == {"default", "second"}
        alone = await search(
            client, SearchIn(question=LICENCE, knowledge_bases=("second",)), quietly
        )
        assert {passage.uri.split("/")[2] for passage in alone.passages} == {"second"}
        asked = AskIn(question=LICENCE, knowledge_bases=("second", "default"))
        answer = await ask(client, asked, quietly)
        assert [quote.uri.split("/")[2] for quote in answer.quotes][:1] == ["default"]
        for quote in answer.quotes:
            kb, document = quote.uri.split("/")[2:]
            stored = await read_document(client, ReadIn(document_id=document, kb=kb), quietly)
            assert quote.quote in stored.text


SERVICES = """# Services

| Service | Fee |
| --- | --- |
| cleaning | 12 EUR |
| parking | 9 USD |
| laundry | 7 EUR |
"""


async def test_a_refusal_says_what_more_there_is_to_say(
    prepared: Runtime,  # noqa: F811
    tmp_path: Path,
) -> None:
    folder = tmp_path / "fees"
    folder.mkdir()
    (folder / "services.md").write_text(SERVICES, "utf-8")
    request = SyncRequest((str(folder),), "default")
    await asyncio.to_thread(prepared.storage.sync, request, lambda _: None)
    with running(prepared):
        async with over_stdio(prepared.settings) as client:
            asked = {"question": "What is the total fee of the services?"}
            found = structured(await client.call_tool("ask", asked))
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert found["refusal"]["reason"] == "not_computable"
    assert "(12 EUR, 9 USD, 7 EUR)" in found["refusal"]["detail"]
    schema = tools["ask"].output_schema
    assert schema is not None
    assert "detail" in schema["$defs"]["Refused"]["properties"]


def test_it_says_what_to_install(run_cli: RunCli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.cli.mcp.find_spec", lambda _: None)
    said = run_cli("mcp")
    assert said.code == 2
    assert "groundkb[mcp]" in said.err
