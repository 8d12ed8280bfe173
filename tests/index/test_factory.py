"""The settings choose the engine."""

from collections.abc import Callable
from pathlib import Path

from app.index.edge import EdgeEngine
from app.index.factory import open_engine
from app.index.server import ServerEngine
from app.settings import Settings
from tests.index.material import FINGERPRINT, MemoryAliases


def test_without_a_url_it_is_in_the_data_folder(
    make_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    engine = open_engine(make_settings(data=tmp_path / "library"), MemoryAliases())
    assert isinstance(engine, EdgeEngine)
    engine.create("kb_test@1", FINGERPRINT)
    engine.close()
    assert (tmp_path / "library" / "index" / "kb_test@1" / "fingerprint.json").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["library"]


def test_with_a_url_it_is_that_server(make_settings: Callable[..., Settings]) -> None:
    settings = make_settings(qdrant_url="http://127.0.0.1:6333")
    engine = open_engine(settings, MemoryAliases())
    assert isinstance(engine, ServerEngine)
    engine.close()
