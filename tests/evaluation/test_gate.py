"""Thresholds of the gate: what is promised of other questions holds for them; few questions move little."""

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from app.answering.answerable import AnswerGate, Model, load_answer_gate
from app.answering.read import ReadHit
from app.errors import RequestInvalid
from app.evaluation.gate import Case, figures_of, fit, merge
from app.models.reading import Span
from tests.answering.test_read import hit

ENGLISH, CHINESE = "Valve V-3 opens at 12 bar.", "阀门 V-3 在 12 巴时打开。"


def case(number: int, answerable: bool, answers: float, text: str = ENGLISH) -> Case:
    found = ReadHit(hit(text, number=number), answers, (Span(1_000, 1_005, answers),))
    gold = frozenset({found.hit.passage.document_id}) if answerable else frozenset[str]()
    return Case(f"q{number // 2}", "en", answerable, (found,), gold)


def drawn(count: int, *, seed: int = 3, apart: float = 4.0, text: str = ENGLISH) -> list[Case]:
    """`count` questions, each answerable and without its documents."""
    rng = np.random.default_rng(seed)
    cases = []
    for number in range(count):
        cases.append(case(2 * number, True, float(rng.normal(apart, 1.5)), text))
        cases.append(case(2 * number + 1, False, float(rng.normal(0.0, 1.5)), text))
    return cases


DEFAULT = AnswerGate({})


def test_the_threshold_refuses_the_share_that_is_wanted() -> None:
    cases = drawn(400)
    for wanted in (0.90, 0.97):
        (found,) = fit(cases, DEFAULT, reader="r (b)", dataset="d", wanted_recall=wanted)
        gate = load_answer_gate("r (b)", merge(None, [found]))
        figures = figures_of(cases, gate)
        assert wanted <= figures.refusal_recall.value <= wanted + 0.01
        other = figures_of(drawn(400, seed=9), gate)
        assert other.refusal_recall.value == pytest.approx(wanted, abs=0.03)


def test_what_is_expected_is_what_other_questions_meet() -> None:
    """Of 60 noisy questions the threshold found on them flatters; the folds do not."""
    (found,) = fit(drawn(60, apart=2.0), DEFAULT, reader="r", dataset="d", wanted_recall=0.9)
    gate = load_answer_gate("r", merge(None, [found]))
    fresh = figures_of(drawn(3_000, seed=11, apart=2.0), gate)
    expected = found.expected
    assert expected.refusal_recall.low <= fresh.refusal_recall.value <= expected.refusal_recall.high
    assert expected.false_refusals.low <= fresh.false_refusals.value <= expected.false_refusals.high
    assert expected.auroc == pytest.approx(fresh.auroc, abs=0.08)


def test_few_questions_move_the_threshold_alone() -> None:
    known = AnswerGate({("en", False): Model({"answers": 2.0, "span": 0.5}, 1.0, 9.0)})
    (found,) = fit(drawn(10, apart=14.0), known, reader="r", dataset="d", wanted_recall=0.95)
    assert found.entry["weights"] == {"answers": 2.0, "span": 0.5}
    assert found.entry["bias"] == 1.0
    gate = load_answer_gate("r", merge(None, [found]))
    figures = figures_of(drawn(10, apart=14.0), gate)
    assert (figures.refusal_recall.value, figures.false_refusals.value) == (1.0, 0.0)
    assert figures.refusal_recall.low < 0.8  # ten are not many, and it says so


def test_two_languages_get_an_entry_of_their_own_and_others_stay() -> None:
    cases = [*drawn(20), *(replace(c, id="z" + c.id) for c in drawn(20, text=CHINESE, seed=5))]
    fits = fit(cases, DEFAULT, reader="r", dataset="d", wanted_recall=0.9, today=date(2026, 1, 2))
    assert [(f.entry["language"], f.entry["crossed"]) for f in fits] == [
        ("en", False),
        ("en", True),
    ]
    old = {
        "reader": "r",
        "language": "en",
        "crossed": True,
        "weights": {},
        "bias": 0,
        "threshold": 0,
    }
    kept = {**old, "language": "zh"}
    text = merge(json.dumps({"reading": [old, kept], "evidence": [{"embedding": "e"}]}), fits)
    tables = json.loads(text)
    assert kept in tables["reading"]
    assert old not in tables["reading"]
    assert tables["evidence"] == [{"embedding": "e"}]
    assert tables["reading"][-1]["provenance"]["date"] == "2026-01-02"


def test_too_few_questions_are_refused() -> None:
    with pytest.raises(RequestInvalid, match="calibration_needs: 5"):
        fit(drawn(4), DEFAULT, reader="r", dataset="d", wanted_recall=0.9)


def test_the_ranking_is_counted_where_there_is_a_gold_document() -> None:
    cases = [
        case(0, True, 3.0),
        replace(case(2, True, 3.0), gold=frozenset({"other"})),
        case(3, False, -3.0),
    ]
    figures = figures_of(cases, DEFAULT)
    assert (figures.top_1.value, figures.top_1.n) == (0.5, 2)
    assert (figures.refusal_precision.value, figures.refusal_precision.n) == (1.0, 1)
