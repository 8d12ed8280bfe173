"""The reader's network with its adapter apart from the frozen weights, so that only the adapter learns."""

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional

from app.models.catalogue import READER_BASE
from app.models.reader_network import MATRICES, Adapter, ReaderNetwork, build_encoder, head


class LowRank(nn.Module):
    """A frozen matrix plus scale x b @ a, both learnt in float32 and computed in the frozen precision."""

    def __init__(self, frozen: Any, a: torch.Tensor, b: torch.Tensor, scale: float) -> None:
        super().__init__()
        self.frozen = frozen
        self.a, self.b, self.scale = nn.Parameter(a.clone()), nn.Parameter(b.clone()), scale

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        low = functional.linear(x, self.a.to(x.dtype))
        update = functional.linear(low, self.b.to(x.dtype)) * self.scale
        return self.frozen(x) + update


def fresh_adapter(folder: Path, rank: int, scale: float = 2.0, seed: int = 0) -> Adapter:
    """An adapter that has learnt nothing, for the base in `folder`: its matrices change nothing yet."""
    torch.manual_seed(seed)
    encoder = build_encoder(folder)
    hidden = encoder.config.hidden_size
    tensors: dict[str, torch.Tensor] = {}
    for number, layer in enumerate(encoder.encoder.layer):
        for matrix in MATRICES:
            linear, place = layer.get_submodule(matrix), f"encoder.layer.{number}.{matrix}"
            a = torch.randn(rank, linear.in_features) / linear.in_features**0.5
            tensors[f"{place}.lora_a"] = a
            tensors[f"{place}.lora_b"] = torch.zeros(linear.out_features, rank)
    heads = {"answers": head(hidden), "check": head(hidden), "span": nn.Linear(hidden, 2)}
    for name, module in heads.items():
        tensors |= {f"{name}.{n}": v.detach().clone() for n, v in module.state_dict().items()}
    return Adapter("fresh", READER_BASE, scale, frozenset({"read", "check"}), tensors)


def build_trainable(folder: Path, start: Adapter, dtype: torch.dtype, layers: int) -> ReaderNetwork:
    """`start` over the base in `folder`; the adapter of the top `layers` layers and the heads learn.

    Biases and layer norms keep the values that the start gives them.
    """
    encoder = build_encoder(folder)
    state = encoder.state_dict()
    for name, value in start.tensors.items():
        if name in state:
            state[name].copy_(value)
    depth = len(encoder.encoder.layer)
    for number, layer in enumerate(encoder.encoder.layer):
        for matrix in MATRICES:
            place = f"encoder.layer.{number}.{matrix}"
            a, b = start.tensors[f"{place}.lora_a"], start.tensors[f"{place}.lora_b"]
            linear = layer.get_submodule(matrix)
            if number < depth - layers:
                with torch.no_grad():
                    linear.weight += start.scale * (b @ a)
                continue
            parent = layer.get_submodule(matrix.rsplit(".", 1)[0])
            setattr(parent, matrix.rsplit(".", 1)[1], LowRank(linear, a, b, start.scale))
    encoder.requires_grad_(False)
    encoder.to(dtype)
    network = ReaderNetwork(encoder, encoder.config.hidden_size)
    heads = {
        n: v for n, v in start.tensors.items() if n.split(".")[0] in ("answers", "check", "span")
    }
    if "check" not in start.tasks:
        heads |= {n.replace("answers", "check"): v for n, v in heads.items() if "answers" in n}
    network.load_state_dict(heads, strict=False)
    for module in encoder.modules():
        if isinstance(module, LowRank):
            for parameter in (module.a, module.b):
                parameter.data = parameter.data.float()
                parameter.requires_grad_(True)
    # Dropout would keep attention off its fused kernel, which is four fifths of a step on a CPU;
    # an adapter of this size, seeing its examples once or twice, does not need it.
    network.eval()
    return network


def save_adapter(path: Path, network: ReaderNetwork, start: Adapter, name: str) -> None:
    """The adapter file of what was learnt, float16: what did not learn is taken from `start`."""
    tensors = dict(start.tensors)
    for place, module in network.encoder.named_modules():
        if isinstance(module, LowRank):
            tensors[f"{place}.lora_a"] = module.a.detach()
            tensors[f"{place}.lora_b"] = module.b.detach()
    tensors |= {
        n: v
        for n, v in network.state_dict().items()
        if n.split(".")[0] in ("answers", "check", "span")
    }
    write_adapter(
        path, Adapter(name, READER_BASE, start.scale, frozenset({"read", "check"}), tensors)
    )


def write_adapter(path: Path, adapter: Adapter) -> None:
    """The adapter as a file, numbers as float16; whole or not at all."""
    saved = {n: v.detach().half().cpu().contiguous() for n, v in adapter.tensors.items()}
    about = {
        "name": adapter.name,
        "base": adapter.base,
        "scale": str(adapter.scale),
        "tasks": ",".join(sorted(adapter.tasks, reverse=True)),
    }
    scratch = path.with_suffix(".partial")
    save_file(saved, scratch, metadata=about)
    scratch.replace(path)
