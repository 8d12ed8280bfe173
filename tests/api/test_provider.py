"""Signing in by an OpenID Connect provider, and by a proxy that says who it is."""

import logging
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import structlog
from fastapi import FastAPI

from app.api.app import create_app
from app.api.auth import SESSION_COOKIE
from app.errors import SettingsInvalid
from app.library.people import SCOPES
from app.runtime import Runtime
from app.settings import Settings, load_settings
from tests.api.conftest import client_of
from tests.api.oidc_server import BACK, CLIENT, SECRET
from tests.api.test_people import bearer
from tests.api.test_sign_in import HERE

HTML = {"Accept": "text/html"}
Make = Callable[..., FastAPI]


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A provider that runs."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    said = tmp_path_factory.mktemp("provider") / "log"
    with said.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.api.oidc_server", str(port)],
            cwd=Path(__file__).parents[2],
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ},
        )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                httpx.get(f"{url}/.well-known/openid-configuration").raise_for_status()
                break
            except httpx.HTTPError:
                assert process.poll() is None, said.read_text()
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def settled(issuer: str) -> dict[str, object]:
    return {
        "accounts": True,
        "oidc_issuer": issuer,
        "oidc_client_id": CLIENT,
        "oidc_client_secret": SECRET,
        "oidc_groups_claim": "groups",
        "oidc_name": "Example & Co",
    }


def says(issuer: str, subject: str, **claims: object) -> None:
    """What the provider says of somebody from now on."""
    httpx.put(f"{issuer}/users/{subject}", json=claims).raise_for_status()


async def set_out(client: httpx.AsyncClient) -> str:
    """Where the browser is sent."""
    leaving = await client.get("/sign-in/provider", headers=HTML)
    assert leaving.status_code == 303, leaving.text
    return leaving.headers["location"]


def agree(address: str, subject: str) -> str:
    """Sign in at the provider; where it sends the browser back to, without the host."""
    back = httpx.post(address, data={"sub": subject}).headers["location"]
    parts = urlsplit(back)
    return f"{parts.path}?{parts.query}"


async def come_in(client: httpx.AsyncClient, subject: str) -> httpx.Response:
    return await client.get(agree(await set_out(client), subject), headers=HTML)


async def test_somebody_signs_in_by_the_provider(
    scripted: Make, settled: dict[str, object], issuer: str, runtime: Runtime
) -> None:
    says(issuer, "s-1", preferred_username="Li Lei", groups=["finance", "board"])
    lines: list[str] = []

    class Keeping(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    handler, root = Keeping(), logging.getLogger()
    root.addHandler(handler)
    with structlog.testing.capture_logs() as ours:
        async with client_of(scripted(**settled, audit_days=9)) as client:
            page = await client.get("/sign-in", headers={**HTML, "Accept-Language": "en"})
            assert 'href="/sign-in/provider">Sign in with Example &amp; Co</a>' in page.text
            address = await set_out(client)
            asked = parse_qs(urlsplit(address).query)
            assert asked["code_challenge_method"] == ["S256"]
            assert {"state", "nonce", "code_challenge"} <= set(asked)
            assert asked["redirect_uri"] == [BACK[0]]
            back = agree(address, "s-1")
            entered = await client.get(back, headers=HTML)
            assert (entered.status_code, entered.headers["location"]) == (303, "/")
            me = (await client.get("/me")).json()
            assert (me["name"], me["role"], me["groups"]) == (
                "Li Lei",
                "reader",
                ["board", "finance"],
            )
            assert (me["signed_in"], me["has_password"]) == ("here", False)
            # A code and a state open once; and nothing in another browser.
            client.cookies.clear()
            again = await client.get(back, headers=HTML)
            assert (again.status_code, SESSION_COOKIE in client.cookies) == (401, False)
    root.removeHandler(handler)
    assert [row.action for row in runtime.library.audit.find()] == ["sign_in_failed", "signed_in"]
    everything = f"{lines}{ours}{address}{back}{entered.headers}"
    assert SECRET not in everything
    assert "verifier" not in everything


async def test_he_is_the_same_whatever_he_is_called_and_his_groups_are_the_providers(
    scripted: Make, settled: dict[str, object], issuer: str, runtime: Runtime
) -> None:
    runtime.library.people.add("Ann", "admin")
    says(issuer, "s-2", preferred_username="Ann", groups=["board"])
    async with client_of(scripted(**settled, admin_group="admins")) as client:
        await come_in(client, "s-2")
        first = (await client.get("/me")).json()
        # A name that the provider's people can choose gives nobody another's account.
        assert (first["name"], first["role"]) == ("Ann (2)", "reader")
        says(issuer, "s-2", preferred_username="Ann Smith", groups=["admins"])
        await come_in(client, "s-2")
        second = (await client.get("/me")).json()
        assert (second["name"], second["role"], second["groups"]) == (
            "Ann (2)",
            "admin",
            ["admins"],
        )
        says(issuer, "s-2", preferred_username="Ann Smith")
        await come_in(client, "s-2")
        third = (await client.get("/me")).json()
        assert (third["role"], third["groups"]) == ("reader", [])
        runtime.library.people.change("Ann (2)", enabled=False)
        refused = await come_in(client, "s-2")
        assert refused.status_code == 401
    people = {person.name: person for person in runtime.library.people.all()}
    assert people["Ann"].provider == ""
    assert people["Ann (2)"].provider == issuer


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another sign-in's"},
        {"aud": "another client"},
        {"iss": "https://evil.example"},
        {"exp": 1},
    ],
    ids=str,
)
async def test_a_proof_that_is_not_for_this_sign_in_opens_nothing(
    scripted: Make, settled: dict[str, object], issuer: str, claims: dict[str, object]
) -> None:
    says(issuer, "s-3", **claims)
    async with client_of(scripted(**settled)) as client:
        refused = await come_in(client, "s-3")
        assert (refused.status_code, SESSION_COOKIE in client.cookies) == (401, False)
        assert (await client.get("/me")).status_code == 401


