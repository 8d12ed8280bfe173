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
