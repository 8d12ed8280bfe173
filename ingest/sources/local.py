"""Files and folders of this machine as a source."""

import errno
import fnmatch
import glob
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pathspec import GitIgnoreSpec

from app.errors import Phrase, SourceMissing, SourceUnreadable
from app.settings import at_home
from ingest.sources.archives import Archives, may_be_opened
from ingest.sources.found import FoundFile, Item, PassedOver, PassedReason, Unreadable, stamp
from ingest.sources.passing import reason_by_name
from ingest.sources.sidecar import is_sidecar, may_be_sidecars, sidecar_name
from ingest.sources.uris import path_of, source_uri

IGNORE_FILE = ".groundkbignore"
_Ignored = tuple[Path, GitIgnoreSpec]  # an ignore file's folder, and what it says


@dataclass(frozen=True)
class Pattern:
    """Files by name: those beneath `folder` whose relative path fits `parts`, shell patterns of
    one name each; `**` is any number of folders, none included."""

    folder: Path
    parts: tuple[str, ...]

    @property
    def path(self) -> Path:
        """The pattern itself, absolute."""
        return self.folder.joinpath(*self.parts)

    def fits(self, path: Path) -> bool:
        """Whether an absolute path is meant."""
        return path.is_relative_to(self.folder) and _fits(
            self.parts, path.relative_to(self.folder).parts
        )

    def scan(self, archives: Archives | None = None) -> Iterator[Item]:
        """What `scan` finds in the folder and is meant, and folders that could not be looked into."""
        for item in scan(self.folder, archives):
            path = path_of(item.source)
            if self.fits(path) or (isinstance(item, Unreadable) and path.is_dir()):
                yield item


def parse_root(root: str) -> Path | Pattern:
    """A file, a folder, or a pattern such as `~/papers/**/*.pdf`; without symbolic links, absolute.
    A file in an archive is a pattern beneath the archive.

    What is there by that very name is no pattern. Raises SourceMissing, for a pattern when the
    folder before its first `*`, `?` or `[` is missing; SourceUnreadable where the system does not let us look.
    """
    try:
        return _place(root, at_home(root))
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise SourceMissing(path=root) from error
        raise SourceUnreadable(path=root, detail=error.strerror or str(error)) from error


def _place(root: str, path: Path) -> Path | Pattern:
    """Raises SourceMissing and OSError."""
    if path.exists():
        return path.resolve()
    archive = next((above for above in path.parents if _is_archive(above)), None)
    if archive is not None:
        # A bracket is one character, be it itself or another: names have it more often than patterns.
        inner = (part.replace("[", "?") for part in path.relative_to(archive).parts)
        return Pattern(archive.resolve(), tuple(inner))
    first = next((i for i, part in enumerate(path.parts) if set("*?[") & set(part)), None)
    folder = Path(*path.parts[:first])
    if first is None or not folder.is_dir():
        raise SourceMissing(path=root)
    return Pattern(folder.resolve(), path.parts[first:])


def _is_archive(path: Path) -> bool:
    return may_be_opened(path) and path.is_file()


def require_one(roots: Sequence[str]) -> None:
    """To be asked before anything is loaded: raises SourceMissing, or SourceUnreadable, when all of
    `roots` are paths and none is there."""
    missing: SourceMissing | SourceUnreadable | None = None
    for root in roots:
        if "://" in root:
            return
        try:
            parse_root(root)
        except (SourceMissing, SourceUnreadable) as error:
            missing = missing or error
        else:
            return
    if missing is not None:
        raise missing


def _fits(parts: Sequence[str], names: Sequence[str]) -> bool:
    if not parts:
        return not names
    if parts[0] == "**":
        return any(_fits(parts[1:], names[skipped:]) for skipped in range(len(names) + 1))
    return bool(names) and fnmatch.fnmatch(names[0], parts[0]) and _fits(parts[1:], names[1:])


