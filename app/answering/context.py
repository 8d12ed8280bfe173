"""From passages to the messages that the chat model is given."""

from collections.abc import Sequence

from app.answering.fence import neutralise
from app.answering.prompts import Prompts
from app.errors import Language
from app.index.protocol import Passage
from app.models.chat import Message


def render_context(passages: Sequence[Passage]) -> str:
    """The passages, numbered from 1, each under its title and heading path."""
    return "\n\n".join(
        f"[{number}] {neutralise(heading_of(passage))}\n{neutralise(passage.text)}"
        for number, passage in enumerate(passages, start=1)
    )


def messages_for(
    prompts: Prompts, task: str, language: Language, passages: Sequence[Passage], query: str
) -> tuple[Message, ...]:
    """The prompt of `task` ('answer') over `passages`.

    The rules stand first, in the system message: a small model that
    reads the refusal sentence last repeats it (docs/decisions/0008).
    """
    system = prompts.render("system", language, refusal=prompts.refusal(language))
    user = prompts.render(task, language, context=render_context(passages), query=neutralise(query))
    return (Message("system", system), Message("user", user))


def heading_of(passage: Passage) -> str:
    """Title and heading path in one line; empty when there is neither."""
    parts = [passage.title, *(part for part in passage.section if part != passage.title)]
    return " › ".join(" ".join(part.split()) for part in parts if part.strip())
