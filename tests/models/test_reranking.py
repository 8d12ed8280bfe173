"""A cross-encoder of random weights: small, but the library's own code path."""

from pathlib import Path

import numpy as np
import pytest
import torch
from sentence_transformers import CrossEncoder
from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

from app.errors import EmbeddingFailed, WeightsMissing
from app.models.e5 import build_tokenizer
from app.models.e5_packed import PackedModel
from app.models.reranking import Reranker, build_reranker
from app.settings import Settings
from tests.models.test_e5 import write_packed


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("reranker")
    write_packed(base / "small.bin")
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=build_tokenizer(PackedModel(base / "small.bin").vocabulary),
        pad_token="<pad>", unk_token="<unk>", bos_token="<s>", eos_token="</s>",
        model_max_length=64,
    )  # fmt: skip
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=16, hidden_size=32, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=64, num_labels=1, initializer_range=0.8,
    )  # fmt: skip
    target = base / "models" / "reranker" / "org--cross"
    BertForSequenceClassification(config).save_pretrained(target)
    tokenizer.save_pretrained(target)
    return base / "models"


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
    with pytest.raises(EmbeddingFailed, match="one number"):
        Reranker(_TwoNumbers(), "org/classes").score("q", ["a", "b"])
