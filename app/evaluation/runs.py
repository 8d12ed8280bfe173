"""A run: every question put to every system, each result kept at once."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import Literal

from app.answering.answerable import load_answer_gate
from app.answering.answerer import Answerer
from app.answering.calibration import read_calibration
from app.answering.prompts import LANGUAGES, TASKS, load_prompts
from app.answering.weigh import ReadBy
from app.errors import Phrase
from app.evaluation.corpus import Corpus, temporary_corpus
from app.evaluation.datasets import Dataset, GoldQuestion
from app.evaluation.records import Record, append, key_of, read_records
from app.evaluation.systems import Bench, System, case_of
from app.models.chat import ChatModel
from app.models.choose import choose_chat
from app.models.embedding import Embedder
from app.models.reader_server import build_reader
from app.models.reading import Reader
from app.runtime import Runtime
from app.settings import Settings

# The settings that an answer depends on.
_RELEVANT = (
    "embedding_model", "embedding_revision", "embedding_query_prefix", "embedding_passage_prefix",
    "reranker", "chat_num_ctx", "chat_max_tokens", "chat_temperature", "retrieve",
    "context_passages", "strictness",
)  # fmt: skip
# What the baseline takes from groundkb's prompts: which passages fit beside them, and the refusal.
_PLAIN_TASKS = ("answer", "refusal", "system")


@asynccontextmanager
async def bench(
    settings: Settings,
    dataset: Dataset,
    documents: Path | None = None,
    *,
    calibration: str | None = None,
    embedder: Embedder | None = None,
    chat: ChatModel | None = None,
    reader: Reader | None = None,
) -> AsyncIterator[tuple[Bench, Corpus]]:
    """The product over the test set's documents, in a library of its own. Raises as its parts do."""
    prompts = load_prompts()
    with temporary_corpus(settings, dataset, documents, embedder) as corpus:
        storage = corpus.storage
        reason = Phrase("chat_given")
        if reader is None:
            reader = await asyncio.to_thread(build_reader, settings, storage.embedder)
        if chat is None:
            chat, reason = await choose_chat(settings)
        try:
            answerer = Answerer(
                storage.settings,
                storage.library,
                storage.indexes.reading,
                storage.sparse,
                chat,
                prompts,
                ReadBy(reader, load_answer_gate(reader.name, calibration)),
            )
            yield Bench(Runtime(storage, chat, reason, answerer), prompts), corpus
        finally:
            if chat is not None:
                await chat.close()


async def run(
    bench: Bench,
    corpus: Corpus,
    dataset: str,
    questions: Sequence[GoldQuestion],
    systems: Sequence[System],
    path: Path,
    *,
    calibration: str | None = None,
    on_question: Callable[[], None] = lambda: None,
) -> dict[System, list[Record]]:
    """Put each question to each system, unless `path` has its record already.

    The systems take turns at a question, so that those that share a prompt's beginning share the
    chat server's prefix cache. The time of the second system is then too good: for times, run
    one system alone.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    known = read_records(path)
    everything = sorted(corpus.keys)
    fingerprints = {
        system: fingerprint(bench.runtime, calibration, system=system) for system in systems
    }
    results: dict[System, list[Record]] = {system: [] for system in systems}
    for question in questions:
        case = case_of(question, corpus.gold(question), everything, bench.runtime.settings.kb)
        for system in systems:
            key = key_of(fingerprints[system], dataset, question.id, question.answerable, system)
            record = known.get(key)
            if record is None:
                record = await bench.runner(system)(case, key)
                append(path, record)
            results[system].append(record)
        on_question()
    return results


def fingerprint(
    runtime: Runtime, calibration: str | None = None, *, system: System = "groundkb"
) -> dict[str, object]:
    """All that an answer of `system` depends on but the question: models, settings, prompts,
    thresholds. The baseline knows no thresholds."""
    settings = runtime.settings
    tasks = _PLAIN_TASKS if system == "plain" else TASKS
    prompts = [
        resource.read_text("utf-8")
        for task in sorted(tasks)
        for language in LANGUAGES
        if (resource := files("prompts") / language / f"{task}.md").is_file()
    ]
    plain = [(files("app.evaluation.plain") / f"{one}.md").read_text("utf-8") for one in LANGUAGES]
    tables = read_calibration(calibration)
    used = [] if system == "plain" else sorted(tables)
    thresholds = json.dumps({name: tables[name] for name in used}, sort_keys=True)
    return {
        "chat": runtime.chat_name,
        "settings": {name: getattr(settings, name) for name in _RELEVANT},
        "texts": hashlib.sha256("\0".join([*prompts, *plain, thresholds]).encode()).hexdigest(),
    }


def default_records(
    settings: Settings, dataset: str, part: Literal["all", "tune", "report"]
) -> Path:
    """Where records go unless told otherwise: in the library's folder."""
    return settings.data / "evaluation" / f"{dataset}-{part}.jsonl"
