"""A web server on loopback whose pages a test sets."""

import gzip
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Page:
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    kind: str = "text/html; charset=utf-8"
    pause: float = 0.0  # seconds between two bytes


@dataclass
class Site:
    """`requests` are (path, If-None-Match or If-Modified-Since, status) in order."""

    url: str
    pages: dict[str, Page] = field(default_factory=dict)
    requests: list[tuple[str, str, int]] = field(default_factory=list)

    def put(self, path: str, text: str, **options: object) -> str:
        body = f"<html><body><main><p>{text}</p></main></body></html>".encode()
        self.pages[path] = Page(body, **options)  # type: ignore[arg-type]
        return self.url + path

    def sitemap(self, path: str, pages: list[str], inner: list[str] | None = None) -> str:
        entries = "".join(f"<url><loc>{self.url}{page}</loc></url>" for page in pages)
        entries += "".join(
            f"<sitemap><loc>{self.url}{page}</loc></sitemap>" for page in inner or ()
        )
        name = "sitemapindex" if inner else "urlset"
        text = f'<{name} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</{name}>'
        self.pages[path] = Page(text.encode(), kind="application/xml")
        return self.url + path

    def asked(self, path: str) -> list[int]:
        return [status for place, _, status in self.requests if place == path]


@contextmanager
def serve() -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            page = site.pages.get(self.path, Page(status=404))
            condition = self.headers.get("If-None-Match") or self.headers.get("If-Modified-Since")
            status = page.status
            if condition and condition in page.headers.values():
                status = 304
            site.requests.append((self.path, condition or "", status))
            self.send_response(status)
            for name, value in page.headers.items():
                self.send_header(name, value)
            body = b"" if status == 304 else page.body
            self.send_header("Content-Type", page.kind)
            if "Content-Length" not in page.headers:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            try:
                if page.pause:
                    for byte in body:
                        self.wfile.write(bytes([byte]))
                        time.sleep(page.pause)
                else:
                    self.wfile.write(body)
            except OSError:
                self.close_connection = True  # the client has had enough

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    site = Site(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def bomb(megabytes: int) -> Page:
    """A page that unpacks to so many megabytes."""
    packed = gzip.compress(bytes(1_000_000) * megabytes)
    return Page(packed, headers={"Content-Encoding": "gzip"})
