"""Pin what groundkb's dependencies pull in, and look at their licences.

    python tools/constraints.py              rewrite constraints.txt from this venv
    python tools/constraints.py --check      fail if it would change
    python tools/constraints.py --licences   list licences, fail on a copyleft one

Only what pyproject.toml asks for, directly or not, counts; other packages that happen to
be installed are left out.
"""

import argparse
import re
import sys
import tomllib
from email import message_from_string
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
CONSTRAINTS = ROOT / "constraints.txt"
HEADER = (
    "# Versions that groundkb was tested with; written by `make constraints`.\n"
    "# Use: pip install -c constraints.txt -e '.[dev]'\n"
)
# GPL, LGPL, AGPL and their full names; 'MPL' is file-level copyleft and allowed.
COPYLEFT = re.compile(r"\b[AL]?GPL|General Public License", re.IGNORECASE)

# LGPL, as PostgreSQL's maintained driver is: an extra that nobody has to install, called through
# its interface and not changed, which that licence leaves free.
ACCEPTED = frozenset({"psycopg", "psycopg-binary"})


def direct(extras: tuple[str, ...] = ("dev",)) -> list[Requirement]:
    """The requirements in pyproject.toml, with those of `extras`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    texts = list(project["dependencies"])
    for extra in extras:
        texts += project["optional-dependencies"][extra]
    return [Requirement(text) for text in texts]


def closure(requirements: list[Requirement]) -> set[str]:
    """Canonical names of all that is needed here. Raises PackageNotFoundError if one is not installed."""
    wanted: dict[str, set[str]] = {}
    todo = [(item.name, set(item.extras)) for item in requirements]
    while todo:
        name, extras = todo.pop()
        key = canonicalize_name(name)
        if key in wanted and extras <= wanted[key]:
            continue
        wanted[key] = wanted.get(key, set()) | extras
        for text in distribution(name).requires or []:
            item = Requirement(text)
            if item.marker is None or any(
                item.marker.evaluate({"extra": extra}) for extra in wanted[key] | {""}
            ):
                todo.append((item.name, set(item.extras)))
    return set(wanted)


def pins(names: set[str]) -> dict[str, str]:
    """Version for each name, without local tags such as `+cpu`, which no public index knows."""
    return {name: Version(distribution(name).version).public for name in sorted(names)}


def licence(name: str) -> str:
    """The licence as the package states it: expression, classifiers, or first line of the text."""
    data = message_from_string(distribution(name).read_text("METADATA") or "")
    if expression := data["License-Expression"]:
        return str(expression)
    classifiers = [
        text.rsplit(" :: ", 1)[1]
        for text in data.get_all("Classifier") or []
        if text.startswith("License :: ") and not text.endswith("OSI Approved")
    ]
    return "; ".join(classifiers) or str(data["License"] or "not stated").splitlines()[0]


def is_copyleft(text: str) -> bool:
    """Whether a licence leaves no choice but GPL, LGPL or AGPL."""
    return all(COPYLEFT.search(choice) for choice in text.split(" OR "))


def constraints_text() -> str:
    lines = [f"{name}=={version}\n" for name, version in pins(closure(direct())).items()]
    return HEADER + "".join(lines)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--licences", action="store_true")
    options = parser.parse_args(arguments)
    if options.licences:
        stated = {name: licence(name) for name in sorted(closure(direct()))}
        for name, text in stated.items():
            print(f"{name:32}{text}")
        bad = [name for name, text in stated.items() if is_copyleft(text) and name not in ACCEPTED]
        if bad:
            print(f"copyleft: {', '.join(bad)}", file=sys.stderr)
        return 1 if bad else 0
    text = constraints_text()
    if not options.check:
        CONSTRAINTS.write_text(text, encoding="utf-8")
    elif CONSTRAINTS.read_text(encoding="utf-8") != text:
        print("constraints.txt differs from what is installed", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
