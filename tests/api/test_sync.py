"""What becomes of a sync's events."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from app.api.routes.sync import SyncStopped, job_events, last_report
from app.api.wire.syncs import SyncEvent, SyncReport
from app.errors import AddressInvalid
from app.runtime import Runtime
from ingest.report import SyncReport as Report
from ingest.report import SyncRequest


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


async def test_no_job_is_kept_with_a_password(runtime: Runtime) -> None:
    """`groundkb serve --sync` comes here without a request."""
    wanted = SyncRequest(("sftp://me:hunter2@example.org/x",), "default")
    with pytest.raises(AddressInvalid):
        async with asyncio.timeout(5):  # no worker is there to end a job
            await last_report(job_events(runtime.storage, wanted, "en"))
    assert runtime.storage.library.jobs.latest("default", 9) == []


async def test_events_without_a_report_are_a_sync_that_was_stopped() -> None:
    async def none() -> AsyncIterator[SyncEvent]:
        return
        yield reported()

    with pytest.raises(SyncStopped):
        await last_report(none())
