"""What a question names, as passages of either language say it."""

import pytest

from app.errors import Language
from app.text.glosses import glossed, holds, named, stems_of


def said(question: str, language: Language, passages: Language) -> dict[str, tuple[str, ...]]:
    return {each.word: each.said for each in named(question, language, passages)}


def test_english_words_become_chinese_ones_and_names_stay_too() -> None:
    found = said("When is the nightly backup of Heron made?", "en", "zh")
    assert "备份" in found["backup"]
    assert "heron" in found["Heron"]
    assert not {"When", "is", "the", "of"} & found.keys()


def test_chinese_words_become_stems_of_english_ones_and_latin_stays() -> None:
    found = said("救生衣在 MS Alva 的哪一层？", "zh", "en")
    assert "life jacket" in found["救生衣"]
    assert found["Alva"] == ("alva",)
    assert "哪" not in found


@pytest.mark.parametrize(
    ("question", "language", "word"),
    [
        ("When were the settlers' identities given?", "en", "身份"),
        ("路德的著作什么时候传播到法国？", "zh", "franc"),
        ("85Nm", "en", "牛米"),
        ("85 牛米的螺栓", "zh", "Nm"),
        ("oil 4.2L", "en", "litres"),
        ("a hut of 24 sqm", "en", "平方米"),
        ("Which file format is taken?", "en", "格式"),
        ("guest wifi password", "en", "密码"),
        ("How many customer service calls were made?", "en", "客服"),
        ("When is sick leave paid?", "en", "病假"),
        ("加油卡丢了怎么办？", "zh", "fuel card"),
        ("押金什么时候退？", "zh", "deposit"),
    ],
)
def test_glosses_are_words_of_the_other_language(
    question: str, language: Language, word: str
) -> None:
    assert word in glossed(question, language)


def test_in_one_language_words_are_said_as_they_are() -> None:
    assert said("How many berths has the ferry?", "en", "en") == {
        "berths": ("berth",),
        "ferry": ("ferri",),
    }
    assert said("病理报告要多久？", "zh", "zh")["报告"] == ("报告",)
    assert named("", "en", "zh") == named("？", "zh", "en") == ()


def test_a_passage_holds_a_word_in_any_of_the_ways_to_say_it() -> None:
    text = "life jackets are stored on deck 2。救生衣"
    stems = frozenset(stems_of(text))
    assert holds(text, stems, ("life vest", "life jacket"))
    assert holds(text, stems, ("救生",))
    assert not holds(text, stems, ("life boat", "救生艇"))
    assert not holds(text, stems, ())


def test_words_that_are_called_by_one_thing_together_keep_their_own_meanings() -> None:
    found = said("What is the delivery-time of a scanned page?", "en", "zh")
    assert {"扫描件", "扫描"} <= set(found["scanned"])
    assert {"扫描件", "页面"} <= set(found["page"])
    apart = said("Is a page scanned?", "en", "zh")
    assert "扫描件" not in apart["page"]
