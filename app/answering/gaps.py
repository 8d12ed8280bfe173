"""What the documents lack: questions that were refused, disliked, answered without support or answered
otherwise by two documents, by topic.

Only questions of kept conversations and judged answers are known; `POST /ask` without a conversation
keeps nothing.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

import numpy as np

from app.index.words import WordCutter
from app.library.asked import AskedRow, asked
from app.library.feedback import FeedbackRow
from app.library.library import Library
from app.library.stored import StoredAnswer
from app.models.embedding import Matrix
from app.text.language import detect_language

# `refused`: no answer was given; `disliked`: a user found it unhelpful; `unsupported`: the answer
# had a statement that no document bears out; `differing`: two documents said different things.
Kind = Literal["refused", "disliked", "unsupported", "differing"]
# `missing`: documents on it seem to be missing. `refused_wrongly`: users say that it should have been
# answered. `contradict`: documents on it say different things. `answered_badly`: there are documents, and
# the answers were not good.
Verdict = Literal["missing", "refused_wrongly", "contradict", "answered_badly"]

MOST_TURNS: Final = 5_000  # looked through
MOST: Final = 1_000  # put into topics, the newest
# Questions whose vectors, without what all of their language have in common, are nearer than
# this belong together. A first choice that held on 100 questions about five subjects, in both languages.
NEAR: Final = 0.25
_WORDS: Final = 3
_EXAMPLES: Final = 5
_CLOSEST: Final = 3
_WORD: Final = re.compile(r"[a-z][a-z'-]{2,}")
_COMMON: Final = frozenset(
    """the and for are was were does did how what which who when where why can could should would will may
    our your their his her its this that these those with from about into there here have has had get got
    much many long often need not any all one per than then them they you she him who whom whose use used
    is it at of on in to do be if or my me we us an as by no yes tell please work works make makes
    until till since during before after above below over under between still also only just within without
    什么 怎么 怎样 如何 多少 哪些 哪个 哪里 哪天 几点 为什么 是否 可以 能否 需要 有没有 没有 我们 公司 请问 一个 时候
    多久 多长 应该 关于 以及 或者 还是 是不是 会不会 能不能 进行 使用 目前 现在 时间 几个 每个 每天 问题""".split()
)


@dataclass(frozen=True)
class ClosestPassage:
    """A passage that was looked at, nearest first; of documents that contradict, theirs before all."""

    document_id: str
    title: str
    source: str
    text: str


@dataclass(frozen=True)
class Gap:
    """One question, as it was understood."""

    question: str
    kind: Kind
    reason: str  # of the refusal, or the user's
    asked_at: datetime
    closest: tuple[ClosestPassage, ...]


@dataclass(frozen=True)
class Topic:
    """Questions that belong together, the newest first. `name`: their commonest words."""

    name: str
    verdict: Verdict
    counts: dict[Kind, int]
    questions: tuple[str, ...]
    closest: tuple[ClosestPassage, ...]

    @property
    def count(self) -> int:
        return sum(self.counts.values())


def find_gaps(library: Library, kb: str) -> list[Gap]:
    """The newest first, each question once a kind. Blocking. Raises LibraryUnavailable."""
    found = [
        *_of_turns(asked(library.engine, library.sight, kb, MOST_TURNS)),
        *_of_feedback(library.feedback.all(kb)),
    ]
    once = {(gap.question, gap.kind): gap for gap in sorted(found, key=lambda gap: gap.asked_at)}
    return sorted(once.values(), key=lambda gap: gap.asked_at, reverse=True)


def by_topic(
    gaps: Sequence[Gap], embed: Callable[[Sequence[str]], Matrix], cutter: WordCutter
) -> list[Topic]:
    """The largest first. Questions beyond the newest `MOST` are left out. Blocking."""
    gaps = gaps[:MOST]
    if not gaps:
        return []
    questions = list(dict.fromkeys(gap.question for gap in gaps))
    labels = dict(zip(questions, cluster(_apart(questions, embed)), strict=True))
    everywhere = Counter(word for question in questions for word in _words(question, cutter))
    topics = [
        _topic([gap for gap in gaps if labels[gap.question] == label], everywhere, cutter)
        for label in sorted(set(labels.values()))
    ]
    return sorted(topics, key=lambda topic: -topic.count)


def cluster(vectors: Matrix, near: float = NEAR) -> list[int]:
    """A label for each row: average linkage over cosines, until no two groups are nearer than `near`."""
    count = len(vectors)
    nearness = vectors @ vectors.T
    np.fill_diagonal(nearness, -np.inf)
    sizes = np.ones(count)
    labels = np.arange(count)
    while count > 1:
        first, second = divmod(int(np.argmax(nearness)), count)
        if nearness[first, second] < near:
            break
        together = sizes[first] + sizes[second]
        merged = (nearness[first] * sizes[first] + nearness[second] * sizes[second]) / together
        nearness[first], nearness[:, first] = merged, merged
        nearness[first, first] = -np.inf
        nearness[second], nearness[:, second] = -np.inf, -np.inf
        sizes[first] = together
        labels[labels == second] = first
    return [int(label) for label in labels]


def _apart(questions: Sequence[str], embed: Callable[[Sequence[str]], Matrix]) -> Matrix:
    """Unit vectors of the questions without the mean of their language, which all share: what is left
    tells subjects apart, in either language alike."""
    vectors = embed(questions).copy()
    languages = np.array([detect_language(question) for question in questions])
    for language in set(languages.tolist()):
        own = languages == language
        if own.sum() > 2:  # the mean of one or two is no more than they are
            vectors[own] -= vectors[own].mean(axis=0)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Matrix = vectors / np.maximum(lengths, 1e-9)
    return unit


def _topic(gaps: Sequence[Gap], everywhere: Counter[str], cutter: WordCutter) -> Topic:
    counts: dict[Kind, int] = {}
    for gap in gaps:
        counts[gap.kind] = counts.get(gap.kind, 0) + 1
    inside = Counter(word for gap in gaps for word in set(_words(gap.question, cutter)))
    # A word counts by how often it is used here, and by how much of its use is here.
    worth = {word: times * times / everywhere[word] for word, times in inside.items()}
    names = _names(sorted(worth, key=lambda word: (-worth[word], word)), inside)
    closest = {item.text: item for gap in gaps for item in gap.closest}
    return Topic(
        name=" · ".join(names) or gaps[0].question[:40],
        verdict=_verdict(gaps),
        counts=counts,
        questions=tuple(dict.fromkeys(gap.question for gap in gaps))[:_EXAMPLES],
        closest=tuple(closest.values())[:_CLOSEST],
    )


def _names(words: Sequence[str], times: Mapping[str, int]) -> list[str]:
    """The first that do not say the same: of 健身 and 健身房 the longer, unless it is much the rarer."""
    names: list[str] = []
    for word in words:
        alike = next((at for at, name in enumerate(names) if name in word or word in name), None)
        if alike is None:
            if len(names) < _WORDS:
                names.append(word)
        elif len(word) > len(names[alike]) and 2 * times[word] >= times[names[alike]]:
            names[alike] = word
    return names


def _verdict(gaps: Sequence[Gap]) -> Verdict:
    wrongly = sum(gap.reason == "should_answer" for gap in gaps)
    refused = sum(gap.kind == "refused" for gap in gaps)
    if wrongly * 2 >= len(gaps):
        return "refused_wrongly"
    if sum(gap.kind == "differing" for gap in gaps) * 2 >= len(gaps):
        return "contradict"
    return "missing" if refused * 2 >= len(gaps) - wrongly else "answered_badly"


def _words(question: str, cutter: WordCutter) -> set[str]:
    latin = set(_WORD.findall(question.casefold()))
    han = {word for word in cutter.terms(question) if len(word) > 1 and not word.isascii()}
    return (latin | han) - _COMMON


def _of_turns(rows: Iterable[AskedRow]) -> Iterable[Gap]:
    for row in rows:
        if row.answer.refusal is not None:
            yield _gap(row.question, "refused", row.answer.refusal.reason, row)
        elif any(not statement.supported for statement in row.answer.statements):
            yield _gap(row.question, "unsupported", "", row)
        elif row.answer.differ:
            yield _gap(row.question, "differing", "", row)


def _gap(question: str, kind: Kind, reason: str, row: AskedRow) -> Gap:
    return Gap(question, kind, reason, row.created_at, _closest(row.answer))


def _of_feedback(rows: Iterable[FeedbackRow]) -> Iterable[Gap]:
    for row in rows:
        if not row.helpful and row.answer is not None:
            closest = _closest(row.answer)
            yield Gap(row.question, "disliked", row.reason, row.created_at, closest)


def _closest(answer: StoredAnswer) -> tuple[ClosestPassage, ...]:
    return tuple(
        ClosestPassage(passage.document_id, passage.title, passage.source, passage.text[:500])
        for passage in sorted(answer.retrieved, key=lambda each: answer.differ and not each.cited)[
            :_CLOSEST
        ]
    )
