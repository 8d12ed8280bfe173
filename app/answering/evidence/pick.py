"""The sentences, rows or items of a passage that answer a question, as the reader points at them.

What is picked is shown as it stands, so it is the smallest that says it all: one row of a table, one
sentence, one item of a list with all its sentences (the later ones speak of what the first one names),
but all items of a list that is asked for.

Over 350 lines: each way to choose between sentences of a passage is short, and they stand in the order in which
they are tried.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import takewhile

from app.answering.evidence.clock import clocks
from app.answering.evidence.context import Sentence, prepare
from app.answering.evidence.rules import contradicted, names_row, names_text
from app.answering.evidence.units import Units, fold, units
from app.answering.question import WHOLE, Kind
from app.errors import Language
from app.index.protocol import Passage
from app.models.reading import Span
from app.text.glosses import holds, named, stems_of
from app.text.language import detect_language
from app.text.width import width

# A span whose score is this much below the best one's is no answer beside it.
_SECOND = 3.0
_MOST = 3
# Characters: an item longer than this is prose with a mark before it.
_LONGEST_ITEM = 500
# Items that a sentence leads in to, at most.
_MOST_LED = 12
# Width of a line that may be one of a list without marks.
_SHORT = 80
_PARTED = ("；", ";")
# Letters of a Latin word that says what is asked; and sentences that may have what is rare.
_TELLING = 5
_RARE = 2
# Tells a cause by itself.
_CAUSE = re.compile(
    r"因为|由于|因此|所以|因而|以便|为了|目的是|原因|否则|这样|(?:this is |it is |that is )?\bbecause\b|\bsince\b|\btherefore\b|\bso that\b|\breasons?\b|\bin order to\b|\bdue to\b|, so\b|\botherwise\b|\bas\b.{3,60},"
)
# What is to be explained: 'What is a dense model?', 什么是量化？
_MEANT = re.compile(
    r"^(?:请问)?什么(?:是|叫做?)\s?(?P<of>[^？?，,。]{2,30}?)[\s？?]*$"
    r"|^what(?:'s| is| are) (?:an? )(?P<of_>[\w.+/ -]{2,40}?)\s*\?*$",
    re.IGNORECASE,
)
_NAMES_SEVERAL = re.compile(r"[和与及、，,/&]|\band\b")
# Sentences of a section between which one in the other language may be chosen.
_BESIDE = 4
# Asks when.
_WHEN = re.compile(
    r"^\W*when (?:was|were|did|is|are|will|does|do|can|must)\b|\bat what time\b|什么时[候间]|何时|哪一?年|哪一?天|几[月点]"
)
_TIMED = re.compile(
    r"(?<!\d)(?:19|20)\d\d(?!\d)|\d{1,2}[-/.月]\d{1,2}|\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|\b(?:after|before|during|while|until|end of|start of|beginning of|noon|midnight)\b|星期[一二三四五六日天]|周[一二三四五六日末]|之后|之前|期间"
)
_OFTEN = re.compile(r"\bhow often\b|多[久长](?:时间)?.{0,8}一次|几[天周月年]?.{0,4}一次|频率")
_EVERY = re.compile(
    r"每隔?\s?\d*\s?个?(?:[天日周月年]|小时|分钟|季度|星期)|\bevery\b|\b(?:once|twice)\b|\btimes (?:a|per)\b|一次"
)
_HOW_OFTEN = frozenset({"hourly", "daily", "weekly", "monthly", "quarterly", "yearly"})
# Share of the question that a sentence repeats which says no more than that.
_SAID = 0.5


def pick(
    passage: Passage, spans: Sequence[Span], question: str, kind: Kind = "fact"
) -> tuple[Sentence, ...]:
    """The sentences of `passage` that answer, in its order; empty when nothing in it can be shown for
    an answer. `spans` are in the document's characters, best first."""
    material = prepare([passage])
    sentences = [sentence for sentence in material.sentences[0] if sentence.quotable]
    asked = units(question)
    allowed = [
        sentence
        for sentence in sentences
        if not contradicted("", question, units(""), asked, (sentence,), material)
    ]
    rows = [sentence for sentence in allowed if names_row(question, sentence)]
    if rows and kind not in ("list", "steps", "changes"):
        return _of_named_cells(rows, question)[: _MOST + 1]
    items = _items(passage.text, allowed)
    named = _named(allowed, asked, items)
    # What names nothing may go on about the thing that the sentence before it names.
    unnamed = [s for s in allowed if not s.units.names and not s.units.codes]
    if named:
        allowed = named
    found: list[Sentence] = []
    for span in spans:
        if found and span.score < spans[0].score - _SECOND:
            break
        start, end = span.start - passage.start, span.end - passage.start
        touched = [s for s in allowed if s.start < end and start < s.end]
        found += [sentence for sentence in touched if sentence not in found]
        if (len(found) >= _MOST or kind in ("fact", "yesno", "definition")) and found:
            break
    if not found:
        found = _by_words(allowed, question)
    if found and kind in ("fact", "yesno", "definition"):
        found = _items_named(_worded(found, allowed, asked), allowed, asked)
    if found and kind not in WHOLE:
        found = _under_its_like(found, allowed, asked)
    if found and kind == "definition":
        found = _defining(found, allowed, question)
    if found and kind in ("fact", "yesno") and passage.language != detect_language(question):
        found = _saying_most(found, allowed, question, passage.language)
    if found and kind == "fact":
        asked_when = fold(question)
        if _WHEN.search(asked_when):
            found = _telling(found, [*allowed, *unnamed], tells_time)
        elif _OFTEN.search(asked_when):
            found = _telling(found, [*allowed, *unnamed], tells_how_often)
    if found and kind in WHOLE:
        found = _enumerated(_whole(found, allowed, kind), allowed)
    if found and kind == "reasons":
        found = _with_cause(found, sentences, asked)
    chosen = found[: 40 if kind in WHOLE else _MOST]
    if chosen and kind not in WHOLE:
        chosen += [s for s in led_by(chosen[0], allowed) if s not in chosen]
    whole = {each.place: each for sentence in chosen for each in items[sentence.place]}
    return tuple(whole[place] for place in sorted(whole))


