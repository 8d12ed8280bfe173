"""The normal form for comparing, and the way back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.text.normalise import normalise
from tests.text.strategies import texts


@pytest.mark.parametrize(
    ("source", "quote"),
    [
        ("ＭＩＴ　许可证，", "MIT许可证,"),
        ("使用 MIT 许可证", "使用MIT许可证"),
        ("a  b\r\n\tc", "a b c"),
        ("“quoted” and ‘single’ 「引」", '"quoted" and \'single\' "引"'),
        ("2020–2024 — now −1", "2020-2024 - now -1"),
        ("infor-\nmation and open-source", "information and open-source"),
        ("soft\u00adhyphen zero\u200bwidth", "softhyphen zerowidth"),
        ("e\u0301 ﬁne ½", "é fine 1⁄2"),
        ("中\n文", "中文"),
        ("ｶﾞｷﾞ", "ガギ"),
    ],
)
def test_equal_after_normalisation(source: str, quote: str) -> None:
    assert normalise(source).text == normalise(quote).text == quote


def test_a_hyphen_before_a_capital_or_a_number_stays() -> None:
    assert normalise("GPT-\n4 and Jean-\nPaul").text == "GPT- 4 and Jean- Paul"


def test_case_is_kept_unless_asked() -> None:
    assert normalise("DeepSeek Straße").text == "DeepSeek Straße"
    assert normalise("DeepSeek Straße", casefold=True).text == "deepseek strasse"


def test_the_way_back_is_exact() -> None:
    source = "前文。The infor-\n  mation is “ﬁne”\u200b，后文"
    found = normalise(source)
    start = found.text.index("information")
    end = found.text.index("fine") + len("fine")
    original = found.to_original(start, end)
    assert source[slice(*original)] == "infor-\n  mation is “ﬁne"


def test_half_a_ligature_is_the_whole_of_it() -> None:
    found = normalise("oﬃce")
    assert found.text == "office"
    assert found.to_original(1, 3) == (1, 2)


def test_no_characters_no_span() -> None:
    with pytest.raises(ValueError, match="no characters"):
        normalise("abc").to_original(2, 2)


@given(texts, st.booleans())
def test_offsets_are_ordered_spans_of_the_source(text: str, casefold: bool) -> None:
    found = normalise(text, casefold=casefold)
    assert len(found.text) == len(found.offsets)
    position = 0
    for start, end in found.offsets:
        assert position <= start < end <= len(text)
        position = start
    assert found.text == found.text.strip(" ")


@given(texts, st.data())
def test_what_stands_at_the_way_back_normalises_to_the_same(text: str, data: st.DataObject) -> None:
    found = normalise(text)
    if not found.text:
        return
    start = data.draw(st.integers(0, len(found.text) - 1))
    end = data.draw(st.integers(start + 1, len(found.text)))
    first, last = found.to_original(start, end)
    again = normalise(text[first:last]).text
    assert found.text[start:end].strip() in again


@given(texts, texts, texts)
def test_a_verbatim_part_is_found_at_its_place(before: str, part: str, after: str) -> None:
    text = f"{before}\n甲{part}乙\n{after}"
    found, wanted = normalise(text), normalise(f"甲{part}乙")
    place = found.text.find(wanted.text)
    assert place >= 0
    start, end = found.to_original(place, place + len(wanted.text))
    assert normalise(text[start:end]).text == wanted.text
