"""Figures against values worked out by hand."""

import math

import numpy as np
import pytest

from app.evaluation.metrics import (
    auroc,
    contains,
    f1,
    mean,
    ndcg,
    paired_difference,
    ratio,
    recall_at,
    reciprocal_rank,
    tokens,
)

GOLD = frozenset({"b"})


def test_ranks() -> None:
    assert recall_at(["a", "b"], GOLD, 1) == 0.0
    assert recall_at(["a", "b"], GOLD, 2) == 1.0
    assert reciprocal_rank(["a", "c", "b"], GOLD) == pytest.approx(1 / 3)
    assert reciprocal_rank(["a"] * 10 + ["b"], GOLD) == 0.0
    assert ndcg(["b"], GOLD) == 1.0
    assert ndcg(["a", "b"], GOLD) == pytest.approx(1 / math.log2(3))
    assert ndcg(["a"] * 10 + ["b"], GOLD) == 0.0


def test_ndcg_with_two_gold_documents() -> None:
    ideal = 1 + 1 / math.log2(3)
    assert ndcg(["x", "y", "z"], frozenset({"x", "z"})) == pytest.approx((1 + 1 / 2) / ideal)


def test_tokens_cut_han_by_character_and_drop_articles() -> None:
    assert tokens("The Ｑwen-7B，参数 136次") == ["qwen", "7b", "参", "数", "136", "次"]


def test_contains_wants_whole_tokens_in_a_row() -> None:
    assert contains("It was 308 points.", [["308"]])
    assert not contains("It was 3080 points.", [["308"]])
    assert contains("共有 136 次擒杀。", [["136次"]])
    assert not contains("points 5, career 136", [["136 career"]])
    assert not contains("anything", [])


def test_contains_wants_one_wording_of_every_group() -> None:
    groups = [["MIT", "麻省理工"], ["1986"]]
    assert contains("麻省理工，1986 年", groups)
    assert not contains("MIT", groups)


def test_f1_is_the_best_wording() -> None:
    assert f1("four times", [["four", "four times"]]) == 1.0
    assert f1("it was four", [["four"]]) == pytest.approx(0.5)
    assert f1("x", [["y"]]) == 0.0


def test_an_interval_holds_its_mean_and_narrows_with_more_cases() -> None:
    few, many = mean([0.0, 1.0] * 10), mean([0.0, 1.0] * 1000)
    assert few.value == many.value == 0.5
    assert few.low < 0.5 < few.high
    assert many.high - many.low < few.high - few.low
    assert mean([0.0, 1.0] * 10) == few  # seeded


def test_an_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(3)
    samples = [(rng.random(80) < 0.7).astype(float).tolist() for _ in range(60)]
    covered = [
        interval.low <= 0.7 <= interval.high for interval in (mean(sample) for sample in samples)
    ]
    assert np.mean(covered) > 0.85


def test_a_ratio_weighs_cases_by_their_size() -> None:
    found = ratio([1.0, 3.0], [1.0, 9.0])
    assert found.value == pytest.approx(0.4)
    assert found.n == 10


def test_no_cases_give_no_figure() -> None:
    for found in (mean([]), ratio([0.0], [0.0])):
        assert found.n == 0
        assert math.isnan(found.value)


def test_pairing_removes_what_both_runs_share() -> None:
    rng = np.random.default_rng(1)
    easy = rng.random(200)
    paired = paired_difference(list(easy), list(easy + 0.01))
    assert paired.low == pytest.approx(0.01)
    assert paired.high == pytest.approx(0.01)
    with pytest.raises(ValueError, match="equal length"):
        paired_difference([1.0], [])


def test_auroc() -> None:
    assert auroc([2.0, 3.0], [0.0, 1.0]) == 1.0
    assert auroc([0.0], [1.0]) == 0.0
    assert auroc([1.0, 0.0], [1.0, 0.0]) == 0.5
    assert math.isnan(auroc([], [1.0]))
