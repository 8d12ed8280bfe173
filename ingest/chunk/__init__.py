"""Parsed documents to passages: `chunk` cuts one document along its structure."""

from ingest.chunk.parser import (
    CHUNKING_VERSION,
    chunk,
    embedding_texts,
    sparse_text,
)

__all__ = ["CHUNKING_VERSION", "chunk", "embedding_texts", "sparse_text"]
