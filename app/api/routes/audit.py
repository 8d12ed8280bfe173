"""GET /audit: who did what."""

import json
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.api.auth import DOCUMENTED, Guarded
from app.api.dependencies import LibraryDep
from app.api.wire.base import FAILURES
from app.library.audit import Action, AuditRow
from app.library.tables import now

router = APIRouter(tags=["people"], route_class=Guarded, dependencies=DOCUMENTED)


def audit_line(row: AuditRow) -> str:
    """One line of JSON, ended."""
    return json.dumps({**asdict(row), "at": row.at.isoformat()}, ensure_ascii=False) + "\n"


@router.get(
    "/audit",
    summary="Who did what",
    description="JSON lines, the newest first. For admins; nothing is noted unless GROUNDKB_AUDIT_DAYS is set.",
    response_class=Response,
    responses={
        200: {"content": {"application/x-ndjson": {"schema": {"type": "string"}}}},
        **FAILURES,
    },
)
def audit(
    library: LibraryDep,
    days: Annotated[int | None, Query(ge=1, le=10_000, description="Of the last days.")] = None,
    who: Annotated[str | None, Query(max_length=100)] = None,
    action: Annotated[tuple[Action, ...], Query(description="May be repeated.")] = (),
    limit: Annotated[int, Query(ge=1, le=100_000)] = 1_000,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> Response:
    since = None if days is None else now() - timedelta(days=days)
    rows = library.audit.find(since=since, who=who, actions=action, limit=limit, offset=offset)
    return Response("".join(map(audit_line, rows)), media_type="application/x-ndjson")
