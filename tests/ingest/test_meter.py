"""How far a sync is: by its windows, also of what is not read yet."""

from ingest.meter import Meter
from ingest.report import SyncProgress


def test_windows_count_and_those_of_unread_documents_are_reckoned_from_their_size() -> None:
    told: list[SyncProgress] = []
    meter = Meter(4, 400, told.append)
    meter.read(100, 50)
    meter.embedded(25)
    assert told[-1] == SyncProgress("embedding", 0, 4, 25, 200, 0.1313)
    meter.embedded(25)
    meter.writing()
    meter.done(1)
    meter.read(300, 50)
    meter.embedded(50)
    meter.done(3)
    meter.writing()
    assert told[-1] == SyncProgress("writing", 4, 4, 100, 100, 1.0)


def test_it_never_goes_back() -> None:
    told: list[SyncProgress] = []
    meter = Meter(2, 200, told.append)
    meter.read(100, 10)
    meter.embedded(10)
    before = told[-1].share
    meter.read(100, 990)
    meter.writing()
    assert told[-1].of_windows == 1000
    assert told[-1].share == before


def test_many_small_steps_are_told_of_a_few_times() -> None:
    told: list[SyncProgress] = []
    meter = Meter(1, 1, told.append)
    meter.read(1, 10_000)
    for _ in range(10_000):
        meter.embedded(1)
    assert len(told) < 20
