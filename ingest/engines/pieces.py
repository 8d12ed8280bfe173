"""Cutting many passages into lists that are embedded together."""

from collections.abc import Iterator, Sequence

from app.index.protocol import Passage
from ingest.parse import ParsedDocument

Owned = tuple[Passage, ParsedDocument]


def pieces(passages: Sequence[Owned], windows: int) -> Iterator[Sequence[Owned]]:
    """Consecutive passages, as many as it takes to reach `windows` windows; the last list may have fewer."""
    start = 0
    while start < len(passages):
        end, count = start, 0
        while end < len(passages) and count < windows:
            count += len(passages[end][0].windows)
            end += 1
        yield passages[start:end]
        start = end
