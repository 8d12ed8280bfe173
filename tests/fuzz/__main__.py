"""`python -m tests.fuzz [--mutants N] [--seed N]`: the nightly tier; exits with 1 when a promise broke.

With `--kept FILE` it goes on where the last run ended, be it for `--seconds` or by a signal, and the
figures are those of all runs: a mutant is the same for the same seed and number.
"""

import argparse
import tempfile
import time
from pathlib import Path

from tests.fuzz.server import opened
from tests.fuzz.suite import fuzz, keep, kept, samples, table

AT_ONCE = 500  # mutants between two times that the figures are kept


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    asked.add_argument("--mutants", type=int, default=100_000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--workers", type=int, default=2)
    asked.add_argument("--seconds", type=float, default=float("inf"))
    asked.add_argument("--kept", type=Path, help="file of the figures, to go on from")
    options = asked.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        opened(Path(folder) / "data", parse_workers=options.workers) as (url, storage),
    ):
        file = options.kept or Path(folder) / "figures.json"
        originals = samples(Path(folder) / "samples")
        ends = time.monotonic() + options.seconds
        figures, live = kept(file), f"{url}/livez"
        while (left := options.mutants - figures.mutants) > 0 and time.monotonic() < ends:
            seconds = ends - time.monotonic()
            later = fuzz(
                originals,
                Path(folder) / "mutants",
                min(left, AT_ONCE),
                options.seed,
                storage.readers,
                live,
                seconds,
                figures.mutants,
            )
            figures = figures.more(later)
            keep(figures, file)
    table(figures)
    return 1 if figures.wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
