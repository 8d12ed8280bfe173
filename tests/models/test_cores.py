"""Work side by side: in order, as far as somebody wants it, and each thread with its own cores."""

import threading
from collections.abc import Iterator

import pytest
import torch

from app.models.cores import Cores


def test_each_thread_has_its_own_cores_and_the_others_keep_theirs() -> None:
    before = torch.get_num_threads()
    cores = Cores(torch, "test")
    seen = {cores.run(torch.get_num_threads) for _ in range(20)}
    assert len(seen) == 1
    assert cores.count * seen.pop() <= before
    assert torch.get_num_threads() == before
    late: list[int] = []
    thread = threading.Thread(target=lambda: late.append(torch.get_num_threads()))
    thread.start()
    thread.join()
    assert late == [before]
    assert Cores(torch, "one", 1).run(torch.get_num_threads) == 1


def test_results_come_in_order_while_others_are_computed() -> None:
    cores = Cores(torch, "test", 3)
    together = threading.Barrier(3, timeout=60)

    def work(item: int) -> int:
        together.wait()  # passes only where three are at work at once
        return item * item

    assert list(cores.each(work, range(9))) == [item * item for item in range(9)]


def test_nothing_is_begun_for_whoever_left_off_and_errors_are_told() -> None:
    cores = Cores(torch, "test", 1)
    begun: list[int] = []

    def work(item: int) -> int:
        begun.append(item)
        if item == 2:
            raise ValueError("two")
        return item

    def endless() -> Iterator[int]:
        item = 10
        while True:
            yield item
            item += 1

    found = cores.each(work, endless())
    assert next(found) == 10
    found.close()  # type: ignore[attr-defined]
    assert cores.run(lambda: len(begun)) <= 3
    with pytest.raises(ValueError, match="two"):
        list(cores.each(work, range(5)))
