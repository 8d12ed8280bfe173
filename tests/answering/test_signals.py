"""How a hit stands among what was read with it."""

import pytest

from app.answering.signals import NONE, Measured, signals
from app.errors import Language
from tests.passages import passage

QUESTION = "When is the nightly backup of the registry made?"
TEXTS = (
    "The nightly backup of the registry is made at 01:15.",
    "The registry is a table of all models.",
    "A backup is a copy.",
    "The canteen opens at noon.",
    "Visitors sign the book.",
)


def read(
    texts: tuple[str, ...], cosines: tuple[float, ...], language: Language = "en"
) -> list[Measured]:
    return [
        Measured(passage(text, language=language, ordinal=n, title=""), cosine, -float(n))
        for n, (text, cosine) in enumerate(zip(texts, cosines, strict=True))
    ]


def test_the_one_that_holds_what_is_named_and_is_nearest_stands_out() -> None:
    found = signals(QUESTION, "en", read(TEXTS, (0.90, 0.86, 0.85, 0.82, 0.81)))
    assert max(range(5), key=lambda n: found[n].covered) == 0
    assert found[0].covered == pytest.approx(1)
    assert found[0].covered > found[1].covered > found[3].covered == 0
    assert found[0].near > 1 > found[1].near


def test_the_scale_of_an_embedding_models_cosines_says_nothing() -> None:
    narrow = signals(QUESTION, "en", read(TEXTS, (0.90, 0.86, 0.85, 0.82, 0.81)))
    wide = signals(QUESTION, "en", read(TEXTS, (0.80, 0.72, 0.70, 0.64, 0.62)))
    assert [each.near for each in narrow] == pytest.approx([each.near for each in wide])


def test_of_few_or_equal_ones_none_is_nearer() -> None:
    few = signals(QUESTION, "en", read(TEXTS[:3], (0.9, 0.5, 0.5)))
    equal = signals(QUESTION, "en", read(TEXTS, (0.9,) * 5))
    assert {each.near for each in (*few, *equal)} == {NONE.near}
    assert signals(QUESTION, "en", []) == []


def test_passages_of_the_other_language_are_measured_by_their_own() -> None:
    own = read(TEXTS, (0.90, 0.86, 0.85, 0.82, 0.81))
    other = read(
        ("登记表每晚备份一次。", "食堂中午开门。", "访客须登记。", "停车免费。"),
        (0.80, 0.74, 0.73, 0.72),
        "zh",
    )
    mixed = signals(QUESTION, "en", [*own, *other])
    assert mixed[:5] == signals(QUESTION, "en", own)
    assert mixed[5:] == signals(QUESTION, "en", other)
    assert mixed[5].covered == max(each.covered for each in mixed[5:]) > 0
