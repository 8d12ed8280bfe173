"""Curated answers: what an owner wrote, given to questions that ask the same."""

from fastapi import APIRouter

from app.answering.curated import add_curated, state_of
from app.api.auth import DOCUMENTED, Guarded
from app.api.dependencies import LibraryDep
from app.api.wire.base import ErrorBody, not_found
from app.api.wire.curated import CuratedBody, CuratedIn, CuratedList
from app.library.curated import CuratedRow
from app.library.library import Library

router = APIRouter(tags=["curated answers"], route_class=Guarded, dependencies=DOCUMENTED)
NOT_FOUND = not_found("knowledge base, document or answer")


def _body(library: Library, row: CuratedRow) -> CuratedBody:
    plain = {name: value for name, value in vars(row).items() if name != "kb"}
    return CuratedBody(**plain, state=state_of(library, row))


@router.get(
    "/knowledge-bases/{kb}/curated-answers",
    summary="List the answers that an owner wrote",
    responses=NOT_FOUND,
)
def curated_answers(kb: str, library: LibraryDep) -> CuratedList:
    library.require_knowledge_base(kb)
    return CuratedList(answers=tuple(_body(library, row) for row in library.curated.of(kb)))


@router.post(
    "/knowledge-bases/{kb}/curated-answers",
    status_code=201,
    summary="Write an answer to a question",
    description="It is given, marked `curated`, to questions that ask the same: the same thing of the same words, "
    "numbers, names, bounds and force, while every quote stands in its document and the caller may read it.",
    responses={
        409: {"model": ErrorBody, "description": "There is one for a question that asks the same."},
        **NOT_FOUND,
    },
)
def add(kb: str, body: CuratedIn, library: LibraryDep) -> CuratedBody:
    quotes = [(item.document_id, item.quote) for item in body.quotes]
    return _body(library, add_curated(library, kb, body.question, body.answer, quotes))


@router.delete(
    "/knowledge-bases/{kb}/curated-answers/{answer_id}",
    status_code=204,
    summary="Remove such an answer",
    responses=NOT_FOUND,
)
def remove(kb: str, answer_id: str, library: LibraryDep) -> None:
    library.curated.remove(kb, answer_id)
