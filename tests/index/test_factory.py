"""The settings choose the store."""

from collections.abc import Callable
from pathlib import Path

from app.index.edge import EdgeStore
from app.index.factory import open_vector_store
from app.index.server import Placement, ServerStore
from app.settings import Settings
from tests.index.material import FINGERPRINT, MemoryAliases


def test_without_a_url_it_is_in_the_data_folder(
    make_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    vectors = open_vector_store(make_settings(data=tmp_path / "library"), MemoryAliases())
    assert isinstance(vectors, EdgeStore)
    vectors.create("kb_test@1", FINGERPRINT)
    vectors.close()
    assert (tmp_path / "library" / "index" / "kb_test@1" / "fingerprint.json").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["library"]


def test_with_a_url_it_is_that_server(make_settings: Callable[..., Settings]) -> None:
    settings = make_settings(qdrant_url="http://127.0.0.1:6333")
    vectors = open_vector_store(settings, MemoryAliases())
    assert isinstance(vectors, ServerStore)
    vectors.close()


def test_the_placement_of_collections_is_handed_on(make_settings: Callable[..., Settings]) -> None:
    settings = make_settings(
        qdrant_url="http://127.0.0.1:6333",
        qdrant_shards=4,
        qdrant_replicas=2,
        qdrant_quantisation="int8",
        qdrant_on_disk=True,
    )
    vectors = open_vector_store(settings, MemoryAliases())
    assert isinstance(vectors, ServerStore)
    assert vectors._placement == Placement(4, 2, int8=True, on_disk=True)
    vectors.close()
