"""Making the index equal the sources, whatever happens in between.

A document passes through four steps, and only the third changes what a reader sees:
its text is stored (state `writing`), its points are written and flushed, it is made
current in one commit of the library database, the points it replaces are deleted. A
process that is killed anywhere leaves either the old or the new revision current, and
points that no reader sees; the next sync deletes these first.

The second and third step are in ingest.batch.

Over 350 lines: what ends a sync early, or makes it go on, is in one place with what it undoes.
"""

import time
from collections.abc import Sequence
from contextlib import closing, suppress
from datetime import datetime, timedelta
from functools import partial

from app.errors import WriterBusy
from app.index.protocol import Index
from app.library.jobs import NewJob
from app.library.library import DocumentRow, Library
from app.library.tables import now
from ingest.batch import BATCH_WINDOWS, Batch
from ingest.counts import Counts, passed_over
from ingest.enclosed import enclosed_in, remove_others
from ingest.engines import IngestEngine, Workshop, require_engine
from ingest.meter import Meter
from ingest.moves import Contents
from ingest.parse import Limits, ocr
from ingest.parse.document import PAGES_WITHOUT_TEXT
from ingest.plan import Plan, make_plan, remember, told_by_bytes
from ingest.prepare import FailedFile, Prepared, UnchangedFile, failed_document
from ingest.renaming import amend, relocate, rename, touch
from ingest.report import (
    MOST_NAMED,
    DocumentDone,
    EngineName,
    FailedDocument,
    OnEvent,
    Outcome,
    SyncReport,
    SyncRequest,
)
from ingest.sources.found import FoundFile, Listing
from ingest.sources.look import emptied, look_at
from ingest.stopping import Stopped
from ingest.uploads import again_job, is_upload, uploads_of
from ingest.writer import IngestDeps, Writer, unless_stopping, writing


def sync(deps: IngestDeps, request: SyncRequest, on_event: OnEvent) -> SyncReport:
    """Take in what was added or changed under the roots, remove what is gone.

    Once `deps.stop()` is true it ends early: what is embedded as a whole by then is written, the
    report says `stopped`, and the next sync does the rest.

    Errors of single documents are in the report; they leave the document's last good
    revision in place. Raises KnowledgeBaseNotFound, SourceMissing, SyncRefused, WriterBusy, and the errors of the
    library, the index and the embedding model, after any of which a new sync goes on
    where this one stopped.
    """
    started = time.monotonic()
    library, kb = deps.library, request.kb
    library.require_knowledge_base(kb)
    engine = request.engine or deps.settings.engine
    share = deps.settings.max_delete_share
    if request.allow_mass_delete or request.retire:
        share = 1.0
    contents = Contents()
    plan_of = partial(make_plan, library, kb, conditions=deps.conditions, contents=contents)
    if request.dry_run:
        listings = _look(deps, request)
        plan = told_by_bytes(plan_of(listings, max_delete_share=1.0), contents)
        on_event(plan.summary())
        return _dry_report(plan, kb, time.monotonic() - started)
    with writing(deps, kb) as writer:
        # Refusals come first: a sync that is refused changes nothing.
        _ = writer.space
        require_engine(engine)
        try:
            listings = _look(deps, request)
        except Stopped:
            counts = Counts()
            counts.stopped = True
            return counts.report(kb, 0, time.monotonic() - started)
        plan = plan_of(listings, max_delete_share=share)
        run = library.begin_run(kb, request.roots)
        library.originals.sweep()
        if writer.repair():
            plan = plan_of(listings, max_delete_share=share)
        if _have_read_again(writer, plan):
            plan = plan_of(listings, max_delete_share=share)
        remember(library, kb, listings)
        plan.to_read += uploads_of(deps.library, deps.settings.data).unread(
            library, kb, deps.conditions
        )
        on_event(plan.summary())
        counts = Counts(plan)
        try:
            _remove(writer, plan, counts, on_event)
            _refuse(plan, counts, on_event)
            _ingest(writer, engine, plan, counts, on_event)
        except Stopped:
            counts.stopped = True
        writer.clean()
        if counts.changed or counts.removed:
            # Else the points that were replaced would stay on disk for good. The engine itself
            # judges whether they are enough to be worth it.
            writer.index.optimise()
        report = counts.report(kb, len(plan.unchanged), time.monotonic() - started)
        library.end_run(run, report.as_json())
        if request.retire and not report.stopped:
            _unregister(library, kb, request.roots)
        return report


