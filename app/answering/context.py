"""From passages to the messages that the chat model is given."""

import re
from collections.abc import Sequence
from typing import Final, Literal

from app.answering.fence import neutralise
from app.answering.prompts import FORMS, Prompts
from app.answering.question import Kind
from app.errors import Language
from app.index.protocol import Passage
from app.models.chat import Message

# Billions of parameters as models' names tell them ('qwen3:4b', 'Qwen2.5-1.5B-Instruct').
_SIZE: Final = re.compile(r"(?<![A-Za-z0-9_.])(\d{1,3}(?:\.\d+)?)[bB](?![a-zA-Z])")
_SMALL: Final = 3.0


def render_context(passages: Sequence[Passage]) -> str:
    """The passages, numbered from 1, each under its title and heading path."""
    return "\n\n".join(
        f"[{number}] {neutralise(heading_of(passage))}\n{neutralise(passage.text)}"
        for number, passage in enumerate(passages, start=1)
    )


def messages_for(
    prompts: Prompts,
    task: str,
    language: Language,
    passages: Sequence[Passage],
    query: str,
    kind: Kind = "fact",
) -> tuple[Message, ...]:
    """The prompt of `task` ('answer' or 'answer-small') over `passages`; an answer takes the
    form that `kind` asks for.

    The rules stand first, in the system message: a small model that
    reads the refusal sentence last repeats it (docs/decisions/0008).
    """
    system = prompts.render("system", language, refusal=prompts.refusal(language))
    given = {"context": render_context(passages), "query": neutralise(query)}
    if task.startswith("answer"):
        form = kind if kind in FORMS else "overview" if kind == "documents" else "fact"
        given["form"] = prompts.render(f"form-{form}", language)
    user = prompts.render(task, language, **given)
    return (Message("system", system), Message("user", user))


def is_small(model: str, chosen: Literal["auto", "full", "simple"] = "auto") -> bool:
    """Whether a chat model gets the simple prompts: as set, else by the size that its name tells, up to
    three billion parameters. One whose name tells none gets the full ones."""
    if chosen != "auto":
        return chosen == "simple"
    sizes = [float(size) for size in _SIZE.findall(model)]
    return bool(sizes) and max(sizes) <= _SMALL


def heading_of(passage: Passage) -> str:
    """Title and heading path in one line; empty when there is neither."""
    parts = [passage.title, *(part for part in passage.section if part != passage.title)]
    return " › ".join(" ".join(part.split()) for part in parts if part.strip())
