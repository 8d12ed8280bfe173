"""An adapter between two."""

from pathlib import Path

import pytest
import torch

from app.models.reader_network import Adapter, read_adapter
from training.average import average
from training.network import write_adapter

LORA = "encoder.layer.0.output.dense.lora_a"


def adapter(path: Path, value: float, tasks: set[str], scale: float = 2.0) -> Path:
    tensors = {
        LORA: torch.full((2, 3), value),
        "answers.0.bias": torch.full((3,), value),
        "check.0.bias": torch.full((3,), value),
    }
    write_adapter(path, Adapter("made", "base", scale, frozenset(tasks), tensors))
    return path


def test_numbers_are_between_and_an_untrained_head_counts_for_nothing(tmp_path: Path) -> None:
    first = adapter(tmp_path / "a.safetensors", 1.0, {"read"})
    second = adapter(tmp_path / "b.safetensors", 3.0, {"read", "check"})
    average(first, second, 0.25, "between", tmp_path / "c.safetensors")
    found = read_adapter(tmp_path / "c.safetensors")
    assert (found.name, found.tasks) == ("between", frozenset({"read", "check"}))
    assert found.tensors[LORA].unique().tolist() == [1.5]
    assert found.tensors["answers.0.bias"].unique().tolist() == [1.5]
    assert found.tensors["check.0.bias"].unique().tolist() == [3.0]


def test_adapters_of_two_scales_have_nothing_between(tmp_path: Path) -> None:
    first = adapter(tmp_path / "a.safetensors", 1.0, {"read"})
    second = adapter(tmp_path / "b.safetensors", 3.0, {"read"}, scale=1.0)
    with pytest.raises(ValueError, match="scale"):
        average(first, second, 0.5, "between", tmp_path / "c.safetensors")
