"""CONTRIBUTING.md tells the truth: its commands exist, and its table names the files of each example."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
ROWS = re.findall(r"(?m)^\| (an? [\w ]+) \| (\d+) \| `(\w+)` \| (.+) \|$", PAGE)
MOST = 4


@pytest.mark.parametrize(("kind", "count", "example", "listed"), ROWS, ids=lambda part: str(part))
def test_files_to_touch(kind: str, count: str, example: str, listed: str) -> None:
    files = re.findall(r"`([^`]+)`", listed)
    assert len(files) == int(count) <= MOST
    for name in files:
        assert example in (ROOT / name).read_text(encoding="utf-8"), name


def test_an_error_is_nowhere_else() -> None:
    """Beside the class and its texts nothing names the code: no table, no list."""
    found = {
        str(path.relative_to(ROOT))
        for folder in ("app", "ingest", "tools", "frontend/src")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".toml", ".ts", ".tsx")
        and "upload_too_large" in path.read_text(encoding="utf-8")
    }
    assert found - {"frontend/src/api/schema.ts"} == {
        "app/errors.py",
        "app/texts/en.toml",
        "app/texts/zh.toml",
    }


def test_commands_of_make_exist() -> None:
    targets = set(re.findall(r"(?m)^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8")))
    named = set(re.findall(r"`make ([\w-]+)", PAGE))
    assert len(named) > 6
    assert named <= targets


def test_the_table_was_read() -> None:
    assert len(ROWS) == 8


def releases(changelog: str) -> dict[str, bool]:
    """The versions that a changelog has, the newest first, and whether each is released."""
    heads = re.findall(r"(?m)^## \[([\d.]+)\](.*)$", changelog)
    return {version: "unreleased" not in rest for version, rest in heads}


def without_library(changelog: str) -> list[str]:
    kept = {path.name for path in (ROOT / "tests" / "fixtures" / "libraries").iterdir()}
    released = (version for version, is_out in releases(changelog).items() if is_out)
    return [version for version in released if f"{version}.tar.xz" not in kept]


def test_every_release_has_its_library() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert next(iter(releases(changelog))) == project["version"]
    assert without_library(changelog) == [], "`make fixture`"
    assert without_library("## [9.9.0] – 2030-01-01\n") == ["9.9.0"]
