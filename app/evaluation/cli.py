"""`groundkb eval`: how good are search, answers, refusals and citations, on a set of known answers."""

import json
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from app.evaluation.corpus import temporary_corpus
from app.evaluation.datasets import Dataset, GoldQuestion, load, pick
from app.evaluation.metrics import Interval
from app.evaluation.retrieval import MODES, RetrievalReport, evaluate_retrieval
from app.settings import load_settings

FormOption = Annotated[
    Literal["xquad", "squad", "cmrc", "rgb", "golden"],
    typer.Option("--dataset", help="Form of the test set; docs/evaluation.md has the golden form."),
]
PathOption = Annotated[Path, typer.Option("--path", help="The file with the test set.")]
DocumentsOption = Annotated[
    Path | None,
    typer.Option("--documents", help="The folder with the documents that a golden set names."),
]
SliceOption = Annotated[
    Literal["all", "tune", "report"],
    typer.Option(
        "--slice", help="Disjoint halves: tune for finding thresholds, report for figures."
    ),
]
LimitOption = Annotated[
    int | None,
    typer.Option("--limit", min=1, help="Take this many questions, the same every time."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]

app = typer.Typer(
    no_args_is_help=True, help="Measure search, answers, refusals and citations on a test set."
)


@app.callback()
def _eval() -> None:
    """Measure search, answers, refusals and citations on a test set."""


@app.command()
def retrieval(
    dataset: FormOption,
    path: PathOption,
    documents: DocumentsOption = None,
    part: SliceOption = "all",
    limit: LimitOption = None,
    as_json: JsonOption = False,
) -> None:
    """Recall, MRR and nDCG of dense, sparse and hybrid search, through the product's own index."""
    test_set, questions = _read(path, dataset, part, limit)
    with temporary_corpus(load_settings(), test_set, documents) as corpus:
        steps = iter(
            track(range(len(questions)), "questions", console=Console(stderr=True), transient=True)
        )
        report = evaluate_retrieval(
            corpus, test_set.name, questions, lambda: next(steps, None) and None
        )
    if as_json:
        typer.echo(json.dumps(report.as_json(), ensure_ascii=False, indent=2))
    else:
        Console().print(_table(report))


def _read(
    path: Path,
    form: Literal["xquad", "squad", "cmrc", "rgb", "golden"],
    part: Literal["all", "tune", "report"],
    limit: int | None,
) -> tuple[Dataset, list[GoldQuestion]]:
    test_set = load(path, form)
    return test_set, pick(test_set.questions, part, limit)


def _table(report: RetrievalReport) -> Table:
    table = Table(
        title=f"{report.dataset}: {report.documents} documents, {report.questions} questions, {report.embedding}"
    )
    for heading in ("mode", "recall@1", "recall@5", "MRR@10", "nDCG@10", "p50 ms"):
        table.add_column(heading, justify="left" if heading == "mode" else "right")
    for mode in MODES:
        figures = report.modes[mode]
        table.add_row(
            mode,
            *(
                show(figure)
                for figure in (
                    figures.recall_at_1,
                    figures.recall_at_5,
                    figures.mrr_at_10,
                    figures.ndcg_at_10,
                )
            ),
            f"{figures.p50_ms:.1f}",
        )
    return table


def show(figure: Interval) -> str:
    """'0.981 [0.975, 0.987]'."""
    return f"{figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}]" if figure.n else "–"
