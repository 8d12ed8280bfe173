"""groundkb's own server beside what is read: all of it but the models' weights."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.api.app import create_app
from app.api.logs import configure_logging
from app.runtime import Storage, open_runtime
from app.settings import load_settings
from tests.api.conftest import served
from tests.conftest import BigramEmbedder
from tests.fakes import OverlapReader, ScriptedChat


@contextmanager
def opened(data: Path, **overrides: object) -> Iterator[tuple[str, Storage]]:
    """Its address, and what it stores. Keyword arguments are settings."""
    settings = load_settings(data=data, log_level="error", **overrides)
    configure_logging(settings)
    runtime = asyncio.run(
        open_runtime(
            settings, embedder=BigramEmbedder(), chat=ScriptedChat(), reader=OverlapReader()
        )
    )
    try:
        with served(create_app(settings, runtime)) as url:
            yield url, runtime.storage
    finally:
        asyncio.run(runtime.close())
