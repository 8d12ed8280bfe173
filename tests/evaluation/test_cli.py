"""The command line: what needs no model."""

import json
from pathlib import Path

from typer.testing import CliRunner

from app.errors import RequestInvalid
from app.evaluation.cli import app
from app.evaluation.records import append
from tests.evaluation.test_records import record


def test_compare_pairs_two_runs(tmp_path: Path) -> None:
    first, second = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    for number in range(30):
        name = str(number)
        append(first, record(f"a{name}", id=name, match=number < 10))
        append(second, record(f"b{name}", id=name, match=number < 25))
    systems = ["--first-system", "plain", "--second-system", "plain"]
    done = CliRunner().invoke(app, ["compare", str(first), str(second), "--json", *systems])
    assert done.exit_code == 0, done.output
    match = json.loads(done.stdout)["match"]
    assert match["value"] == 0.5
    assert 0.3 < match["low"] < 0.5 < match["high"] < 0.75
    assert match["n"] == 30
    shown = CliRunner().invoke(app, ["compare", str(first), str(second), *systems])
    assert "0.500" in shown.stdout


def test_runs_without_a_question_in_common_are_not_compared(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    append(path, record("a"))
    done = CliRunner().invoke(app, ["compare", str(path), str(path)])
    assert isinstance(done.exception, RequestInvalid)  # no records of the system asked for


def test_an_unknown_system_is_named(tmp_path: Path) -> None:
    path = tmp_path / "g.jsonl"
    path.write_text('{"question": "q", "answerable": false}\n', "utf-8")
    done = CliRunner().invoke(
        app, ["refusals", "--dataset", "golden", "--path", str(path), "--system", "best"]
    )
    assert isinstance(done.exception, RequestInvalid)
    assert "best" in str(done.exception)
