"""The queue of jobs: what happens to work whose process dies."""

from app.library.jobs import MOST_TRIES, NewJob
from app.runtime import Storage
from tests.ingest.conftest import storage  # noqa: F401  (a library with the ranking fake)

KB = "default"


def test_a_job_over_which_processes_die_is_given_up(storage: Storage) -> None:  # noqa: F811
    jobs = storage.library.jobs
    job = jobs.add(NewJob(KB, "sync", "/x", {"roots": ["/x"]}))
    for _ in range(MOST_TRIES - 1):
        assert jobs.claim("worker") is not None
        jobs.requeue([job.id], died=True)
        assert jobs.get(job.id).status == "queued"
    assert jobs.claim("worker") is not None
    jobs.requeue([job.id], died=True)
    given_up = jobs.get(job.id)
    assert (given_up.status, given_up.tries) == ("failed", MOST_TRIES)
    assert given_up.error == {"code": "job_given_up", "params": {"times": MOST_TRIES}}
    assert jobs.claim("worker") is None
    assert jobs.retry(job.id).tries == 0
    assert jobs.claim("worker") is not None


def test_a_process_that_ends_in_order_does_not_count(storage: Storage) -> None:  # noqa: F811
    jobs = storage.library.jobs
    job = jobs.add(NewJob(KB, "sync", "/x", {"roots": ["/x"]}))
    for _ in range(MOST_TRIES + 1):
        assert jobs.claim("worker") is not None
        jobs.requeue([job.id])
    assert (jobs.get(job.id).status, jobs.get(job.id).tries) == ("queued", 0)


def test_a_job_that_only_waited_does_not_count(storage: Storage) -> None:  # noqa: F811
    jobs = storage.library.jobs
    job = jobs.add(NewJob(KB, "sync", "/x", {"roots": ["/x"]}), worker="gone")
    for _ in range(MOST_TRIES + 1):
        jobs.requeue([job.id], died=True)
    assert jobs.get(job.id).tries == 0
