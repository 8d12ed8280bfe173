"""`python -m tests.fuzz [--mutants N] [--seed N]`: the nightly tier; exits with 1 when a promise broke."""

import argparse
import tempfile
from pathlib import Path

from fastapi import FastAPI

from ingest.reading import ReadPool
from tests.api.conftest import served
from tests.fuzz.suite import fuzz, table


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    asked.add_argument("--mutants", type=int, default=100_000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--workers", type=int, default=2)
    asked.add_argument("--seconds", type=float, default=float("inf"))
    options = asked.parse_args()
    app = FastAPI()
    app.get("/livez")(lambda: "ok")
    pool = ReadPool(options.workers)
    try:
        with tempfile.TemporaryDirectory() as folder, served(app) as url:
            live, limit = f"{url}/livez", options.seconds
            figures = fuzz(Path(folder), options.mutants, options.seed, pool, live, limit)
    finally:
        pool.close()
    table(figures)
    return 1 if figures.wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
