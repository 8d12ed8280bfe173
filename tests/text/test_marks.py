"""Combining marks beyond any writing system's are dropped, in linear time."""

import time
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.text.marks import bounded_marks, nfc, normalised
from app.text.normalise import normalise

ACUTE, CEDILLA = "\u0301", "\u0327"


def test_a_quarter_megabyte_of_marks_takes_no_time() -> None:
    text = "a" + (ACUTE + CEDILLA) * 60_000 + "b"
    started = time.monotonic()
    assert len(nfc(text)) <= 32
    assert len(normalise(text, casefold=True).text) <= 32
    assert time.monotonic() - started < 1


def test_many_letters_with_many_marks_each() -> None:
    text = ("a" + (ACUTE + CEDILLA) * 500) * 300
    started = time.monotonic()
    assert nfc(text).count("\u00e1") + nfc(text).count("a") == 300
    assert time.monotonic() - started < 1


def test_what_people_write_stays() -> None:
    vietnamese, thai, pointed = "Ti\u1ebfng Vi\u1ec7t", "\u0e17\u0e35\u0e48\u0e19\u0e35\u0e48", "\u05e9\u05c1\u05b8\u05dc"  # fmt: skip
    for text in (vietnamese, thai, pointed, "中文", "e" + ACUTE * 30):
        assert bounded_marks(text) == text
        assert bounded_marks(normalize("NFD", text)) == normalize("NFD", text)


@pytest.mark.slow
@given(st.text(max_size=40))
def test_ordinary_text_is_normalised_as_unicode_has_it(text: str) -> None:
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert normalised(form, text) == normalize(form, bounded_marks(text))  # type: ignore[arg-type]
