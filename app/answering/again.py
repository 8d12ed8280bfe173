"""Answers that are given again: to an equal question, while nothing is other than it was.

An answer is kept with all that it may depend on: the question's knowledge bases, filter and mode, the
models, prompts and settings, what the caller may read of the library in which revisions (also of
documents that it does not cite: a new one might have changed it), and the indexes. If any of
these differs, it is made anew. Equal are questions of the same words; other wordings only where
`same_question` says so. Follow-ups, refusals, and what took no chat model to make are not kept.
"""

import asyncio
import threading
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Final, Literal

from app.answering.answer import (
    Answer,
    AnswerMode,
    Citations,
    Done,
    Event,
    EvidenceFound,
    Question,
    Retrieved,
    RetrievedPassage,
    TokenPiece,
)
from app.answering.question import kind_of
from app.answering.retrieve import searched
from app.answering.same_question import same_question
from app.index.protocol import Filter
from app.index.spaces import VectorSpace
from app.library.library import Library

# A model's name may be given to another one on its server meanwhile, of which nobody tells.
LONGEST: Final = 24 * 3600.0
_KINDS: Final = ("written", "quotes", "computed")

# `hit`: given again; `miss`: made; `passed`: whoever asked wanted it made.
Outcome = Literal["hit", "miss", "passed"]
Ask = Callable[[Question], AsyncGenerator[Event, None]]
# What is told of each question that might have been answered so, with the seconds that it saved.
Tell = Callable[[Outcome, float], None]


@dataclass(frozen=True)
class Around:
    """All that an answer depends on besides the question's words. `made_by`: models, prompts and settings."""

    kb: str
    filter: Filter
    mode: AnswerMode
    made_by: str
    indexes: tuple[tuple[str, int], ...]
    state: str


@dataclass(frozen=True)
class _Kept:
    text: str
    around: Around
    answer: Answer
    at: float


class AnswersGivenAgain:
    """The latest `most` answers, in memory, for no longer than LONGEST and `keep_days`; safe to use from several
    threads. `most` 0: none is kept."""

    def __init__(
        self,
        most: int,
        clock: Callable[[], float] = time.monotonic,
        *,
        keep_days: float | None = None,
    ) -> None:
        self._most = most
        self._longest = LONGEST if keep_days is None else min(LONGEST, keep_days * 86_400)
        self._clock = clock
        self._kept: OrderedDict[tuple[str, Around], _Kept] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def on(self) -> bool:
        return self._most > 0

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, text: str, around: Around) -> Answer | None:
        """The answer to an equal question, of the same words rather than of others."""
        with self._lock:
            self._forget_old()
            found = self._kept.get((_plain(text), around))
            if found is None:
                kind = kind_of(text)
                found = next(
                    (
                        each
                        for each in self._kept.values()
                        if each.around == around
                        and same_question(each.text, text)
                        and kind_of(each.text) == kind
                    ),
                    None,
                )
            if found is None:
                return None
            self._kept.move_to_end((_plain(found.text), around))
            return found.answer

    def keep(self, text: str, around: Around, answer: Answer) -> None:
        """Those that the same question got when something was other than now are dropped: it will not be so
        again, or the answer be made again."""
        if not answer.answered or answer.kind not in _KINDS or not answer.citations:
            return
        plain = _plain(text)
        asked = replace(around, state="", indexes=())
        with self._lock:
            for key in [
                key
                for key, each in self._kept.items()
                if key[0] == plain and replace(each.around, state="", indexes=()) == asked
            ]:
                del self._kept[key]
            self._kept[plain, around] = _Kept(text, around, answer, self._clock())
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def _forget_old(self) -> None:
        oldest = self._clock() - self._longest
        for key in [key for key, each in self._kept.items() if each.at < oldest]:
            del self._kept[key]


def around(
    question: Question,
    library: Library,
    space_of: Callable[[str], VectorSpace | None],
    made_by: str,
) -> Around:
    """As it is now. Blocking. Raises the errors of the library and the index."""
    kbs = [kb for kb, _ in searched(question.kb, question.filter)]
    spaces = [space for kb in kbs if (space := space_of(kb)) is not None]
    return Around(
        kb=question.kb,
        filter=question.filter,
        mode=question.mode,
        made_by=made_by,
        indexes=tuple((space.index.collection, space.index.writes) for space in spaces),
        state=library.state(dict.fromkeys((question.kb, *kbs))),
    )


async def ask_again(
    kept: AnswersGivenAgain,
    question: Question,
    now: Callable[[Question], Around],
    ask: Ask,
    tell: Tell = lambda _outcome, _seconds: None,
) -> AsyncGenerator[Event, None]:
    """The events of one answer, a kept one where there is one, else that of `ask`. `now` is `around` for
    this caller, blocking. Raises as both do."""
    if not kept.on or question.history:
        async with aclosing(ask(question)) as events:
            async for event in events:
                yield event
        return
    started = time.perf_counter()
    text = question.text.strip()
    before = await asyncio.to_thread(now, question)
    found = None if question.fresh else await asyncio.to_thread(kept.find, text, before)
    if found is not None:
        ms = round((time.perf_counter() - started) * 1000, 1)
        tell("hit", max(0.0, found.timings_ms.total - ms) / 1000)
        for event in _events(_given_again(found, ms)):
            yield event
        return
    tell("passed" if question.fresh else "miss", 0.0)
    async with aclosing(ask(question)) as events:
        async for event in events:
            # What changed while it was made may be in it, or not.
            if isinstance(event, Done) and await asyncio.to_thread(now, question) == before:
                kept.keep(text, before, event.answer)
            yield event


def _given_again(answer: Answer, ms: float) -> Answer:
    timings = replace(answer.timings_ms, retrieve=ms, first_token=ms, total=ms)
    usage = replace(answer.usage, prompt_tokens=0, completion_tokens=0)
    return replace(answer, again=True, timings_ms=timings, usage=usage)


def _events(answer: Answer) -> Sequence[Event]:
    looked_at = tuple(RetrievedPassage(each.hit, each.shown, False) for each in answer.retrieved)
    evidence = [EvidenceFound(answer.evidence)] if answer.evidence else []
    return [
        Retrieved(looked_at, answer.standalone_question),
        *evidence,
        TokenPiece(answer.answer),
        Citations(answer.citations),
        Done(answer),
    ]


def _plain(text: str) -> str:
    """Without what does not change a question: how it is spaced and what it ends with. Case may."""
    return " ".join(text.split()).rstrip("?？!！。. ")
