"""Single documents, jobs and the schedule on the command line, without a server: the real models."""

import sqlite3
from pathlib import Path

import pytest

from app.cli import schedule
from app.cli.say import Cli
from app.errors import LibraryBusy
from tests.cli.conftest import RunCli
from tests.conftest import write_documents


def test_a_document_from_file_to_removal(run_cli: RunCli, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("Phi-3 mini has 3.8 billion parameters.")
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 nothing")
    files = [str(tmp_path / name) for name in ("note.txt", "broken.pdf")]
    ran = run_cli("documents", "add", *files, "--json")
    assert ran.code == 3
    note, broken = ran.json
    assert (note["status"], broken["status"]) == ("done", "failed")
    assert broken["error"]["code"] == "document_corrupt"
    assert run_cli("documents", "tag", note["document_id"], "phi", "small").code == 0
    (row, _) = sorted(run_cli("documents", "list", "--json").json, key=lambda row: -row["chunks"])
    assert (row["source"], row["tags"]) == ("upload:///note.txt", ["phi", "small"])
    assert "3.8 billion" in run_cli("documents", "text", "upload:///note.txt").out
    (chunk,) = run_cli("documents", "chunks", row["id"]).json["chunks"]
    assert "3.8 billion" in chunk["text"]
    assert run_cli("documents", "remove", row["id"]).code == 0
    missing = run_cli("documents", "text", row["id"])
    assert missing.code == 1
    jobs = run_cli("jobs", "list", "--json").json
    assert [job["status"] for job in jobs] == ["failed", "done"]
    assert run_cli("jobs", "retry", jobs[1]["id"]).code == 1
    assert "queued" in run_cli("jobs", "retry", jobs[0]["id"]).out
    assert "cancelled" in run_cli("jobs", "cancel", jobs[0]["id"]).out


def test_a_name_that_is_taken_is_a_question(run_cli: RunCli, tmp_path: Path) -> None:
    for folder, text in (("one", "Offer A costs 10."), ("two", "Offer B costs 20.")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "offer.txt").write_text(text)
    first, second = (str(tmp_path / name / "offer.txt") for name in ("one", "two"))
    assert run_cli("documents", "add", first).code == 0
    refused = run_cli("documents", "add", second, LC_ALL="zh_CN.UTF-8")
    assert refused.code == 2
    assert "--on-conflict keep_both" in refused.err
    assert "offer.txt" in refused.err
    assert "同名" in refused.err, "a server is told the language"
    kept = run_cli("documents", "add", "--on-conflict", "keep_both", second, "--json")
    assert kept.json[0]["source"] == "upload:///offer (2).txt"


@pytest.mark.parametrize(
    "line",
    ["documents list", "documents show a.txt", "documents text a.txt", "ingest status", "jobs list",
     "feedback export", "export instructions"],
)  # fmt: skip
def test_an_unknown_knowledge_base_is_an_error(run_cli: RunCli, line: str) -> None:
    ran = run_cli(*line.split(), "--kb", "nope")
    assert (ran.code, ran.out) == (1, "")
    assert "nope" in ran.err


def test_the_schedule(run_cli: RunCli, tmp_path: Path) -> None:
    write_documents(tmp_path / "documents")
    folder = str(tmp_path / "documents")
    assert run_cli("schedule", "add", folder, "--cron", "0 25 * * *").code == 2
    assert run_cli("schedule", "add", "/nowhere/at/all", "--cron", "0 3 * * *").code == 1
    added = run_cli("schedule", "add", folder, "--cron", "0 3 * * *", "--tz", "Asia/Shanghai")
    assert added.code == 0, added.err
    assert "03:00:00 CST" in run_cli("schedule", "list", TZ="America/New_York").out
    (source,) = run_cli("schedule", "list", "--json").json
    assert source["next_run"].endswith("T19:00:00Z")
    idle = run_cli("schedule", "run", "--once")
    assert (idle.code, idle.out) == (0, ""), "nothing is due"
    _make_due(tmp_path / "data")
    ran = run_cli("schedule", "run", "--once")
    assert ran.code == 0, ran.err
    assert "added 3" in ran.out
    assert run_cli("schedule", "run", "--once").out == ""
    (source,) = run_cli("schedule", "list", "--json").json
    assert source["last_run"]["report"]["added"] == 3
    (tmp_path / "documents").rename(tmp_path / "gone")
    _make_due(tmp_path / "data")
    failed = run_cli("schedule", "run", "--once")
    assert failed.code == 3
    assert "source_missing" in failed.out
    assert run_cli("schedule", "remove", source["id"]).code == 0
    assert run_cli("schedule", "list", "--json").json == []
    assert run_cli("ingest", "status", "--json").json["documents"] == 3


def _make_due(data: Path) -> None:
    """As if its time had come while nobody was there."""
    with sqlite3.connect(data / "library.sqlite3") as database:
        database.execute("UPDATE sources SET next_run = '2026-01-01 00:00:00.000000'")
    database.close()


def test_a_library_that_is_busy_does_not_end_the_schedule(
    run_cli: RunCli, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = iter([None, LibraryBusy(seconds=15), KeyboardInterrupt()])

    def due(_: Cli) -> int:
        if (error := next(looks)) is not None:
            raise error
        return 0

    monkeypatch.setattr(schedule, "_run_due", due)
    monkeypatch.setattr(schedule, "LOOK_SECONDS", 0.0)
    ran = run_cli("schedule", "run")
    assert ran.code == 130, ran.err
    assert "15" in ran.err
