"""Web pages as a source: a URL, or all that a sitemap lists.

Only these are fetched, no link is followed; so, as for a feed reader, robots.txt (which speaks to
crawlers) is not asked. Requests go out one at a time under groundkb's own name, and say what is
known of a page, so that an unchanged one is not sent again.
"""

import gzip
import io
import time
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

import httpx
import regex
from lxml import etree

from app.errors import (
    AddressRefused,
    DocumentTooLarge,
    FormatUnsupported,
    GroundkbError,
    Phrase,
    SourceUnreachable,
    reason_of,
    too_many_bytes,
)
from app.library.library import KnownFile
from app.settings import Settings
from ingest.parse.formats import SUPPORTED
from ingest.sources.addresses import Resolve, Transport, resolve
from ingest.sources.decoding import decoded
from ingest.sources.found import FoundFile, Listing, Unreadable, stamp
from ingest.stopping import Stopped

SCHEMES = ("http", "https")
_AGENT = "groundkb"
_REDIRECTS = 5
_SITEMAP = regex.compile(r"sitemap[^/]*\.xml(\.gz)?$", regex.IGNORECASE)
_SITEMAP_BYTES = 50_000_000  # the protocol's own limit
_MOST_SITEMAPS = 200
_DEEPEST = 3  # an index of indexes; the protocol allows no nesting at all
_LONGEST_SHOWN = 500
_NEVER_TEXT = ("video/", "audio/", "font/")
_SUFFIXES = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/markdown": ".md",
    "text/csv": ".csv",
    "text/plain": ".txt",
    "application/json": ".json",
    "application/pdf": ".pdf",
}
# A server's clock has whole seconds: a page changed in the second it was read in looks the same.
_MODIFIED_AGE = 2.0


