"""One look at every root of a sync, whatever kind of source it is."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from urllib.parse import unquote, urlsplit

from app.errors import AddressInvalid, Phrase, SourceMissing, SourceUnknown, SourceUnreadable
from app.library.enclosed import encloser
from app.library.library import Library
from app.settings import Settings, at_home
from ingest.sources import cloud, web
from ingest.sources.archives import Archives
from ingest.sources.found import Item, Listing, Unreadable
from ingest.sources.local import Pattern, parse_root, scan
from ingest.sources.uris import path_of, source_uri
from ingest.sources.web import Web, canonical
from ingest.stopping import unless_stopped


def look_at(
    settings: Settings,
    library: Library,
    kb: str,
    roots: Sequence[str],
    stop: Callable[[], bool] = lambda: False,
) -> list[Listing]:
    """What is there now. Roots are paths or patterns of them, http(s) URLs, sitemaps, or addresses
    of stores.

    Raises what `check_addresses` does, SourceMissing and SourceUnreadable when none of the paths is there, or may be
    looked at, and nothing else is asked for, and Stopped once `stop()` is true. A path that is not there beside others
    that are, and what goes wrong with a remote source, is in its listing.
    """
    check_addresses(*roots)
    named: dict[str, None] = {}
    missing: list[tuple[str, SourceMissing | SourceUnreadable]] = []
    for root in roots:
        try:
            named[_named(root)] = None
        except (SourceMissing, SourceUnreadable) as error:
            missing.append((source_uri(at_home(root).absolute()), error))
    if missing and not named:
        raise missing[0][1]
    absent = [
        Listing(source, [Unreadable(source, error)], complete=False) for source, error in missing
    ]
    if not any("://" in root for root in named):
        return [_look(settings, library, kb, root, stop) for root in named] + absent
    # A server may keep us waiting.
    return [
        unless_stopped(partial(_look, settings, library, kb, root, stop), stop) for root in named
    ] + absent


def emptied(library: Library, kb: str, roots: Sequence[str]) -> list[Listing]:
    """As if each root had been looked at and nothing were there; it need not be there itself.

    Raises what `check_addresses` does, and SourceUnknown for one of which nothing is known.
    """
    check_addresses(*roots)
    listings = [_emptied(library, kb, root) for root in roots]
    for root, listing in zip(roots, listings, strict=True):
        held = listing.members
        if not (library.known_files(kb, listing.root) if held is None else held):
            raise SourceUnknown(path=root, kb=kb)
    return listings


def _emptied(library: Library, kb: str, root: str) -> Listing:
    scheme, separator, _ = root.partition("://")
    if separator and scheme.lower() in web.SCHEMES:
        address = canonical(root)
        return Listing(address, [], members=frozenset(library.remote.under(kb, address)))
    if separator:
        return Listing(root.rstrip("/"), [])
    try:
        place = parse_root(root)
    except (SourceMissing, SourceUnreadable):
        return Listing(source_uri(at_home(root).resolve()), [])
    if isinstance(place, Pattern):
        return _fitting(library, kb, place, [])
    return Listing(source_uri(place), [])


def address_of(root: str) -> str:
    """The address under which documents of a root lie, whether or not anything is there. Of a path
    that is one, symlinks are resolved, as a sync does.

    Raises AddressInvalid for an address of an unknown kind or with a password in it, and for a
    pattern of files.
    """
    scheme, separator, _ = root.partition("://")
    if not separator:
        path = at_home(root)
        if isinstance(_place(root), Pattern):
            raise AddressInvalid(address=root, detail=Phrase("address_is_pattern"))
        return source_uri(path.resolve())
    if scheme == "file" and encloser(root) is None:
        # Spelt as a document's address is, whoever wrote it.
        return source_uri(Path(unquote(urlsplit(root).path)))
    if scheme in ("file", "upload"):
        return root
    check_addresses(root)
    return canonical(root) if scheme.lower() in web.SCHEMES else root.rstrip("/")


def _place(root: str) -> Path | Pattern | None:
    try:
        return parse_root(root)
    except (SourceMissing, SourceUnreadable):
        return None


def check(root: str) -> None:
    """Refuse what can be no source: raises what `check_addresses` does, SourceMissing for a
    path that is not there, and SourceUnreadable for one that may not be looked at."""
    check_addresses(root)
    if "://" not in root:
        parse_root(root)


def check_addresses(*roots: str) -> None:
    """To be asked before an address is kept or shown anywhere; paths are not looked at.

    Raises AddressInvalid for an address of an unknown kind or with a password in it, which the
    error does not repeat.
    """
    for root in roots:
        if "://" in root:
            _check_address(root)


def _check_address(root: str) -> None:
    scheme, _, rest = root.partition("://")
    fetched = scheme.lower() in web.SCHEMES
    user, at, host = rest.partition("/")[0].rpartition("@")
    if at and (fetched or ":" in user):
        shown = f"{scheme}://…@{host}"
        detail = Phrase("address_with_password")
        raise AddressInvalid(address=shown, detail=detail)
    if not fetched and scheme not in cloud.SCHEMES:
        detail = Phrase("address_unknown_kind")
        raise AddressInvalid(address=root, detail=detail)


def _named(root: str) -> str:
    """One spelling for a root, so that none is looked at twice."""
    scheme, separator, _ = root.partition("://")
    if not separator:
        place = parse_root(root)
        return str(place.path if isinstance(place, Pattern) else place)
    return canonical(root) if scheme.lower() in web.SCHEMES else root


def _look(
    settings: Settings, library: Library, kb: str, root: str, stop: Callable[[], bool]
) -> Listing:
    scheme, separator, _ = root.partition("://")
    if not separator:
        place, archives = parse_root(root), Archives.of(settings)
        if isinstance(place, Pattern):
            return _fitting(library, kb, place, list(place.scan(archives)))
        return Listing(source_uri(place), list(scan(place, archives)))
    if scheme in web.SCHEMES:
        states = library.remote.under(kb, root)
        known = library.known_sources(kb, [*states, root])
        return Web(settings, stop=stop).look(root, known, states)
    return cloud.look(root)


def _fitting(library: Library, kb: str, pattern: Pattern, items: Sequence[Item]) -> Listing:
    known = library.known_files(kb, source_uri(pattern.folder))
    members = frozenset(source for source in known if pattern.fits(path_of(source)))
    return Listing(source_uri(pattern.path), items, members=members)
