"""What a comparison names, and what the documents say of each: rows of one table, else a sentence for each."""

import re
from collections.abc import Sequence
from typing import Final

from app.answering.evidence.context import Sentence, prepare
from app.answering.evidence.pick import led_by
from app.answering.evidence.rules import names_row, names_text
from app.answering.evidence.units import Units, fold, units
from app.answering.quotes import Found
from app.answering.read import ReadHit

# What stands before and behind the things that are compared.
_BEFORE: Final = re.compile(
    r"^.{0,30}?(?:比较|对比|区分|\bcompar(?:e|ing|ison of)\b|\bdifferences? between\b|\bdistinguish\b|\bhow (?:do|does)\b)(?:一下)?\s*",
    re.IGNORECASE,
)
_BEHIND: Final = re.compile(
    r"(?:之间)?(?:的)?(?:主要)?(?:区别|差别|差异|不同之处|优缺点|对比).*$|(?:之间)?有(?:什么|何|哪些)?(?:区别|差别|不同|差异).*$|相比.*$|\bdiffer\b.*$|\s{1,8}(?:in (?:terms of |respect of )?|by |regarding |as to |for )(?P<aspect>[^,]{2,60})$",
    re.IGNORECASE,
)
_BETWEEN: Final = re.compile(
    r"\s{0,8}(?:、|,|，|以及|\band\b|\bvs\.?|\bversus\b|\bwith\b|\bfrom\b|\bto\b|[和与跟及])\s{0,8}",
    re.IGNORECASE,
)
_OF: Final = re.compile(r"(?:the )?(\w[\w ]{1,40}?) of (?=\S)", re.IGNORECASE)
_MOST_SIDES: Final = 6
_LONGEST_SIDE: Final = 40
_TABLES: Final = 2
_TOGETHER: Final = 2
_MOST_ROWS: Final = 20


def sides_of(question: str) -> tuple[tuple[str, ...], str]:
    """(the things compared, in what); no things where the question does not name two to six."""
    bare = question.strip(" ?？。.")
    behind = _BEHIND.search(bare)
    aspect = (behind["aspect"] or "") if behind else ""
    if behind:
        bare = bare[: behind.start()]
    bare = _BEFORE.sub("", bare, count=1)
    if whose := _OF.match(bare):
        aspect, bare = aspect or whose[1], bare[whose.end() :]
    sides = [side.strip(" \"'“”《》") for side in _BETWEEN.split(bare)]
    sides = [side for side in sides if side]
    if sides and "的" in sides[-1]:
        last, _, of = sides[-1].partition("的")
        sides[-1] = last.strip()
        aspect = aspect or of
    enough = 2 <= len(sides) <= _MOST_SIDES
    fit = all(
        side and len(side) <= _LONGEST_SIDE and (units(side).words or units(side).codes)
        for side in sides
    )
    return (tuple(sides), aspect.strip()) if enough and fit else ((), "")


def compared(question: str, items: Sequence[ReadHit]) -> tuple[Found, ...]:
    """What `items`, best first, say of the things that a question compares: the rows of tables that name two
    of them or more; else sentences that name all, and one for each that none of those is about. Empty
    where it is not known what is compared or less than two are found."""
    sides, aspect = sides_of(question)
    if not sides:
        return ()
    cut = [
        (item, [s for s in prepare([item.hit.passage]).sentences[0] if s.quotable])
        for item in items
    ]
    named = " ".join(sides)
    tables = [
        Found(item, rows)
        for item, sentences in cut
        if len(rows := tuple(s for s in sentences if _is_row_of(named, s))) >= 2
    ]
    of = units(aspect).words
    if not tables:
        tables = [
            Found(item, rows) for item, sentences in cut if (rows := _beside(named, of, sentences))
        ]
    if tables and (
        not of
        or any(
            of & (row.around.units.words | row.units.words) for t in tables for row in t.sentences
        )
    ):
        return tuple(tables[:_TABLES])
    found: list[Found] = []
    for side in sides:
        best = _best(side, sides, aspect, cut)
        if best is not None:
            item, sentence = best
            every = next(sentences for other, sentences in cut if other is item)
            found.append(Found(item, (sentence, *led_by(sentence, every)), side))
    together = [
        each for each in _together(sides, cut) if not of or of & each.sentences[0].units.words
    ]
    if of and not any(of & s.units.words for each in (*together, *found) for s in each.sentences):
        return ()
    if together and of:
        return tuple(together)
    apart = {(each.item.hit.passage.id, each.sentences[0].place) for each in found}
    return (*together, *found) if together or len(apart) >= 2 else ()


