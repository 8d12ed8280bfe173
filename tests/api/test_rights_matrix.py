"""Role × route × object: each route of the application, called by each kind of caller for what he may
and for what he may not see. A route that is not listed here fails."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import httpx
import pytest

from app.api.app import create_app
from app.api.noted import ACTIONS
from app.library.curated import CuratedQuote
from app.library.jobs import NewJob
from app.library.library import Library
from app.library.people import SCOPES, Role, Scope
from app.library.sight import Sight
from app.library.tables import now
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from ingest.report import SyncRequest
from ingest.schedule import put_source
from tests.api.conftest import an_answer, client_of
from tests.api.test_people import guarded_routes
from tests.conftest import BigramEmbedder
from tests.fakes import OverlapReader, ScriptedChat

# What no answer to somebody outside the group may hold: in text, title, name, folder and tag.
SECRET: Final = "xylograph"
OPEN: Final = "tangerine"
# Nothing is named; a document; a conversation; a turn; a job; a judgement; a source; a knowledge base.
Kind = Literal[
    "",
    "document",
    "conversation",
    "shared",
    "turn",
    "job",
    "feedback",
    "source",
    "kb",
    "person",
    "key",
]


@dataclass(frozen=True)
class Case:
    """How a route is called. `json` may hold '{document}', for which the object's id is put in."""

    kind: Kind = ""
    json: Any = None
    query: str = ""
    files: bool = False


