"""2,000 mutants at each run of the tests; `python -m tests.fuzz` reads as many as one wants."""

import random
from pathlib import Path

from fastapi import FastAPI

from ingest.reading import ReadPool
from tests.api.conftest import served
from tests.fuzz.mutate import mutant
from tests.fuzz.suite import fuzz

MUTANTS = 2_000


def test_mutants_are_the_same_for_the_same_seed() -> None:
    data = [mutant(random.Random("1"), b"some text of a file", b"another") for _ in range(2)]
    assert data[0] == data[1] != b"some text of a file"


def test_no_mutant_breaks_a_promise(tmp_path: Path) -> None:
    app = FastAPI()
    app.get("/livez")(lambda: "ok")
    pool = ReadPool(2)
    try:
        with served(app) as url:
            figures = fuzz(tmp_path, MUTANTS, 1, pool, f"{url}/livez")
    finally:
        pool.close()
    assert figures.wrong == []
    assert figures.mutants == MUTANTS
    assert figures.read > MUTANTS / 10
    assert figures.refused.total() > MUTANTS / 10