async def test_another_sites_sign_in_is_not_finished_here(
    scripted: Make, settled: dict[str, object], issuer: str
) -> None:
    """Login CSRF: a victim is sent to the end of a sign-in that an attacker began."""
    app = scripted(**settled)
    async with client_of(app) as attacker, client_of(app) as victim:
        theirs = agree(await set_out(attacker), "s-4")
        # In a browser that began nothing; in one that began another; and with its own state.
        assert (await victim.get(theirs, headers=HTML)).status_code == 401
        own = parse_qs(urlsplit(await set_out(victim)).query)["state"][0]
        assert (await victim.get(theirs, headers=HTML)).status_code == 401
        own = parse_qs(urlsplit(await set_out(victim)).query)["state"][0]
        mixed = re.sub(r"state=[^&]*", f"state={own}", theirs)
        refused = await victim.get(mixed, headers=HTML)  # the provider: no code of this challenge
        assert refused.status_code == 401
        assert "invalid_grant" in refused.text
        assert SESSION_COOKIE not in victim.cookies
        denied = await victim.get(f"/sign-in/provider/back?error=access_denied&state={own}")
        assert denied.status_code == 401


async def test_a_wrong_secret_and_a_provider_that_is_down_are_told(
    scripted: Make, settled: dict[str, object]
) -> None:
    async with client_of(scripted(**{**settled, "oidc_client_secret": "wrong"})) as client:
        refused = await come_in(client, "s-5")
        assert (refused.status_code, "invalid_client" in refused.text) == (401, True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}"
    async with client_of(scripted(**{**settled, "oidc_issuer": nobody})) as client:
        assert (await client.get("/sign-in/provider", headers=HTML)).status_code == 502
    async with client_of(
        scripted(**{**settled, "oidc_issuer": f"{settled['oidc_issuer']}/"})
    ) as client:
        # Discovery is there, but of another issuer.
        told = await client.get("/sign-in/provider", headers={**HTML, "Accept-Language": "en"})
        assert (told.status_code, "calls itself" in told.text) == (502, True)
    async with client_of(scripted(accounts=True)) as client:
        assert (await client.get("/sign-in/provider", headers=HTML)).status_code == 404


async def test_behind_tls_cookies_are_for_tls_alone(
    scripted: Make, settled: dict[str, object]
) -> None:
    async with client_of(scripted(**settled, public_url="https://kb.example/")) as client:
        leaving = await client.get("/sign-in/provider", headers=HTML)
        assert re.search(r"HttpOnly;.*SameSite=lax; Secure$", leaving.headers["set-cookie"])
        assert parse_qs(urlsplit(leaving.headers["location"]).query)["redirect_uri"] == [BACK[1]]


# --- a proxy that signs people in ---------------------------------------------------------

PROXY = "10.1.0.9"


def by_proxy(runtime: Runtime, address: str = PROXY, **more: object) -> httpx.AsyncClient:
    settings = runtime.settings.model_copy(
        update={
            "accounts": True,
            "proxy_user_header": "Remote-User",
            "proxy_groups_header": "Remote-Groups",
            "trusted_proxies": Settings(trusted_proxies="10.1.0.0/24,::1").trusted_proxies,  # type: ignore[arg-type]
            **more,
        }
    )
    transport = httpx.ASGITransport(create_app(settings, runtime), client=(address, 1))
    return httpx.AsyncClient(transport=transport, base_url="http://kb.example", headers=HERE)


