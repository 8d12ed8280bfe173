"""Turning a follow-up into a question that stands alone."""

from collections.abc import Sequence
from contextlib import aclosing

from app.answering.answer import Turn
from app.answering.fence import neutralise
from app.answering.prompts import Prompts
from app.models.chat import ChatModel, ChatRequest, Message, Token
from app.text.language import detect_language

# The last exchanges say what a pronoun means; older ones only cost time.
_TURNS = 6
_TURN_CHARS = 600
_MAX_TOKENS = 128


async def rewrite(chat: ChatModel, prompts: Prompts, history: Sequence[Turn], question: str) -> str:
    """The question with what it takes from the conversation spelled out; itself if it needs nothing.

    Raises the chat model's errors.
    """
    language = detect_language(question)
    lines = "\n".join(
        f"{turn.role}: {neutralise(turn.content[:_TURN_CHARS])}" for turn in history[-_TURNS:]
    )
    prompt = prompts.render("rewrite", language, history=lines, query=neutralise(question))
    request = ChatRequest((Message("user", prompt),), max_tokens=_MAX_TOKENS)
    async with aclosing(chat.stream(request)) as stream:
        written = "".join([item.text async for item in stream if isinstance(item, Token)])
    lines_written = [line.strip() for line in written.splitlines() if line.strip()]
    return lines_written[0] if lines_written else question
