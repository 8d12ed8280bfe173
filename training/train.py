"""`python -m training train`: teach the adapter, from the one that ships or from another, within a time.

Stops at `seconds` of its own time or at the end of `epochs`, whichever comes first, with the learning
rate falling to nothing there. Every 50 steps all of its state is kept, and a second call goes on
from it. Minutes on a GPU; on a CPU that computes in bf16 some thousand examples in ten minutes.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch.nn import functional

from app.models.device import choose_device, choose_precision
from app.models.reader_network import ReaderNetwork, read_adapter
from training.encode import Encoded, encode
from training.network import build_trainable, fresh_adapter, save_adapter

_KEEP_EVERY = 50
_WARM_UP = 30
_RANK = 32


@dataclass(frozen=True)
class Plan:
    """`start` None: from nothing, which takes a GPU. `tokens` in a batch, padding included; `layers`
    that learn, from the top."""

    examples: Path
    start: Path | None
    base: Path
    out: Path
    name: str
    seconds: float
    epochs: float = 1.0
    rate: float = 5e-4
    tokens: int = 4096
    layers: int = 8
    seed: int = 0


def train(plan: Plan) -> Path:
    """The adapter's file, `out`/adapter.safetensors."""
    plan.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(plan.seed)
    device = choose_device("auto")
    dtype = torch.bfloat16 if choose_precision("auto", device) == "bf16" else torch.float32
    tokenizer = Tokenizer.from_file(str(plan.base / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    data = encode(plan.examples, tokenizer)
    start = read_adapter(plan.start) if plan.start else fresh_adapter(plan.base, _RANK)
    network = build_trainable(plan.base, start, dtype, plan.layers).to(device)
    learnt = [p for p in network.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(learnt, lr=plan.rate, weight_decay=0.01)
    batches = list(_batches(data, plan))
    total = len(batches)
    state, target = plan.out / "state.pt", plan.out / "adapter.safetensors"
    step, spent = _resume(state, network, optimiser)
    began, seen = time.perf_counter() - spent, 0
    print(
        f"{len(data.right)} examples, {total} steps, {device} {dtype}, from step {step}", flush=True
    )
    while step < total and time.perf_counter() - began < plan.seconds:
        gone = max(step / total, (time.perf_counter() - began) / plan.seconds)
        rate = plan.rate * min(1.0, (step + 1) / _WARM_UP) * max(0.0, 1 - gone)
        for group in optimiser.param_groups:
            group["lr"] = rate
        loss = _loss(network, data, batches[step], device)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learnt, 1.0)
        optimiser.step()
        seen += int(data.lengths[batches[step]].sum())
        step += 1
        if step % _KEEP_EVERY == 0:
            _keep(state, network, optimiser, step, time.perf_counter() - began)
            save_adapter(target, network, start, plan.name)
            rate_ = seen / max(1e-9, time.perf_counter() - began - spent)
            print(f"step {step} loss {loss.item():.3f} {rate_:.0f} tokens/s", flush=True)
    _keep(state, network, optimiser, step, time.perf_counter() - began)
    save_adapter(target, network, start, plan.name)
    print(f"stopped at step {step} of {total}", flush=True)
    return target


def _batches(data: Encoded, plan: Plan) -> Iterator[NDArray[np.int64]]:
    """Batches of like length in random order, the same for the same seed."""
    random = np.random.default_rng(plan.seed)
    lengths, wanted = data.lengths, round(len(data.right) * plan.epochs)
    order = np.concatenate(
        [random.permutation(len(lengths)) for _ in range(-(-wanted // max(1, len(lengths))))]
    )[:wanted]
    made: list[NDArray[np.int64]] = []
    for begin in range(0, len(order), 2048):
        part = order[begin : begin + 2048]
        for task in (True, False):  # the two tasks read different heads
            mine = part[data.check[part] == task]
            mine = mine[np.argsort(lengths[mine])]
            first = 0
            for place in range(1, len(mine) + 1):
                longest = lengths[mine[min(place, len(mine) - 1)]]
                if place == len(mine) or longest * (place - first + 1) > plan.tokens:
                    made.append(mine[first:place])
                    first = place
    for place in random.permutation(len(made)):
        yield made[place]


def _loss(
    network: ReaderNetwork, data: Encoded, batch: NDArray[np.int64], device: str
) -> torch.Tensor:
    """Cross-entropy of the task's label, and for reading of the span's start and end, where one is
    known or there is none to find."""
    width = int(data.lengths[batch].max())
    ids = np.ones((len(batch), width), np.int64)
    mask = np.zeros((len(batch), width), bool)
    for row, place in enumerate(batch):
        found = data.ids[data.offsets[place] : data.offsets[place + 1]]
        ids[row, : len(found)], mask[row, : len(found)] = found, True
    tensors = torch.from_numpy(ids).to(device), torch.from_numpy(mask).to(device)
    right = torch.from_numpy(data.right[batch]).to(device)
    target = right.float() * 0.98 + 0.01
    states = network.hidden(*tensors)
    if data.check[batch[0]]:
        scores = network.check(states[:, 0])[:, 0]
        return functional.binary_cross_entropy_with_logits(scores, target)
    scores, spans = network.answers(states[:, 0])[:, 0], network.span(states)
    loss = functional.binary_cross_entropy_with_logits(scores, target)
    first = torch.from_numpy(data.first[batch].astype(np.int64)).to(device)
    last = torch.from_numpy(data.last[batch].astype(np.int64)).to(device)
    known = ~right | (first >= 0)
    if known.any():
        spans = spans.masked_fill(~tensors[1][:, :, None], -1e4)
        loss = loss + 0.25 * sum(
            functional.cross_entropy(spans[known, :, side], places[known].clamp(min=0))
            for side, places in enumerate((first, last))
        )
    return loss


def _keep(
    path: Path, network: ReaderNetwork, optimiser: torch.optim.Optimizer, step: int, spent: float
) -> None:
    learnt = {n: p.detach() for n, p in network.named_parameters() if p.requires_grad}
    scratch = path.with_suffix(".partial")
    torch.save(
        {"learnt": learnt, "optimiser": optimiser.state_dict(), "step": step, "spent": spent},
        scratch,
    )
    scratch.replace(path)


def _resume(
    path: Path, network: ReaderNetwork, optimiser: torch.optim.Optimizer
) -> tuple[int, float]:
    """(step, seconds spent) of the run that was kept; (0, 0) without one."""
    if not path.exists():
        return 0, 0.0
    kept = torch.load(path, map_location="cpu", weights_only=True)
    network.load_state_dict(kept["learnt"], strict=False)
    optimiser.load_state_dict(kept["optimiser"])
    return int(kept["step"]), float(kept["spent"])
