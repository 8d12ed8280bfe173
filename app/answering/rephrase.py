"""A question in other words and in the other language, by the chat model, for when nothing else was found."""

import asyncio
import logging
from contextlib import aclosing
from typing import Final

from app.answering.evidence.units import units
from app.answering.fence import neutralise
from app.answering.prompts import Prompts
from app.errors import (
    ChatFailed,
    ChatModelMissing,
    ChatServerDown,
    ChatStreamBroken,
    ChatTimeout,
)
from app.models.chat import ChatModel, ChatRequest, Message, Token
from app.text.language import detect_language
from app.text.lines import LIST_MARKER

_log = logging.getLogger(__name__)
_MAX_TOKENS: Final = 128
_MOST: Final = 2


async def rephrase(
    chat: ChatModel, prompts: Prompts, question: str, seconds: float
) -> tuple[str, ...]:
    """At most two other wordings that keep the question's numbers and identifiers; none where the model writes
    none within `seconds`, or fails: then the question is answered, or refused, as if it had not been asked.
    """
    if seconds <= 0:
        return ()
    prompt = prompts.render("rephrase", detect_language(question), query=neutralise(question))
    request = ChatRequest((Message("user", prompt),), max_tokens=_MAX_TOKENS)
    written = ""
    try:
        async with asyncio.timeout(seconds), aclosing(chat.stream(request)) as stream:
            async for item in stream:
                if isinstance(item, Token):
                    written += item.text
    except TimeoutError:
        return ()
    except (ChatFailed, ChatModelMissing, ChatServerDown, ChatStreamBroken, ChatTimeout) as error:
        _log.warning("The question was not rephrased: %s", error)
        return ()
    lines = (_bare(line) for line in written.splitlines())
    kept = [line for line in lines if line and line != question and keeps_keys(question, line)]
    return tuple(dict.fromkeys(kept))[:_MOST]


def keeps_keys(question: str, rephrased: str) -> bool:
    """Whether a rephrased question, in whatever language, has the numbers and identifiers of the question, and
    no others."""
    asked, kept = units(question), units(rephrased)
    same = all(kept.has_run(code) for code in asked.codes)
    return same and kept.digits == asked.digits and kept.codes <= asked.codes


def _bare(line: str) -> str:
    marker = LIST_MARKER.match(line)
    return line[marker.end() if marker else 0 :].strip(" \"'“”*")
