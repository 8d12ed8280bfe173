"""CONTRIBUTING.md tells the truth: its commands exist, and its table names the files of each example."""

import re
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