async def test_a_proxy_that_is_trusted_says_who_it_is(runtime: Runtime) -> None:
    named = [(b"Remote-User", "李雷".encode()), (b"Remote-Groups", "财务, board".encode())]
    async with by_proxy(runtime, admin_group="admins") as client:
        me = (await client.get("/me", headers=named)).json()
        assert (me["name"], me["groups"], me["signed_in"]) == ("李雷", ["board", "财务"], "proxy")
        assert (me["role"], me["operator"]) == ("reader", False)
        admin = {"Remote-User": "Ann", "Remote-Groups": "admins"}
        assert (await client.get("/people", headers=admin)).status_code == 200
        # Once the proxy says so, he is one no more.
        less = await client.get("/people", headers={**admin, "Remote-Groups": ""})
        assert less.status_code == 403
        assert (await client.get("/", headers=[*named, (b"Accept", b"text/html")])).is_success
        crossing = {**admin, "Sec-Fetch-Site": "cross-site"}
        sent = await client.post("/ask", json={"question": "?"}, headers=crossing)
        assert sent.json()["error"]["code"] == "cross_site"
        runtime.library.people.change("李雷", enabled=False)
        assert (await client.get("/me", headers=named)).status_code == 401
        assert (await client.get("/me")).status_code == 401


async def test_somebody_else_who_sends_such_headers_is_nobody(runtime: Runtime) -> None:
    said = {"Remote-User": "Ann", "Remote-Groups": "admins", "X-Forwarded-For": PROXY}
    for address in ("10.2.0.9", "127.0.0.1", "::ffff:10.2.0.9", "testclient", ""):
        async with by_proxy(runtime, address, admin_group="admins") as client:
            assert (await client.get("/me", headers=said)).status_code == 401, address
    async with by_proxy(runtime) as client:
        # The proxy adds its own behind what a client has sent.
        twice = [("Remote-User", "Ann"), ("Remote-User", "Bo")]
        assert (await client.get("/me", headers=twice)).status_code == 401
    assert runtime.library.people.all() == []


async def test_a_key_of_ours_goes_before_what_the_proxy_says(runtime: Runtime) -> None:
    people = runtime.library.people
    people.add("Bo")
    people.add("waiting", "editor")
    key = people.add_key("Bo", "k", SCOPES["reader"])[1]
    said = {"Remote-User": "waiting"}
    async with by_proxy(runtime, proxy_groups_header=None) as client:
        assert (await client.get("/me", headers={**said, **bearer(key)})).json()["name"] == "Bo"
        assert (await client.get("/me", headers={**said, **bearer("gkb_x")})).status_code == 401
        # Whoever was added and waits is taken for the one of that name; who has a key is not.
        assert (await client.get("/me", headers=said)).json()["role"] == "editor"
        other = (await client.get("/me", headers={"Remote-User": "Bo"})).json()
        assert (other["name"], other["signed_in"]) == ("Bo (2)", "proxy")


async def test_addresses_are_those_of_clients_where_a_proxy_is_trusted(runtime: Runtime) -> None:
    forwarded = {"X-Forwarded-For": "203.0.113.7, 198.51.100.4", "X-Forwarded-Proto": "https"}
    for peer, seen in ((PROXY, "198.51.100.4"), ("192.0.2.1", "192.0.2.1")):
        async with by_proxy(runtime, peer) as client:
            with structlog.testing.capture_logs() as lines:
                await client.get("/me", headers=forwarded)
        # What is not trusted is not looked behind: the client may have written the rest himself.
        assert [line["client"] for line in lines if "client" in line] == [seen]


@pytest.mark.parametrize(
    "given",
    [
        {"proxy_user_header": "Remote-User", "accounts": True},
        {"proxy_user_header": "Remote-User", "trusted_proxies": "10.0.0.1"},
        {"oidc_issuer": "https://id.example", "accounts": True},
        {"oidc_issuer": "https://id.example", "oidc_client_id": "x"},
        {"admin_group": "admins", "accounts": True},
        {"trusted_proxies": "everywhere"},
    ],
    ids=str,
)
def test_settings_that_let_in_whom_nobody_vouches_for_are_refused(given: dict[str, object]) -> None:
    with pytest.raises(SettingsInvalid):
        load_settings(_env_file=None, **given)
