"""An index does not keep for good what was replaced."""

from pathlib import Path

from app.runtime import Storage
from ingest.report import SyncRequest

KB = "default"


def segments(storage: Storage) -> int:
    """Bytes on disk of the index, without the engine's log, which the engine bounds itself."""
    folder = storage.settings.data / "index"
    files = (path for path in folder.rglob("*") if path.is_file() and "/wal/" not in str(path))
    return sum(path.stat().st_blocks * 512 for path in files)


def test_replacing_everything_again_and_again(storage: Storage, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    sizes = []
    for turn in range(8):
        for number in range(20):
            parts = (f"Turn {turn}, file {number}, part {n}. " + "word " * 60 for n in range(30))
            (folder / f"{number}.txt").write_text("\n\n".join(parts))
        report = storage.sync(SyncRequest((str(folder),), KB), lambda _event: None)
        assert report.failed == ()
        sizes.append(segments(storage))
    assert storage.indexes.ensure(KB).count() == report.chunks
    assert sizes[-1] <= 1.3 * sizes[2], "it grew with each replacement"
