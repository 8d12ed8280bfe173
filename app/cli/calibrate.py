"""`groundkb calibrate`: the refusal threshold for the owner's own documents."""

from pathlib import Path
from typing import Annotated

import typer

from app.answering.answerable import load_answer_gate
from app.answering.calibration import calibration_text
from app.cli.say import Cli
from app.evaluation.corpus import temporary_corpus
from app.evaluation.datasets import Form, load
from app.evaluation.gate import Fit, fit, merge, read_cases
from app.evaluation.metrics import Interval
from app.models.reader_server import build_reader

# Shares of the unanswerable that a threshold is to refuse, and nothing more than that is asked for.
WANTED = 0.95


def add_calibrate(app: typer.Typer, cli: Cli) -> None:
    """Add the command."""
    say = cli.say

    @app.command(help=say("calibrate.calibrate"))
    def calibrate(
        path: Annotated[
            Path, typer.Argument(help=say("calibrate.golden_set"))
        ],
        documents: Annotated[
            Path | None,
            typer.Option("--documents", help=say("calibrate.documents")),
        ] = None,
        dataset: Annotated[
            Form, typer.Option("--dataset", help=say("calibrate.form"))
        ] = "golden",
        recall: Annotated[
            float,
            typer.Option(
                "--recall", min=0.5, max=1.0,
                help=say("calibrate.share"),
            ),
        ] = WANTED,
        output: Annotated[
            Path | None,
            typer.Option("--output", help=say("calibrate.output")),
        ] = None,
    ) -> None:  # fmt: skip
        settings = cli.settings
        test_set = load(path, dataset)
        known = calibration_text(settings.calibration)
        with temporary_corpus(settings, test_set, documents) as corpus:
            reader = build_reader(settings, corpus.storage.embedder)
            cases = read_cases(
                corpus,
                test_set.questions,
                reader,
                passages=settings.read_passages,
                seconds=settings.read_seconds,
            )
        gate = load_answer_gate(reader.name, known)
        fits = fit(cases, gate, reader=reader.name, dataset=path.name, wanted_recall=recall)
        for found in fits:
            cli.err.print(_expected(cli, found))
        if output is None:
            cli.print_json(merge(known, fits))
            return
        output.write_text(merge(known, fits), encoding="utf-8")
        cli.err.print(say("calibrate.written", output=output))


def _expected(cli: Cli, found: Fit) -> str:
    entry, figures = found.entry, found.expected
    crossed = "_crossed" if entry["crossed"] else ""
    return cli.say(
        f"calibrate.expected_{entry['language']}{crossed}",
        right=_share(figures.refusal_recall),
        wrong=_share(figures.false_refusals),
    )


def _share(interval: Interval) -> str:
    return f"{interval.value:.0%} [{interval.low:.0%}, {interval.high:.0%}]"
