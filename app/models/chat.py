"""What a chat model is for. Three providers implement `ChatModel`; one suite tests them all."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

Provider = Literal["ollama", "openai", "embedded"]


@dataclass(frozen=True)
class Message:
    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True)
class ChatRequest:
    """One generation. `temperature` 0 is greedy; `max_tokens` bounds the answer, not the prompt."""

    messages: Sequence[Message]
    max_tokens: int
    temperature: float = 0.0
    stop: Sequence[str] = field(default_factory=tuple)


@dataclass(frozen=True)
class Token:
    """A piece of answer text, as it came. Reasoning ('thinking') text never comes as a Token."""

    text: str


@dataclass(frozen=True)
class Thought:
    """A piece of a reasoning model's thinking, from a `<think>` block or the server's own field."""

    text: str


@dataclass(frozen=True)
class Finish:
    """The last item of every complete stream. Token counts are the server's own; None: it gave none."""

    reason: Literal["stop", "length"]
    prompt_tokens: int | None
    completion_tokens: int | None


class ChatModel(Protocol):
    """Raises, from every method: ChatServerDown, ChatModelMissing, ChatTimeout, ChatStreamBroken, ChatFailed."""

    @property
    def provider(self) -> Provider: ...

    @property
    def name(self) -> str:
        """The model's name as its server knows it."""
        ...

    @property
    def num_ctx(self) -> int:
        """The window, tokens: prompt and answer together."""
        ...

    def stream(self, request: ChatRequest) -> AsyncGenerator[Token | Thought | Finish, None]:
        """Generate. Ends with exactly one Finish, or raises. Closing the iterator stops the generation."""
        ...

    async def count_tokens(self, messages: Sequence[Message]) -> int | None:
        """Prompt tokens of `messages` with the model's own tokenizer and chat template; None: it has none."""
        ...

    async def probe(self) -> None:
        """Return if the model can be asked now, within 3 seconds; else raise the named error."""
        ...

    async def close(self) -> None:
        """Release connections and, if embedded, the model."""
        ...
