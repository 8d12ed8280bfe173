"""What was read is not read again, and what was not is."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from app.errors import ReadingFailed
from app.models.reading import Reading
from app.models.remembered_reader import RememberedReader
from tests.fakes import OverlapReader

PASSAGES = ["The pump weighs 3 kg.", "The valve weighs 5 kg.", "泵重 3 公斤。", ""]
QUESTION = "What does the pump weigh?"


class Counting(OverlapReader):
    """Keeps what it was given; fails when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.given: list[str] = []
        self.checked: list[str] = []
        self.fails = False

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        if self.fails:
            raise ReadingFailed(detail="no memory")
        self.given += passages
        return super().read(question, passages)

    def check(self, question: str, answer: str, passages: Sequence[str]) -> NDArray[np.float32]:
        self.checked += passages
        return super().check(question, answer, passages)


@pytest.fixture
def counting() -> Counting:
    return Counting()


def test_it_says_what_the_reader_says_and_asks_for_what_is_new(counting: Counting) -> None:
    plain, reader = OverlapReader(), RememberedReader(counting, 100)
    assert (reader.name, reader.checks) == (plain.name, plain.checks)
    assert reader.read(QUESTION, PASSAGES[:2]) == plain.read(QUESTION, PASSAGES[:2])
    mixed = [PASSAGES[2], PASSAGES[0], PASSAGES[3], PASSAGES[2]]
    assert reader.read(QUESTION, mixed) == plain.read(QUESTION, mixed)
    assert sorted(counting.given) == sorted(PASSAGES)
    counting.given.clear()
    assert reader.read(f"{QUESTION} ", PASSAGES[:1]) == plain.read(f"{QUESTION} ", PASSAGES[:1])
    assert counting.given == PASSAGES[:1]


def test_checks_are_by_question_answer_and_passage(counting: Counting) -> None:
    plain, reader = OverlapReader(), RememberedReader(counting, 100)
    for answer in ("3 kg", "5 kg", "3 kg"):
        wanted = plain.check(QUESTION, answer, PASSAGES)
        assert np.array_equal(reader.check(QUESTION, answer, PASSAGES), wanted)
    assert len(counting.checked) == 2 * len(PASSAGES)
    # Where one text ends and the next begins is part of it.
    reader.check("a", "bc", ["d"])
    reader.check("ab", "c", ["d"])
    assert counting.checked[-2:] == ["d", "d"]


def test_memory_is_bounded_and_the_latest_stay(counting: Counting) -> None:
    reader = RememberedReader(counting, 2)
    for passage in (*PASSAGES[:2], PASSAGES[0], PASSAGES[2]):
        reader.read(QUESTION, [passage])
    counting.given.clear()
    reader.read(QUESTION, [PASSAGES[0]])
    reader.read(QUESTION, [PASSAGES[1]])
    assert counting.given == [PASSAGES[1]]
    many = [f"Passage {number}." for number in range(5)]
    assert len(reader.read(QUESTION, many)) == 5  # more than it keeps


def test_a_failure_is_not_remembered(counting: Counting) -> None:
    reader = RememberedReader(counting, 10)
    counting.fails = True
    with pytest.raises(ReadingFailed):
        reader.read(QUESTION, PASSAGES[:1])
    counting.fails = False
    assert reader.read(QUESTION, PASSAGES[:1]) == OverlapReader().read(QUESTION, PASSAGES[:1])
