"""Knowledge bases: how they word their refusals, and what one could ask them."""

from typing import Annotated, get_args

from pydantic import Field, StringConstraints

from app.answering.examples import Example
from app.api.wire.base import KB_PATTERN, Wire
from app.errors import Language


class KnowledgeBases(Wire):
    knowledge_bases: tuple[str, ...]
    default: str


RefusalText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class Refusals(Wire):
    """Null: the usual sentence."""

    zh: RefusalText | None = None
    en: RefusalText | None = None

    @property
    def given(self) -> dict[Language, str | None]:
        """Those that the request names."""
        return {
            name: getattr(self, name)
            for name in get_args(Language)
            if name in self.model_fields_set
        }


KbTitle = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class NewKnowledgeBase(Wire):
    name: Annotated[str, StringConstraints(pattern=KB_PATTERN)] = Field(
        description="As addresses have it; it stays."
    )
    title: KbTitle | None = Field(None, description="What people call it; unset: its name.")


class KnowledgeBaseChange(Wire):
    """Only what is sent is changed."""

    title: KbTitle | None = Field(None, description="Null: its name again.")
    refusals: Refusals = Field(
        Refusals(), description="A language that is left out stays as it is."
    )


class KnowledgeBaseBody(Wire):
    name: str
    title: str = Field(description="What people call it.")
    refusals: Refusals = Field(description="What it says instead of the usual refusal sentences.")


class Examples(Wire):
    examples: tuple[Example, ...]
