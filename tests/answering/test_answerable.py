"""The gate over readings: one hit that answers is enough, and two languages have thresholds of their own."""

import json

import pytest

from app.answering.answerable import AnswerGate, Model, load_answer_gate
from app.answering.read import ReadHit, ReadResult
from app.models.reading import Span
from tests.answering.test_read import hit

ENGLISH = "Valve V-3 opens at 12 bar."
CHINESE = "阀门 V-3 在 12 巴时打开。"


def read(*items: tuple[str, float | None]) -> ReadResult:
    hits = tuple(
        ReadHit(hit(text, number=number), answers, (Span(1_000, 1_005, 2.0),))
        for number, (text, answers) in enumerate(items)
    )
    return ReadResult(hits, sum(answers is not None for _, answers in items), "r (base)", 1.0)


def test_without_calibration_the_readers_own_score_decides() -> None:
    gate = load_answer_gate("unknown (base)")
    yes = gate.decide(read((ENGLISH, -3.0), (ENGLISH, 0.5)), "en")
    assert (yes.answerable, yes.score, yes.by, yes.looked) == (True, 0.5, "default", 2)
    assert yes.nearest is not None
    assert yes.nearest.hit.passage.id == "p1"
    no = gate.decide(read((ENGLISH, -3.0), (ENGLISH, -0.5), (ENGLISH, None)), "en")
    assert (no.answerable, no.score) == (False, -0.5)


def test_nothing_read_is_not_answerable() -> None:
    decision = load_answer_gate("unknown").decide(read((ENGLISH, None)), "en")
    assert (decision.answerable, decision.score, decision.nearest) == (False, None, None)


def test_each_hit_is_held_to_the_threshold_of_its_own_pair_of_languages() -> None:
    gate = AnswerGate(
        {
            ("en", False): Model({"answers": 1.0}, 0.0, 1.0),
            ("en", True): Model({"answers": 1.0, "span": 0.5, "cosine": 10.0}, -8.0, -2.0),
        }
    )
    assert not gate.decide(read((ENGLISH, 0.9)), "en").answerable
    crossed = gate.decide(read((ENGLISH, 0.9), (CHINESE, -2.9)), "en")
    assert crossed.answerable  # -8 - 2.9 + 0.5 * 2 + 10 * 0.8 = -1.9
    assert crossed.score == pytest.approx(-1.9)
    assert (crossed.threshold, crossed.by) == (-2.0, "calibrated")
    assert crossed.nearest is not None
    assert crossed.nearest.hit.passage.id == "p1"
    assert not gate.decide(read((ENGLISH, 0.9), (CHINESE, -3.1)), "en").answerable


def test_a_calibration_file_is_found_by_the_adapters_name() -> None:
    entry = {
        "reader": "r", "language": "en", "crossed": False,
        "weights": {"answers": 2.0}, "bias": 1.0, "threshold": 4.0,
    }  # fmt: skip
    text = json.dumps({"reading": [entry]})
    decision = load_answer_gate("r (base@1)", text).decide(read((ENGLISH, 1.4)), "en")
    assert (decision.answerable, decision.by) == (False, "calibrated")
    assert decision.score == pytest.approx(3.8)
    assert load_answer_gate("r2 (base@1)", text).decide(read((ENGLISH, 1.4)), "en").by == "default"
