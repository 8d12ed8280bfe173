"""An application over a scripted answerer, for what the door itself does; and one over real parts."""

import asyncio
import contextlib
import shutil
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
import uvicorn
from fastapi import FastAPI

from app.answering import answer as data
from app.api.app import create_app
from app.index.protocol import Hit, Mode, Passage
from app.library.library import Library
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from ingest.report import SyncRequest
from tests.conftest import BigramEmbedder, write_documents
from tests.fakes import OverlapReader, ScriptedChat


@pytest.fixture(autouse=True, scope="session")
def _plain_logs() -> None:
    """structlog draws tracebacks with all local variables unless told otherwise, which takes seconds."""
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[structlog.contextvars.merge_contextvars, plain])


TEXT = "代码采用 MIT 许可证。权重另有许可。"
QUOTE = (0, 12)


def passage(text: str = TEXT, ordinal: int = 0) -> Passage:
    return Passage(
        id=f"chunk-{ordinal}",
        document_id="document-1",
        revision="revision-1",
        ordinal=ordinal,
        text=text,
        start=100,
        end=100 + len(text),
        windows=((100, 112), (112, 100 + len(text))),
        page=3,
        section=("模型", "许可证"),
        language="zh",
        title="DeepSeek-V3",
        source="file:///library/deepseek.md",
        tags=("licence",),
    )


def retrieved(*, cited: bool) -> data.RetrievedPassage:
    return data.RetrievedPassage(Hit(passage(), 0.5, 0.9, 0), shown=True, cited=cited)


def an_answer(text: str = "采用 MIT 许可证。[1]", **changes: Any) -> data.Answer:
    citation = data.Citation(
        marker=1,
        document_id="document-1",
        revision="revision-1",
        chunk_id="chunk-0",
        title="DeepSeek-V3",
        source="file:///library/deepseek.md",
        quote=TEXT[slice(*QUOTE)],
        start=100,
        end=112,
        page=3,
        section=("模型", "许可证"),
    )
    answer = data.Answer(
        answer=text,
        answered=True,
        refusal=None,
        language="zh",
        citations=(citation,),
        statements=(data.Statement(0, len(text), True, (1,)),),
        retrieved=(retrieved(cited=True),),
        models=data.Models("embedded/scripted", "bigrams", "kb_default@0123456789ab", "calibrated"),
        usage=data.Usage(120, 7, 1),
        timings_ms=data.Timings(12.0, 30.0, 90.0),
        unverified_quotes=((1, 3),),
        thoughts="想一想",
    )
    return replace(answer, **changes)


def refused(reason: data.RefusalReason = "low_relevance") -> data.Answer:
    message = "上下文未包含对此问题的答案"
    return an_answer(
        message,
        answered=False,
        refusal=data.Refusal(reason, message, 8, -1.5),
        citations=(),
        statements=(),
        unverified_quotes=(),
    )


def events_of(answer: data.Answer) -> list[data.Event]:
    pieces = [data.TokenPiece(char) for char in answer.answer]
    citations = [data.Citations(answer.citations)] if answer.answered else []
    thoughts = [data.ThoughtPiece(answer.thoughts)] if answer.answered else []
    first = data.Retrieved((retrieved(cited=False),), answer.standalone_question)
    return [first, *thoughts, *pieces, *citations, data.Done(answer)]


@dataclass
class ScriptedAnswerer:
    """Plays events; an exception among them is raised, a number waits that many seconds."""

    script: Sequence[data.Event | Exception | float] = field(
        default_factory=lambda: events_of(an_answer())
    )
    questions: list[data.Question] = field(default_factory=list)
    searches: list[tuple[data.Question, int, Mode]] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)
    finished: bool = False

    def over(self, library: Library) -> "ScriptedAnswerer":
        return self

    async def ask(self, question: data.Question) -> AsyncGenerator[data.Event, None]:
        self.questions.append(question)
        try:
            for item in self.script:
                if isinstance(item, Exception):
                    raise item
                if isinstance(item, float):
                    await asyncio.sleep(item)
                else:
                    yield item
            self.finished = True
        finally:
            self.stopped.set()

    async def search(self, question: data.Question, limit: int, mode: Mode) -> data.SearchResult:
        self.searches.append((question, limit, mode))
        hits = tuple(Hit(passage(ordinal=n), 1 / (n + 1), 0.9, 1) for n in range(limit))
        return data.SearchResult(hits, "kb_default@0123456789ab", {"total": 3.5})


