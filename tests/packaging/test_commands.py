"""Every `groundkb …` that a file of this repository runs or shows is a command that exists."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.cli.main import build
from app.cli.say import open_cli

ROOT = Path(__file__).resolve().parents[2]
# In these files a line, or a string of a list, that starts with groundkb is run.
SHELL_LINE = re.compile(
    r"(?m)(?:^(?:\s*-)?|[@;&|]|\bdo|\$\(BIN\)/|\S=\S+)\s*(?:\$\(BIN\)/)?groundkb ([^\n;|&]+)"
)


def shown() -> Iterator[tuple[str, str]]:
    """(file, what follows `groundkb`)"""
    pages = [*ROOT.glob("README*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("docs/zh/*.md")]
    for name in sorted(str(page.relative_to(ROOT)) for page in pages):
        text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
        for block in re.findall(r"(?ms)^```sh\n(.*?)^```$", text):
            for words in SHELL_LINE.findall(block):
                yield name, words
        for words in re.findall(r"`groundkb ([a-z][^`]*)`", text):
            yield name, words
    for words in SHELL_LINE.findall((ROOT / "Makefile").read_text(encoding="utf-8")):
        yield "Makefile", words
    compose = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    for words in re.findall(r"\[groundkb, ([^\]]+)\]", compose):
        yield "docker-compose.yml", words.replace(",", "")
    for words in SHELL_LINE.findall(compose):
        yield "docker-compose.yml", words
    for words in re.findall(r'\["groundkb", ([^\]]+)\]', (ROOT / "Dockerfile").read_text("utf-8")):
        yield "Dockerfile", words.replace(",", " ")


SHOWN = sorted(set(shown()))


def unknown_words(words: list[str]) -> list[str]:
    """Subcommands and options among `words` that the command line does not have."""
    command: Any = build(open_cli())
    command.load_all()
    while words and hasattr(command, "commands"):
        if words[0] not in command.commands:
            return [words[0]]
        command, words = command.commands[words[0]], words[1:]
    known = {"--help"}
    for parameter in command.params:
        known.update(parameter.opts, parameter.secondary_opts)
    return [word for word in words if word.startswith("--") and word not in known]


@pytest.mark.parametrize(("file", "words"), SHOWN, ids=lambda part: str(part))
def test_command_exists(file: str, words: str) -> None:
    assert unknown_words(shlex.split(words)) == [], f"{file}: groundkb {words}"


def test_commands_were_found_in_every_file() -> None:
    files = {file for file, _ in SHOWN}
    assert files >= {
        "README.md",
        "README.zh.md",
        "Makefile",
        "docker-compose.yml",
        "Dockerfile",
        "docs/upgrading.md",
        "docs/zh/upgrading.md",
    }
    assert ("docker-compose.yml", "ingest sync /documents") in SHOWN


def test_a_wrong_command_is_noticed() -> None:
    assert unknown_words(["ingest", "sink"]) == ["sink"]
    assert unknown_words(["ask", "why?", "--jason"]) == ["--jason"]
