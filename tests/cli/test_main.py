"""Usage, languages, exit codes, and bad input: a clear error, and the library as it was."""

import json
import os
import re
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli.lazy import LazyGroup
from app.cli.main import BRANCHES, build
from app.cli.say import Cli, exit_code, terminal_language
from app.cli.sketches import drawn, sketch_of
from app.errors import (
    AddressInvalid,
    IndexMismatch,
    QuestionEmpty,
    RemoteError,
    SettingsInvalid,
    SourceMissing,
    WeightsMissing,
)
from app.settings import Settings
from tests.cli.conftest import RunCli, free_port


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LC_ALL": "C.UTF-8", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LC_ALL": "", "LC_MESSAGES": "zh_TW", "LANG": "de_DE"}, "zh"),
        ({}, "en"),
    ],
)
def test_terminal_language(environment: dict[str, str], language: str) -> None:
    assert terminal_language(environment) == language


def test_exit_codes() -> None:
    assert exit_code(QuestionEmpty()) == exit_code(SettingsInvalid(detail="x")) == 2
    assert exit_code(AddressInvalid(address="ftp://h/x", detail="d")) == 2
    assert exit_code(WeightsMissing(model="m")) == exit_code(SourceMissing(path="p")) == 1
    assert exit_code(IndexMismatch(built="a", wanted="b")) == 1
    # An error keeps its meaning when a server passes it on.
    assert exit_code(RemoteError("question_empty", "m", "h")) == 2
    assert exit_code(RemoteError("chat_timeout", "m", "h")) == 1


def helps(app: LazyGroup) -> Iterator[tuple[str, str]]:
    def walk(command: object, path: str) -> Iterator[tuple[str, str]]:
        yield path, getattr(command, "help", None) or ""
        for param in getattr(command, "params", ()):
            yield f"{path} {param.name}", getattr(param, "help", None) or ""
        for name, inner in getattr(command, "commands", {}).items():
            yield from walk(inner, f"{path} {name}")

    app.load_all()
    yield from walk(app, "groundkb")


def test_every_command_and_option_is_explained_in_both_languages(settings: Settings) -> None:
    english = dict(helps(build(Cli("en", settings))))
    chinese = dict(helps(build(Cli("zh", settings))))
    assert len(english) > 30
    for path, text in english.items():
        if path.split()[-1] in ("help", "mode"):
            continue
        assert text, path
        assert any("一" <= char <= "鿿" for char in chinese[path]), path
        assert not any("一" <= char <= "鿿" for char in text), path


AT_ONCE = 0.5


