"""Knowledge bases: which there are, how one words its refusals, and what one could ask it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from app.answering.examples import example_questions
from app.api.auth import DOCUMENTED, Guarded, require_operator
from app.api.dependencies import LibraryDep, ServiceDep, StorageDep
from app.api.wire.base import FAILURES, ErrorBody, not_found
from app.api.wire.knowledge_bases import (
    Examples,
    KnowledgeBaseBody,
    KnowledgeBaseChange,
    KnowledgeBases,
    NewKnowledgeBase,
    Refusals,
)
from app.errors import Language
from app.library.library import Library

router = APIRouter(tags=["knowledge bases"], route_class=Guarded, dependencies=DOCUMENTED)
NOT_FOUND = not_found("knowledge base")


def read_knowledge_base(library: Library, kb: str) -> KnowledgeBaseBody:
    """Blocking. Raises KnowledgeBaseNotFound and LibraryUnavailable."""
    return KnowledgeBaseBody(
        name=kb,
        title=library.knowledge_base_title(kb) or kb,
        refusals=Refusals.model_validate(library.refusals.all(kb)),
    )


@router.get("/knowledge-bases", summary="List knowledge bases", responses=FAILURES)
def knowledge_bases(service: ServiceDep, library: LibraryDep) -> KnowledgeBases:
    names = tuple(library.knowledge_bases())
    return KnowledgeBases(knowledge_bases=names, default=service.kb(None, library.sight.kbs))


@router.post(
    "/knowledge-bases",
    status_code=201,
    summary="Make a knowledge base",
    responses={
        409: {"model": ErrorBody, "description": "There is one of that name, or too many."},
        **FAILURES,
    },
)
def create(body: NewKnowledgeBase, service: ServiceDep, library: LibraryDep) -> KnowledgeBaseBody:
    library.create_knowledge_base(body.name, body.title, service.settings.max_knowledge_bases)
    return read_knowledge_base(library, body.name)


@router.get("/knowledge-bases/{kb}", summary="One knowledge base", responses=NOT_FOUND)
def knowledge_base(kb: str, library: LibraryDep) -> KnowledgeBaseBody:
    return read_knowledge_base(library, kb)


@router.patch(
    "/knowledge-bases/{kb}",
    summary="Give it a title, word its refusals",
    description="`answered`, the reason and what the chat model is told do not change.",
    responses=NOT_FOUND,
)
def change(kb: str, body: KnowledgeBaseChange, library: LibraryDep) -> KnowledgeBaseBody:
    library.refusals.set(kb, body.refusals.given)
    if "title" in body.model_fields_set:
        library.retitle_knowledge_base(kb, body.title)
    return read_knowledge_base(library, kb)


@router.delete(
    "/knowledge-bases/{kb}",
    status_code=204,
    dependencies=[Depends(require_operator)],
    summary="Delete a knowledge base",
    description="With everything in it, for good: documents, sources, conversations, feedback. Files in "
    "folders stay. Needs the operator's token. The default one is there again at the next start, empty.",
    responses={
        403: {"model": ErrorBody, "description": "The caller is not the operator."},
        409: {"model": ErrorBody, "description": "A sync or upload goes on; try again later."},
        **NOT_FOUND,
    },
)
def delete(kb: str, storage: StorageDep) -> None:
    storage.delete_knowledge_base(kb)


@router.get(
    "/knowledge-bases/{kb}/examples",
    summary="Questions to begin with",
    description="Up to four that its documents answer, made without a model; the same each time "
    "while the documents are the same.",
    responses=NOT_FOUND,
)
def examples(
    kb: str,
    library: LibraryDep,
    language: Annotated[
        Language | None, Query(description="Of the questions; unset: of the documents.")
    ] = None,
) -> Examples:
    return Examples(examples=tuple(example_questions(library, kb, language)))
