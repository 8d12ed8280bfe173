"""`python -m tests.fuzz [--mutants N] [--seed N]`: the nightly tier; exits with 1 when a promise broke."""

import argparse
import tempfile
from pathlib import Path

from tests.fuzz.server import opened
from tests.fuzz.suite import fuzz, table


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    asked.add_argument("--mutants", type=int, default=100_000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--workers", type=int, default=2)
    asked.add_argument("--seconds", type=float, default=float("inf"))
    options = asked.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        opened(Path(folder) / "data", parse_workers=options.workers) as (url, storage),
    ):
        place, live = Path(folder) / "mutants", f"{url}/livez"
        figures = fuzz(place, options.mutants, options.seed, storage.readers, live, options.seconds)
    table(figures)
    return 1 if figures.wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
