"""GET /audit: who did what."""

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import timedelta
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime

from app.api.auth import DOCUMENTED, Guarded
from app.api.dependencies import LibraryDep
from app.api.wire.base import FAILURES
from app.library.audit import Action, AuditRow
from app.library.tables import now

router = APIRouter(tags=["people"], route_class=Guarded, dependencies=DOCUMENTED)
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def audit_line(row: AuditRow) -> str:
    """One line of JSON, ended."""
    return json.dumps({**asdict(row), "at": row.at.isoformat()}, ensure_ascii=False) + "\n"


def audit_csv(rows: Iterable[AuditRow]) -> str:
    """With a head line. What a spreadsheet would take for a formula gets an apostrophe before it."""
    written = io.StringIO()
    out = csv.writer(written)
    out.writerow(field.name for field in fields(AuditRow))
    for row in rows:
        values = {**asdict(row), "at": row.at.isoformat()}.values()
        out.writerow(f"'{value}" if value[:1] in _FORMULA else value for value in values)
    return written.getvalue()


@router.get(
    "/audit",
    summary="Who did what",
    description="JSON lines, the newest first, or CSV. For admins; nothing is noted unless GROUNDKB_AUDIT_DAYS is set.",
    response_class=Response,
    responses={
        200: {
            "content": {
                "application/x-ndjson": {"schema": {"type": "string"}},
                "text/csv": {"schema": {"type": "string"}},
            }
        },
        **FAILURES,
    },
)
def audit(
    library: LibraryDep,
    days: Annotated[int | None, Query(ge=1, le=10_000, description="Of the last days.")] = None,
    since: Annotated[AwareDatetime | None, Query(description="Not before.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Before.")] = None,
    who: Annotated[str | None, Query(max_length=100)] = None,
    about: Annotated[
        str | None,
        Query(max_length=200, description="Part of what was acted on, or of the detail."),
    ] = None,
    named_kb: Annotated[
        str | None, Query(max_length=40, description="Of this knowledge base.")
    ] = None,
    action: Annotated[tuple[Action, ...], Query(description="May be repeated.")] = (),
    limit: Annotated[int, Query(ge=1, le=100_000)] = 1_000,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    format: Annotated[Literal["jsonl", "csv"], Query()] = "jsonl",  # noqa: A002  (its name on the wire)
) -> Response:
    youngest = None if days is None else now() - timedelta(days=days)
    rows = library.audit.find(
        since=max((moment for moment in (youngest, since) if moment is not None), default=None),
        until=until,
        who=who,
        actions=action,
        kb=named_kb,
        about=about,
        limit=limit,
        offset=offset,
    )
    if format == "csv":
        named = {"Content-Disposition": 'attachment; filename="audit.csv"'}
        return Response(audit_csv(rows), media_type="text/csv; charset=utf-8", headers=named)
    return Response("".join(map(audit_line, rows)), media_type="application/x-ndjson")
