"""`groundkb calibrate`: the refusal threshold for the owner's own documents."""

from pathlib import Path
from typing import Annotated, Any

import typer

from app.answering.answerable import load_answer_gate
from app.answering.calibration import calibration_text
from app.cli.say import Cli
from app.evaluation.corpus import temporary_corpus
from app.evaluation.datasets import Form, load
from app.evaluation.gate import Fit, GateFigures, fit, merge, read_cases
from app.evaluation.metrics import Interval
from app.models.e5_reader import build_e5_reader

# Shares of the unanswerable that a threshold is to refuse, and nothing more than that is asked for.
WANTED = 0.95


def add_calibrate(app: typer.Typer, cli: Cli) -> None:
    """Add the command."""
    say = cli.say

    @app.command(
        help=say(
            "Find the refusal threshold for your own documents, from questions whose answers you know.",
            "用已知答案的问题，为您自己的文档测定拒答阈值。",
        )
    )
    def calibrate(
        path: Annotated[
            Path, typer.Argument(help=say("The golden set (docs/evaluation.md).", "标准问答集（见 docs/evaluation.md）。"))
        ],
        documents: Annotated[
            Path | None,
            typer.Option("--documents", help=say("The folder with the documents that it names.", "其中所列文档所在的文件夹。")),
        ] = None,
        dataset: Annotated[
            Form, typer.Option("--dataset", help=say("The form of the file.", "文件的格式。"))
        ] = "golden",
        recall: Annotated[
            float,
            typer.Option(
                "--recall", min=0.5, max=1.0,
                help=say("Share of unanswerable questions to refuse.", "应拒答的不可回答问题所占比例。"),
            ),
        ] = WANTED,
        output: Annotated[
            Path | None,
            typer.Option("--output", help=say("Write the calibration file here; none: print it.", "把校准文件写到这里；省略则打印。")),
        ] = None,
    ) -> None:  # fmt: skip
        settings = cli.settings
        test_set = load(path, dataset)
        known = calibration_text(settings.calibration)
        with temporary_corpus(settings, test_set, documents) as corpus:
            reader = build_e5_reader(settings, corpus.storage.embedder)
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
        cli.err.print(
            say(
                f"Written to {output}. To use it, set GROUNDKB_CALIBRATION={output}.",
                f"已写入 {output}。如需启用，请设置 GROUNDKB_CALIBRATION={output}。",
            )
        )


def _expected(cli: Cli, found: Fit) -> str:
    entry, figures = found.entry, found.expected
    language: dict[Any, tuple[str, str]] = {"zh": ("Chinese", "中文"), "en": ("English", "英文")}
    en, zh = language[entry["language"]]
    crossed_en = " over passages of the other language" if entry["crossed"] else ""
    crossed_zh = "（对照另一语言的段落）" if entry["crossed"] else ""
    return cli.say(
        f"{en} questions{crossed_en}: expected to be refused {_unanswerable(figures, 'en')}.",
        f"{zh}问题{crossed_zh}：预计拒答{_unanswerable(figures, 'zh')}。",
    )


def _unanswerable(figures: GateFigures, language: str) -> str:
    right, wrong = _share(figures.refusal_recall), _share(figures.false_refusals)
    if language == "zh":
        return f"不可回答的问题 {right}，可回答的问题 {wrong}"
    return f"of the unanswerable {right}, of the answerable {wrong}"


def _share(interval: Interval) -> str:
    return f"{interval.value:.0%} [{interval.low:.0%}, {interval.high:.0%}]"
