"""Calibration finds a threshold that holds what it promises, and says where it comes from."""

import json
from datetime import date

import numpy as np
import pytest

from app.answering.gate import load_gate
from app.errors import RequestInvalid
from app.evaluation.calibrate import fit, merge, signals_of_record
from app.evaluation.records import Record
from tests.evaluation.test_records import record

EMPTY = json.dumps({"low_relevance": [], "answerable": [], "evidence": [{"embedding": "e"}]})


def labelled(count: int = 200, answered: bool = True) -> list[Record]:
    rng = np.random.default_rng(5)
    records = []
    for number in range(count):
        answerable = number % 2 == 0
        signals = {
            "cosine": float(rng.normal(0.90 if answerable else 0.86, 0.02)),
            "margin": float(rng.normal(0.02, 0.01)),
            "probe": float(rng.normal(2.0 if answerable else -2.0, 2.0)),
            "core": 1.0,
        }
        records.append(
            record(str(number), answerable=answerable, answered=answered, signals=signals)
        )
    return records


def fitted(records: list[Record], **options: float):  # type: ignore[no-untyped-def]
    return fit(
        records,
        "zh",
        embedding="e",
        chat="embedded/c",
        dataset="d",
        part="tune",
        today=date(2026, 1, 2),
        **options,
    )


def test_the_threshold_refuses_as_many_as_wanted() -> None:
    records = labelled()
    for wanted in (0.8, 0.95):
        found = fitted(records, wanted_recall=wanted)
        gate = load_gate("e", "embedded/c", merge(EMPTY, [found]))
        decisions = {r.id: gate.decide(signals_of_record(r), "zh").answerable for r in records}
        recall = np.mean([not decisions[r.id] for r in records if not r.answerable])
        assert wanted <= recall < wanted + 0.03
        assert found.summary["refusal_recall"] == pytest.approx(recall)


def test_signals_together_beat_each_alone() -> None:
    summary = fitted(labelled()).summary
    assert summary["auroc"] > max(summary["auroc_cosine"], summary["auroc_probe"])
    assert summary["auroc"] > 0.95


def test_what_the_model_refuses_by_itself_needs_no_threshold() -> None:
    found = fitted(labelled(answered=False))
    scores = [
        load_gate("e", "embedded/c", merge(EMPTY, [found])).decide(signals_of_record(r), "zh")
        for r in labelled()
    ]
    assert all(decision.answerable for decision in scores)


def test_hardly_an_answerable_question_is_lost_before_the_model() -> None:
    records = labelled()
    gate_entry = fitted(records).low_relevance
    lost = [r for r in records if r.answerable and r.signals["cosine"] < gate_entry["cosine"]]  # type: ignore[operator]
    assert len(lost) <= 2


def test_an_entry_replaces_only_its_own_and_names_its_source() -> None:
    text = merge(EMPTY, [fitted(labelled())])
    once = json.loads(text)
    assert json.loads(merge(text, [fitted(labelled())])) == once
    assert once["evidence"] == [{"embedding": "e"}]
    (entry,) = once["answerable"]
    assert entry["provenance"]["answerable"] == 100
    assert entry["provenance"]["slice"] == "tune"
    assert entry["provenance"]["date"] == "2026-01-02"


def test_too_few_questions_calibrate_nothing() -> None:
    with pytest.raises(RequestInvalid, match="needs 20"):
        fitted(labelled(30))
    blind = [record(str(n), answerable=n % 2 == 0, signals={"probe": None}) for n in range(100)]
    with pytest.raises(RequestInvalid, match="token probabilities"):
        fitted(blind)
