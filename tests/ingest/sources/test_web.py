"""Web pages and sitemaps, from a server on loopback, through a whole sync."""

import gzip
import time
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.errors import SyncRefused
from app.library.jobs import NewJob
from app.runtime import Storage, open_storage
from app.settings import Settings
from app.texts import told_of
from ingest.report import SyncReport, SyncRequest
from tests.conftest import BigramEmbedder
from tests.ingest.sources.site import Page, Site, bomb, serve

KB = "default"
LOOPBACK = "127.0.0.0/8"
Report = tuple[int, int, int, int, list[str]]


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as running:
        yield running


@pytest.fixture
def storages(
    make_settings: Callable[..., Settings], fake_embedder: BigramEmbedder
) -> Iterator[Callable[..., Storage]]:
    """Opens the library with settings; one at a time."""
    opened: list[Storage] = []

    def make(**overrides: object) -> Storage:
        while opened:
            opened.pop().close()
        values = {"url_networks": (LOOPBACK,), "url_timeout": 5.0, **overrides}
        opened.append(open_storage(make_settings(**values), fake_embedder))
        return opened[-1]

    yield make
    for storage in opened:
        storage.close()


@pytest.fixture
def storage(storages: Callable[..., Storage]) -> Storage:
    return storages()


def run(storage: Storage, *roots: str, **options: Any) -> SyncReport:
    return storage.sync(SyncRequest(roots, KB, **options), lambda _event: None)


def told(report: SyncReport) -> Report:
    """(added, changed, removed, unchanged, codes of failures)."""
    codes = [failed.code for failed in report.failed]
    return (report.added, report.changed, report.removed, report.unchanged, codes)


def stored(storage: Storage) -> dict[str, str]:
    rows = [row for row in storage.library.documents(KB) if row.revision]
    return {row.source: storage.library.text(KB, row.id) for row in rows}


@pytest.mark.parametrize(
    "headers",
    [{"ETag": '"v1"'}, {"ETag": 'W/"v1"'}, {"Last-Modified": "Mon, 03 Jun 2024 10:00:00 GMT"}],
)
def test_an_unchanged_page_is_not_sent_again(
    storage: Storage, site: Site, headers: dict[str, str], fake_embedder: BigramEmbedder
) -> None:
    url = site.put("/guide", "备份保留三十天。", headers=headers)
    assert told(run(storage, url)) == (1, 0, 0, 0, [])
    assert stored(storage) == {url: "备份保留三十天。"}
    embedded = fake_embedder.embedded
    site.requests.clear()
    assert told(run(storage, url)) == (0, 0, 0, 1, [])
    assert site.asked("/guide") == [304], "one request, no body"
    assert fake_embedder.embedded == embedded


def test_a_changed_page(storage: Storage, site: Site) -> None:
    url = site.put("/guide", "Backups are kept for 30 days.", headers={"ETag": '"v1"'})
    run(storage, url)
    site.put("/guide", "Backups are kept for 90 days.", headers={"ETag": '"v2"'})
    assert told(run(storage, url)) == (0, 1, 0, 0, [])
    assert stored(storage) == {url: "Backups are kept for 90 days."}
    assert told(run(storage, url)) == (0, 0, 0, 1, [])


def test_a_page_without_any_state_is_compared_by_its_bytes(storage: Storage, site: Site) -> None:
    url = site.put("/guide", "No state.")
    run(storage, url)
    assert told(run(storage, url)) == (0, 0, 0, 1, [])
    site.put("/guide", "Another text.")
    assert told(run(storage, url)) == (0, 1, 0, 0, [])


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_is_gone_is_removed(storage: Storage, site: Site, status: int) -> None:
    url = site.put("/guide", "Some text.")
    run(storage, url)
    site.pages["/guide"] = Page(status=status)
    assert told(run(storage, url)) == (0, 0, 1, 0, [])
    assert stored(storage) == {}


def test_a_page_that_never_was(storage: Storage, site: Site) -> None:
    assert told(run(storage, f"{site.url}/nowhere")) == (0, 0, 0, 0, ["source_unreachable"])


@pytest.mark.parametrize("status", [500, 503, 403, 429])
def test_a_server_in_trouble_removes_nothing(storage: Storage, site: Site, status: int) -> None:
    url = site.put("/guide", "Some text.")
    run(storage, url)
    site.pages["/guide"] = Page(status=status)
    assert told(run(storage, url)) == (0, 0, 0, 0, ["source_unreachable"])
    assert stored(storage) == {url: "Some text."}


