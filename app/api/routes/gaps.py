"""GET /gaps: which questions the documents do not answer, by topic."""

import csv
import io
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from app.answering.gaps import by_topic, find_gaps
from app.api.auth import DOCUMENTED, Guarded
from app.api.dependencies import KbDep, StorageDep
from app.api.wire.base import not_found
from app.api.wire.gaps import Gaps, GapTopic
from app.runtime import Storage

router = APIRouter(tags=["feedback"], route_class=Guarded, dependencies=DOCUMENTED)


def read_gaps(storage: Storage, kb: str) -> Gaps:
    """Blocking. Raises KnowledgeBaseNotFound, LibraryUnavailable and EmbeddingFailed."""
    storage.library.require_knowledge_base(kb)
    found = find_gaps(storage.library, kb)
    topics = by_topic(found, storage.embedder.embed_passages, storage.sparse.cutter)
    return Gaps(questions=len(found), topics=tuple(GapTopic.of(topic) for topic in topics))


def as_csv(gaps: Gaps) -> str:
    """One line a topic, with a head; questions and titles are joined by ' | '."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        [
            "topic",
            "verdict",
            "count",
            "refused",
            "disliked",
            "unsupported",
            "differing",
            "questions",
            "closest",
        ]
    )
    for topic in gaps.topics:
        counts = [
            topic.count,
            topic.refused,
            topic.disliked,
            topic.unsupported,
            topic.differing,
        ]
        titles = dict.fromkeys(item.title for item in topic.closest)
        cells = [topic.name, " | ".join(topic.questions), " | ".join(titles)]
        name, questions, closest = (_safe(cell) for cell in cells)
        writer.writerow([name, topic.verdict, *counts, questions, closest])
    return text.getvalue()


def _safe(cell: str) -> str:
    """A spreadsheet would compute what begins like a formula; users' questions are not to be computed."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


@router.get(
    "/gaps",
    response_model=Gaps,
    summary="What the documents do not answer",
    description="Questions of kept conversations that were refused, answered without support or answered otherwise "
    "by two documents, and answers that users found unhelpful, grouped by topic.",
    responses={
        200: {"content": {"text/csv": {"schema": {"type": "string"}}}},
        **not_found("knowledge base"),
    },
)
def gaps(
    storage: StorageDep,
    kb: KbDep,
    form: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
) -> Gaps | Response:
    found = read_gaps(storage, kb)
    if form == "csv":
        return Response(
            as_csv(found),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="gaps.csv"'},
        )
    return found
