"""`python -m bench shadow`: what a test of other settings costs those who ask meanwhile.

The server is `groundkb serve` as it comes, over the sample library. People ask at random moments, whether or not
the last question is answered; the same questions at the same moments without a test and with one, in turn. A tenth
of a second's unrest on the machine shows in each, so the difference is given with its 95 % interval.
"""

import argparse
import asyncio
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import httpx

from app.api.auth import OPERATOR_HEADER
from bench.serving import SAMPLES, serving_filled

TRIED: Final[dict[str, Any]] = {"read_passages": 12, "context_passages": 6}
_DRAWS: Final = 4_000
# What is promised of the share by which the 95th percentile may be longer.
MOST: Final = 0.05


def questions() -> list[str]:
    """Those of the samples' golden set that stand alone, answerable and not."""
    lines = (SAMPLES / "golden.jsonl").read_text("utf-8").splitlines()
    cases = [json.loads(line) for line in lines]
    return [case["question"] for case in cases if not case.get("history")]


def p95(seconds: Sequence[float]) -> float:
    return sorted(seconds)[min(len(seconds) - 1, int(len(seconds) * 0.95))]


def together(pairs: Sequence[tuple[list[float], list[float]]]) -> tuple[list[float], list[float]]:
    """The seconds of all blocks, without a test and beside one."""
    return [each for one, _ in pairs for each in one], [each for _, two in pairs for each in two]


def interval(pairs: Sequence[tuple[list[float], list[float]]]) -> tuple[float, float, float]:
    """p95 with a test over p95 without, less one; and its 95 % interval, by drawing pairs of blocks and
    questions in them anew."""
    rng = random.Random(3)

    def ratio(chosen: Sequence[tuple[list[float], list[float]]]) -> float:
        without, beside = together(chosen)
        return p95(beside) / p95(without) - 1

    drawn = []
    for _ in range(_DRAWS):
        blocks = rng.choices(pairs, k=len(pairs))
        again = []
        for without, beside in blocks:
            places = rng.choices(range(len(without)), k=len(without))
            again.append(([without[at] for at in places], [beside[at] for at in places]))
        drawn.append(ratio(again))
    drawn.sort()
    return ratio(pairs), drawn[int(_DRAWS * 0.025)], drawn[int(_DRAWS * 0.975)]


async def block(client: httpx.AsyncClient, asked: Sequence[str], moments: Sequence[float]) -> list[float]:  # fmt: skip
    """Seconds that each question took."""
    began = time.perf_counter()

    async def one(question: str, moment: float) -> float:
        await asyncio.sleep(began + moment - time.perf_counter())
        started = time.perf_counter()
        response = await client.post("/ask", json={"question": question})
        response.raise_for_status()
        return time.perf_counter() - started

    return await asyncio.gather(*(one(*each) for each in zip(asked, moments, strict=True)))


async def measure(url: str, token: str, wanted: argparse.Namespace) -> None:
    rng = random.Random(7)
    asked = questions()
    rng.shuffle(asked)
    headers = {OPERATOR_HEADER: token}
    pairs: list[tuple[list[float], list[float]]] = []
    body = {"settings": TRIED, "share": wanted.share}
    twice = 0
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=300) as client:
        await block(client, asked[:5], [0, 2, 4, 6, 8])  # warm
        for number in range(wanted.blocks):
            some = [asked[(number * wanted.questions + n) % len(asked)] for n in range(wanted.questions)]  # fmt: skip
            moments, at = [], 0.0
            for _ in some:
                at += rng.expovariate(1 / wanted.every)
                moments.append(at)
            taken: dict[bool, list[float]] = {}
            for with_one in (False, True) if number % 2 == 0 else (True, False):
                if with_one:
                    (await client.post("/shadow", json=body)).raise_for_status()
                taken[with_one] = await block(client, some, moments)
                if with_one:
                    found = (await client.delete("/shadow")).raise_for_status().json()
                    twice += found["report"]["pairs"]
                await asyncio.sleep(2)
            pairs.append((taken[False], taken[True]))
    without, beside = together(pairs)
    middle, low, high = interval(pairs)
    print(
        f"| {wanted.every:g} s | {wanted.share:g} | {len(without)} | {p95(without):.2f} s | {p95(beside):.2f} s "
        f"| {middle:+.1%} [{low:+.1%}, {high:+.1%}] | {twice} |",
        flush=True,
    )
    if wanted.check and middle > MOST:
        sys.exit(f"not kept: the 95th percentile is {middle:.1%} longer")


def main(given: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench shadow")
    parser.add_argument(
        "--every", type=float, default=3.0, help="seconds between questions, on average"
    )
    parser.add_argument("--share", type=float, default=0.2, help="of the questions, answered twice")
    parser.add_argument("--questions", type=int, default=30, help="a block")
    parser.add_argument("--blocks", type=int, default=5, help="with a test, and as many without")
    parser.add_argument("--check", action="store_true", help="fail where the promise is not kept")
    wanted = parser.parse_args(given)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        roots = (SAMPLES / "library", SAMPLES / "lookups")
        with serving_filled(folder, *roots) as (url, token):
            print(f"## Shadow test, chat model {os.environ.get('GROUNDKB_CHAT', 'auto')}\n")
            print("| a question every | share tried | questions | p95 without | with a test | longer by | answered twice |")  # fmt: skip
            print("|--:|--:|--:|--:|--:|--:|--:|", flush=True)
            asyncio.run(measure(url, token, wanted))
    print()


if __name__ == "__main__":
    main(sys.argv[1:])
