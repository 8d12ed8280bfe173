"""`groundkb reindex`, `backup` and `restore` with the real embedding model, without a server."""

from pathlib import Path

import pytest

from tests.cli.conftest import RunCli

QUESTION = "DeepSeek uses which licence?"
# The same weights, other vectors: as good as another model, and nothing to download.
OTHER = {"GROUNDKB_EMBEDDING_PASSAGE_PREFIX": "text: "}
# A server that is not asked: no chat model need be loaded.
CHAT = {
    "GROUNDKB_CHAT": "openai",
    "GROUNDKB_OPENAI_URL": "http://127.0.0.1:9/v1",
    "GROUNDKB_CHAT_MODEL": "none",
}


@pytest.fixture
def cli(run_cli: RunCli) -> RunCli:
    """`run_cli` without a chat model."""
    return lambda *arguments, **environment: run_cli(*arguments, **CHAT, **environment)


def passages(cli: RunCli, **environment: str) -> list[tuple[str, float]]:
    ran = cli("search", QUESTION, "--json", **environment)
    assert ran.code == 0, ran.err
    return [(item["text"], item["score"]) for item in ran.json["passages"]]


def test_reindex_and_rollback(cli: RunCli, documents: Path) -> None:
    assert cli("ingest", "sync", str(documents)).code == 0
    before = passages(cli)
    refused = cli("search", QUESTION, **OTHER)
    assert refused.code == 1
    assert "'passage: '" in refused.err
    assert "'text: '" in refused.err
    assert "`groundkb reindex`" in refused.err
    doctor = cli("doctor", **OTHER)
    assert doctor.code == 1
    assert "groundkb reindex" in doctor.out

    done = cli("reindex", "--json", **OTHER)
    assert done.code == 0, done.err
    assert (done.json["documents"], done.json["switched"], done.json["to_set"]) == (3, True, {})
    assert passages(cli, **OTHER)[0][0] == before[0][0]
    assert cli("search", QUESTION).code == 1, "the old setting is refused"

    back = cli("reindex", "--rollback", **OTHER)
    assert back.code == 0, back.err
    assert "GROUNDKB_EMBEDDING_PASSAGE_PREFIX='passage: '" in back.out
    assert passages(cli) == before
    dropped = cli("reindex", "--drop-old")
    assert "kb_default@" in dropped.out
    assert cli("reindex", "--rollback").code == 1


def test_backup_and_restore(cli: RunCli, documents: Path, tmp_path: Path) -> None:
    assert cli("ingest", "sync", str(documents)).code == 0
    before = passages(cli)
    (tmp_path / "backups").mkdir()
    made = cli("backup", str(tmp_path / "backups"), "--json")
    assert made.code == 0, made.err
    restored = tmp_path / "restored"
    shown = cli("restore", made.json["path"], "--data", str(restored), LC_ALL="zh_CN.UTF-8")
    assert shown.code == 0, shown.err
    assert "3 个文档" in shown.out
    assert passages(cli, GROUNDKB_DATA=str(restored)) == before
    again = cli("restore", made.json["path"], "--data", str(restored), "--json")
    assert (again.code, again.json["error"]["code"]) == (1, "restore_target_not_empty")
    missing = cli("restore", str(tmp_path / "none.tar"), "--data", str(tmp_path / "x"), "--json")
    assert missing.json["error"]["code"] == "backup_invalid"
