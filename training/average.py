"""`python -m training average`: an adapter between two, of which one was trained from the other.

What the second learnt of rare kinds and what the first knew of plain questions are both kept better
than by either (Wortsman and others, 'Robust fine-tuning of zero-shot models', 2022).
"""

from pathlib import Path

import torch

from app.models.reader_network import Adapter, read_adapter
from training.network import write_adapter


def average(first: Path, second: Path, share: float, name: str, out: Path) -> None:
    """Write `share` of the second and the rest of the first, number by number. A head that only one
    of them was trained for is taken from it whole.

    Raises ValueError when they are not of one base, scale and shape.
    """
    one, other = read_adapter(first), read_adapter(second)
    if (one.base, one.scale) != (other.base, other.scale):
        raise ValueError(f"{first} and {second} are not of one base and scale")
    names = one.tensors.keys() | other.tensors.keys()
    tensors = {key: _between(one, other, key, share) for key in sorted(names)}
    write_adapter(out, Adapter(name, one.base, one.scale, one.tasks | other.tasks, tensors))


def _between(one: Adapter, other: Adapter, key: str, share: float) -> torch.Tensor:
    head = key.split(".")[0]
    having = [
        adapter
        for adapter in (one, other)
        if key in adapter.tensors and (head != "check" or "check" in adapter.tasks)
    ]
    if len(having) == 1:
        return having[0].tensors[key]
    a, b = one.tensors[key], other.tensors[key]
    if a.shape != b.shape:
        raise ValueError(f"{key} has two shapes: {tuple(a.shape)} and {tuple(b.shape)}")
    return (1 - share) * a + share * b
