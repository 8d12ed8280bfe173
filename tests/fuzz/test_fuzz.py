"""2,000 mutants at each run of the tests; `python -m tests.fuzz` reads as many as one wants."""

import random
from pathlib import Path

from tests.fuzz.mutate import mutant
from tests.fuzz.server import opened
from tests.fuzz.suite import fuzz, samples

MUTANTS = 2_000


def test_mutants_are_the_same_for_the_same_seed() -> None:
    data = [mutant(random.Random("1"), b"some text of a file", b"another") for _ in range(2)]
    assert data[0] == data[1] != b"some text of a file"


def test_no_mutant_breaks_a_promise(tmp_path: Path) -> None:
    with opened(tmp_path / "data", parse_workers=2) as (url, storage):
        originals = samples(tmp_path / "samples")
        figures = fuzz(originals, tmp_path / "mutants", MUTANTS, 1, storage.readers, f"{url}/livez")
    assert figures.wrong == []
    assert figures.mutants == MUTANTS
    assert figures.read > MUTANTS / 10
    assert figures.refused.total() > MUTANTS / 10
