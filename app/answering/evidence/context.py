"""The passages shown to the model, cut into the sentences that may be quoted."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.answering.evidence.units import Units, units
from app.errors import Language
from app.index.protocol import Passage
from app.text.language import detect_language
from app.text.normalise import Normalised, normalise
from app.text.sentences import WINDOW_WIDTH, split_sentences, windows
from app.text.width import width

# A 'sentence' without an end (a log, a table flattened to a line) is quoted in part.
LONGEST_QUOTE = 3 * WINDOW_WIDTH


@dataclass(frozen=True)
class Sentence:
    """`text[start:end]` of passage number `passage` (0-based); `place` is its position among them."""

    passage: int
    place: int
    start: int
    end: int
    units: Units


@dataclass(frozen=True)
class Material:
    """`sentences[i]` are those of passage `i`; `around[i]` the units of its heading path and title,
    `whole[i]` of its text with these; `languages[i]` the language it is written in;
    `normal[i]` its text in normal form, case folded.
    """

    passages: tuple[Passage, ...]
    sentences: tuple[tuple[Sentence, ...], ...]
    around: tuple[Units, ...]
    whole: tuple[Units, ...]
    languages: tuple[Language, ...]
    normal: tuple[Normalised, ...]


def prepare(passages: Sequence[Passage]) -> Material:
    """Cut the passages once; `passages[0]` is [1] in the prompt."""
    cut = tuple(tuple(_cut(number, passage.text)) for number, passage in enumerate(passages))
    headings = [" . ".join((passage.title, *passage.section)) for passage in passages]
    return Material(
        tuple(passages),
        cut,
        tuple(units(heading) for heading in headings),
        tuple(
            units(f"{heading} . {passage.text}")
            for heading, passage in zip(headings, passages, strict=True)
        ),
        tuple(detect_language(passage.text) for passage in passages),
        tuple(normalise(passage.text, casefold=True) for passage in passages),
    )


def _cut(number: int, text: str) -> list[Sentence]:
    spans = []
    for start, end in split_sentences(text):
        whole = width(text[start:end]) <= LONGEST_QUOTE
        spans += [(start, end)] if whole else windows(text, start, end)
    return [
        Sentence(number, place, start, end, units(text[start:end]))
        for place, (start, end) in enumerate(spans)
    ]
