"""What becomes of a sync's events."""

from collections.abc import AsyncIterator

import pytest

from app.api.events import SyncEvent, SyncReport
from app.api.sync import SyncStopped, last_report
from ingest.report import SyncReport as Report


def reported() -> SyncReport:
    return SyncReport.model_validate(
        Report("default", 1, 0, 0, 0, failed=(), chunks=1, seconds=0.1), from_attributes=True
    )


async def test_events_are_read_to_their_end() -> None:
    """One that is left while it is being read would be closed in no order when the loop ends."""
    ended = []

    async def events() -> AsyncIterator[SyncEvent]:
        yield reported()
        ended.append(True)

    assert (await last_report(events())).added == 1
    assert ended


async def test_events_without_a_report_are_a_sync_that_was_stopped() -> None:
    async def none() -> AsyncIterator[SyncEvent]:
        return
        yield reported()

    with pytest.raises(SyncStopped):
        await last_report(none())
