"""What users think of answers, and the golden set that it makes."""

import json
from collections.abc import Iterator
from importlib.metadata import version

from fastapi import APIRouter, Response

from app.answering.curated import curated_golden_set
from app.api.auth import DOCUMENTED, Guarded
from app.api.dependencies import KbDep, LibraryDep, ServiceDep
from app.api.wire.base import FAILURES, not_found
from app.api.wire.feedback import FeedbackIn, FeedbackKept
from app.errors import KnowledgeBaseNotFound
from app.library.feedback import as_golden_set
from app.library.library import Library

router = APIRouter(tags=["feedback"], route_class=Guarded, dependencies=DOCUMENTED)


def golden_lines(library: Library, kb: str) -> Iterator[str]:
    """The lines of a golden set (docs/evaluation.md), each ended: answers that an owner wrote and that
    are given, then what was judged, each question once. Raises LibraryUnavailable."""
    curated = list(curated_golden_set(library, kb))
    known = {entry["question"] for entry in curated}
    judged = as_golden_set(library.feedback.all(kb))
    for entry in (*curated, *(each for each in judged if each["question"] not in known)):
        yield json.dumps(entry, ensure_ascii=False) + "\n"


@router.post(
    "/feedback",
    status_code=201,
    summary="Judge an answer",
    description="Of a kept turn there is one judgement, whose id is the turn's: a later one takes "
    "its place.",
    responses=not_found("knowledge base"),
)
def judge(body: FeedbackIn, service: ServiceDep, library: LibraryDep) -> FeedbackKept:
    kb = service.kb(body.kb, library.sight.kbs)
    if kb not in library.knowledge_bases():
        raise KnowledgeBaseNotFound(name=kb)
    identifier = library.feedback.add(
        kb=kb,
        helpful=body.helpful,
        reason=body.reason,
        comment=body.comment.strip(),
        question=body.answer.standalone_question or body.question.strip(),
        answer=body.answer.to_keep(),
        version=version("groundkb"),
        turn_id=body.answer.turn_id,
    )
    return FeedbackKept(id=identifier)


@router.delete(
    "/feedback/{feedback_id}", status_code=204, summary="Withdraw a judgement", responses=FAILURES
)
def withdraw(feedback_id: str, library: LibraryDep) -> None:
    library.feedback.withdraw(feedback_id)


@router.get(
    "/feedback/export",
    summary="Feedback as a golden set",
    description="JSON lines for `groundkb eval --dataset golden`: answers that an owner wrote, answers found "
    "helpful, refusals found right, and questions that should have been refused.",
    response_class=Response,
    responses={
        200: {"content": {"application/x-ndjson": {"schema": {"type": "string"}}}},
        **FAILURES,
    },
)
def export(kb: KbDep, library: LibraryDep) -> Response:
    return Response(
        "".join(golden_lines(library, kb)),
        media_type="application/x-ndjson",
        headers={"Content-Disposition": 'attachment; filename="golden.jsonl"'},
    )
