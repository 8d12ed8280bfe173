"""No pattern takes more than about linear time, whatever a document or a model writes.

A pattern is tried on growing texts of one thing repeated, where those that are quadratic or worse are found
out before they take long.
"""

import importlib
import pkgutil
import re
import time
from collections.abc import Iterator
from types import ModuleType

import pytest
import regex

import app.answering
import app.library
import app.text

pytestmark = pytest.mark.slow

UNITS = (" ", "\n", "a", "A", "1", "中", "(", "[", "<", "|", "*", "-", ".", ",", "“", "`", "a ", "A ", "1 ", "1.",
         "的", "什么", "\n ", "the ")  # fmt: skip
# What repeats behind something that a pattern begins with.
BEHIND = (
    ("无法", "从"),
    ("没有在", "在"),
    ("the context ", "does "),
    ('"', "a"),
    ("http://", "a."),
)
SIZES = (500, 2_000, 16_000)
# Seconds at most for one text; linear time takes some thousandths, the mildest quadratic pattern 0.3.
MOST = 0.25

Pattern = re.Pattern[str] | regex.Pattern[str]


def modules() -> Iterator[ModuleType]:
    for package in (app.answering, app.text, app.library):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            yield importlib.import_module(found.name)


def patterns(value: object, depth: int = 0) -> Iterator[Pattern]:
    """The compiled patterns of a value, within tuples and dictionaries too."""
    if isinstance(value, re.Pattern | regex.Pattern) and isinstance(value.pattern, str):
        yield value
    elif depth < 4 and isinstance(value, dict):
        for each in value.values():
            yield from patterns(each, depth + 1)
    elif depth < 4 and isinstance(value, tuple | list):
        for each in value:
            yield from patterns(each, depth + 1)


def everywhere() -> dict[str, Pattern]:
    """By where they stand; a pattern that several modules share once."""
    found: dict[str, Pattern] = {}
    known: set[str] = set()
    for module in modules():
        for name, value in vars(module).items():
            for number, pattern in enumerate(patterns(value)):
                if pattern.pattern not in known:
                    known.add(pattern.pattern)
                    found[f"{module.__name__}.{name}:{number}"] = pattern
    return found


PATTERNS = everywhere()


def slowest(pattern: Pattern) -> tuple[float, str]:
    """Seconds of the slowest text that was tried, and which; stops at the first that is too slow."""
    worst = (0.0, "")
    for before, unit in (*(("", unit) for unit in UNITS), *BEHIND):
        for size in SIZES:
            text = f"{before}{unit * (size // len(unit))}\x00"
            started = time.thread_time()
            for _ in pattern.finditer(text):
                pass
            spent = time.thread_time() - started
            worst = max(worst, (spent, f"{before}{unit!r} x {size}"))
            if spent > MOST:
                return worst
    return worst


def test_there_are_patterns() -> None:
    assert len(PATTERNS) > 200


@pytest.mark.parametrize("where", PATTERNS)
def test_a_pattern_is_about_linear(where: str) -> None:
    spent, text = slowest(PATTERNS[where])
    assert spent <= MOST, f"{where} took {spent:.1f} s on {text}"
