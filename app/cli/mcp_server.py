"""groundkb in the Model Context Protocol, over standard input and output or streamable HTTP.

It answers nothing itself: each call goes over HTTP to the server that has the library open, or to
one that this process serves while it is asked and closes when it is not, so that another can have
the library then.
"""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.metadata import version
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
import mcp_types as types
import uvicorn
from mcp import MCPError
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.server.transport_security import TransportSecuritySettings
from pydantic import BaseModel

from app.api.auth import OPERATOR_HEADER
from app.api.language import accepted_language
from app.api.middleware.hosts import is_loopback
from app.api.middleware.proxies import TrustedProxies
from app.api.wire.base import error_detail
from app.cli.arguments import checked
from app.cli.client import TIMEOUT, Client
from app.cli.here import open_server
from app.cli.listening import listen
from app.cli.mcp_tools import (
    READ,
    SCHEME,
    TOOLS,
    ListIn,
    ReadIn,
    asked_language,
    list_documents,
    read_document,
    uri_of,
)
from app.cli.say import Cli
from app.cli.server_file import RunningServer
from app.errors import DocumentNotFound, GroundkbError, IndexInUse, Phrase, RequestInvalid
from app.settings import Settings
from app.texts import FALLBACK

# A server of this process's own is closed when nobody has asked for so long.
IDLE_SECONDS: Final = 120.0
LISTED: Final = 100  # resources on one page
# What of a caller's request says who calls and how to answer.
PASSED_ON: Final = ("authorization", "x-api-key", "accept-language")
NOT_FOUND: Final = -32002  # the protocol's code for a resource that is not there
Context = ServerRequestContext[Any, Any]


class ApiAccess:
    """The way to the API. `as_operator`: with the rights of whoever can read the library's folder;
    else with those that the caller's own headers give."""

    def __init__(self, settings: Settings, *, as_operator: bool) -> None:
        self._settings = settings
        self._as_operator = as_operator
        self._own: RunningServer | None = None
        self._stack = AsyncExitStack()
        self._lock = asyncio.Lock()
        self._busy = 0
        self._used = time.monotonic()

    @asynccontextmanager
    async def client(self, headers: Mapping[str, str]) -> AsyncIterator[Client]:
        """Raises as `open_server` does."""
        async with self._lock:
            server = await self._server()
            self._busy += 1
        sent = dict(headers)
        if self._as_operator:
            sent[OPERATOR_HEADER] = server.token
        try:
            async with httpx.AsyncClient(
                base_url=server.url, timeout=TIMEOUT, trust_env=False
            ) as http:
                yield Client(http, server.url, sent)
        finally:
            self._busy -= 1
            self._used = time.monotonic()

    async def _server(self) -> RunningServer:
        if self._own is not None:
            return self._own
        server = await self._stack.enter_async_context(
            open_server(self._settings, closed=self._as_operator)
        )
        if server.pid == os.getpid():
            self._own = server
        else:  # it may end and another begin: looked for anew each time
            await self._stack.aclose()
            if server.command and not self._as_operator:
                raise IndexInUse(
                    path=self._settings.data, owner=Phrase("process_numbered", pid=server.pid)
                )
        return server

    async def close(self) -> None:
        """Close the server of this process, if there is one."""
        async with self._lock:
            self._own = None
            await self._stack.aclose()

    async def close_when_idle(self) -> None:
        """Does not end by itself."""
        while True:
            await asyncio.sleep(IDLE_SECONDS / 4)
            idle = self._busy == 0 and time.monotonic() - self._used > IDLE_SECONDS
            if self._own is not None and idle:
                await self.close()


@asynccontextmanager
async def _library(settings: Settings, *, as_operator: bool) -> AsyncIterator[ApiAccess]:
    library = ApiAccess(settings, as_operator=as_operator)
    closing = asyncio.create_task(library.close_when_idle())
    try:
        yield library
    finally:
        closing.cancel()
        await asyncio.gather(closing, return_exceptions=True)
        await library.close()


