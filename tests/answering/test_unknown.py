"""A name that no document holds."""

import pytest

from app.answering.unknown import Unknown, unknown_names
from app.errors import Language
from tests.passages import hit, passage

HITS = [
    hit(passage("Bison lifts 90 kg. Marten X4 is lighter. Osprey 3 came last.", title="Cranes")),
    hit(passage("水泵由 Lodestar 供货，版本为 v2.1。", language="zh", document_id="z")),
]


@pytest.mark.parametrize(
    ("question", "language", "codes", "names"),
    [
        ("What does Bison lift?", "en", (), ()),
        ("What does Badger lift?", "en", (), ("badger",)),
        ("What does the Bisonn lift?", "en", (), ()),  # misspelt
        ("What is new in Marten X5?", "en", ("x 5",), ()),
        ("When did the Osprey 3 come?", "en", (), ()),
        ("When did the Osprey 4 come?", "en", ("osprey 4",), ()),
        ("升级到Osprey 4后怎么办？", "zh", ("osprey 4",), ()),
        ("Lodestar 供什么货？", "zh", (), ()),
        ("Polaris 供什么货？", "zh", (), ("polari",)),
        ("v2.2 有什么变化？", "zh", ("v 2.2",), ()),
        ("Lodestar-V90 供什么货？", "zh", ("lodestar v 90",), ()),
        ("Which crane lifts more than 80 kg?", "en", (), ()),
        ("固件 1.9 修复了什么问题？", "zh", ("固件 1.9",), ()),
        ("固件 2.1 修复了什么问题？", "zh", (), ()),
        ("What does firmware 1.9 mend?", "en", ("firmware 1.9",), ()),
        ("Is version 2.1 out?", "en", (), ()),
    ],
)
def test_names_are_looked_for_in_all_that_was_found(
    question: str, language: Language, codes: tuple[str, ...], names: tuple[str, ...]
) -> None:
    assert unknown_names(question, language, HITS) == Unknown(codes, names)


def test_a_name_may_be_written_otherwise_in_another_language() -> None:
    assert not unknown_names("What does the Northstar pump cost?", "en", HITS[1:])


def test_a_code_is_written_alike_in_every_language() -> None:
    found = unknown_names("What does the Northstar PX-7 cost?", "en", HITS[1:])
    assert found == Unknown(codes=("px 7",))


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
    assert unknown_names(question, "zh", plans).codes == unknown
    undated = [hit(passage("It allows three boats.", title="Plan", language="zh"))]
    assert not unknown_names(question, "zh", undated)
