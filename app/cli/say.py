"""What the command line needs to know before it knows the command: the language and the settings."""

import codecs
import json
import os
import re
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from rich.console import Console

from app.errors import GroundkbError, Param, SettingsInvalid
from app.settings import Settings, load_settings
from app.texts import FALLBACK, language_of, text, told

DONE: Final = 0
FAILED: Final = 1
BAD_USAGE: Final = 2
PARTLY: Final = 3


_SPELT: Final = "groundkb-spelt"


def _spelt(error: UnicodeError) -> tuple[str, int]:
    """A handler of encoding errors."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return json.dumps(error.object[error.start : error.end])[1:-1], error.end


codecs.register_error(_SPELT, _spelt)


def terminal_language(environment: Mapping[str, str]) -> str:
    """From the locale, in POSIX's order: LC_ALL, LC_MESSAGES, LANG."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environment.get(name):
            return language_of(value) or FALLBACK
    return FALLBACK


# What a terminal obeys instead of showing it, but line ends and tabs, and what turns the order of a line round.
_OBEYED: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def shown(text: str) -> str:
    """The text for a terminal: a file's name, say, is whatever somebody called it."""
    return _OBEYED.sub("\ufffd", text)


class _TextConsole(Console):
    def print(self, *objects: Any, **options: Any) -> None:
        texts = (shown(item) if isinstance(item, str) else item for item in objects)
        super().print(*texts, **options)


def _console(stderr: bool) -> Console:
    # Titles and quotes are text, not markup; and a long line is the terminal's to wrap.
    return _TextConsole(stderr=stderr, markup=False, highlight=False, emoji=False, soft_wrap=True)


@dataclass
class Cli:
    """Results go to `out` (standard output), all else to `err`."""

    language: str
    loaded: Settings | SettingsInvalid
    as_json: bool = False
    out: Console = field(default_factory=lambda: _console(stderr=False))
    err: Console = field(default_factory=lambda: _console(stderr=True))

    @property
    def settings(self) -> Settings:
        """Raises SettingsInvalid."""
        if isinstance(self.loaded, SettingsInvalid):
            raise self.loaded
        return self.loaded

    def say(self, key: str, **params: Param) -> str:
        """A text of the catalogues' `cli` table, in the user's language: 'module.key'."""
        return text(key, self.language, **params)

    def print_json(self, value: str) -> None:
        """One JSON value, on standard output, without any of the terminal's doing. What the terminal's encoding
        has not is spelt as JSON can."""
        encoding = sys.stdout.encoding or "utf-8"
        sys.stdout.write(value.encode(encoding, _SPELT).decode(encoding) + "\n")
        sys.stdout.flush()

    def print_value(self, value: object) -> None:
        """Something made of lists, dictionaries and plain values, as one JSON value."""
        self.print_json(json.dumps(value, ensure_ascii=False, indent=2))

    def show_error(self, error: GroundkbError) -> None:
        said = told(error, self.language)
        if self.as_json:
            body = {"code": error.code, "message": said.message, "hint": said.hint}
            with suppress(OSError):  # nobody reads it, or it is what failed
                self.print_json(json.dumps({"error": body}, ensure_ascii=False))
        self.err.print(f"✗ {said.message}", style="bold red")
        if said.hint:
            self.err.print(f"  {said.hint}")


def open_cli() -> Cli:
    """From the environment; settings that are not valid are an error for those who ask for them."""
    spoken = terminal_language(os.environ)
    try:
        settings = load_settings()
    except SettingsInvalid as error:
        return Cli(spoken, error)
    return Cli(spoken if settings.language == "auto" else settings.language, settings)


def exit_code(error: GroundkbError) -> int:
    """DESIGN: 1 failed, 2 bad usage."""
    return BAD_USAGE if error.scope == "usage" else FAILED
