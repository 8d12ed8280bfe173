"""Turning a follow-up into a question that stands alone."""

from collections.abc import Sequence
from contextlib import aclosing

from app.answering.answer import Turn
from app.answering.budget import count, room
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

    The oldest turns are left out where the model's window has no room for them. Raises the chat
    model's errors.
    """
    language = detect_language(question)
    turns = [f"{turn.role}: {neutralise(turn.content[:_TURN_CHARS])}" for turn in history[-_TURNS:]]
    while turns:
        prompt = prompts.render(
            "rewrite", language, history="\n".join(turns), query=neutralise(question)
        )
        messages = (Message("user", prompt),)
        if await count(chat, messages) <= room(chat, _MAX_TOKENS):
            return await _written(chat, messages) or question
        del turns[0]
    return question


async def _written(chat: ChatModel, messages: Sequence[Message]) -> str:
    """The first line of what the model writes; empty if it writes nothing."""
    async with aclosing(chat.stream(ChatRequest(messages, max_tokens=_MAX_TOKENS))) as stream:
        written = "".join([item.text async for item in stream if isinstance(item, Token)])
    return next((line.strip() for line in written.splitlines() if line.strip()), "")
