"""Figures of a golden set by kind, and the golden set of the samples."""

from collections import Counter
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from app.evaluation.datasets import load
from app.evaluation.kinds import by_kind, is_whole
from app.evaluation.metrics import in_order, points_in
from app.evaluation.records import Record

SAMPLES = Path(__file__).parents[2] / "samples"
POINTS = (("first",), ("second", "2nd"), ("third",))
RECORD = Record(
    key="k",
    system="groundkb",
    question="?",
    id="1",
    language="en",
    answerable=True,
    answered=True,
    reason=None,
    answer="",
    match=True,
    f1=1.0,
    gold=(),
    cited=(),
    quotes=1,
    verbatim=1,
    statements=2,
    supported=2,
    found=True,
    total_ms=1.0,
    first_token_ms=None,
    kind="steps",
    points=3,
    of=3,
)


@pytest.mark.parametrize(
    ("answer", "points", "ordered"),
    [
        ("First, second and third.", 3, True),
        ("The 2nd, then the first.", 2, False),
        ("Thirdly nothing.", 0, True),
    ],
)
def test_points_are_counted_whole_and_in_order(answer: str, points: int, ordered: bool) -> None:
    assert points_in(answer, POINTS) == points
    assert in_order(answer, POINTS) == ordered


def test_an_answer_is_whole_with_all_points_in_their_order() -> None:
    assert is_whole(RECORD)
    assert not is_whole(replace(RECORD, points=2))
    assert not is_whole(replace(RECORD, ordered=False))
    assert is_whole(replace(RECORD, ordered=False, kind="list"))
    refused = replace(RECORD, answerable=False, answered=False, points=0, of=0)
    assert is_whole(refused)
    assert not is_whole(replace(refused, answered=True))


def test_figures_come_by_kind_and_together() -> None:
    none = replace(RECORD, kind="unanswerable: near miss", answerable=False, answered=False, of=0)
    found = {each.kind: each for each in by_kind([RECORD, replace(RECORD, points=1), none])}
    assert (found["steps"].whole, found["steps"].points, found["steps"].of) == (1, 4, 6)
    assert found["unanswerable: near miss"].refused == 1
    assert found["all answerable"].questions == 2


def test_the_golden_set_of_the_samples_asks_what_its_documents_say() -> None:
    questions = load(SAMPLES / "golden.jsonl", "golden").questions
    kinds = Counter(question.kind for question in questions)
    unanswerable = sum(not question.answerable for question in questions)
    assert len(questions) >= 150
    assert 0.28 <= unanswerable / len(questions) <= 0.35
    assert len(kinds) >= 14
    texts = {
        path.stem: unescape(path.read_text(encoding="utf-8"))
        for folder in ("library", "sources")
        for path in (SAMPLES / folder).iterdir()
        if path.suffix in (".md", ".txt", ".html")
    }
    for question in questions:
        if question.kind in ("computed", "documents") or not question.answerable:
            continue
        held = " ".join(
            text
            for name in question.documents
            for stem, text in texts.items()
            if name[:2] == stem[:2]
        )
        for point in question.answers:
            assert points_in(held, [point]), (question.text, point)
