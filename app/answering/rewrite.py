"""Turning a follow-up into a question that stands alone."""

import re
from collections.abc import Sequence
from contextlib import aclosing

from app.answering.answer import Turn
from app.answering.budget import count, room
from app.answering.evidence.units import units
from app.answering.fence import neutralise
from app.answering.follow import same_of_other
from app.answering.parts import of_another
from app.answering.prompts import Prompts
from app.models.chat import ChatModel, ChatRequest, Message, Token
from app.text.language import detect_language

# The last exchanges say what a pronoun means; older ones only cost time.
_TURNS = 6
_TURN_CHARS = 600
_MAX_TOKENS = 128
# Least share of the new turn's words that a rewrite keeps; and how many words stand alone.
_KEPT = 0.6
_ALONE = 3


# What begins as a follow-up, or points at something said before.
_FOLLOWS = re.compile(
    r"^\W*(?:and|but|or|what about|how about|那么?|还有)\b|^\W*[那]|呢\W*$|\b(?:it|its|they|them|their|that one|this one|the same)\b|[它其]",
    re.IGNORECASE,
)
# What points at something that the question itself has named: 'all products with their prices', 产品及其价格.
_OWN = re.compile(
    r"(?<=\w)[ \t]{1,4}(?:with|and|by|including|plus)[ \t]{1,4}(?:all[ \t]{1,4})?(?:their|its)\b|(?<=\w)(?:以?及|和|与|连同)其(?!他|它|余|中)",
    re.IGNORECASE,
)


def spelled_out(history: Sequence[Turn], question: str) -> str:
    """What a follow-up asks, where no chat model can say: with the question before it if it points back."""
    return _beside(history, question) if _FOLLOWS.search(_OWN.sub(" ", question)) else question


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
            written = await _written(chat, messages)
            return written if written and keeps(question, written) else _beside(history, question)
        del turns[0]
    return question


def keeps(question: str, rewritten: str) -> bool:
    """Whether a rewrite still asks what the new turn asks: all its numbers, identifiers and names, and
    most of its other words."""
    asked, kept = units(question), units(rewritten)
    wanted = asked.words
    return (
        asked.digits <= kept.numbers
        and all(kept.has_run(code) for code in asked.codes)
        and asked.names <= kept.words
        and len(wanted & kept.words) >= _KEPT * len(wanted)
    )


def _beside(history: Sequence[Turn], question: str) -> str:
    """The new turn with the question before it, where it is too short to stand alone; else itself."""
    earlier = [turn.content for turn in history if turn.role == "user"]
    before = earlier[-1].strip()[:_TURN_CHARS] if earlier else ""
    if same := same_of_other(before, question):
        return same
    if not earlier or len(units(question).words) > _ALONE:
        return question
    # 'And Albatross?' asks the same of another thing, and of that alone.
    if turned := of_another(f"{before.rstrip('?？。 ')}, {question}"):
        return turned[-1]
    return f"{before} {question}"


async def _written(chat: ChatModel, messages: Sequence[Message]) -> str:
    """The first line of what the model writes; empty if it writes nothing."""
    async with aclosing(chat.stream(ChatRequest(messages, max_tokens=_MAX_TOKENS))) as stream:
        written = "".join([item.text async for item in stream if isinstance(item, Token)])
    return next((line.strip() for line in written.splitlines() if line.strip()), "")
