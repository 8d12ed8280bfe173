"""`groundkb eval`: how good are search, answers, refusals and citations, on a set of known answers.

Over 350 lines: the options that the commands share stand beside the seven commands that share them.
"""

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn
from rich.table import Table

from app.answering.answerable import load_answer_gate
from app.answering.calibration import calibration_text
from app.errors import Phrase, RequestInvalid
from app.evaluation.corpus import temporary_corpus
from app.evaluation.datasets import (
    Dataset,
    Form,
    Slice,
    asked_in_other_words,
    balanced,
    load,
    pick,
)
from app.evaluation.figures import FIGURES, differences, figures
from app.evaluation.gate import figures_of, fit, merge, read_cases
from app.evaluation.kinds import by_kind, is_whole
from app.evaluation.records import Record, read_records
from app.evaluation.report import TOPICS, Topic, as_json, markdown, retrieval_table, show, table
from app.evaluation.retrieval import evaluate_retrieval
from app.evaluation.runs import bench, default_records, fingerprint, run
from app.evaluation.statements import judge_statements, rates, read_statements
from app.evaluation.systems import SYSTEMS, System
from app.models.reader_server import build_reader
from app.settings import load_settings

FormOption = Annotated[
    Form,
    typer.Option("--dataset", help="eval.form"),
]
PathOption = Annotated[Path, typer.Option("--path", help="eval.path")]
DocumentsOption = Annotated[
    Path | None,
    typer.Option("--documents", help="eval.documents"),
]
SliceOption = Annotated[
    Slice,
    typer.Option("--slice", help="eval.slice"),
]
LimitOption = Annotated[
    int | None,
    typer.Option("--limit", min=1, help="eval.limit"),
]
EachOption = Annotated[
    int | None,
    typer.Option("--limit", min=1, help="eval.each"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="common.json")]
SystemsOption = Annotated[
    list[str],
    typer.Option("--system", help="eval.system"),
]
RecordsOption = Annotated[
    Path | None,
    typer.Option("--records", help="eval.records"),
]
MarkdownOption = Annotated[Path | None, typer.Option("--markdown", help="eval.markdown")]
CalibrationOption = Annotated[
    Path | None,
    typer.Option("--calibration", help="eval.calibration"),
]

app = typer.Typer(no_args_is_help=True, help="main.eval")


@app.command(help="eval.of_retrieval")
def retrieval(
    dataset: FormOption,
    path: PathOption,
    documents: DocumentsOption = None,
    part: SliceOption = "all",
    limit: LimitOption = None,
    as_json_: JsonOption = False,
) -> None:
    """Recall, MRR and nDCG of dense, sparse and hybrid search, through the product's own index."""
    test_set = load(path, dataset)
    questions = pick(test_set.questions, part, limit)
    with (
        temporary_corpus(load_settings(), test_set, documents) as corpus,
        _progress(len(questions)) as step,
    ):
        report = evaluate_retrieval(corpus, test_set.name, questions, step)
    if as_json_:
        _print_json(report.as_json())
    else:
        Console().print(retrieval_table(report))


@app.command(help="eval.of_answers")
def answers(
    dataset: FormOption,
    path: PathOption,
    documents: DocumentsOption = None,
    part: SliceOption = "report",
    limit: EachOption = None,
    system: SystemsOption = ["groundkb"],  # noqa: B006  (typer reads it, nothing writes it)
    records: RecordsOption = None,
    calibration_file: CalibrationOption = None,
    markdown_file: MarkdownOption = None,
    as_json_: JsonOption = False,
) -> None:
    """How often the answer holds the known one."""
    _topic(
        "answers",
        dataset,
        path,
        documents,
        part,
        limit,
        system,
        records,
        calibration_file,
        markdown_file,
        as_json_,
    )


@app.command(help="eval.of_refusals")
def refusals(
    dataset: FormOption,
    path: PathOption,
    documents: DocumentsOption = None,
    part: SliceOption = "report",
    limit: EachOption = None,
    system: SystemsOption = ["groundkb"],  # noqa: B006
    records: RecordsOption = None,
    calibration_file: CalibrationOption = None,
    markdown_file: MarkdownOption = None,
    as_json_: JsonOption = False,
) -> None:
    """Precision and recall of refusals; half of the questions have lost the document with their answer."""
    _topic(
        "refusals",
        dataset,
        path,
        documents,
        part,
        limit,
        system,
        records,
        calibration_file,
        markdown_file,
        as_json_,
    )


