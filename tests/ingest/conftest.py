"""A library with the ranking fake, for all tests of ingestion."""

from collections.abc import Iterator

import pytest

from app.runtime import Storage, open_storage
from app.settings import Settings
from tests.conftest import BigramEmbedder


@pytest.fixture
def storage(settings: Settings, fake_embedder: BigramEmbedder) -> Iterator[Storage]:
    opened = open_storage(settings, fake_embedder)
    yield opened
    opened.close()