ASK: Final = {"question": f"What does the {SECRET} or the {OPEN} weigh?"}
CASES: Final[Mapping[tuple[str, str], Case]] = {
    ("POST", "/ask"): Case(json=ASK),
    ("POST", "/search"): Case(json=ASK),
    ("GET", "/conversations"): Case(),
    ("POST", "/conversations"): Case(json={}),
    ("GET", "/conversations/{conversation_id}"): Case("conversation"),
    ("PATCH", "/conversations/{conversation_id}"): Case("conversation", {"title": "x"}),
    ("DELETE", "/conversations/{conversation_id}"): Case("conversation"),
    ("POST", "/conversations/{conversation_id}/restore"): Case("conversation"),
    ("POST", "/conversations/{conversation_id}/share"): Case("conversation"),
    ("DELETE", "/conversations/{conversation_id}/share"): Case("conversation"),
    ("POST", "/shared-conversations"): Case("shared", {}),
    ("GET", "/conversations/{conversation_id}/turns/{turn_id}"): Case("turn"),
    ("DELETE", "/conversations/{conversation_id}/turns/{turn_id}"): Case("turn"),
    ("GET", "/conversations/{conversation_id}/turns/{turn_id}/events"): Case("turn"),
    ("POST", "/conversations/{conversation_id}/turns/{turn_id}/stop"): Case("turn"),
    ("POST", "/conversations/{conversation_id}/turns/{turn_id}/show"): Case("turn"),
    ("POST", "/conversations/{conversation_id}/turns/{turn_id}/restore"): Case("turn"),
    ("POST", "/feedback"): Case(json={}),
    ("DELETE", "/feedback/{feedback_id}"): Case("feedback"),
    ("GET", "/feedback/export"): Case(),
    ("GET", "/gaps"): Case(),
    ("GET", "/shadow"): Case(),
    ("GET", "/models/advice"): Case(),
    ("GET", "/models/pull"): Case(),
    ("POST", "/models/pull"): Case(json={"model": "tiny:1b"}),
    ("POST", "/shadow"): Case(json={"settings": {"context_passages": 3}}),
    ("DELETE", "/shadow"): Case(),
    ("POST", "/shadow/promotion"): Case(json={}),
    ("GET", "/knowledge-bases"): Case(),
    ("POST", "/knowledge-bases"): Case(json={"name": "more"}),
    ("GET", "/knowledge-bases/{kb}"): Case("kb"),
    ("PATCH", "/knowledge-bases/{kb}"): Case("kb", {}),
    ("DELETE", "/knowledge-bases/{kb}"): Case("kb"),
    ("GET", "/knowledge-bases/{kb}/examples"): Case("kb"),
    ("GET", "/knowledge-bases/{kb}/curated-answers"): Case("kb"),
    ("POST", "/knowledge-bases/{kb}/curated-answers"): Case("kb", {}),
    ("DELETE", "/knowledge-bases/{kb}/curated-answers/{answer_id}"): Case("kb"),
    ("GET", "/documents"): Case(),
    ("POST", "/documents"): Case(files=True),
    ("GET", "/documents/{document_id}"): Case("document"),
    ("DELETE", "/documents/{document_id}"): Case("document"),
    ("POST", "/documents/delete"): Case("document", {"document_ids": ["{document}"]}),
    ("POST", "/documents/restore"): Case("document", {"document_ids": ["{document}"]}),
    ("POST", "/documents/tags"): Case("document", {"document_ids": ["{document}"], "add": ["t"]}),
    ("PUT", "/documents/{document_id}/tags"): Case("document", {"tags": ["t"]}),
    ("PUT", "/documents/{document_id}/groups"): Case("document", {"groups": ["board", "staff"]}),
    ("POST", "/documents/{document_id}/retry"): Case("document"),
    ("GET", "/documents/{document_id}/text"): Case("document"),
    ("GET", "/documents/{document_id}/chunks"): Case("document"),
    ("GET", "/documents/{document_id}/original"): Case("document"),
    ("GET", "/scopes"): Case(),
    ("GET", "/jobs"): Case(),
    ("GET", "/jobs/{job_id}"): Case("job"),
    ("GET", "/jobs/{job_id}/events"): Case("job"),
    ("POST", "/jobs/{job_id}/cancel"): Case("job"),
    ("POST", "/jobs/{job_id}/retry"): Case("job"),
    ("GET", "/sources"): Case(),
    ("POST", "/sources"): Case(json={}),
    ("PATCH", "/sources/{source_id}"): Case("source", {"jitter": -1}),
    ("DELETE", "/sources/{source_id}"): Case("source"),
    ("POST", "/sources/{source_id}/restore"): Case("source"),
    ("POST", "/sources/{source_id}/sync"): Case("source"),
    ("POST", "/sync"): Case(json={}),
    ("POST", "/reindex"): Case(json={"rollback": 7}),
    ("DELETE", "/reindex/previous"): Case(),
    ("POST", "/backup"): Case(json={}),
    ("GET", "/v1/models"): Case(),
    ("POST", "/v1/chat/completions"): Case(
        json={"model": "groundkb", "messages": [{"role": "user", "content": ASK["question"]}]}
    ),
    ("POST", "/v1/embeddings"): Case(json={"input": "x"}),
    ("GET", "/me"): Case(),
    ("GET", "/me/keys"): Case(),
    ("POST", "/me/keys"): Case(json={"name": "k"}),
    ("DELETE", "/me/keys/{key_id}"): Case("key"),
    ("POST", "/me/password"): Case(json={"old": "not the one", "new": "another password"}),
    ("GET", "/people"): Case(),
    ("POST", "/people"): Case(json={"name": "Somebody new"}),
    ("PATCH", "/people/{person_id}"): Case("person", {"role": "editor"}),
    ("DELETE", "/people/{person_id}"): Case("person"),
    ("POST", "/people/{person_id}/link"): Case("person"),
    ("GET", "/people/{person_id}/keys"): Case("person"),
    ("POST", "/people/{person_id}/keys"): Case("person", {"name": "k"}),
    ("DELETE", "/people/{person_id}/keys/{key_id}"): Case("key"),
    ("GET", "/groups"): Case(),
    ("GET", "/audit"): Case(),
    ("GET", "/rights"): Case(),
    ("PUT", "/rights"): Case(json={"groups": []}),
    ("PUT", "/rights/address"): Case(json={"address": "upload://", "groups": ["staff", "board"]}),
    ("GET", "/metrics"): Case(),
}
# What takes away objects that others name comes last.
LAST: Final = (("DELETE", "/conversations/{conversation_id}"), ("DELETE", "/knowledge-bases/{kb}"))
# Lists of what is one's own or of a knowledge base take its name; the rest is of the default one.
OF_A_KB: Final = ("/documents", "/scopes", "/jobs", "/sources", "/gaps", "/feedback/export")


