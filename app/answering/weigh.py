"""What hits are worth to a question: read, decided by the gate, and the sentences that answer.

Over 350 lines: each way to come by the sentences is weighed against the others, with log-odds that stand together.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.answering.about import is_silent, lacks, told_of_it
from app.answering.addressed import Addressed, addressed, is_elsewhere
from app.answering.answerable import AnswerGate
from app.answering.blocks import Block, Parts, block_for, with_rows
from app.answering.cells import cells_of
from app.answering.comparing import compared
from app.answering.compute import operation_of
from app.answering.concepts import concepts
from app.answering.draft import Draft
from app.answering.each import told_of_each
from app.answering.evidence.context import Sentence
from app.answering.exact import told_exactly
from app.answering.keyed import holds_keys, key_words, told_of_keys
from app.answering.narrow import narrowed
from app.answering.numbered import names_number, of_numbers, tells_all, told_share
from app.answering.parts import merged, merged_found
from app.answering.question import WHOLE, Kind, asks_of_each
from app.answering.quotes import Found, find, with_answers
from app.answering.ranges import rows_in_range
from app.answering.read import ReadHit, ReadResult, read_hits
from app.answering.rounds import unseen
from app.answering.searching import Searched, document_of
from app.answering.select import worth
from app.answering.signals import NONE, Signals
from app.answering.unknown import Unknown, unknown_names
from app.errors import Language
from app.index.protocol import Hit, Passage
from app.index.sparse import SparseEncoder
from app.models.reading import Reader
from app.models.reranking import Reranker
from app.settings import Settings
from app.text.language import detect_language

# Where the figures below come from: 240 answerable questions over XQuAD's even articles, 70 each en → zh and zh → en,
# 50 each in one language, and the same without their passages (2026-11-28). What has no figure was set by hand.
# A passage that is this much below the best, in log-odds, is not quoted beside it: beside the best of an answered
# question stood wrong ones in 0.02 to 0.10 of the questions.
_BESIDE = 3.0
# One in the other language is, if it answers and its score as the reader has it is so near the best one's: what
# the gate makes of the scores of the two differs.
_BESIDE_CROSSED = 1.5
# And if so much of what the question names stands there: between right passages and the best wrong ones (see
# `app.answering.signals`).
_BESIDE_COVERED = 0.2
# Log-odds that are lost where the sentences name nothing of the kind that is asked for, and where their passage
# does not either: two of these.
_SILENT = 0.75
# Log-odds that a list or steps gain where the question names the heading that they stand under, and no word
# of it is missing there.
_LED = 2.0
# Share of its words that may be missing for it to gain anything: the word that is missing may be what is asked.
_LACKS = 0.4
# One that is so much below the best passage is not what is asked for, whatever its heading says.
_LED_BELOW = 4.0
# What stands at the number or code that a question names, and nothing else is asked: log-odds at least.
_AT_WHOLE = 1.5
# Log-odds that it gains where more is asked: by how much of that stands there, or in another language, where
# the words cannot be compared.
_AT = 2.0
_AT_CROSSED = 1.0
_AT_CROSSED_ROW = 0.5
# What a row that holds all that is asked may be below the best passage: a reader likes other rows as much.
_CELL_BELOW = 2.0
# So many sentences are shown whole where more is asked.
_AT_FEW = 4
# Log-odds that a comparison gains where each of the things that it names is told of.
_COMPARED = 1.0
# What it is worth where it does not hold an amount of the kind that is asked for.
_NOT_OF_KIND = -1.0
# What a sentence is worth that tells it in the very words of the question; and from which score on the reader is taken
# at its word for key words, too.
_IN_ITS_WORDS = 0.5
_WORDS_SURE = 2.0
# How far below the threshold a sentence that has every word of the question may be.
_NEAR_IN_WORDS = -1.0
# What a passage counts that there was no time to read.
_UNREAD = -6.0
# What the best passage is worth where no document holds a name that is asked about: below all that was seen.
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

    def like(self, settings: Settings, reading: ReadBy) -> "Weighing":
        """The same with others."""
        return Weighing(settings, reading, self._sparse)

    def read(
        self,
        text: str,
        hits: Sequence[Hit],
        kind: Kind,
        draft: Draft,
        spaces: Searched,
        words: str = "",
    ) -> Weighed:
        """Read the hits, decide, and find the sentences that answer. `words`: the few key words that were asked, if
        the question is made of such."""
        with draft.step("read"):
            return self._weighed(text, hits, kind, draft, spaces, words)

    def _weighed(
        self,
        text: str,
        hits: Sequence[Hit],
        kind: Kind,
        draft: Draft,
        spaces: Searched,
        words: str,
    ) -> Weighed:
        reading = self._reading
        language = detect_language(text)
        unknown = unknown_names(text, language, hits)
        if language == "en" and unknown.names and not unknown.codes:
            # What is written in Latin letters here may be written otherwise there, and nowhere else.
            crossed = [hit for hit in hits if hit.passage.language != language]
            if crossed:
                hits, unknown = crossed, Unknown()
        meant = of_numbers(text, hits)
        result: ReadResult = read_hits(
            reading.reader,
            text,
            meant,
            seconds=self._settings.read_seconds,
            reranker=reading.reranker,
        )
        read = tuple(item.hit for item in result.hits)
        draft.hits = (*read, *unseen(draft.hits, read)) if draft.looked else read
        decision = reading.gate.decide(result, language)
        draft.gate, draft.reader = decision.by, result.reader
        draft.looked += result.looked
        scored = [
            (score, item)
            for item in result.hits
            if (score := reading.gate.score(item, language)) is not None
        ]
        scored = self._numbered(text, scored)
        at, of_it = self._addressed(text, hits, scored, spaces)
        if at is not None:
            # Its passage may say more of something else: what stands elsewhere in it, or for a
            # numbered part in its document, is not what is asked about.
            scored = [
                (min(score, of_it) if at.rules(item.hit.passage) else score, item)
                for score, item in scored
            ]
            best = max((score for score, _ in scored), default=of_it)
            if of_it + (_CELL_BELOW if at.whole and at.row else 0.0) < best:
                at = None
            elif not at.whole and all(
                lacks(sentence, text) for _, sentences in at.parts for sentence in sentences
            ):
                at = None  # it stands there, and nothing of what is asked does
        chosen = worth(scored, kind, self._settings.context_passages)
        above = max((score for score, _ in scored), default=-1.0)
        block, of_block = self._block(text, kind, scored, spaces, hits)
        if block is not None and not names_number(text, (s for _, ss in block.parts for s in ss)):
            block = None
        if block is not None:
            above = max(above, of_block + _LED * max(0.0, 1 - (1 - block.covered) / _LACKS))
            above = max(above, _AT_WHOLE) if block.whole else above
        if kind == "comparison" or operation_of(text) == "difference":
            each = compared(text, chosen)
            above += _COMPARED if each else 0.0
        else:
            each = told_of_each(text, chosen) if kind == "list" and block is None else ()
        if at is not None:
            above = max(above, of_it)
        terms = self._sparse.cutter.terms
        if unknown or (at is None and is_elsewhere(text, [hit.passage for hit in hits], terms)):
            above = min(above, _UNKNOWN)
        beside = _crossed(scored, language)
        if at is not None:
            first = _first(at.passages, scored, chosen)
            found = _at_found(at, scored, text, kind)
        elif block is not None:
            first, found = _first(block.passages, scored, chosen), _found(block.parts)
            documents = {passage.document_id for passage, _ in block.parts}
            others = [i for i in beside if i.hit.passage.document_id not in documents]
            found += find(others, text, kind)
        else:
            least = 0.0 if kind in WHOLE else max(0.0, above - _BESIDE)
            answering = [
                item
                for score, item in scored
                if item in chosen and (score >= least or item in beside)
            ]
            first = chosen
            found = each or find(sorted(answering or chosen[:1], key=chosen.index), text, kind)
            if found and not each and above >= 0:
                ordered = sorted(scored, key=lambda pair: -pair[0])
                further = [(score, i) for score, i in ordered if i not in answering and score >= 0]
                found, above = self._of_it(text, kind, found, above, further, hits, spaces)
        if kind in WHOLE:
            found = with_rows(found, lambda passage: document_of(spaces, passage))
        kept = narrowed(found, text)
        if found and not kept:
            above = min(above, _NOT_OF_KIND)
        if at is None and not unknown and above < _WORDS_SURE:
            ordered = sorted(scored, key=lambda pair: -pair[0])
            kept, above, parts = self._in_its_words(text, kind, words, kept, above, ordered, spaces)
            first = _first(frozenset(p.id for p, _ in parts), scored, chosen) if parts else first
        kept = with_answers(kept) if kind not in WHOLE else kept
        near = round(above, 2) if scored else None
        draft.near = max((each for each in (draft.near, near) if each is not None), default=None)
        return Weighed(first, kept, above)

    def _in_its_words(
        self,
        text: str,
        kind: Kind,
        words: str,
        kept: tuple[Found, ...],
        above: float,
        ordered: Sequence[tuple[float, ReadHit]],
        spaces: Searched,
    ) -> tuple[tuple[Found, ...], float, Parts]:
        """What a sentence tells in the very words of the question where the reader is not sure, with what it is worth
        and its passages; for key words that alone, else what was found."""
        terms = self._sparse.cutter.terms
        passages = [item.hit.passage for _, item in ordered]

        def document(passage: Passage) -> Sequence[Passage]:
            return document_of(spaces, passage)

        if words:
            keys = key_words(words, terms)
            told = tuple(each for each in kept if holds_keys(keys, each, terms))
            if told:
                return told, above, ()
            parts = told_of_keys(keys, passages, terms, document)
            if not parts:
                return (), min(above, _NOT_OF_KIND), ()
            return _found(parts), _IN_ITS_WORDS, parts
        if above >= 0:
            return kept, above, ()
        near = above >= _NEAR_IN_WORDS
        parts = told_exactly(text, kind, passages, terms, document, near=near)
        told = narrowed(_found(parts), text)
        told = tuple(each for each in told if not all(lacks(s, text) for s in each.sentences))
        return (told, _IN_ITS_WORDS, parts) if told else (kept, above, ())

    def _of_it(
        self,
        text: str,
        kind: Kind,
        found: tuple[Found, ...],
        above: float,
        further: Sequence[tuple[float, ReadHit]],
        hits: Sequence[Hit],
        spaces: Searched,
    ) -> tuple[tuple[Found, ...], float]:
        """What was found that tells what is asked of the thing that is asked about, else the best of what else
        answers and does, with what it is worth."""
        told = told_of_it(text, hits, lambda passage: document_of(spaces, passage))
        if kept := told(found):
            return kept, above - _SILENT * min(is_silent(each, text) for each in kept)
        for score, item in further:
            if kept := told(find([item], text, kind)):
                return kept, min(above, score) - _SILENT * is_silent(kept[0], text)
        return (), min(above, _NOT_OF_KIND)

    def _numbered(
        self, text: str, scored: Sequence[tuple[float, ReadHit]]
    ) -> list[tuple[float, ReadHit]]:
        """With more for what tells of the numbered thing that is asked about."""
        terms = self._sparse.cutter.terms
        weighed: list[tuple[float, ReadHit]] = []
        for score, item in scored:
            share = told_share(text, item.hit.passage, terms)
            if share is not None:
                score += _AT * max(0.0, 1 - (1 - share) / _LACKS)
                if share == 1.0 and tells_all(text, item.hit.passage, terms):
                    score = max(score, _AT_WHOLE)
            weighed.append((score, item))
        return weighed

    def _addressed(
        self,
        text: str,
        hits: Sequence[Hit],
        scored: Sequence[tuple[float, ReadHit]],
        spaces: Searched,
    ) -> tuple[Addressed | None, float]:
        """What stands at the number or code that the question names, and the score of it alone; None where
        nothing does."""
        at = addressed(
            text,
            [hit.passage for hit in hits],
            lambda passage: document_of(spaces, passage),
            self._sparse.cutter.terms,
        )
        if at is None or not at.whole:
            terms, passages = self._sparse.cutter.terms, [hit.passage for hit in hits]
            cells = rows_in_range(text, passages, terms) or cells_of(text, passages, terms)
            at = Addressed(cells, whole=True, covered=1.0, row=True) if cells else at
        if at is None:
            return None, 0.0
        at = replace(at, parts=that_tell(at.parts, text) if not at.wanted else at.parts)
        score = max(self._read_parts(text, "", at.parts[:_AT_FEW], scored), default=_UNKNOWN)
        if at.whole:
            return at, max(score, _AT_WHOLE)
        language = detect_language(text)
        if any(passage.language == language for passage, _ in at.parts):
            return at, score + _AT * max(0.0, 1 - (1 - at.covered) / _LACKS)
        return at, score + (_AT_CROSSED_ROW if at.row else _AT_CROSSED)

    def _block(
        self,
        text: str,
        kind: Kind,
        scored: Sequence[tuple[float, ReadHit]],
        spaces: Searched,
        hits: Sequence[Hit],
    ) -> tuple[Block | None, float]:
        """The list, steps or reasons whose heading the question names, and the best score of its passages; None
        where there is none, or another passage is far more likely to answer."""
        if kind not in ("list", "steps", "reasons") or not scored:
            return None, 0.0
        ordered = sorted(scored, key=lambda pair: -pair[0])
        read = [(score, item.hit.passage) for score, item in ordered]
        if asks_of_each(text):
            # A table is told by its columns, whether or not there was time to read it.
            known = {passage.id for _, passage in read}
            read += [(_UNREAD, h.passage) for h in hits if h.passage.id not in known]
        block = block_for(
            text,
            kind,
            read,
            lambda passage: document_of(spaces, passage),
            self._sparse.cutter.terms,
        )
        if block is None:
            return None, 0.0
        own = [score for score, item in ordered if item.hit.passage.id in block.passages]
        own += self._read_parts(text, block.heading, block.parts, scored)
        if max(own) < ordered[0][0] - _LED_BELOW and not block.whole:
            return None, 0.0
        return block, max(own)

    def _read_parts(
        self, text: str, heading: str, parts: Parts, scored: Sequence[tuple[float, ReadHit]]
    ) -> list[float]:
        """The score of each part by itself, read under `heading`, or with '' all that it stands under; how it
        stands among others is what was seen of its passage, or else of its document."""
        hits = [Hit(passage, 0.0, 0.0, 0) for passage, _ in parts]
        shown = [
            "\n".join((heading or sentences[0].around.text, *(each.text for each in sentences)))
            for _, sentences in parts
        ]
        readings = self._reading.reader.read(text, shown)
        language = detect_language(text)
        seen: dict[str, Signals] = {}
        for _, item in scored:
            passage = item.hit.passage
            seen.setdefault(passage.document_id, item.signals)
            seen[passage.id] = item.signals
        scores = (
            self._reading.gate.score(
                ReadHit(
                    hit,
                    reading.answers,
                    reading.spans,
                    seen.get(hit.passage.id) or seen.get(hit.passage.document_id) or NONE,
                ),
                language,
            )
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


def _crossed(scored: Sequence[tuple[float, ReadHit]], language: Language) -> tuple[ReadHit, ...]:
    """The hits in another language that answer by themselves, about as well as the best one."""
    best = max((item.answers or _UNKNOWN for _, item in scored), default=0.0)
    return tuple(
        item
        for score, item in scored
        if score >= 0
        and item.crossed(language)
        and (item.answers or _UNKNOWN) >= best - _BESIDE_CROSSED
        and (item.signals.covered >= _BESIDE_COVERED or item.answers == best)
    )


def _first(
    wanted: frozenset[str], scored: Sequence[tuple[float, ReadHit]], chosen: Sequence[ReadHit]
) -> tuple[ReadHit, ...]:
    """The hits worth showing, those of the wanted passages first."""
    own = [item for _, item in scored if item.hit.passage.id in wanted]
    own.sort(key=lambda item: item.hit.passage.ordinal)
    return (*own, *(item for item in chosen if item not in own))[: max(len(chosen), len(own))]


def _at_found(
    at: Addressed, scored: Sequence[tuple[float, ReadHit]], question: str, kind: Kind
) -> tuple[Found, ...]:
    """All that stands at an address, or, of a longer text where more is asked, the sentences that answer."""
    whole = _found(at.parts)
    if at.whole or kind in WHOLE or sum(len(each.sentences) for each in whole) <= _AT_FEW:
        return whole
    there = {(passage.id, s.start) for passage, sentences in at.parts for s in sentences}
    picked = find(
        [item for _, item in scored if item.hit.passage.id in at.passages], question, kind
    )
    kept = (
        replace(
            each,
            sentences=tuple(
                s for s in each.sentences if (each.item.hit.passage.id, s.start) in there
            ),
        )
        for each in picked
    )
    return tuple(each for each in kept if each.sentences) or whole


def that_tell(parts: Sequence[tuple[Passage, tuple[Sentence, ...]]], question: str) -> Parts:
    """Of rows and items that begin with a code those that tell what is asked of it, where any do: of two tables the one
    with a column for licences."""
    meant = concepts(question)
    told = [
        (
            passage,
            tuple(
                s
                for s in sentences
                if s.role not in ("row", "item") or meant & concepts(f"{s.text} . {s.around.text}")
            ),
        )
        for passage, sentences in parts
    ]
    return tuple(part for part in told if part[1]) or tuple(parts)


def _found(parts: Parts) -> tuple[Found, ...]:
    return tuple(
        Found(ReadHit(Hit(passage, 0.0, 0.0, 0)), sentences) for passage, sentences in parts
    )
