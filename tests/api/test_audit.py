"""Who did what: noted once set, filtered, exported, and gone by age alone."""

import json
from datetime import timedelta
from typing import Any

import httpx
import structlog

from app.api.app import create_app
from app.api.noted import ACTIONS
from app.library.people import SCOPES
from app.library.tables import now
from app.runtime import Runtime
from tests.api.conftest import client_of
from tests.api.test_people import SIGNING_IN
from tests.api.test_rights_matrix import CASES
from tests.cli.conftest import RunCli, run_cli

__all__ = ["run_cli"]

QUESTION = "Which licence does DeepSeek use?"


def lines(response: httpx.Response) -> list[dict[str, Any]]:
    return [json.loads(line) for line in response.text.splitlines()]


def app_over(runtime: Runtime, **changes: object) -> Any:
    settings = runtime.settings.model_copy(update={"accounts": True, **changes})
    return create_app(settings, runtime)


def key_of(runtime: Runtime, name: str, role: str) -> dict[str, str]:
    runtime.library.people.add(name, role)  # type: ignore[arg-type]
    key = runtime.library.people.add_key(name, "laptop", SCOPES["admin"])[1]
    return {"Authorization": f"Bearer {key}"}


async def use(client: httpx.AsyncClient, headers: dict[str, str]) -> str:
    """Ask, read, upload, tag and delete; the id of the document."""
    listed = (await client.get("/documents", headers=headers)).json()["documents"]
    document: str = listed[0]["id"]
    await client.post("/ask", json={"question": QUESTION}, headers=headers)
    await client.get(f"/documents/{document}/text", headers=headers)
    await client.put(f"/documents/{document}/tags", json={"tags": ["t"]}, headers=headers)
    files = {"files": ("new.md", b"# New")}
    assert (await client.post("/documents", files=files, headers=headers)).status_code == 202
    body = {"document_ids": [document]}
    await client.post("/documents/delete", json=body, headers=headers)
    await client.get("/documents/none/text", headers=headers)  # not there: nothing was read
    return document


async def test_what_is_done_is_noted_with_who_where_and_on_what(prepared: Runtime) -> None:
    editor, admin = key_of(prepared, "Bo", "editor"), key_of(prepared, "Ann", "admin")
    async with client_of(app_over(prepared, audit_days=7)) as client:
        document = await use(client, editor)
        await client.put("/rights", json={"groups": ["board"]}, headers=admin)
        assert (await client.get("/audit", headers=editor)).status_code == 403
        await client.get("/me", headers={"Authorization": "Bearer wrong"})
        found = lines(await client.get("/audit", headers=admin))
        assert [row["action"] for row in found] == [
            "sign_in_failed",
            "limited",
            "deleted",
            "uploaded",
            "changed",
            "read",
            "asked",
        ]
        [limited, deleted, uploaded, _, read, asked] = found[1:]
        assert (limited["who"], limited["detail"]) == ("Ann", "board")
        assert deleted["object"] == read["object"] == document
        assert uploaded["object"]
        for row in (deleted, read, asked):
            assert (row["who"], row["key"], row["address"]) == ("Bo", "laptop", "127.0.0.1")
            assert row["kb"] == "default"
        assert QUESTION not in json.dumps(found), "questions are noted only when that is set"
        only = lines(await client.get("/audit?who=Bo&action=read&action=asked", headers=admin))
        assert [row["action"] for row in only] == ["read", "asked"]
        assert lines(await client.get("/audit?limit=1&offset=1", headers=admin)) == [limited]


async def test_questions_are_noted_where_that_is_set(prepared: Runtime) -> None:
    key = key_of(prepared, "Bo", "reader")
    async with client_of(app_over(prepared, audit_days=7, audit_questions=True)) as client:
        await client.post("/ask", json={"question": QUESTION}, headers=key)
        message = {"role": "user", "content": QUESTION}
        body = {"model": "groundkb", "messages": [message]}
        await client.post("/v1/chat/completions", json=body, headers=key)
    assert [row.detail for row in prepared.library.audit.find()] == [QUESTION, QUESTION]


