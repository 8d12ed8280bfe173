"""What was pulled, written beside it: where it came from, its revision, size and sha256 of each file."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from app.errors import Phrase, WeightsCorrupt
from app.models.progress import OnProgress, Progress, ignore_progress

MANIFEST = "groundkb-weights.json"
_BLOCK = 1 << 20


@dataclass(frozen=True)
class FileRecord:
    """One verified file. An unchanged size and modification time spares hashing it again."""

    size: int
    mtime_ns: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    model: str
    revision: str
    source: str
    files: dict[str, FileRecord]  # by path relative to the manifest's folder

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(record.size for record in self.files.values())


def sha256_of(path: Path, on_progress: OnProgress = ignore_progress) -> str:
    """Hex digest of a file's bytes."""
    digest, done, total = hashlib.sha256(), 0, path.stat().st_size
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            done += len(block)
            on_progress(Progress(path.name, done, total))
    return digest.hexdigest()


def record_of(path: Path) -> FileRecord:
    """Hash `path` now."""
    stat = path.stat()
    return FileRecord(stat.st_size, stat.st_mtime_ns, sha256_of(path))


def record_folder(folder: Path) -> dict[str, FileRecord]:
    """Every file below `folder` except hidden ones and the manifest."""
    return {
        str(path.relative_to(folder)): record_of(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and path.name != MANIFEST
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    }


def write_manifest(path: Path, manifest: Manifest) -> None:
    """Atomically."""
    scratch = path.with_name(path.name + ".new")
    scratch.write_text(json.dumps(asdict(manifest), indent=2, ensure_ascii=False) + "\n", "utf-8")
    scratch.replace(path)


def read_manifest(path: Path) -> Manifest | None:
    """None when there is none or it is not one of ours."""
    try:
        content = json.loads(path.read_text("utf-8"))
        files = {name: FileRecord(**record) for name, record in content.pop("files").items()}
        return Manifest(**content, files=files)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def verify(folder: Path, manifest: Manifest) -> None:
    """Raise WeightsCorrupt, naming the first file that is not as recorded.

    Files whose size and modification time are as recorded are believed.
    """
    for name, record in manifest.files.items():
        path = folder / name
        if not path.is_file():
            raise WeightsCorrupt(file=path, expected=record.sha256, found=Phrase("no_such_file"))
        stat = path.stat()
        if (stat.st_size, stat.st_mtime_ns) == (record.size, record.mtime_ns):
            continue
        found = sha256_of(path)
        if found != record.sha256:
            raise WeightsCorrupt(file=path, expected=record.sha256, found=found)