def test_a_server_that_is_down_removes_nothing(storage: Storage) -> None:
    with serve() as site:
        pages = [f"/{n}" for n in range(4)]
        for page in pages:
            site.put(page, f"Text of {page}.")
        roots = (site.sitemap("/sitemap.xml", pages), site.put("/own", "Own."))
        assert told(run(storage, *roots)) == (5, 0, 0, 0, [])
    report = run(storage, *roots)
    assert told(report) == (0, 0, 0, 0, ["source_unreachable"] * 2)
    assert report.exit_code == 3
    assert len(stored(storage)) == 5


def test_another_source_is_taken_in_although_one_is_down(storage: Storage, site: Site) -> None:
    url = site.put("/guide", "Some text.")
    down = "http://127.0.0.1:9/page"
    assert told(run(storage, down, url)) == (1, 0, 0, 0, ["source_unreachable"])


def test_redirects_within_the_host_are_followed(storage: Storage, site: Site) -> None:
    site.put("/new", "Moved text.")
    site.pages["/old"] = Page(status=301, headers={"Location": "/new"})
    run(storage, f"{site.url}/old")
    assert stored(storage) == {f"{site.url}/old": "Moved text."}


def test_endless_redirects(storage: Storage, site: Site) -> None:
    site.pages["/a"] = Page(status=302, headers={"Location": "/a"})
    assert told(run(storage, f"{site.url}/a"))[4] == ["source_unreachable"]


@pytest.mark.parametrize(
    "target", ["http://10.0.0.1/secret", "http://169.254.169.254/latest", "file:///etc/passwd",
               "http://[::1]/x", "http://user:pw@127.0.0.1/x", "http://2130706433/x"],
)  # fmt: skip
def test_a_redirect_elsewhere_is_refused(storage: Storage, site: Site, target: str) -> None:
    site.pages["/a"] = Page(status=302, headers={"Location": target})
    (failed,) = run(storage, f"{site.url}/a").failed
    assert failed.code in ("address_refused", "source_unreachable")
    assert not failed.permanent
    assert stored(storage) == {}


def test_without_a_setting_private_addresses_are_refused(
    storages: Callable[..., Storage], site: Site
) -> None:
    url = site.put("/guide", "Some text.")
    (failed,) = run(storages(url_networks=()), url).failed
    assert failed.code == "address_refused"
    assert "GROUNDKB_URL_NETWORKS" in told_of(failed.code, failed.params, "en").hint
    assert site.requests == [], "nothing was sent"
    assert told(run(storages(), url)) == (1, 0, 0, 0, [])


def test_a_list_of_hosts_leaves_out_all_others(
    storages: Callable[..., Storage], site: Site
) -> None:
    url = site.put("/guide", "Some text.")
    assert told(run(storages(url_hosts=("docs.example.org",)), url))[4] == ["address_refused"]
    assert site.requests == []
    assert told(run(storages(url_hosts=("docs.example.org", "127.0.0.1")), url))[0] == 1


def test_a_slow_server_is_left(storages: Callable[..., Storage], site: Site) -> None:
    url = site.put("/slow", "x" * 200, pause=0.1, headers={"ETag": '"1"'})
    started = time.monotonic()
    assert told(run(storages(url_timeout=0.5), url))[4] == ["source_unreachable"]
    assert time.monotonic() - started < 5


def test_too_large_and_a_bomb(storages: Callable[..., Storage], site: Site) -> None:
    large = site.put("/large", "x" * 20_000)
    site.pages["/bomb"] = bomb(30)
    site.pages["/lying"] = Page(b"x" * 20_000, headers={"Content-Length": "20000"})
    roots = (large, f"{site.url}/bomb", f"{site.url}/lying")
    report = run(storages(max_file_bytes=10_000), *roots)
    assert told(report)[4] == ["document_too_large"] * 3
    assert (
        "GROUNDKB_MAX_FILE_BYTES"
        in told_of(report.failed[0].code, report.failed[0].params, "en").message
    )


def test_the_content_decides_over_the_content_type(storage: Storage, site: Site) -> None:
    site.pages["/film"] = Page(b"x", kind="video/mp4")
    site.pages["/page"] = Page(b"\x7fELF" + bytes(range(256)) * 20, kind="text/html")
    site.pages["/notes"] = Page("# 标题\n\n**正文**。".encode(), kind="text/markdown")
    site.pages["/t.csv"] = Page(b"a,b\n1,2\n", kind="text/plain")
    roots = tuple(site.url + path for path in site.pages)
    report = run(storage, *roots)
    assert sorted(told(report)[4]) == ["format_unsupported", "format_unsupported"]
    assert sorted(stored(storage).values()) == ["| a | b |\n| 1 | 2 |", "标题\n\n正文。"]


