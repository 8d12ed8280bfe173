"""Pairs from question-answer data, each right one with wrong ones of several kinds."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final, Literal

import jieba.posseg

from app.text.sentences import split_sentences
from training.example import Example
from training.sources import Asked, Documents, Glosses, is_chinese

# Longer texts are cut into pieces of about this many characters, at sentence ends.
_PIECE: Final = {"zh": 480, "en": 1300}
_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)*")
_NAME: Final = re.compile(r"(?<![.!?] )(?<!^)\b[A-Z][\w'-]+(?: [A-Z][\w'-]+)*")
_NAMES: Final = ("nr", "ns", "nt", "nz", "nrt", "eng")

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    document: int
    passage: int
    offset: int  # of the piece in its passage


@dataclass(frozen=True, slots=True)
class Keys:
    """Names and numbers of a text, by sort: what a near miss differs in."""

    names: frozenset[str]
    numbers: frozenset[str]


def keys_of(text: str) -> Keys:
    """Numbers, and proper names: capitalised words, or what jieba tags as a name."""
    if is_chinese(text):
        found = {w.word for w in jieba.posseg.lcut(text) if w.flag in _NAMES and len(w.word) > 1}
        names = {name for name in found if not name.isdigit()}
    else:
        names = set(_NAME.findall(text))
    return Keys(frozenset(names), frozenset(_NUMBER.findall(text)))


def words_of(text: str) -> list[str]:
    """Latin words and Chinese character pairs, for finding passages that look alike."""
    lowered = text.lower()
    pairs = [
        run[i : i + 2]
        for run in re.findall(r"[\u3400-\u9fff]+", lowered)
        for i in range(len(run) - 1)
    ]
    return re.findall(r"[a-z0-9]+", lowered) + pairs


class Nearest:
    """BM25 over pieces."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._posts: dict[str, list[tuple[int, int]]] = {}
        sizes = []
        for place, text in enumerate(texts):
            counted = Counter(words_of(text))
            sizes.append(sum(counted.values()))
            for word, count in counted.items():
                self._posts.setdefault(word, []).append((place, count))
        mean = sum(sizes) / max(1, len(sizes))
        self._damping = [1.2 * (0.25 + 0.75 * size / mean) for size in sizes]
        self._total = len(texts)

    def top(self, question: str, count: int) -> list[int]:
        """Places of the nearest texts, best first."""
        scores: dict[int, float] = {}
        for word in set(words_of(question)):
            posts = self._posts.get(word, [])
            if not posts or len(posts) > self._total * 0.15 + 20:
                continue
            weight = math.log(1 + (self._total - len(posts) + 0.5) / (len(posts) + 0.5))
            for place, times in posts:
                gain = weight * times * 2.2 / (times + self._damping[place])
                scores[place] = scores.get(place, 0.0) + gain
        return sorted(scores, key=lambda place: -scores[place])[:count]


def sentences_of(text: str) -> list[tuple[int, int]]:
    """Spans that cover the text, white space after a sentence included."""
    starts = [start for start, _ in split_sentences(text)] or [0]
    return list(zip([0, *starts[1:]], [*starts[1:], len(text)], strict=True))


def crop(text: str, start: int, end: int, random: Random, budget: int) -> tuple[str, int, int]:
    """A run of whole sentences round [start, end), about `budget` characters; sometimes all.
    With start -1 a run anywhere."""
    if random.random() < 0.35 or len(text) <= budget:
        return text, start, end
    spans = sentences_of(text)
    if start < 0:
        first = last = random.randrange(len(spans))
    else:
        touched = [i for i, (a, b) in enumerate(spans) if a < end and b > start]
        first, last = touched[0], touched[-1]
    while spans[last][1] - spans[first][0] < budget and (first > 0 or last < len(spans) - 1):
        if last < len(spans) - 1 and (first == 0 or random.random() < 0.5):
            last += 1
        else:
            first -= 1
    low, high = spans[first][0], spans[last][1]
    return text[low:high], start - low if start >= 0 else -1, end - low if start >= 0 else -1


