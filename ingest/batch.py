"""Documents that are embedded and written together, in the steps that ingest.sync tells of."""

from collections.abc import Sequence

from app.library.library import NewRevision, PendingRevision
from app.library.stored import StoredNote
from ingest.counts import Counts
from ingest.engines import IngestEngine
from ingest.meter import Meter
from ingest.prepare import Prepared
from ingest.report import DocumentDone, OnEvent
from ingest.stopping import Stopped
from ingest.writer import Writer, unless_stopping

# Windows embedded together, over document borders: enough for batches of even length (3.5% of what
# is computed is padding, with 2048 it is 2%), few enough that little is lost when a sync is stopped.
BATCH_WINDOWS = 1024
# Kept of what a reader left out of one document: a file can hold any number of things.
_NOTES, _NOTE_CHARS = 100, 200


class Batch:
    """Documents that are written together: so many that what is embedded comes in batches of even
    length. Those that belong together, a mail and what is attached to it, are in one group."""

    def __init__(
        self, engine: IngestEngine, writer: Writer, counts: Counts, on_event: OnEvent, meter: Meter
    ) -> None:
        self.meter = meter
        self._engine, self._writer = engine, writer
        self._counts, self._on_event = counts, on_event
        self._groups: list[tuple[Prepared, ...]] = []
        self._windows = 0  # of them, at most

    def add(self, *group: Prepared) -> None:
        windows = sum(item.windows for item in group)
        self._groups.append(group)
        self._windows += windows
        self.meter.read(group[0].found.size, windows)
        self.meter.embedded(sum(i.windows for i in group if self._engine.is_embedded(i)))

    def write_if_full(self) -> None:
        if self._windows >= BATCH_WINDOWS:
            self.write()

    def write_embedded(self) -> None:
        """What is to be had at once, the sync being stopped."""
        ready = [g for g in self._groups if all(self._engine.is_embedded(i) for i in g)]
        late = [group for group in self._groups if group not in ready]
        self._groups = ready
        self.write()
        self._groups = late

    def write(self) -> None:
        """Steps one to three. Stopped while it is embedded, the documents that are whole by then are
        made current before that is raised."""
        groups = self._groups
        if not groups:
            return
        library, index, on_step = (
            self._writer.library,
            self._writer.index,
            self._writer.deps.on_step,
        )
        batch = [item for group in groups for item in group]
        on_step("begin_revisions")
        library.begin_revisions(
            self._writer.kb,
            [
                PendingRevision(
                    item.document_id,
                    item.found.source,
                    item.taken.revision,
                    item.parsed.text,
                    item.properties,
                )
                for item in batch
            ],
        )
        on_step("keep_originals")
        for item in batch:
            library.originals.keep(item.taken)
        self._groups, self._windows = [], 0
        written = 0
        try:
            for points in self._engine.points(batch, self._embedded):
                on_step("upsert")
                index.upsert(points)
                written += len(points)
        except Stopped:
            self._make_current(_whole(groups, written))
            raise
        self._make_current(groups)

    def discard(self) -> None:
        """Delete the copies of what was not written."""
        for group in self._groups:
            for item in group:
                self._writer.library.originals.discard(item.taken)

    def _embedded(self, windows: int) -> None:
        self.meter.embedded(windows)
        unless_stopping(self._writer)

    def _make_current(self, groups: Sequence[tuple[Prepared, ...]]) -> None:
        if not groups:
            return
        writer, counts = self._writer, self._counts
        self.meter.writing()
        writer.deps.on_step("flush")
        writer.index.flush()
        batch = [item for group in groups for item in group]
        writer.deps.on_step("make_current")
        writer.library.make_current(writer.kb, [_new_revision(item) for item in batch])
        writer.limit(writer.library.limits.of(writer.kb, [item.document_id for item in batch]))
        writer.deps.on_step("made_current")
        self.meter.done(len(groups))
        for item in batch:
            new = item.known is None or item.known.revision is None
            counts.added += new
            counts.changed += not new
            counts.chunks += len(item.passages)
            for note in item.parsed.notes:
                counts.notes[note.kind] += note.count
            self._on_event(
                DocumentDone(
                    item.found.source,
                    "added" if new else "changed",
                    chunks=len(item.passages),
                    bytes=item.taken.size,
                )
            )


def _whole(groups: Sequence[tuple[Prepared, ...]], points: int) -> list[tuple[Prepared, ...]]:
    """The first of the groups, whose passages are all among the first `points`."""
    whole = []
    for group in groups:
        points -= sum(len(item.passages) for item in group)
        if points < 0:
            break
        whole.append(group)
    return whole


def _new_revision(item: Prepared) -> NewRevision:
    return NewRevision(
        document_id=item.document_id,
        revision=item.taken.revision,
        title=item.parsed.title,
        media_type=item.parsed.media_type,
        size=item.found.size,
        mtime_ns=item.found.mtime_ns,
        read_at_ns=item.read_at_ns,
        chunks=len(item.passages),
        tags=item.tags,
        properties=item.properties,
        own=item.parsed.metadata if item.sidecar is not None else None,
        notes=tuple(
            StoredNote(kind=note.kind, count=note.count, detail=note.detail[:_NOTE_CHARS])
            for note in item.parsed.notes[:_NOTES]
        ),
    )
