"""Crontab expressions, time zones, missed and overlapping runs, by a clock of the test's own."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.errors import ScheduleInvalid, SourceMissing
from app.library.library import Library, open_library
from app.library.sources import SourceRow
from app.settings import Settings
from ingest.schedule import change_source, next_run, put_source, source_job, start_due

START = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)  # a Monday
RNG = random.Random(1)


@pytest.fixture
def library(settings: Settings) -> Iterator[Library]:
    opened = open_library(settings)
    opened.add_knowledge_base("default")
    yield opened
    opened.close()


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "zone", "after", "wanted"),
    [
        ("0 3 * * *", "Asia/Shanghai", "2026-01-05T12:00", "2026-01-05T19:00"),
        ("0 3 * * *", "UTC", "2026-01-05T12:00", "2026-01-06T03:00"),
        ("0 3 * * *", "UTC", "2026-01-06T03:00", "2026-01-07T03:00"),  # strictly later
        ("*/15 9-17 * * 1-5", "UTC", "2026-01-09T17:50", "2026-01-12T09:00"),  # over a weekend
        ("0 0 * * 0", "UTC", "2026-01-05T12:00", "2026-01-11T00:00"),  # 0 is Sunday
        ("0 0 * * 7", "UTC", "2026-01-05T12:00", "2026-01-11T00:00"),  # and so is 7
        ("0 0 13 * 5", "UTC", "2026-01-05T12:00", "2026-01-09T00:00"),  # the 13th or a Friday
        ("0 0 29 2 *", "UTC", "2026-01-05T12:00", "2028-02-29T00:00"),
        # Berlin skips 02:00-03:00 on 29 March: what falls into it comes right after.
        ("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00", "2026-03-29T01:00"),
        ("30 2 * * *", "Europe/Berlin", "2026-03-29T02:00", "2026-03-30T00:30"),
        # and has 02:00-03:00 twice on 25 October: it comes once.
        ("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00", "2026-10-25T00:30"),
        ("30 2 * * *", "Europe/Berlin", "2026-10-25T00:30", "2026-10-26T01:30"),
    ],
)
def test_when_it_runs_next(expression: str, zone: str, after: str, wanted: str) -> None:
    assert next_run(expression, zone, utc(after)) == utc(wanted)


@pytest.mark.parametrize(
    ("expression", "zone"),
    [
        ("", "UTC"),
        ("0 3 * *", "UTC"),
        ("0 0 3 * * *", "UTC"),  # with seconds
        ("60 3 * * *", "UTC"),
        ("0 3 30 2 *", "UTC"),
        ("0 3 * * *", "Mars/Olympus"),
        ("0 3 * * *", "../../etc/passwd"),
    ],
)
def test_what_is_no_schedule(expression: str, zone: str) -> None:
    with pytest.raises(ScheduleInvalid):
        next_run(expression, zone, START)


def put(library: Library, location: Path, **values: object) -> SourceRow:
    values = {"schedule": "0 3 * * *", "time_zone": "UTC", "moment": START, **values}
    return put_source(library, "default", str(location), **values)  # type: ignore[arg-type]


def test_the_same_place_again_changes_its_schedule(library: Library, documents: Path) -> None:
    first = put(library, documents)
    again = put(library, documents, schedule="0 4 * * *")
    assert again.id == first.id
    assert again.next_run == utc("2026-01-06T04:00")
    assert len(library.sources.all("default")) == 1
    with pytest.raises(SourceMissing):
        put(library, documents / "nowhere")
    with pytest.raises(ScheduleInvalid):
        change_source(library, first.id, schedule="nonsense")
    assert library.sources.get(first.id).schedule == "0 4 * * *"
    assert change_source(library, first.id, schedule=None).next_run is None


def test_missed_runs_are_made_up_for_once(library: Library, documents: Path) -> None:
    source = put(library, documents)
    started: list[str] = []

    def look(moment: datetime) -> None:
        start_due(library, lambda row: started.append(row.id), moment, RNG)

    look(START)
    assert started == []
    look(START + timedelta(days=10))  # the laptop was asleep for ten nights
    look(START + timedelta(days=10, seconds=1))
    assert started == [source.id]
    assert library.sources.get(source.id).next_run == utc("2026-01-16T03:00")
    look(utc("2026-01-16T03:00"))
    assert started == [source.id] * 2


def test_of_two_schedulers_one_starts_a_run(library: Library, documents: Path) -> None:
    put(library, documents)
    moment = START + timedelta(days=1)
    (seen,) = library.sources.due(moment)
    assert library.sources.reschedule(seen, moment + timedelta(days=1))
    assert not library.sources.reschedule(seen, moment + timedelta(days=1))


def test_a_source_that_rests_or_waits_for_a_wish_is_never_due(
    library: Library, documents: Path
) -> None:
    put(library, documents, enabled=False)
    put(library, documents / "memory.txt", schedule=None)
    assert library.sources.due(START + timedelta(days=1000)) == []


def test_jitter_spreads_the_next_start(library: Library, documents: Path) -> None:
    source = put(library, documents, jitter=300)
    late = set()
    for day in range(1, 20):
        start_due(library, lambda _row: None, START + timedelta(days=day), RNG)
        planned = library.sources.get(source.id).next_run
        assert planned is not None
        seconds = (planned - planned.replace(hour=3, minute=0, second=0, microsecond=0)).seconds
        assert 0 <= seconds <= 300
        late.add(seconds)
    assert len(late) > 10


def test_a_source_has_one_run_at_a_time(library: Library, documents: Path) -> None:
    source = put(library, documents)
    first = library.jobs.add(source_job(source))
    assert library.jobs.add(source_job(source)).id == first.id
    running = library.jobs.claim("somebody")
    assert running is not None
    assert library.jobs.add(source_job(source)).id == first.id
    library.jobs.finish(first.id, "done", report={"added": 1})
    assert library.jobs.add(source_job(source)).id != first.id
    last = library.sources.get(source.id).last_run
    assert last is not None
    assert last.report is not None
    assert (last.status, last.report.added) == ("done", 1)
