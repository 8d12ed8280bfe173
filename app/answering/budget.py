"""Fitting the prompt into the chat model's window, by count."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from app.answering.tokens import Rates, estimate_above, estimate_below
from app.errors import ContextTruncated
from app.index.protocol import Passage
from app.models.chat import ChatModel, Finish, Message
from app.text.sentences import split_sentences

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
    rates: Rates | None = None,
) -> Prompt:
    """Show as many passages as the window has room for beside `max_tokens` of answer.

    Whole passages are left out from the tail, the least relevant. Where not even the first fits it is
    cut behind the last sentence or row that does, and counts as dropped, too. Raises ContextTruncated
    when not even one of its sentences fits.
    """
    limit = room(chat, max_tokens)
    shown = list(passages)
    while True:
        messages = build(shown)
        counted = await chat.count_tokens(messages)
        tokens = counted if counted is not None else estimate_above(messages, rates)
        if tokens <= limit:
            break
        if len(shown) > 1:
            shown.pop()
            continue
        shorter = _shorter(shown[0], limit / tokens) if shown else None
        if shorter is None:
            raise ContextTruncated(server=limit, ours=tokens)
        shown = [shorter]
    whole = sum(one is other for one, other in zip(shown, passages, strict=False))
    return Prompt(messages, tuple(shown), len(passages) - whole, tokens, counted is not None)


def _shorter(passage: Passage, share: float) -> Passage | None:
    """The passage without its end: at most `share` of its sentences, one at least; None when it has
    only one."""
    ends = [end for _, end in split_sentences(passage.text)]
    if len(ends) < 2:
        return None
    wanted = min(max(1, int(len(ends) * min(share, 0.9))), len(ends) - 1)
    end = ends[wanted - 1]
    windows = tuple(
        (start, min(stop, passage.start + end))
        for start, stop in passage.windows
        if start < passage.start + end
    )
    return replace(passage, text=passage.text[:end], end=passage.start + end, windows=windows)


def room(chat: ChatModel, max_tokens: int) -> int:
    """Tokens that a prompt may have beside an answer of `max_tokens`."""
    return chat.num_ctx - max_tokens - _MARGIN_TOKENS


async def count(chat: ChatModel, messages: Sequence[Message], rates: Rates | None = None) -> int:
    """The model's own count where it has a tokenizer here, else an estimate from above."""
    counted = await chat.count_tokens(messages)
    return counted if counted is not None else estimate_above(messages, rates)


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
