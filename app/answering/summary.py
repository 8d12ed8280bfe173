"""A summary of a document, or of a section of it, by a chat model that can: map and reduce.

Each part of the document is summarised by itself, so that no part is lost in a long one; what is written is
checked against the whole document statement by statement, given out as it grows, and joined without
repeats. What was made is kept in memory for as long as the document stays as it is.
"""

import threading
from collections import OrderedDict
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final

from app.answering.answer import ThoughtPiece, TokenPiece
from app.answering.budget import fit
from app.answering.context import messages_for
from app.answering.draft import Draft
from app.answering.evidence import Verification
from app.answering.evidence.checker import Checker
from app.answering.prompts import Prompts
from app.answering.tokens import Rates
from app.answering.writing import write
from app.errors import Language
from app.index.protocol import Passage
from app.models.chat import ChatModel, Finish

# Parts that a document is summarised in, at most: short sections go together.
MOST_PARTS: Final = 8
# Tokens of the summary of one part.
_PART_TOKENS: Final = 256
_KEPT: Final = 64


@dataclass(frozen=True)
class SummaryOf:
    """What a summary depends on. `prompt` is all that the model is told but the passages; `begins` tells the
    sections of one document apart."""

    kb: str
    document_id: str
    revision: str
    begins: int
    ends: int
    model: str
    prompt: str


class Summaries:
    """The latest summaries that were made. A newer revision of a document drops those of the older ones."""

    def __init__(self) -> None:
        self._kept: OrderedDict[SummaryOf, Verification] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, of: SummaryOf) -> Verification | None:
        """The one made for exactly this; None for none."""
        with self._lock:
            found = self._kept.get(of)
            if found is not None:
                self._kept.move_to_end(of)
            return found

    def put(self, of: SummaryOf, made: Verification) -> None:
        """Keep one."""
        with self._lock:
            for other in list(self._kept):
                same = (other.kb, other.document_id) == (of.kb, of.document_id)
                if same and other.revision != of.revision:
                    del self._kept[other]
            self._kept[of] = made
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)


def parts_of_document(passages: Sequence[Passage]) -> tuple[tuple[Passage, ...], ...]:
    """The passages by section, in order; neighbouring sections together, the shortest first, until there are
    no more than MOST_PARTS."""
    parts = [tuple(group) for _, group in groupby(passages, key=lambda passage: passage.section)]
    while len(parts) > MOST_PARTS:
        sizes = [sum(len(p.text) for p in part) for part in parts]
        at = min(range(len(parts) - 1), key=lambda place: sizes[place] + sizes[place + 1])
        parts[at : at + 2] = [parts[at] + parts[at + 1]]
    return tuple(parts)


async def summarise(
    chat: ChatModel,
    prompts: Prompts,
    language: Language,
    question: str,
    passages: Sequence[Passage],
    checker: Checker,
    draft: Draft,
    rates: Rates,
    temperature: float,
) -> AsyncGenerator[TokenPiece | ThoughtPiece, None]:
    """The checked list items, part by part; what is known of them is in `checker` and `draft` at the end.

    A part that the window has no room for is summarised in several pieces. Raises the chat model's errors
    and ContextTruncated.
    """
    waiting = list(parts_of_document(passages))
    finished: list[Finish] = []
    while waiting:
        part = waiting.pop(0)
        prompt = await fit(
            chat,
            part,
            _PART_TOKENS,
            lambda shown: messages_for(prompts, "summary", language, shown, question),
            rates,
        )
        if rest := part[len(prompt.shown) :]:
            waiting.insert(0, rest)
        checker.next_part()
        writing = write(
            chat,
            prompt,
            checker,
            draft,
            max_tokens=_PART_TOKENS,
            temperature=temperature,
            may_quote=False,
        )
        async with aclosing(writing) as pieces:
            async for piece in pieces:
                yield piece
        if draft.finish is not None:
            finished.append(draft.finish)
    if finished:
        draft.finish = replace(
            finished[-1],
            prompt_tokens=sum(each.prompt_tokens or 0 for each in finished),
            completion_tokens=sum(each.completion_tokens or 0 for each in finished),
        )
