"""Misspelt words and the known ones that they stand for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.text.spelling import Spelling, words_of

TEXT = "Calibration of the torque wrench: every 12 months. Pumps are checked by the Acmon 500."


@pytest.fixture
def spelling() -> Spelling:
    made = Spelling()
    made.add(words_of(TEXT))
    return made


def test_words_are_long_latin_ones() -> None:
    assert words_of("Über den Schlüssel der V12-Pumpe, E137 或者 torque扳手") == {
        "schlüssel",
        "pumpe",
        "torque",
    }


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("calibraton", ("calibration",)),
        ("claibratoin", ("calibration",)),
        ("torqe", ("torque",)),
        ("wrnch", ("wrench",)),
        ("wrehcn", ()),  # two slips in a short word
        ("porque", ()),  # another first letter
        ("wrenches", ()),  # another form of a known word
        ("checks", ()),
        ("pressure", ()),
    ],
)
def test_near(spelling: Spelling, written: str, meant: tuple[str, ...]) -> None:
    assert spelling.near(written) == meant


def test_the_nearest_of_several_are_taken(spelling: Spelling) -> None:
    spelling.add({"storage", "stowage", "storages"})
    assert spelling.near("stoage") == ("storage", "stowage")


def test_unknown(spelling: Spelling) -> None:
    question = "How often is the torqe wrench calibrated? 多久校准一次?"
    assert spelling.unknown(question) == ["calibrated", "often", "torqe"]


@given(st.text(max_size=200), st.text(max_size=200))
def test_what_is_known_is_never_unknown(text: str, question: str) -> None:
    spelling = Spelling()
    spelling.add(words_of(text))
    assert not set(spelling.unknown(question)) & words_of(text)
    assert spelling.unknown(text) == []
