"""People, groups, keys and one's own account over HTTP; conversations that are shared by a link."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.api.app import create_app
from app.library.people import SCOPES
from app.library.sight import Sight
from app.runtime import Runtime
from tests.api.conftest import client_of
from tests.api.test_people import bearer
from tests.api.test_rights_matrix import answered
from tests.api.test_sign_in import HERE, PASSWORD, choose, sign_in

Make = Callable[..., FastAPI]


@pytest.fixture
async def app(scripted: Make) -> FastAPI:
    return scripted(accounts=True, max_wrong_keys=3)


@pytest.fixture
async def admin(app: FastAPI, runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    """A browser in which an admin is signed in."""
    secret = runtime.library.sessions.first_admin(timedelta(hours=1))
    async with client_of(app, **HERE) as client:
        assert (await choose(client, str(secret))).status_code == 204
        yield client


async def add(admin: httpx.AsyncClient, name: str, **more: Any) -> dict[str, Any]:
    made = await admin.post("/people", json={"name": name, **more})
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    return found


async def test_people_are_added_invited_changed_and_removed(
    admin: httpx.AsyncClient, app: FastAPI, runtime: Runtime
) -> None:
    bo = await add(admin, "Bo", groups=["board"])
    assert (bo["role"], bo["groups"], bo["has_password"]) == ("reader", ["board"], False)
    assert (await admin.post("/people", json={"name": "Bo"})).status_code == 409
    link = (await admin.post(f"/people/{bo['id']}/link")).json()["link"]
    assert link.startswith("http://127.0.0.1:8000/sign-in#link=")
    async with client_of(app, **HERE) as his:
        assert (await choose(his, link.partition("=")[2])).status_code == 204
        assert (await his.get("/people")).status_code == 403
        runtime.library.add_knowledge_base("hr")
        change = {"role": "editor", "roles": {"hr": "admin"}, "groups": ["finance"]}
        changed = (await admin.patch(f"/people/{bo['id']}", json=change)).json()
        assert (changed["roles"], changed["groups"]) == ({"hr": "admin"}, ["finance"])
        me = (await his.get("/me")).json()
        assert (me["role"], me["groups"], me["signed_in"]) == ("editor", ["finance"], "here")
        nowhere = await admin.patch(f"/people/{bo['id']}", json={"roles": {"none": "admin"}})
        assert nowhere.status_code == 404
        listed = (await admin.get("/people")).json()["people"]
        assert [(row["name"], row["has_password"]) for row in listed] == [
            ("Bo", True),
            ("admin", True),
        ]
        await admin.patch(f"/people/{bo['id']}", json={"enabled": False})
        assert (await his.get("/me")).status_code == 401
        assert (await admin.delete(f"/people/{bo['id']}")).status_code == 204
    assert (await admin.delete(f"/people/{bo['id']}")).status_code == 404


async def test_nobody_locks_himself_out(admin: httpx.AsyncClient) -> None:
    [me] = (await admin.get("/people")).json()["people"]
    for change in ({"enabled": False}, {"role": "reader"}):
        refused = await admin.patch(f"/people/{me['id']}", json=change)
        assert refused.json()["error"]["code"] == "own_account"
    assert (await admin.delete(f"/people/{me['id']}")).status_code == 409
    assert (await admin.patch(f"/people/{me['id']}", json={"groups": ["g"]})).status_code == 200


async def test_a_group_is_there_when_it_is_named(
    admin: httpx.AsyncClient, runtime: Runtime
) -> None:
    await add(admin, "Bo", groups=["board"])
    runtime.library.limits.limit_knowledge_base("default", ["nobody is in it"])
    runtime.library.limits.limit_address("default", "file:///x", ["of a folder"])
    found = (await admin.get("/groups")).json()["groups"]
    assert [(row["name"], row["people"]) for row in found] == [
        ("board", ["Bo"]),
        ("nobody is in it", []),
        ("of a folder", []),
    ]


async def test_keys_are_made_shown_once_and_revoked_by_whoever_is_signed_in(
    admin: httpx.AsyncClient, app: FastAPI
) -> None:
    body = {"name": "laptop", "scopes": ["ask", "read"], "days": 90}
    made = (await admin.post("/me/keys", json=body)).json()
    assert made["key"].startswith("gkb_")
    listed = (await admin.get("/me/keys")).json()["keys"]
    assert [row["name"] for row in listed] == ["laptop"]
    assert "key" not in listed[0]
    async with client_of(app, **bearer(made["key"])) as program:
        assert (await program.get("/me")).json()["signed_in"] is None
        # Whoever finds a key makes no others of it.
        for method, path in (("GET", "/me/keys"), ("POST", "/me/keys"), ("POST", "/me/password")):
            refused = await program.request(method, path, json=body)
            assert refused.json()["error"]["code"] == "signed_in_only", path
        bo = await add(admin, "Bo")
        his = (await admin.post(f"/people/{bo['id']}/keys", json=body)).json()
        assert (await admin.delete(f"/me/keys/{his['id']}")).status_code == 404
        assert (await admin.delete(f"/people/{bo['id']}/keys/{made['id']}")).status_code == 404
        gone = await admin.delete(f"/people/{bo['id']}/keys/{his['id']}")
        assert gone.json()["revoked_at"]
        assert (await admin.delete(f"/me/keys/{made['id']}")).status_code == 200
        assert (await program.get("/me")).status_code == 401
    nowhere = await admin.post("/me/keys", json={**body, "knowledge_bases": ["none"]})
    assert nowhere.status_code == 404


async def test_a_password_is_changed_by_who_knows_the_old_one(
    admin: httpx.AsyncClient, app: FastAPI
) -> None:
    async with client_of(app, **HERE) as elsewhere:
        assert (await sign_in(elsewhere, "admin", PASSWORD)).status_code == 204
        body = {"old": PASSWORD, "new": "quite another password"}
        wrong = await admin.post("/me/password", json={**body, "old": "a guess"})
        assert (wrong.status_code, wrong.json()["error"]["code"]) == (401, "password_wrong")
        assert (await admin.post("/me/password", json={**body, "new": "short"})).is_error
        assert (await admin.post("/me/password", json=body)).status_code == 204
        # Whoever else was signed in as him is no more; here he stays.
        assert (await elsewhere.get("/me")).status_code == 401
        assert (await admin.get("/me")).status_code == 200
        assert (await sign_in(elsewhere, "admin", PASSWORD)).status_code == 401
        assert (await sign_in(elsewhere, "admin", body["new"])).status_code == 204
        for _ in range(3):
            last = await admin.post("/me/password", json={**body, "old": "a guess"})
        assert last.status_code == 429


async def test_what_is_changed_of_people_is_noted_without_secrets(
    scripted: Make, runtime: Runtime
) -> None:
    secret = runtime.library.sessions.first_admin(timedelta(hours=1))
    async with client_of(scripted(accounts=True, audit_days=9), **HERE) as client:
        await choose(client, str(secret))
        bo = await add(client, "Bo", groups=["board"])
        await client.patch(f"/people/{bo['id']}", json={"role": "editor"})
        link = (await client.post(f"/people/{bo['id']}/link")).json()["link"]
        key = (await client.post("/me/keys", json={"name": "k"})).json()["key"]
        await client.post("/me/password", json={"old": PASSWORD, "new": "a new password"})
        rows = runtime.library.audit.find()
        assert [row.action for row in rows] == [*["granted"] * 5, "signed_in"]
        assert '"role": "editor"' in rows[3].detail
        everything = repr(rows)
        for hidden in (PASSWORD, "a new password", link.partition("=")[2], key):
            assert hidden not in everything
        found = await client.get(f"/audit?about={bo['id']}&format=csv")
        head, *lines = found.text.splitlines()
        assert head == "at,action,who,key,address,kb,object,detail"
        assert len(lines) == 2
        later = await client.get("/audit", params={"since": "2999-01-01T00:00:00Z"})
        assert later.text == ""
        assert (await client.get("/audit?named_kb=none")).text == ""


async def test_a_spreadsheet_computes_nothing_of_what_is_noted(
    scripted: Make, runtime: Runtime
) -> None:
    secret = runtime.library.sessions.first_admin(timedelta(hours=1))
    runtime.library.audit.add("read", '=HYPERLINK("http://evil.example")')
    async with client_of(scripted(accounts=True), **HERE) as client:
        await choose(client, str(secret))
        assert ",\"'=HYPERLINK(" in (await client.get("/audit?format=csv")).text


async def test_too_many_requests_are_refused_by_person_and_by_address(
    scripted: Make, runtime: Runtime
) -> None:
    keys = []
    for name in ("Bo", "Ann"):
        runtime.library.people.add(name)
        keys.append(runtime.library.people.add_key(name, "k", SCOPES["reader"])[1])
    app = scripted(accounts=True, max_requests=3)
    async with client_of(app) as client:
        found = [await client.get("/me", headers=bearer(keys[0])) for _ in range(4)]
        assert [response.status_code for response in found] == [200, 200, 200, 429]
        assert int(found[-1].headers["Retry-After"]) <= 60
        # Another person's are counted apart; loopback may be a proxy, and is not counted.
        assert (await client.get("/me", headers=bearer(keys[1]))).status_code == 200
    far = httpx.ASGITransport(
        create_app(app.state.service.settings, runtime), client=("10.0.0.1", 1)
    )
    async with httpx.AsyncClient(transport=far, base_url="http://kb.example") as client:
        found = [await client.get("/me", headers=bearer(keys[n % 2])) for n in range(4)]
        assert [response.status_code for response in found] == [200, 200, 200, 429]


async def test_a_shared_conversation_shows_what_its_reader_may_read(
    prepared: Runtime,
) -> None:
    library = prepared.library
    open_one, secret_one = (row.id for row in library.documents("default")[:2])
    library.limits.limit_document("default", secret_one, ["board"])
    keys, ids = {}, {}
    for name, groups in (("Ann", ["board"]), ("Bo", []), ("Cy", ["board"])):
        ids[name] = library.people.add(name, "reader", groups).id
        keys[name] = library.people.add_key(name, "k", SCOPES["reader"])[1]
    own = library.seen_by(Sight(owner=ids["Ann"], groups=frozenset({"board"})))
    first = own.conversations.ask("open?", conversation_id=None, kb="default")
    own.conversations.finish(first.id, "done", answer=answered(open_one))
    second = own.conversations.ask("secret?", conversation_id=first.conversation_id, kb="default")
    own.conversations.finish(second.id, "done", answer=answered(secret_one))
    app = create_app(prepared.settings.model_copy(update={"accounts": True}), prepared)
    path = f"/conversations/{first.conversation_id}"
    async with (
        client_of(app, **bearer(keys["Ann"])) as ann,
        client_of(app, **bearer(keys["Bo"])) as bo,
        client_of(app, **bearer(keys["Cy"])) as cy,
    ):
        assert (await bo.post(f"{path}/share")).status_code == 404
        body = (await ann.post(f"{path}/share")).json()
        assert (await ann.get(path)).json()["shared"]
        assert [row["shared"] for row in (await ann.get("/conversations")).json()["conversations"]]
        seen = (await cy.post("/shared-conversations", json=body)).json()
        assert [turn["answer"] is not None for turn in seen["turns"]] == [True, True]
        narrow = (await bo.post("/shared-conversations", json=body)).json()
        assert narrow["turns"][0]["answer"]["answer"] == f"Of {open_one}."
        assert narrow["turns"][1]["answer"] is None
        assert narrow["turns"][1]["problem"]["code"] == "answer_withheld"
        # To read only, and not in one's own list.
        assert (await bo.get(path)).status_code == 404
        assert (await bo.get("/conversations")).json()["total"] == 0
        # Another link ends the first; none is left once it is shared no more.
        again = (await ann.post(f"{path}/share")).json()
        assert (await bo.post("/shared-conversations", json=body)).status_code == 404
        assert (await bo.post("/shared-conversations", json=again)).status_code == 200
        library.limits.limit_knowledge_base("default", ["board"])
        assert (await bo.post("/shared-conversations", json=again)).status_code == 404
        assert (await cy.post("/shared-conversations", json=again)).status_code == 200
        assert (await bo.delete(f"{path}/share")).status_code == 404
        assert (await ann.delete(f"{path}/share")).status_code == 204
        assert (await cy.post("/shared-conversations", json=again)).status_code == 404
        third = (await ann.post(f"{path}/share")).json()
        assert (await ann.delete(path)).status_code == 204
        assert (await cy.post("/shared-conversations", json=third)).status_code == 404