def _of_named_cells(rows: Sequence[Sentence], question: str) -> tuple[Sentence, ...]:
    """Of several rows of one name those of which the question names the most other cells: 'the night team'."""
    named = [sum(names_text(question, cell) for cell in row.cells[1:]) for row in rows]
    return tuple(row for row, count in zip(rows, named, strict=True) if count == max(named))


def _items(text: str, sentences: Sequence[Sentence]) -> Mapping[int, tuple[Sentence, ...]]:
    """By place: the sentences of the list item that a sentence is part of, itself alone elsewhere."""
    found: dict[int, tuple[Sentence, ...]] = {}
    run: list[Sentence] = []
    for sentence in sentences:
        goes_on = False
        if run and run[0].role == "item" and sentence.end - run[0].start <= _LONGEST_ITEM:
            # A line further down is the item's if it has no mark of its own.
            between = text[run[-1].start : sentence.start]
            goes_on = "\n" not in between or (sentence.role == "prose" and "\n\n" not in between)
        if not goes_on:
            run = []
        run.append(sentence)
        found |= dict.fromkeys((each.place for each in run), tuple(run))
    return found


def _named(
    sentences: Sequence[Sentence], asked: Units, items: Mapping[int, tuple[Sentence, ...]]
) -> list[Sentence]:
    """The sentences that hold, or stand under, the most of the identifiers and names that are asked
    about (in a Chinese question every Latin word is one); none when none holds any. What an item of
    a list names, all of its sentences are about."""
    latin = {word for word in asked.words if word.isascii() and word[0] != "#"}
    chinese = any(not word.isascii() for word in asked.words)
    wanted = latin if chinese else asked.names | {p for code in asked.codes for p in code}

    def held(sentence: Sentence) -> int:
        above = sentence.around.units
        words = set(above.words) | set(above.pieces)
        for each in items[sentence.place]:
            words |= each.units.words | set(each.units.pieces)
        return len(wanted & words)

    most = max(map(held, sentences), default=0)
    return [sentence for sentence in sentences if held(sentence) == most] if most else []


def _items_named(
    found: Sequence[Sentence], sentences: Sequence[Sentence], asked: Units
) -> list[Sentence]:
    """For an item that has no word of the question the items of its list that have: 'Is alcohol refunded?'."""
    first = found[0]
    if first.role != "item" or asked.words & first.units.words:
        return list(found)
    own = [s for s in sentences if s.role == "item" and s.heading == first.heading]
    return [s for s in own if asked.words & s.units.words] or list(found)


