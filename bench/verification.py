"""What checking an answer costs, next to what writing it takes."""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

from app.answering.answer import Question
from app.answering.budget import fit
from app.answering.context import messages_for
from app.answering.evidence import prepare, verify
from app.answering.prompts import load_prompts
from app.evaluation.datasets import load
from app.index.protocol import Passage
from app.models.chat import ChatRequest, Message, Token
from app.runtime import Runtime, open_runtime
from app.settings import load_settings
from app.text.language import detect_language
from ingest.report import SyncRequest

SAMPLES = Path(__file__).parents[1] / "samples"
ASKED = 8  # of each language
# The promise: at most this share of the time of writing, or this many milliseconds.
SHARE, FLOOR_MS = 0.05, 30.0


@dataclass(frozen=True)
class Cost:
    """Milliseconds. `prepare` (cutting the passages) runs while the model writes, so that `verify`,
    all that follows the last token, is what an answer waits for.
    """

    language: str
    prompt_and_answer: float
    prepare: float
    verify: float

    @property
    def kept(self) -> bool:
        return self.verify <= max(FLOOR_MS, SHARE * self.prompt_and_answer)


async def _measure(runtime: Runtime, text: str) -> Cost:
    settings, prompts, chat = runtime.settings, load_prompts(), runtime.chat
    assert chat is not None
    language = detect_language(text)
    found = await runtime.answerer.search(Question(text, settings.kb), settings.context_passages)

    def build(shown: Sequence[Passage]) -> tuple[Message, ...]:
        return messages_for(prompts, "answer", language, shown, text)

    prompt = await fit(
        chat, [hit.passage for hit in found.passages], settings.chat_max_tokens, build
    )
    started = time.perf_counter()
    async with aclosing(
        chat.stream(ChatRequest(prompt.messages, settings.chat_max_tokens))
    ) as all_:
        written = "".join([item.text async for item in all_ if isinstance(item, Token)])
    wrote = time.perf_counter()
    material = prepare(prompt.shown)
    cut = time.perf_counter()
    verify(written, material, runtime.embedder, language, question=text)
    checked = time.perf_counter()
    return Cost(
        language, *((b - a) * 1000 for a, b in ((started, wrote), (wrote, cut), (cut, checked)))
    )


async def _main() -> None:
    questions = load(SAMPLES / "questions.jsonl", "golden").questions
    answerable = [question.text for question in questions if question.answerable]
    asked = [
        text
        for language in ("zh", "en")
        for text in [one for one in answerable if detect_language(one) == language][:ASKED]
    ]
    with tempfile.TemporaryDirectory() as name:
        settings = load_settings(
            data=Path(name), chat="embedded", chat_timeout=900, log_level="error"
        )
        runtime = await open_runtime(settings)
        try:
            request = SyncRequest((str(SAMPLES / "library"),), settings.kb)
            runtime.storage.sync(request, lambda _event: None)
            await _measure(runtime, asked[0])  # the models are loaded at first use
            costs = [await _measure(runtime, text) for text in asked]
        finally:
            await runtime.close()
    print(f"## Checking an answer, {len(costs)} questions to the sample library, medians in ms\n")
    print(
        "| | prompt and answer | cutting the passages, meanwhile | added after the last token: p50 / max | within the limit |"
    )
    print("|---|--:|--:|--:|--:|")
    for language in ("zh", "en"):
        of = [cost for cost in costs if cost.language == language]
        wrote, prepared, checked = (
            statistics.median(getattr(cost, part) for cost in of)
            for part in ("prompt_and_answer", "prepare", "verify")
        )
        most = max(cost.verify for cost in of)
        kept = f"{sum(cost.kept for cost in of)}/{len(of)}"
        print(
            f"| {language} | {wrote:.0f} | {prepared:.1f} | {checked:.1f} / {most:.1f} | {kept} |"
        )
    print()


def main() -> None:
    asyncio.run(_main())
