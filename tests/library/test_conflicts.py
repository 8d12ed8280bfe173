"""Two processes change the same row of PostgreSQL at once: whoever comes second begins again."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, text

from app.errors import LibraryConflict
from app.library.database import writing
from app.library.jobs import JobRow
from app.library.library import Library, open_library
from app.library.tables import Conversation
from app.settings import Settings
from ingest.job_worker import JobControl, JobWorker
from ingest.report import SyncReport
from ingest.uploads import upload_job
from tests.library.conftest import SQLITE_ALONE

POSTGRES_ALONE = pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.slow)], indirect=True
)


@pytest.fixture
def library(make_settings: Callable[..., Settings]) -> Iterator[Library]:
    opened = open_library(make_settings())
    opened.add_knowledge_base("default")
    yield opened
    opened.close()


def wait_for_a_waiting_one(engine: Engine) -> None:
    """Until somebody waits for what another transaction has."""
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    deadline = time.monotonic() + 30
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not connection.scalar(waiting):
            assert time.monotonic() < deadline
            time.sleep(0.01)


@POSTGRES_ALONE
def test_who_comes_second_begins_again(library: Library) -> None:
    """As where a question is asked in a conversation while the answer before it is being kept."""
    kept = library.conversations.ask("First?", conversation_id=None, kb="default")
    with ThreadPoolExecutor(1) as pool:
        with writing(library.engine) as session:
            row = session.get(Conversation, kept.conversation_id)
            assert row is not None
            row.title = "Another process's"
            session.flush()
            second = pool.submit(library.conversations.finish, kept.id, "stopped")
            wait_for_a_waiting_one(library.engine)
        second.result(30)
    row_now, [turn] = library.conversations.get(kept.conversation_id)
    assert (row_now.title, turn.status) == ("Another process's", "stopped")


@POSTGRES_ALONE
def test_what_goes_on_for_ever_is_told(library: Library) -> None:
    kept = library.conversations.ask("First?", conversation_id=None, kb="default")
    found: list[BaseException] = []

    def second() -> None:
        try:
            with writing(library.engine) as session:
                row = session.get(Conversation, kept.conversation_id)
                assert row is not None
                row.title = "mine"
        except LibraryConflict as error:
            found.append(error)

    with writing(library.engine) as session:
        row = session.get(Conversation, kept.conversation_id)
        assert row is not None
        row.title = "theirs"
        session.flush()
        thread = threading.Thread(target=second)
        thread.start()
        wait_for_a_waiting_one(library.engine)
    thread.join(30)
    assert [type(error) for error in found] == [LibraryConflict]


@SQLITE_ALONE
def test_a_job_that_another_process_comes_in_the_way_of_is_begun_anew(
    library: Library, make_settings: Callable[..., Settings]
) -> None:
    """It had failed: what a killed worker had sent came to its end after its locks were gone."""
    begun: list[JobRow] = []

    def work(control: JobControl) -> SyncReport:
        begun.append(control.job)
        if len(begun) < 3:
            raise LibraryConflict
        return SyncReport("default", 1, 0, 0, 0, (), 1, 0.1)

    worker = JobWorker(library, make_settings().data, {"upload": work})
    worker.add(upload_job("default", "a.txt"), "job-1")
    deadline = time.monotonic() + 30
    while (job := library.jobs.get("job-1")).status not in ("done", "failed"):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    worker.stop()
    assert (job.status, len(begun)) == ("done", 3)
