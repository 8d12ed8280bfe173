"""One look at every root of a sync, whatever kind of source it is."""

from collections.abc import Sequence

from app.errors import SourceMissing
from app.library.library import Library
from app.settings import Settings
from ingest.sources import cloud
from ingest.sources.found import Listing
from ingest.sources.local import Pattern, parse_root, path_of, scan, source_uri
from ingest.sources.web import Web, canonical


def look_at(settings: Settings, library: Library, kb: str, roots: Sequence[str]) -> list[Listing]:
    """What is there now. Roots are paths or patterns of them, http(s) URLs, sitemaps, or addresses of stores.

    Raises SourceMissing for a path that is not there and an address of an unknown kind; what
    else goes wrong with a remote source is in its listing.
    """
    return [_look(settings, library, kb, root) for root in dict.fromkeys(map(_named, roots))]


def _named(root: str) -> str:
    """One spelling for a root, so that none is looked at twice."""
    scheme, separator, _ = root.partition("://")
    if not separator:
        place = parse_root(root)
        return str(place.path if isinstance(place, Pattern) else place)
    return canonical(root) if scheme.lower() in ("http", "https") else root


def _look(settings: Settings, library: Library, kb: str, root: str) -> Listing:
    scheme, separator, _ = root.partition("://")
    if not separator:
        place = parse_root(root)
        if isinstance(place, Pattern):
            return _fitting(library, kb, place)
        return Listing(source_uri(place), list(scan(place)))
    if scheme in ("http", "https"):
        states = library.remote.under(kb, root)
        known = library.known_sources(kb, [*states, root])
        return Web(settings).look(root, known, states)
    if scheme in cloud.SCHEMES:
        return cloud.look(root)
    raise SourceMissing(path=root)


def _fitting(library: Library, kb: str, pattern: Pattern) -> Listing:
    known = library.known_files(kb, source_uri(pattern.folder))
    members = frozenset(source for source in known if pattern.fits(path_of(source)))
    return Listing(source_uri(pattern.path), list(pattern.scan()), members=members)
