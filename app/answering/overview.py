"""Questions about documents rather than about what they say: what is in here, which documents tell of
something, what a document is about. Answered by the documents' own sentences under their titles."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import unquote

from app.answering.evidence.context import Sentence, headings, prepare
from app.answering.evidence.units import units
from app.answering.quotes import Found
from app.answering.read import ReadHit
from app.index.protocol import Hit, Passage
from app.models.embedding import Embedder
from app.text.width import width

MOST_DOCUMENTS: Final = 12
_MOST_SECTIONS: Final = 8
# A sentence that is shorter says little about a document.
_SAYS: Final = 24
# Least share of a title's words that a question holds to mean that document.
_NAMED: Final = 0.6

# What a question for documents asks with.
_FOR_DOCUMENTS: Final = re.compile(
    r"有?(?:哪些|哪几[篇份个]|什么|有没有)|文档|文件|资料|文章|手册|知识库|里|中|讲到?|提到|提及|涉及|关于|介绍|说到|谈到|包含|是|的|了|有"
    r"|\b(?:which|what|documents?|files?|papers?|articles?|handbooks?|are|is|do|does|we|you|there|have|about|mentions?|cover|covers|discuss|discusses|deals?|with|describes?|talks?|says?|tells?|of|on|in|the|here|list|all)\b",
    re.IGNORECASE,
)

_FOR_SUMMARY: Final = re.compile(
    r"总结|概括|概述|归纳|摘要|综述|请|帮我|给我|一下|一份|这[份篇个]|那[份篇个]|文档|文件|资料|知识库|主要|大致|内容|要点|[讲说写]了?|介绍|什么|哪些|里面?|的|了|[有是]"
    r"|\b(?:please|summar(?:y|ise|ize)|overview|tl;?dr|give|show|tell|me|us|a|an|the|this|of|for|about|document|file|key|main|points?|what|is|are|does|do|say|in|here|short|brief)\b",
    re.IGNORECASE,
)
_SECTION: Final = re.compile(
    r"\b(?:section|chapter|part)\b|[这该那]?一?[章节]|[这该那]?一?部分", re.IGNORECASE
)
_QUOTED: Final = re.compile(r"[《“\"]([^《》“”\"]{2,80})[》”\"]")
# Titles that a quoted one is compared with; and how much nearer it has to be to one than to the next.
_MOST_TITLES: Final = 200
_APART: Final = 0.01


def named_document(question: str, hits: Sequence[Hit]) -> Hit | None:
    """The hit of the document that the question names by its title; None when it names none."""
    asked = units(question).words
    best: tuple[float, Hit] | None = None
    for hit in hits:
        title = units(hit.passage.title).words
        share = len(title & asked) / len(title) if title else 0.0
        if share >= _NAMED and (best is None or share > best[0]):
            best = (share, hit)
    return best[1] if best else _only_of(question, hits)


def _only_of(question: str, hits: Sequence[Hit]) -> Hit | None:
    """The best hit of the only document whose title or file name has all words that are not those of a question
    for a summary: 'summarise the minutes'."""
    topic = units(_FOR_SUMMARY.sub(" ", question)).words
    found: dict[str, Hit] = {}
    for hit in hits:
        file = hit.passage.source.rpartition("/")[2].rpartition(".")[0]
        name = units(f"{hit.passage.title} . {unquote(file)}").words
        if topic and topic <= name:
            found.setdefault(hit.passage.document_id, hit)
    return next(iter(found.values())) if len(found) == 1 else None


def of_document(passages: Sequence[Passage]) -> tuple[Found, ...]:
    """The first sentence of each section of a document."""
    found: list[Found] = []
    seen: set[tuple[str, ...]] = set()
    for passage in passages:
        # Short sections stand together in one passage.
        sections: dict[tuple[str, ...], list[Sentence]] = {}
        for s in prepare([passage]).sentences[0]:
            place = passage.place_of(passage.start + s.start, passage.start + s.end)
            sections.setdefault(place.section, []).append(s)
        firsts = [
            first
            for section, sentences in sections.items()
            if section not in seen and (first := _first_of(sentences)) is not None
        ]
        seen |= sections.keys()
        if firsts:
            found.append(Found(ReadHit(Hit(passage, 0.0, 0.0, 0)), tuple(firsts)))
    return _at_most(found, _MOST_SECTIONS)


def _at_most(found: Sequence[Found], most: int) -> tuple[Found, ...]:
    """The first sentences, at most so many."""
    kept: list[Found] = []
    left = most
    for each in found:
        if left > 0:
            kept.append(replace(each, sentences=each.sentences[:left]))
            left -= len(each.sentences)
    return tuple(kept)


def named_section(question: str, hits: Sequence[Hit]) -> Hit | None:
    """The hit whose heading a question names that asks for a section, by most of what it is about or of the
    heading; None for no such question or heading."""
    if not _SECTION.search(question):
        return None
    topic = units(_SECTION.sub(" ", _FOR_SUMMARY.sub(" ", question))).words
    best: tuple[float, Hit] | None = None
    for hit in hits:
        heading = units(hit.passage.section[-1]).words if hit.passage.section else frozenset()
        both = len(heading & topic)
        if not both:
            continue
        score = both / len(heading) + both / len(topic)
        named = max(both / len(topic), both / len(heading)) >= _NAMED
        if named and (best is None or score > best[0]):
            best = (score, hit)
    return best[1] if best else None


def of_section(passages: Sequence[Passage]) -> tuple[Found, ...]:
    """The first sentence of each paragraph of a section."""
    found: list[Found] = []
    for passage in passages:
        lines: dict[int, Sentence] = {}
        for sentence in prepare([passage]).sentences[0]:
            if sentence.quotable:
                lines.setdefault(sentence.line, sentence)
        if lines:
            found.append(Found(ReadHit(Hit(passage, 0.0, 0.0, 0)), tuple(lines.values())))
    return tuple(found)


def titled(question: str, titles: Sequence[str], embedder: Embedder) -> int | None:
    """The place of the title that the question puts between 《》 or quotation marks, in whatever language;
    None where it quotes none, or none comes near enough. Raises EmbeddingFailed."""
    quoted = _QUOTED.search(question)
    if quoted is None or not titles:
        return None
    vectors = embedder.embed_passages([quoted[1], *titles[:_MOST_TITLES]])
    near = [float(value) for value in vectors[1:] @ vectors[0]]
    order = sorted(range(len(near)), key=lambda place: -near[place])
    second = near[order[1]] if len(order) > 1 else 0.0
    return order[0] if near[order[0]] - second >= _APART else None


def of_library(documents: Sequence[Sequence[Passage]]) -> tuple[Found, ...]:
    """The first sentence of each document."""
    found: list[Found] = []
    for passages in documents:
        for passage in passages:
            sentence = _first(passage)
            if sentence is not None:
                found.append(Found(ReadHit(Hit(passage, 0.0, 0.0, 0)), (sentence,)))
                break
    return tuple(found)


def on_topic(question: str, hits: Sequence[Hit]) -> tuple[Found, ...]:
    """Of each document whose title, headings or text hold all the words that a question for documents is
    about: the sentence with most of them. Best found first."""
    topic = units(_FOR_DOCUMENTS.sub(" ", question)).words
    if not topic:
        return ()
    held: dict[str, set[str]] = {}
    best: dict[str, tuple[int, Found]] = {}
    for hit in hits:
        document, passage = hit.passage.document_id, hit.passage
        above = units(headings(passage)).words
        sentences = [s for s in prepare([passage]).sentences[0] if s.quotable]
        held.setdefault(document, set()).update(
            above, *(s.units.words | s.around.units.words for s in sentences)
        )
        for sentence in sentences:
            score = len(topic & (sentence.units.words | sentence.around.units.words))
            if document not in best or score > best[document][0]:
                best[document] = (score, Found(ReadHit(hit), (sentence,)))
    return tuple(found for document, (_, found) in best.items() if topic <= held[document])


def one_each(found: Sequence[Found]) -> tuple[Found, ...]:
    """The best sentence of each document."""
    kept: dict[str, Found] = {}
    for each in found:
        kept.setdefault(each.item.hit.passage.document_id, Found(each.item, each.sentences[:1]))
    return tuple(kept.values())


def _first(passage: Passage) -> Sentence | None:
    return _first_of(prepare([passage]).sentences[0])


def _first_of(cut: Sequence[Sentence]) -> Sentence | None:
    sentences = [s for s in cut if s.quotable]
    long = [s for s in sentences if s.role == "prose" and width(s.text) >= _SAYS]
    return next(iter(long or sentences), None)
