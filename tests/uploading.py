"""An upload as the server takes it in, without the server."""

import time

from app.runtime import Storage
from ingest.uploads import upload_job, uploads_of


def upload(storage: Storage, job_id: str, name: str, text: str) -> str:
    """How the job ended that takes in a file of this name: its status."""
    uploads = uploads_of(storage.library, storage.settings.data)
    uploads.stage("default", job_id, name).write_text(text, encoding="utf-8")
    uploads.arrived("default", job_id, name, name)
    storage.worker.add(upload_job("default", name), job_id)
    ends = time.monotonic() + 60
    while (status := storage.library.jobs.get(job_id).status) in ("queued", "running"):
        assert time.monotonic() < ends
        time.sleep(0.02)
    return status
