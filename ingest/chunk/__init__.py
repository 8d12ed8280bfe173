"""Parsed documents to passages: `chunk` cuts one document along its structure."""

from ingest.chunk.parser import (
    CHUNKING_VERSION,
    PassageParser,
    chunk,
    embedding_texts,
    sparse_text,
)

__all__ = ["CHUNKING_VERSION", "PassageParser", "chunk", "embedding_texts", "sparse_text"]
