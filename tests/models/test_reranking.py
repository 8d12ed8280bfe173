"""A cross-encoder of random weights: small, but the library's own code path."""

from pathlib import Path

import numpy as np
import pytest
from sentence_transformers import CrossEncoder

from app.errors import EmbeddingFailed, WeightsMissing
from app.models.reranking import Reranker, build_reranker
from app.settings import Settings
from tests.models.cross_encoder import write_cross_encoder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_cross_encoder(tmp_path_factory.mktemp("reranker"))


def settings(models: Path, **values: object) -> Settings:
    return Settings(_env_file=None, models=models, **values)  # type: ignore[call-arg, arg-type]


def test_no_reranker_unless_one_is_named(folder: Path) -> None:
    assert build_reranker(settings(folder)) is None


def test_scores_are_the_librarys_own_in_order(folder: Path) -> None:
    reranker = build_reranker(settings(folder, reranker="org/cross"))
    assert reranker is not None
    passages = ["许可证", "a b a", "ab ab"]
    scores = reranker.score("ab", passages)
    plain = CrossEncoder(str(folder / "reranker" / "org--cross"), device="cpu")
    expected = [float(plain.predict([("ab", passage)])[0]) for passage in passages]
    np.testing.assert_allclose(scores, expected, atol=1e-5)
    assert len({round(float(score), 5) for score in scores}) == 3
    assert reranker.score("ab", []).shape == (0,)


def test_a_reranker_that_was_not_pulled_is_missing(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="org/cross"):
        build_reranker(settings(tmp_path, reranker="org/cross"))


class _TwoNumbers:
    def predict(self, pairs: list[object], **_options: object) -> np.ndarray:
        return np.zeros((len(pairs), 2))


def test_a_classifier_is_no_reranker() -> None:
    with pytest.raises(EmbeddingFailed, match="scores_missing"):
        Reranker(_TwoNumbers(), "org/classes").score("q", ["a", "b"])
