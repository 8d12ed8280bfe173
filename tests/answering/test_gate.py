"""The gate: thresholds per model and language, a stated default, and openness without probabilities."""

import json
import math
from dataclasses import replace

import pytest

from app.answering.calibration import cosines_for, read_calibration
from app.answering.gate import Signals, load_gate, probe_log_odds, signals_of
from app.errors import Language
from app.index.protocol import Hit
from tests.passages import hit, passage

EMBEDDING, CHAT = "org/embedder", "embedded/Some-Model"
FILE = json.dumps(
    {
        "low_relevance": [{"embedding": EMBEDDING, "language": "zh", "cosine": 0.8}],
        "answerable": [
            {
                "embedding": EMBEDDING,
                "chat": "some-model",
                "language": "zh",
                "weights": {"cosine": 10.0, "probe": 1.0},
                "bias": -8.0,
                "threshold": 0.5,
            }
        ],
        "grounded": [
            {
                "embedding": EMBEDDING,
                "chat": "some-model",
                "language": "zh",
                "weights": {"margin": 10.0, "probe": 1.0, "about": 2.0},
                "bias": -1.0,
                "threshold": 0.25,
            }
        ],
        "evidence": [],
    }
)


def hits(*cosines: float, language: Language = "zh") -> list[Hit]:
    return [
        hit(passage(f"text {n}", language=language), cosine=cosine)
        for n, cosine in enumerate(cosines)
    ]


def test_low_relevance_looks_at_the_best_passage() -> None:
    gate = load_gate(EMBEDDING, CHAT, FILE)
    assert gate.low_relevance(hits(0.79, 0.7), "zh")
    assert not gate.low_relevance(hits(0.7, 0.81), "zh")


def test_thresholds_do_not_hold_across_languages() -> None:
    gate = load_gate(EMBEDDING, CHAT, FILE)
    foreign = hits(0.7, 0.6, language="en")
    assert not gate.low_relevance(foreign, "zh")
    across = signals_of(foreign, {"是": math.log(0.4), "否": math.log(0.6)}, "zh")
    assert across.crossed
    assert gate.decide(across, "zh").answerable
    assert gate.decide(across, "zh").by == "default"
    within = signals_of(hits(0.7, 0.6), {"是": math.log(0.4), "否": math.log(0.6)}, "zh")
    assert not gate.decide(within, "zh").answerable
    # What lies nearest counts, not what came first.
    assert not signals_of([*hits(0.7, language="en"), *hits(0.8)], None, "zh").crossed


def test_after_the_answer_its_evidence_has_to_be_about_the_question() -> None:
    gate = load_gate(EMBEDDING, CHAT, FILE)
    signals = Signals(0.9, 0.05, probe=0.25, about=0.25)
    assert gate.holds(signals, "zh")  # -1 + 0.5 + 0.25 + 0.5 is the threshold
    assert not gate.holds(replace(signals, about=0.2), "zh")
    assert not gate.holds(replace(signals, margin=0.0), "zh")
    assert gate.holds(replace(signals, about=0.9, margin=0.0), "zh")


def test_what_cannot_be_judged_after_the_answer_is_left_to_its_evidence() -> None:
    gate = load_gate(EMBEDDING, CHAT, FILE)
    bad = Signals(0.5, 0.0, probe=-9.0, about=0.0)
    assert not gate.holds(bad, "zh")
    assert gate.holds(bad, "en")  # never calibrated
    assert gate.holds(replace(bad, about=None), "zh")  # evidence in another language
    assert gate.holds(replace(bad, probe=None), "zh")  # no token probabilities


def test_thresholds_hold_for_one_embedding_model_and_language() -> None:
    assert not load_gate(EMBEDDING, CHAT, FILE).low_relevance(hits(0.1), "en")
    assert not load_gate("org/other", CHAT, FILE).low_relevance(hits(0.1), "zh")


def test_the_score_combines_cosine_and_probe() -> None:
    gate = load_gate(EMBEDDING, CHAT, FILE)
    yes = gate.decide(Signals(0.85, 0.0, probe=0.1), "zh")
    assert yes.score == pytest.approx(0.6)
    assert yes.answerable
    assert yes.by == "calibrated"
    assert not gate.decide(Signals(0.85, 0.0, probe=-0.1), "zh").answerable
    assert not gate.decide(Signals(0.80, 0.0, probe=0.1), "zh").answerable


def test_the_provider_does_not_matter_to_the_thresholds() -> None:
    assert load_gate(EMBEDDING, "ollama/some-model", FILE).models
    assert not load_gate(EMBEDDING, "ollama/other", FILE).models


def test_an_uncalibrated_model_gets_the_stated_default() -> None:
    gate = load_gate(EMBEDDING, "ollama/other", FILE)
    assert gate.decide(Signals(0.1, 0.0, probe=-1.9), "zh").answerable
    refused = gate.decide(Signals(0.99, 0.0, probe=-2.1), "zh")
    assert not refused.answerable
    assert (refused.score, refused.by) == (None, "default")


def test_without_probabilities_the_prompt_alone_decides_and_it_is_said() -> None:
    gate = load_gate(EMBEDDING, CHAT, FILE)
    decision = gate.decide(signals_of(hits(0.81, 0.8), None, "zh"), "zh")
    assert decision.answerable
    assert decision.by == "prompt"


def test_log_odds_sum_over_wordings() -> None:
    found = probe_log_odds({"Yes": math.log(0.3), " yes": math.log(0.3), "No": math.log(0.2)})
    assert found == pytest.approx(math.log(0.6 / 0.2))
    assert probe_log_odds({"是": math.log(0.2), "否": math.log(0.4), "不": math.log(0.4)}) == (
        pytest.approx(math.log(0.2 / 0.8))
    )


def test_an_absent_side_is_at_most_as_likely_as_the_rarest_token() -> None:
    found = probe_log_odds({"Yes": math.log(0.9), "The": math.log(0.01)})
    assert found == pytest.approx(math.log(0.9 / 0.01))
    assert probe_log_odds({"No": 0.0, "x": -100.0}) == -15.0


def test_neither_yes_nor_no_is_no_signal() -> None:
    assert probe_log_odds({"The": -0.1, "It": -3.0}) is None
    assert probe_log_odds({}) is None


def test_margin_is_the_lead_over_the_others() -> None:
    found = signals_of(hits(0.9, 0.8, 0.7), None, "zh")
    assert (found.cosine, found.margin) == (pytest.approx(0.9), pytest.approx(0.15))
    assert signals_of(hits(0.9), None, "zh").margin == 0.0


def test_the_shipped_file_names_the_source_of_every_threshold() -> None:
    data = read_calibration()
    entries = [entry for table in data.values() for entry in table]
    assert entries
    for entry in entries:
        assert {"dataset", "slice", "date"} <= entry["provenance"].keys()
        assert entry["provenance"]["slice"] != "report"  # figures are published on that one
    assert cosines_for("intfloat/multilingual-e5-small")
    assert cosines_for("org/unknown") is None
