"""A folder of files of every format and hostile ones: what can be read is found, what cannot is
named, and memory stays bounded. The command runs in a process of its own; only the embedding
model in it is a small one that ranks by pairs of characters."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from app.answering.retrieve import retrieve
from app.index.protocol import Filter
from app.runtime import open_storage
from app.settings import Settings
from tests.conftest import BigramEmbedder
from tests.ingest.folder import PASSED_OVER, make_folder

KB = "default"
MOST_FILE_BYTES = 20_000_000
# Measured: 1.46 GB, of which Word's parser takes 0.35 and the OCR of a whole page 0.65. The picture
# that is a bomb would take another GB, the zip and the line of 50 MB several hundred MB each.
MOST_MEMORY = 1.7e9
# The kernel's own mark of the highest memory use: getrusage gives the parent's where that is higher.
COMMAND = """
import re, sys
from pathlib import Path
import app.runtime
from tests.conftest import BigramEmbedder
app.runtime.build_embedder = lambda settings: BigramEmbedder()
from app.cli.main import execute
try:
    code = execute()
except SystemExit as end:
    code = end.code
status = Path("/proc/self/status")
peak = re.search(r"VmHWM:\\s+(\\d+) kB", status.read_text())[1] + "000" if status.exists() else "0"
Path(sys.argv[-1]).with_suffix(".peak").write_text(peak)
sys.exit(code)
"""


def test_a_folder_of_everything(
    tmp_path: Path,
    models_dir: Path,
    make_settings: Callable[..., Settings],
    fake_embedder: BigramEmbedder,
) -> None:
    folder = tmp_path / "所有 formats"
    good, bad = make_folder(folder)
    assert len(good) + len(bad) >= 60
    ran = subprocess.run(
        [sys.executable, "-c", COMMAND, "ingest", "sync", "--json", str(folder)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        timeout=240,
        env={
            **os.environ,
            "GROUNDKB_DATA": str(tmp_path / "data"),
            "GROUNDKB_MODELS": str(models_dir),
            "GROUNDKB_MAX_FILE_BYTES": str(MOST_FILE_BYTES),
        },
    )
    assert ran.returncode == 3, ran.stderr
    report = json.loads(ran.stdout)
    failed = {item["source"].rpartition("/")[2]: item for item in report["failed"]}
    assert {name: item["code"] for name, item in failed.items()} == bad
    assert all(item["hint"] and item["message"] for item in failed.values())
    passed = {item["source"].rpartition("/")[2]: item["reason"] for item in report["passed_over"]}
    assert passed == PASSED_OVER
    assert report["added"] == len(good)
    assert int(folder.with_suffix(".peak").read_text()) < MOST_MEMORY

    storage = open_storage(make_settings(), fake_embedder)
    try:
        rows = {row.source: row for row in storage.library.documents(KB) if row.revision}
        missing = []
        for name, text in good.items():
            number = text.split()[1]
            hits = retrieve(
                storage.library,
                storage.indexes.reading(KB),
                storage.sparse,
                f"编号 {number}",
                kb=KB,
                limit=1,
                mode="sparse",
                filter=Filter(),
            ).hits
            path = str((folder / name).relative_to(folder)).replace("\n", "%0A")
            path = path.replace("%?#", "%25%3F%23")
            if not hits or number not in hits[0].passage.text:
                missing.append((name, "not found"))
            elif not hits[0].passage.source.endswith(path):
                missing.append((name, hits[0].passage.source))
        assert missing == []
        assert len(rows) == len(good)
    finally:
        storage.close()
