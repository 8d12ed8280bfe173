"""Libraries that released versions made (tools/make_library_fixture.py). Beside that of 0.1.0
lies its database as that version's code makes it on PostgreSQL, dumped by `pg_dump`."""

import json
import lzma
import os
import shutil
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Of an upgrade at random moments; `make nightly` asks for more.
KILLS = int(os.environ.get("UPGRADE_KILLS", "20"))
LIBRARIES = Path(__file__).parents[1] / "fixtures" / "libraries"
RELEASES = tuple(sorted(path.name.removesuffix(".tar.xz") for path in LIBRARIES.glob("*.tar.xz")))


@dataclass(frozen=True)
class Released:
    """`data` is GROUNDKB_DATA as the release left it, `backup` what its `groundkb backup` wrote;
    `seen` is what it answered."""

    data: Path
    backup: Path
    seen: Any

    @property
    def database(self) -> Path:
        return self.data / "library.sqlite3"


def unpack(release: str, folder: Path, *, index: bool = False) -> Released:
    """The library of `release` in `folder`; without the embedded index it takes no time."""
    with tarfile.open(LIBRARIES / f"{release}.tar.xz") as tar:
        members = [item for item in tar if index or not item.name.startswith("data/index/")]
        tar.extractall(folder, members=members, filter="data")
    seen = json.loads((folder / "seen.json").read_text(encoding="utf-8"))
    return Released(folder / "data", folder / "backup.tar.gz", seen)


def database_dumps() -> dict[str, str]:
    """The SQL of each release's database on PostgreSQL."""
    ending = ".postgresql.sql.xz"
    return {
        path.name.removesuffix(ending): lzma.open(path, "rt", encoding="utf-8").read()
        for path in sorted(LIBRARIES.glob(f"*{ending}"))
    }


def copied(library: Released, folder: Path) -> Released:
    """The same once more in `folder`, which is emptied."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(library.data, folder)
    return Released(folder, library.backup, library.seen)
