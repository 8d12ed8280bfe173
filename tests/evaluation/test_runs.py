"""A run goes through the product, hides what it must, and goes on where it stopped."""

import json
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import pytest

from app.errors import RequestInvalid
from app.evaluation.corpus import temporary_corpus
from app.evaluation.datasets import Dataset, GoldDocument, GoldQuestion, halve, load
from app.evaluation.figures import differences, figures
from app.evaluation.retrieval import MODES, evaluate_retrieval
from app.evaluation.runs import bench, run
from app.models.chat import ChatRequest, Finish, Thought, Token
from app.settings import Settings
from tests.conftest import BigramEmbedder
from tests.fakes import ScriptedChat

TEXTS = {
    "p0": "DeepSeek-V3 采用 MIT 许可证发布。它有 6710 亿参数。",
    "p1": "Yi-34B 的上下文长度为 200K。它由零一万物训练。",
    "p2": "Mistral 7B 的上下文长度为 32K。它采用 Apache 2.0 许可证。",
}
QUESTIONS = (
    GoldQuestion("a", "DeepSeek-V3 采用什么许可证？", (("MIT",),), ("p0",)),
    GoldQuestion("b", "Yi-34B 的上下文长度是多少？", (("200K",),), ("p1",)),
    GoldQuestion("c", "Mistral 7B 的上下文长度是多少？", (("32K",),), ("p2",)),
    GoldQuestion("d", "Mistral 7B 采用什么许可证？", (("Apache 2.0",),), ("p2",)),
)


class ReadingChat(ScriptedChat):
    """Answers with the passage line most like the question, whatever the prompt's layout."""

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Token | Thought | Finish, None]:
        lines = request.messages[-1].content.splitlines()
        asked = next(line for line in lines if line.startswith("问题："))
        pairs = {asked[i : i + 2] for i in range(3, len(asked) - 1)}
        number, best = "1", (0, "")
        for line in lines[: lines.index(asked)]:
            if line.startswith("["):
                number = line[1 : line.index("]")]
            else:
                best = max(best, (sum(pair in line for pair in pairs), f"{line}[{number}]"))
        self._answer = best[1]
        async for item in super().stream(request):
            yield item


DATASET = Dataset(
    "small-zh", "zh", tuple(GoldDocument(key, text) for key, text in TEXTS.items()), QUESTIONS
)


def test_documents_are_taken_in_and_found_again(
    settings: Settings, fake_embedder: BigramEmbedder
) -> None:
    with temporary_corpus(settings, DATASET, embedder=fake_embedder) as corpus:
        assert sorted(corpus.keys.values()) == ["p0", "p1", "p2"]
        report = evaluate_retrieval(corpus, "small", QUESTIONS)
        data = corpus.storage.settings.data
    assert not data.exists()
    assert not settings.data.exists()  # the owner's library is not touched
    assert report.questions == 4
    assert set(report.modes) == set(MODES)
    assert report.modes["hybrid"].recall_at_1.value == 1.0
    assert report.modes["sparse"].ndcg_at_10.n == 4


def test_a_golden_set_names_documents_by_the_end_of_their_path(
    settings: Settings, fake_embedder: BigramEmbedder, documents: Path, tmp_path: Path
) -> None:
    lines = [
        {
            "question": "Which licence does DeepSeek use?",
            "answers": ["MIT"],
            "document": "licences.md",
        },
        {
            "question": "Yi-34B 的上下文长度？",
            "answers": ["200K"],
            "document": "documents/上下文.txt",
        },
    ]
    path = tmp_path / "golden.jsonl"
    path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), "utf-8")
    golden = load(path, "golden")
    with temporary_corpus(settings, golden, documents, fake_embedder) as corpus:
        assert (
            evaluate_retrieval(corpus, "g", golden.questions).modes["sparse"].recall_at_1.value == 1
        )
        with pytest.raises(RequestInvalid, match="golden_document_missing"):
            corpus.gold(GoldQuestion("x", "q", (("a",),), ("icences.md",)))
    with (
        pytest.raises(RequestInvalid, match="golden_needs_documents"),
        temporary_corpus(settings, golden, embedder=fake_embedder),
    ):
        pass


async def test_each_system_answers_and_the_unanswerable_lose_their_document(
    make_settings: Callable[..., Settings], fake_embedder: BigramEmbedder, tmp_path: Path
) -> None:
    path = tmp_path / "records.jsonl"
    chat = ReadingChat()
    questions = halve(QUESTIONS)
    async with bench(make_settings(), DATASET, embedder=fake_embedder, chat=chat) as (
        ready,
        corpus,
    ):
        results = await run(ready, corpus, "small", questions, ["plain", "groundkb"], path)
        asked = len(chat.requests)
        again = await run(ready, corpus, "small", questions, ["plain", "groundkb"], path)
        assert again == results
        assert len(chat.requests) == asked  # nothing is asked twice
        prompts = [request[-1].content for request in chat.requests]
    assert asked > 0
    hidden = [prompt for prompt in prompts if "Yi-34B 的上下文长度是多少" in prompt]
    assert hidden
    assert not any("200K" in prompt for prompt in hidden)
    for system, records in results.items():
        assert [r.system for r in records] == [system] * 4
        assert [r.answerable for r in records] == [True, False, True, False]
        assert all(r.found == r.answerable for r in records)
    ours = {record.id: record for record in results["groundkb"]}
    assert ours["a"].match
    assert set(ours["a"].cited) == set(ours["a"].gold)
    assert ours["a"].verbatim == ours["a"].quotes >= 1


async def test_another_setting_is_another_record(
    make_settings: Callable[..., Settings], fake_embedder: BigramEmbedder, tmp_path: Path
) -> None:
    path = tmp_path / "records.jsonl"
    for passages in (4, 2):
        chat = ReadingChat()
        made = make_settings(context_passages=passages)
        async with bench(made, DATASET, embedder=fake_embedder, chat=chat) as (ready, corpus):
            await run(ready, corpus, "small", QUESTIONS[:1], ["plain"], path)
        assert len(chat.requests) == 1


async def test_figures_tell_right_refusals_from_wrong_ones(
    make_settings: Callable[..., Settings], fake_embedder: BigramEmbedder, tmp_path: Path
) -> None:
    questions = halve(QUESTIONS)
    found = {}
    for name, chat in (("copies", ReadingChat()), ("refuses", ScriptedChat(answer="我不知道。"))):
        async with bench(make_settings(), DATASET, embedder=fake_embedder, chat=chat) as (
            ready,
            corpus,
        ):
            path = tmp_path / f"{name}.jsonl"
            found[name] = (await run(ready, corpus, "small", questions, ["plain"], path))["plain"]
    copies, refuses = figures(found["copies"]), figures(found["refuses"])
    assert (copies.match.value, copies.false_refusals.value) == (1.0, 0.0)
    assert (refuses.match.value, refuses.false_refusals.value) == (0.0, 1.0)
    assert (refuses.refusal_recall.value, refuses.refusal_precision.value) == (1.0, 0.5)
    assert refuses.reasons == {"model": 4}
    difference = differences(found["copies"], found["refuses"])
    assert difference["match"].value == -1.0
    assert difference["refusal_recall"].value == 1.0 - copies.refusal_recall.value
