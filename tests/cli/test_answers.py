"""`groundkb answers`: written, given, listed and removed."""

from pathlib import Path

from tests.cli.conftest import RunCli


def test_an_answer_is_written_given_and_removed(run_cli: RunCli, documents: Path) -> None:
    chat = {"GROUNDKB_CHAT": "none"}
    assert run_cli("ingest", "sync", str(documents), **chat).code == 0
    assert "There are none." in run_cli("answers", "list", **chat).out
    question, words = "Which licence does DeepSeek use?", "DeepSeek uses the MIT licence."
    command = ("answers", "add", question, "MIT. [1]", "--document", "licences.md", "--quote")
    missing = run_cli(*command, "DeepSeek uses no licence.", **chat)
    assert missing.code == 1
    assert "character for character" in missing.err
    made = run_cli(*command, words, **chat)
    assert made.code == 0, made.err
    found = run_cli("ask", "What licence does DeepSeek use?", "--json", **chat).json
    assert (found["kind"], found["citations"][0]["quote"]) == ("curated", words)
    listed = run_cli("answers", "list", LC_ALL="zh_CN", **chat)
    assert f"{question} — 生效" in listed.out
    identifier = made.out.split()[0]
    assert run_cli("answers", "remove", identifier, **chat).code == 0
    assert run_cli("answers", "list", "--json", **chat).json == {"answers": []}
    assert run_cli("answers", "remove", identifier, **chat).code == 1


def test_each_document_has_its_quote(run_cli: RunCli) -> None:
    said = run_cli("answers", "add", "Q?", "A", "--document", "a", "--quote", "x", "--quote", "y")
    assert said.code == 2
    assert "--quote" in said.err
