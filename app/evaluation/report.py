"""Figures as tables, for the terminal and for docs."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Literal

from rich.table import Table

from app.evaluation.figures import FIGURES, Figures
from app.evaluation.metrics import Interval
from app.evaluation.retrieval import MODES, RetrievalReport

Topic = Literal["answers", "refusals", "citations"]
TOPICS: Mapping[Topic, tuple[str, ...]] = {
    "answers": ("match", "f1", "match_when_answered", "retrieved"),
    "refusals": ("refusal_precision", "refusal_recall", "false_refusals", "match"),
    "citations": ("citation_precision", "citation_recall", "supported", "verbatim"),
}


def show(figure: Interval) -> str:
    """'0.981 [0.975, 0.987]'."""
    return f"{figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}]" if figure.n else "–"


def table(title: str, systems: Mapping[str, Figures], names: Sequence[str]) -> Table:
    """A row for each figure, a column for each system."""
    result = Table(title=title)
    result.add_column("figure")
    for system in systems:
        result.add_column(system, justify="right")
    for name in names:
        result.add_row(
            name.replace("_", " "), *(show(getattr(found, name)) for found in systems.values())
        )
    result.add_row("p50 of total, ms", *(f"{f.total_ms_p50:.0f}" for f in systems.values()))
    return result


def markdown(title: str, systems: Mapping[str, Figures]) -> str:
    """All figures as a Markdown table with intervals, for docs/evaluation.md."""
    lines = [
        f"### {title}",
        "",
        f"| figure | {' | '.join(systems)} |",
        f"|---|{'---|' * len(systems)}",
    ]
    for name in FIGURES:
        cells = [show(getattr(found, name)) for found in systems.values()]
        lines.append(f"| {name.replace('_', ' ')} | {' | '.join(cells)} |")
    for name in ("total_ms_p50", "first_token_ms_p50", "verify_ms_p50"):
        cells = ["–" if (v := getattr(f, name)) is None else f"{v:.0f}" for f in systems.values()]
        lines.append(f"| {name.replace('_', ' ')} | {' | '.join(cells)} |")
    refusals = [
        ", ".join(f"{reason} {count}" for reason, count in sorted(f.reasons.items())) or "none"
        for f in systems.values()
    ]
    lines.append(f"| refusals by reason | {' | '.join(refusals)} |")
    return "\n".join(lines) + "\n"


def as_json(about: Mapping[str, Any], systems: Mapping[str, Figures]) -> dict[str, Any]:
    """The report as plain JSON values: what was run, then figures by system."""
    return {**about, "systems": {name: asdict(found) for name, found in systems.items()}}


def retrieval_table(report: RetrievalReport) -> Table:
    """A row for each mode of search."""
    result = Table(
        title=f"{report.dataset}: {report.documents} documents, {report.questions} questions, {report.embedding}"
    )
    for heading in ("mode", "recall@1", "recall@5", "MRR@10", "nDCG@10 [95%]", "p50 ms"):
        result.add_column(heading, justify="left" if heading == "mode" else "right", no_wrap=True)
    for mode in MODES:
        found = report.modes[mode]
        result.add_row(
            mode,
            f"{found.recall_at_1.value:.3f}",
            f"{found.recall_at_5.value:.3f}",
            f"{found.mrr_at_10.value:.3f}",
            show(found.ndcg_at_10),
            f"{found.p50_ms:.1f}",
        )
    return result
