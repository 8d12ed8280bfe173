"""Deleting a knowledge base with everything in it."""

from app.errors import Phrase, WriterBusy
from app.index.fingerprint import alias_name, collections_of, previous_alias
from ingest.uploads import uploads_of
from ingest.writer import IngestDeps, writing

_WAIT_SECONDS = 10.0


def delete_knowledge_base(deps: IngestDeps, kb: str) -> None:
    """Documents, originals, uploads, sources, jobs, conversations, feedback and indexes, for good. The
    default knowledge base is there again at the next start, empty.

    Raises KnowledgeBaseNotFound, and WriterBusy while a sync or upload goes on. Readers see nothing
    of it on return; killed half way, what is left of its indexes is cleared by the next sync of
    one with its name.
    """
    library, vectors = deps.library, deps.spaces.vectors
    library.require_knowledge_base(kb)
    with writing(deps, kb, _WAIT_SECONDS):
        running = [job for job in library.jobs.held() if job.kb == kb and job.status == "running"]
        if running:
            raise WriterBusy(kb=kb, owner=Phrase("job_named", id=running[0].id))
        library.delete_knowledge_base(kb, [alias_name(kb), previous_alias(kb)])
        deps.spaces.forget(kb)
        for collection in collections_of(vectors, kb):
            library.builds.drop(collection)
            vectors.drop(collection)
        uploads_of(library, deps.settings.data).remove_all(kb)
