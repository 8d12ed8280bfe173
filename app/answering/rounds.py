"""Further searches, for when the first one finds nothing that answers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import regex

from app.answering.answer import Question
from app.errors import Language
from app.index.protocol import Filter, Hit, Mode
from app.text.language import detect_language

# Words that ask and say nothing of what is asked about.
_ASKING: Final = regex.compile(
    r"\b(?:what|which|who|whom|whose|when|where|why|how|much|many|often|long|is|are|was|were|be|do|does|did|has|have|had|can|could|may|might|must|should|would|will|the|an?|of|to|in|on|at|for|by|with|from|and|or|please|tell|me|us|you|we|i|there|any)\b"
    r"|请问|请|告诉我|什么时候|什么|哪些|哪个|哪种|多少|多久|几|怎么样?|如何|为什么|为何|是否|可以|能不能|吗|呢|的|了|是|在|有",
    regex.IGNORECASE,
)


@dataclass(frozen=True)
class Round:
    """One more search. `said`: what is searched for, as a person is told."""

    text: str
    mode: Mode
    filter: Filter
    said: str


def rounds(question: Question, text: str) -> Iterator[Round]:
    """What else may be tried, most promising first: the documents of the other language alone (in
    one list with those of the question's own they stand behind), then the bare key words."""
    other: Language = "en" if detect_language(text) == "zh" else "zh"
    if not question.filter.languages:
        chosen = replace(question.filter, languages=(other,))
        yield Round(text, "hybrid", chosen, f"{text} ({other})")
    words = " ".join(_ASKING.sub(" ", text).split()).strip(" ?？,，.。!！")
    if words and words != text.strip(" ?？"):
        yield Round(words, "hybrid", question.filter, words)


def unseen(hits: Sequence[Hit], seen: Sequence[Hit]) -> tuple[Hit, ...]:
    """The hits whose passages are not among those seen."""
    known = {hit.passage.id for hit in seen}
    return tuple(hit for hit in hits if hit.passage.id not in known)
