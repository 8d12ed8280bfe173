"""The list, table or run of sentences under the heading that a question names.

Who asks for the steps of an upgrade wants what stands under 'Upgrades', all of it, wherever in it the
reader finds most of an answer: it was taught on single facts, and a list seldom answers in one sentence.

Over 350 lines: lists, tables and headings make blocks in ways of their own, and are compared by one score.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final

from app.answering.concepts import concepts
from app.answering.evidence.context import Sentence, prepare, same_words
from app.answering.question import Kind, asks_of_each
from app.answering.quotes import Found
from app.answering.read import ReadHit
from app.index.protocol import Hit, Passage
from app.text.language import detect_language

# Words that ask, and words for what is asked for: a list of what, steps of what. Chinese ones as jieba cuts.
_ASKING: Final = re.compile(
    r"\b(?:what|which|who|whom|whose|when|where|why|reasons?|how|many|much|is|are|was|were|be|do|does|did|has|have|had|can|could|may|might|must|should|would|will|the|an?|of|to|in|on|at|for|by|with|from|and|or|please|tell|show|give|gives?|given|me|us|you|your|we|our|i|my|there|any|all|every|each|list|lists?|name|names|its?|they|them|their|this|that|these|those|about|as|one|two|three|four|five|order|ways?|kinds?|types?|follows?|followed|taken|drawn|arise|arose|done)\b",
    re.IGNORECASE,
)
_STOP: Final = frozenset(
    """请问 为什么 为何 原因 理由 告诉 列出 列举 罗列 什么 怎么 怎么样 怎样 如何 哪些 有哪些 哪个 哪种 多少 各个 各种 分别 所有 全部 应该 应当
    要求 规定 规则 事项 内容 需要 可以 包括 包含 按照 以及 我们 你们 他们 一下 哪几 几种 几个 每种 每个 每项 每类 每台 每款 各项 各类 各级 不同 三个 四个 两个 一个 三种 两种 四种 时候 是什么 有没有""".split()
)
# Stems of what one does and of what is done, which no stemmer brings together: what was decided, the decisions.
_SAME: Final = {
    "decis": "decid", "agreement": "agre", "conclus": "conclud", "resolut": "resolv",
    "descript": "describ", "explan": "explain", "reservat": "reserv", "applic": "appli", "payment": "pay", "paid": "pay",
    "exclus": "exclud", "inclus": "includ", "permiss": "permit", "admiss": "admit", "receipt": "receiv",
    "决定": "决议", "议决": "决议",
}  # fmt: skip
_NUMBERING: Final = re.compile(r"[\d.]+")
_NUMBERED: Final = re.compile(r"\d{1,2}[.)、]|[（(]\d{1,2}[)）]|第[一二三四五六七八九十]{1,2}步")
# What says of a heading that steps stand under it, or of a question that it asks for them.
_STEPS: Final = re.compile(r"流程|步骤|顺序|次序|\b(?:steps?|procedures?)\b", re.IGNORECASE)
# What says of a heading, or of what leads in to a list, that reasons stand there.
_WHY: Final = re.compile(
    r"为什么|为何|原因|理由|缘故|\b(?:why|reasons?|causes?|because)\b", re.IGNORECASE
)
# Asks for the parts themselves, which headings name.
_PARTS: Final = re.compile(
    r"章节|小节|部分|目录|主题|哪[几些]?(?:章|节|类|种|个阶段)|种类|类型|类别|\b(?:sections?|chapters?|parts?|topics?|headings?|kinds?|types?|sorts?|categories|classes)\b",
    re.IGNORECASE,
)
# Least share of the question's words that the block with its headings holds; less is enough for one whose
# heading says nothing else than the question.
_COVERED: Final = 0.6
_COVERED_NAMED: Final = 0.5
# Least share of a heading's words that the question names, or of the question's that the heading does; and
# of one in the passage that reads best.
_NAMED: Final = 0.5
_NAMED_BEST: Final = 0.3
# What a log-odd of the reader counts between blocks.
_READ: Final = 0.1
# Sentences shown of one block, at most.
_MOST: Final = 40
# Rows from which a table may be asked for whole, and words of the question to know that it is.
_ROWS: Final = 2
_WORD: Final = re.compile(r"[A-Za-z]+")
_NEAR_ROWS: Final = 3
# Passages, and documents, of the best that are searched for such a block.
_LOOKED: Final = 8
_LOOKED_EACH: Final = 24
_DOCUMENTS: Final = 3

Terms = Callable[[str], Iterable[str]]
Document = Callable[[Passage], Sequence[Passage]]
# Sentences with their passages, in order.
Parts = tuple[tuple[Passage, tuple[Sentence, ...]], ...]


@dataclass(frozen=True)
class Block:
    """`parts`: the sentences of each passage that it goes over, in order. `score`: how well the question
    names it, to compare blocks of one question."""

    heading: str
    parts: Parts
    score: float
    covered: float  # the share of the question's words that it holds with what it stands under
    whole: bool = False  # a table that has columns for all that is asked of each of its rows

    @property
    def passages(self) -> frozenset[str]:
        return frozenset(passage.id for passage, _ in self.parts)


def block_for(
    question: str,
    kind: Kind,
    read: Sequence[tuple[float, Passage]],
    document: Document,
    terms: Terms,
) -> Block | None:
    """The block that the question names best, of the documents of what was read (log-odds with passages,
    best first); None where it names none well enough."""
    asked = telling_words(question, terms)
    if kind == "steps" and _STEPS.search(question):
        # The word itself seldom stands there: that they are numbered tells as much.
        asked = telling_words(_STEPS.sub(" ", question), terms) | {"#steps"}
    if not asked:
        return None
    found: list[Block] = []
    each = kind == "list" and asks_of_each(question)
    language = detect_language(question)
    seen: set[str] = set()
    worth = {passage.id: score for score, passage in reversed(read)}
    for _, passage in read[: _LOOKED_EACH if each else _LOOKED]:
        if passage.document_id in seen or len(seen) >= (_LOOKED if each else _DOCUMENTS):
            continue
        seen.add(passage.document_id)
        near = {p.ordinal for _, p in read if p.document_id == passage.document_id}
        whole = [p for p in document(passage) if any(abs(p.ordinal - n) <= 2 for n in near)]
        if each:
            found += _tables(
                question, whole, asked, terms, worth, crossed=passage.language != language
            )
            continue
        found += _blocks(whole, asked, kind, terms, worth, read[0][1].id)
        if kind == "list":
            found += _of_headings(question, document(passage), asked, terms, worth)
    return max(found, key=lambda block: block.score, default=None)


def with_rows(found: Sequence[Found], document: Document) -> tuple[Found, ...]:
    """What was found, with all of a table of which the rows of one passage were: it may go on in another one, behind
    the end of a page."""
    given: list[Found] = []
    done: set[tuple[str, tuple[str, ...], tuple[str, ...]]] = set()
    for each in found:
        passage, first = each.item.hit.passage, each.sentences[0]
        of_table = (passage.document_id, passage.section, first.around.columns)
        if of_table in done:
            continue
        own = [
            s
            for s in prepare([passage]).sentences[0]
            if s.role == "row" and s.around.columns == first.around.columns
        ]
        if first.role != "row" or each.of or len(each.sentences) != len(own) or len(own) < _ROWS:
            given.append(each)
            continue
        done.add(of_table)
        for other in document(passage):
            near = abs(other.ordinal - passage.ordinal) <= _NEAR_ROWS
            if other.section != passage.section or not near:
                continue
            rows = tuple(
                s
                for s in prepare([other]).sentences[0]
                if s.role == "row" and s.around.columns == first.around.columns
            )
            if rows:
                item = each.item if other.id == passage.id else ReadHit(Hit(other, 0.0, 0.0, 0))
                given.append(Found(item, rows[:_MOST]))
    return tuple(given)


def _blocks(
    passages: Sequence[Passage],
    asked: frozenset[str],
    kind: Kind,
    terms: Terms,
    worth: Mapping[str, float],
    best: str,
) -> Iterator[Block]:
    """The blocks of one document that the question names, each with its score."""
    material = prepare(passages)
    sentences = [
        (passage, s, passage.place_of(passage.start + s.start, passage.start + s.end).section)
        for passage, of_one in zip(passages, material.sentences, strict=True)
        for s in of_one
    ]
    # A heading within a passage does not reach into the next one, whose own path tells as much.
    for (section, inner), group in groupby(sentences, key=lambda item: (item[2], item[1].heading)):
        own = [(passage, sentence) for passage, sentence, _ in group if sentence.quotable]
        chosen = _listed([sentence for _, sentence in own], kind)
        if not chosen:
            continue
        heading = inner or (section[-1] if section else "")
        names = [heading]
        before = [s for _, s in own if (s.passage, s.place) < (chosen[0].passage, chosen[0].place)]
        if before and before[-1].text.rstrip().endswith((":", "：")):
            names.append(before[-1].text)
        if kind == "reasons" and not any(map(_WHY.search, names)):
            continue
        wanted = {(s.passage, s.place) for s in chosen}
        parts = tuple(
            (passage, tuple(s for p, s in own if p is passage and (s.passage, s.place) in wanted))
            for passage in passages
        )
        parts = tuple(part for part in parts if part[1])
        nearest = max((worth[p.id] for p, _ in parts if p.id in worth), default=-6.0)
        least = _NAMED_BEST if any(p.id == best for p, _ in parts) else _NAMED
        path = (passages[0].title, *section, *names)
        body = " . ".join(s.text for s in (*before[-1:], *chosen))
        if sum(_NUMBERED.match(s.text.lstrip()) is not None for s in chosen) >= _ROWS:
            body = f"{body} . steps"
        score = _score(asked, [_of(name, terms) for name in names], path, body, least, terms)
        if score is not None:
            yield Block(heading, parts, score[0] + _READ * nearest, score[1])


def _tables(
    question: str,
    passages: Sequence[Passage],
    asked: frozenset[str],
    terms: Terms,
    worth: Mapping[str, float],
    *,
    crossed: bool,
) -> Iterator[Block]:
    """The tables of one document whose column names, with what they stand under, hold what is asked of each
    row; in another language, by what such columns are called there."""
    written = as_written(question, terms)
    tables: dict[tuple[tuple[str, ...], tuple[str, ...]], list[tuple[Passage, Sentence]]] = {}
    for passage, sentences in zip(passages, prepare(passages).sentences, strict=True):
        for s in sentences:
            place = passage.place_of(passage.start + s.start, passage.start + s.end).section
            if s.role == "row" and len(s.cells) == len(s.around.columns):
                tables.setdefault((place, s.around.columns), []).append((passage, s))
    for (section, columns), rows in tables.items():
        if len(rows) < _ROWS:
            continue
        headings = " . ".join((passages[0].title, *section, rows[0][1].heading))
        called, above = _of(" . ".join(columns), terms), _of(headings, terms)
        meant, over = concepts(" . ".join(columns)), concepts(headings)
        if crossed:
            wanted: frozenset[str] | frozenset[int] = concepts(question)
            in_columns, held = wanted & meant, wanted & (meant | over)
        else:
            wanted = asked
            in_columns = frozenset(
                w for w in asked if w in called or concepts(written.get(w, w)) & meant
            )
            held = in_columns | (asked & above)
        covered = len(held) / len(wanted) if wanted else 0.0
        if covered < _COVERED or not in_columns:
            continue
        nearest = max((worth[p.id] for p, _ in rows if p.id in worth), default=-6.0)
        parts = tuple((passage, tuple(s for p, s in rows if p is passage)) for passage in passages)
        parts = tuple((passage, of[:_MOST]) for passage, of in parts if of)
        yield Block(
            " . ".join((section[-1] if section else rows[0][1].heading, *columns)),
            parts,
            covered + len(in_columns) / len(wanted) + _READ * nearest,
            covered,
            whole=covered == 1.0 and len(wanted) >= _ROWS,
        )


def _of_headings(
    question: str,
    passages: Sequence[Passage],
    asked: frozenset[str],
    terms: Terms,
    worth: Mapping[str, float],
) -> Iterator[Block]:
    """The lists that headings make under one that the question names: where the parts are asked for, or all
    are called what is asked for (Phase 1, Phase 2), and nothing else is listed there."""
    listed: set[tuple[str, ...]] = set()
    under: dict[tuple[str, ...], list[tuple[Passage, Sentence]]] = {}
    for passage, sentences in zip(passages, prepare(passages).sentences, strict=True):
        for s in sentences:
            section = passage.place_of(passage.start + s.start, passage.start + s.end).section
            if s.role in ("item", "row"):
                listed.add(section)
            elif s.role == "heading" and section and same_words(s.text, section[-1]):
                under.setdefault(section[:-1], []).append((passage, replace(s, role="item")))
    for path, headings in under.items():
        called = [asked & _of(s.text, terms) for _, s in headings]
        alike = bool(frozenset.intersection(*called))
        if len(headings) < 2 or path in listed or not (alike or _PARTS.search(question)):
            continue
        heading = path[-1] if path else passages[0].title
        body = " . ".join(s.text for _, s in headings)
        all_above = (passages[0].title, *path)
        score = _score(asked, [_of(heading, terms)], all_above, body, _NAMED, terms)
        if score is None:
            continue
        parts = tuple(
            (passage, tuple(s for p, s in headings if p is passage)) for passage in passages
        )
        parts = tuple(part for part in parts if part[1])
        nearest = max((worth[p.id] for p, _ in parts if p.id in worth), default=-6.0)
        yield Block(heading, parts, score[0] + _READ * nearest, score[1])


def _score(
    asked: frozenset[str],
    names: Sequence[frozenset[str]],
    path: Sequence[str],
    body: str,
    least: float,
    terms: Terms,
) -> tuple[float, float] | None:
    """How well the question names a block by its heading or lead-in, and what share of it the block holds with
    all that it stands under; None for too little of either."""
    above = _of(" . ".join(path), terms)
    covered = len(asked & (above | _of(body, terms))) / len(asked)
    of_name = max(len(asked & name) / len(name) if name else 0.0 for name in names)
    of_asked = max(len(asked & name) for name in names) / len(asked)
    enough = _COVERED_NAMED if of_name == 1.0 else _COVERED
    if covered < enough or max(of_name, of_asked) < least:
        return None
    named = of_name / 2 + of_asked + len(asked & above) / len(asked) / 2
    return covered + named, covered


def _listed(sentences: Sequence[Sentence], kind: Kind) -> list[Sentence]:
    """What a block lists: its items with all that belongs to them, else its rows, else, for steps and where
    there are several, its sentences; with what leads in to them. Empty where it lists nothing."""
    items = [s for s in sentences if s.role == "item"]
    rows = [s for s in sentences if s.role == "row"]
    if len(items) >= 2:
        first, last = items[0].place, items[-1].place
        of_last = [s for s in sentences if s.passage == items[-1].passage and s.place > last]
        until = next((s.line for s in of_last if s.line > items[-1].line), None)
        start = (items[0].passage, first)
        end = (items[-1].passage, last)
        return [
            s
            for s in sentences
            if s.role != "row"
            and start <= (s.passage, s.place)
            and (
                (s.passage, s.place) <= end or (s in of_last and (until is None or s.line < until))
            )
        ][:_MOST]
    if kind == "reasons":
        return []  # what is told in sentences, the reader finds
    if len(rows) >= 2 and kind != "steps":
        return rows[:_MOST]
    prose = [s for s in sentences if s.role != "row"]
    return prose[:12] if len(prose) >= 2 else []


def _of(text: str, terms: Terms) -> frozenset[str]:
    """The words of a text of the documents; '#steps' among them where it says that it tells steps."""
    return telling_words(text, terms) | ({"#steps"} if _STEPS.search(text) else frozenset())


def as_written(text: str, terms: Terms) -> Mapping[str, str]:
    """The word of a text that each of its terms is the stem of: by stems no column is called."""
    return {term: word for word in _WORD.findall(text) for term in terms(word)}


def telling_words(text: str, terms: Terms) -> frozenset[str]:
    """The terms of a text that say something, without those that are part of a longer one."""
    found = {
        _SAME.get(t, t)
        for t in terms(_ASKING.sub(" ", text))
        if len(t) > 1 and t not in _STOP and not _NUMBERING.fullmatch(t)
    }
    return frozenset(t for t in found if not any(t != other and t in other for other in found))
