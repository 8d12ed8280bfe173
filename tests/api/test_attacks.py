"""What somebody with bad intentions tries at the door, one test for each."""

import asyncio
import json
import re
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import httpx
import numpy as np
import pytest
from fastapi import FastAPI

from app.api.app import create_app
from app.api.auth import SESSION_COOKIE
from app.library import sessions
from app.library.people import SCOPES
from app.library.sight import Sight
from app.models.embedding import Matrix
from app.runtime import Runtime
from tests.api.conftest import client_of
from tests.api.test_people import bearer
from tests.api.test_rights_matrix import answered
from tests.api.test_sign_in import HERE, PASSWORD, choose, sign_in

Make = Callable[..., FastAPI]


def key_of(runtime: Runtime, name: str, *groups: str) -> str:
    runtime.library.people.add(name, "reader", groups)
    return runtime.library.people.add_key(name, "k", SCOPES["reader"])[1]


async def test_many_passwords_at_once_are_no_more_guesses(scripted: Make, runtime: Runtime) -> None:
    """All of them were looked at before the first one counted."""
    runtime.library.people.add("Bo")
    async with client_of(scripted(accounts=True, max_wrong_keys=3)) as client:
        guesses = [sign_in(client, "Bo", f"wrong password {number}") for number in range(12)]
        found = [response.status_code for response in await asyncio.gather(*guesses)]
    assert found.count(401) <= 4  # two are looked at at the same time
    assert set(found) == {401, 429}


async def test_setting_out_to_sign_in_is_limited_by_address(
    scripted: Make, runtime: Runtime
) -> None:
    """Each of these leaves a row in the database, and needed no key."""
    app = scripted(accounts=True, max_requests=3)
    far = httpx.ASGITransport(app, client=("10.0.0.1", 1))
    async with httpx.AsyncClient(transport=far, base_url="http://kb.example") as client:
        found = [(await client.get("/sign-in/provider")).status_code for _ in range(4)]
    assert found == [404, 404, 404, 429]