def _look(deps: IngestDeps, request: SyncRequest) -> list[Listing]:
    if request.retire:
        return emptied(deps.library, request.kb, request.roots)
    return look_at(deps.settings, deps.library, request.kb, request.roots, deps.stop)


def _unregister(library: Library, kb: str, roots: Sequence[str]) -> None:
    """A schedule would look for what was retired every night."""
    for source in library.sources.all(kb):
        if source.location in roots:
            library.sources.remove(source.id)


def take_in(deps: IngestDeps, kb: str, file: FoundFile, on_event: OnEvent) -> SyncReport:
    """Take in one file, whatever was known of it; nothing is removed. Errors are as `sync` has them."""
    started = time.monotonic()
    with writing(deps, kb) as writer:
        deps.library.require_knowledge_base(kb)
        writer.clean()
        plan = Plan(to_read=[(file, deps.library.known_files(kb, file.source).get(file.source))])
        counts = Counts()
        on_event(plan.summary())
        try:
            # One file is done here before a cluster has started.
            _ingest(writer, "local", plan, counts, on_event)
        except Stopped:
            counts.stopped = True
        writer.clean()
        return counts.report(kb, 0, time.monotonic() - started)


def _have_read_again(writer: Writer, plan: Plan) -> bool:
    """Mark documents with pages that could not be read for lack of OCR, now that it is there."""
    lacking = writer.library.properties.having(writer.kb, PAGES_WITHOUT_TEXT)
    if not lacking or not ocr.is_there(Limits.of(writer.deps.settings)):
        return False
    again = {file.id for file in plan.unchanged if file.id in lacking}
    again |= {i for i in lacking if is_upload(writer.library.document(writer.kb, i).source)}
    if again:
        writer.library.invalidate(writer.kb, again)
        writer.clean()
    return bool(again)


def restore_documents(
    library: Library, index: Index | None, kb: str, document_ids: Sequence[str]
) -> tuple[list[DocumentRow], list[NewJob]]:
    """Undo the deletion of documents. Nothing is embedded again, but what `index`, made since,
    lacks: that is found again once the jobs that are returned are done.

    Raises DocumentNotFound, with nothing restored, for one that was purged.
    """
    library.restore(kb, document_ids)
    rows = [library.document(kb, document_id) for document_id in dict.fromkeys(document_ids)]
    lacking = [
        row
        for row in rows
        if row.revision and (index is None or index.count(row.id, row.revision) != row.chunks)
    ]
    library.invalidate(kb, [row.id for row in lacking])
    return rows, [again_job(kb, row.source) for row in lacking]


def purge(deps: IngestDeps) -> None:
    """Delete for good what was deleted more than GROUNDKB_UNDO_DAYS ago, and questions with their answers
    once they are older than GROUNDKB_KEEP_DAYS."""
    library, before = deps.library, now() - timedelta(days=deps.settings.undo_days)
    library.conversations.purge(before)
    library.sources.purge(before)
    if deps.settings.keep_days is not None:
        old = now() - timedelta(days=deps.settings.keep_days)
        library.conversations.forget(old)
        library.feedback.forget(old)
        library.shadow.forget(old)
    for kb in library.knowledge_bases():
        purge_documents(deps, kb, before)
    library.leave_no_trace()


def purge_documents(deps: IngestDeps, kb: str, before: datetime) -> None:
    """Remove for good the documents that were deleted `before`; none while a sync is writing."""
    if not deps.library.deleted(kb, before):
        return
    with suppress(WriterBusy), writing(deps, kb) as writer:
        for document_id, source in deps.library.purge(kb, before).items():
            if is_upload(source):
                uploads_of(deps.library, deps.settings.data).remove(kb, document_id)
        writer.clean()


