"""A cross-encoder of random weights and 16 words, where `models pull` would put it."""

from pathlib import Path

import torch
from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

from app.models.e5 import build_tokenizer
from app.models.e5_packed import PackedModel
from tests.models.test_e5 import write_packed


def write_cross_encoder(base: Path) -> Path:
    """The models folder below `base`, with the reranker org/cross in it."""
    write_packed(base / "small.bin")
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=build_tokenizer(PackedModel(base / "small.bin").vocabulary),
        pad_token="<pad>", unk_token="<unk>", bos_token="<s>", eos_token="</s>",
        model_max_length=64,
    )  # fmt: skip
    torch.manual_seed(1)
    config = BertConfig(  # type: ignore[call-arg]  # num_labels goes to its base
        vocab_size=16, hidden_size=32, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=64, num_labels=1, initializer_range=0.8,
    )  # fmt: skip
    target = base / "models" / "reranker" / "org--cross"
    BertForSequenceClassification(config).save_pretrained(target)
    tokenizer.save_pretrained(target)
    return base / "models"
