"""The chat model writes, each statement is checked, and only what holds is given out."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from app.answering.answer import ThoughtPiece, TokenPiece
from app.answering.budget import Prompt, check_count
from app.answering.draft import Draft
from app.answering.evidence.checker import Checker
from app.answering.evidence.segments import Segment
from app.errors import ChatFailed, ChatServerDown, ChatStreamBroken
from app.models.chat import ChatModel, ChatRequest, Finish, Thought, Token

# Statements said again, after which nothing new is to come.
_MOST_REPEATED = 3


async def write(
    chat: ChatModel,
    prompt: Prompt,
    checker: Checker,
    draft: Draft,
    *,
    max_tokens: int,
    temperature: float,
    may_quote: bool,
) -> AsyncGenerator[TokenPiece | ThoughtPiece, None]:
    """The checked answer in pieces; what is known of it is in `checker` and `draft` at the end.

    The model goes on writing while a statement is checked. It is stopped when it refuses, when it says
    the same again and again, and, where
    quotes can stand in for it (`may_quote`), as soon as the statement that answers does not hold. A
    server that breaks before anything was shown is asked once more.
    Raises the chat model's errors and ContextTruncated.
    """
    request = ChatRequest(prompt.messages, max_tokens=max_tokens, temperature=temperature)
    thoughts: list[str] = []
    for last in (False, True):
        try:
            async with aclosing(_once(chat, request, prompt, checker, draft, may_quote)) as pieces:
                async for piece in pieces:
                    if isinstance(piece, ThoughtPiece):
                        thoughts.append(piece.text)
                    yield piece
            break
        except (ChatStreamBroken, ChatServerDown, ChatFailed):
            if last or checker.answer or thoughts:
                raise
            checker.restart()
    draft.thoughts = "".join(thoughts)


async def _once(
    chat: ChatModel,
    request: ChatRequest,
    prompt: Prompt,
    checker: Checker,
    draft: Draft,
    may_quote: bool,
) -> AsyncGenerator[TokenPiece | ThoughtPiece, None]:
    async with aclosing(chat.stream(request)) as stream:
        async for item in stream:
            match item:
                case Token():
                    if draft.first_token_ms is None:
                        draft.first_token_ms = draft.ms
                    segments = checker.take(item.text)
                    if segments:
                        if shown := await _checked(checker, draft, segments):
                            yield TokenPiece(shown)
                        circles = checker.repeated >= _MOST_REPEATED
                        if checker.denied_first or circles:
                            return
                        if may_quote and checker.core_failed:
                            return
                case Thought():
                    yield ThoughtPiece(item.text)
                case Finish():
                    check_count(prompt, item)
                    draft.finish = item
    if shown := await _checked(checker, draft, checker.end(), close=True):
        yield TokenPiece(shown)


async def _checked(
    checker: Checker, draft: Draft, segments: Sequence[Segment], close: bool = False
) -> str:
    def check() -> str:
        with draft.step("verify"):
            shown = "".join(checker.check(segment) for segment in segments)
            return shown + checker.close() if close else shown

    return await asyncio.to_thread(check)
