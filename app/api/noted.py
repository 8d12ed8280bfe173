"""What is noted of requests that succeeded: for each route that changes something, and for those by
which documents are read."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any, Final

import structlog
from fastapi import Request, Response

from app.api.service import Service
from app.errors import GroundkbError
from app.library.audit import Action

log = structlog.get_logger(__name__)

ACTIONS: Final[Mapping[tuple[str, str], Action]] = {
    ("POST", "/ask"): "asked",
    ("POST", "/search"): "asked",
    ("POST", "/v1/chat/completions"): "asked",
    ("GET", "/documents/{document_id}/text"): "read",
    ("GET", "/documents/{document_id}/chunks"): "read",
    ("GET", "/documents/{document_id}/original"): "read",
    ("POST", "/documents"): "uploaded",
    ("DELETE", "/documents/{document_id}"): "deleted",
    ("POST", "/documents/delete"): "deleted",
    ("DELETE", "/knowledge-bases/{kb}"): "deleted",
    ("POST", "/documents/restore"): "restored",
    ("POST", "/documents/tags"): "changed",
    ("PUT", "/documents/{document_id}/tags"): "changed",
    ("PUT", "/documents/{document_id}/groups"): "limited",
    ("PUT", "/rights"): "limited",
    ("PUT", "/rights/address"): "limited",
    ("POST", "/people"): "granted",
    ("PATCH", "/people/{person_id}"): "granted",
    ("DELETE", "/people/{person_id}"): "granted",
    ("POST", "/people/{person_id}/link"): "granted",
    ("POST", "/people/{person_id}/keys"): "granted",
    ("DELETE", "/people/{person_id}/keys/{key_id}"): "granted",
    ("POST", "/me/keys"): "granted",
    ("DELETE", "/me/keys/{key_id}"): "granted",
    ("POST", "/me/password"): "granted",
    ("POST", "/conversations/{conversation_id}/share"): "shared",
    ("DELETE", "/conversations/{conversation_id}/share"): "shared",
    ("POST", "/shared-conversations"): "read",
    ("POST", "/knowledge-bases"): "administered",
    ("PATCH", "/knowledge-bases/{kb}"): "administered",
    ("POST", "/knowledge-bases/{kb}/curated-answers"): "administered",
    ("DELETE", "/knowledge-bases/{kb}/curated-answers/{answer_id}"): "administered",
    ("POST", "/sources"): "administered",
    ("PATCH", "/sources/{source_id}"): "administered",
    ("DELETE", "/sources/{source_id}"): "administered",
    ("POST", "/sources/{source_id}/restore"): "administered",
    ("POST", "/sources/{source_id}/sync"): "administered",
    ("POST", "/sync"): "administered",
    ("POST", "/reindex"): "administered",
    ("DELETE", "/reindex/previous"): "administered",
    ("POST", "/backup"): "administered",
    ("POST", "/models/pull"): "administered",
    ("POST", "/shadow"): "administered",
    ("DELETE", "/shadow"): "administered",
    ("POST", "/shadow/promotion"): "administered",
    ("POST", "/documents/{document_id}/retry"): "changed",
    ("POST", "/jobs/{job_id}/cancel"): "changed",
    ("POST", "/jobs/{job_id}/retry"): "changed",
    ("POST", "/conversations"): "changed",
    ("PATCH", "/conversations/{conversation_id}"): "changed",
    ("DELETE", "/conversations/{conversation_id}"): "deleted",
    ("POST", "/conversations/{conversation_id}/restore"): "restored",
    ("POST", "/conversations/{conversation_id}/turns/{turn_id}/show"): "changed",
    ("POST", "/conversations/{conversation_id}/turns/{turn_id}/stop"): "changed",
    ("DELETE", "/conversations/{conversation_id}/turns/{turn_id}"): "deleted",
    ("POST", "/conversations/{conversation_id}/turns/{turn_id}/restore"): "restored",
    ("POST", "/feedback"): "changed",
    ("DELETE", "/feedback/{feedback_id}"): "changed",
    ("GET", "/feedback/export"): "administered",
}
_LONGEST: Final = 4_000
_WHERE: Final = (
    "conversation_id",
    "turn_id",
    "feedback_id",
    "job_id",
    "document_id",
    "source_id",
    "answer_id",
    "person_id",
    "key_id",
    "address",
    "path",
    "name",
    "model",
)
# What of such a request is noted: no password, no link, no address.
_SAID: Final[Mapping[Action, tuple[str, ...]]] = {
    "granted": ("role", "roles", "groups", "enabled", "scopes", "knowledge_bases", "days"),
    "administered": ("chat", "settings", "share", "rollback"),
}


async def note_request(
    service: Service, request: Request, response: Response, path: str, who: str, **of: str
) -> None:
    """Note a request to the route `path`. What cannot be noted is logged; the answer goes on."""
    action = ACTIONS.get((request.method, path))
    if not service.settings.audit_days or action is None or response.status_code >= 400:
        return
    body = await _body(request) if action != "uploaded" else {}
    given = {**body, **request.path_params}
    ids = given.get("document_ids") or [given[name] for name in _WHERE if given.get(name)]
    if action == "uploaded":
        ids = [job["document_id"] for job in json.loads(bytes(response.body))["jobs"]]
    kb = given.get("kb") or request.query_params.get("kb")
    kb = service.kb(kb, request.state.caller.kbs)
    question = str(given.get("question") or _last_message(given))
    detail = question if service.settings.audit_questions and action == "asked" else ""
    if action == "limited":
        detail = ", ".join(given.get("groups") or ())
    if said := {name: given[name] for name in _SAID.get(action, ()) if name in given}:
        detail = f"{request.method} {path} {json.dumps(said, ensure_ascii=False)}"
    of |= {
        "kb": str(kb)[:40],
        "object": " ".join(map(str, ids))[:_LONGEST],
        "detail": detail.strip()[:_LONGEST] or f"{request.method} {path}",
    }
    await note(service, action, who, **of)


async def note(service: Service, action: Action, who: str, **of: str) -> None:
    """The same of what is no guarded route."""
    if not service.settings.audit_days:
        return
    try:
        await asyncio.to_thread(service.runtime.library.audit.add, action, who, **of)
    except GroundkbError as error:
        log.error("not_noted", action=action, who=who, code=error.code)


async def _body(request: Request) -> dict[str, Any]:
    """What was read already; empty for none."""
    try:
        read = json.loads(await request.body() or b"{}")
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def _last_message(given: Mapping[str, Any]) -> object:
    messages = given.get("messages")
    last = messages[-1] if isinstance(messages, list) and messages else {}
    return last.get("content", "") if isinstance(last, dict) else ""