async def test_how_long_a_sign_in_takes_does_not_tell_who_there_is(
    scripted: Make, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    people, compared = runtime.library.people, list[str]()
    is_good = sessions._is_good

    def counted(kept: str, password: str) -> bool:
        compared.append(kept[:9])
        return is_good(kept, password)

    monkeypatch.setattr(sessions, "_is_good", counted)
    people.add("Waiting")
    people.add("Gone")
    people.add("Bo")
    async with client_of(scripted(accounts=True)) as client:
        for name in ("Gone", "Bo"):
            link = runtime.library.sessions.make_link(name, timedelta(hours=1))
            assert (await choose(client, link)).status_code == 204
        people.change("Gone", enabled=False)
        answers = []
        for name in ("Nobody", "Waiting", "Gone", "Bo"):
            answer = await sign_in(client, name, "some other password")
            answers.append((answer.status_code, answer.json()["error"]["message"]))
    assert len(set(answers)) == 1
    assert compared == ["$argon2id"] * 4


async def test_a_neighbouring_name_plants_no_session(scripted: Make, runtime: Runtime) -> None:
    """A page of evil.example.org can set cookies for all of example.org: whoever works in the session of
    its owner gives him what he uploads."""
    runtime.library.people.add("Mallory")
    link = runtime.library.sessions.make_link("Mallory", timedelta(hours=1))
    async with client_of(scripted(accounts=True, public_url="https://kb.example.org")) as client:
        [cookie] = (await choose(client, link)).headers.get_list("set-cookie")
        name, _, secret = cookie.partition(";")[0].partition("=")
        assert name == f"__Host-{SESSION_COOKIE}"
        assert {"Path=/", "Secure", "HttpOnly"} <= set(cookie.split("; "))
        assert "domain" not in cookie.lower()
        client.cookies.clear()
        whole = await client.get("/me", headers={"Cookie": f"{name}={secret}"})
        planted = await client.get("/me", headers={"Cookie": f"{SESSION_COOKIE}={secret}"})
        assert (whole.status_code, planted.status_code) == (200, 401)
        out = await client.post("/sign-out", headers={**HERE, "Cookie": f"{name}={secret}"})
        assert out.headers["set-cookie"].startswith(f'{name}="";')
        assert (await client.get("/me", headers={"Cookie": f"{name}={secret}"})).is_error


@pytest.mark.parametrize("last", ["9" * 5_000, "٣", "-1", "1e3", " 4"])
async def test_numbers_that_are_none_are_no_500(client: httpx.AsyncClient, last: str) -> None:
    body = {"question": "许可证？", "conversation_id": "new"}
    kept = (await client.post("/ask", json=body)).json()
    address = f"/conversations/{kept['conversation_id']}/turns/{kept['turn_id']}/events"
    headers = {b"Last-Event-ID": last.encode()}
    assert (await client.get(address, headers=headers)).status_code == 200  # type: ignore[arg-type]


@pytest.mark.parametrize("path", ["/ask", "/sign-in", "/feedback", "/v1/chat/completions"])
async def test_json_that_is_nested_for_ever_is_no_500(scripted: Make, path: str) -> None:
    async with client_of(scripted(accounts=True, api_keys="program-key")) as client:
        for text in ("[" * 100_000, '{"question":' * 50_000, '[{"a":"\\u0000"},' * 900):
            headers = {**HERE, **bearer("program-key"), "Content-Type": "application/json"}
            answer = await client.post(path, content=text, headers=headers)
            assert 400 <= answer.status_code < 500, answer.text


async def test_a_key_in_an_address_opens_nothing(scripted: Make, runtime: Runtime) -> None:
    key = key_of(runtime, "Bo")
    async with client_of(scripted(accounts=True)) as client:
        for name in ("key", "api_key", "apikey", "token", "access_token", "X-API-Key"):
            assert (await client.get(f"/me?{name}={key}")).status_code == 401, name
        assert (await client.get("/me", headers={"Cookie": f"{SESSION_COOKIE}={key}"})).is_error


@pytest.mark.parametrize(
    "path",
    [
        "/documents/..%2f..%2flibrary.sqlite3/original",
        "/documents/%2e%2e/original",
        "/assets/..%2f..%2f..%2fapp.py",
        "/docs/assets/..%2f..%2f..%2f..%2fetc%2fpasswd",
        "//etc/passwd",
    ],
)
async def test_no_path_leads_out_of_the_library(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 404
    assert "root:" not in answer.text


async def test_what_is_taken_away_is_away_at_every_server(prepared: Runtime) -> None:
    """Nothing of rights is remembered by a server: the next request knows."""
    people, session = prepared.library.people, prepared.library.sessions
    keys = [key_of(prepared, "Bo")]
    keys += [people.add_key("Bo", "k", SCOPES["reader"])[1] for _ in range(2)]
    settings = prepared.settings.model_copy(update={"accounts": True})
    first, second = create_app(settings, prepared), create_app(settings, prepared)
    cookie = {"Cookie": f"{SESSION_COOKIE}={session.begin(people.get('Bo'), timedelta(days=1))}"}

    async with client_of(first) as one, client_of(second) as other:

        async def let_in(headers: dict[str, str]) -> list[bool]:
            return [(await each.get("/me", headers=headers)).is_success for each in (one, other)]

        assert await let_in(bearer(keys[0])) == [True, True]
        people.revoke_key(people.keys("Bo")[0].id)
        assert await let_in(bearer(keys[0])) == [False, False]
        assert await let_in(cookie) == [True, True]
        people.change("Bo", enabled=False)
        assert await let_in(bearer(keys[1])) == await let_in(cookie) == [False, False]
        people.change("Bo", enabled=True)
        people.remove("Bo")
        people.add("Bo", "admin")  # another person of that name
        assert await let_in(bearer(keys[2])) == await let_in(cookie) == [False, False]


def shared_by_ann(runtime: Runtime) -> tuple[str, str, str]:
    """A conversation of hers about what the board may read, with a follow-up about what all may: its
    link's secret, its id, and the id of the second turn."""
    library = runtime.library
    open_one, secret_one = (row.id for row in library.documents("default")[:2])
    library.limits.limit_document("default", secret_one, ["board"])
    own = library.seen_by(Sight(owner=library.people.get("Ann").id, groups=frozenset({"board"})))
    first = own.conversations.ask("Who is it?", conversation_id=None, kb="default")
    own.conversations.finish(first.id, "done", answer=answered(secret_one))
    asked_with = {"tags": ["merger-tag"], "scope": {"folders": ["file:///board/merger"]}}
    second = own.conversations.ask(
        "Where does he live?",
        conversation_id=first.conversation_id,
        kb="default",
        asked_with=asked_with,
    )
    understood: dict[str, Any] = {"standalone_question": "Where does Dr Merger live?"}
    own.conversations.finish(second.id, "done", answer=answered(open_one) | understood)
    return own.conversations.share(first.conversation_id), first.conversation_id, second.id


async def test_a_shared_follow_up_does_not_tell_what_was_withheld_before_it(
    prepared: Runtime,
) -> None:
    ann, bo = key_of(prepared, "Ann", "board"), key_of(prepared, "Bo")
    secret, conversation, turn = shared_by_ann(prepared)
    app = create_app(prepared.settings.model_copy(update={"accounts": True}), prepared)
    async with client_of(app) as client:
        address = f"/conversations/{conversation}"
        for path in (address, f"{address}/turns/{turn}"):
            assert "Dr Merger" in (await client.get(path, headers=bearer(ann))).text
        body = {"secret": secret}
        seen = await client.post("/shared-conversations", json=body, headers=bearer(bo))
        assert [turn["answer"] is None for turn in seen.json()["turns"]] == [True, False]
        assert "merger" not in seen.text.lower()
        # Nor herself, once she may not read it any more.
        prepared.library.people.change("Ann", groups=[])
        for path in (address, f"{address}/turns/{turn}", f"{address}/turns/{turn}/events"):
            assert "Dr Merger" not in (await client.get(path, headers=bearer(ann))).text


@pytest.mark.parametrize("how", ["disabled", "removed"])
async def test_what_somebody_shared_who_left_is_shared_no_more(prepared: Runtime, how: str) -> None:
    bo, people = key_of(prepared, "Bo"), prepared.library.people
    key_of(prepared, "Ann", "board")
    secret, _, _ = shared_by_ann(prepared)
    app = create_app(prepared.settings.model_copy(update={"accounts": True}), prepared)
    async with client_of(app, **bearer(bo)) as client:
        body = {"secret": secret}
        assert (await client.post("/shared-conversations", json=body)).status_code == 200
        if how == "disabled":
            people.change("Ann", enabled=False)
        else:
            people.remove("Ann")
        assert (await client.post("/shared-conversations", json=body)).status_code == 404


async def test_a_session_does_not_outlive_its_password(scripted: Make, runtime: Runtime) -> None:
    """Whoever has stolen one loses it by the reset that its owner asks for."""
    runtime.library.people.add("Bo")
    session = runtime.library.sessions
    async with client_of(scripted(accounts=True)) as client:
        await choose(client, session.make_link("Bo", timedelta(hours=1)))
        stolen = {"Cookie": f"{SESSION_COOKIE}={client.cookies[SESSION_COOKIE]}"}
        client.cookies.clear()
        assert (await client.get("/me", headers=stolen)).status_code == 200
        again = session.make_link("Bo", timedelta(hours=1))
        assert (await choose(client, again, f"another {PASSWORD}")).status_code == 204
        client.cookies.clear()
        assert (await client.get("/me", headers=stolen)).status_code == 401


@pytest.mark.parametrize("origin", ["http://[", "http://[::1", "null", "http://evil.example"])
async def test_an_origin_that_is_no_address_is_another_sites(
    scripted: Make, runtime: Runtime, origin: str
) -> None:
    """Each of the first two was a 500, without a key."""
    runtime.library.people.add("Bo")
    async with client_of(scripted()) as client:
        refused = await client.get("/documents", headers={"Origin": origin})
        assert (refused.status_code, _code(refused)) == (403, "host_not_allowed")
    async with client_of(scripted(accounts=True)) as client:
        body = {"name": "Bo", "password": "x"}
        refused = await client.post("/sign-in", json=body, headers={"Origin": origin})
        assert (refused.status_code, _code(refused)) == (403, "cross_site")
        # With the cookie of a session, too.
        session = runtime.library.sessions.begin(
            runtime.library.people.get("Bo"), timedelta(days=1)
        )
        headers = {"Origin": origin, "Cookie": f"{SESSION_COOKIE}={session}"}
        refused = await client.post("/ask", json={"question": "why"}, headers=headers)
        assert (refused.status_code, _code(refused)) == (403, "cross_site")


async def test_nothing_that_somebody_may_read_is_kept_by_a_cache(prepared: Runtime) -> None:
    """An original had a mark and a date, by which a proxy between could keep it for the next one."""
    [first, *_] = prepared.library.documents("default")
    key = key_of(prepared, "Bo")
    app = create_app(prepared.settings.model_copy(update={"accounts": True}), prepared)
    async with client_of(app, **bearer(key)) as client:
        for path in (
            "/documents",
            f"/documents/{first.id}/text",
            f"/documents/{first.id}/original",
            "/documents/none",
            "/knowledge-bases/default/examples",
            "/me",
        ):
            answer = await client.get(path)
            assert answer.headers["Cache-Control"] == "no-store", path
        again = {"If-None-Match": answer.headers.get("etag", "*"), "Range": "bytes=0-3"}
        limit = prepared.storage.limit_document
        await asyncio.to_thread(limit, "default", first.id, ("board",))
        for headers in ({}, again):
            gone = await client.get(f"/documents/{first.id}/original", headers=headers)
            assert (gone.status_code, gone.headers.get("etag")) == (404, None)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
async def test_numbers_without_end_are_no_json(client: httpx.AsyncClient, number: str) -> None:
    """They came as far as the database, of which PostgreSQL takes none."""
    answer = (await client.post("/ask", json={"question": "许可证？"})).json()
    text = json.dumps({"question": "许可证？", "answer": answer, "helpful": True})
    sent = re.sub(r'"score": [0-9.]+', f'"score": {number}', text)
    assert sent != text
    headers = {"Content-Type": "application/json"}
    assert (await client.post("/feedback", content=text, headers=headers)).status_code == 201
    assert (await client.post("/feedback", content=sent, headers=headers)).status_code == 422


async def test_a_judgement_of_a_turn_that_cannot_be_has_an_id_of_its_own(
    client: httpx.AsyncClient,
) -> None:
    """Its id is the row's, which PostgreSQL bounds."""
    answer = (await client.post("/ask", json={"question": "许可证？"})).json()
    body = {"question": "许可证？", "answer": {**answer, "turn_id": "x" * 4_000}, "helpful": True}
    judged = await client.post("/feedback", json=body)
    assert (judged.status_code, len(judged.json()["id"])) == (201, 36)


async def test_a_key_for_two_knowledge_bases_lists_the_conversations_of_both(
    scripted: Make, runtime: Runtime
) -> None:
    runtime.library.people.add("Bo")
    for kb in ("north", "south", "west"):
        runtime.library.create_knowledge_base(kb, None, 10)
    scopes = SCOPES["reader"]
    key = runtime.library.people.add_key("Bo", "k", scopes, ("north", "south"))[1]
    whole = runtime.library.people.add_key("Bo", "k", scopes)[1]
    async with client_of(scripted(accounts=True), **bearer(whole)) as client:
        for kb in ("north", "south", "west"):
            assert (await client.post("/conversations", json={"kb": kb})).status_code == 201
        limited = bearer(key)
        listed = (await client.get("/conversations", headers=limited)).json()
        assert sorted(each["kb"] for each in listed["conversations"]) == ["north", "south"]
        refused = await client.get("/conversations?kb=west", headers=limited)
        assert refused.status_code == 403
        # Where there is one default, it is none of these.
        assert (await client.get("/documents", headers=limited)).status_code == 403


def _code(answer: httpx.Response) -> str:
    return str(answer.json()["error"]["code"])


async def test_whoever_has_much_embedded_keeps_nobody_from_the_door(
    scripted: Make, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All threads waited for the model, and nobody was let in until it was done."""
    go, at_once, most = threading.Event(), 0, 0

    def slow(texts: Sequence[str]) -> Matrix:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        assert go.wait(60)
        at_once -= 1
        return np.ones((len(texts), 8), np.float32)

    monkeypatch.setattr(runtime.embedder, "embed_passages", slow)
    async with client_of(scripted(accounts=True), **bearer(key_of(runtime, "Bo"))) as client:
        body = {"input": ["a", "b"]}
        asked = [asyncio.create_task(client.post("/v1/embeddings", json=body)) for _ in range(40)]
        try:
            async with asyncio.timeout(30):
                while not most:
                    await asyncio.sleep(0.01)
                assert (await client.get("/me")).status_code == 200
        finally:
            go.set()
        assert {(await each).status_code for each in asked} == {200}
    assert most <= 2
