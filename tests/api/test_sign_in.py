"""Coming in by a browser: one-time links, passwords, sessions, and what other sites may not do."""

import re
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI

from app.api.auth import SESSION_COOKIE
from app.library.people import SCOPES
from app.runtime import Runtime
from tests.api.conftest import client_of

HERE = {"Sec-Fetch-Site": "same-origin"}
PASSWORD = "一个足够长的密码 ok"


@pytest.fixture
async def client(scripted: Callable[..., FastAPI]) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(scripted(accounts=True, max_wrong_keys=6)) as opened:
        yield opened


@pytest.fixture
def link(runtime: Runtime) -> Callable[..., str]:
    """The secret of a link for a person, who is added if he is not there."""

    def make(name: str, role: str = "reader", hours: float = 1) -> str:
        if name not in {person.name for person in runtime.library.people.all()}:
            runtime.library.people.add(name, role)  # type: ignore[arg-type]
        return runtime.library.sessions.make_link(name, timedelta(hours=hours))

    return make


async def choose(client: httpx.AsyncClient, link: str, password: str = PASSWORD) -> httpx.Response:
    body = {"link": link, "password": password}
    return await client.post("/sign-in/link", json=body, headers=HERE)


async def sign_in(client: httpx.AsyncClient, name: str, password: str) -> httpx.Response:
    body = {"name": name, "password": password}
    return await client.post("/sign-in", json=body, headers=HERE)


async def test_a_link_opens_once_and_the_password_from_then_on(
    client: httpx.AsyncClient, link: Callable[..., str]
) -> None:
    secret = link("Bo", "editor")
    assert (await choose(client, secret, "short")).status_code == 422
    assert (await choose(client, secret)).status_code == 204
    me = (await client.get("/me")).json()
    assert (me["name"], me["role"], me["operator"]) == ("Bo", "editor", False)
    assert (await choose(client, secret)).json()["error"]["code"] == "link_invalid"
    client.cookies.clear()
    nobody = await client.get("/me")
    assert (nobody.status_code, nobody.json()["error"]["code"]) == (401, "sign_in_needed")
    assert (await sign_in(client, "Bo", "wrong password")).status_code == 401
    entered = await sign_in(client, "Bo", PASSWORD)
    assert entered.status_code == 204
    cookie = entered.headers["set-cookie"]
    assert re.search(r"HttpOnly; Max-Age=1209600; Path=/; SameSite=lax$", cookie)
    assert (await client.get("/me")).status_code == 200
    assert (await client.post("/sign-out", headers=HERE)).status_code == 204
    assert (await client.get("/me")).status_code == 401


async def test_a_later_link_and_a_late_one_and_a_forgotten_password(
    client: httpx.AsyncClient, link: Callable[..., str], runtime: Runtime
) -> None:
    first, second = link("Bo"), link("Bo")
    assert (await choose(client, first)).status_code == 401
    assert (await choose(client, second)).status_code == 204
    assert (await client.get("/me")).status_code == 200
    # Whoever had the session of before has it no more once a new password is chosen.
    old = client.cookies[SESSION_COOKIE]
    client.cookies.clear()
    assert (await choose(client, link("Bo"), "another password")).status_code == 204
    assert client.cookies[SESSION_COOKIE] != old
    client.cookies.set(SESSION_COOKIE, old)
    assert (await client.get("/me", headers={"Cookie": f"{SESSION_COOKIE}={old}"})).is_error
    client.cookies.clear()
    assert (await choose(client, link("Bo", hours=-1))).status_code == 401
    gone = link("Bo")
    runtime.library.people.change("Bo", enabled=False)
    assert (await choose(client, gone)).status_code == 401


async def test_a_session_is_a_new_one_at_every_sign_in(
    client: httpx.AsyncClient, link: Callable[..., str], runtime: Runtime
) -> None:
    """Session fixation: what somebody else has put into the browser is never let in."""
    await choose(client, link("Bo"))
    planted = "planted-by-somebody-else"
    client.cookies.clear()
    client.cookies.set(SESSION_COOKIE, planted)
    entered = await sign_in(client, "Bo", PASSWORD)
    assert planted not in entered.headers["set-cookie"]
    client.cookies.clear()
    assert (await client.get("/me", headers={"Cookie": f"{SESSION_COOKIE}={planted}"})).is_error
    # A session that is signed over ends.
    client.cookies.clear()
    await sign_in(client, "Bo", PASSWORD)
    first = client.cookies[SESSION_COOKIE]
    await sign_in(client, "Bo", PASSWORD)
    assert runtime.library.sessions.holder(first) is None
    kept = runtime.settings.data.glob("library.sqlite3*")
    held = b"".join(path.read_bytes() for path in kept)
    assert client.cookies[SESSION_COOKIE].encode() not in held
    assert PASSWORD.encode() not in held


