"""Connections: how many there may be, and how long a request's headers may take.

uvicorn waits for ever for the end of a request's headers, and takes any number of connections:
some thousand half-sent requests held them all. Bodies are `app.api.middleware.limits`' matter.
"""

import asyncio
import ipaddress
from collections import Counter
from typing import Any, Final
from urllib.parse import urlsplit

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from app.settings import Settings

_BUSY: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\n"
    b"Content-Length: 0\r\n\r\n"
)
_LATE: Final = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


def network_of(address: str) -> str:
    """What counts as one caller: an IPv4 address, or the /64 that one household or host has of
    IPv6. Anything else is taken as it is."""
    ip = _ip_of(address)
    if isinstance(ip, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return address if ip is None else str(ip)


def is_in(
    address: str, networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]
) -> bool:
    """Whether an address lies in one of the networks; what is no address lies in none."""
    ip = _ip_of(address)
    return ip is not None and any(ip in network for network in networks)


def _ip_of(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An IPv4 address that is written as one of IPv6 is that one; None for what is no address."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return None
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    return ip


def is_origin_of(origin: str, host: str | None) -> bool:
    """Whether a page of `host` (a `Host` header) sends this `Origin`. One that is no address is none's."""
    try:
        netloc = urlsplit(origin).netloc
    except ValueError:
        return False
    return bool(netloc) and netloc == host


class BoundedProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 with bounds. `bounded` makes one that knows the settings."""

    settings: Settings
    counts: Counter[str]

    _refused = False
    _caller = ""
    _due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # There are no WebSockets here; one that is asked for would leave this protocol, and with it all bounds,
        # and its connection be counted for ever.
        self.ws_protocol_class = None
        # Behind a proxy all callers have its address.
        address = self.client[0] if self.client else ""
        spoken_for = is_loopback(address) or is_in(address, self.settings.trusted_proxies)
        self._caller = "" if spoken_for else network_of(address)
        self.counts[self._caller] += 1
        if self._too_many():
            self._refused = True
            transport.write(_BUSY)
            transport.close()
            return
        self._start_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        self.counts[self._caller] -= 1
        if not self.counts[self._caller]:
            del self.counts[self._caller]
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        super().data_received(data)
        if self.transport.is_closing() or self._answered_early():
            return
        if self.conn.their_state is not h11.IDLE:
            self._stop_waiting()
        elif self._due is None:
            # The first bytes of the next request on a connection that was kept.
            self._start_waiting()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self.transport.is_closing() and self._answered_early():
            # Refused by its headers, say. What still comes is thrown away, but not for ever.
            self._start_waiting()

    def _answered_early(self) -> bool:
        """The answer is out, and the body that nobody wants is still coming in."""
        return (
            self.conn.their_state is h11.SEND_BODY
            and self.cycle is not None
            and self.cycle.response_complete
        )

    def _too_many(self) -> bool:
        if len(self.connections) > self.settings.max_connections:
            return True
        limit = self.settings.max_connections_per_address
        return bool(self._caller) and self.counts[self._caller] > limit

    def _start_waiting(self) -> None:
        self._stop_waiting()
        self._due = self.loop.call_later(self.settings.header_timeout, self._late)

    def _stop_waiting(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _late(self) -> None:
        self._due = None
        if not self.transport.is_closing():
            if self.conn.their_state is h11.IDLE:
                self.transport.write(_LATE)
            self.transport.close()


def bounded(settings: Settings) -> type[asyncio.Protocol]:
    """A protocol class for `uvicorn.Config(http=...)`, with counts of its own."""
    members: dict[str, Any] = {"settings": settings, "counts": Counter()}
    return type("BoundedProtocol", (BoundedProtocol,), members)


def is_loopback(address: str) -> bool:
    """Also what has no address: a Unix socket."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return not address  # a Unix socket