@pytest.fixture
def answerer() -> ScriptedAnswerer:
    return ScriptedAnswerer()


@pytest.fixture
async def runtime(settings: Settings, fake_embedder: BigramEmbedder) -> AsyncIterator[Runtime]:
    """Real library and index, a ranking embedder, a copying chat model."""
    opened = await open_runtime(
        settings, embedder=fake_embedder, chat=ScriptedChat(), reader=OverlapReader()
    )
    yield opened
    await opened.close()


@pytest.fixture
async def filled(runtime: Runtime, documents: Path) -> Runtime:
    """The same with three documents taken in."""
    request = SyncRequest((str(documents),), "default")
    report = await asyncio.to_thread(runtime.storage.sync, request, lambda _: None)
    assert report.added == 3
    return runtime


@pytest.fixture(scope="session")
def prepared_data(tmp_path_factory: pytest.TempPathFactory, models_dir: Path) -> Path:
    """A closed library's data folder with the three documents in it, made once."""
    folder = tmp_path_factory.mktemp("prepared")
    write_documents(folder / "documents")

    async def fill() -> None:
        settings = Settings(_env_file=None, data=folder / "data", models=models_dir)  # type: ignore[call-arg]
        opened = await open_runtime(
            settings, embedder=BigramEmbedder(), chat=ScriptedChat(), reader=OverlapReader()
        )
        request = SyncRequest((str(folder / "documents"),), "default")
        await asyncio.to_thread(opened.storage.sync, request, lambda _: None)
        await opened.close()

    asyncio.run(fill())
    return folder / "data"


@pytest.fixture
async def prepared(
    prepared_data: Path, settings: Settings, fake_embedder: BigramEmbedder
) -> AsyncIterator[Runtime]:
    """As `filled`, sooner: for tests that leave the folder of documents alone."""
    shutil.copytree(prepared_data, settings.data)
    opened = await open_runtime(
        settings, embedder=fake_embedder, chat=ScriptedChat(), reader=OverlapReader()
    )
    yield opened
    await opened.close()


@contextlib.asynccontextmanager
async def client_of(app: FastAPI, **headers: str) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://127.0.0.1:8000", headers=headers
    ) as client:
        yield client


@pytest.fixture
def scripted(
    runtime: Runtime, answerer: ScriptedAnswerer, make_settings: Callable[..., Settings]
) -> Callable[..., FastAPI]:
    """Make an application over the scripted answerer; keyword arguments are settings."""

    def make(operator_token: str | None = None, **overrides: object) -> FastAPI:
        changed = replace(runtime, answerer=answerer)  # type: ignore[arg-type]
        return create_app(make_settings(**overrides), changed, operator_token)

    return make


@pytest.fixture
async def client(scripted: Callable[..., FastAPI]) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(scripted()) as opened:
        yield opened


@contextlib.contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The application behind a real uvicorn on a loopback port, in a thread."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", lifespan="on"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        threading.Event().wait(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)


def parse_events(body: str) -> list[tuple[str, str]]:
    """(event, data) pairs of a complete SSE body; comments are left out."""
    found = []
    for block in body.split("\n\n"):
        lines = [line for line in block.splitlines() if line and not line.startswith(":")]
        if lines:
            fields = dict(line.split(": ", 1) for line in lines)
            found.append((fields["event"], fields["data"]))
    return found
