"""Chat models side by side: the same questions over the same library, one model after the other."""

import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from app.answering.examples import example_questions
from app.answering.prompts import load_prompts
from app.errors import Phrase, RequestInvalid
from app.evaluation.corpus import Corpus
from app.evaluation.datasets import Dataset, GoldQuestion, balanced, load, pick
from app.evaluation.kinds import is_whole
from app.evaluation.metrics import Interval, mean, paired_difference, proportion, ratio
from app.evaluation.records import Record, pair
from app.evaluation.runs import bench, run
from app.evaluation.systems import Bench
from app.library.library import Library
from app.models.chat import ChatModel, ChatRequest, Message
from app.models.choose import chat_named
from app.models.known import find_chat
from app.models.ollama import OllamaChat
from app.runtime import open_runtime
from app.settings import Settings

# What is asked unless a golden set says more.
GENERATED = 40


@dataclass(frozen=True)
class Trial:
    """How one model did, with 95% intervals.

    `right`: of all questions, those answered with all that a golden set wants, or refused where the
    documents hold no answer; of generated questions, which know no answer, those that cite the document
    they were made from. `false_refusals` are of the answerable. Seconds until the first checked
    statement is shown, of answers. Tokens a second of what was written, from the first token to the
    last check. `memory` in bytes as the server tells; `computed` when it is the catalogue's.
    `against`: how much more is right than with the first model, paired by question.
    """

    model: str
    right: Interval
    right_refusals: Interval
    false_refusals: Interval
    supported: Interval
    first_statement: Interval
    tokens_per_second: Interval
    memory: int | None
    computed: bool
    against: Interval | None
    records: tuple[Record, ...]


@dataclass(frozen=True)
class Trials:
    """`generated`: the questions were made from the documents, and no one has looked at them."""

    questions: int
    answerable: int
    generated: bool
    trials: tuple[Trial, ...]


async def try_models(
    settings: Settings,
    names: Sequence[str],
    records: Path,
    *,
    path: Path | None = None,
    documents: Path | None = None,
    limit: int | None = None,
    on_question: Callable[[str, int], None] = lambda _model, _of: None,
) -> Trials:
    """Ask each model the golden set at `path`, or questions made from the library, over the library as
    it is, or over the folder `documents` in a library of its own. `limit`: of answerable questions,
    and of unanswerable.

    Raises RequestInvalid without questions, IndexInUse while a server has the library open, and
    each model's errors before the first question is asked.
    """
    golden = load(path, "golden") if path else None
    if documents and not golden:
        raise RequestInvalid(detail=Phrase("trial_needs_questions"))
    models = [chat_named(settings, name) for name in dict.fromkeys(names)]
    try:
        for model in models:
            await model.probe()
        async with _opened(settings, golden, documents, models[0]) as (ready, corpus):
            test_set = golden or _generated(corpus.storage.library, ready.runtime.settings.kb)
            questions = balanced(pick(test_set.questions, "all", None), limit)
            name = f"{test_set.name}@{library_state(corpus)}"
            done: list[Trial] = []
            for model in models:
                its = Bench(ready.runtime.with_chat(model), ready.prompts)
                await _warm(model)
                found = await run(
                    its,
                    corpus,
                    name,
                    questions,
                    ["groundkb"],
                    records,
                    on_question=partial(on_question, its.runtime.chat_name, len(questions)),
                )
                first = done[0].records if done else None
                done.append(await _trial(model, found["groundkb"], first, generated=not golden))
    finally:
        for model in models:
            await model.close()
    return Trials(len(questions), sum(q.answerable for q in questions), not golden, tuple(done))


@asynccontextmanager
async def _opened(
    settings: Settings, golden: Dataset | None, documents: Path | None, chat: ChatModel
) -> AsyncIterator[tuple[Bench, Corpus]]:
    if documents and golden:
        async with bench(settings, golden, documents, chat=chat) as opened:
            yield opened
        return
    runtime = await open_runtime(settings, chat=chat)
    try:
        keys = {row.id: row.source for row in runtime.library.documents(settings.kb)}
        corpus = Corpus(runtime.storage, keys, {key: document for document, key in keys.items()})
        yield Bench(runtime, load_prompts()), corpus
    finally:
        await runtime.close()


async def _warm(model: ChatModel) -> None:
    """Loading a model is no part of any answer."""
    request = ChatRequest((Message("user", "1 + 1"),), max_tokens=1)
    async with aclosing(model.stream(request)) as stream:
        async for _ in stream:
            pass


def _generated(library: Library, kb: str) -> Dataset:
    sources = {row.id: row.source for row in library.documents(kb)}
    questions = tuple(
        GoldQuestion(
            hashlib.sha256(example.question.encode()).hexdigest()[:8],
            example.question,
            (),
            (sources[example.document_id],),
        )
        for example in example_questions(library, kb, None, GENERATED)
        if example.document_id in sources
    )
    if not questions:
        raise RequestInvalid(detail=Phrase("trial_nothing_generated"))
    return Dataset(f"generated-{kb}", "en", (), questions)


def library_state(corpus: Corpus) -> str:
    """Another one as soon as a document is another, so that no answer about it is taken for the new one's."""
    library, kb = corpus.storage.library, corpus.storage.settings.kb
    return hashlib.sha256(repr(sorted(library.current_revisions(kb))).encode()).hexdigest()[:12]


async def _trial(
    model: ChatModel, records: Sequence[Record], first: Sequence[Record] | None, *, generated: bool
) -> Trial:
    def right(record: Record) -> bool:
        if generated and record.answerable:
            return record.answered and any(document in record.gold for document in record.cited)
        return is_whole(record)

    answers = [record for record in records if record.answered]
    written = [record for record in answers if record.written and record.first_token_ms is not None]
    memory = await model.loaded_bytes() if isinstance(model, OllamaChat) else None
    facts = find_chat(model.name)
    both = pair(first, records) if first is not None else None
    return Trial(
        f"{model.provider}/{model.name}",
        _share([right(record) for record in records]),
        _share([not record.answered for record in records if not record.answerable]),
        _share([not record.answered for record in records if record.answerable]),
        ratio([r.supported for r in answers], [r.statements for r in answers]),
        mean([r.first_statement_ms / 1000 for r in answers if r.first_statement_ms is not None]),
        ratio(
            [r.written or 0 for r in written],
            [(r.total_ms - (r.first_token_ms or 0)) / 1000 for r in written],
        ),
        memory or (round(facts.memory(facts.default_size, model.num_ctx)) if facts else None),
        memory is None and facts is not None,
        paired_difference([right(a) for a, _ in both], [right(b) for _, b in both])
        if both is not None
        else None,
        tuple(records),
    )


def _share(cases: Sequence[bool]) -> Interval:
    return proportion(sum(cases), len(cases))