def _under_its_like(
    found: Sequence[Sentence], sentences: Sequence[Sentence], asked: Units
) -> list[Sentence]:
    """Of questions that a document puts and answers, what stands under the one that is most like what is asked."""
    put = {s.heading: units(s.heading).words for s in sentences if _is_put(s.heading)}
    own = found[0].heading
    if own not in put or len(put) < 2:
        return list(found)
    shared = {heading: len(asked.words & words) for heading, words in put.items()}
    most = max(shared.values())
    best = [heading for heading, count in shared.items() if count == most]
    if len(best) != 1 or most < shared[own] + 1 or any(asked.words & s.units.words for s in found):
        return list(found)
    return [s for s in sentences if s.heading == best[0]][:_MOST]


def _is_put(heading: str) -> bool:
    return heading.rstrip(" *_").endswith(("?", "？"))


def _defining(
    found: Sequence[Sentence], sentences: Sequence[Sentence], question: str
) -> list[Sentence]:
    """For a sentence that does not name what a question asks the meaning of, the first that does."""
    subject = _MEANT.search(question.strip())
    wanted = units(subject["of"] or subject["of_"]).words if subject else frozenset()
    if not wanted or any(wanted <= s.units.words for s in found):
        return list(found)
    return next(([s] for s in sentences if wanted <= s.units.words), list(found))


def _worded(
    found: Sequence[Sentence], sentences: Sequence[Sentence], asked: Units
) -> list[Sentence]:
    """For a sentence that has nothing of what is asked but names that others have as well, the only one
    or two that have: of what stands on one thing 'its vocabulary' is in one place."""
    named = asked.names | {piece for code in asked.codes for piece in code}
    told = {word for word in asked.words if not word.isascii()} or {
        word for word in asked.words - named if len(word) >= _TELLING
    }
    own = told - {word for s in sentences for word in s.around.units.words}
    if not own and _NAMES_SEVERAL.search(found[0].heading or found[0].around.text):
        own = told  # of 'rent and deposit' each sentence tells one
    told = own
    counts = Counter(word for s in sentences for word in told & s.units.words)
    rare = {word for word, count in counts.items() if count <= _RARE}
    if not rare or any(told & s.units.words for s in found):
        return list(found)
    return [s for s in sentences if rare & s.units.words][:_RARE]


def _saying_most(
    found: Sequence[Sentence], sentences: Sequence[Sentence], question: str, written: Language
) -> list[Sentence]:
    """For a clause or an item in the other language the one beside it that says more of what the question names, by a
    dictionary: across languages a reader tells the clauses of a section badly apart."""
    first = found[0]
    wanted = [
        each.said
        for each in named(question, detect_language(question), written)
        if each.said and len(each.word) > 1
    ]
    beside = [
        s
        for s in sentences
        if s.heading == first.heading
        and s.role == first.role
        and s.role in ("item", "prose")
        and abs(s.place - first.place) <= _BESIDE
    ]
    counts = {s.place: _count(wanted, s) for s in beside}
    most = max(counts.values(), default=0)
    best = [s for s in beside if counts[s.place] == most]
    # What goes on from a sentence seldom says again what that is about.
    least = 1 if first.role == "item" or not counts.get(first.place, 0) else 2
    if len(best) != 1 or most < counts.get(first.place, most) + least:
        return list(found)
    return best


def _count(wanted: Sequence[tuple[str, ...]], sentence: Sentence) -> int:
    text = fold(sentence.text)
    stems = frozenset(stems_of(text))
    return sum(holds(text, stems, said) for said in wanted)


def _telling(
    found: Sequence[Sentence], sentences: Sequence[Sentence], tells: Callable[[Sentence], bool]
) -> list[Sentence]:
    """For a sentence that does not tell what is asked, as a time, the nearest of its section that does and shares a word
    with it: of backups one tells how long they are kept, and the one before when they are made."""
    first = found[0]
    if first.role == "row" or tells(first):
        return list(found)
    timed = [
        s
        for s in sentences
        if s.heading == first.heading
        and s.role != "row"
        and tells(s)
        and s.units.words & first.units.words
    ]
    nearest = min(timed, key=lambda s: abs(s.place - first.place), default=None)
    return [nearest] if nearest is not None else list(found)


def tells_time(sentence: Sentence) -> bool:
    """Whether it has a date, a time of day or a day of the week."""
    return bool(
        sentence.keys.fixed - _HOW_OFTEN
        or clocks(sentence.text)
        or _TIMED.search(fold(sentence.text))
    )


def tells_how_often(sentence: Sentence) -> bool:
    """Whether it says how often something is."""
    return bool(sentence.keys.fixed & _HOW_OFTEN or _EVERY.search(fold(sentence.text)))