def build_server(cli: Cli, library: ApiAccess) -> Server[Any]:
    """The protocol's server over `library`."""

    async def list_tools(
        _: Context, __: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        tools = [
            types.Tool(
                name=name,
                description=cli.say(f"tool.{name}"),
                input_schema=tool.takes.model_json_schema(),
                output_schema=tool.gives.model_json_schema(),
                annotations=types.ToolAnnotations(
                    read_only_hint=True, destructive_hint=False, open_world_hint=False
                ),
            )
            for name, tool in TOOLS.items()
        ]
        return types.ListToolsResult(tools=tools)

    async def call_tool(ctx: Context, params: types.CallToolRequestParams) -> types.CallToolResult:
        tool = TOOLS.get(params.name)
        if tool is None:
            raise MCPError(types.INVALID_PARAMS, f"unknown tool: {params.name}")
        arguments = params.arguments or {}
        headers = _headers(ctx, asked_language(arguments) or cli.language)
        done = 0

        async def progress(stage: str) -> None:
            nonlocal done
            done += 1
            await ctx.session.report_progress(done, message=cli.say(f"stage.{stage}"))

        try:
            wanted = checked(tool.takes, **arguments)
            async with library.client(headers) as client:
                return _result(await tool.run(client, wanted, progress))
        except GroundkbError as error:
            return _failed(error, _read_in(headers))

    async def list_resources(
        ctx: Context, params: types.PaginatedRequestParams | None
    ) -> types.ListResourcesResult:
        cursor = params.cursor if params else None
        headers = _headers(ctx, cli.language)
        try:
            wanted = checked(ListIn, limit=LISTED, offset=cursor or 0)
            async with library.client(headers) as client:
                page = await list_documents(client, wanted, _silently)
        except GroundkbError as error:
            raise _protocol_error(error, _read_in(headers)) from error
        return types.ListResourcesResult(
            resources=[
                types.Resource(
                    name=item.title,
                    title=item.title,
                    uri=item.uri,
                    description=item.source,
                    mime_type="text/plain",
                )
                for item in page.documents
            ],
            next_cursor=None if page.next_offset is None else str(page.next_offset),
            cache_scope="private",
        )

    async def list_templates(
        _: Context, __: types.PaginatedRequestParams | None
    ) -> types.ListResourceTemplatesResult:
        template = types.ResourceTemplate(
            name="document",
            uri_template=f"{SCHEME}://{{kb}}/{{document_id}}{{?start}}",
            description=cli.say("tool.read_document"),
            mime_type="text/plain",
        )
        return types.ListResourceTemplatesResult(resource_templates=[template])

    async def read_resource(
        ctx: Context, params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult:
        headers = _headers(ctx, cli.language)
        try:
            wanted = _document_of(params.uri)
            async with library.client(headers) as client:
                found = await read_document(client, wanted, _silently)
        except GroundkbError as error:
            raise _protocol_error(error, _read_in(headers)) from error
        text, uri = found.text, uri_of(wanted.kb, wanted.document_id)
        if found.next_start is not None:
            more = cli.say("mcp.more", uri=f"{uri}?start={found.next_start}", total=found.total)
            text = f"{text}\n\n[{more}]"
        content = types.TextResourceContents(uri=params.uri, mime_type="text/plain", text=text)
        return types.ReadResourceResult(contents=[content], cache_scope="private")

    return Server(
        "groundkb",
        version=version("groundkb"),
        title="groundkb",
        instructions=cli.say("mcp.instructions"),
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_resources,
        on_list_resource_templates=list_templates,
        on_read_resource=read_resource,
    )


async def serve_stdio(cli: Cli) -> None:
    """Serve whoever started this process, as the library's operator, until its input ends."""
    async with (
        _library(cli.settings, as_operator=True) as library,
        stdio_server() as (received, sent),
    ):
        server = build_server(cli, library)
        await server.run(received, sent, server.create_initialization_options())


async def serve_http(cli: Cli, host: str, port: int) -> None:
    """Serve over streamable HTTP at `/mcp` until Ctrl-C. Raises PortTaken."""
    settings = cli.settings
    with listen(host, port) as listening:
        async with _library(settings, as_operator=False) as library:
            door = build_server(cli, library).streamable_http_app(
                stateless_http=True, transport_security=_security(settings, host)
            )
            app = TrustedProxies(door, settings)
            for stop in (signal.SIGINT, signal.SIGTERM):
                signal.signal(stop, signal.SIG_IGN)  # uvicorn's to handle; then the rest is closed
            name = f"[{host}]" if ":" in host else host
            cli.err.print(
                cli.say("mcp.serving", url=f"http://{name}:{listening.getsockname()[1]}/mcp")
            )
            config = uvicorn.Config(app, log_config=None, access_log=False, server_header=False)
            await uvicorn.Server(config).serve(sockets=[listening])


def _security(settings: Settings, host: str) -> TransportSecuritySettings:
    """As the API's own guard (`app.api.middleware.hosts`): names are looked at where no key is needed."""
    if settings.asks_who or not (is_loopback(host) or settings.allowed_hosts):
        return TransportSecuritySettings(enable_dns_rebinding_protection=False)
    names = ["127.0.0.1", "localhost", "[::1]", *settings.allowed_hosts]
    return TransportSecuritySettings(
        allowed_hosts=[form for name in names for form in (name, f"{name}:*")],
        allowed_origins=[
            f"{scheme}://{form}"
            for name in names
            for form in (name, f"{name}:*")
            for scheme in ("http", "https")
        ],
    )


def _headers(ctx: Context, language: str) -> dict[str, str]:
    """What goes with a call: the caller's own, where it came over HTTP, and the language to answer in."""
    if ctx.request is None:
        return {"accept-language": language}
    own, client = ctx.request.headers, ctx.request.client
    passed = {name: own[name] for name in PASSED_ON if name in own}
    if client is not None and client.host:
        # Else all who come by this door would be one address, and be shut out for each other's wrong keys.
        passed["x-forwarded-for"] = client.host
    return {"accept-language": language, **passed}


def _read_in(headers: Mapping[str, str]) -> str:
    return accepted_language(headers["accept-language"]) or FALLBACK


async def _silently(_: str) -> None:
    return None


def _result(value: BaseModel) -> types.CallToolResult:
    content = types.TextContent(text=value.model_dump_json())
    return types.CallToolResult(content=[content], structured_content=value.model_dump(mode="json"))


def _error_data(error: GroundkbError, language: str) -> dict[str, str]:
    return error_detail(error, language).model_dump()


def _failed(error: GroundkbError, language: str) -> types.CallToolResult:
    data = _error_data(error, language)
    said = f"{data['message']} {data['hint']}".strip()
    return types.CallToolResult(
        content=[types.TextContent(text=said)], structured_content={"error": data}, is_error=True
    )


def _protocol_error(error: GroundkbError, language: str) -> MCPError:
    data = _error_data(error, language)
    code = types.INTERNAL_ERROR
    if error.code == DocumentNotFound.code:
        code = NOT_FOUND
    elif error.scope == "usage":
        code = types.INVALID_PARAMS
    return MCPError(code, data["message"], data)


def _document_of(uri: str) -> ReadIn:
    """Raises RequestInvalid."""
    parts = urlsplit(uri)
    if parts.scheme != SCHEME:
        raise RequestInvalid(detail=Phrase("resource_address", scheme=SCHEME))
    [start] = parse_qs(parts.query).get("start", ["0"])[:1]
    kb = None if parts.netloc == "-" else parts.netloc
    return checked(
        ReadIn, document_id=unquote(parts.path.lstrip("/")), kb=kb, start=start, limit=READ
    )
