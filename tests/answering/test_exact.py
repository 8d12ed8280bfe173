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
        ("Who looks after printers?", "- Printers: Mira Soler, extension 3325", True),
        ("Who is responsible for printers?", "- Printers: Mira Soler", True),
        ("Who looks after printers?", "- Scanners: Mira Soler, extension 3325", False),
        ("Who looks after printers?", "- Printers: Two in each hall", False),
        ("Who invented printers?", "- Printers: Mira Soler, extension 3325", False),
        ("Who is the treasurer?", "The board: Mira Soler (chair), Jon Aas (treasurer).", True),
        ("Who is the treasurer of the rowers?", "The board: Jon Aas (treasurer).", False),
        ("Who is the treasurer?", "The treasurer keeps the books.", False),
        ("打印机由谁负责？", "- 打印机：罗敏，分机 3325", True),
        ("扫描仪由谁负责？", "- 打印机：罗敏，分机 3325", False),
    ],
)
def test_told_in_its_words(question: str, text: str, *, told: bool, cutter: WordCutter) -> None:
    found = told_exactly(
        question, kind_of(question), [passage(text)], cutter.terms, lambda each: [each]
    )
    assert bool(found) is told


@pytest.mark.parametrize(
    ("question", "text", "told"),
    [
        ("不同班组可以共用门禁密钥吗？", "每个班组使用自己的门禁密钥，不得共用。", True),
        ("不同班组可以共用仓库密钥吗？", "每个班组使用自己的门禁密钥，不得共用。", False),
        (
            "May crews share a locker key?",
            "Each crew has its own locker key; no two share one.",
            True,
        ),
        ("May crews share a locker key?", "Each crew has its own locker key.", False),
        ("Is it shared?", "It is shared.", False),  # of too few words
    ],
)
def test_a_sentence_with_every_word_of_the_question(
    question: str, text: str, *, told: bool, cutter: WordCutter
) -> None:
    def parts(*, near: bool) -> object:
        return told_exactly(
            question,
            kind_of(question),
            [passage(text)],
            cutter.terms,
            lambda each: [each],
            near=near,
        )

    assert bool(parts(near=True)) is told
    assert not parts(near=False)


CHAPTER = [
    passage(text, title="归档实践", language="zh", ordinal=place)
    for place, text in enumerate(
        (
            "归档不会让人更聪明，但能留下凭据。本章记录青石档案馆的做法。",
            "每天 02:30 自动同步一次共享文件夹，读者不必等待。",
        )
    )
]


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("档案馆每天几点同步？", True),
        ("读者每天几点同步？", True),  # who is named beside it
        ("凭据每天几点同步？", False),
        ("食堂每天几点同步？", False),
    ],
)
def test_what_its_document_is_on_need_not_stand_beside_a_time(
    question: str, *, told: bool, cutter: WordCutter
) -> None:
    found = told_exactly(question, "fact", CHAPTER[1:], cutter.terms, lambda _: CHAPTER)
    assert bool(found) is told
