"""Few key words are answered by what tells the last of them of the others, and by nothing else that has one of them."""

from collections.abc import Sequence

import pytest

from app.answering.evidence.context import prepare
from app.answering.keyed import holds_keys, key_words, told_of_keys
from app.answering.quotes import Found
from app.answering.read import ReadHit
from app.index.protocol import Passage
from app.index.words import WordCutter
from tests.passages import hit, passage

RUNBOOK = passage(
    "Daily copies are kept for 14 days. Upgrades happen on Thursdays. Announce them two days ahead.",
    title="Backups",
)
KEYS = passage(
    "身份\n\n- 每个应用使用自己的 API 密钥。\n- 密钥每 90 天轮换一次。", title="安全", language="zh"
)
TUNING = passage("LoRA 训练低秩矩阵。\n\n- 秩 r = 16。", title="微调 LoRA", language="zh")


@pytest.fixture(scope="module")
def cutter() -> WordCutter:
    return WordCutter()


def texts(parts: Sequence[tuple[Passage, Sequence[object]]]) -> list[str]:
    return [getattr(s, "text", "") for _, sentences in parts for s in sentences]


@pytest.mark.parametrize(
    ("words", "of", "told"),
    [
        ("backup retention", RUNBOOK, "Daily copies are kept for 14 days."),
        ("upgrade day", RUNBOOK, "Upgrades happen on Thursdays."),
        ("API 密钥 轮换", KEYS, "密钥每 90 天轮换一次。"),
        ("LoRA 秩", TUNING, "秩 r = 16。"),
        ("密钥 天数", KEYS, "密钥每 90 天轮换一次。"),
    ],
)
def test_the_sentence_that_tells_it(words: str, of: Passage, told: str, cutter: WordCutter) -> None:
    parts = told_of_keys(key_words(words, cutter.terms), [of], cutter.terms, lambda p: [p])
    assert [text.lstrip("- ") for text in texts(parts)] == [told]


@pytest.mark.parametrize(
    ("words", "of"),
    [
        ("backup encryption", RUNBOOK),
        ("guest network", RUNBOOK),
        ("密钥 长度限制", KEYS),
        ("门禁 轮换", KEYS),
        (
            "backup warranty",
            passage("A good one asks for the warranty of a backup disk.", title="Backups"),
        ),
    ],
)
def test_none_where_a_word_is_missing(words: str, of: Passage, cutter: WordCutter) -> None:
    keys = key_words(words, cutter.terms)
    assert told_of_keys(keys, [of], cutter.terms, lambda p: [p]) == ()


METHODS = [
    passage(text, title="微调与适配", language="zh", ordinal=place)
    for place, text in enumerate(
        (
            "LoRA 只训练两个低秩矩阵，适配器只有几十 MB。",
            "- 秩 r = 16，alpha = 32。\n- 学习率 2e-4。",
            "目前上线的模型用 LoRA 微调，在 Albatross 上训练。批大小为 32。",
            "批大小不变，每轮保存一次。",
        )
    )
]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("LoRA 秩", "秩 r = 16，alpha = 32。"),
        ("LoRA 学习率", "学习率 2e-4。"),
        ("Albatross 秩", ""),  # of which the document speaks once
        ("Petrel 秩", ""),
    ],
)
def test_what_a_document_says_once_is_of_what_it_is_on(
    words: str, told: str, cutter: WordCutter
) -> None:
    keys = key_words(words, cutter.terms)
    parts = told_of_keys(keys, METHODS, cutter.terms, lambda _: METHODS)
    assert texts(parts)[:1] == ([told] if told else [])


@pytest.mark.parametrize(
    ("words", "of", "place", "held"),
    [
        ("API 密钥 轮换", KEYS, 0, False),
        ("API 密钥 轮换", KEYS, 1, True),
        ("LoRA 秩", TUNING, 0, False),
        ("upgrade day", RUNBOOK, 2, False),
        ("upgrade policy", RUNBOOK, 2, True),
    ],
)
def test_what_was_found_has_to_tell_it(
    words: str, of: Passage, place: int, *, held: bool, cutter: WordCutter
) -> None:
    sentences = [s for s in prepare([of]).sentences[0] if s.quotable]
    found = Found(ReadHit(hit(of)), (sentences[place],))
    assert holds_keys(key_words(words, cutter.terms), found, cutter.terms) is held