class _Gone(Exception):
    """404 or 410: the server says that there is no such page."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass
class Web:
    """Fetches what the settings allow. `lookup` resolves names to addresses. Once `stop()` is true,
    no further address is asked: Stopped is raised."""

    settings: Settings
    lookup: Resolve = resolve
    stop: Callable[[], bool] = lambda: False

    def look(self, root: str, known: Mapping[str, KnownFile], states: Mapping[str, str]) -> Listing:
        """What there is at a URL or in a sitemap, with what is known from the last look there:
        `states` holds the state of each source then. Errors of pages are in the listing."""
        root = canonical(root)
        members = frozenset(states)
        with self._client() as client:
            look = _Look(self, client, root, known, states)
            if _SITEMAP.search(PurePosixPath(httpx.URL(root).path).name):
                complete = look.sitemap()
            else:
                look.page(root)
                complete = True
        return Listing(
            root, look.items, members, frozenset(look.gone), complete=complete, states=look.states
        )

    @contextmanager
    def _client(self) -> Iterator["_Client"]:
        transport = Transport(self.settings.url_networks, self.settings.url_timeout, self.lookup)
        headers = {"User-Agent": _AGENT, "Accept-Encoding": "gzip, deflate"}
        with httpx.Client(transport=transport, headers=headers, trust_env=False) as client:
            yield _Client(client, transport.backend.begin, self.settings.url_hosts, self.stop)

    def fetch(self, url: str, root: str) -> Iterator[bytes]:
        """The bytes of a page, unpacked. Raises SourceUnreachable, AddressRefused."""
        try:
            with self._client() as client, client.get(url, root, {}) as response:
                yield from decoded(response, url)
        except _Gone as error:
            raise SourceUnreachable(url=url, detail=_status(error.status)) from error


@dataclass
class _Client:
    http: httpx.Client
    begin: Callable[[], None]
    hosts: tuple[str, ...]
    stop: Callable[[], bool]

    @contextmanager
    def get(self, url: str, root: str, headers: Mapping[str, str]) -> Iterator[httpx.Response]:
        """A response with status 200 or 304, its body unread.

        Each address on the way is judged. Raises _Gone, SourceUnreachable, AddressRefused.
        """
        if self.stop():
            raise Stopped
        self.begin()
        place = url
        try:
            for _ in range(_REDIRECTS + 1):
                self._judge(place, root)
                with self.http.stream("GET", place, headers=dict(headers)) as response:
                    if response.is_redirect and response.next_request is not None:
                        place = str(response.next_request.url)
                        continue
                    if response.status_code in (404, 410):
                        raise _Gone(response.status_code)
                    if response.status_code not in (200, 304):
                        raise SourceUnreachable(url=url, detail=_status(response.status_code))
                    yield response
                    return
            detail = Phrase("redirects", limit=_REDIRECTS)
            raise SourceUnreachable(url=url, detail=detail)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise SourceUnreachable(url=url, detail=reason_of(error)) from error

    def _judge(self, url: str, root: str) -> None:
        parsed = httpx.URL(url)
        source = httpx.URL(root)
        allowed = self.hosts or (source.host,)
        if parsed.scheme not in SCHEMES or parsed.userinfo:
            raise AddressRefused(url=url, detail=Phrase("only_http"))
        # Other ports are other programs: an inner service is not to be reached by a redirect.
        ports = {None, 80, 443, source.port}
        if not any(_matches(parsed, pattern, ports) for pattern in allowed):
            hosts = ", ".join(allowed)
            detail = Phrase("host_none_of", hosts=hosts)
            raise AddressRefused(url=url, detail=detail)


@dataclass
class _Look:
    """One look at one root."""

    web: Web
    client: _Client
    root: str
    known: Mapping[str, KnownFile]
    before: Mapping[str, str]
    items: list[FoundFile | Unreadable] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    states: dict[str, str] = field(default_factory=dict)

    def page(self, url: str) -> None:
        """One page: found, gone, or unreadable."""
        before = self.before.get(url, "")
        try:
            with self.client.get(url, self.root, _conditions(before)) as response:
                if response.status_code == 304:
                    found = self._unchanged(url, before)
                else:
                    found = self._new(url, response)
        except _Gone as error:
            if url in self.known:
                self.gone.add(url)
            else:
                self._unreadable(url, SourceUnreachable(url=url, detail=_status(error.status)))
        except GroundkbError as error:
            self._unreadable(url, error)
        else:
            self.items.append(found)

    def sitemap(self) -> bool:
        """All pages that the sitemap lists; false if a part of it could not be read."""
        complete = True
        pages: dict[str, None] = {}
        limit = self.web.settings.url_max_pages
        seen = {self.root}
        todo = [(self.root, 1)]
        while todo:
            url, depth = todo.pop(0)
            try:
                urls, inner = self._sitemap(url)
                if inner and depth >= _DEEPEST:
                    detail = Phrase("sitemap_depth", limit=_DEEPEST)
                    raise SourceUnreachable(url=url, detail=detail)
                fresh = [place for place in dict.fromkeys(inner) if place not in seen]
                if len(seen) + len(fresh) > _MOST_SITEMAPS:
                    detail = Phrase("sitemap_count", limit=_MOST_SITEMAPS)
                    raise SourceUnreachable(url=url, detail=detail)
                seen.update(fresh)
                todo += [(place, depth + 1) for place in fresh]
                pages.update(dict.fromkeys(urls))
                if len(pages) > limit:
                    detail = Phrase("sitemap_pages", limit=limit)
                    raise SourceUnreachable(url=url, detail=detail)
            except (_Gone, GroundkbError) as error:
                named = (
                    error
                    if isinstance(error, GroundkbError)
                    else SourceUnreachable(url=url, detail=_status(error.status))
                )
                self.items.append(Unreadable(url, named))
                complete = False
        for url in list(pages)[:limit]:
            self.page(url)
        if not complete:  # what was not looked at is remembered as it was
            self.states = {**self.before, **self.states}
        return complete

    def _sitemap(self, url: str) -> tuple[list[str], list[str]]:
        """The pages and the further sitemaps that a sitemap lists."""
        with self.client.get(url, self.root, {}) as response:
            data = bytearray()
            for block in decoded(response, url):
                data += block
                _bounded(url, len(data))
        if data.startswith(b"\x1f\x8b"):
            try:
                with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
                    data = bytearray(file.read(_SITEMAP_BYTES + 1))
            except (OSError, EOFError, zlib.error) as error:
                raise SourceUnreachable(url=url, detail=str(error)) from error
            _bounded(url, len(data))
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        try:
            tree = etree.fromstring(bytes(data), parser)
        except etree.XMLSyntaxError as error:
            detail = Phrase("no_sitemap", error=error)
            raise SourceUnreachable(url=url, detail=detail) from error
        found: dict[str, list[str]] = {"url": [], "sitemap": []}
        for entry in tree.iterchildren("{*}url", "{*}sitemap"):
            place = (entry.findtext("{*}loc") or "").strip()
            if place:
                try:
                    joined = canonical(str(httpx.URL(url).join(place)))
                except (httpx.InvalidURL, ValueError) as error:
                    broken = SourceUnreachable(url=place[:_LONGEST_SHOWN], detail=reason_of(error))
                    self.items.append(Unreadable(place[:_LONGEST_SHOWN], broken))
                    continue
                found[etree.QName(entry).localname].append(joined)
        return found["url"], found["sitemap"]

    def _unchanged(self, url: str, state: str) -> FoundFile:
        self.states[url] = state
        before = self.known.get(url)
        size = before.size if before else 0
        return self._found(url, size, stamp(state), "")

    def _new(self, url: str, response: httpx.Response) -> FoundFile:
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind.startswith(_NEVER_TEXT):
            raise FormatUnsupported(path=url, detail=kind, supported=SUPPORTED)
        declared = response.headers.get("content-length", "")
        size = int(declared) if declared.isdecimal() else 0
        if size > self.web.settings.max_file_bytes:
            limit = self.web.settings.max_file_bytes
            raise DocumentTooLarge(path=url, detail=too_many_bytes(limit))
        state = _state(response.headers)
        self.states[url] = state
        # Without a state nothing tells an unchanged page: it is fetched and compared each time.
        return self._found(url, size, stamp(state) if state else time.time_ns(), kind)

    def _found(self, url: str, size: int, number: int, kind: str) -> FoundFile:
        web, root = self.web, self.root
        return FoundFile(
            url, Path(_name(url, kind)), size, number, fetch=lambda: web.fetch(url, root)
        )

    def _unreadable(self, url: str, error: GroundkbError) -> None:
        self.items.append(Unreadable(url, error))
        if url in self.before:
            self.states[url] = self.before[url]


def canonical(url: str) -> str:
    """A URL as it is kept: scheme and host in lower case, without a fragment."""
    try:
        return str(httpx.URL(url).copy_with(fragment=None))
    except httpx.InvalidURL:
        return url


def _matches(url: httpx.URL, pattern: str, ports: Collection[int | None]) -> bool:
    """'*.example.org' stands for every host below example.org, not for itself; 'example.org:8443'
    allows that port besides `ports`."""
    name, colon, port = pattern.lower().rpartition(":")
    if not (colon and port.isdecimal()) or name.endswith(":"):  # no port, or an IPv6 address
        name, port = pattern.lower(), ""
    if (url.port != int(port)) if port else (url.port not in ports):
        return False
    return url.host.endswith(name[1:]) if name.startswith("*.") else url.host == name


def _state(headers: httpx.Headers) -> str:
    if etag := headers.get("etag"):
        return f"etag {etag}"
    modified = headers.get("last-modified", "")
    try:
        now = parsedate_to_datetime(headers.get("date", "")).timestamp()
        old = now - parsedate_to_datetime(modified).timestamp() >= _MODIFIED_AGE
    except ValueError:
        return ""
    return f"modified {modified}" if old else ""


def _conditions(state: str) -> dict[str, str]:
    kind, _, value = state.partition(" ")
    names = {"etag": "If-None-Match", "modified": "If-Modified-Since"}
    return {names[kind]: value} if kind in names else {}


def _name(url: str, kind: str) -> str:
    """A file name for a page: the last part of its path, with an ending that says its format."""
    path = PurePosixPath(unquote(httpx.URL(url).path))
    name = path.name.replace("\0", "") or httpx.URL(url).host
    suffix = _SUFFIXES.get(kind, "")
    if suffix == ".txt" and path.suffix:
        return name  # servers call many things plain text
    return name if not suffix or name.lower().endswith(suffix) else name + suffix


def _bounded(url: str, size: int) -> None:
    if size > _SITEMAP_BYTES:
        detail = Phrase("sitemap_bytes", limit=_SITEMAP_BYTES)
        raise SourceUnreachable(url=url, detail=detail)


def _status(code: int) -> Phrase:
    return Phrase("http_status", status=code)