async def test_nothing_is_noted_unless_it_is_set(prepared: Runtime) -> None:
    async with client_of(app_over(prepared)) as client:
        await use(client, key_of(prepared, "Bo", "editor"))
    assert prepared.library.audit.find() == []


async def test_coming_in_is_noted_and_failing_to(runtime: Runtime) -> None:
    runtime.library.people.add("Bo")
    link = runtime.library.sessions.make_link("Bo", timedelta(hours=1))
    here = {"Sec-Fetch-Site": "same-origin"}
    async with client_of(app_over(runtime, audit_days=7), **here) as client:
        await client.post("/sign-in/link", json={"link": link, "password": "long enough one"})
        await client.post("/sign-out")
        await client.post("/sign-in/link", json={"link": link, "password": "long enough one"})
        await client.post("/sign-in", json={"name": "Bo", "password": "a wrong password"})
    noted = [(row.action, row.who) for row in reversed(runtime.library.audit.find())]
    assert noted == [
        ("signed_in", "Bo"),
        ("signed_out", "Bo"),
        ("sign_in_failed", ""),
        ("sign_in_failed", "Bo"),
    ]


async def test_log_lines_say_who_from_where_by_which_key(prepared: Runtime) -> None:
    key = key_of(prepared, "Bo", "reader")
    async with client_of(app_over(prepared)) as client:
        with structlog.testing.capture_logs() as logged:
            await client.get("/documents", headers=key)
            await client.get("/documents")
    said = [(row["client"], row["caller"], row["key"]) for row in logged if "caller" in row]
    assert said == [("127.0.0.1", "Bo", "laptop"), ("127.0.0.1", "", "")]


def test_rows_go_by_age_alone(runtime: Runtime, run_cli: RunCli) -> None:
    library = runtime.library
    library.add_knowledge_base("hr")
    library.audit.add("read", "Bo", kb="hr", object="x")
    library.delete_knowledge_base("hr", [])
    library.audit.purge(now() - timedelta(days=1))
    assert [row.object for row in library.audit.find()] == ["x"]
    ran = run_cli("audit", "--days", "1", "--who", "Bo", "--action", "read")
    assert ran.json["object"] == "x"
    assert run_cli("audit", "--who", "another").out == ""
    assert run_cli("audit", "--action", "thought").code == 2
    library.audit.purge(now() + timedelta(seconds=1))
    # The note that something went is the only thing left, and goes by age itself.
    assert [row.action for row in library.audit.find()] == ["purged"]
    library.audit.purge(now() + timedelta(seconds=2))
    assert [row.action for row in library.audit.find()] == ["purged"]


def test_every_route_that_changes_something_is_noted() -> None:
    """And none that is not there. That it is noted when it is called: tests/api/test_rights_matrix.py."""
    assert set(ACTIONS) <= set(CASES) | SIGNING_IN
    changing = {route for route in CASES if route[0] != "GET"}
    changes_nothing = {("POST", "/v1/embeddings")}
    assert changing - set(ACTIONS) == changes_nothing


async def test_what_is_tried_and_taken_up_is_noted(prepared: Runtime) -> None:
    admin = key_of(prepared, "Ann", "admin")
    async with client_of(app_over(prepared, audit_days=7)) as client:
        body = {"settings": {"context_passages": 3}, "share": 1.0}
        assert (await client.post("/shadow", json=body, headers=admin)).status_code == 201
        assert (await client.post("/shadow/promotion", json={}, headers=admin)).is_success
        back = {"rollback": True}
        assert (await client.post("/shadow/promotion", json=back, headers=admin)).is_success
    begun, taken, left = reversed(prepared.library.audit.find(actions=["administered"]))
    assert begun.detail == 'POST /shadow {"settings": {"context_passages": 3}, "share": 1.0}'
    assert (taken.who, taken.detail) == ("Ann", "POST /shadow/promotion")
    assert left.detail == 'POST /shadow/promotion {"rollback": true}'
