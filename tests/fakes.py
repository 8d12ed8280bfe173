"""A chat model whose answers depend on what it is asked. For tests of what surrounds the model."""

import asyncio
import re
from collections.abc import AsyncGenerator, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from app.models.chat import ChatRequest, Finish, Message, Thought, Token
from app.models.reading import Reading, Span


class ScriptedChat:
    """Answers with the first passage line that shares a word with the question, or as scripted.

    Counts Han characters and words as tokens, and keeps every request it was given.
    """

    provider: Literal["embedded"] = "embedded"
    name = "scripted"

    def __init__(
        self,
        *,
        answer: str | None = None,
        thought: str = "",
        num_ctx: int = 8192,
        reported_tokens: int | None = None,
        error: Exception | None = None,
        error_after: int = 10**9,
    ) -> None:
        self.num_ctx = num_ctx
        self.requests: list[Sequence[Message]] = []
        self.closed_streams = 0
        self.written = 0  # characters given out, of all answers
        self._answer, self._thought = answer, thought
        self._reported, self._error, self._error_after = reported_tokens, error, error_after

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Token | Thought | Finish, None]:
        self.requests.append(request.messages)
        text = self._answer if self._answer is not None else _copy(request.messages[-1].content)
        try:
            if self._thought:
                yield Thought(self._thought)
            for place, char in enumerate(text):
                if place >= self._error_after and self._error:
                    raise self._error
                self.written += 1
                yield Token(char)
                await asyncio.sleep(0)
            if self._error and self._error_after >= len(text) and self._error_after < 10**9:
                raise self._error
            counted = self._reported or await self.count_tokens(request.messages)
            yield Finish("stop", counted, len(text))
        finally:
            self.closed_streams += 1

    async def count_tokens(self, messages: Sequence[Message]) -> int | None:
        return sum(
            sum(1 for char in message.content if char > "\u3000") + len(message.content.split())
            for message in messages
        )

    async def probe(self) -> None:
        return None

    async def close(self) -> None:
        return None


class OverlapReader:
    """A fake that discriminates: a passage answers as far as it shares the question's words (for
    Chinese its character pairs), and the span is what else stands in the sentence that shares most."""

    name = "overlap"
    checks = True

    def __init__(self) -> None:
        self.read_passages: list[str] = []

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        self.read_passages.extend(passages)
        return [self._read(question, passage) for passage in passages]

    def check(self, question: str, answer: str, passages: Sequence[str]) -> NDArray[np.float32]:
        readings = self.read(f"{question} {answer}", passages)
        return np.array([reading.answers for reading in readings], np.float32)

    def _read(self, question: str, passage: str) -> Reading:
        asked = _words(question)
        spans = []
        for found in re.finditer(r"[^。.!?！？\n]+", passage):
            shared = len(asked & _words(found.group())) / max(1, len(asked))
            if found.group().strip():
                spans.append(Span(found.start(), found.end(), 20 * shared - 6))
        spans.sort(key=lambda span: -span.score)
        return Reading(spans[0].score if spans else -6.0, tuple(spans[:5]))


def _words(text: str) -> set[str]:
    words = set(re.findall(r"[a-z]{3,}|[a-z]*[0-9]+[a-z0-9.-]*", text.casefold()))
    for run in re.findall(r"[\u4e00-\u9fff]+", text):
        words |= {run[place : place + 2] for place in range(len(run) - 1)}
    return words - {"the", "what", "which", "does", "how", "什么", "多少"}


def _copy(prompt: str) -> str:
    fence = "资料" if "<资料>" in prompt else "passages"
    passages, _, rest = prompt.partition(f"</{fence}>")
    passages = passages.partition(f"<{fence}>")[2]
    if not rest.strip():
        return "I do not know."
    question = rest.strip().splitlines()[0].partition("：" if "：" in rest else ":")[2]
    words = {question[i : i + 3].casefold() for i in range(len(question) - 2)}
    number = "1"
    best, best_score = "", 0
    for line in passages.splitlines():
        if line.startswith("[") and "]" in line:
            number = line[1 : line.index("]")]
            continue
        score = sum(1 for word in words if word in line.casefold())
        if score > best_score:
            best, best_score = f"{line} [{number}]", score
    return best or "I do not know."
