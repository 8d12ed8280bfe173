"""Short names of what made an answer, so that two answers can be told apart by what changed between them."""

from hashlib import blake2b
from typing import Final

from app.settings import Settings

# Settings of answering that may be tried beside others (app.answering.shadow).
CHANGEABLE: Final = (
    "chat_num_ctx",
    "chat_max_tokens",
    "chat_temperature",
    "prompt_set",
    "retrieve",
    "read_passages",
    "read_seconds",
    "search_seconds",
    "strictness",
    "context_passages",
)
# Those that decide what is in the index: tried over an index of their own, beside the one in use.
OF_INDEX: Final = (
    "embedding_model",
    "embedding_revision",
    "embedding_query_prefix",
    "embedding_passage_prefix",
)
# Settings that an answer depends on. Where things are kept and how many are served does not count, nor do
# models: those are named by themselves.
_ANSWERING: Final = ("embedding_precision", "reranker", *CHANGEABLE)


def settings_version(settings: Settings, calibration: str) -> str:
    """12 hex digits, equal for equal settings of answering and equal thresholds (`calibration`, as text)."""
    values = [(name, getattr(settings, name)) for name in _ANSWERING]
    return version_of(repr(values), calibration)


def version_of(*texts: str) -> str:
    """12 hex digits."""
    digest = blake2b(digest_size=6)
    for text in texts:
        digest.update(f"{len(text)}:{text}".encode())
    return digest.hexdigest()