@dataclass(frozen=True)
class Who:
    """A caller, with what he is expected to be allowed."""

    role: Role
    groups: tuple[str, ...] = ()
    scopes: frozenset[Scope] = SCOPES["admin"]
    everything: bool = False
    kbs: frozenset[str] | None = None
    of_kbs: bool = False  # an admin, in each knowledge base


CALLERS: Final[Mapping[str, Who]] = {
    "reader outside": Who("reader", ("staff",)),
    "reader within": Who("reader", ("board",)),
    "editor outside": Who("editor"),
    "editor within": Who("editor", ("board", "staff")),
    "admin": Who("admin", everything=True),
    # Not in `closed`, by either.
    "admin's key for two": Who("admin", everything=True, kbs=frozenset({"default", "open"})),
    "admin of each": Who("reader", of_kbs=True),
    "admin's key to ask": Who("admin", scopes=frozenset({"ask"}), everything=True),
    "editor's key to read": Who("editor", scopes=frozenset({"read"})),
}


@dataclass
class Objects:
    """Ids for one route: what is everybody's or the caller's own, and what is not."""

    ids: dict[str, str] = field(default_factory=dict)


def test_every_route_has_a_case() -> None:
    assert guarded_routes() == set(CASES)


NAMING: Final = [route for route, case in CASES.items() if case.kind == "document"]


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory, models_dir: Path) -> Path:
    """A closed library: for each route about a document one that all may read and one that the
    group `board` may, and a knowledge base that it alone may enter."""
    folder = tmp_path_factory.mktemp("rights")
    for place, front, word in (
        ("open", "", OPEN),
        (SECRET, f"---\ngroups: [board]\ntags: [{SECRET}]\n---\n", SECRET),
    ):
        (folder / "documents" / place).mkdir(parents=True)
        for number in range(len(NAMING)):
            (folder / "documents" / place / f"{word} {number}.md").write_text(
                f"{front}# The {word} {number}\n\nThe {word} {number} weighs {number} pounds.\n"
            )

    async def fill() -> None:
        settings = Settings(_env_file=None, data=folder / "data", models=models_dir)  # type: ignore[call-arg]
        opened = await open_runtime(
            settings, embedder=BigramEmbedder(), chat=ScriptedChat(), reader=OverlapReader()
        )
        opened.library.add_knowledge_base("closed")
        opened.library.add_knowledge_base("open")
        opened.library.limits.limit_knowledge_base("closed", ["board"])
        for kb in ("default", "closed"):
            request = SyncRequest((str(folder / "documents"),), kb)
            report = await asyncio.to_thread(opened.storage.sync, request, lambda _: None)
            assert report.added == 2 * len(NAMING)
        await opened.close()

    asyncio.run(fill())
    return folder / "data"


@pytest.fixture
async def runtime(furnished: Path, settings: Settings) -> AsyncIterator[Runtime]:
    shutil.copytree(furnished, settings.data)
    opened = await open_runtime(
        settings, embedder=BigramEmbedder(), chat=ScriptedChat(), reader=OverlapReader()
    )
    yield opened
    await opened.close()


def answered(document_id: str) -> dict[str, Any]:
    """An answer that stands on a document, as it is kept."""
    citation = {"marker": 1, "document_id": document_id, "quote": "q", "start": 0, "end": 1}
    return {"v": 1, "answer": f"Of {document_id}.", "answered": True, "citations": [citation]}


