"""An index does not keep for good what was replaced."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from app.runtime import Storage, open_storage
from app.settings import Settings
from ingest.report import SyncRequest
from tests.conftest import BigramEmbedder

KB = "default"


# The engine's log is made of files of this size, and it keeps two: docs/reliability.md.
_BLOCK = 4096
MOST_LOG = 2 * 33_554_432


def on_disk(storage: Storage) -> tuple[int, int]:
    """Bytes that a disk keeps of the index: its segments, and the engine's log. Counted in blocks
    that hold anything, since the engine makes its files larger than they are filled."""
    folder = storage.settings.data / "index"
    sizes = {path: _filled(path) for path in folder.rglob("*") if path.is_file()}
    log = sum(size for path, size in sizes.items() if "/wal/" in str(path))
    return sum(sizes.values()) - log, log


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
    segments, log = on_disk(storage)
    with closing(open_storage(make_settings(data=tmp_path / "fresh"), BigramEmbedder())) as fresh:
        fresh.sync(SyncRequest((str(folder),), KB), lambda _event: None)
        assert segments <= 1.3 * on_disk(fresh)[0], "what was replaced is still there"
    assert log <= MOST_LOG
