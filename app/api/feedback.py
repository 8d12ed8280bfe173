"""What users think of answers, and the golden set that it makes."""

import asyncio
import json
from collections.abc import Iterator
from importlib.metadata import version
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from app.api.ask import FAILURES
from app.api.auth import DOCUMENTED, Guarded
from app.api.schemas import Answer, ErrorBody, KbName, Wire
from app.api.service import service_of
from app.errors import KnowledgeBaseNotFound
from app.library.feedback import FeedbackStore, as_golden_set

router = APIRouter(tags=["feedback"], route_class=Guarded, dependencies=DOCUMENTED)
NOT_FOUND: dict[int | str, dict[str, object]] = {
    404: {"model": ErrorBody, "description": "There is no such knowledge base."},
    **FAILURES,
}
Reason = Literal[
    "", "wrong", "incomplete", "wrong_source", "should_refuse", "should_answer", "other"
]


class FeedbackIn(Wire):
    kb: str | None = KbName
    question: str = Field(min_length=1, max_length=4_000, description="As it was asked.")
    answer: Answer = Field(description="As it was given: citations and models are kept with it.")
    helpful: bool
    reason: Reason = ""
    comment: str = Field(default="", max_length=4_000)


class FeedbackKept(Wire):
    id: str


def golden_lines(store: FeedbackStore, kb: str) -> Iterator[str]:
    """The lines of a golden set (docs/evaluation.md), each ended. Raises LibraryUnavailable."""
    for entry in as_golden_set(store.all(kb)):
        yield json.dumps(entry, ensure_ascii=False) + "\n"


@router.post("/feedback", status_code=201, summary="Judge an answer", responses=NOT_FOUND)
async def judge(body: FeedbackIn, request: Request) -> FeedbackKept:
    service = service_of(request)
    kb = service.kb(body.kb)

    def store() -> str:
        library = service.runtime.library
        if kb not in library.knowledge_bases():
            raise KnowledgeBaseNotFound(name=kb)
        return library.feedback.add(
            kb=kb,
            helpful=body.helpful,
            reason=body.reason,
            comment=body.comment.strip(),
            question=body.answer.standalone_question or body.question.strip(),
            answer=body.answer.model_dump(mode="json"),
            version=version("groundkb"),
        )

    return FeedbackKept(id=await asyncio.to_thread(store))


@router.get(
    "/feedback/export",
    summary="Feedback as a golden set",
    description="JSON lines for `groundkb eval --dataset golden`: answers found helpful, refusals "
    "found right, and questions that should have been refused.",
    response_class=Response,
    responses={
        200: {"content": {"application/x-ndjson": {"schema": {"type": "string"}}}},
        **FAILURES,
    },
)
async def export(
    request: Request,
    kb: Annotated[str | None, Query(description="Unset: the default one.")] = None,
) -> Response:
    service = service_of(request)
    store = service.runtime.library.feedback
    lines = await asyncio.to_thread(lambda: "".join(golden_lines(store, service.kb(kb))))
    return Response(
        lines,
        media_type="application/x-ndjson",
        headers={"Content-Disposition": 'attachment; filename="golden.jsonl"'},
    )
