"""The gate over readings: one hit that answers is enough, and two languages have thresholds of their own."""

import json
from pathlib import Path

import pytest

from app.answering.answerable import AnswerGate, Model, load_answer_gate
from app.answering.calibration import calibration_text, cosines_for, read_calibration
from app.answering.read import ReadHit, ReadResult
from app.errors import SettingsInvalid
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


def test_an_owners_entry_stands_in_place_of_the_shipped_one_and_others_stay() -> None:
    shipped = read_calibration()["reading"]
    own = {
        "reader": "mine", "language": "en", "crossed": False, "weights": {"answers": 1.0},
        "bias": 0.0, "threshold": 3.0,
    }  # fmt: skip
    tables = read_calibration(json.dumps({"reading": [own]}))
    assert tables["reading"] == [*shipped, own]
    again = {**own, "threshold": 4.0}
    assert read_calibration(json.dumps({"reading": [own, again]}))["reading"][-1] == again
    assert tables["evidence"] == read_calibration()["evidence"]


def test_the_shipped_file_names_the_source_of_every_threshold_and_none_is_of_the_report() -> None:
    tables = read_calibration()
    entries = [entry for table in tables.values() for entry in table]
    assert entries
    for entry in entries:
        assert {"dataset", "date"} <= entry["provenance"].keys()
        assert "report" not in json.dumps(entry["provenance"])  # figures are published on that one
    assert cosines_for("intfloat/multilingual-e5-small")
    assert cosines_for("org/unknown") is None


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"reading": [{"reader": "r"}]}',
     '{"reading": [{"reader": "r", "language": "en", "crossed": false, "weights": {"answers": "x"}, "bias": 0, "threshold": 0}]}'],
)  # fmt: skip
def test_a_broken_calibration_file_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "calibration.json"
    path.write_text(text, "utf-8")
    with pytest.raises(SettingsInvalid, match=r"calibration\.json"):
        calibration_text(path)
