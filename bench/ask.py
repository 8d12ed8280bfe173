"""`python -m bench ask [--embedded] [--every N]`: how long somebody waits who asks, over the sample library.

Of the golden set every N-th question, each asked once, one after another, through the answerer itself: what is read once
is remembered, so that a question asked again would be faster than this. Without a chat model unless `--embedded`.
With it the model's own time is taken from the same run: from the moment it was asked until its first sentence was
complete, which is what somebody waits for who asks it alone with the same prompt.
"""

import argparse
import asyncio
import re
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import torch

from app.answering.answer import Done, EvidenceFound, Question, TokenPiece
from app.evaluation.datasets import load
from app.models.chat import ChatModel, ChatRequest, Finish, Thought, Token
from app.models.device import choose_device, choose_precision
from app.runtime import open_runtime
from app.settings import load_settings
from bench.serving import SAMPLES
from ingest.report import SyncRequest

# Asked before, and not counted: models are loaded, caches filled.
WARM_UP: Final = ("What is the reading room's opening time?", "阅览室几点开门？")
# A sentence of a draft: up to its full stop, or its line.
_SENTENCE: Final = re.compile(r"[^\n]{8,}?(?:[。！？\n]|[.!?](?=[\s\[]))")


@dataclass
class Heard:
    """A chat model, and when it said what. Seconds."""

    chat: ChatModel
    first_sentence: list[float] = field(default_factory=list)
    prompt_tokens: int = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.chat, name)

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Token | Thought | Finish, None]:
        """What the model says."""
        started, text, told = time.perf_counter(), "", False
        async with aclosing(self.chat.stream(request)) as items:
            async for item in items:
                if isinstance(item, Finish):
                    self.prompt_tokens += item.prompt_tokens or 0
                if isinstance(item, Token):
                    text += item.text
                if not told and (_SENTENCE.search(text) or isinstance(item, Finish)):
                    told = True
                    self.first_sentence.append(time.perf_counter() - started)
                yield item


@dataclass(frozen=True)
class Waited:
    """Of one question; seconds. `bare`: what the model alone took for its first sentence; None: it wrote none."""

    answered: bool
    evidence: float | None
    first: float | None
    whole: float
    bare: float | None
    prompt_tokens: int


async def measure(chat: str, every: int) -> list[Waited]:
    """Ask every `every`-th question of the golden set."""
    questions = load(SAMPLES / "golden.jsonl", "golden").questions
    asked = [question.text for question in questions][::every]
    with tempfile.TemporaryDirectory() as name:
        settings = load_settings(data=Path(name), chat=chat, chat_timeout=900, log_level="error")
        runtime = await open_runtime(settings)
        try:
            request = SyncRequest((str(SAMPLES / "library"),), settings.kb)
            runtime.storage.sync(request, lambda _event: None)
            heard = None
            if runtime.chat is not None:
                heard = Heard(runtime.chat)
                runtime.answerer = runtime.answerer.with_chat(heard)
            for text in WARM_UP:
                await runtime.answerer.answer(Question(text, settings.kb))
            return [
                await _waited(runtime.answerer.ask(Question(text, settings.kb)), heard)
                for text in asked
            ]
        finally:
            await runtime.close()


async def _waited(events: AsyncGenerator[Any, None], heard: Heard | None) -> Waited:
    if heard is not None:
        heard.first_sentence.clear()
        heard.prompt_tokens = 0
    started = time.perf_counter()
    at: dict[type, float] = {}
    done: Done | None = None
    async with aclosing(events) as each:
        async for event in each:
            at.setdefault(type(event), time.perf_counter() - started)
            done = event if isinstance(event, Done) else done
    assert done is not None
    return Waited(
        done.answer.answered,
        at.get(EvidenceFound),
        at.get(TokenPiece),
        at[Done],
        heard.first_sentence[0] if heard and heard.first_sentence else None,
        heard.prompt_tokens if heard else 0,
    )


def _show(seconds: Sequence[float]) -> str:
    if len(seconds) < 2:
        return "–"
    ninety_five = statistics.quantiles(seconds, n=20, method="inclusive")[-1]
    return f"{statistics.median(seconds):.2f} / {ninety_five:.2f}"


def main(given: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench ask")
    parser.add_argument("--embedded", action="store_true", help="with the embedded chat model")
    parser.add_argument("--every", type=int, default=4, help="every so manieth question")
    wanted = parser.parse_args(given)
    chat = "embedded" if wanted.embedded else "none"
    found = asyncio.run(measure(chat, wanted.every))
    device = choose_device(load_settings().device)
    print(
        f"## Asking, seconds p50 / p95, chat model: {chat}; {device}, {choose_precision('auto', device)}, "
        f"{torch.backends.cpu.get_cpu_capability()}\n"
    )
    print("| | questions | evidence | first statement | whole |\n|---|--:|--:|--:|--:|")
    for name, answered in (("answered", True), ("refused", False)):
        of = [each for each in found if each.answered == answered]
        evidence = [each.evidence for each in of if each.evidence is not None]
        first = [each.first for each in of if each.first is not None and answered]
        print(
            f"| {name} | {len(of)} | {_show(evidence)} | {_show(first)} | {_show([each.whole for each in of])} |"
        )
    print()
    written = [each for each in found if each.bare is not None]
    if written:
        ratios = [each.first / each.bare for each in written if each.first and each.bare]
        read = [each.prompt_tokens for each in written]
        print(
            f"The chat model was asked for {len(written)} of {len(found)}: its first sentence alone "
            f"{_show([each.bare for each in written if each.bare])} s, the first checked statement after "
            f"{statistics.median(ratios):.2f} (p95 {statistics.quantiles(ratios, n=20, method='inclusive')[-1]:.2f}) "
            f"times as long; it read {statistics.mean(read):.0f} tokens a question, at most {max(read)}.\n"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