@pytest.mark.parametrize(
    ("headers", "let_in"),
    [
        ({}, False),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:8000"}, False),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Origin": "http://127.0.0.1:8000"}, True),
    ],
)
async def test_what_another_sites_page_sends_is_refused(
    client: httpx.AsyncClient,
    link: Callable[..., str],
    runtime: Runtime,
    headers: dict[str, str],
    let_in: bool,
) -> None:
    await choose(client, link("Bo", "admin"))
    sent = await client.post("/knowledge-bases", json={"name": "more"}, headers=headers)
    assert (sent.status_code == 201) is let_in, sent.text
    assert let_in or sent.json()["error"]["code"] == "cross_site"
    assert (await client.get("/me", headers=headers)).status_code == 200
    # A program's key is no cookie: no page can make a browser send it.
    key = runtime.library.people.add_key("Bo", "k", SCOPES["admin"])[1]
    client.cookies.clear()
    made = await client.post(
        "/knowledge-bases", json={"name": "by-key"}, headers={**headers, "X-API-Key": key}
    )
    assert made.status_code == 201
    entered = await client.post(
        "/sign-in", json={"name": "Bo", "password": PASSWORD}, headers=headers
    )
    assert entered.is_success is let_in


async def test_guessing_is_slowed_by_name_and_by_address(
    client: httpx.AsyncClient, link: Callable[..., str]
) -> None:
    await choose(client, link("Bo"))
    for _ in range(6):
        assert (await sign_in(client, "nobody", "guess")).status_code == 401
    locked = await sign_in(client, "Bo", PASSWORD)
    assert (locked.status_code, "Retry-After" in locked.headers) == (429, True)


async def test_a_name_is_locked_whatever_the_address(
    scripted: Callable[..., FastAPI], link: Callable[..., str]
) -> None:
    app = scripted(accounts=True, max_wrong_keys=2)
    async with client_of(app) as client:
        await choose(client, link("Bo"))
    for number in range(3):
        transport = httpx.ASGITransport(app, client=(f"10.0.{number}.1", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://kb.example") as client:
            answer = await sign_in(client, "Bo", "guess")
            assert answer.status_code == (401 if number < 2 else 429)


async def test_the_page_is_in_both_languages_and_comes_first(
    client: httpx.AsyncClient, link: Callable[..., str]
) -> None:
    html = {"Accept": "text/html"}
    first = await client.get("/", headers=html)
    assert (first.status_code, first.headers["location"]) == (303, "/sign-in")
    english = await client.get("/sign-in", headers={**html, "Accept-Language": "en"})
    chinese = await client.get("/sign-in", headers={**html, "Accept-Language": "zh-CN"})
    assert "Password" in english.text
    assert "密码" in chinese.text
    assert "<script>" not in english.text
    for part in ("/sign-in.js", "/sign-in.css"):
        assert (await client.get(part)).status_code == 200
    await choose(client, link("Bo"))
    assert (await client.get("/", headers=html)).status_code == 200


async def test_without_accounts_there_is_nothing_to_sign_in_to(
    scripted: Callable[..., FastAPI], link: Callable[..., str]
) -> None:
    secret = link("Bo", "admin")
    async with client_of(scripted(api_keys="key")) as client:
        assert (await choose(client, secret)).status_code == 404
        assert (await sign_in(client, "Bo", PASSWORD)).status_code == 404
        assert (await client.get("/sign-in")).status_code == 404
        assert (await client.get("/", headers={"Accept": "text/html"})).status_code == 200


async def test_text_that_is_none_is_no_500(client: httpx.AsyncClient) -> None:
    for name in ('"\\ud800"', '"a\\u0000b"', '""'):
        sent = await client.post(
            "/sign-in",
            content=f'{{"name": {name}, "password": "\\ud800x"}}',
            headers={**HERE, "Content-Type": "application/json"},
        )
        assert sent.status_code in (401, 422), name


def test_the_first_admin_is_made_once(runtime: Runtime) -> None:
    sessions = runtime.library.sessions
    secret = sessions.first_admin(timedelta(days=1))
    assert secret is not None
    assert sessions.first_admin(timedelta(days=1)) is None
    assert sessions.use_link(secret, PASSWORD).role == "admin"
    assert sessions.sign_in("admin", PASSWORD) is not None
    assert sessions.sign_in("admin", "another") is None
    runtime.library.people.remove("admin")
    assert sessions.sign_in("admin", PASSWORD) is None
