"""`groundkb shadow` over a library that no server has open."""

from pathlib import Path

from tests.cli.conftest import RunCli
from tests.conftest import write_documents

CHAT = {"GROUNDKB_CHAT": "none"}


def test_an_embedding_is_tried_and_promoted(run_cli: RunCli, tmp_path: Path) -> None:
    write_documents(tmp_path / "documents")
    assert run_cli("ingest", "sync", str(tmp_path / "documents"), **CHAT).code == 0
    begun = run_cli("shadow", "start", "--set", "embedding_query_prefix=question: ", **CHAT)
    assert begun.code == 0, begun.err
    assert "embedding_query_prefix=question: , on 20% of the questions: running." in begun.out
    promoted = run_cli("shadow", "promote", **CHAT)
    assert "Before the next start, set:" in promoted.out
    assert "GROUNDKB_EMBEDDING_QUERY_PREFIX='question: '" in promoted.out, "as a shell reads it"