@app.command(help="eval.of_citations")
def citations(
    dataset: FormOption,
    path: PathOption,
    documents: DocumentsOption = None,
    part: SliceOption = "report",
    limit: EachOption = None,
    system: SystemsOption = ["groundkb"],  # noqa: B006
    records: RecordsOption = None,
    calibration_file: CalibrationOption = None,
    markdown_file: MarkdownOption = None,
    as_json_: JsonOption = False,
) -> None:
    """Whether citations name the right document and quote it character for character."""
    _topic(
        "citations",
        dataset,
        path,
        documents,
        part,
        limit,
        system,
        records,
        calibration_file,
        markdown_file,
        as_json_,
    )


@app.command(help="eval.of_gate")
def gate(
    dataset: FormOption,
    path: PathOption,
    documents: DocumentsOption = None,
    questions: Annotated[
        Path | None,
        typer.Option("--questions", help="eval.questions"),
    ] = None,
    part: SliceOption = "report",
    limit: LimitOption = None,
    calibration_file: CalibrationOption = None,
    recall: Annotated[
        float | None,
        typer.Option("--fit", help="eval.fit"),
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", help="eval.output")] = None,
) -> None:
    """The reader's ranking and refusals by themselves, without a chat model; every answerable question
    is asked a second time with its documents left out."""
    settings = load_settings()
    test_set = load(path, dataset)
    if questions is not None:
        test_set = asked_in_other_words(test_set, load(questions, dataset))
    thresholds = calibration_text(calibration_file or settings.calibration)
    chosen = pick(test_set.questions, part, limit)
    with (
        temporary_corpus(settings, test_set, documents) as corpus,
        _progress(len(chosen)) as step,
    ):
        reader = build_reader(settings, corpus.storage.embedder)
        cases = read_cases(
            corpus,
            chosen,
            reader,
            passages=settings.read_passages,
            seconds=settings.read_seconds,
            on_question=step,
        )
    known = load_answer_gate(reader.name, thresholds)
    about = {"dataset": test_set.name, "slice": part, "reader": reader.name}
    if recall is None:
        _print_json({**about, "figures": figures_of(cases, known).as_json()})
        return
    fits = fit(cases, known, reader=reader.name, dataset=test_set.name, wanted_recall=recall)
    _print_json_to_stderr([found.expected.as_json() for found in fits])
    if output is None:
        typer.echo(merge(thresholds, fits), nl=False)
    else:
        output.write_text(merge(thresholds, fits), encoding="utf-8")


@app.command(help="eval.of_kinds")
def kinds(
    path: PathOption,
    documents: DocumentsOption = None,
    records: RecordsOption = None,
    calibration_file: CalibrationOption = None,
    as_json_: JsonOption = False,
) -> None:
    """A golden set by kind of question: points held, whole answers, right refusals."""
    test_set, results, about = _run(
        "golden", path, documents, "all", None, ["groundkb"], records, calibration_file
    )
    rows = results["groundkb"]
    found = by_kind(rows)
    if as_json_:
        _print_json([vars(figures_) for figures_ in found])
        return
    result = Table(title=f"{test_set.name}, {about['chat']}, {about['embedding']}")
    for heading in ("kind", "questions", "whole", "points", "refused", "statements supported"):
        result.add_column(heading, justify="left" if heading == "kind" else "right")
    for each in found:
        result.add_row(
            each.kind,
            str(each.questions),
            str(each.whole),
            f"{each.points} / {each.of}" if each.of else "–",
            str(each.refused),
            f"{each.supported} / {each.statements}" if each.statements else "–",
        )
    Console().print(result)
    for row in rows:
        if not is_whole(row):
            typer.echo(
                f"{row.id} {row.kind}: {row.question}  [{' '.join(row.answer.split())[:160]}]"
            )


@app.command(help="eval.of_statements")
def statements(
    path: PathOption,
    documents: Annotated[Path, typer.Option("--documents", help="eval.statement_documents")],
    as_json_: JsonOption = False,
) -> None:
    """True statements that are supported, and planted false ones that are not, by kind."""
    settings, planted = load_settings(), read_statements(path)
    test_set = Dataset(path.name, "en", (), ())
    with (
        temporary_corpus(settings, test_set, documents) as corpus,
        _progress(len(planted)) as step,
    ):
        storage = corpus.storage
        reader = build_reader(settings, storage.embedder)
        judged = judge_statements(storage, reader, planted, step)
    found = rates(judged)
    if as_json_:
        _print_json({kind: {"right": right, "of": total} for kind, (right, total) in found.items()})
        return
    result = Table(title=f"{path.name}, {reader.name}")
    for heading in ("kind", "judged rightly", "of"):
        result.add_column(heading, justify="left" if heading == "kind" else "right")
    for kind, (right, total) in found.items():
        result.add_row(kind, str(right), str(total))
    Console().print(result)
    for each in judged:
        if each.found != each.planted.supported:
            typer.echo(f"{each.planted.kind}: {each.planted.statement}  [{each.quote}]")


@app.command(help="eval.of_compare")
def compare(
    first: Annotated[Path, typer.Argument(help="eval.first")],
    second: Annotated[Path, typer.Argument(help="eval.second")],
    first_system: Annotated[
        System, typer.Option("--first-system", help="eval.first_system")
    ] = "groundkb",
    second_system: Annotated[
        System, typer.Option("--second-system", help="eval.second_system")
    ] = "groundkb",
    as_json_: JsonOption = False,
) -> None:
    """Second run minus first on the questions of both, with paired 95% intervals."""
    found = differences(_records(first, first_system), _records(second, second_system))
    if not any(interval.n for interval in found.values()):
        raise RequestInvalid(detail=Phrase("runs_share_nothing"))
    if as_json_:
        _print_json({name: vars(interval) for name, interval in found.items()})
        return
    result = Table(title=f"{second} {second_system} − {first} {first_system}")
    for heading in ("figure", "difference", "questions"):
        result.add_column(heading, justify="left" if heading == "figure" else "right")
    for name, interval in found.items():
        result.add_row(name.replace("_", " "), show(interval), str(interval.n))
    Console().print(result)


def _topic(
    topic: Topic,
    form: Form,
    path: Path,
    documents: Path | None,
    part: Slice,
    limit: int | None,
    systems: Sequence[str],
    records: Path | None,
    calibration_file: Path | None,
    markdown_file: Path | None,
    json_wanted: bool,
) -> None:
    test_set, results, about = _run(
        form, path, documents, part, limit, systems, records, calibration_file
    )
    found = {str(system): figures(rows) for system, rows in results.items()}
    rows = next(iter(results.values()))
    title = (
        f"{test_set.name}, slice {part}: {sum(r.answerable for r in rows)} answerable, "
        f"{sum(not r.answerable for r in rows)} unanswerable; {about['chat']}, {about['embedding']}"
    )
    if markdown_file:
        markdown_file.write_text(markdown(title, found), encoding="utf-8")
    if json_wanted:
        _print_json(as_json(about, found))
    else:
        names = TOPICS[topic] if not markdown_file else FIGURES
        Console().print(table(title, found, names))


def _known(systems: Sequence[str]) -> list[System]:
    """Raises RequestInvalid for a name that is none of the systems."""
    known = {str(name): name for name in SYSTEMS}
    unknown = [name for name in systems if name not in known]
    if unknown:
        raise RequestInvalid(
            detail=Phrase("eval_system_unknown", name=unknown[0], known=list(known))
        )
    return [known[name] for name in systems]


def _run(
    form: Form,
    path: Path,
    documents: Path | None,
    part: Slice,
    limit: int | None,
    systems: Sequence[str],
    records: Path | None,
    calibration_file: Path | None,
) -> tuple[Dataset, dict[System, list[Record]], dict[str, object]]:
    wanted = _known(systems)
    settings = load_settings()
    test_set = load(path, form)
    questions = balanced(pick(test_set.questions, part, None), limit)
    kept = records or default_records(settings, test_set.name, part)
    thresholds = calibration_text(calibration_file or settings.calibration)
    about: dict[str, object] = {"dataset": test_set.name, "slice": part, "records": str(kept)}

    async def all_of_it() -> dict[System, list[Record]]:
        async with bench(settings, test_set, documents, calibration=thresholds) as (ready, corpus):
            about.update(fingerprint(ready.runtime, thresholds))
            about["embedding"] = corpus.storage.embedder.identity.model
            with _progress(len(questions)) as step:
                return await run(
                    ready,
                    corpus,
                    test_set.name,
                    questions,
                    wanted,
                    kept,
                    calibration=thresholds,
                    on_question=step,
                )

    return test_set, asyncio.run(all_of_it()), about


def _records(path: Path, system: System) -> list[Record]:
    found = [record for record in read_records(path).values() if record.system == system]
    if not found:
        raise RequestInvalid(detail=Phrase("eval_without_records", path=path, system=system))
    return found


@contextmanager
def _progress(total: int) -> Iterator[Callable[[], None]]:
    console = Console(stderr=True)
    with Progress(
        BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console, transient=True
    ) as bar:
        task = bar.add_task("questions", total=total)
        yield lambda: bar.advance(task)


def _print_json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _print_json_to_stderr(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2), err=True)
