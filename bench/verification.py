"""What checking an answer costs, next to what writing it takes."""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

from app.answering.budget import fit
from app.answering.context import messages_for
from app.answering.evidence import prepare, verify
from app.answering.prompts import load_prompts
from app.answering.retrieve import retrieve
from app.evaluation.corpus import KB, temporary_corpus
from app.evaluation.datasets import GoldQuestion, load
from app.index.protocol import Passage
from app.models.chat import ChatModel, ChatRequest, Token
from app.models.choose import choose_chat
from app.runtime import Storage
from app.settings import load_settings
from app.text.language import detect_language

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


async def _measure(chat: ChatModel, storage: Storage, question: GoldQuestion) -> Cost:
    settings, prompts = storage.settings, load_prompts()
    text, language = question.text, detect_language(question.text)
    found = retrieve(
        storage.library, storage.indexes.current(KB), storage.embedder, storage.sparse, text,
        kb=KB, limit=settings.context_passages,
    )  # fmt: skip

    def build(shown: Sequence[Passage]):  # type: ignore[no-untyped-def]
        return messages_for(prompts, "answer", language, shown, text)

    prompt = await fit(chat, [hit.passage for hit in found.hits], settings.chat_max_tokens, build)
    started = time.perf_counter()
    async with aclosing(
        chat.stream(ChatRequest(prompt.messages, settings.chat_max_tokens))
    ) as all_:
        written = "".join([item.text async for item in all_ if isinstance(item, Token)])
    wrote = time.perf_counter()
    material = prepare(prompt.shown)
    cut = time.perf_counter()
    verify(written, material, storage.embedder, language, question=text)
    checked = time.perf_counter()
    return Cost(
        language, *((b - a) * 1000 for a, b in ((started, wrote), (wrote, cut), (cut, checked)))
    )


async def _main() -> None:
    golden = load(SAMPLES / "questions.jsonl", "golden")
    answerable = [question for question in golden.questions if question.answerable]
    asked = [
        question
        for language in ("zh", "en")
        for question in [q for q in answerable if detect_language(q.text) == language][:ASKED]
    ]
    with tempfile.TemporaryDirectory() as name:
        settings = load_settings(data=Path(name), chat="embedded", chat_timeout=900)
        with temporary_corpus(settings, golden, SAMPLES / "library") as corpus:
            chat, _ = await choose_chat(settings)
            try:
                await _measure(chat, corpus.storage, asked[0])  # the models are loaded at first use
                costs = [await _measure(chat, corpus.storage, question) for question in asked]
            finally:
                await chat.close()
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
