"""What of OpenAI's protocol is read here."""

from typing import Literal

from pydantic import BaseModel, ConfigDict


class TextPart(BaseModel):
    type: Literal["text"]
    text: str


class ChatMessage(BaseModel):
    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[TextPart]

    @property
    def text(self) -> str:
        if isinstance(self.content, str):
            return self.content
        return "".join(part.text for part in self.content)


class CompletionRequest(BaseModel):
    """Fields of OpenAI's that are not named here are accepted and have no effect."""

    model_config = ConfigDict(extra="ignore")

    model: str = "groundkb"
    messages: list[ChatMessage]
    stream: bool = False
