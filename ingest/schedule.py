"""When registered sources are synced: crontab expressions in a time zone of their own.

`cronsim` follows Debian's cron, by which 0 and 7 are Sunday, a day of the month and a day of the week
that are both given are alternatives, a time that daylight saving skips comes right after
the gap, and one that it repeats comes once.
"""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError
from tzlocal import get_localzone_name

from app.errors import Phrase, ScheduleInvalid
from app.library.jobs import JobRow, NewJob
from app.library.library import Library
from app.library.sources import SourceRow
from app.settings import at_home
from ingest.sources.look import check


def own_time_zone() -> str:
    """The name of this machine's time zone."""
    return get_localzone_name() or "UTC"


def next_run(expression: str, time_zone: str, after: datetime) -> datetime:
    """The first moment after `after` that the crontab expression names, in UTC.

    Raises ScheduleInvalid for a broken expression, an unknown zone, and one that never comes
    (30 February).
    """
    try:
        zone = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        detail = Phrase("no_time_zone", time_zone=time_zone)
        raise ScheduleInvalid(detail=detail) from None
    if len(expression.split()) != 5:
        detail = Phrase("cron_fields", expression=expression)
        raise ScheduleInvalid(detail=detail)
    try:
        return next(CronSim(expression, after.astimezone(zone))).astimezone(UTC)
    except CronSimError as error:
        raise ScheduleInvalid(
            detail=Phrase("file_said", path=repr(expression), error=error)
        ) from None
    except StopIteration:
        detail = Phrase("cron_never", expression=expression)
        raise ScheduleInvalid(detail=detail) from None


def put_source(
    library: Library,
    kb: str,
    location: str,
    *,
    schedule: str | None,
    time_zone: str | None = None,
    jitter: int = 0,
    enabled: bool = True,
    moment: datetime | None = None,
) -> SourceRow:
    """Register a place to be synced, or change the registered one.

    Raises ScheduleInvalid, SourceMissing for a path that is not there, and AddressInvalid.
    """
    check(location)
    zone = time_zone or own_time_zone()
    return library.sources.put(
        kb,
        location,
        schedule=schedule,
        time_zone=zone,
        jitter=jitter,
        enabled=enabled,
        next_run=_planned(schedule, zone, moment or datetime.now(UTC)),
    )


def change_source(library: Library, source_id: str, **changes: object) -> SourceRow:
    """Change fields of a registered source. Raises SourceNotFound and ScheduleInvalid."""
    source = library.sources.get(source_id)
    schedule = changes.get("schedule", source.schedule)
    zone = changes.get("time_zone", source.time_zone)
    planned = _planned(schedule, zone, datetime.now(UTC))  # type: ignore[arg-type]
    return library.sources.change(source_id, **changes, next_run=planned)


def source_job(source: SourceRow) -> NewJob:
    """The work of syncing a registered source."""
    roots = [source.location]
    return NewJob(source.kb, "sync", source.location, {"roots": roots}, source_id=source.id)


def start_due(
    library: Library,
    start: Callable[[SourceRow], JobRow | None],
    moment: datetime,
    rng: random.Random,
) -> int:
    """Start a run of every source whose time has come; returns how many there were.

    However many times a source missed while nobody was there to start it, it runs once. Its
    next run is settled first, so that of several schedulers one starts it.
    """
    started = 0
    for source in library.sources.due(moment):
        if source.schedule is None:
            continue
        try:
            planned = next_run(source.schedule, source.time_zone, moment)
        except ScheduleInvalid:
            # A zone that this machine's tables no longer have: it waits for its owner.
            library.sources.change(source.id, next_run=None)
            continue
        planned += timedelta(seconds=rng.uniform(0, source.jitter))
        if library.sources.reschedule(source, planned):
            start(source)
            started += 1
    return started


def absolute(location: str) -> str:
    """A location as every process understands it: URLs as they are, paths absolute."""
    return location if "://" in location else str(at_home(location).absolute())


def _planned(schedule: str | None, time_zone: str, moment: datetime) -> datetime | None:
    if schedule is not None:
        return next_run(schedule, time_zone, moment)
    next_run("0 0 * * *", time_zone, moment)  # the zone has to be one even so
    return None
