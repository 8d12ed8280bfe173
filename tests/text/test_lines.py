"""Line breaks that mean something and those that do not."""

import pytest

from app.text.lines import join_wrapped, unwrap
from app.text.width import fit, width


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        ("开源", "模型", "开源模型"),
        ("a model", "of words", "a model of words"),
        ("使用", "MIT", "使用 MIT"),
        ("open-", "source", "open-source"),
        ("2020-", "2024", "2020- 2024"),
        ("soft\u00ad", "ware", "software"),
        ("", "x", "x"),
    ],
)
def test_joining(first: str, second: str, joined: str) -> None:
    assert join_wrapped(first, second) == joined


def test_wrapped_lines_are_joined() -> None:
    text = (
        "A paragraph that an editor wrapped at seventy columns, which is what\n"
        "editors do, so the break in the middle of a sentence means nothing."
    )
    assert "\n" not in unwrap(text)


@pytest.mark.parametrize(
    "text",
    [
        "short\nlines\nof verse",
        "The first line is long enough to look like a wrapped one, it is, no\nshort\nThe third line is again as long as the first one was and so goes on",
        "Some paragraph that fills its line up to the margin of the page, so\n- a list item",
        "| a table row that is as long as a wrapped line would be, really | x |\n| y | z |",
    ],
)
def test_other_breaks_stay(text: str) -> None:
    assert unwrap(text) == text


def test_width_counts_cjk_three() -> None:
    assert width("ab中文。") == 11
    assert width("plain") == 5


def test_fit_ends_between_graphemes_and_always_advances() -> None:
    assert fit("abcdef", 0, 6, 4) == 4
    assert fit("中文字", 0, 3, 4) == 1
    assert fit("e\u0301e\u0301", 0, 4, 3) == 2
    assert fit("中文", 0, 2, 1) == 1
    assert fit("a\r\nb", 0, 4, 2) == 1
