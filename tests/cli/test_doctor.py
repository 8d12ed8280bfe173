"""Doctor says how everything is, whatever is broken."""

import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from app.cli.checks import folder, pictures, risks, storage
from app.models.embedding import Embedder
from app.runtime import open_storage
from app.settings import Settings
from ingest.parse import ocr
from ingest.report import SyncRequest
from tests.cli.conftest import RunCli, free_port


def by_name(value: dict[str, list[dict[str, str]]]) -> dict[str, dict[str, str]]:
    return {check["name"]: check for check in value["checks"]}


def test_a_library_that_was_never_used_is_well_and_stays_unmade(
    run_cli: RunCli, tmp_path: Path
) -> None:
    ran = run_cli("doctor", "--json", GROUNDKB_CHAT="embedded")
    assert ran.code == 0, ran.out
    checks = by_name(ran.json)
    assert ran.json["ok"] is True
    assert {check["severity"] for check in checks.values()} == {"ok"}
    assert "groundkb 0" in checks["versions"]["message"]
    assert not (tmp_path / "data").exists()


def test_everything_that_is_broken_is_named_with_its_remedy(
    run_cli: RunCli, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    port = free_port()
    ran = run_cli(
        "doctor",
        "--json",
        GROUNDKB_DATA=str(tmp_path / "data"),
        GROUNDKB_MODELS=str(tmp_path / "file" / "models"),
        GROUNDKB_CHAT="ollama",
        GROUNDKB_OLLAMA_URL=f"http://127.0.0.1:{port}",
        GROUNDKB_HOST="0.0.0.0",
    )
    assert ran.code == 1
    checks = by_name(ran.json)
    assert checks["folder models"]["severity"] == "fail"
    assert "GROUNDKB_MODELS" in checks["folder models"]["remedy"]
    assert checks["embedding weights"]["severity"] == "fail"
    assert "models pull" in checks["embedding weights"]["remedy"]
    assert checks["chat"]["severity"] == "fail"
    assert str(port) in checks["chat"]["message"]
    assert checks["access"]["severity"] == "warn"
    assert "GROUNDKB_API_KEYS" in checks["access"]["remedy"]


def test_whether_pictures_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert pictures(Settings()).severity == "ok"
    off = pictures(Settings(ocr="off"))
    assert (off.severity, "off" in off.told("en").message) == ("ok", True)
    ocr._load.cache_clear()
    monkeypatch.setitem(sys.modules, "rapidocr_onnxruntime", None)
    without = pictures(Settings())
    assert without.severity == "warn"
    assert "groundkb[ocr]" in without.told("en").hint
    assert "groundkb[ocr]" in without.told("zh").hint


def test_secrets_are_not_shown(run_cli: RunCli) -> None:
    secrets = {
        "GROUNDKB_API_KEYS": "a-key-to-hide-1,a-key-to-hide-2",
        "GROUNDKB_QDRANT_API_KEY": "hidden-qdrant-key",
        "GROUNDKB_OPENAI_API_KEY": "hidden-openai-key",
        "GROUNDKB_DATABASE_URL": "sqlite://user:hidden-password@/tmp/x",
        "GROUNDKB_CHAT": "embedded",
    }
    for options in ([], ["--json"]):
        ran = run_cli("doctor", *options, **secrets)
        for hidden in ("to-hide", "hidden-qdrant", "hidden-openai", "hidden-password"):
            assert hidden not in ran.out + ran.err
    assert ran.json["settings"]["api_keys"] == ["***", "***"]
    assert ran.json["settings"]["database_url"] == "sqlite://***@/tmp/x"


def test_broken_settings_are_a_finding(run_cli: RunCli) -> None:
    ran = run_cli("doctor", "--json", GROUNDKB_PROT="1")
    assert ran.code == 1
    checks = by_name(ran.json)
    assert checks["settings"]["severity"] == "fail"
    assert "GROUNDKB_PROT" in checks["settings"]["message"]


def test_a_changed_embedding_model_is_found_before_it_is_used(
    run_cli: RunCli, documents: Path
) -> None:
    assert run_cli("ingest", "sync", str(documents)).code == 0
    well = run_cli("doctor", "--json", GROUNDKB_CHAT="embedded")
    assert by_name(well.json)["index of default"]["severity"] == "ok"
    ran = run_cli(
        "doctor", "--json", GROUNDKB_CHAT="embedded", GROUNDKB_EMBEDDING_QUERY_PREFIX="ask: "
    )
    assert ran.code == 1
    finding = by_name(ran.json)["index of default"]
    assert finding["severity"] == "fail"
    assert "ask: " in finding["message"]
    assert "groundkb reindex" in finding["remedy"]
    chinese = run_cli("doctor", LC_ALL="zh_CN.UTF-8", GROUNDKB_CHAT="embedded")
    assert "片段" in chinese.out or "段落" in chinese.out


def test_beside_a_running_server_it_says_what_the_next_start_will_need(
    make_settings: Callable[..., Settings], real_embedder: Embedder, documents: Path
) -> None:
    """After a reindex the server holds the new index; the settings may still name the old model."""
    settings = make_settings()
    with closing(open_storage(settings, real_embedder)) as running:
        running.sync(SyncRequest((str(documents),), "default"), lambda _: None)
        well = {finding.name: finding for finding in storage(settings)}
        assert well["index"].severity == "warn"
        assert "index of default" not in well
        changed = make_settings(embedding_query_prefix="ask: ")
        found = {finding.name: finding for finding in storage(changed)}
        assert found["index of default"].severity == "fail"
        assert "ask: " in found["index of default"].told("en").message


@pytest.mark.parametrize(
    ("overrides", "names"),
    [
        ({}, []),
        ({"host": "0.0.0.0"}, ["access"]),
        ({"host": "0.0.0.0", "api_keys": "k" * 16}, []),
        ({"api_keys": "short"}, ["access"]),
        ({"chat": "ollama", "ollama_url": "http://10.1.2.3:11434"}, ["privacy"]),
        ({"chat": "ollama", "ollama_url": "http://ollama:11434"}, []),
        ({"chat": "ollama", "ollama_url": "https://gpu.example"}, []),
        ({"chat": "embedded", "ollama_url": "http://gpu.example"}, []),
        ({"qdrant_url": "http://qdrant.example:6333"}, ["privacy"]),
    ],
)
def test_risks(overrides: dict[str, str], names: list[str]) -> None:
    settings = Settings(_env_file=None, **overrides)  # type: ignore[call-arg, arg-type]
    assert [finding.name for finding in risks(settings)] == names


def test_a_folder_is_not_made_to_find_out_whether_it_could_be(tmp_path: Path) -> None:
    assert folder("data", tmp_path / "a" / "b").severity == "ok"
    assert not (tmp_path / "a").exists()
    (tmp_path / "file").touch()
    assert folder("data", tmp_path / "file" / "b").severity == "fail"
