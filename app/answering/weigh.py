"""What hits are worth to a question: read, decided by the gate, and the sentences that answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.answering.answerable import AnswerGate
from app.answering.blocks import Block, block_for
from app.answering.comparing import compared
from app.answering.compute import operation_of
from app.answering.draft import Draft
from app.answering.parts import merged, merged_found
from app.answering.question import WHOLE, Kind
from app.answering.quotes import Found, find
from app.answering.read import ReadHit, ReadResult, read_hits
from app.answering.rounds import unseen
from app.answering.searching import Searched, document_of
from app.answering.select import worth
from app.answering.unknown import unknown_names
from app.index.protocol import Hit
from app.index.sparse import SparseEncoder
from app.models.reading import Reader
from app.models.reranking import Reranker
from app.settings import Settings
from app.text.language import detect_language

# A passage that is this much below the best, in log-odds, is not quoted beside it.
_BESIDE = 3.0
# Log-odds that a list or steps gain where the question names the heading that they stand under, and no word
# of it is missing there.
_LED = 2.0
# Share of its words that may be missing for it to gain anything: the word that is missing may be what is asked.
_LACKS = 0.4
# One that is so much below the best passage is not what is asked for, whatever its heading says.
_LED_BELOW = 4.0
# Log-odds that a comparison gains where each of the things that it names is told of.
_COMPARED = 1.0
# What the best passage is worth where no document holds a name that is asked about.
_UNKNOWN = -10.0


@dataclass(frozen=True)
class ReadBy:
    """Who reads, and what is made of it."""

    reader: Reader
    gate: AnswerGate
    reranker: Reranker | None = None
    version: str = ""  # of the settings (app.answering.versions)


@dataclass(frozen=True)
class Weighed:
    """`worth`: hits worth showing, best first; `above`: log-odds of the best one above the threshold."""

    worth: tuple[ReadHit, ...]
    found: tuple[Found, ...]
    above: float
    # Of a message that asks several things: what was found for each that is answered.
    parts: tuple[tuple[Found, ...], ...] = ()


class Weighing:
    """Reads and judges hits. Everything here blocks."""

    def __init__(self, settings: Settings, reading: ReadBy, sparse: SparseEncoder) -> None:
        self._settings = settings
        self._reading = reading
        self._sparse = sparse

    def read(
        self, text: str, hits: Sequence[Hit], kind: Kind, draft: Draft, spaces: Searched
    ) -> Weighed:
        """Read the hits, decide, and find the sentences that answer."""
        with draft.step("read"):
            return self._weighed(text, hits, kind, draft, spaces)

    def _weighed(
        self, text: str, hits: Sequence[Hit], kind: Kind, draft: Draft, spaces: Searched
    ) -> Weighed:
        reading = self._reading
        unknown = unknown_names(text, detect_language(text), hits)
        result: ReadResult = read_hits(
            reading.reader,
            text,
            hits,
            seconds=self._settings.read_seconds,
            reranker=reading.reranker,
        )
        read = tuple(item.hit for item in result.hits)
        draft.hits = (*read, *unseen(draft.hits, read)) if draft.looked else read
        language = detect_language(text)
        decision = reading.gate.decide(result, language)
        draft.gate, draft.reader = decision.by, result.reader
        draft.looked += result.looked
        scored = [
            (score, item)
            for item in result.hits
            if (score := reading.gate.score(item, language)) is not None
        ]
        chosen = worth(scored, kind, self._settings.context_passages)
        above = max((score for score, _ in scored), default=-1.0)
        block, of_block = self._block(text, kind, scored, spaces)
        if block is not None:
            above = max(above, of_block + _LED * max(0.0, 1 - (1 - block.covered) / _LACKS))
        if kind == "comparison" or operation_of(text) == "difference":
            each = compared(text, chosen)
            above += _COMPARED if each else 0.0
        else:
            each = ()
        if unknown:
            above = min(above, _UNKNOWN)
        near = round(above, 2) if scored else None
        draft.near = max((each for each in (draft.near, near) if each is not None), default=None)
        if block is not None:
            return Weighed(_first(block, scored, chosen), _found(block), above)
        least = 0.0 if kind in WHOLE else max(0.0, above - _BESIDE)
        answering = [item for score, item in scored if item in chosen and score >= least]
        found = each or find(sorted(answering or chosen[:1], key=chosen.index), text, kind)
        return Weighed(chosen, found, above)

    def _block(
        self, text: str, kind: Kind, scored: Sequence[tuple[float, ReadHit]], spaces: Searched
    ) -> tuple[Block | None, float]:
        """The list or steps whose heading the question names, and the best score of its passages; None
        where there is none, or another passage is far more likely to answer."""
        if kind not in ("list", "steps") or not scored:
            return None, 0.0
        ordered = sorted(scored, key=lambda pair: -pair[0])
        block = block_for(
            text,
            kind,
            [(score, item.hit.passage) for score, item in ordered],
            lambda passage: document_of(spaces, passage),
            self._sparse.cutter.terms,
        )
        if block is None:
            return None, 0.0
        own = [score for score, item in ordered if item.hit.passage.id in block.passages]
        own += self._read_block(text, block)
        if max(own) < ordered[0][0] - _LED_BELOW:
            return None, 0.0
        return block, max(own)

    def _read_block(self, text: str, block: Block) -> list[float]:
        """The score of each of the block's parts by itself, read under its heading."""
        hits = [Hit(passage, 0.0, 0.0, 0) for passage, _ in block.parts]
        shown = [
            "\n".join((block.heading, *(sentence.text for sentence in sentences)))
            for _, sentences in block.parts
        ]
        readings = self._reading.reader.read(text, shown)
        language = detect_language(text)
        scores = (
            self._reading.gate.score(ReadHit(hit, reading.answers, reading.spans), language)
            for hit, reading in zip(hits, readings, strict=True)
        )
        return [score for score in scores if score is not None]


def joined(reads: Sequence[Weighed], most: int) -> Weighed:
    """What was read for several questions as one: the best of each answered one first."""
    if len(reads) == 1:
        return reads[0]
    answered = [read for read in reads if read.above >= 0]
    return Weighed(
        merged([read.worth for read in answered or reads], max(most, len(answered))),
        merged_found([read.found for read in answered]),
        max(read.above for read in reads),
        tuple(read.found for read in answered),
    )


def _first(
    block: Block, scored: Sequence[tuple[float, ReadHit]], chosen: Sequence[ReadHit]
) -> tuple[ReadHit, ...]:
    """The hits worth showing, those of the block first."""
    own = [item for _, item in scored if item.hit.passage.id in block.passages]
    own.sort(key=lambda item: item.hit.passage.ordinal)
    return (*own, *(item for item in chosen if item not in own))[: max(len(chosen), len(own))]


def _found(block: Block) -> tuple[Found, ...]:
    return tuple(
        Found(ReadHit(Hit(passage, 0.0, 0.0, 0)), sentences) for passage, sentences in block.parts
    )
