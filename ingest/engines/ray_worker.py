"""What runs in a worker of a Ray cluster; knows nothing of Ray.

Our own parts, unchanged: `ReadPool` and `passage_points`. Errors that mean something to the sync
go back as values, since exceptions with parameters do not survive the way between processes.
"""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.errors import EmbedderDiffers, GroundkbError
from app.index.protocol import Passage, Point
from app.index.sparse import SparseEncoder
from app.models.embedding import Embedder, EmbeddingIdentity
from app.settings import Settings
from ingest.embed import passage_points
from ingest.faults import concerns_one_document
from ingest.parse import ParsedDocument
from ingest.reading import Raised, ReadPool, ReadTask, ReadText

# A longer document goes back unembedded, to be embedded in pieces: what one answer holds is bounded.
WHOLE_WINDOWS: Final = 8192


@dataclass(frozen=True)
class WorkedText:
    """A document that was read; `points` is None when it is to be embedded in pieces."""

    text: ReadText
    points: tuple[Point, ...] | None

    @property
    def windows(self) -> int:
        return sum(len(passage.windows) for passage in self.text.passages)


class Worker:
    """Parses, cuts and embeds. The model is loaded when it is first needed, in this process."""

    def __init__(
        self,
        settings: Settings,
        identity: EmbeddingIdentity,
        build: Callable[[Settings], Embedder],
    ) -> None:
        self._settings = settings
        self._identity = identity
        self._build = build
        self._readers = ReadPool(1)
        self._models: tuple[Embedder, SparseEncoder] | None = None

    def start(self) -> Raised | None:
        """Load the models; returns what is in the way."""
        try:
            self._loaded()
        except GroundkbError as error:
            return Raised.of(error)
        return None

    def read(self, files: Sequence[tuple[ReadTask, bytes]]) -> list[WorkedText | Raised] | Raised:
        """Read and embed documents, all of them in one go, so that batches are of even length.
        The answer is in the same order."""
        try:
            texts = [self._read(task, content) for task, content in files]
            whole = [
                text
                for text in texts
                if isinstance(text, ReadText)
                and sum(len(passage.windows) for passage in text.passages) <= WHOLE_WINDOWS
            ]
            pairs = [(passage, text.parsed) for text in whole for passage in text.passages]
            points = iter(passage_points(pairs, *self._loaded())) if pairs else iter(())
        except GroundkbError as error:
            return Raised.of(error)
        answers: list[WorkedText | Raised] = []
        for text in texts:
            if isinstance(text, Raised):
                answers.append(text)
            elif any(text is embedded for embedded in whole):
                answers.append(WorkedText(text, tuple(next(points) for _ in text.passages)))
            else:
                answers.append(WorkedText(text, None))
        return answers

    def embed(self, passages: Sequence[Passage], parsed: ParsedDocument) -> list[Point] | Raised:
        """The points of some passages of one document."""
        try:
            return passage_points([(passage, parsed) for passage in passages], *self._loaded())
        except GroundkbError as error:
            return Raised.of(error)

    def _read(self, task: ReadTask, content: bytes) -> ReadText | Raised:
        with tempfile.TemporaryDirectory(prefix="groundkb-") as folder:
            path = Path(folder) / "document"
            path.write_bytes(content)
            try:
                return self._readers.read(path, task)
            except GroundkbError as error:
                if not concerns_one_document(error):
                    raise
                return Raised.of(error)

    def _loaded(self) -> tuple[Embedder, SparseEncoder]:
        if self._models is None:
            embedder = self._build(self._settings)
            if embedder.identity != self._identity:
                raise EmbedderDiffers(here=self._identity.model, there=embedder.identity.model)
            self._models = embedder, SparseEncoder(self._settings.models / "jieba")
        return self._models
