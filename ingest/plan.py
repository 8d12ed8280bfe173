"""The difference between the sources and the library."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from typing import Literal

from app.errors import SyncRefused
from app.library.enclosed import encloser, outermost
from app.library.library import KnownFile, Library
from app.settings import Settings
from ingest.moves import Contents, match_moves
from ingest.parse import Limits
from ingest.report import Planned, Tie
from ingest.sources.found import FoundFile, Listing, PassedOver, Unreadable, document_id_of

# A file changed this shortly before it was read may have changed again within the same
# tick of a coarse file system clock without its size or time telling (FAT has 2 s).
_TICK_NS = 2_000_000_000
# Below this many removals the share says little: one of three documents is 33%.
_FEW = 3


@dataclass
class Plan:
    """What a sync has to do. `to_read` has what is known of each file; of one that moved, under the
    address it had. `refused` are known failures of files that have not changed since. `forgotten`
    are failures of what is passed over now; `failed_roots` could not be looked at."""

    to_read: list[tuple[FoundFile, KnownFile | None]] = field(default_factory=list)
    unchanged: list[KnownFile] = field(default_factory=list)
    refused: list[KnownFile] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    removed: list[KnownFile] = field(default_factory=list)
    passed_over: list[PassedOver] = field(default_factory=list)
    forgotten: list[KnownFile] = field(default_factory=list)
    ties: list[Tie] = field(default_factory=list)
    failed_roots: list[str] = field(default_factory=list)

    def sources(self, kind: Literal["added", "changed", "moved"]) -> list[str]:
        """Where the files to read are that would be `kind`."""
        return [file.source for file, known in self.to_read if _kind(file, known) == kind]

    def summary(self) -> Planned:
        return Planned(
            added=len(self.sources("added")),
            changed=len(self.sources("changed")),
            moved=len(self.sources("moved")),
            removed=len(self.removed),
            unchanged=len(self.unchanged),
            bytes=sum(found.size for found, _ in self.to_read),
        )


def _kind(file: FoundFile, known: KnownFile | None) -> Literal["added", "changed", "moved"]:
    if known is None:
        return "added"
    if known.source != file.source:
        return "moved"
    return "added" if known.revision is None else "changed"


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
    contents: Contents,
) -> Plan:
    """Compare what the sources hold with what is known of them, failures under `conditions`.

    Raises SyncRefused when a root has lost everything, or more than `max_delete_share` of its
    documents (1: any removal is allowed): an unmounted disk looks like an emptied folder. A
    page whose server says that it is gone is no such doubt, unless there are many; nor is a file
    that only moved.
    """
    plan = Plan()
    planned: set[str] = set()
    looks: list[_Look] = []
    enclosed: dict[str, KnownFile] = {}
    for listing in listings:
        held, known = _known(library, kb, listing)
        found = _compare(plan, planned, listing, known, conditions, contents)
        enclosed |= {source: file for source, file in known.items() if encloser(source)}
        if (failed := listing.failed) is not None:
            plan.failed_roots.append(failed.source)
        if listing.complete:
            gone = [known[source] for source in held if source not in found]
            looks.append(_Look(listing, len(held), found, gone))
    # What is enclosed in a file goes the way of the file.
    as_before = {file.source for file in plan.unchanged}
    plan.unchanged += [file for file in enclosed.values() if outermost(file.source) in as_before]
    unopened: list[Unreadable | PassedOver] = [
        *plan.unreadable,
        *filter(_may_hold_documents, plan.passed_over),
    ]
    for look in looks:
        look.gone = [file for file in look.gone if not _behind(file.source, unopened)]
    moved = _find_moves(plan, [file for look in looks for file in look.gone], contents)
    for look in looks:
        removed = [file for file in look.gone if file.source not in moved]
        share = len(removed) / look.held if look.held else 0.0
        emptied = not look.found and not look.listing.gone and max_delete_share < 1
        if removed and (emptied or (len(removed) >= _FEW and share > max_delete_share)):
            raise SyncRefused(removed=len(removed), known=look.held, root=look.listing.root)
        # Of nested roots, both miss it.
        plan.removed += [file for file in removed if file not in plan.removed]
    without = {file.source for file in plan.removed}
    plan.removed += [file for file in enclosed.values() if outermost(file.source) in without]
    _identify(plan, library, kb)
    return plan


@dataclass
class _Look:
    """What one root held before and holds now."""

    listing: Listing
    held: int
    found: set[str]
    gone: list[KnownFile]


def _find_moves(plan: Plan, gone: Sequence[KnownFile], contents: Contents) -> set[str]:
    """Give new files the documents that they are; returns the addresses that these had."""
    new = [file for file, known in plan.to_read if known is None]
    pairs, plan.ties = match_moves({file.source: file for file in gone}.values(), new, contents)
    known_as = {file.source: known for file, known in pairs}
    plan.to_read = [(file, known or known_as.get(file.source)) for file, known in plan.to_read]
    return {known.source for _, known in pairs}


def _identify(plan: Plan, library: Library, kb: str) -> None:
    """See that a new document gets an id that no other has: the id of its address may be that of
    one which was there and moved away. One that comes back to where it was deleted is that one."""
    ids = {file.source: document_id_of(file.source) for file, known in plan.to_read if not known}
    deleted = {source: document_id for document_id, source in library.deleted(kb).items()}
    in_use = library.ids_in_use(kb, ids.values())
    chosen: dict[str, str] = {}
    for source, usual in ids.items():
        number, candidate = 0, deleted.get(source, usual)
        while in_use.get(candidate, source) != source:
            number += 1
            candidate = document_id_of(f"{source}#{number}")  # no address of a file has a plain #
            in_use |= library.ids_in_use(kb, [candidate])
        if candidate != usual:
            chosen[source] = candidate
    plan.to_read = [
        (replace(file, document_id=chosen.get(file.source)), known) for file, known in plan.to_read
    ]


def remember(library: Library, kb: str, listings: Sequence[Listing]) -> None:
    """Keep the states of remote documents for the next look."""
    for listing in listings:
        if listing.members is not None:
            library.remote.replace(kb, listing.root, listing.states)


def _known(
    library: Library, kb: str, listing: Listing
) -> tuple[Sequence[str], Mapping[str, KnownFile]]:
    """The files that the root held, and all that is known of these and of what it holds now."""
    if listing.members is None:
        known = library.known_files(kb, listing.root)
        return tuple(source for source in known if not encloser(source)), known
    known = library.known_sources(kb, {*listing.members, *(item.source for item in listing.items)})
    elsewhere = library.remote.elsewhere(kb, listing.root)
    held = (s for s in listing.members if s in known and s not in elsewhere)
    return tuple(s for s in held if not encloser(s)), known


def _compare(
    plan: Plan,
    planned: set[str],
    listing: Listing,
    known: Mapping[str, KnownFile],
    conditions: str,
    contents: Contents,
) -> set[str]:
    found: set[str] = set()
    for file in listing.items:
        if file.source in planned:
            found.add(file.source)
            continue
        if isinstance(file, Unreadable):
            plan.unreadable.append(file)
            continue
        before = known.get(file.source)
        if (passed := _passed_over(file, before, contents)) is not None:
            planned.add(file.source)
            plan.passed_over.append(passed)
            if before is not None and before.revision is None:
                found.add(file.source)
                plan.forgotten.append(before)
            continue
        assert isinstance(file, FoundFile)  # noqa: S101  what is passed over has been
        found.add(file.source)
        planned.add(file.source)
        if before is None:
            plan.to_read.append((file, None))
        elif _failed_the_same(file, before, conditions):
            plan.refused.append(before)
        elif _unchanged(file, before):
            plan.unchanged.append(before)
        else:
            plan.to_read.append((file, before))
    return found


def _passed_over(
    file: FoundFile | PassedOver, before: KnownFile | None, contents: Contents
) -> PassedOver | None:
    """Why what is there is no document, by its name or by what it holds. What was read once is
    not asked again: should it have become unreadable, that is a failure."""
    if isinstance(file, PassedOver):
        return file
    if file.fetch is not None or (before is not None and before.revision is not None):
        return None
    reason = contents.reason(file)
    return None if reason is None else PassedOver(file.source, reason)


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


def told_by_bytes(plan: Plan, contents: Contents) -> Plan:
    """The plan without files that would be read again only since they were written just before they
    were read, and whose bytes are the same: what a sync finds out by itself, and a dry run has to say."""
    looked_at = [
        (file, known, known is not None and _same_bytes(file, known, contents))
        for file, known in plan.to_read
    ]
    same = [known for _, known, is_same in looked_at if is_same and known is not None]
    to_read = [(file, known) for file, known, is_same in looked_at if not is_same]
    return replace(plan, to_read=to_read, unchanged=[*plan.unchanged, *same])


def _same_bytes(file: FoundFile, known: KnownFile, contents: Contents) -> bool:
    return (
        file.fetch is None
        and known.source == file.source
        and _unchanged(file, known, edited_in_place=False)
        and contents.digest(file) == known.revision
    )


def _may_hold_documents(item: PassedOver) -> bool:
    """Whether it is an archive that was to be opened and could not be."""
    return item.reason.startswith("archive_")


def _behind(source: str, unreadable: Sequence[Unreadable | PassedOver]) -> bool:
    """Whether a source may still be there, since it or a folder above it could not be looked at."""
    return any(source == item.source or source.startswith(item.source + "/") for item in unreadable)


def wall_clock_ns() -> int:
    """Now, in the clock that file times are in."""
    return time.time_ns()
