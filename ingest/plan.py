"""The difference between the sources and the library."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version

from app.errors import SyncRefused
from app.library.library import KnownFile, Library
from app.settings import Settings
from ingest.parse import Limits
from ingest.report import Planned
from ingest.sources.found import FoundFile, Listing, Unreadable

# A file changed this shortly before it was read may have changed again within the same
# tick of a coarse file system clock without its size or time telling (FAT has 2 s).
_TICK_NS = 2_000_000_000
# Below this many removals the share says little: one of three documents is 33%.
_FEW = 3


@dataclass
class Plan:
    """What a sync has to do. `refused` are known failures of files that have not changed since."""

    to_read: list[tuple[FoundFile, KnownFile | None]] = field(default_factory=list)
    unchanged: list[KnownFile] = field(default_factory=list)
    refused: list[KnownFile] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    removed: list[KnownFile] = field(default_factory=list)

    def summary(self) -> Planned:
        added = sum(1 for _, known in self.to_read if known is None or known.revision is None)
        return Planned(
            added=added,
            changed=len(self.to_read) - added,
            removed=len(self.removed),
            unchanged=len(self.unchanged),
            bytes=sum(found.size for found, _ in self.to_read),
        )


def conditions(settings: Settings) -> str:
    """What, besides the file, a failure for good hangs on: groundkb's version and its limits. After
    an upgrade, or when a limit was raised, the file is worth another look."""
    return f"{version('groundkb')} {Limits.of(settings)}"


def make_plan(
    library: Library,
    kb: str,
    listings: Sequence[Listing],
    *,
    max_delete_share: float,
    conditions: str,
) -> Plan:
    """Compare what the sources hold with what is known of them, failures under `conditions`.

    Raises SyncRefused when a root has lost everything, or more than `max_delete_share` of its
    documents (1: any removal is allowed): an unmounted disk looks like an emptied folder. A
    page whose server says that it is gone is no such doubt, unless there are many.
    """
    plan = Plan()
    planned: set[str] = set()
    for listing in listings:
        held, known = _known(library, kb, listing)
        found = _compare(plan, planned, listing, known, conditions)
        if not listing.complete:
            continue
        removed = [known[source] for source in held if source not in found]
        removed = [file for file in removed if not _behind(file.source, plan.unreadable)]
        share = len(removed) / len(held) if held else 0.0
        emptied = not found and not listing.gone and max_delete_share < 1
        if removed and (emptied or (len(removed) >= _FEW and share > max_delete_share)):
            raise SyncRefused(removed=len(removed), known=len(held), root=listing.root)
        plan.removed += removed
    return plan


def remember(library: Library, kb: str, listings: Sequence[Listing]) -> None:
    """Keep the states of remote documents for the next look."""
    for listing in listings:
        if listing.members is not None:
            library.remote.replace(kb, listing.root, listing.states)


def _known(
    library: Library, kb: str, listing: Listing
) -> tuple[Sequence[str], Mapping[str, KnownFile]]:
    """The sources that the root held, and all that is known of these and of what it holds now."""
    if listing.members is None:
        known = library.known_files(kb, listing.root)
        return tuple(known), known
    known = library.known_sources(kb, {*listing.members, *(item.source for item in listing.items)})
    elsewhere = library.remote.elsewhere(kb, listing.root)
    return tuple(s for s in listing.members if s in known and s not in elsewhere), known


def _compare(
    plan: Plan,
    planned: set[str],
    listing: Listing,
    known: Mapping[str, KnownFile],
    conditions: str,
) -> set[str]:
    found: set[str] = set()
    for file in listing.items:
        if file.source in planned:
            found.add(file.source)
            continue
        if isinstance(file, Unreadable):
            plan.unreadable.append(file)
            continue
        found.add(file.source)
        planned.add(file.source)
        before = known.get(file.source)
        if before is None:
            plan.to_read.append((file, None))
        elif _failed_the_same(file, before, conditions):
            plan.refused.append(before)
        elif _unchanged(file, before):
            plan.unchanged.append(before)
        else:
            plan.to_read.append((file, before))
    return found


def needs_reading(
    file: FoundFile, known: KnownFile | None, conditions: str, *, edited_in_place: bool = True
) -> bool:
    """Whether a file is new, or may differ from what is known of it.

    A file that is never `edited_in_place`, only replaced, tells of each change by its time.
    """
    return known is None or not (
        _failed_the_same(file, known, conditions) or _unchanged(file, known, edited_in_place)
    )


def _failed_the_same(file: FoundFile, known: KnownFile, conditions: str) -> bool:
    return (
        known.failure is not None
        and bool(known.failure.get("permanent"))
        and known.failure.get("conditions") == conditions
        and (known.failed_size, known.failed_mtime_ns) == (file.size, file.mtime_ns)
    )


def _unchanged(file: FoundFile, known: KnownFile, edited_in_place: bool = True) -> bool:
    return (
        known.revision is not None
        and known.failure is None
        and (known.size, known.mtime_ns) == (file.size, file.mtime_ns)
        and (known.read_at_ns - known.mtime_ns > _TICK_NS or not edited_in_place)
    )


def _behind(source: str, unreadable: list[Unreadable]) -> bool:
    """Whether a source may still be there, since it or a folder above it could not be looked at."""
    return any(source == item.source or source.startswith(item.source + "/") for item in unreadable)


def wall_clock_ns() -> int:
    """Now, in the clock that file times are in."""
    return time.time_ns()
