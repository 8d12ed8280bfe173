"""POST /search: retrieval alone."""

from fastapi import APIRouter, Request

from app.answering.answer import Question
from app.api.auth import DOCUMENTED, Guarded
from app.api.conversing import filter_of
from app.api.dependencies import RuntimeDep, ServiceDep
from app.api.wire.base import not_found
from app.api.wire.search import SearchRequest, SearchResult
from app.text.language import detect_language

router = APIRouter(tags=["search"], route_class=Guarded, dependencies=DOCUMENTED)


@router.post("/search", summary="Find passages", responses=not_found("knowledge base"))
async def search(
    body: SearchRequest, request: Request, service: ServiceDep, runtime: RuntimeDep
) -> SearchResult:
    if body.question.strip():
        request.state.asked_language = detect_language(body.question)
    kb = service.kb(body.kb, runtime.library.sight.kbs)
    question = Question(body.question, kb, filter_of(body.filter))
    found = await runtime.answerer.search(question, body.limit, body.mode)
    return SearchResult.of(found)
