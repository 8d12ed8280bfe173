"""Sentences that tell in the very words of a question when something is, or what."""

import pytest

from app.answering.exact import told_exactly
from app.answering.question import kind_of
from app.index.words import WordCutter
from tests.passages import passage


@pytest.fixture(scope="module")
def cutter() -> WordCutter:
    return WordCutter()


@pytest.mark.parametrize(
    ("question", "text", "told"),
    [
        ("晚班几点开始？", "仓储部实行两班制：早班 6:30 至 14:30，晚班 14:30 至 22:30。", True),
        ("晚班几点开始？", "晚班由张工带队。", False),
        ("夏令营几点开始？", "晚班 14:30 开始。", False),
        ("When is the night shift?", "The night shift is on Mondays.", True),
        ("When is the fire drill?", "The night shift is on Mondays.", False),
        ("DuoPipe 是什么？", "传输时使用一种叫做「DuoPipe」的技术，减少等待时间。", True),
        ("What is DuoPipe?", "传输时使用一种叫做「DuoPipe」的技术，减少等待时间。", True),
        ("What is DuoPipe?", "DuoPipe, a protocol of ours, saves time.", True),
        ("What is DuoPipe?", "We have had no trouble with DuoPipe since May.", False),
        ("What is DuoPipe?", "The DuoPipes is a band.", False),
    ],
)
def test_told_in_its_words(question: str, text: str, *, told: bool, cutter: WordCutter) -> None:
    found = told_exactly(question, kind_of(question), [passage(text)], cutter.terms)
    assert bool(found) is told
