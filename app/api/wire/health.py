"""What the probes tell."""

from typing import Literal

from pydantic import Field

from app.api.wire.base import ErrorDetail, Wire
from app.models.chat import Provider


class Live(Wire):
    status: Literal["ok"] = "ok"
    version: str
    instance: str = Field(description="Drawn anew at each start.")


class Check(Wire):
    part: Literal["service", "chat", "index", "library", "embedding", "reader"]
    ok: bool
    ms: float
    error: ErrorDetail | None = None


class ChatChoice(Wire):
    provider: Literal[Provider, "none"]
    model: str
    reason: str = Field(description="Why this chat model was taken.")


class Ready(Wire):
    """Answered with 503, and with `error` set, unless every check is ok."""

    status: Literal["ready", "starting", "not_ready"]
    checks: tuple[Check, ...]
    chat: ChatChoice | None = None
    embedding: str | None = None
    error: ErrorDetail | None = None