def started(*arguments: str, **environment: str) -> tuple[str, float]:
    """What the installed command prints, and the seconds of a processor that it takes: the least of
    three, if it needs them."""
    least = float("inf")
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        run = subprocess.run(
            [
                sys.executable,
                "-c",
                "import sys; sys.argv[0] = 'groundkb'; from app.cli.main import run; run()",
                *arguments,
            ],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert run.returncode in (0, 1), run.stderr  # 1: as Typer ends a completion
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        least = min(least, used)
        if least < AT_ONCE:
            break
    return run.stdout, least


@pytest.mark.parametrize("argument", ["--help", "--version", "version"])
def test_what_does_nothing_comes_at_once(argument: str) -> None:
    _, seconds = started(argument)
    assert seconds < AT_ONCE


def completed(*words: str) -> list[str]:
    """What bash is given to complete the last word with."""
    line = {"COMP_WORDS": " ".join(("groundkb", *words)), "COMP_CWORD": str(len(words))}
    shown, seconds = started(_GROUNDKB_COMPLETE="complete_bash", **line)
    assert seconds < AT_ONCE
    return shown.split()


def test_completion_comes_at_once_for_every_command(settings: Settings) -> None:
    assert {"ask", "ingest", "version"} <= set(completed(""))
    assert completed("ingest", "") == ["sync", "retire", "status", "remove"]
    assert "--tag" in completed("ask", "--t")
    assert completed("ingest", "sync", "--engine", "") == ["local", "ray"]


def test_what_completion_knows_of_the_commands_is_so(settings: Settings) -> None:
    group = build(Cli("en", settings))
    group.load_all()
    for name in BRANCHES:
        real, known = group.commands[name], drawn(name)
        assert sketch_of(known) == sketch_of(real), "`make docs` writes it anew"


def test_a_help_or_version_imports_nothing_heavy() -> None:
    """Half a second on a quiet machine: typer, rich, pydantic and the catalogues."""
    heavy = "numpy torch fastapi starlette sqlalchemy qdrant_client qdrant_edge transformers jieba httpx"
    for argument in ("--help", "--version", "version"):
        code = (
            f"import sys; sys.argv = ['groundkb', {argument!r}]; "
            "from app.cli.main import execute; assert execute() == 0; "
            "print('\\nloaded', *sys.modules)"
        )
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert run.returncode == 0, run.stderr
        shown, _, loaded = run.stdout.rpartition("\nloaded")
        assert "groundkb" in shown
        assert not set(loaded.split()) & set(heavy.split())


def test_the_help_of_each_branch_is_its_own(settings: Settings) -> None:
    group = build(Cli("en", settings))
    listed = {name: command.help for name, command in group.commands.items()}
    group.load_all()
    assert {name: command.help for name, command in group.commands.items()} == listed
    assert all(
        callable(getattr(command, "callback", None)) or getattr(command, "commands", None)
        for command in group.commands.values()
    )


def test_version_and_openapi(run_cli: RunCli, tmp_path: Path) -> None:
    assert run_cli("version").out.startswith("groundkb ")
    assert run_cli("openapi", str(tmp_path / "openapi.json")).code == 0
    written = (tmp_path / "openapi.json").read_text()
    assert json.loads(written)["paths"]["/ask"]
    assert written == run_cli("openapi").out


@pytest.mark.parametrize(
    "arguments",
    [
        ["ask"],
        ["ask", "why", "--nonsense"],
        ["serve", "--port", "99999"],
        ["ingest", "sync"],
        ["search", "why", "--limit", "0"],
        ["nonsense"],
    ],
)
def test_bad_usage(run_cli: RunCli, arguments: list[str]) -> None:
    ran = run_cli(*arguments)
    assert ran.code == 2
    assert ran.out == ""
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("kb", ["../etc", "UPPER", "x" * 41])
def test_a_knowledge_base_that_can_be_none(run_cli: RunCli, kb: str, tmp_path: Path) -> None:
    for command in (["ask", "why"], ["search", "why"], ["ingest", "sync", str(tmp_path)]):
        ran = run_cli(*command, "--kb", kb)
        assert ran.code == 2
        assert "kb" in ran.err
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"GROUNDKB_CHAT_MODLE": "x"}, "GROUNDKB_CHAT_MODLE"),
        ({"GROUNDKB_PORT": "eighty"}, "port"),
        ({"GROUNDKB_CHAT": "openai"}, "openai_url"),
    ],
)
def test_settings_that_are_not_valid(
    run_cli: RunCli, environment: dict[str, str], words: str
) -> None:
    ran = run_cli("ask", "why", **environment)
    assert ran.code == 2
    assert words in ran.err
    assert "doctor" in ran.err
    chinese = run_cli("ask", "why", **environment, LC_ALL="zh_CN.UTF-8")
    assert "配置无效" in chinese.err
    # Help can be read all the same.
    assert run_cli("--help", **environment).code == 0


def test_weights_that_are_missing(run_cli: RunCli, tmp_path: Path) -> None:
    ran = run_cli("ask", "why", "--json", GROUNDKB_MODELS=str(tmp_path / "none"))
    assert ran.code == 1
    assert ran.json["error"]["code"] == "weights_missing"
    assert "groundkb models pull" in ran.json["error"]["hint"]
    assert "groundkb models pull" in ran.err


