"""Checking an answer against the passages it was made from.

The server, not the model, copies every quote from the stored text; the model's own citation marks
only say where to look first.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.answering.answer import Citation, Statement
from app.answering.calibration import Cosines, cosines_for
from app.answering.evidence.context import Material, Sentence, prepare
from app.answering.evidence.links import inert
from app.answering.evidence.match import (
    Claim,
    Evidence,
    anchored,
    by_words,
    candidates,
    share,
)
from app.answering.evidence.quotations import Quotation, find_quotations, locate
from app.answering.evidence.statements import Draft, bare_assent, cut
from app.answering.evidence.units import Units, units
from app.errors import Language
from app.index.protocol import Passage
from app.models.embedding import Embedder
from app.text.language import detect_language
from app.text.width import width

# Sentences embedded for a statement that words do not decide, and statements so treated: some
# ten texts of a line each, about 30 ms.
_CANDIDATES = 4
_EMBEDDED_STATEMENTS = 3
# A copy shorter than this (in `app.text.width`) is a term, which proves nothing by being found.
_PROOF = 30


@dataclass(frozen=True)
class Verification:
    """`answer` is the text with the verified marks [1], [2], … put behind each statement, in order of
    first use; the spans of `statements` and `unverified_quotes` are of this text. A statement's
    span leaves its marks out. Sentences that assert nothing are no statements.

    `core_supported`: the first statement, the one that answers, is supported. `support` is
    the share of statements that are, [0, 1]; `about` how much of the question the evidence
    of the core holds, [0, 1], None where that evidence is in another language than the question.
    """

    answer: str
    statements: tuple[Statement, ...]
    citations: tuple[Citation, ...]
    unverified_quotes: tuple[tuple[int, int], ...]
    core_supported: bool
    support: float
    about: float | None


def verify(
    answer: str,
    passages: Sequence[Passage] | Material,
    embedder: Embedder | None,
    language: Language,
    *,
    question: str = "",
) -> Verification:
    """Check `answer` (without reasoning) against `passages`, numbered as in the prompt: [1] is `passages[0]`.

    Links that no cited passage holds are made plain text (see `inert`). `language` is the question's. Without an embedder only words decide. Raises EmbeddingFailed.
    """
    material = passages if isinstance(passages, Material) else prepare(passages)
    found = _verify(answer, material, embedder, language, question)
    cited = {citation.chunk_id for citation in found.citations}
    safe = inert(answer, [passage.text for passage in material.passages if passage.id in cited])
    return found if safe == answer else _verify(safe, material, embedder, language, question)


def _verify(
    answer: str, material: Material, embedder: Embedder | None, language: Language, question: str
) -> Verification:
    text, drafts = cut(answer)
    quotations = find_quotations(text, material.normal)
    asked = units(question)
    found: list[Evidence | None] = []
    for draft in drafts:
        if draft.claim:
            claim = _claim(draft, asked, language)
            found.append(_verbatim(draft, quotations, material, claim) or by_words(claim, material))
        else:
            found.append(None)
    assent = bare_assent(text)
    if assent is not None and drafts:  # a mere 'Yes.' asserts what the question asks
        said = replace(asked, negated=asked.negated != (not assent))
        marks = frozenset(mark - 1 for mark in drafts[0].marks)
        found[0] = by_words(Claim(said, units(""), language, marks, assent=True), material)
        drafts = (replace(drafts[0], claim=question), *drafts[1:])
    elif embedder is not None:
        _by_meaning(drafts, found, question, asked, language, material, embedder)
    return _written(text, drafts, found, quotations, material, language)


def _claim(draft: Draft, asked: Units, language: Language) -> Claim:
    said = units(draft.claim)
    own = detect_language(draft.claim) if len(said.words) > 4 else language
    return Claim(said, asked, own, frozenset(mark - 1 for mark in draft.marks))


def _verbatim(
    draft: Draft, quotations: Sequence[Quotation], material: Material, claim: Claim
) -> Evidence | None:
    """The sentences that the statement, or a quotation in it, is copied from; None for no or short copies."""
    places = [locate(draft.claim, material.normal)]
    places += [q.found for q in quotations if draft.start <= q.start < draft.end]
    for place in places:
        if place is None or width(_span(material, place)) < _PROOF:
            continue
        number, start, end = place
        chosen = tuple(s for s in material.sentences[number] if s.start < end and start < s.end)
        return Evidence(chosen, 1.0, share(claim.asked.words, material.whole[number]))
    return None


def _span(material: Material, place: tuple[int, int, int]) -> str:
    number, start, end = place
    return material.passages[number].text[start:end]


def _by_meaning(
    drafts: Sequence[Draft],
    found: list[Evidence | None],
    question: str,
    asked: Units,
    language: Language,
    material: Material,
    embedder: Embedder,
) -> None:
    """Fill in evidence for statements that words left open, with one call of the embedding model."""
    least = cosines_for(embedder.identity.model)
    if least is None:
        return
    open_: list[tuple[int, Claim, list[Sentence]]] = []
    texts: list[str] = []
    for place, draft in enumerate(drafts):
        if found[place] is None and draft.claim and len(open_) < _EMBEDDED_STATEMENTS:
            claim = _claim(draft, asked, language)
            near = [
                sentence
                for sentence in candidates(claim, material, _CANDIDATES)
                if _needed(claim, sentence, material, least) <= 1.0  # else none is near enough
            ]
            if near:
                open_.append((place, claim, near))
                texts.append(f"{question} {draft.claim}" if claim.short else draft.claim)
                texts += [_text(material, sentence) for sentence in near]
    if not open_:
        return
    vectors = embedder.embed_passages(texts)
    row = 0
    for place, claim, near in open_:
        cosines = vectors[row + 1 : row + 1 + len(near)] @ vectors[row]
        row += 1 + len(near)
        ranked = sorted(zip(map(float, cosines), near, strict=True), key=lambda item: -item[0])
        for cosine, sentence in ranked:
            if cosine >= _needed(claim, sentence, material, least):
                about = share(asked.words, material.whole[sentence.passage])
                found[place] = Evidence((sentence,), cosine, about)
                break


def _needed(claim: Claim, sentence: Sentence, material: Material, least: Cosines) -> float:
    """The least cosine at which the sentence bears the claim out; above 1 where none will do."""
    if material.languages[sentence.passage] != claim.language:
        return least.anchored if anchored(claim, sentence) else least.other
    if not claim.short:
        return least.same
    # A short answer whose words are not there is not there, however near the sentence is.
    return least.contained if share(claim.added, sentence.units) >= 0.99 else 2.0


def _text(material: Material, sentence: Sentence) -> str:
    return material.passages[sentence.passage].text[sentence.start : sentence.end]


def _written(
    text: str,
    drafts: Sequence[Draft],
    found: Sequence[Evidence | None],
    quotations: Sequence[Quotation],
    material: Material,
    language: Language,
) -> Verification:
    """Put the marks into the answer and move all spans accordingly."""
    citations: dict[tuple[str, str, int, int], Citation] = {}
    statements: list[Statement] = []
    pieces: list[str] = []
    inserted: list[tuple[int, int]] = []  # place in `text`, characters put there
    position = shift = 0
    for draft, evidence in zip(drafts, found, strict=True):
        if not draft.claim and evidence is None:
            continue
        numbers: list[int] = []
        if evidence is not None:
            passage = material.passages[evidence.sentences[0].passage]
            numbers = [_cite(citations, passage, *run) for run in _runs(evidence.sentences)]
        statements.append(
            Statement(draft.start + shift, draft.end + shift, evidence is not None, tuple(numbers))
        )
        mark = "".join(f"[{number}]" for number in numbers)
        pieces += [text[position : draft.end], mark]
        position = draft.end
        inserted.append((draft.end, len(mark)))
        shift += len(mark)
    pieces.append(text[position:])

    def moved(place: int) -> int:
        return place + sum(size for at, size in inserted if at <= place)

    core = next((e for e in found if e is not None), None)
    return Verification(
        answer="".join(pieces),
        statements=tuple(statements),
        citations=tuple(citations.values()),
        unverified_quotes=tuple(
            (moved(q.start), moved(q.start) + q.end - q.start) for q in quotations if not q.found
        ),
        core_supported=bool(statements) and statements[0].supported,
        support=sum(s.supported for s in statements) / len(statements) if statements else 0.0,
        about=_about(core, material, language) if core else 0.0,
    )


def _about(evidence: Evidence, material: Material, language: Language) -> float | None:
    same = material.languages[evidence.sentences[0].passage] == language
    return evidence.about if same else None


def _runs(sentences: Sequence[Sentence]) -> list[tuple[int, int]]:
    """Spans of the passage: neighbouring sentences make one quote."""
    runs: list[tuple[int, int]] = []
    last = -2
    for sentence in sentences:
        if sentence.place == last + 1:
            runs[-1] = (runs[-1][0], sentence.end)
        else:
            runs.append((sentence.start, sentence.end))
        last = sentence.place
    return runs


def _cite(
    citations: dict[tuple[str, str, int, int], Citation], passage: Passage, start: int, end: int
) -> int:
    """The mark of this quote; passages that overlap give equal sentences one mark."""
    key = (passage.document_id, passage.revision, passage.start + start, passage.start + end)
    if key not in citations:
        place = passage.place_of(key[2], key[3])
        citations[key] = Citation(
            marker=len(citations) + 1,
            document_id=passage.document_id,
            revision=passage.revision,
            chunk_id=passage.id,
            title=passage.title,
            source=passage.source,
            quote=passage.text[start:end],
            start=key[2],
            end=key[3],
            page=place.page,
            section=place.section,
        )
    return citations[key].marker