def without(text: str, start: int, end: int, answer: str) -> str | None:
    """The text without the sentences that touch [start, end); None when the answer still stands in it."""
    rest = "".join(text[a:b] for a, b in sentences_of(text) if not (a < end and b > start))
    return rest if len(rest) > 30 and not (len(answer) > 1 and answer in rest) else None


def swapped(text: str, old: str, new: str) -> str:
    """`old` as a whole word or number made `new` everywhere."""
    edge = r"(?<![\w.,])" if old[0].isascii() else ""
    tail = r"(?![\w]|[.,]\d)" if old[-1].isascii() else ""
    return re.sub(f"{edge}{re.escape(old)}{tail}", lambda _: new, text)


def other_number(number: str, random: Random) -> str:
    """Of equal form: years stay near, decimals keep their places."""
    if number.isdigit() and len(number) == 4 and "1000" <= number <= "2100":
        return str(int(number) + random.choice((-13, -7, -3, -2, -1, 1, 2, 3, 6, 11)))
    while True:
        changed = list(number)
        places = [i for i, char in enumerate(number) if char.isdigit()]
        place = random.choice(places)
        changed[place] = random.choice("123456789")
        if (found := "".join(changed)) != number:
            return found


class Questions:
    """The pairs of one collection of documents."""

    def __init__(
        self,
        documents: Documents,
        language: Language,
        seed: int,
        glosses: Glosses | None = None,
        glossed: float = 0.3,
    ) -> None:
        """`glossed`: the share of questions asked word by word in the other language."""
        self._random = Random(f"{language}{seed}")
        self._language: Language = language
        self._other: Language = "en" if language == "zh" else "zh"
        self._glosses, self._glossed = glosses, glossed
        self._pieces: list[_Piece] = []
        self._asked: list[tuple[Asked, int, int]] = []
        for number, document in enumerate(documents):
            for place, text in enumerate(document):
                self._pieces.extend(
                    _Piece(part, number, place, offset)
                    for offset, part in _cut(text.text, _PIECE[language])
                )
                self._asked.extend((asked, number, place) for asked in text.asked)
        self._of: dict[int, list[int]] = {}
        for place, piece in enumerate(self._pieces):
            self._of.setdefault(piece.document, []).append(place)
        self._nearest = Nearest([piece.text for piece in self._pieces])
        self._names = sorted({n for p in self._pieces[:400] for n in keys_of(p.text).names})

    def examples(self, limit: int | None = None, *, near: int = 2) -> Iterator[Example]:
        """All pairs of up to `limit` questions, drawn at random; `near` wrong passages of each sort."""
        drawn = list(self._asked)
        self._random.shuffle(drawn)
        for asked, document, passage in drawn[:limit]:
            found = self._locate(asked, document, passage)
            if found is not None:
                yield from self._of_question(asked, *found, near)

    def _locate(self, asked: Asked, document: int, passage: int) -> tuple[int, int, int] | None:
        """(piece, start, end) that hold the answer."""
        for place in self._of[document]:
            piece = self._pieces[place]
            if piece.passage != passage:
                continue
            if asked.answer is None:
                return place, -1, -1
            start = asked.start - piece.offset
            if start >= 0 and piece.text[start : start + len(asked.answer)] == asked.answer:
                return place, start, start + len(asked.answer)
        return None

    def _of_question(
        self, asked: Asked, place: int, start: int, end: int, near: int
    ) -> Iterator[Example]:
        random, piece = self._random, self._pieces[place]
        answer = asked.answer or ""
        language, crossed = self._language, False
        question = asked.text
        if asked.other is not None and random.random() < 0.7:
            question, language, crossed = asked.other, self._other, True
        elif self._glosses is not None and random.random() < self._glossed:
            gloss = self._glosses.to_english if self._language == "zh" else self._glosses.to_chinese
            question, language, crossed = gloss(question, random), self._other, True

        def pair(text: str, right: bool, kind: str, start: int = -1, end: int = -1, said: str | None = None, q: str = question) -> Example:  # fmt: skip
            return Example(q, text, right, kind, language, crossed, said, start, end)  # type: ignore[arg-type]

        sizes = (140, 220, 330) if self._language == "zh" else (350, 600, 900)

        def cropped(text: str, start: int = -1, end: int = -1) -> tuple[str, int, int]:
            return crop(text, start, end, random, random.choice(sizes))

        text, low, high = cropped(piece.text, start, end)
        yield pair(text, True, "answer", low, high)
        lacks = [
            other
            for other in self._of[piece.document]
            if other != place and not (len(answer) > 1 and answer in self._pieces[other].text)
        ]
        random.shuffle(lacks)
        for other in lacks[:near]:
            text, _, _ = cropped(self._pieces[other].text)
            yield pair(text, False, "article")
        alike = [
            other
            for other in self._nearest.top(asked.text, 12)
            if self._pieces[other].document != piece.document
            and not (len(answer) > 1 and answer in self._pieces[other].text)
        ]
        for other in alike[:near]:
            text, _, _ = cropped(self._pieces[other].text)
            yield pair(text, False, "random")
        if start < 0:
            return
        if (rest := without(piece.text, start, end, answer)) is not None:
            yield pair(cropped(rest)[0], False, "cut")
        yield from self._near_misses(asked, piece, question, pair, start, end)
        yield from self._checks(piece, pair, start, end, answer)

    def _near_misses(self, asked, piece, question, pair, start, end) -> Iterator[Example]:  # type: ignore[no-untyped-def]
        """A name or number of the question made another one, in the question or in the passage."""
        random = self._random
        wanted = keys_of(asked.text)
        shared = [n for n in wanted.names if n in piece.text and n not in (asked.answer or "")]
        numbers = [n for n in wanted.numbers if n in piece.text and n != asked.answer]
        for kind, keys in (("entity", shared), ("number", numbers)):
            if not keys:
                continue
            old = random.choice(sorted(keys))
            if kind == "number":
                new = other_number(old, random)
            else:
                strangers = [n for n in self._names if n not in piece.text and old not in n]
                new = random.choice(strangers) if strangers else ""
            if not new or new in piece.text:
                continue
            if old in question and random.random() < 0.6:
                text, _, _ = crop(piece.text, start, end, random, 600)
                yield pair(text, False, kind, q=swapped(question, old, new))
            else:
                text = swapped(piece.text, old, new)
                if text != piece.text:
                    yield pair(text, False, kind)

    def _checks(self, piece, pair, start, end, answer) -> Iterator[Example]:  # type: ignore[no-untyped-def]
        """The answer as a word and as its sentence; wrong: another of the passage's, one changed, another sentence."""
        random = self._random
        text, low, high = crop(piece.text, start, end, random, 500)
        spans = sentences_of(text)
        own = next((text[a:b].strip() for a, b in spans if a <= low < b), "")
        yield pair(text, True, "answer", said=answer)
        if own and own != answer and len(own) < 260:
            yield pair(text, True, "answer", said=own)
        keys = keys_of(text)
        numbers = _NUMBER.findall(answer)
        if numbers:
            old = random.choice(numbers)
            rivals = [n for n in sorted(keys.numbers) if n not in answer]
            new = (
                random.choice(rivals)
                if rivals and random.random() < 0.5
                else other_number(old, random)
            )
            yield pair(text, False, "number", said=answer.replace(old, new, 1))
            if old in own:
                yield pair(text, False, "number", said=own.replace(old, new, 1))
        else:
            rivals = [n for n in sorted(keys.names) if n not in answer and answer not in n]
            if rivals:
                new = random.choice(rivals)
                yield pair(text, False, "entity", said=new)
                if own and answer in own:
                    yield pair(text, False, "entity", said=own.replace(answer, new, 1))
        beside = [text[a:b].strip() for a, b in spans if not (a < high and b > low)]
        beside = [one for one in beside if answer not in one and 4 < len(one) < 260]
        if beside:
            yield pair(text, False, "article", said=random.choice(beside))
        if (rest := without(text, low, high, answer)) is not None and random.random() < 0.4:
            yield pair(rest, False, "cut", said=answer)


def _cut(text: str, budget: int) -> Iterator[tuple[int, str]]:
    start = 0
    for low, high in sentences_of(text):
        if high - start > budget and low > start:
            yield start, text[start:low]
            start = low
    yield start, text[start:]
