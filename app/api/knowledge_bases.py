"""One knowledge base: how it words its refusals, and what one could ask it."""

import asyncio
from typing import Annotated, Self

from fastapi import APIRouter, Query, Request
from pydantic import Field, StringConstraints

from app.answering.examples import Example, example_questions
from app.api.ask import FAILURES
from app.api.auth import DOCUMENTED, Guarded
from app.api.schemas import ErrorBody, Wire
from app.api.service import service_of
from app.errors import Language
from app.library.refusals import RefusalTexts

router = APIRouter(tags=["knowledge bases"], route_class=Guarded, dependencies=DOCUMENTED)
NOT_FOUND: dict[int | str, dict[str, object]] = {
    404: {"model": ErrorBody, "description": "There is no such knowledge base."},
    **FAILURES,
}
RefusalText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class Refusals(Wire):
    """Null: the usual sentence."""

    zh: RefusalText | None = None
    en: RefusalText | None = None

    @property
    def given(self) -> dict[Language, str | None]:
        """Those that the request names."""
        languages: tuple[Language, ...] = ("zh", "en")
        return {name: getattr(self, name) for name in languages if name in self.model_fields_set}


class KnowledgeBaseChange(Wire):
    refusals: Refusals = Field(description="A language that is left out stays as it is.")


class KnowledgeBaseBody(Wire):
    name: str
    refusals: Refusals = Field(description="What it says instead of the usual refusal sentences.")

    @classmethod
    def of(cls, name: str, texts: RefusalTexts) -> Self:
        """Blocking. Raises KnowledgeBaseNotFound and LibraryUnavailable."""
        return cls(name=name, refusals=Refusals.model_validate(texts.all(name)))


class ExampleQuestion(Wire):
    question: str
    language: Language
    document_id: str = Field(description="The document that answers it.")
    title: str = Field(description="That document's title.")

    @classmethod
    def of(cls, example: Example) -> Self:
        return cls.model_validate(example)


class Examples(Wire):
    examples: tuple[ExampleQuestion, ...]


@router.get("/knowledge-bases/{kb}", summary="One knowledge base", responses=NOT_FOUND)
async def knowledge_base(kb: str, request: Request) -> KnowledgeBaseBody:
    texts = service_of(request).runtime.library.refusals
    return await asyncio.to_thread(KnowledgeBaseBody.of, kb, texts)


@router.patch(
    "/knowledge-bases/{kb}",
    summary="Word its refusals",
    description="`answered`, the reason and what the chat model is told do not change.",
    responses=NOT_FOUND,
)
async def change(kb: str, body: KnowledgeBaseChange, request: Request) -> KnowledgeBaseBody:
    texts = service_of(request).runtime.library.refusals
    await asyncio.to_thread(texts.set, kb, body.refusals.given)
    return await asyncio.to_thread(KnowledgeBaseBody.of, kb, texts)


@router.get(
    "/knowledge-bases/{kb}/examples",
    summary="Questions to begin with",
    description="Up to four that its documents answer, made without a model; the same each time "
    "while the documents are the same.",
    responses=NOT_FOUND,
)
async def examples(
    kb: str,
    request: Request,
    language: Annotated[
        Language | None, Query(description="Of the questions; unset: of the documents.")
    ] = None,
) -> Examples:
    library = service_of(request).runtime.library
    found = await asyncio.to_thread(example_questions, library, kb, language)
    return Examples(examples=tuple(ExampleQuestion.of(example) for example in found))
