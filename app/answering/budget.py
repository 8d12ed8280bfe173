"""Fitting the prompt into the chat model's window, by count."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.errors import ContextTruncated
from app.index.protocol import Passage
from app.models.chat import ChatModel, Finish, Message
from app.text.language import HAN

# Room for what a server adds around a prompt that we can't count.
_MARGIN_TOKENS = 32


@dataclass(frozen=True)
class Prompt:
    """`shown` are the passages in it, in the order of their numbers; `dropped` how many did not fit.

    `tokens` is the prompt's length; exact if the model has its own tokenizer here, else an
    estimate from above.
    """

    messages: tuple[Message, ...]
    shown: tuple[Passage, ...]
    dropped: int
    tokens: int
    exact: bool


async def fit(
    chat: ChatModel,
    passages: Sequence[Passage],
    max_tokens: int,
    build: Callable[[Sequence[Passage]], tuple[Message, ...]],
) -> Prompt:
    """Show as many passages as the window has room for beside `max_tokens` of answer.

    Whole passages are left out from the tail, the least relevant, never a part of one.
    Raises ContextTruncated when not even one fits.
    """
    limit = room(chat, max_tokens)
    shown = list(passages)
    while True:
        messages = build(shown)
        counted = await chat.count_tokens(messages)
        tokens = counted if counted is not None else estimate_above(messages)
        if tokens <= limit or len(shown) <= 1:
            break
        shown.pop()
    if tokens > limit:
        raise ContextTruncated(server=limit, ours=tokens)
    return Prompt(messages, tuple(shown), len(passages) - len(shown), tokens, counted is not None)


def room(chat: ChatModel, max_tokens: int) -> int:
    """Tokens that a prompt may have beside an answer of `max_tokens`."""
    return chat.num_ctx - max_tokens - _MARGIN_TOKENS


async def count(chat: ChatModel, messages: Sequence[Message]) -> int:
    """The model's own count where it has a tokenizer here, else an estimate from above."""
    counted = await chat.count_tokens(messages)
    return counted if counted is not None else estimate_above(messages)


def check_count(prompt: Prompt, finish: Finish) -> None:
    """Compare the server's count of the prompt with ours. Raises ContextTruncated.

    An exact count may differ by a few tokens of template; an estimate can only be checked
    against the least that the text can take.
    """
    if not finish.prompt_tokens:
        return
    least = prompt.tokens - _MARGIN_TOKENS if prompt.exact else estimate_below(prompt.messages)
    if finish.prompt_tokens < least:
        raise ContextTruncated(server=finish.prompt_tokens, ours=prompt.tokens)


def estimate_above(messages: Sequence[Message]) -> int:
    """Tokens, from above: common tokenizers spend at most 1.5 on a Han character and 1 on 2.5 others."""
    han, others = _weigh(messages)
    return round(han * 1.5 + others / 2.5) + 16 * len(messages)


def estimate_below(messages: Sequence[Message]) -> int:
    """Tokens, from below: at least 0.4 for a Han character and 1 for 8 others."""
    han, others = _weigh(messages)
    return round(han * 0.4 + others / 8)


def _weigh(messages: Sequence[Message]) -> tuple[int, int]:
    text = "".join(message.content for message in messages)
    han = len(HAN.findall(text))
    return han, len(text) - han