def scan(root: Path, archives: Archives | None = None) -> Iterator[Item]:
    """Every regular file under `root` (or `root` itself), in a stable order.

    Hidden files and folders are left out, and what a `.groundkbignore` names, by the rules of
    gitignore: that of an inner folder wins, and of one file the last line that fits. What by its
    name is no document (`Thumbs.db`, `~$letter.docx`, an archive) is passed over, and so are links:
    those to files inside `root` would only repeat them, and those out of it could leak what its
    owner did not mean to share. `root` itself may be one. Zip archives are folders, as far as `archives`
    opens them.
    """
    archives = archives or Archives()
    if not root.is_dir():
        if (reason := reason_by_name(root.name)) is not None:
            yield from _no_document(root, reason, archives, ())
            return
        names = {entry.name for entry in root.parent.glob(f"{glob.escape(root.name)}.meta.*")}
        found = _look(root, sidecar_name(root.name, names))
        if found is not None:
            yield found
        return
    yield from _scan_folder(root, (), archives)


def _no_document(
    path: Path, reason: PassedReason, archives: Archives, ignored: tuple[_Ignored, ...]
) -> Iterator[Item]:
    """What by its name is no document: passed over, but for what is in an archive."""
    inside = archives.look_into(path) if reason == "archive" and may_be_opened(path) else reason
    if inside is None:
        found = _look(path, None)
        if found is not None:
            yield found
    elif isinstance(inside, str):
        yield PassedOver(source_uri(path), inside)
    else:
        for item in inside:
            if not _is_ignored(str(path_of(item.source)), False, ignored):
                yield item


def _scan_folder(folder: Path, ignored: tuple[_Ignored, ...], archives: Archives) -> Iterator[Item]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        yield _unreadable(folder, error.strerror or str(error))
        return
    if any(entry.name == IGNORE_FILE for entry in entries):
        try:
            lines = (folder / IGNORE_FILE).read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            # Without its patterns we might take in what the owner wants left out.
            yield _unreadable(folder, f"{IGNORE_FILE}: {error}")
            return
        try:
            spec = GitIgnoreSpec.from_lines(lines)
        except ValueError as error:
            yield _unreadable(folder, f"{IGNORE_FILE}: {error}")
            return
        ignored = ((folder, spec), *ignored)
    names = {entry.name for entry in entries}
    sidecars = may_be_sidecars(names)
    for entry in entries:
        if is_sidecar(entry.name, names):
            continue
        reason = reason_by_name(entry.name)
        if entry.name.startswith(".") and reason is None:
            continue
        is_folder = entry.is_dir(follow_symlinks=False)
        if _is_ignored(entry.path, is_folder, ignored):
            continue
        if entry.is_symlink():
            yield PassedOver(source_uri(Path(entry.path)), "link")
        elif is_folder:
            if not entry.name.startswith("."):
                yield from _scan_folder(Path(entry.path), ignored, archives)
        elif reason is not None:
            yield from _no_document(Path(entry.path), reason, archives, ignored)
        elif entry.is_file(follow_symlinks=False):
            sidecar = sidecar_name(entry.name, sidecars) if sidecars else None
            found = _look(Path(entry.path), sidecar)
            if found is not None:
                yield found


def _look(path: Path, sidecar: str | None) -> FoundFile | Unreadable | None:
    try:
        status = path.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None  # gone since the folder was listed
    except OSError as error:
        return _unreadable(path, error.strerror or str(error))
    if not stat.S_ISREG(status.st_mode):
        return _unreadable(path, Phrase("not_regular"))
    if sidecar is None:
        return FoundFile(source_uri(path), path, status.st_size, status.st_mtime_ns)
    beside = path.with_name(sidecar)
    try:
        state = beside.stat(follow_symlinks=False)
    except OSError as error:
        return _unreadable(path, f"{sidecar}: {error.strerror or error}")
    if not stat.S_ISREG(state.st_mode):
        return _unreadable(path, Phrase("sidecar_not_regular", name=sidecar))
    moved = stamp(f"{sidecar} {state.st_mtime_ns} {state.st_size}") % 1_000_000_000 + 1
    mtime_ns = status.st_mtime_ns - moved
    return FoundFile(source_uri(path), path, status.st_size, mtime_ns, sidecar=beside)


def _unreadable(path: Path, detail: str | Phrase) -> Unreadable:
    return Unreadable(source_uri(path), SourceUnreadable(path=str(path), detail=detail))


def _is_ignored(path: str, is_folder: bool, ignored: tuple[_Ignored, ...]) -> bool:
    """Whether the innermost ignore file that says something of a path has it left out."""
    for folder, spec in ignored:
        relative = os.path.relpath(path, folder)
        said = spec.check_file(f"{relative}/" if is_folder else relative).include
        if said is not None:
            return bool(said)
    return False
