"""deploy/grafana and deploy/prometheus name figures that the server has, and outcomes that exist."""

import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from prometheus_client import Metric

from app.answering.answer import RefusalReason, StepName
from app.api.metrics import Held, Metrics

ROOT = Path(__file__).resolve().parents[2]
DASHBOARD = ROOT / "deploy" / "grafana" / "groundkb.json"
ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yml"
NAME = re.compile(r"\b(?:groundkb|process)_[a-z_]+\b")


def alerts() -> list[dict[str, Any]]:
    groups = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def expressions() -> dict[str, list[str]]:
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    return {
        "dashboard": [target["expr"] for panel in panels for target in panel["targets"]],
        "alerts": [rule["expr"] for rule in alerts()],
    }


@pytest.fixture(scope="module")
def exported() -> dict[str, Metric]:
    """By the name of each series that they have or would have."""
    metrics = Metrics()
    metrics.hold(Held(1, 1, 0, 0))
    found: dict[str, Metric] = {}
    for metric in metrics.registry.collect():
        suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}
        for suffix in suffixes.get(metric.type, ("",)):
            found[metric.name + suffix] = metric
    return found


@pytest.mark.parametrize("where", ["dashboard", "alerts"])
def test_every_figure_that_is_named_is_exported(where: str, exported: dict[str, Metric]) -> None:
    named = {name for text in expressions()[where] for name in NAME.findall(text)}
    assert len(named) > 5
    assert named - exported.keys() == set()


def test_the_dashboard_shows_all_that_the_server_counts_of_answers(
    exported: dict[str, Metric],
) -> None:
    shown = {name for text in expressions()["dashboard"] for name in NAME.findall(text)}
    for kind in ("answers_total", "first_token_seconds_bucket", "tokens_per_second_bucket"):
        assert f"groundkb_{kind}" in shown
    steps = exported["groundkb_step_seconds_bucket"].samples
    assert {sample.labels["step"] for sample in steps} == set(get_args(StepName))


def test_every_alert_has_its_place_in_the_manual() -> None:
    for page in ("docs/operations.md", "docs/zh/operations.md"):
        text = (ROOT / page).read_text(encoding="utf-8")
        headings = re.findall(r"^### (\w+)$", text, re.MULTILINE)
        assert headings == [rule["alert"] for rule in alerts()], page
    for rule in alerts():
        assert rule["annotations"]["runbook"] == f"docs/operations.md#{rule['alert'].lower()}"


def test_the_manual_names_every_figure_and_reason(exported: dict[str, Metric]) -> None:
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    own = {metric.name for name, metric in exported.items() if name.startswith("groundkb_")}
    assert {name for name in own if f"`{name}" not in text} == set()
    assert {
        reason for reason in get_args(RefusalReason) if f"`refused_{reason}`" not in text
    } == set()
