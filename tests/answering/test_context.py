"""Passages are cut once, and the cut of one is never taken for that of another."""

from dataclasses import replace

import pytest

from app.answering.evidence import context
from app.answering.evidence.context import prepare, whole_units
from tests.passages import passage

STEPS = "1. Close the valve.\n2. Drain the tank.\n\nAll amounts are in euros."


def test_passage_is_cut_once_however_often_it_is_looked_at(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    looked = passage(f"{STEPS} Looked at often.")
    calls: list[str] = []
    cut = context._cut

    def counted(number: int, of):  # type: ignore[no-untyped-def]
        calls.append(of.text)
        return cut(number, of)

    monkeypatch.setattr(context, "_cut", counted)
    first = prepare([looked])
    again = prepare([passage("Another."), replace(looked)])
    assert calls.count(looked.text) == 1
    assert [s.text for s in again.sentences[1]] == [s.text for s in first.sentences[0]]
    assert {s.passage for s in again.sentences[1]} == {1}
    assert {s.passage for s in first.sentences[0]} == {0}


def test_passage_under_another_title_is_another() -> None:
    one = passage(STEPS, title="Pumps")
    other = replace(one, title="Boilers")
    assert "pump" in whole_units(one).words
    assert "pump" not in whole_units(other).words
    assert prepare([other]).sentences[0][0].around.text.startswith("Boilers")


@pytest.mark.parametrize(
    ("text", "roles"),
    [
        # A question is answered by what stands behind it, and answers nothing itself.
        (
            "Can I lend a winch?\nYes, at weekends.\nFuel is yours.\n\nWho pays?\nThe yard.",
            ["heading", "prose", "prose", "heading", "prose"],
        ),
        ("可以借绞车吗？\n周末可以。", ["heading", "prose"]),
        ("Is it safe?\nIs it dear?\nYes.", ["prose", "heading", "prose"]),  # which is answered?
        ("1. Is it clean?\n2. Is it dry?\n\nThen ship it.", ["item", "item", "prose"]),
        (
            "May I lend it? Yes. At weekends.\nThe yard is open.",
            ["heading", "prose", "prose", "prose"],
        ),
        ("可以借吗？ 周末可以。\n要交押金吗？ 不用交。", ["heading", "prose", "heading", "prose"]),
        ("It is dry. Is it?\nYes.", ["prose", "prose", "prose"]),
        ("Is it dry?", ["prose"]),
        ("PROJECT HERON - REPORT, JUNE 2026\n\nIt runs.", ["heading", "prose"]),
    ],
)
def test_what_only_says_what_is_behind_it(text: str, roles: list[str]) -> None:
    assert [s.role for s in prepare([passage(text)]).sentences[0]] == roles


def test_a_question_within_a_line_leads_that_line_alone() -> None:
    cut = prepare([passage("May I lend it? Yes.\nThe yard is open at noon.")]).sentences[0]
    assert [s.heading for s in cut[1:]] == ["May I lend it?", ""]


def test_what_is_declared_holds_for_the_document() -> None:
    says = replace(passage(STEPS), id="a", document_id="d1")
    beside = replace(passage("The pump costs 20."), id="b", document_id="d1")
    stranger = replace(passage("The pump costs 30."), id="c", document_id="d2")
    declared = prepare([beside, says, stranger]).declared
    assert declared[0] == declared[1] == frozenset({"EUR"})
    assert declared[2] == frozenset()
