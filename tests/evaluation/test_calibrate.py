"""Calibration finds a threshold that holds what it promises, and says where it comes from."""

import json
from datetime import date

import numpy as np
import pytest

from app.answering.gate import Gate, load_gate
from app.errors import RequestInvalid
from app.evaluation.calibrate import fit, merge, signals_of_record
from app.evaluation.records import Record
from tests.evaluation.test_records import record

EMPTY = json.dumps(
    {"low_relevance": [], "answerable": [], "grounded": [], "evidence": [{"embedding": "e"}]}
)


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
            "about": float(rng.normal(0.6 if answerable else 0.4, 0.2)),
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


def passes(gate: Gate, record: Record) -> bool:
    signals = signals_of_record(record)
    return gate.decide(signals, "zh").answerable and gate.holds(signals, "zh")


def test_the_threshold_refuses_as_many_as_wanted() -> None:
    records = labelled()
    for wanted in (0.8, 0.95):
        found = fitted(records, wanted_recall=wanted)
        gate = load_gate("e", "embedded/c", merge(EMPTY, [found]))
        answered = {r.id: passes(gate, r) for r in records}
        recall = np.mean([not answered[r.id] for r in records if not r.answerable])
        assert wanted <= recall < wanted + 0.03
        assert found.summary["refusal_recall"] == pytest.approx(recall)


def test_signals_together_beat_each_alone() -> None:
    summary = fitted(labelled()).summary
    assert summary["auroc"] > max(summary["auroc_cosine"], summary["auroc_probe"])
    assert summary["auroc"] > 0.95
    after = {name: summary[f"auroc_{name}"] for name in ("margin", "probe", "about")}
    assert summary["auroc_after"] > max(after.values())


def test_what_the_model_refuses_by_itself_needs_no_threshold() -> None:
    found = fitted(labelled(answered=False))
    gate = load_gate("e", "embedded/c", merge(EMPTY, [found]))
    assert all(gate.holds(signals_of_record(r), "zh") for r in labelled())


def test_before_the_answer_hardly_an_answerable_question_is_lost() -> None:
    records = labelled()
    gate = load_gate("e", "embedded/c", merge(EMPTY, [fitted(records, wanted_recall=1.0)]))
    refused = [r for r in records if not gate.decide(signals_of_record(r), "zh").answerable]
    assert sum(r.answerable for r in refused) <= 3
    assert len(refused) > 50  # and much of the rest is spared the writing


def test_hardly_an_answerable_question_is_lost_before_the_model() -> None:
    records = labelled()
    gate_entry = fitted(records).low_relevance
    lost = [r for r in records if r.answerable and r.signals["cosine"] < gate_entry["cosine"]]  # type: ignore[operator]
    assert not lost
    assert gate_entry["cosine"] > 0.75


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
