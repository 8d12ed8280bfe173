"""What of OpenAI's protocol is read here."""

from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

# A request for more texts is for a batch job, which has no business in a server's queue.
MAX_INPUTS: Final = 256


class _Lenient(BaseModel):
    """What is not known here is passed over, and a null stands for the usual value, as with OpenAI."""

    model_config = ConfigDict(extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        return {name: value for name, value in values.items() if value is not None}


class Part(_Lenient):
    """A piece of a message; only pieces of the type `text` have one."""

    type: str
    text: str = ""


class ChatMessage(_Lenient):
    """`content` is null where an assistant called a tool."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None

    @property
    def text(self) -> str:
        if self.content is None or isinstance(self.content, str):
            return self.content or ""
        return "".join(part.text for part in self.content if part.type == "text")

    @property
    def others(self) -> list[str]:
        """The types of its pieces that are no text, such as `image_url`."""
        if self.content is None or isinstance(self.content, str):
            return []
        return [part.type for part in self.content if part.type != "text"]


class StreamOptions(_Lenient):
    include_usage: bool = False


class CompletionRequest(_Lenient):
    """Fields of OpenAI's that are not named here are accepted and have no effect."""

    model: str = "groundkb"
    messages: list[ChatMessage]
    stream: bool = False
    stream_options: StreamOptions | None = None


class EmbeddingRequest(_Lenient):
    model: str = "groundkb"
    input: str | list[str] = Field(description=f"At most {MAX_INPUTS} texts.")
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: int | None = Field(None, description="Nothing but the model's own.")
    input_type: Literal["query", "document"] = Field(
        "document",
        description="Beyond OpenAI's protocol: models that tell questions from passages want to know.",
    )


class EmbeddingItem(BaseModel):
    object: Literal["embedding"] = "embedding"
    index: int
    embedding: list[float] | str


class Embeddings(BaseModel):
    """`usage` counts nothing: no embedding model here is paid by tokens."""

    object: Literal["list"] = "list"
    data: list[EmbeddingItem]
    model: str
    usage: dict[str, Any] = {"prompt_tokens": 0, "total_tokens": 0}
