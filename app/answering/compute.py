"""Arithmetic over the rows of a table, by code on typed cells and never by the chat model.

Sum, average, count, largest, smallest, and the difference of two cells. The rows that were used are the
evidence, and the answer says how many there were.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Literal

from app.answering.evidence.context import Sentence, prepare
from app.answering.evidence.rules import names_row, names_text
from app.answering.evidence.units import units
from app.errors import Language, Phrase
from app.index.protocol import Passage
from app.text.language import detect_language
from app.texts import say

Operation = Literal["sum", "average", "largest", "smallest", "count", "difference"]

_WORDS: Final[tuple[tuple[Operation, str], ...]] = (
    (
        "difference",
        r"相差|差(?:了)?多少|(?:多|少|贵|便宜|大|高|低|重|快|慢)(?:出|了)?多少|\bdifference\b|\bhow (?:much|many) (?:more|less|fewer|cheaper|larger|longer|higher|lower)\b",
    ),
    ("average", r"平均|均值|\baverage\b|\bthe mean\b"),
    (
        "sum",
        r"总和|合计|总共|一共|加起来|求和|总计|\bsum\b|\btotal\b|\bcombined\b|\baltogether\b|\badd(?:ed)? up\b",
    ),
    (
        "largest",
        r"最大|最高|最多|最贵|最长|最快|最重|\b(?:largest|highest|most expensive|longest|biggest|fastest|heaviest|most)\b",
    ),
    (
        "smallest",
        r"最小|最低|最少|最便宜|最短|最慢|最轻|\b(?:smallest|lowest|cheapest|shortest|slowest|lightest|least|fewest)\b",
    ),
    ("count", r"有(?:几|多少)(?:个|种|台|条|行|项|款)|\bhow many\b"),
)
_OPERATIONS: Final = tuple((name, re.compile(words, re.IGNORECASE)) for name, words in _WORDS)
# What a superlative is a superlative of: words of a question, and of the column that has it.
_FAMILIES: Final = tuple(
    (re.compile(asked, re.IGNORECASE), re.compile(column, re.IGNORECASE))
    for asked, column in (
        (
            r"贵|便宜|\b(?:expensive|cheap(?:er|est)?|cost(?:s|ly)?|dear(?:er|est)?)\b",
            r"价|费|金额|成本|采购|\b(?:prices?|costs?|purchase|amount)\b",
        ),
        (r"重(?!复|要|新)|轻|\b(?:heav\w+|light(?:er|est))\b", r"重量|质量|\b(?:weight|mass)\b"),
        (r"最长|最短|\b(?:longest|shortest)\b", r"长度|时长|\b(?:length|duration|takes?)\b"),
        (r"最快|最慢|\b(?:fastest|slowest)\b", r"速度|\b(?:speed|rate)\b"),
    )
)
# What a question asks with that asks for nothing but how many there are.
_COUNTS: Final = re.compile(
    r"有?(?:几|多少)(?:个|种|台|条|行|项|款|份)|一共|总共|\b(?:how many|exist|listed|in total|the number of|are there|do we have)\b",
    re.IGNORECASE,
)
_CELL: Final = re.compile(
    r"\s*(?P<before>[€$£¥约≈~]|about )?\s*(?P<number>[-+]?\d+(?:[,，]\d{3})*(?:\.\d+)?)\s*(?P<unit>[^\d\s][^\d]{0,14})?\s*"
)


@dataclass(frozen=True)
class Computed:
    """`text` says what came out; `rows`, of passages[row.passage], are what it was made of."""

    text: str
    rows: tuple[Sentence, ...]
    passages: tuple[Passage, ...]


@dataclass(frozen=True)
class _Column:
    name: str
    place: int
    values: tuple[Decimal, ...]  # one a row
    unit: str


def operation_of(question: str) -> Operation | None:
    """What is to be computed; None for nothing known."""
    return next((name for name, pattern in _OPERATIONS if pattern.search(question)), None)


def compute(question: str, passages: Sequence[Passage], language: Language) -> Computed | None:
    """The answer over the one table of `passages` whose column the question names; None where there
    is no such table, or a cell of that column is no number of the column's unit.

    `passages` are those of a document's section, in order: a table goes on from one to the next.
    """
    operation = operation_of(question)
    if operation is None:
        return None
    material = prepare(passages)
    rows = [s for sentences in material.sentences for s in sentences if s.role == "row"]
    tables: dict[tuple[str, ...], list[Sentence]] = {}
    for row in rows:
        if len(row.cells) == len(row.around.columns):
            tables.setdefault(row.around.columns, []).append(row)
    if operation == "count":
        return _counted(question, list(tables.values()), passages, language)
    found = [
        (share, table, column)
        for table in tables.values()
        for share, column in _columns(question, _filtered(question, table, operation))
    ]
    if not found:
        return None
    share, table, column = max(found, key=lambda item: item[0])
    if share <= 0:
        return None
    chosen = _filtered(question, table, operation)
    result = _result(operation, chosen, column, language)
    if result is None:
        return None
    text, used = result
    return Computed(text, tuple(used), tuple(passages))


def names_kind(question: str, rows: Sequence[Sentence]) -> bool:
    """Whether the question names the rows, or what they are of by the name of their first column; a table
    in the other language is taken at its word."""
    if any(names_row(question, row) for row in rows):
        return True
    wanted = units(rows[0].around.columns[0]).words
    if detect_language(question) != detect_language(" ".join(rows[0].around.columns)):
        return True
    return bool(wanted & units(question).words)


def _counted(
    question: str,
    tables: Sequence[Sequence[Sentence]],
    passages: Sequence[Passage],
    language: Language,
) -> Computed | None:
    """How many rows a table has, where the question asks for nothing else: all its words name what the
    rows are of, or a kind of them that several share."""
    asked = units(_COUNTS.sub(" ", question)).words
    for table in tables:
        kind = units(table[0].around.columns[0]).words
        chosen = _filtered(question, table, "count")
        shared = set[str]() if len(chosen) == len(table) else _common(chosen)
        if not kind & asked or asked - kind - shared:
            continue
        names = say(Phrase("list_separator"), language).join(row.cells[0] for row in chosen)
        phrase = Phrase("computed_count", count=len(chosen), names=names)
        return Computed(say(phrase, language), tuple(chosen), tuple(passages))
    return None


def _common(rows: Sequence[Sentence]) -> set[str]:
    """The words that all rows have."""
    return set(frozenset.intersection(*(row.units.words for row in rows)))


def _filtered(
    question: str, table: Sequence[Sentence], operation: Operation
) -> tuple[Sentence, ...]:
    """The rows that the question means: those it names, or those of a kind that it names (a value that
    several rows share), else all."""
    named = tuple(row for row in table if names_row(question, row))
    if operation == "difference" or len(named) > 1:
        return named
    for place in range(1, len(table[0].cells)):
        cells = [row.cells[place] for row in table]
        for value in dict.fromkeys(cells):
            kind = cells.count(value) > 1 and _CELL.fullmatch(value) is None
            if kind and names_text(question, value):
                return tuple(row for row in table if row.cells[place] == value)
    return tuple(table)


def _columns(question: str, table: Sequence[Sentence]) -> list[tuple[float, _Column]]:
    """Columns of numbers in one unit, each with how well the question names it."""
    if not table:
        return []
    asked = units(question).words
    found = []
    for place, name in enumerate(table[0].around.columns):
        cells = [_CELL.fullmatch(row.cells[place]) for row in table]
        if place == 0 or not all(cells):
            continue
        matches = [cell for cell in cells if cell]
        signs = {(m["unit"] or m["before"] or "").strip().casefold() for m in matches}
        if len(signs) > 1:
            continue
        values = tuple(Decimal(re.sub(r"[,，]", "", m["number"])) for m in matches)
        words = units(name).words
        share = len(words & asked) / len(words) if words else 0.0
        if any(word.search(question) and column.search(name) for word, column in _FAMILIES):
            share = max(share, 0.5)
        found.append((share, _Column(name, place, values, (matches[0]["unit"] or "").strip())))
    return found


def _result(
    operation: Operation,
    rows: Sequence[Sentence],
    column: _Column,
    language: Language,
) -> tuple[str, Sequence[Sentence]] | None:
    by_row = list(zip(rows, column.values, strict=False))
    if len(rows) != len(column.values) or not by_row:
        return None

    def shown(value: Decimal) -> str:
        return f"{_plain(value)} {column.unit}".strip()

    def holders(value: Decimal) -> str:
        winners = (row.cells[0] for row, own in by_row if own == value)
        return say(Phrase("list_separator"), language).join(winners)

    phrase: Phrase
    match operation:
        case "sum":
            value = shown(sum(column.values, Decimal(0)))
            phrase = Phrase("computed_sum", column=column.name, value=value, count=len(rows))
        case "average":
            mean = sum(column.values, Decimal(0)) / len(rows)
            value = shown(mean.quantize(Decimal("0.01"), ROUND_HALF_UP))
            phrase = Phrase("computed_average", column=column.name, value=value, count=len(rows))
        case "largest":
            value, name = shown(max(column.values)), holders(max(column.values))
            phrase = Phrase(
                "computed_largest", column=column.name, value=value, count=len(rows), name=name
            )
        case "smallest":
            value, name = shown(min(column.values)), holders(min(column.values))
            phrase = Phrase(
                "computed_smallest", column=column.name, value=value, count=len(rows), name=name
            )
        case "difference":
            if len(by_row) != 2:
                return None
            (one, first), (other, second) = by_row
            phrase = Phrase(
                "computed_difference",
                column=column.name,
                value=shown(abs(first - second)),
                one=one.cells[0],
                other=other.cells[0],
            )
        case "count":  # no column of numbers has part in it
            return None
    return say(phrase, language), rows


def _plain(value: Decimal) -> str:
    whole = value == value.to_integral_value()
    return f"{value.to_integral_value():,}" if whole else f"{value.normalize():,f}"
