"""Who calls, and what each may do."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI

from app.api.app import ROUTERS
from app.api.needs import NEEDS
from app.library.people import Role, Scope
from app.library.tables import now
from app.runtime import Runtime
from tests.api.conftest import client_of

Make = Callable[..., FastAPI]
# By which one says who one is.
SIGNING_IN = {
    ("GET", "/sign-in"),
    ("GET", "/sign-in/provider"),
    ("GET", "/sign-in/provider/back"),
    ("GET", "/sign-in.js"),
    ("GET", "/sign-in.css"),
    ("POST", "/sign-in"),
    ("POST", "/sign-in/link"),
    ("POST", "/sign-out"),
}


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@pytest.fixture
def key_of(runtime: Runtime) -> Callable[..., str]:
    """A new person's key; by the keyword arguments of `People.add_key`."""
    people = runtime.library.people

    def make(
        name: str, role: Role = "reader", scopes: set[Scope] | None = None, **more: object
    ) -> str:
        people.add(name, role)
        whole: set[Scope] = {"ask", "read", "write", "admin"}
        return people.add_key(name, "test", scopes or whole, **more)[1]  # type: ignore[arg-type]

    return make


@pytest.fixture
async def client(scripted: Make) -> AsyncIterator[httpx.AsyncClient]:
    app = scripted(operator_token="proof", accounts=True, api_keys="program-key")
    async with client_of(app) as opened:
        yield opened


def guarded_routes() -> set[tuple[str, str]]:
    """(method, path template) of every route that is not open to all."""
    open_to_all = {
        ("GET", "/livez"),
        ("GET", "/readyz"),
        *SIGNING_IN,
    }
    routes = {
        (method, route.path)  # type: ignore[attr-defined]
        for router in ROUTERS
        for route in router.routes
        for method in route.methods  # type: ignore[attr-defined]
    }
    return routes - open_to_all


def test_every_route_says_what_it_needs() -> None:
    assert guarded_routes() == set(NEEDS)


async def test_without_accounts_there_is_one_who_may_all(scripted: Make) -> None:
    async with client_of(scripted()) as client:
        me = (await client.get("/me")).json()
        assert (me["name"], me["accounts"], me["role"]) == ("local", False, "admin")
        assert (await client.get("/gaps")).status_code == 200
        made = await client.post("/knowledge-bases", json={"name": "more"})
        assert made.status_code == 201
        assert (await client.post("/backup", json={"path": "/nowhere"})).status_code == 403


async def test_without_accounts_a_persons_key_opens_nothing(
    scripted: Make, key_of: Callable[..., str]
) -> None:
    async with client_of(scripted(api_keys="one")) as client:
        assert (await client.get("/me", headers=bearer(key_of("Bo", "admin")))).status_code == 401
        assert (await client.get("/me", headers=bearer("one"))).json()["name"] == "key"


async def test_with_accounts_nobody_is_let_in_unknown(client: httpx.AsyncClient) -> None:
    for headers in ({}, bearer("wrong"), {"X-Operator-Token": "guess"}):
        assert (await client.get("/documents", headers=headers)).status_code == 401
    assert (await client.get("/livez")).status_code == 200
    assert (await client.get("/readyz")).json()["chat"] is None


async def test_a_role_is_what_it_may_do(
    client: httpx.AsyncClient, key_of: Callable[..., str]
) -> None:
    reader, editor, admin = (key_of(role, role) for role in ("reader", "editor", "admin"))

    async def status(key: str, method: str, path: str, **how: object) -> int:
        return (await client.request(method, path, headers=bearer(key), **how)).status_code  # type: ignore[arg-type]

    for key, ask, write, manage, machine in (
        (reader, 200, 403, 403, 403),
        (editor, 200, 204, 403, 403),
        (admin, 200, 204, 200, 422),
        ("program-key", 200, 204, 403, 403),
    ):
        assert await status(key, "POST", "/ask", json={"question": "?"}) == ask
        assert await status(key, "POST", "/documents/delete", json={"document_ids": []}) in (
            write,
            422 if write == 204 else write,
        )
        assert await status(key, "GET", "/gaps") == manage
        assert await status(key, "POST", "/backup", json={}) == machine
    me = (await client.get("/me", headers=bearer(admin))).json()
    assert (me["name"], me["operator"], me["accounts"]) == ("admin", True, True)
    assert (await client.get("/readyz", headers=bearer(admin))).json()["chat"] is not None
    assert (await client.get("/readyz", headers=bearer(reader))).json()["chat"] is None


async def test_a_key_takes_from_its_persons_rights(
    client: httpx.AsyncClient, key_of: Callable[..., str], runtime: Runtime
) -> None:
    library = runtime.library
    for kb in ("hr", "shop"):
        library.add_knowledge_base(kb)
    asking = key_of("asking", "admin", {"ask"})
    assert (await client.post("/search", json={"question": "?"}, headers=bearer(asking))).is_success
    assert (await client.get("/documents", headers=bearer(asking))).status_code == 403
    of_hr = key_of("of hr", "admin", kbs={"hr"})
    for kb, expected in (("hr", 200), ("shop", 403), ("hr&kb=shop", 403)):
        found = await client.get(f"/documents?kb={kb}", headers=bearer(of_hr))
        assert found.status_code == expected
    # Where there is but one that it can mean, it need not be named.
    assert (await client.get("/documents", headers=bearer(of_hr))).status_code == 200
    listed = (await client.get("/knowledge-bases", headers=bearer(of_hr))).json()
    assert (listed["knowledge_bases"], listed["default"]) == (["hr"], "hr")
    asked = await client.post("/search", json={"question": "?"}, headers=bearer(of_hr))
    assert asked.is_success, asked.text
    begun = await client.post("/conversations", json={}, headers=bearer(of_hr))
    assert begun.json()["kb"] == "hr"
    of_two = key_of("of two", "admin", kbs={"hr", "shop"})
    assert (await client.get("/documents", headers=bearer(of_two))).status_code == 403
    # One for a single knowledge base is not one to the machine's folders.
    assert (await client.post("/backup", json={}, headers=bearer(of_hr))).status_code == 403
    ended = key_of("ended", "admin", ends_at=now() - timedelta(days=1))
    assert (await client.get("/me", headers=bearer(ended))).status_code == 401


async def test_a_role_may_differ_in_one_knowledge_base(
    client: httpx.AsyncClient, key_of: Callable[..., str], runtime: Runtime
) -> None:
    runtime.library.add_knowledge_base("hr")
    key = key_of("Bo")
    runtime.library.people.change("Bo", roles={"hr": "editor"})
    upload = {"files": {"files": ("a.md", b"# A")}, "headers": bearer(key)}
    assert (await client.post("/documents?kb=hr", **upload)).status_code == 202  # type: ignore[arg-type]
    assert (await client.post("/documents", **upload)).status_code == 403  # type: ignore[arg-type]
    refused = await client.post("/documents?kb=default", **upload)  # type: ignore[arg-type]
    assert refused.json()["error"]["code"] == "not_allowed"


async def test_wrong_keys_are_counted(scripted: Make, key_of: Callable[..., str]) -> None:
    good = key_of("Bo")
    async with client_of(scripted(accounts=True, max_wrong_keys=3)) as client:
        for _ in range(3):
            assert (await client.get("/me", headers=bearer("gkb_guess"))).status_code == 401
        assert (await client.get("/me", headers=bearer(good))).status_code == 429
