"""An index does not keep for good what was replaced."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from app.runtime import Storage, open_storage
from app.settings import Settings
from ingest.report import SyncRequest
from tests.conftest import BigramEmbedder

KB = "default"


_BLOCK = 4096


def on_disk(storage: Storage) -> int:
    """Bytes that a disk keeps of the index. Counted in blocks that hold anything, since the engine
    makes its files larger than they are filled."""
    folder = storage.settings.data / "index"
    return sum(_filled(path) for path in folder.rglob("*") if path.is_file())


def _filled(path: Path) -> int:
    with path.open("rb") as file:
        return sum(_BLOCK for block in iter(lambda: file.read(_BLOCK), b"") if block.strip(b"\0"))


def test_replacing_everything_again_and_again(
    storage: Storage, make_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for turn in range(21):
        for number in range(20):
            parts = (f"Turn {turn}, file {number}, part {n}. " + "word " * 60 for n in range(30))
            (folder / f"{number}.txt").write_text("\n\n".join(parts))
        report = storage.sync(SyncRequest((str(folder),), KB), lambda _event: None)
        assert report.failed == ()
    assert storage.indexes.ensure(KB).count() == report.chunks
    size = on_disk(storage)
    with closing(open_storage(make_settings(data=tmp_path / "fresh"), BigramEmbedder())) as fresh:
        fresh.sync(SyncRequest((str(folder),), KB), lambda _event: None)
        assert size <= 1.3 * on_disk(fresh), "what was replaced is still there"