def test_a_sitemap_is_a_folder(storage: Storage, site: Site) -> None:
    pages = [f"/p{n}" for n in range(6)]
    for page in pages:
        site.put(page, f"Text of {page}.", headers={"ETag": f'"{page}"'})
    root = site.sitemap("/sitemap.xml", pages)
    assert told(run(storage, root)) == (6, 0, 0, 0, [])
    assert told(run(storage, root)) == (0, 0, 0, 6, [])
    site.sitemap("/sitemap.xml", pages[:5])
    assert told(run(storage, root)) == (0, 0, 1, 5, [])
    site.sitemap("/sitemap.xml", [])
    with pytest.raises(SyncRefused):
        run(storage, root)
    site.sitemap("/sitemap.xml", pages[:2])
    with pytest.raises(SyncRefused):
        run(storage, root)
    assert len(stored(storage)) == 5
    assert told(run(storage, root, allow_mass_delete=True)) == (0, 0, 3, 2, [])


def test_a_page_that_two_roots_hold_stays_with_one(storage: Storage, site: Site) -> None:
    pages = ["/a", "/b", "/c"]
    for page in pages:
        site.put(page, f"Text of {page}.")
    root, own = site.sitemap("/sitemap.xml", pages), f"{site.url}/a"
    run(storage, root)
    run(storage, own)
    site.sitemap("/sitemap.xml", pages[1:])
    assert told(run(storage, root)) == (0, 0, 0, 2, [])
    assert own in stored(storage)


def test_a_sitemap_index_with_a_cycle(storage: Storage, site: Site) -> None:
    site.put("/a", "Page a.")
    site.put("/b", "Page b.")
    site.sitemap("/sitemap-1.xml", ["/a"], ["/sitemap.xml", "/sitemap-2.xml"])
    site.sitemap("/sitemap-2.xml", ["/b", "/a"])
    root = site.sitemap("/sitemap.xml", [], ["/sitemap-1.xml", "/sitemap-1.xml"])
    assert told(run(storage, root)) == (2, 0, 0, 0, [])
    assert site.asked("/sitemap.xml") == [200]


def test_a_sitemap_that_nests_for_ever(storage: Storage, site: Site) -> None:
    for n in range(20):
        site.put(f"/p{n}", f"Page {n}.")
        site.sitemap(f"/sitemap-{n}.xml", [f"/p{n}"], [f"/sitemap-{n + 1}.xml"])
    report = run(storage, f"{site.url}/sitemap-0.xml")
    assert told(report) == (2, 0, 0, 0, ["source_unreachable"])
    assert "nested" in told_of(report.failed[0].code, report.failed[0].params, "en").message


def test_a_broken_part_of_a_sitemap_removes_nothing(storage: Storage, site: Site) -> None:
    for page in ("/a", "/b"):
        site.put(page, f"Text of {page}.")
    site.sitemap("/sitemap-1.xml", ["/a"])
    site.sitemap("/sitemap-2.xml", ["/b"])
    root = site.sitemap("/sitemap.xml", [], ["/sitemap-1.xml", "/sitemap-2.xml"])
    run(storage, root)
    site.pages["/sitemap-2.xml"] = Page(b"<html>Sorry", kind="text/html")
    assert told(run(storage, root)) == (0, 0, 0, 1, ["source_unreachable"])
    assert len(stored(storage)) == 2
    del site.pages["/sitemap-2.xml"]
    assert told(run(storage, root)) == (0, 0, 0, 1, ["source_unreachable"])
    assert len(stored(storage)) == 2


def test_a_sitemap_lists_only_so_many_pages(storages: Callable[..., Storage], site: Site) -> None:
    pages = [f"/p{n}" for n in range(5)]
    for page in pages:
        site.put(page, f"Text of {page}.")
    report = run(storages(url_max_pages=3), site.sitemap("/sitemap.xml", pages))
    assert told(report) == (3, 0, 0, 0, ["source_unreachable"])
    assert (
        "GROUNDKB_URL_MAX_PAGES"
        in told_of(report.failed[0].code, report.failed[0].params, "en").message
    )


def test_a_dry_run_remembers_nothing(storage: Storage, site: Site) -> None:
    url = site.put("/guide", "Some text.", headers={"ETag": '"v1"'})
    assert run(storage, url, dry_run=True).added == 1
    assert told(run(storage, url)) == (1, 0, 0, 0, [])


def test_a_page_that_is_packed_three_times_is_refused(storage: Storage, site: Site) -> None:
    """268 bytes on the wire were two gigabytes in memory."""
    body = bytes(2_000_000)
    for _ in range(3):
        body = gzip.compress(body)
    site.pages["/a"] = Page(body, headers={"Content-Encoding": "gzip, gzip, gzip"})
    report = run(storage, f"{site.url}/a")
    assert told(report)[4] == ["source_unreachable"]
    for language in ("en", "zh"):
        failed = report.failed[0]
        assert "gzip, gzip, gzip" in told_of(failed.code, failed.params, language).message


