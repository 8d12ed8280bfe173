"""Which machines may be spoken to: names are resolved once, judged, and that address is used.

A page or a redirect could otherwise have groundkb fetch what only this machine may see (server-
side request forgery), also by a name that resolves to a public address when it is judged and to
a private one when it is connected to (DNS rebinding).
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import httpcore
import httpx

from app.errors import AddressRefused, Phrase

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str, int], Sequence[str]]

# What `ipaddress` of some Python calls global, and is none that a web page is at. IPv6 addresses that
# carry an IPv4 address to a gateway (NAT64 of both kinds, Teredo, 6to4, IPv4-compatible) may lead
# to any machine behind it; site-local ones are private networks of before 2004. The single IPv4
# addresses are where clouds answer their machines with credentials.
_NEVER = tuple(
    map(
        ipaddress.ip_network,
        (
            *("::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/23", "2002::/16", "fec0::/10"),
            *("100::/64", "2001:db8::/32", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10"),
            *("0.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24"),
            *(
                "192.88.99.0/24",
                "198.18.0.0/15",
                "198.51.100.0/24",
                "203.0.113.0/24",
                "240.0.0.0/4",
            ),
            *("168.63.129.16/32", "100.100.100.200/32"),
        ),
    )
)


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, in the order of the system. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(item[4][0]) for item in found))


def may_reach(address: str, networks: Iterable[Network]) -> bool:
    """Whether an address is public, or lies in one of the `networks` that are allowed besides."""
    ip: Address = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    if any(ip in network for network in networks):
        return True
    never = any(ip in network for network in _NEVER)
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or never)


class Transport(httpx.HTTPTransport):
    """httpx's own, with connections that go through `_Backend`; proxies of the environment are
    not used, since they would resolve names by themselves."""

    def __init__(self, networks: Sequence[Network], seconds: float, lookup: Resolve) -> None:
        super().__init__(trust_env=False)
        self._pool.close()
        self.backend = _Backend(networks, seconds, lookup)
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl_context(), network_backend=self.backend, max_connections=4
        )


def ssl_context() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


class _Backend(httpcore.NetworkBackend):
    """Connects to judged addresses, and bounds all reading and writing by one end in time."""

    def __init__(self, networks: Sequence[Network], seconds: float, lookup: Resolve) -> None:
        self._networks = networks
        self._seconds = seconds
        self._lookup = lookup
        self._inner = httpcore.SyncBackend()
        self._ends = 0.0

    def begin(self) -> None:
        """The time for one document begins."""
        self._ends = time.monotonic() + self._seconds

    def left(self) -> float:
        """Seconds left, for one operation. Raises ReadTimeout."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout(f"took more than {self._seconds:g} seconds")
        return left

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002  (one end in time bounds everything)
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            addresses = self._lookup(host, port)
        except OSError as error:
            raise httpcore.ConnectError(f"{host}: {error.strerror or error}") from error
        allowed = [address for address in addresses if may_reach(address, self._networks)]
        if not allowed:
            named = ", ".join(addresses) or Phrase("no_address")
            detail = Phrase("address_not_public", addresses=named)
            raise AddressRefused(url=host, detail=detail)
        failure: Exception | None = None
        for address in allowed:
            try:
                inner = self._inner.connect_tcp(
                    address, port, self.left(), local_address, socket_options
                )
                return _Stream(inner, self)
            except httpcore.ConnectError as error:
                failure = error
        raise failure or httpcore.ConnectError(host)


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, backend: _Backend) -> None:
        self._inner = inner
        self._backend = backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self._inner.read(max_bytes, self._backend.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._inner.write(buffer, self._backend.left())

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, self._backend.left())
        return _Stream(inner, self._backend)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
