"""The sample library as a golden set: figures must not fall below the committed baseline.

`baseline.json` holds what was last measured. A change that lowers a figure for a good reason
changes the file, where a reviewer sees it.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.evaluation.corpus import temporary_corpus
from app.evaluation.datasets import GoldQuestion, load
from app.evaluation.figures import figures
from app.evaluation.retrieval import evaluate_retrieval
from app.evaluation.runs import bench, run
from app.models.embedding import Embedder
from app.settings import Settings

SAMPLES = Path(__file__).parents[2] / "samples"
# One question more or less of the sample may go either way with a library's version.
SLACK = 0.03
# Few, since one takes the chat model some seconds: in both languages and every format.
ASKED = (
    "DeepSeek-R1 使用什么许可证？",
    "How many parameters of Mixtral 8x7B are active per token?",
    "Q4_K_M 每个权重约占多少比特？",
    "审计日志保存多少天？",
    "On which port does the vector database listen?",
    "海灯仪器去年的营业收入是多少？",
    "What is the licence of Falcon 180B?",
    "Gemma 的上下文上限是多少？",
)


@pytest.fixture(scope="module")
def baseline() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(__file__).with_name("baseline.json").read_text("utf-8"))
    return found


def test_retrieval_holds_its_baseline(
    settings: Settings, real_embedder: Embedder, baseline: dict[str, Any]
) -> None:
    golden = load(SAMPLES / "questions.jsonl", "golden")
    with temporary_corpus(settings, golden, SAMPLES / "library", real_embedder) as corpus:
        report = evaluate_retrieval(corpus, golden.name, golden.questions)
    for mode, least in baseline["retrieval"].items():
        found = report.modes[mode]
        assert found.recall_at_5.value >= least["recall_at_5"] - SLACK, mode
        assert found.ndcg_at_10.value >= least["ndcg_at_10"] - SLACK, mode


@pytest.mark.chat
async def test_answers_hold_their_baseline(
    make_settings: Callable[..., Settings],
    real_embedder: Embedder,
    baseline: dict[str, Any],
    tmp_path: Path,
) -> None:
    golden = load(SAMPLES / "questions.jsonl", "golden")
    asked: list[GoldQuestion] = [q for q in golden.questions if q.text in ASKED]
    assert len(asked) == len(ASKED)
    async with bench(make_settings(), golden, SAMPLES / "library", embedder=real_embedder) as (
        ready,
        corpus,
    ):
        path = tmp_path / "records.jsonl"
        records = (await run(ready, corpus, golden.name, asked, ["groundkb"], path))["groundkb"]
    found = figures(records)
    least = baseline["answers"]
    assert found.verbatim.value == 1.0
    assert found.match.value >= least["match"]
    assert found.refusal_recall.value >= least["refusal_recall"]
    assert found.false_refusals.value <= least["false_refusals"]
    assert found.citation_precision.value >= least["citation_precision"]
