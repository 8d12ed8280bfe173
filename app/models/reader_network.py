"""The reader's network: multilingual-e5-small with a low-rank adapter merged in, and three heads.

A pair is read as `<s> query: QUESTION </s> passage: TEXT </s>`, or, to check an answer,
`<s> query: QUESTION </s> answer: ANSWER </s> passage: TEXT </s>`. The heads look at the first
token (`answers`, `check`) or at every token (`span`: start and end).

The adapter file (safetensors) names its tensors as the encoder does: `….lora_a` (rank, in) and
`….lora_b` (out, rank) for the six matrices of a layer, trained biases and layer norms by their own
names, and the heads. Its metadata has `name`, `base`, `scale` and `tasks`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import nn

from app.models.words import Words

MATRICES: Final = (
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
)
_WORDS: Final = "embeddings.word_embeddings.weight"


@dataclass(frozen=True)
class Adapter:
    """`tensors` in float32; `tasks` what the heads were trained for, of 'read' and 'check'."""

    name: str
    base: str
    scale: float
    tasks: frozenset[str]
    tensors: Mapping[str, torch.Tensor]


def read_adapter(path: Path) -> Adapter:
    """Raises OSError, and ValueError or KeyError for a file that is no adapter."""
    try:
        with safe_open(str(path), framework="pt") as file:
            about = file.metadata() or {}
            tensors = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise ValueError(f"{path}: {error}") from error
    return Adapter(
        about["name"],
        about["base"],
        float(about["scale"]),
        frozenset(about["tasks"].split(",")),
        tensors,
    )


def head(hidden: int, width: int = 1) -> nn.Sequential:
    """A classifier over the first token."""
    return nn.Sequential(nn.Linear(hidden, hidden), nn.Tanh(), nn.Linear(hidden, width))


class ReaderNetwork(nn.Module):
    """`encoder` computes in the precision it is loaded in, the heads always in float32."""

    def __init__(self, encoder: Any, hidden: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.answers = head(hidden)
        self.check = head(hidden)
        self.span = nn.Linear(hidden, 2)

    def hidden(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """(batch, tokens) each to (batch, tokens, hidden), float32."""
        states: torch.Tensor = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        return states.float()

    def read(self, ids: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Scores (batch,) and span logits (batch, tokens, 2)."""
        states = self.hidden(ids, mask)
        return self.answers(states[:, 0])[:, 0], self.span(states)

    def checks(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Scores (batch,) of pairs with an answer in them."""
        scores: torch.Tensor = self.check(self.hidden(ids, mask)[:, 0])[:, 0]
        return scores


def build_encoder(folder: Path, words: torch.Tensor | None = None) -> Any:
    """The base encoder, float32. Its table of word vectors stays in its file, or is `words`, and is then not read.

    Raises OSError, KeyError, ValueError or RuntimeError when `folder` is no such model.
    """
    from transformers import BertConfig, BertModel

    values = json.loads((folder / "config.json").read_text("utf-8"))
    # A table of one word: the real one, 80% of the model, is put in whole below.
    config = BertConfig(**{**values, "vocab_size": 2, "pad_token_id": 1})
    config._attn_implementation = "sdpa"
    encoder = BertModel(config, add_pooling_layer=False)
    tensors = load_file(str(folder / "model.safetensors"))
    table = tensors.pop(_WORDS) if words is None else words
    tensors.pop(_WORDS, None)
    tensors = {name: value.float() for name, value in tensors.items() if "pooler" not in name}
    tensors[_WORDS] = encoder.embeddings.word_embeddings.weight
    encoder.load_state_dict(
        {name: value for name, value in tensors.items() if name in encoder.state_dict()}
    )
    embeddings: Any = encoder.embeddings
    embeddings.word_embeddings = Words(table.detach())
    return encoder


def load_network(
    folder: Path, adapter: Adapter, dtype: torch.dtype, words: torch.Tensor | None = None
) -> ReaderNetwork:
    """Base and adapter as one network for inference. `words` shares a table that is in memory.

    Raises as `build_encoder` does.
    """
    encoder = build_encoder(folder, words)
    state = encoder.state_dict()
    for name, value in adapter.tensors.items():
        if name.endswith(".lora_a"):
            place = name.removesuffix(".lora_a")
            update = adapter.tensors[f"{place}.lora_b"] @ value
            state[f"{place}.weight"] += adapter.scale * update
        elif name in state:
            state[name].copy_(value)
    network = ReaderNetwork(encoder, encoder.config.hidden_size)
    heads = {
        name: value
        for name, value in adapter.tensors.items()
        if name.split(".", 1)[0] in ("answers", "check", "span")
    }
    if "check" not in adapter.tasks:
        heads |= {name.replace("answers", "check"): v for name, v in heads.items() if "ans" in name}
    missing, unexpected = network.load_state_dict(heads, strict=False)
    lacking = [name for name in missing if not name.startswith("encoder.")]
    if lacking or unexpected:
        raise KeyError(f"adapter: lacks {lacking}, has {unexpected}")
    encoder.to(dtype)
    return network.eval().requires_grad_(False)