def begin(library: Library, owner: str, document_id: str) -> dict[str, str]:
    """Ids of a conversation of somebody's with a turn, its judgement, and a job of his."""
    own = library.seen_by(Sight(owner=owner))
    turn = own.conversations.ask("?", conversation_id=None, kb="default")
    own.conversations.finish(turn.id, "done", answer=answered(document_id))
    own.feedback.add(
        kb="default",
        helpful=False,
        reason="wrong",
        comment="c",
        question="?",
        answer=answered(document_id),
        version="0",
        turn_id=turn.id,
    )
    new = NewJob("default", "upload", "upload:///x.md", {"name": "x.md"}, owner=owner)
    job = library.jobs.add(new, error={"code": "x", "params": {}})
    return {
        "conversation": turn.conversation_id,
        "turn": turn.id,
        "feedback": turn.id,
        "job": job.id,
    }


def path_of(route: str, ids: Mapping[str, str]) -> str:
    return (
        route.replace("{document_id}", ids["document"])
        .replace("{conversation_id}", ids["conversation"])
        .replace("{turn_id}", ids["turn"])
        .replace("{job_id}", ids["job"])
        .replace("{feedback_id}", ids["feedback"])
        .replace("{source_id}", ids["source"])
        .replace("{kb}", ids["kb"])
        .replace("{answer_id}", ids["answer"])
        .replace("{person_id}", ids["person"])
        .replace("{key_id}", ids["key"])
    )


async def call(
    client: httpx.AsyncClient, key: str | None, route: tuple[str, str], ids: Mapping[str, str]
) -> httpx.Response:
    (method, path), case = route, CASES[route]
    body = case.json
    if isinstance(body, dict) and "document_ids" in body:
        body = {**body, "document_ids": [ids["document"]]}
    if path == "/feedback":
        body = {
            "question": "?",
            "helpful": True,
            "answer": (await made_answer(ids["turn"])),
        }
    if case.kind == "shared":
        body = {"secret": ids["shared"]}
    sent: dict[str, Any] = {"files": {"files": ("new.md", b"# New")}} if case.files else {}
    if body is not None:
        sent["json"] = body
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    return await client.request(method, path_of(path, ids), headers=headers, **sent)


async def made_answer(turn_id: str) -> dict[str, Any]:
    from app.api.wire.answers import Answer

    whole = Answer.of(an_answer()).model_copy(update={"turn_id": turn_id})
    return whole.model_dump(mode="json")


def lets_in(who: Who, route: tuple[str, str]) -> bool:
    """As docs/people.md says it."""
    method, path = route
    admin = who.role == "admin" and "admin" in who.scopes and who.kbs is None
    if path.startswith(("/sync", "/reindex", "/backup", "/rights", "/sources")) or path.endswith(
        "/groups"
    ):
        return admin
    if path.startswith(("/people", "/groups", "/shadow", "/models")):
        return admin
    if path.startswith("/me/"):  # for who is signed in: see tests/api/test_people_routes.py
        return False
    everybodys = ("/gaps", "/feedback/export", "/metrics", "/audit")
    if path in everybodys or "/curated-answers" in path:
        return admin
    if (method, path) == ("PATCH", "/knowledge-bases/{kb}"):
        return (who.role == "admin" or who.of_kbs) and "admin" in who.scopes
    if path.startswith("/knowledge-bases") and method != "GET":
        return admin
    if path.startswith(("/documents", "/jobs")) and method != "GET":
        return (who.role != "reader" or who.of_kbs) and "write" in who.scopes
    of_asking = ("/ask", "/search", "/conversations", "/shared-conversations", "/feedback", "/v1/")
    asks = path.startswith(of_asking) and (path != "/v1/models")
    return ("ask" if asks else "read") in who.scopes


