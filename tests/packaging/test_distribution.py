"""What is shipped: pins that cover everything, licences that allow it, nothing of one machine."""

import importlib.util
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def constraints() -> ModuleType:
    spec = importlib.util.spec_from_file_location("constraints", ROOT / "tools" / "constraints.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def needed(constraints: ModuleType) -> set[str]:
    """What the product and all its extras need, so that each installs with these pins."""
    return constraints.closure(
        constraints.direct(("cloud", "langchain", "mcp", "ocr", "postgres", "ray", "dev"))
    )


def pinned() -> dict[str, Requirement]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    requirements = [Requirement(line) for line in lines if not line.startswith("#")]
    return {canonicalize_name(item.name): item for item in requirements}


def tracked() -> list[Path]:
    """Files under version control, with those about to be added."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_every_dependency_is_pinned_to_one_public_version(needed: set[str]) -> None:
    pins = pinned()
    assert needed - set(pins) == set(), "run `make constraints`"
    for item in pins.values():
        assert re.fullmatch(r"==[0-9][0-9a-zA-Z.]*", str(item.specifier)), item
        assert item.url is None


def test_pins_meet_what_the_project_asks_for(constraints: ModuleType) -> None:
    pins = pinned()
    for wanted in constraints.direct():
        version = str(pins[canonicalize_name(wanted.name)].specifier).removeprefix("==")
        assert wanted.specifier.contains(version, prereleases=True), wanted


def test_nothing_is_pinned_that_nobody_needs(needed: set[str]) -> None:
    assert set(pinned()) - needed == set(), "run `make constraints`"


def test_no_dependency_is_under_a_strong_copyleft_licence(
    constraints: ModuleType, needed: set[str]
) -> None:
    licences = {name: constraints.licence(name) for name in needed}
    copyleft = {name for name, text in licences.items() if constraints.is_copyleft(text)}
    assert copyleft == constraints.ACCEPTED
    # Nobody who does not ask for PostgreSQL gets them.
    assert not constraints.ACCEPTED & constraints.closure(constraints.direct(()))
    assert {name for name, text in licences.items() if text in ("not stated", "UNKNOWN")} == set()


@pytest.mark.parametrize(
    ("text", "copyleft"),
    [
        ("GPL-3.0-or-later", True),
        ("GNU Lesser General Public License v2", True),
        ("AGPLv3", True),
        ("GPL-2.0-only OR LGPL-2.1-or-later", True),
        ("MPL-1.1 OR GPL-2.0-only OR LGPL-2.1-or-later", False),
        ("Mozilla Public License 2.0 (MPL 2.0)", False),
    ],
)
def test_a_copyleft_licence_is_noticed(constraints: ModuleType, text: str, copyleft: bool) -> None:
    assert constraints.is_copyleft(text) is copyleft


def test_notice_names_direct_dependencies_under_the_licence_they_state(
    constraints: ModuleType,
) -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    body = notice.partition("The main ones:")[2].partition("tld offers")[0]
    groups = re.split(r"(?m)^  (Apache-2\.0|BSD|MIT|MPL-2\.0) ", body)
    assert len(groups) == 9
    for family, names in zip(groups[1::2], groups[2::2], strict=True):
        bare = re.sub(r"\([^)]*\)|;.*", "", names, flags=re.DOTALL)
        for name in filter(None, (word.strip() for word in bare.split(","))):
            stated = constraints.licence(name).replace("Apache Software License", "Apache-2.0")
            stated = stated.replace("Apache 2.0", "Apache-2.0").replace("(MPL 2.0)", "MPL-2.0")
            assert family in stated, f"{name}: {stated}"


def test_no_registry_host_and_no_path_of_one_machine_is_written_down() -> None:
    machine = re.compile(
        r'"resolved": "http|--(?:extra-)?index-url[ =]|(?:^|[\s"\'(=:])/(?:root|work)/'
        r"|files\.pythonhosted\.org|registry\.npmjs\.org|pypi\.org/simple"
    )
    own = {Path(__file__).resolve(), ROOT / "Dockerfile", ROOT / "docker-compose.yml"}
    found = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if path not in own and (hit := machine.search(text)):
            found.append(f"{path.relative_to(ROOT)}: {hit[0].strip()}")
    assert found == []


def test_the_licence_is_apache_2_in_full() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text


def test_the_wheel_holds_every_file_of_the_packages(tmp_path: Path) -> None:
    for name in ("app", "ingest", "prompts"):
        shutil.copytree(
            ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "static")
        )
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, tmp_path / name)
    subprocess.run(
        f"{sys.executable} -m pip wheel . --no-deps --no-build-isolation --wheel-dir out".split(),
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    (wheel,) = (tmp_path / "out").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    sources = {
        path.relative_to(tmp_path).as_posix()
        for name in ("app", "ingest", "prompts")
        for path in (tmp_path / name).rglob("*")
        if path.is_file()
    }
    assert sources - packed == set(), "see [tool.setuptools.package-data]"
