"""What `groundkb reader` answers: `GET /reader`, `POST /read`, `POST /check` and `GET /livez`.

What is asked while the model computes is read together next, whoever asks: a GPU that reads eight passages
is hardly slower with eighty.
"""

import asyncio
import hmac
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Final, Protocol

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from app.errors import GroundkbError
from app.models.reading import Reader, Reading
from app.texts import FALLBACK, told

# Characters and passages of one request; a reader looks at some 2,500 tokens of each at most.
_TEXT: Final = 100_000
_PASSAGES: Final = 1_000
# Passages that are read together, at most: what comes meanwhile waits no longer than these take.
_TOGETHER: Final = 512


class PairsReader(Reader, Protocol):
    """One that reads several questions at once."""

    def read_all(self, asked: Sequence[tuple[str, Sequence[str]]]) -> list[list[Reading]]:
        """`read` for each question with its passages."""
        ...


class ReadIn(BaseModel):
    question: Annotated[str, Field(max_length=_TEXT)]
    passages: Annotated[list[Annotated[str, Field(max_length=_TEXT)]], Field(max_length=_PASSAGES)]


class CheckIn(ReadIn):
    answer: Annotated[str, Field(max_length=_TEXT)]


@dataclass(eq=False)
class _Asked:
    question: str
    passages: Sequence[str]
    read: "asyncio.Future[list[Reading]]"


class Together:
    """Reads what several ask in turns, all that waits at once."""

    def __init__(self, reader: PairsReader) -> None:
        self._reader = reader
        self._waiting: list[_Asked] = []
        self._task: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """Requests whose turn has not come."""
        return len(self._waiting)

    async def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        """Raises as `Reader.read` does."""
        mine = _Asked(question, passages, asyncio.get_running_loop().create_future())
        self._waiting.append(mine)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())
        return await mine.read

    async def _work(self) -> None:
        while self._waiting:
            taken: list[_Asked] = []
            count = 0
            while self._waiting and (not taken or count < _TOGETHER):
                taken.append(self._waiting.pop(0))
                count += len(taken[-1].passages)
            asked = [(each.question, each.passages) for each in taken]
            try:
                found = await asyncio.to_thread(self._reader.read_all, asked)
            except Exception as error:  # noqa: BLE001  all who asked are told
                for each in taken:
                    if not each.read.cancelled():
                        each.read.set_exception(error)
                continue
            for each, readings in zip(taken, found, strict=True):
                if not each.read.cancelled():
                    each.read.set_result(readings)


def create_reader_app(reader: PairsReader, api_key: str | None) -> FastAPI:
    """`api_key`: the one that all but `/livez` wants."""

    @asynccontextmanager
    async def with_reader(app: FastAPI) -> AsyncIterator[None]:
        app.state.together = Together(reader)
        yield

    def with_key(request: Request) -> None:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        # Starlette has read the header's bytes as Latin-1.
        if api_key and not hmac.compare_digest(given.encode("latin-1"), api_key.encode()):
            raise _Refused

    app = FastAPI(openapi_url=None, lifespan=with_reader)
    guarded = [Depends(with_key)]

    @app.exception_handler(_Refused)
    async def refused(_request: Request, _error: Exception) -> Response:
        return JSONResponse({"error": "unauthorized"}, 401, {"WWW-Authenticate": "Bearer"})

    @app.exception_handler(GroundkbError)
    async def failed(_request: Request, error: Exception) -> Response:
        assert isinstance(error, GroundkbError)  # noqa: S101
        return JSONResponse({"error": error.code, "message": told(error, FALLBACK).message}, 500)

    @app.get("/livez")
    async def livez() -> dict[str, object]:
        together: Together = app.state.together
        return {"status": "ok", "waiting": together.waiting}

    @app.get("/reader", dependencies=guarded)
    async def about() -> dict[str, object]:
        return {"name": reader.name, "checks": reader.checks}

    @app.post("/read", dependencies=guarded)
    async def read(body: ReadIn) -> Response:
        together: Together = app.state.together
        readings = await together.read(body.question, body.passages)
        return JSONResponse(
            {
                "readings": [
                    {
                        "answers": reading.answers,
                        "spans": [[span.start, span.end, span.score] for span in reading.spans],
                    }
                    for reading in readings
                ]
            }
        )

    @app.post("/check", dependencies=guarded)
    async def check(body: CheckIn) -> Response:
        scores = await asyncio.to_thread(reader.check, body.question, body.answer, body.passages)
        return JSONResponse({"scores": [float(score) for score in scores.tolist()]})

    return app


class _Refused(Exception):
    """The key is wrong, or there is none."""
