"""What is known of an answer while it is being made, and the answer that comes of it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from app.answering.answer import (
    Answer,
    AnswerKind,
    Citation,
    Done,
    GateKind,
    Models,
    Refusal,
    RefusalReason,
    RetrievedPassage,
    Step,
    StepName,
    Timings,
    Usage,
)
from app.answering.budget import Prompt
from app.answering.evidence import Verification
from app.errors import Language
from app.index.protocol import Hit
from app.models.chat import ChatModel, Finish

# What `Models.chat` says where none is used.
NO_CHAT = "none"


@dataclass
class Draft:
    """Begun with the question, filled by each step."""

    chat: ChatModel | None
    embedding: str
    prompts: str = ""
    settings: str = ""
    started: float = field(default_factory=time.perf_counter)
    language: Language = "en"
    refusal: str = ""
    standalone: str | None = None
    hits: tuple[Hit, ...] = ()
    index: str = ""
    retrieve_ms: float = 0.0
    first_token_ms: float | None = None
    prompt: Prompt | None = None
    gate: GateKind | None = None
    reader: str | None = None
    looked: int = 0
    near: float | None = None
    finish: Finish | None = None
    thoughts: str = ""
    evidence: tuple[Citation, ...] = ()
    left_out: int = 0
    # Said with a refusal that has nothing else to say: why it may be another answer soon.
    soon: str = ""
    steps: list[Step] = field(default_factory=list)

    @contextmanager
    def step(self, name: StepName) -> Iterator[None]:
        """Note how long what is done inside takes; may be used in any thread."""
        began = time.time_ns()
        try:
            yield
        finally:
            self.steps.append(Step(name, began, max(began, time.time_ns())))

    @property
    def ms(self) -> float:
        """Milliseconds since the question came in."""
        return round((time.perf_counter() - self.started) * 1000, 1)

    def retrieved(self, cited: frozenset[str] = frozenset()) -> tuple[RetrievedPassage, ...]:
        shown = {passage.id for passage in self.prompt.shown} if self.prompt else set()
        return tuple(
            RetrievedPassage(hit, hit.passage.id in shown, hit.passage.id in cited)
            for hit in self.hits
        )

    def refuse(self, reason: RefusalReason, detail: str = "") -> Done:
        refusal = Refusal(reason, self.refusal, self.looked, self.near, detail or self.soon)
        return self._done(self.refusal, "written", refusal, None)

    def accept(
        self, verification: Verification, kind: AnswerKind = "written", *, differ: bool = False
    ) -> Done:
        done = self._done(verification.answer, kind, None, verification)
        return Done(replace(done.answer, differ=True), done.steps) if differ else done

    def greet(self, text: str) -> Done:
        return self._done(text, "greeting", None, None)

    def _done(
        self,
        text: str,
        kind: AnswerKind,
        refusal: Refusal | None,
        verification: Verification | None,
    ) -> Done:
        citations = verification.citations if verification else ()
        return Done(
            Answer(
                answer=text,
                answered=refusal is None,
                refusal=refusal,
                language=self.language,
                citations=citations,
                statements=verification.statements if verification else (),
                retrieved=self.retrieved(frozenset(item.chunk_id for item in citations)),
                models=Models(
                    chat=f"{self.chat.provider}/{self.chat.name}" if self.chat else NO_CHAT,
                    embedding=self.embedding,
                    index=self.index,
                    gate=self.gate,
                    reader=self.reader,
                    prompts=self.prompts,
                    settings=self.settings,
                ),
                usage=Usage(
                    prompt_tokens=self.finish.prompt_tokens if self.finish else None,
                    completion_tokens=self.finish.completion_tokens if self.finish else None,
                    dropped_chunks=self.prompt.dropped if self.prompt else 0,
                ),
                timings_ms=Timings(self.retrieve_ms, self.first_token_ms, self.ms),
                standalone_question=self.standalone,
                unverified_quotes=verification.unverified_quotes if verification else (),
                thoughts=self.thoughts,
                kind=kind,
                evidence=self.evidence,
                left_out=self.left_out,
            ),
            tuple(self.steps),
        )
