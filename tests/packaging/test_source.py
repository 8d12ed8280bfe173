"""What the source code says of itself is so: whatever a comment or docstring points to exists."""

import io
import re
import tokenize
from collections.abc import Iterator
from graphlib import TopologicalSorter
from importlib import import_module
from pathlib import Path

from grimp import build_graph

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(
    path
    for folder in ("app", "ingest", "prompts", "training", "bench", "tools", "tests")
    for path in (ROOT / folder).rglob("*.py")
)
DOTTED = re.compile(r"(?<![\w./\"'])(?:app|ingest|training)(?:\.[A-Za-z_]\w*)+")
LONG = 350
PAGE = re.compile(r"\bdocs/[\w/-]+\.md\b")


def prose(source: str) -> Iterator[str]:
    """Comments and docstrings."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT or token.string.startswith('"""'):
            yield token.string


def is_there(name: str) -> bool:
    """Whether a dotted name is a module, or something in one."""
    module, _, rest = name.partition(".")
    found: object = import_module(module)
    for part in rest.split("."):
        module = f"{module}.{part}"
        if hasattr(found, part) or part in getattr(found, "__annotations__", {}):
            found = getattr(found, part, None)
            continue
        try:
            found = import_module(module)
        except ImportError:
            return False
    return True


def lost(source: str) -> list[str]:
    """Names and pages that the prose of a source points to and that do not exist."""
    text = "\n".join(prose(source))
    names = [name for name in DOTTED.findall(text) if not is_there(name)]
    return names + [page for page in PAGE.findall(text) if not (ROOT / page).is_file()]


def test_what_comments_point_to_exists() -> None:
    found = {path.relative_to(ROOT): lost(path.read_text(encoding="utf-8")) for path in SOURCES}
    assert {path: names for path, names in found.items() if names} == {}


def test_a_comment_that_points_to_nothing_is_noticed() -> None:
    assert lost("# see app.library.reading and docs/FACTS.md\n") == [
        "app.library.reading",
        "docs/FACTS.md",
    ]
    assert lost('"""As app.library.library.Library.snapshot; docs/upgrading.md."""\n') == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = build_graph("app", "ingest", "training")
    imported = {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}
    assert len(imported) > 300
    TopologicalSorter(imported).prepare()  # raises CycleError, which names them


def test_a_long_module_says_why_it_is_one() -> None:
    silent = []
    for path in SOURCES:
        source = path.read_text(encoding="utf-8")
        shipped = path.relative_to(ROOT).parts[0] != "tests"
        if shipped and source.count("\n") > LONG and f"Over {LONG} lines: " not in source:
            silent.append(str(path.relative_to(ROOT)))
    assert silent == [], "split it, or say in its docstring why it is one"