def test_pages_in_either_coding(storage: Storage, site: Site) -> None:
    text = b"Kept for thirty days.\n\n" * 5_000
    raw = zlib.compressobj(wbits=-15)
    for name, body, coding in (
        ("/gzip", gzip.compress(text), "gzip"),
        ("/twice", gzip.compress(text) + gzip.compress(b"And then some."), "x-gzip"),
        ("/deflate", zlib.compress(text), "deflate"),
        ("/raw", raw.compress(text) + raw.flush(), "deflate"),
    ):
        site.pages[name] = Page(body, headers={"Content-Encoding": coding}, kind="text/plain")
    roots = [site.url + name for name in site.pages]
    assert told(run(storage, *roots)) == (4, 0, 0, 0, [])
    assert "And then some." in stored(storage)[f"{site.url}/twice"]


def test_a_packed_page_that_is_cut_short(storage: Storage, site: Site) -> None:
    body = gzip.compress(b"<p>Some text.</p>" * 1_000)[:-12]
    site.pages["/a"] = Page(body, headers={"Content-Encoding": "gzip"})
    assert told(run(storage, f"{site.url}/a"))[4] == ["source_unreachable"]


@pytest.mark.parametrize("broken", ["http://[::1", "http://a:b:c/", "http://x:99999999/", "//["])
def test_a_broken_address_in_a_sitemap_costs_that_page_only(
    storage: Storage, site: Site, broken: str
) -> None:
    site.put("/a", "备份保留三十天。")
    root = site.sitemap("/sitemap.xml", ["/a"])
    page = site.pages["/sitemap.xml"]
    page.body = page.body.replace(b"<url>", f"<url><loc>{broken}</loc></url><url>".encode(), 1)
    report = run(storage, root)
    assert told(report)[0] == 1
    assert [failed.code for failed in report.failed] in (
        ["source_unreachable"],
        ["address_refused"],
    )


def test_a_redirect_to_another_port_is_refused(storage: Storage, site: Site) -> None:
    with serve() as inner:
        inner.put("/secret", "Only for this machine.")
        site.pages["/a"] = Page(status=302, headers={"Location": f"{inner.url}/secret"})
        assert told(run(storage, f"{site.url}/a"))[4] == ["address_refused"]
        assert inner.requests == []


def test_a_port_that_the_settings_name(storages: Callable[..., Storage], site: Site) -> None:
    with serve() as inner:
        inner.put("/open", "For everybody.")
        site.pages["/a"] = Page(status=302, headers={"Location": f"{inner.url}/open"})
        hosts = ("127.0.0.1", inner.url.removeprefix("http://"))
        storage = storages(url_hosts=hosts)
        assert told(run(storage, f"{site.url}/a"))[:1] == (1,)


@pytest.mark.quiet
@pytest.mark.parametrize("what", ["page", "sitemap"])
def test_a_cancelled_job_does_not_wait_for_a_server(
    storage: Storage, site: Site, what: str
) -> None:
    url = site.put("/a", "Some text." * 100)
    if what == "sitemap":
        url = site.sitemap("/sitemap.xml", ["/a"])
    site.pages[url.removeprefix(site.url)].pause = 0.2
    job = storage.worker.add(NewJob(KB, "sync", url, {"roots": [url]}))
    deadline = time.monotonic() + 20
    while not site.requests and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.5)
    told_at = time.monotonic()
    storage.library.jobs.cancel(job.id)
    while storage.library.jobs.get(job.id).status == "running" and time.monotonic() < deadline:
        time.sleep(0.02)
    assert storage.library.jobs.get(job.id).status == "cancelled"
    assert time.monotonic() - told_at < 2


def test_a_packed_sitemap_that_is_damaged_removes_nothing(storage: Storage, site: Site) -> None:
    own = site.put("/own", "Own.")
    site.put("/a", "Text of a.")
    root = site.sitemap("/sitemap.xml.gz", ["/a"])
    plain = site.pages["/sitemap.xml.gz"].body
    site.pages["/sitemap.xml.gz"].body = gzip.compress(plain)
    run(storage, root, own)
    packed = bytearray(gzip.compress(plain))
    packed[10:20] = b"\xff" * 10
    site.pages["/sitemap.xml.gz"].body = bytes(packed)
    assert told(run(storage, root, own)) == (0, 0, 0, 1, ["source_unreachable"])
    assert len(stored(storage)) == 2
