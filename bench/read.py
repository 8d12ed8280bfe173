"""How long the reader takes: whole passages and the step as the product takes it, in both precisions."""

import random
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial

import torch

from app.models.device import choose_device, choose_precision
from app.models.e5_reader import build_e5_reader
from app.models.reading import Reader
from app.settings import Settings, load_settings
from app.text.width import fit
from bench.corpus import paragraph, questions

PASSAGES = (8, 20, 30)
ASKED = 30
WARM_UP = 3
# Widths (`app.text.width`): a passage, and the region of it that is read first.
WIDTHS = {"whole (1200)": 1200, "region (600)": 600}


def main() -> None:
    settings = load_settings()
    device = choose_device(settings.device)
    print(
        f"## The reader: {ASKED} questions, half Chinese, on {device}, ms a question, p50 / p95\n"
    )
    print(f"{torch.get_num_threads()} threads; `auto` takes {choose_precision('auto', device)}.\n")
    print(f"| precision | passages | {' | '.join(f'{count} passages' for count in PASSAGES)} |")
    print(f"|---|---|{'--:|' * len(PASSAGES)}")
    for precision in ("bf16", "fp32"):
        reader = build_e5_reader(_with(settings, precision))
        for name, width in WIDTHS.items():
            cells = [_show(_times(reader, count, width)) for count in PASSAGES]
            print(f"| {precision} | {name} | {' | '.join(cells)} |", flush=True)
    print()


def _with(settings: Settings, precision: str) -> Settings:
    return settings.model_copy(update={"embedding_precision": precision})


def _times(reader: Reader, count: int, width: int) -> list[float]:
    rng = random.Random(count)

    def passages(chinese: bool) -> Sequence[str]:
        texts = (paragraph(rng, chinese) + paragraph(rng, chinese) for _ in range(count))
        return [text[: fit(text, 0, len(text), width)] for text in texts]

    times = []
    for number, question in enumerate(questions(ASKED + WARM_UP)):
        texts = passages(number % 2 == 0)
        times.append(_ms(partial(reader.read, question, texts)))
    return times[WARM_UP:]


def _ms(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def _show(times: list[float]) -> str:
    return f"{statistics.median(times):.0f} / {statistics.quantiles(times, n=20)[-1]:.0f}"
