"""What the documents lack, by topic."""

from typing import Self

from pydantic import Field

from app.answering import gaps
from app.api.wire.base import Wire


class GapTopic(Wire):
    name: str = Field(description="The commonest words of its questions.")
    verdict: gaps.Verdict = Field(
        description="`missing`: documents on it seem to be missing; `refused_wrongly`: users say that it should have been "
        "answered; `contradict`: documents on it say different things; `answered_badly`: there are documents, and the answers were not good."
    )
    count: int
    refused: int
    disliked: int
    unsupported: int
    differing: int = Field(description="Two documents said different things, and both were given.")
    questions: tuple[str, ...] = Field(description="Examples, the newest first.")
    closest: tuple[gaps.ClosestPassage, ...]

    @classmethod
    def of(cls, topic: gaps.Topic) -> Self:
        return cls(
            name=topic.name,
            verdict=topic.verdict,
            count=topic.count,
            refused=topic.counts.get("refused", 0),
            disliked=topic.counts.get("disliked", 0),
            unsupported=topic.counts.get("unsupported", 0),
            differing=topic.counts.get("differing", 0),
            questions=topic.questions,
            closest=topic.closest,
        )


class Gaps(Wire):
    questions: int = Field(description="Questions that were looked at.")
    topics: tuple[GapTopic, ...] = Field(description="The largest first.")
