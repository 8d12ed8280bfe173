"""Which addresses may be reached, and that no name can be swapped under the judge."""

from collections.abc import Callable, Iterator
from ipaddress import ip_network

import httpx
import pytest

from app.errors import AddressRefused
from ingest.sources.addresses import Transport, may_reach
from tests.ingest.sources.site import Site, serve

REFUSED = (
    "127.0.0.1 0.0.0.0 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 192.0.2.1 224.0.0.1"
    " 255.255.255.255 ::1 :: fe80::1 fe80::1%eth0 fc00::1 ff02::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1"
    " 64:ff9b::7f00:1 2002:7f00:1::1 2001:0:7f00:1::1 2001:db8::1"
    " fec0::1 feff::1 64:ff9b::1.2.3.4 64:ff9b:1::a00:1 ::8.8.8.8 ::127.0.0.1 ::ffff:169.254.169.254"
    " 168.63.129.16 100.100.100.200 fd00:ec2::254 192.0.0.192 198.18.0.1 240.0.0.1 192.88.99.1"
    " 2001:10::1 2001:20::1 100::1 3fff::1 5f00::1 ff0e::1 2002:5db8:d822::1"
).split()


@pytest.mark.parametrize("address", REFUSED)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not may_reach(address, ())


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:8.8.8.8"])
def test_public_addresses(address: str) -> None:
    assert may_reach(address, ())


def test_networks_that_are_allowed_besides() -> None:
    networks = [ip_network("10.1.0.0/16"), ip_network("::1/128")]
    assert may_reach("10.1.2.3", networks)
    assert may_reach("::ffff:10.1.2.3", networks)
    assert may_reach("::1", networks)
    assert not may_reach("10.2.0.1", networks)


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as running:
        yield running


def client(lookup: Callable[[str, int], list[str]], *networks: str) -> httpx.Client:
    transport = Transport([ip_network(n) for n in networks], 5.0, lookup)
    transport.backend.begin()
    return httpx.Client(transport=transport, trust_env=False)


def test_a_name_is_resolved_once_and_that_address_is_connected_to(site: Site) -> None:
    """A second answer, private now, would be the attack: there is no second question."""
    site.put("/page", "Text.")
    port = int(site.url.rpartition(":")[2])
    asked = []

    def lookup(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    with client(lookup, "127.0.0.0/8") as http:
        response = http.get(f"http://docs.example.org:{port}/page")
    assert response.status_code == 200
    assert asked == ["docs.example.org"]


def test_a_name_with_a_private_address_is_not_connected_to(site: Site) -> None:
    port = int(site.url.rpartition(":")[2])
    with client(lambda _host, _port: ["127.0.0.1"]) as http, pytest.raises(AddressRefused):
        http.get(f"http://docs.example.org:{port}/page")
    assert site.requests == []


def test_of_several_addresses_the_allowed_one_is_taken(site: Site) -> None:
    site.put("/page", "Text.")
    port = int(site.url.rpartition(":")[2])
    with client(lambda _host, _port: ["10.0.0.1", "127.0.0.1"], "127.0.0.0/8") as http:
        assert http.get(f"http://docs.example.org:{port}/page").status_code == 200
