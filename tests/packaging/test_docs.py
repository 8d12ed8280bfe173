"""The documentation says what the code does, in both languages alike."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from app.settings import known_variables

ROOT = Path(__file__).resolve().parents[2]
README = {
    "en": (ROOT / "README.md").read_text(encoding="utf-8"),
    "zh": (ROOT / "README.zh.md").read_text(encoding="utf-8"),
}
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "samples").glob("*.md")]
)


@pytest.fixture(scope="module")
def docs() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs", ROOT / "tools" / "docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def blocks(text: str) -> list[str]:
    return re.findall(r"(?ms)^```\w*\n.*?^```$", text)


def headings(text: str) -> list[int]:
    outside = re.sub(r"(?ms)^```\w*\n.*?^```$", "", text)
    return [len(marks) for marks in re.findall(r"(?m)^(#+) ", outside)]


def test_generated_parts_are_up_to_date(docs: ModuleType) -> None:
    assert docs.main(["--check"]) == 0, "run `make docs`"


def test_a_generated_part_follows_the_settings(docs: ModuleType) -> None:
    stale = README["en"].replace("`GROUNDKB_RETRIEVE` | `8`", "`GROUNDKB_RETRIEVE` | `9`")
    assert stale != README["en"]
    assert docs.rewritten(stale, "en") == README["en"]


def test_an_unknown_generated_part_is_an_error(docs: ModuleType) -> None:
    with pytest.raises(ValueError, match="nonsense"):
        docs.rewritten("<!-- nonsense: written by make docs -->\n<!-- /nonsense -->", "en")


def test_both_readmes_have_the_same_structure() -> None:
    assert headings(README["en"]) == headings(README["zh"])
    assert blocks(README["en"]) == blocks(README["zh"])
    tables = [len(re.findall(r"(?m)^\| ", text)) for text in README.values()]
    assert tables[0] == tables[1]


def test_both_readmes_link_to_the_same_places() -> None:
    linked = [
        {
            link.replace("docs/zh/", "docs/")
            for link in re.findall(r"\]\(([^)]+)\)", text)
            if not link.startswith("README")
        }
        for text in README.values()
    ]
    assert linked[0] == linked[1] - {"docs/README.md"}  # the list of the Chinese pages


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_relative_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if not re.match(r"\w+:", link):
            assert (page.parent / link).exists(), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_setting_that_is_named_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = set(re.findall(r"\bGROUNDKB_[A-Z_]+[A-Z]\b", text))
    assert named <= known_variables() | {"GROUNDKB_TEST_MODELS"}


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = set(re.findall(r"\]\(([^)]+\.md)\)", (folder / "README.md").read_text("utf-8")))
    assert listed == {path.name for path in folder.glob("0*.md")}


TRANSLATED = sorted(path for path in (ROOT / "docs" / "zh").glob("*.md") if path.stem != "README")


def commands(text: str) -> list[str]:
    """The fenced blocks, indented ones too, without the comments in them."""
    found = re.findall(r"(?ms)^ *```\w*\n.*?^ *```$", text)
    return [re.sub(r"(?m)[ \t]*(?<!\S)# .*$", "", block) for block in found]


def figures(text: str) -> set[str]:
    """The numbers outside of commands; 89 million and 8,900 万 are the same, and 100 million and 1 亿."""
    plain = re.sub(r"(?ms)^ *```\w*\n.*?^ *```$", "", text).replace(",", "")
    for pattern, times in ((r"\b(\d+(?:\.\d+)?) million", 100), (r"(\d+(?:\.\d+)?) 亿", 10_000)):
        plain = re.sub(pattern, lambda found, by=times: f"{float(found[1]) * by:g}", plain)  # type: ignore[misc]
    return set(re.findall(r"\d+(?:\.\d+)*", plain))


def named(text: str) -> set[str]:
    """What stands between back quotes."""
    plain = re.sub(r"(?ms)^ *```\w*\n.*?^ *```$", "", text)
    return set(re.findall(r"`([^`]+)`", plain))


@pytest.mark.parametrize("page", TRANSLATED, ids=lambda page: page.name)
def test_a_page_says_the_same_in_chinese(page: Path) -> None:
    here, there = page.read_text("utf-8"), (ROOT / "docs" / page.name).read_text("utf-8")
    assert headings(here) == headings(there)
    assert commands(here) == commands(there)
    assert figures(here) == figures(there)
    assert named(here) == named(there)
    assert here.count("\n| ") == there.count("\n| ")


def test_every_page_in_chinese_is_listed() -> None:
    listed = re.findall(r"\]\((\w+\.md)\)", (ROOT / "docs" / "zh" / "README.md").read_text("utf-8"))
    assert sorted(listed) == [page.name for page in TRANSLATED]


def test_a_figure_and_a_command_that_differ_are_noticed() -> None:
    assert figures("15 s, 1,000 of 2 million") == {"15", "1000", "200"}
    assert figures("15 秒，200 万中的 1,000") == {"15", "1000", "200"}
    assert figures("100 million, 21.2 million") == figures("1 亿，2,120 万") == {"10000", "2120"}
    assert commands("```sh\na --b   # why\n```\n") == commands("```sh\na --b   # 为什么\n```\n")
    assert commands("```sh\na --b\n```\n") != commands("```sh\na --c\n```\n")
