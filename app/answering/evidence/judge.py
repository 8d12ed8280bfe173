"""Deciding which sentences of the material, if any, bear one statement out.

Exact rules come first (`rules`, `match`): what they forbid nothing allows. Words and the reader decide
the rest: shared words alone are no proof, and the reader knows meaning, not keys.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from app.answering.calibration import Cosines, cosines_for
from app.answering.evidence.conditions import is_conditional
from app.answering.evidence.context import Material, Sentence
from app.answering.evidence.match import (
    Claim,
    Evidence,
    anchored,
    by_words,
    candidates,
    contradicts,
    firm,
    nearer_denies,
    of_another_column,
    of_another_letter,
    polarity_differs,
    share,
    silent_on_condition,
)
from app.answering.evidence.quotations import Quotation, locate
from app.answering.evidence.rules import names_row
from app.answering.evidence.signs import signs_differ
from app.answering.evidence.statements import DraftStatement, declared
from app.answering.evidence.units import Units, fold, units
from app.answering.question import kind_of
from app.errors import Language
from app.models.embedding import Embedder
from app.models.reading import Reader
from app.text.language import HAN, detect_language
from app.text.width import width

# Sentences compared by meaning for a statement that words do not decide.
_CANDIDATES = 4
# A copy shorter than this (in `app.text.width`) is a term, which proves nothing by being found.
_PROOF = 30
# Log-odds of `Reader.check`. Below the first the reader contradicts what words support; from the
# second on it supports what words leave open. Chosen, not fitted; docs/evaluation.md, 'Statements',
# was measured with them.
_DENIES = -4.0
_GRANTS = 1.5
# Whom or what a question is about that asks for yes or no.
_ASKED_OF = re.compile(
    r"^(?P<han>[\u3400-\u9fff]{2,8}?)(?:可以|可不可以|可否|能不能|能否|能|是否|是不是|会不会|会|需不需要|需要|必须|要不要|应该|应|允许)"
    r"|^(?:may|can|could|must|should|shall|do|does|did|is|are|was|were|will|has|have) (?:the |an? |all |any |every |our |your )?(?P<latin>[a-z][\w-]+)"
)
_CLAUSES = re.compile(
    r"[;；]\s*|[,，]\s*(?=(?:and|but|while|whereas|而|但|并且?|同时|且)\b)|\s{1,8}(?:while|whereas)\s{1,8}|[,，]?\s{0,8}(?:而|但是?|同时|并且)(?=[^a-z])"
)


@dataclass(frozen=True)
class Judge:
    """One question with its material. Without `reader` the embedder's cosines decide what words leave
    open; without both, words alone."""

    material: Material
    question: str
    language: Language
    embedder: Embedder | None = None
    reader: Reader | None = None

    @cached_property
    def asked(self) -> Units:
        return units(self.question)

    @cached_property
    def _asks_yes_or_no(self) -> bool:
        return kind_of(self.question) == "yesno"

    def support(
        self, draft: DraftStatement, quotations: Sequence[Quotation] = ()
    ) -> tuple[Evidence, ...]:
        """What bears the statement out; empty when nothing does. Several where it says several
        things, each borne out by a passage of its own. Raises EmbeddingFailed, ReadingFailed."""
        if not draft.claim:
            return ()
        whole = self._one(draft, quotations)
        if whole is not None:
            return (whole,)
        return self._parts(draft)

    def assents(self, affirmed: bool, marks: Sequence[int]) -> tuple[Evidence, ...]:
        """What bears a mere 'yes' (or 'no') to the question out: a 'yes' says what the question asks, as a
        statement, which has to stand as any other. Raises EmbeddingFailed, ReadingFailed."""
        said = replace(self.asked, negated=self.asked.negated != (not affirmed))
        claim = Claim(
            said,
            units(""),
            self.language,
            frozenset(mark - 1 for mark in marks),
            assent=True,
            conditional=is_conditional(self.question),
        )
        found = by_words(claim, self.material)
        if found is None or self._of_another_row(found) or self._of_another(found):
            return ()
        told = claim.conditional and not self.asked.negated
        if not affirmed or told or found.sentences[0].role == "row":
            return (found,)  # a condition and what a cell says were told apart above
        said_out = declared(self.question)
        draft = DraftStatement(0, len(said_out), said_out, tuple(marks))
        return (found,) if self.support(draft) else ()

    def _of_another(self, found: Evidence) -> bool:
        """Whether nothing that the sentences say or stand under is of whom the question asks about: staff may enter,
        visitors need not."""
        match = _ASKED_OF.search(fold(self.question))
        subject = units(match["han"] or match["latin"]).words if match else frozenset()
        held = frozenset[str]().union(
            *(s.units.words | s.around.units.words for s in found.sentences)
        )
        return bool(subject) and not subject & held

    def _of_another_row(self, found: Evidence) -> bool:
        """Whether it is a row that the question does not name, and another one is named."""
        rows = [sentence for sentence in found.sentences if sentence.role == "row"]
        return (
            bool(rows)
            and not any(names_row(self.question, row) for row in rows)
            and any(
                names_row(self.question, sentence)
                for sentences in self.material.sentences
                for sentence in sentences
                if sentence.role == "row"
            )
        )

    def claim(self, draft: DraftStatement) -> Claim:
        said = units(draft.claim)
        own = detect_language(draft.claim) if len(said.words) > 4 else self.language
        if self.language == "zh" and HAN.search(draft.claim):
            own = "zh"  # mostly names and numbers
        marks = frozenset(mark - 1 for mark in draft.marks)
        # What asks for yes or no has the answer's own words in it: they are to be borne out like any other.
        whole = self._asks_yes_or_no
        asked = units("") if whole else self.asked
        return Claim(said, asked, own, marks, text=draft.claim, question=self.question, whole=whole)

    def _one(self, draft: DraftStatement, quotations: Sequence[Quotation]) -> Evidence | None:
        claim = self.claim(draft)
        copied = self._verbatim(draft, quotations, claim)
        if copied is not None:
            return copied
        said = claim.said
        if not (said.words or said.codes or said.numbers):
            # 'It is what it is', 啊啊啊: any sentence would bear out what says nothing.
            return None
        found = by_words(claim, self.material)
        if found is not None and not self._denied(claim, found):
            return found
        if found is not None:
            return None
        crossed = self._by_keys(claim) or self._beyond_words(claim)
        if crossed is not None and (
            nearer_denies(claim, self.material, crossed.sentences)
            or of_another_letter(claim, self.material, crossed.sentences)
            or signs_differ(
                claim.text,
                [sentence.text for sentence in crossed.sentences],
                [sentence.around.text for sentence in crossed.sentences],
            )
        ):
            return None
        return crossed

    def _by_keys(self, claim: Claim) -> Evidence | None:
        """The sentence in another language that holds so many of the statement's keys that it can mean
        no other, unless the reader denies it."""
        for sentence in self._candidates(claim):
            other = self.material.languages[sentence.passage] != claim.language
            if other and firm(claim, self.material, sentence):
                about = share(self.asked.words, self.material.whole[sentence.passage])
                found = Evidence((sentence,), 0.8, about)
                return None if self._denied(claim, found) else found
        return None

    def _beyond_words(self, claim: Claim) -> Evidence | None:
        if self.reader is not None and self.reader.checks:
            return self._by_reader(claim, self.reader)
        return self._by_meaning(claim)

    def _parts(self, draft: DraftStatement) -> tuple[Evidence, ...]:
        """Evidence for each clause of its own; all must have it."""
        clauses = [part for part in _CLAUSES.split(draft.claim) if part and part.strip(" ,，。.")]
        if len(clauses) < 2 or any(len(units(part).words) < 3 for part in clauses):
            return ()
        found: list[Evidence] = []
        for clause in clauses:
            evidence = self._one(replace(draft, claim=clause.strip()), ())
            if evidence is None:
                return ()
            found.append(evidence)
        return tuple(found)

    def _verbatim(
        self, draft: DraftStatement, quotations: Sequence[Quotation], claim: Claim
    ) -> Evidence | None:
        """The sentences that the statement, or a quotation in it, is copied from; None for no or short
        copies, and for those of another row or section than the one asked about."""
        material = self.material
        places = [locate(draft.claim, material.normal)]
        places += [q.found for q in quotations if draft.start <= q.start < draft.end]
        for place in places:
            if place is None or width(self._span(place)) < _PROOF:
                continue
            number, start, end = place
            chosen = tuple(
                s
                for s in material.sentences[number]
                if s.start < end and start < s.end and s.quotable
            )
            if not chosen or contradicts(claim, material, number, chosen):
                continue
            return Evidence(chosen, 1.0, share(claim.asked.words, material.whole[number]))
        return None

    def _span(self, place: tuple[int, int, int]) -> str:
        number, start, end = place
        return self.material.passages[number].text[start:end]

    def _denied(self, claim: Claim, found: Evidence) -> bool:
        """Whether the reader says that these sentences do not give this answer."""
        if self.reader is None or not self.reader.checks:
            return False
        odds = self.reader.check(self.question, claim.text, [in_context(found.sentences)])
        return float(odds[0]) < _DENIES

    def _by_reader(self, claim: Claim, reader: Reader) -> Evidence | None:
        """What the reader takes for the answer among the likeliest sentences."""
        near = self._candidates(claim)
        if not near:
            return None
        odds = reader.check(
            self.question, claim.text, [in_context((sentence,)) for sentence in near]
        )
        best = max(range(len(near)), key=lambda place: float(odds[place]))
        if float(odds[best]) < self._needed_odds(claim, near[best]):
            return None
        about = share(self.asked.words, self.material.whole[near[best].passage])
        return Evidence((near[best],), 0.5, about)

    def _candidates(self, claim: Claim) -> list[Sentence]:
        """The likeliest sentences that no rule forbids; one that denies what is affirmed, or the other
        way round, is none."""
        return [
            sentence
            for sentence in candidates(claim, self.material, _CANDIDATES)
            if not (
                silent_on_condition(claim, sentence) or of_another_column(claim, sentence)
                if self.material.languages[sentence.passage] != claim.language
                else polarity_differs(claim, (sentence,))
            )
        ]

    def _needed_odds(self, claim: Claim, sentence: Sentence) -> float:
        if self.material.languages[sentence.passage] != claim.language:
            return _GRANTS - 1.0 if anchored(claim, sentence) else _GRANTS + 1.0
        if claim.short and share(claim.added, sentence.units) < 0.99:
            return float("inf")  # a short answer whose words are not there is not there
        return _GRANTS if share(claim.added, sentence.units) >= 0.3 else float("inf")

    def _by_meaning(self, claim: Claim) -> Evidence | None:
        """What the embedding model finds nearest, if it is near enough."""
        least = cosines_for(self.embedder.identity.model) if self.embedder else None
        if self.embedder is None or least is None:
            return None
        near = [
            sentence
            for sentence in self._candidates(claim)
            if self._needed(claim, sentence, least) <= 1.0
        ]
        if not near:
            return None
        said = f"{self.question} {claim.text}" if claim.short else claim.text
        vectors = self.embedder.embed_passages([said, *(sentence.text for sentence in near)])
        cosines = [float(value) for value in vectors[1:] @ vectors[0]]
        for cosine, sentence in sorted(zip(cosines, near, strict=True), key=lambda item: -item[0]):
            if cosine >= self._needed(claim, sentence, least):
                about = share(self.asked.words, self.material.whole[sentence.passage])
                return Evidence((sentence,), cosine, about)
        return None

    def _needed(self, claim: Claim, sentence: Sentence, least: Cosines) -> float:
        """The least cosine at which the sentence bears the claim out; above 1 where none will do."""
        if self.material.languages[sentence.passage] != claim.language:
            return least.anchored if anchored(claim, sentence) else least.other
        if not claim.short:
            return least.same
        # A short answer whose words are not there is not there, however near the sentence is.
        return least.contained if share(claim.added, sentence.units) >= 0.99 else 2.0


def in_context(sentences: Sequence[Sentence]) -> str:
    """Sentences as the reader is to see them: under their headings, rows with their column names."""
    parts: list[str] = []
    for sentence in sentences:
        columns = sentence.around.columns
        if sentence.role == "row" and len(columns) == len(sentence.cells):
            pairs = zip(columns, sentence.cells, strict=True)
            parts.append("; ".join(f"{name}: {cell}" for name, cell in pairs))
        else:
            parts.append(sentence.text)
    heading = sentences[0].heading if sentences else ""
    return "\n".join([heading, *parts] if heading else parts)