@pytest.mark.parametrize("name", CALLERS)
async def test_each_may_what_he_may(runtime: Runtime, name: str) -> None:
    who, library = CALLERS[name], runtime.library
    library.people.add(name, who.role, who.groups)
    if who.of_kbs:
        roles: dict[str, Role | None] = dict.fromkeys(("default", "open", "closed"), "admin")
        library.people.change(name, roles=roles)
    key = library.people.add_key(name, "test", who.scopes, who.kbs)[1]
    me = library.people.get(name).id
    rows = library.documents("default")
    open_ones = [row.id for row in rows if SECRET not in row.source]
    secret_ones = [row.id for row in rows if SECRET in row.source]
    sees = who.everything or "board" in who.groups
    source = put_source(library, "default", str(runtime.settings.data), schedule=None)
    noting = {"accounts": True, "audit_days": 7}
    app = create_app(runtime.settings.model_copy(update=noting), runtime)
    app.state.service.opening.runtime.storage.worker.stop()
    async with client_of(app) as client:
        for route in sorted(CASES, key=lambda route: route in LAST):
            case = CASES[route]
            number = NAMING.index(route) if route in NAMING else 0
            mine = begin(library, me, open_ones[0]) | {"source": source.id, "kb": "open"}
            others = begin(library, "another", secret_ones[0]) | {"source": source.id}
            mine["document"], others["document"] = open_ones[number], secret_ones[number]
            others["kb"] = "closed"
            for ids in (mine, others):
                quote = CuratedQuote(secret_ones[0], "r", SECRET)
                own = library.seen_by(Sight(owner=me if ids is mine else "another"))
                ids["shared"] = own.conversations.share(ids["conversation"])
                colleague = f"{route} {ids is mine}"
                ids["person"] = library.people.add(colleague).id
                ids["key"] = library.people.add_key(colleague, "k", ["ask"])[0].id
                ids["answer"] = library.curated.add(ids["kb"], "?", f"{SECRET} [1]", [quote]).id
            if route[1].endswith("/restore") and case.kind in ("conversation", "turn"):
                await call(client, key, ("DELETE", route[1].removesuffix("/restore")), mine)

            nobody = await call(client, None, route, mine)
            assert nobody.status_code == 401, route
            began = now()
            allowed = await call(client, key, route, mine)
            noted = [(row.action, row.who) for row in library.audit.find(since=began)]
            done = route in ACTIONS and allowed.status_code < 400
            assert noted == ([(ACTIONS[route], name)] if done else []), route
            if not lets_in(who, route):
                assert allowed.status_code == 403, (route, allowed.text)
                refused = (await call(client, key, route, others)).status_code
                assert refused in ((403, 404) if case.kind == "job" else (403,)), route
                continue
            assert allowed.status_code not in (401, 403, 404, 500), (route, allowed.text)
            if not sees:
                assert SECRET not in allowed.text.replace(ASK["question"], ""), route
                assert SECRET not in str(allowed.headers), route
            hidden = await call(client, key, route, others)
            seen = {
                "document": sees,
                "kb": sees and who.kbs is None,
                # Each has his own, whatever his role; an admin sees what was taken in.
                "conversation": False,
                "turn": False,
                "job": who.everything,
            }
            if case.kind in seen:
                found = hidden.status_code not in (403, 404)
                assert found == seen[case.kind], (route, hidden.text)
            if not sees:
                assert SECRET not in hidden.text.replace(ASK["question"], ""), route
                # An error names what was asked for, and no more.
                assert case.kind == "document" or secret_ones[0] not in hidden.text, route