def _with_cause(
    found: Sequence[Sentence], sentences: Sequence[Sentence], asked: Units
) -> list[Sentence]:
    """With a sentence that only says what the question asks the reason of the one before it in its paragraph, whose
    outcome it tells; or the one behind it that says why."""
    first = found[0]
    wanted = {word for word in asked.words if word[0] != "#"}
    if first.role != "prose" or len(found) >= _MOST or _CAUSE.search(fold(first.text)):
        return list(found)
    beside = {s.place: s for s in sentences if s.line == first.line and s.role == "prose"}
    behind, before = beside.get(first.place + 1), beside.get(first.place - 1)
    if behind is not None and wanted & behind.units.words and _CAUSE.search(fold(behind.text)):
        return [*found, *([behind] if behind not in found else [])]
    if not wanted or len(wanted & first.units.words) < _SAID * len(wanted):
        return list(found)
    if behind is not None and _CAUSE.match(fold(behind.text).lstrip()):
        return [*found, *([behind] if behind not in found else [])]
    return [*([before] if before is not None and before not in found else []), *found]


def _by_words(sentences: Sequence[Sentence], question: str) -> list[Sentence]:
    """The sentence that shares most with the question; none when none shares anything."""
    wanted = units(question).words
    best = max(
        sentences,
        key=lambda s: len(wanted & (s.units.words | s.around.units.words)),
        default=None,
    )
    if best is None or not wanted & (best.units.words | best.around.units.words):
        return []
    return [best]


def led_by(sentence: Sentence, sentences: Sequence[Sentence]) -> list[Sentence]:
    """What a sentence that ends with a colon leads in to: the items right behind it."""
    if not sentence.text.rstrip().endswith((":", "：")):
        return []
    behind = (s for s in sentences if s.heading == sentence.heading and s.place > sentence.place)
    return list(takewhile(lambda s: s.role == "item", behind))[:_MOST_LED]


def _enumerated(found: Sequence[Sentence], sentences: Sequence[Sentence]) -> list[Sentence]:
    """With a part of a sentence that tells several things, parted by semicolons, its other parts."""
    first = found[0]
    if first.role == "row":
        return list(found)
    line = [s for s in sentences if s.line == first.line and s.role == first.role]
    place = line.index(first) if first in line else -1
    if place < 0:
        return list(found)
    start, end = place, place
    while start > 0 and line[start - 1].text.endswith(_PARTED):
        start -= 1
    while end + 1 < len(line) and line[end].text.endswith(_PARTED):
        end += 1
    return [*line[start : end + 1], *(s for s in found if s not in line[start : end + 1])]


def _whole(found: Sequence[Sentence], sentences: Sequence[Sentence], kind: Kind) -> list[Sentence]:
    """With a list item all items of its list; with a row all rows; with a sentence under a heading
    that has items, those; with one line of several short ones, those; for steps, the rest of the
    paragraph."""
    first = found[0]
    under = [s for s in sentences if s.heading == first.heading]
    items = [s for s in under if s.role == "item"]
    rows = [s for s in under if s.role == "row" and s.around.columns == first.around.columns]
    if first.role == "row":
        return rows
    if items and (first.role == "item" or len(items) >= 2):
        # An item may be more than one sentence: the rest of its lines belong to it.
        last = max(s.place for s in items)
        start = min(s.place for s in items)
        return [s for s in under if start <= s.place <= last and s.role != "row"]
    table = [s for s in under if s.role == "row" and s.place > first.place]
    if first.role == "prose" and table and not items:
        # 'There are four classes.' and then the table of them.
        return [first, *(s for s in table if s.around.columns == table[0].around.columns)]
    if first.role == "prose" and first.text.rstrip().endswith((":", "：")):
        behind = [s for s in under if s.place > first.place]
        return [first, *behind]
    if first.role == "prose" and len(run := _short_lines(first, under)) >= _MOST:
        return run
    if kind == "steps" and first.role == "prose":
        return [s for s in under if s.line == first.line and s.place >= first.place]
    return list(found)


def _short_lines(sentence: Sentence, under: Sequence[Sentence]) -> list[Sentence]:
    """The run of short lines that a line is one of: a list without marks."""
    lines = [s for s in under if s.role == "prose" and width(s.text) <= _SHORT]
    run = [sentence] if sentence in lines else []
    for step, others in ((1, lines), (-1, lines[::-1])):
        last = sentence
        for other in others:
            if other.place == last.place + step and other.line == last.line + step:
                run.append(other)
                last = other
    return sorted(run, key=lambda s: s.place)
