"""A message that asks several things: each part is searched, read and gated by itself.

What the documents do not hold of it is named; what they hold is answered all the same.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from app.answering.evidence.units import units
from app.answering.numbers_apart import of_each_number
from app.answering.question import Kind, kind_of, parts_of
from app.answering.quotes import Found
from app.answering.read import ReadHit
from app.text.language import detect_language

# Kinds that several clauses of one question belong to.
_ONE: Final[frozenset[Kind]] = frozenset(
    {"greeting", "overview", "documents", "comparison", "compute", "changes"}
)
_POINTS = re.compile(
    r"\b(?:it|its|they|them|their|this|that|these|those)\b|[它其]|该", re.IGNORECASE
)
# 'And B?': characters of the question before it, and what stands between.
_LONGEST: Final = 200
_BREAKS: Final = ",，?？;；"
_AND_OTHER: Final = re.compile(
    r"(?:and (?:what about |how about |for |that of )?|what about |how about |那么 ?|那 ?)?(?:the )?(?P<other>[A-Z][\w.+ -]{1,40}?)\s?(?:呢)?",
    re.IGNORECASE,
)
# A name with a capital or a digit.
_CALLED: Final = re.compile(
    r"(?<![A-Za-z0-9])(?!(?:What|Which|Who|When|Where|Why|How|Is|Are|Does|Do|Can|May|Must|The)\b)[A-Z][\w.+-]*(?: \d[\w.]*)*(?: \d+B)?",
    re.ASCII,
)
_TAIL: Final = 2  # characters
# 押金多少: it begins with what is asked about.
_BEGINS_NAMED: Final = re.compile(
    r"[\u3400-\u9fff]{2,8}?(?:是|有|要|为|需)?(?:什么|多[少久长大高重]|几|哪|谁|怎么|如何)"
)
_PLAIN: Final = re.compile(r"(?![^的]*的)[\u3400-\u9fff]{2,4}")
# Says nothing of what it is about, and is told with it.
_WHAT_TO_DO = re.compile(
    r"(?:and )?what (?:do|should|must|can|shall) (?:i|we|you|one) do(?: about it)?|(?:and )?what (?:must|should|has to) be done|(?:and )?what to do|(?:[该要应当需]{0,3}(?:怎么|如何|怎样)(?:办|处理|解决|做|应对))",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"^\W*(?:and\s+)?(?:what|which|who|whom|whose|when|where|why|how(?: (?:much|many|long|often))?|is|are|was|were|do|does|did|can|could|may|must|should)\b"
    r"|(?:是|为)?(?:什么|哪些?|谁|多少|几|怎么|为什么|如何|何时)[^?？]*|[吗呢?？]+",
    re.IGNORECASE,
)


def questions_of(text: str) -> tuple[str, ...]:
    """The questions of a message, each so that it stands alone; the message itself where it is one."""
    several = len(re.findall(r"[?？]", text)) > 1  # what one of them is, the other need not be
    if kind_of(text) in _ONE and not several:
        return (text,)
    if turned := of_another(text):
        return turned
    parts = _saying(parts_of(text))
    if len(parts) < 2:
        return of_each_number(text)
    subject = _subject(parts[0])
    return (
        parts[0],
        *(part if _asks_alike(parts[0], part) else _standing(part, subject) for part in parts[1:]),
    )


def of_another(text: str) -> tuple[str, ...]:
    """The question, and the same of another thing: 'How much does A weigh, and B?', A 有多重，B 呢？ Empty for none."""
    bare = text.strip().rstrip("?？。 ")
    place = max(bare.rfind(mark) for mark in _BREAKS)
    match = _AND_OTHER.fullmatch(bare[place + 1 :].strip()) if 0 < place <= _LONGEST else None
    if match is None:
        return ()
    first, other = bare[:place].rstrip(), match["other"].strip()
    names = _CALLED.findall(first)
    if len(names) != 1 or not _CALLED.fullmatch(other):
        return ()
    end = "？" if detect_language(text) == "zh" else "?"
    return tuple(f"{each.rstrip('?？ ')}{end}" for each in (first, first.replace(names[0], other)))


def merged(lists: Sequence[Sequence[ReadHit]], most: int) -> tuple[ReadHit, ...]:
    """The hits of several questions, the best of each first, a passage once; at most `most`, but one
    of each question."""
    found: dict[str, ReadHit] = {}
    for rank in range(max(map(len, lists), default=0)):
        for hits in lists:
            if rank < len(hits) and (rank == 0 or len(found) < most):
                found.setdefault(hits[rank].hit.passage.id, hits[rank])
    return tuple(found.values())


def merged_found(lists: Sequence[Sequence[Found]], each: int = 2) -> tuple[Found, ...]:
    """What was found for several questions, in their order, a sentence once."""
    found: list[Found] = []
    seen: set[tuple[str, int]] = set()
    for of_one in lists:
        for item in of_one[:each]:
            passage = item.item.hit.passage
            new = tuple(
                s
                for s in item.sentences
                if (passage.document_id, passage.start + s.start) not in seen
            )
            if new:
                seen |= {(passage.document_id, passage.start + s.start) for s in new}
                told = Found(item.item, new, item.of)
                if found and _one_table(found[-1], told):
                    found[-1] = replace(told, sentences=(*found[-1].sentences, *new))
                else:
                    found.append(told)
    return tuple(found)


def _one_table(one: Found, other: Found) -> bool:
    """Whether both are rows of one table."""
    rows = (*one.sentences, *other.sentences)
    if one.of or other.of:
        return False
    return one.item.hit.passage.id == other.item.hit.passage.id and all(
        s.role == "row" and s.around.columns == rows[0].around.columns for s in rows
    )


def _saying(parts: Sequence[str]) -> tuple[str, ...]:
    """The parts, one that says nothing of what it is about ('and what do I do?') with the one before."""
    said: list[str] = []
    for part in parts:
        if said and _WHAT_TO_DO.fullmatch(part.strip(" ?？。.")):
            joint = " and " if detect_language(part) == "en" else "，"
            said[-1] = f"{said[-1].rstrip(' ?？,，')}{joint}{part}"
        else:
            said.append(part)
    return tuple(said)


def _asks_alike(one: str, other: str) -> bool:
    """Whether two clauses ask the same of two things: 年假有几天，病假有几天？"""
    tails = [
        re.sub(r"^.*?(?=(?:有|是|要|需)?(?:什么|多少|几|哪|谁))", "", part.strip(" ?？"))
        for part in (one, other)
    ]
    return len(tails[0]) >= _TAIL and tails[0] == tails[1] and other.strip(" ?？") != tails[1]


def _standing(part: str, subject: str) -> str:
    """The part with what the first one is about, where it points back or, in Chinese, says nothing of it."""
    own = units(_ASKS.sub(" ", part))
    if own.names or own.codes or own.digits or not subject:
        return part
    if detect_language(part) == "en":
        return f"{part.rstrip('?？ ')} ({subject})?" if _POINTS.search(part) else part
    latin = any(word.isascii() for word in own.words)
    alone = latin or len(own.words) > 2 or (_BEGINS_NAMED.match(part) and _is_plain(subject))
    return part if alone else f"{subject}，{part}"


def _is_plain(subject: str) -> bool:
    """Whether a subject is one word, of which nothing is asked that could be another's: 租期几年，押金多少？"""
    return _PLAIN.fullmatch(subject) is not None


def _subject(part: str) -> str:
    """What a question is about: itself without its question words."""
    if not units(part).words:
        return ""
    bare = _ASKS.sub(" ", part).strip(" ?？,，。")
    return re.sub(r"^(?:is|are|was|were|do|does|did|the)\s+", "", bare, flags=re.IGNORECASE)
