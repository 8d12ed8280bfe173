"""`groundkb gaps` over a kept conversation."""

from pathlib import Path

from tests.cli.conftest import RunCli
from tests.conftest import write_documents

CHAT = {"GROUNDKB_CHAT": "none"}


def test_gaps_of_a_library(run_cli: RunCli, tmp_path: Path) -> None:
    write_documents(tmp_path / "documents")
    assert run_cli("ingest", "sync", str(tmp_path / "documents"), **CHAT).code == 0
    refused = "When does the canteen close on Friday?"
    assert run_cli("ask", refused, "--conversation", "new", **CHAT).code == 0
    said = run_cli("gaps", LC_ALL="zh_CN.UTF-8", **CHAT)
    assert said.code == 0, said.err
    assert refused in said.out
    assert "似乎缺少" in said.out
