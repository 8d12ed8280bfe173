"""Which models suit this machine, and the one that is being fetched."""

from typing import Literal

from pydantic import Field

from app.api.wire.base import ErrorDetail, Wire
from app.errors import Language
from app.models.known import Role


class ProposalBody(Wire):
    role: Role
    name: str
    size: str | None
    memory: float = Field(description="Bytes, of weights and cache.")
    speed: float | None = Field(description="Tokens a second, about; null: not a chat model.")
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]
    command: str
    ollama: str | None = Field(description="What Ollama calls it; null: it has none by a name.")
    in_use: bool


class PassedBody(Wire):
    name: str
    why: str


class Looked(Wire):
    """The server's machine, and what is answering on it."""

    ram_bytes: int
    cores: int
    gpu_bytes: tuple[int, ...]
    metal: bool
    languages: tuple[Language, ...] = Field(description="Of the documents.")
    chat: str = Field(description="The chat model that answers now.")


class ModelAdvice(Wire):
    as_of: str
    machine: Looked
    proposals: tuple[ProposalBody, ...]
    passed: tuple[PassedBody, ...]


class PullIn(Wire):
    model: str = Field(
        min_length=1,
        max_length=200,
        pattern=r"^[A-Za-z0-9][\w.-]*(?:/[A-Za-z0-9][\w.-]*)*(?::[\w.-]+)?$",
        description="As Ollama calls it.",
    )


class PullStatus(Wire):
    """The latest fetch of this process; `model` null: there was none. `done` of `total` bytes of `file`."""

    model: str | None
    state: Literal["none", "running", "done", "failed"]
    file: str
    done: int
    total: int
    error: ErrorDetail | None