def _dry_report(plan: Plan, kb: str, seconds: float) -> SyncReport:
    summary = plan.summary()
    return SyncReport(
        kb=kb,
        added=summary.added,
        changed=summary.changed,
        removed=summary.removed,
        unchanged=summary.unchanged,
        failed=(),
        chunks=0,
        seconds=round(seconds, 3),
        dry_run=True,
        would_add=tuple(plan.sources("added")[:MOST_NAMED]),
        would_change=tuple(plan.sources("changed")[:MOST_NAMED]),
        would_move=tuple(plan.sources("moved")[:MOST_NAMED]),
        would_remove=tuple(file.source for file in plan.removed[:MOST_NAMED]),
        moved=summary.moved,
        ties=tuple(plan.ties),
        **passed_over(plan),
    )


def _remove(writer: Writer, plan: Plan, counts: Counts, on_event: OnEvent) -> None:
    writer.library.remove(writer.kb, [file.id for file in plan.forgotten])
    if not plan.removed:
        return
    unless_stopping(writer)
    writer.deps.on_step("remove")
    writer.library.remove(writer.kb, [file.id for file in plan.removed])
    for file in plan.removed:
        on_event(DocumentDone(file.source, "removed"))
    counts.removed = len(plan.removed)


def _refuse(plan: Plan, counts: Counts, on_event: OnEvent) -> None:
    for file in plan.refused:
        failed = FailedDocument.of_kept(file.failure or {})
        counts.failed.append(failed)
        on_event(_failed(file.source, failed))
    for item in plan.unreadable:
        failed = failed_document(item.source, item.error)
        counts.failed.append(failed)
        on_event(_failed(item.source, failed))


def _failed(source: str, failure: FailedDocument) -> DocumentDone:
    return DocumentDone(source, "failed", failure=failure)


def _ingest(
    writer: Writer,
    engine_name: EngineName,
    plan: Plan,
    counts: Counts,
    on_event: OnEvent,
) -> None:
    if not plan.to_read:
        return
    if engine_name == "local":
        writer.deps.readers.warm()
    workshop = Workshop(
        writer.deps.settings,
        writer.library.originals,
        writer.embedder,
        writer.deps.sparse,
        BATCH_WINDOWS,
        writer.deps.readers,
        writer.deps.conditions,
        writer.deps.stop,
    )
    with closing(writer.deps.open_engine(engine_name, workshop)) as engine:
        _ingest_with(engine, writer, plan, counts, on_event)


def _ingest_with(
    engine: IngestEngine, writer: Writer, plan: Plan, counts: Counts, on_event: OnEvent
) -> None:
    library = writer.library
    size = sum(file.size for file, _ in plan.to_read)
    batch = Batch(engine, writer, counts, on_event, Meter(len(plan.to_read), size, on_event))
    meter = batch.meter
    moves = {
        file.source: known
        for file, known in plan.to_read
        if known is not None and known.source != file.source
    }
    try:
        with closing(engine.prepare(plan.to_read, meter.parsed)) as files:
            for file in files:
                before = moves.get(file.found.source)
                match file:
                    case FailedFile():
                        if before is not None:
                            writer.limit(library.move(writer.kb, before.id, file.found.source))
                        library.record_failure(
                            writer.kb,
                            file.document_id,
                            file.found.source,
                            file.found.size,
                            file.found.mtime_ns,
                            file.kept(writer.deps.conditions),
                        )
                        counts.failed.append(file.failure)
                        on_event(_failed(file.found.source, file.failure))
                    case UnchangedFile():
                        amended = amend(writer, file)
                        if before is not None:
                            relocate(writer, before, file.found.source)
                        touch(writer, file)
                        counts.moved += before is not None
                        counts.amended += amended and before is None
                        counts.unchanged += before is None and not amended
                        outcome: Outcome = "amended" if amended else "unchanged"
                        on_event(DocumentDone(file.found.source, "moved" if before else outcome))
                    case Prepared() if before is not None and rename(writer, before, file):
                        counts.moved += 1
                        on_event(DocumentDone(file.found.source, "moved"))
                    case Prepared():
                        enclosed = enclosed_in(file, library, writer.kb, writer.deps.settings)
                        batch.add(file, *enclosed)
                        for source in remove_others(file, library, writer.kb):
                            counts.removed += 1
                            on_event(DocumentDone(source, "removed"))
                        unless_stopping(writer)
                        batch.write_if_full()
                        continue
                meter.read(file.found.size, 0)
                meter.done(1)
                unless_stopping(writer)
        unless_stopping(writer)
        batch.write()
    except Stopped:
        batch.write_embedded()
        raise
    finally:
        batch.discard()