def _is_row_of(named: str, sentence: Sentence) -> bool:
    """Whether it is the row of one of the things, by its first cell or by an identifier in that: 'Drill KX15' of KX15."""
    if names_row(named, sentence):
        return True
    asked = units(named).codes
    return sentence.role == "row" and bool(
        {c for c in units(sentence.cells[0]).codes if any(p[0].isdigit() for p in c)} & asked
    )


def _beside(named: str, of: frozenset[str], sentences: Sequence[Sentence]) -> tuple[Sentence, ...]:
    """The rows of a table that has the things side by side, in its columns; those that tell of the aspect, if one is
    asked about."""
    rows = tuple(
        s
        for s in sentences
        if len(s.cells) == len(s.around.columns)
        and sum(names_text(named, column) for column in s.around.columns[1:]) >= _TOGETHER
    )
    return tuple(row for row in rows if not of or of & row.units.words)[:_MOST_ROWS]


def _called(side: str) -> frozenset[str]:
    """The words by which a thing is called: of Chinese with Latin names among it, those."""
    words = units(side).words
    latin = frozenset(word for word in words if word.isascii())
    return latin if any(word.isalpha() for word in latin) else words


def _has_codes(side: str, held: Units) -> bool:
    """Whether a text has all identifiers of a thing that is called by nothing else: Q8_0."""
    codes = units(side).codes
    return bool(codes) and all(held.has_run(code) for code in codes)


def _best(
    side: str, sides: Sequence[str], aspect: str, cut: Sequence[tuple[ReadHit, Sequence[Sentence]]]
) -> tuple[ReadHit, Sentence] | None:
    """The sentence that is most about one side and least about the others."""
    wanted, of = _called(side), units(aspect).words
    others = [_called(other) - wanted for other in sides if other != side]
    best: tuple[float, ReadHit, Sentence] | None = None
    for rank, (item, sentences) in enumerate(cut):
        for sentence in sentences:
            held = sentence.units.words
            if wanted:
                named = wanted <= held | sentence.around.units.words and bool(wanted & held)
            else:
                named = _has_codes(side, sentence.units)
            if not named:
                continue
            score = (len(wanted & held) / len(wanted) if wanted else 1.0) - rank * 0.05
            score += 0.5 * fold(sentence.body).lstrip("-*• ").startswith(fold(side))
            score += 0.5 * len(of & held) / len(of) if of else 0.0
            score -= 0.4 * sum(
                (bool(other) and other <= held)
                or (not _called(name) and _has_codes(name, sentence.units))
                for name, other in zip([o for o in sides if o != side], others, strict=True)
            )
            if best is None or score > best[0]:
                best = (score, item, sentence)
    return best[1:] if best else None


def _together(
    sides: Sequence[str], cut: Sequence[tuple[ReadHit, Sequence[Sentence]]]
) -> list[Found]:
    """Sentences that name all sides: they say themselves how these differ."""
    found = [
        Found(item, (sentence,))
        for item, sentences in cut
        for sentence in sentences
        if sentence.role != "row" and all(_named(side, sides, sentence) for side in sides)
    ]
    return found[:_TOGETHER]


def _named(side: str, sides: Sequence[str], sentence: Sentence) -> bool:
    """Whether a sentence names a side other than as a part of another one's name."""
    called = _called(side)
    if not called and not _has_codes(side, sentence.units):
        return False
    if not called <= sentence.units.words:
        return False
    text, name = fold(sentence.text), fold(side)
    longer = [fold(other) for other in sides if other != side and name in fold(other)]
    return not longer or text.count(name) > sum(text.count(other) for other in longer)