@pytest.mark.parametrize("kb", ["closed", "none"])
async def test_a_knowledge_base_that_one_may_not_enter_is_not_there(
    runtime: Runtime, kb: str
) -> None:
    library = runtime.library
    library.people.add("Bo", "editor")
    key = library.people.add_key("Bo", "test", SCOPES["editor"])[1]
    app = create_app(runtime.settings.model_copy(update={"accounts": True}), runtime)
    answers: dict[str, list[tuple[int, str]]] = {}
    async with client_of(app, Authorization=f"Bearer {key}") as client:
        found = [
            await client.get(f"{path}?kb={kb}")
            for path in ("/documents", "/scopes", "/documents/x", "/documents/x/text")
        ]
        found.append(await client.get(f"/knowledge-bases/{kb}"))
        found.append(await client.get(f"/knowledge-bases/{kb}/examples"))
        for path in ("/ask", "/search"):
            found.append(await client.post(path, json={**ASK, "kb": kb}))
        found.append(await client.post("/ask", json={**ASK, "kb": kb, "conversation_id": "new"}))
        found.append(await client.post("/conversations", json={"kb": kb}))
        beside = {**ASK, "filter": {"scope": {"knowledge_bases": [kb, "default"]}}}
        for path in ("/ask", "/search"):
            found.append(await client.post(path, json=beside))
        found.append(await client.post("/feedback", json={"kb": kb}))
        message = {"role": "user", "content": "?"}
        body = {"model": f"groundkb/{kb}", "messages": [message]}
        found.append(await client.post("/v1/chat/completions", json=body))
        found.append(await client.post(f"/documents?kb={kb}", files={"files": ("a.md", b"a")}))
        answers[kb] = [(response.status_code, response.text) for response in found]
        assert "closed" not in (await client.get("/v1/models")).text
        assert "closed" not in (await client.get("/knowledge-bases")).text
    # Neither what is closed nor what is missing is there; the two do not differ.
    assert {status for status, _ in answers[kb]} <= {404, 422}
    assert all(SECRET not in text.replace(ASK["question"], "") for _, text in answers[kb])


async def test_a_judgement_is_ones_own(runtime: Runtime) -> None:
    library = runtime.library
    rows = library.documents("default")
    theirs = begin(library, "another", rows[0].id)
    me = library.people.add("Bo").id
    key = library.people.add_key("Bo", "test", SCOPES["admin"])[1]
    app = create_app(runtime.settings.model_copy(update={"accounts": True}), runtime)
    async with client_of(app, Authorization=f"Bearer {key}") as client:
        assert (await client.delete(f"/feedback/{theirs['turn']}")).status_code == 204
        body = {"question": "?", "helpful": True, "answer": await made_answer(theirs["turn"])}
        kept = (await client.post("/feedback", json=body)).json()["id"]
    assert kept != theirs["turn"]
    before = library.seen_by(Sight(owner="another")).feedback.of_turns([theirs["turn"]])
    assert not before[theirs["turn"]].helpful
    assert [row.id for row in library.seen_by(Sight(owner=me)).feedback.all("default")] == [kept]


async def test_an_upload_neither_tells_nor_replaces_what_is_hidden(
    runtime: Runtime, upload_to: Callable[..., Any]
) -> None:
    library = runtime.library
    library.people.add("Bo", "editor")
    library.people.add("Ann", "editor", ["board"])
    bo, ann = (library.people.add_key(who, "k", SCOPES["editor"])[1] for who in ("Bo", "Ann"))
    app = create_app(runtime.settings.model_copy(update={"accounts": True}), runtime)
    plan = b"---\ngroups: board\n---\nThe plan is to sell.\n"
    async with client_of(app) as client:
        first = await upload_to(client, runtime, ann, "plan.md", plan)
        for how in ("refuse", "replace", "keep_both"):
            answer = await upload_to(client, runtime, bo, "plan.md", f"{how}\n".encode(), how)
            assert answer["name"].startswith("plan ("), how
            assert not answer["unchanged"]
        again = await upload_to(client, runtime, bo, "plan.md", plan, "keep_both")
        assert (again["unchanged"], again["document_id"] != first["document_id"]) == (False, True)
        assert (await upload_to(client, runtime, ann, "plan.md", plan))["unchanged"]
    assert "sell" in library.text("default", first["document_id"])


@pytest.fixture
def upload_to() -> Callable[..., Any]:
    async def upload(
        client: httpx.AsyncClient,
        runtime: Runtime,
        key: str,
        name: str,
        data: bytes,
        on_conflict: str = "refuse",
    ) -> Any:
        response = await client.post(
            f"/documents?on_conflict={on_conflict}",
            files={"files": (name, data)},
            headers={"Authorization": f"Bearer {key}"},
        )
        [job] = response.json()["jobs"]
        for _ in range(400):
            if runtime.library.jobs.get(job["job_id"]).status in ("done", "failed"):
                break
            await asyncio.sleep(0.02)
        assert runtime.library.jobs.get(job["job_id"]).status == "done"
        return job

    return upload
