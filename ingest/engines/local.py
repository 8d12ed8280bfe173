"""Everything on this machine: processes parse ahead while the model embeds in this one."""

from collections.abc import Callable, Generator, Sequence

from app.index.protocol import Point
from app.library.library import KnownFile
from app.models.embedding import OnBatch
from ingest.embed import passage_points
from ingest.engines.pieces import pieces
from ingest.engines.protocol import Outcome, Workshop
from ingest.prepare import Prepared, Workroom, prepare_all
from ingest.sources.found import FoundFile


class LocalEngine:
    """See ingest.engines.protocol.IngestEngine. Files come in the order in which they were given."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop

    def prepare(
        self,
        files: Sequence[tuple[FoundFile, KnownFile | None]],
        on_parsed: Callable[[], None],
    ) -> Generator[Outcome, None, None]:
        shop = self._workshop
        room = Workroom(
            shop.settings, shop.originals, shop.readers, shop.conditions, shop.stop, on_parsed
        )
        return prepare_all(room, files)

    def points(
        self, batch: Sequence[Prepared], on_batch: OnBatch
    ) -> Generator[list[Point], None, None]:
        pairs = [(passage, item.parsed) for item in batch for passage in item.passages]
        for piece in pieces(pairs, self._workshop.batch_windows):
            yield passage_points(piece, self._workshop.embedder, self._workshop.sparse, on_batch)

    def is_embedded(self, item: Prepared) -> bool:  # noqa: ARG002  (the protocol's)
        """Never: one after the other is embedded here."""
        return False

    def close(self) -> None:
        """Nothing is held."""
