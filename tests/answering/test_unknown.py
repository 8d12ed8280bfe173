"""A name that no document holds."""

import pytest

from app.answering.unknown import unknown_names
from app.errors import Language
from tests.passages import hit, passage

HITS = [
    hit(passage("Bison lifts 90 kg. Marten X4 is lighter. Osprey 3 came last.", title="Cranes")),
    hit(passage("水泵由 Lodestar 供货，版本为 v2.1。", language="zh", document_id="z")),
]


@pytest.mark.parametrize(
    ("question", "language", "unknown"),
    [
        ("What does Bison lift?", "en", ()),
        ("What does Badger lift?", "en", ("badger",)),
        ("What does the Bisonn lift?", "en", ()),  # misspelt
        ("What is new in Marten X5?", "en", ("x 5",)),
        ("When did the Osprey 3 come?", "en", ()),
        ("When did the Osprey 4 come?", "en", ("osprey 4",)),
        ("升级到Osprey 4后怎么办？", "zh", ("osprey 4",)),
        ("Lodestar 供什么货？", "zh", ()),
        ("Polaris 供什么货？", "zh", ("polari",)),
        ("v2.2 有什么变化？", "zh", ("v 2.2",)),
        ("Which crane lifts more than 80 kg?", "en", ()),
    ],
)
def test_names_are_looked_for_in_all_that_was_found(
    question: str, language: Language, unknown: tuple[str, ...]
) -> None:
    assert unknown_names(question, language, HITS) == unknown


def test_a_name_may_be_written_otherwise_in_another_language() -> None:
    assert unknown_names("What does the Northstar pump cost?", "en", HITS[1:]) == ()


@pytest.mark.parametrize(
    ("question", "unknown"),
    [
        ("What does the plan of 2027 allow?", ()),
        ("What does the plan of 2031 allow?", ("2031",)),
        ("2031 年的计划允许什么？", ("2031",)),
    ],
)
def test_a_year_that_no_document_tells_of_beside_others(
    question: str, unknown: tuple[str, ...]
) -> None:
    plans = [hit(passage("It allows three boats.", title="Plan 2027", language="zh"))]
    assert unknown_names(question, "zh", plans) == unknown
    undated = [hit(passage("It allows three boats.", title="Plan", language="zh"))]
    assert unknown_names(question, "zh", undated) == ()