def test_an_embedding_model_that_does_not_exist(run_cli: RunCli, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("text")
    ran = run_cli(
        "ingest", "sync", str(tmp_path / "a.txt"), GROUNDKB_EMBEDDING_MODEL="nobody/nothing"
    )
    assert ran.code == 1
    assert "nobody/nothing" in ran.err
    assert "Traceback" not in ran.err


def test_a_qdrant_server_that_does_not_answer(run_cli: RunCli, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("text")
    url = f"http://127.0.0.1:{free_port()}"
    for command in (["ingest", "sync", str(tmp_path / "a.txt")], ["ask", "why"]):
        ran = run_cli(*command, GROUNDKB_QDRANT_URL=url, GROUNDKB_CHAT="embedded")
        assert ran.code == 1, command
        assert url in ran.err
        assert "QDRANT_URL" in ran.err
        assert "Traceback" not in ran.err
    assert run_cli("ingest", "status", "--json").json["documents"] == 0


def test_a_path_that_is_not_there(run_cli: RunCli) -> None:
    ran = run_cli("ingest", "sync", "/nowhere/at all", "--json")
    assert ran.code == 1
    assert ran.json["error"]["code"] == "source_missing"
    assert "/nowhere/at all" in ran.json["error"]["message"]


def test_sync_status_remove(run_cli: RunCli, documents: Path) -> None:
    (documents / "broken.pdf").write_bytes(b"%PDF-1.7 and then nothing of the kind")
    first = run_cli("ingest", "sync", str(documents), "--json")
    assert first.code == 3  # partly done
    assert (first.json["added"], len(first.json["failed"])) == (3, 1)
    assert first.json["failed"][0]["source"].endswith("broken.pdf")

    second = run_cli("ingest", "sync", str(documents), LC_ALL="zh_CN.UTF-8")
    assert second.code == 3
    assert "未变 3" in second.out
    assert "broken.pdf" in second.out

    status = run_cli("ingest", "status", "--json").json
    assert (status["documents"], status["ready"]) == (4, 3)
    assert status["failed"][0]["source"].endswith("broken.pdf")
    assert status["last_sync"]["report"]["unchanged"] == 3
    assert "broken.pdf" in run_cli("ingest", "status").out

    removed = run_cli("ingest", "remove", str(documents / "memory.txt"))
    assert removed.code == 0
    assert "memory.txt" in removed.out
    again = run_cli("ingest", "remove", str(documents / "memory.txt"))
    assert again.code == 1
    assert "memory.txt" in again.err
    assert run_cli("ingest", "status", "--json").json["documents"] == 3


def test_a_data_folder_that_cannot_be_made(run_cli: RunCli, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    ran = run_cli("ingest", "status", GROUNDKB_DATA=str(tmp_path / "file" / "data"))
    assert ran.code == 1
    assert "GROUNDKB_DATA" in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    "words",
    [
        "ingest sync", "ingest sync x --nope", "ingest sync x --jso", "nope", "serch why", "eval nope",
        "jobs list --limit x", "jobs list --limit 0", "schedule add x --jitter 99999999", "ingest sync --kb",
        "ingest sync x --engine y", "version x", "ingest sync x --json=1", "eval answers --path x",
    ],
)  # fmt: skip
def test_misuse_is_told_in_chinese_too(run_cli: RunCli, words: str) -> None:
    done = run_cli(*words.split(), GROUNDKB_LANGUAGE="zh")
    assert done.code == 2
    for line in done.err.strip().splitlines():
        assert re.search("[一-鿿]", line), line
    assert "Missing" not in done.err
    assert "Input should" not in done.err


def test_the_frame_of_a_help_is_chinese_too(run_cli: RunCli) -> None:
    said = run_cli("eval", "retrieval", "--help", GROUNDKB_LANGUAGE="zh").out
    for word in ("Usage", "Options", "Show this", "required", "default"):
        assert word not in said
    assert "用法" in said


def groundkb(
    *arguments: str, output: object = subprocess.PIPE, **environment: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-c", "from app.cli.main import run; run()", *arguments],
        env={**os.environ, "COLUMNS": "200", **environment},
        stdout=output,  # type: ignore[call-overload]
        stderr=subprocess.PIPE,
        check=False,
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_output_on_a_full_disk_is_told() -> None:
    with Path("/dev/full").open("wb") as full:
        ran = groundkb("version", output=full)
    assert ran.returncode == 1
    assert b"No space left" in ran.stderr
    assert b"Traceback" not in ran.stderr


def test_output_that_is_closed_is_none_of_the_files_that_are_opened(tmp_path: Path) -> None:
    """The database would be number 1, and what a library prints would be written into it."""
    code = "import os, sys; os.close(0); os.close(1); os.execv(sys.executable, sys.argv[1:])"
    inner = "from app.cli.main import run; import sys; sys.argv = ['groundkb', 'kb', 'list']; run()"
    ran = subprocess.run(
        [sys.executable, "-c", code, sys.executable, "-c", inner],
        env={**os.environ, "GROUNDKB_DATA": str(tmp_path / "data")},
        capture_output=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, b"")


def test_a_terminal_that_has_not_all_characters_is_shown_the_others(tmp_path: Path) -> None:
    env = {"LC_ALL": "zh_CN.UTF-8", "PYTHONIOENCODING": "gbk", "GROUNDKB_DATA": str(tmp_path)}
    said = groundkb("--help", **env)
    assert (said.returncode, said.stderr) == (0, b"")
    assert "用法" in said.stdout.decode("gbk")
    missing = groundkb("documents", "show", "“é” 😀.md", "--json", **env).stdout
    wrong = json.loads(missing.decode("gbk"))
    assert "“é” 😀.md" in wrong["error"]["message"]


def test_what_a_terminal_would_obey_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """A file may be called so; `documents list` prints its path."""
    cli = Cli("en", SettingsInvalid(detail=""))
    cli.out.print("a\x1b]0;owned\x07\x1b[2Jb\u202ec", style="dim")
    assert capsys.readouterr().out == "a\ufffd]0;owned\ufffd\ufffd[2Jb\ufffdc\n"


@pytest.mark.parametrize("root", ["a" * 300, "~nobody-of-that-name/x"])
def test_a_path_that_can_be_none_is_not_there(run_cli: RunCli, root: str) -> None:
    for command in (["ingest", "sync"], ["schedule", "add"]):
        ran = run_cli(*command, root)
        assert ran.code == 1
        assert "There is no file or folder" in ran.err


def test_what_the_system_refuses_is_told(run_cli: RunCli, tmp_path: Path) -> None:
    run_cli("kb", "list")
    ran = run_cli("feedback", "export", str(tmp_path / "nowhere" / "out.jsonl"))
    assert ran.code == 1
    assert "nowhere/out.jsonl: No such file" in ran.err
    assert "Traceback" not in ran.err
