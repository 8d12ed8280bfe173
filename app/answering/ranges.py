"""The row of a table of ranges that holds an amount of the question: 'the discount for 8,000 euros', 订单 1,200 元的运费.

No row has the amount itself, so that neither words nor a reader tell which of them is meant.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from app.answering.blocks import Parts, Terms, as_written, telling_words
from app.answering.concepts import concepts
from app.answering.evidence.context import Sentence, prepare
from app.answering.evidence.keys import FACTORS, dimension, keys, quantities
from app.answering.evidence.units import fold
from app.answering.question import Kind, asks_of_each, kind_of
from app.index.protocol import Passage
from app.text.language import detect_language

_UNDER: Final = re.compile(
    r"(?:\b(?:under|below|less than|fewer than|before)|<|不足|不满|未满|未达|低于|小于|少于)\s{0,2}[€$£¥]?\s{0,2}$"
)
_UP_TO: Final = re.compile(
    r"(?:\b(?:up to|at most|not more than|no more than|until)|<=|≤|不超过|不高于|不大于|不多于|至多|最多)\s{0,2}[€$£¥]?\s{0,2}$"
)
_OVER: Final = re.compile(
    r"(?:\b(?:over|above|more than|greater than|exceeding)|>|(?<!不)(?:超过|超出|高于|大于|多于))\s{0,2}[€$£¥]?\s{0,2}$"
)
_FROM: Final = re.compile(
    r"(?:\b(?:from|at least|not less than|no less than)|>=|≥|不低于|不少于|不小于|至少|达到?|满)\s{0,2}[€$£¥]?\s{0,2}$"
)
_AND_UP: Final = re.compile(
    r"\s{0,2}(?:\+|(?:and|or) (?:more|above|over|up|upwards|older|longer)\b|及?以上|起)"
)
_AND_DOWN: Final = re.compile(
    r"\s{0,2}(?:(?:and|or) (?:less|fewer|below|under|younger|shorter)\b|及?以下|以内|之内|内)"
)
_TO: Final = re.compile(
    r"\s{0,2}(?:[-–—~～至到]|to|through|and under|and)\s{0,2}(?:under |不足|不满)?[€$£¥]?\s{0,2}"
)
# Says of an amount, or of who has it, no more than that it is asked about.
_LITTLE: Final = re.compile(
    r"\b(?:appl(?:y|ies)|get|gets|got|given|give|pay|pays|paid|charged?|cost|costs|have|has|receive[sd]?|worth|value|amount|buy|spend|total(?:ling)?|granted|valid|use[sd]?|take[sn]?|must|someone|somebody|person|customer)\b"
    r"|有?(?:几|多少)(?:个?工作日|个?小时|个月|[天元年日周次折])?|给予|享受|享有|享|获得|可得|能拿|金额|下单|购买|买|消费|采用|适用|使用|需要|收取|收|付|交|客户|顾客",
    re.IGNORECASE,
)
_KINDS: Final[frozenset[Kind]] = frozenset({"fact", "list", "definition", "yesno"})
_LOOKED: Final = 24
_ROWS: Final = 2
_WORD: Final = 14  # characters of a word for what is measured, at most
_NO_RANGES: Final = 1  # rows of a column of ranges that may hold none


@dataclass(frozen=True)
class Range:
    """Amounts from `low` to `high`, None for no bound; `above` and `below`: the bound itself is outside. `unit` as in
    `quantities`, '' for none."""

    low: Decimal | None
    high: Decimal | None
    unit: str
    above: bool = False
    below: bool = False

    def holds(self, value: Decimal) -> bool:
        if self.low is not None and (value < self.low or (self.above and value == self.low)):
            return False
        return self.high is None or value < self.high or (not self.below and value == self.high)


def range_of(cell: str) -> Range | None:
    """The range that a cell is; None for another one, and for a single amount."""
    text = fold(cell)
    found = list(quantities(text))
    if not found or len(found) > 2:
        return None
    value, unit, start, end = found[0]
    unit = unit or found[-1][1]
    before = text[:start]
    if len(found) == 2:
        other, _, there, end = found[1]
        between = text[found[0][3] : there]
        if not _TO.fullmatch(between) or not _is_bare(before, text[end:]):
            return None
        low, high = Decimal(value), Decimal(other)
        open_ = "under" in between or "不足" in between or "不满" in between
        return Range(low, high, unit, below=open_) if low < high else None
    amount = Decimal(value)
    for pattern, made in (
        (_UNDER, Range(None, amount, unit, below=True)),
        (_UP_TO, Range(None, amount, unit)),
        (_FROM, Range(amount, None, unit)),
        (_OVER, Range(amount, None, unit, above=True)),
    ):
        if (match := pattern.search(before)) and _is_bare(before[: match.start()], text[end:]):
            return made
    for pattern, made in (
        (_AND_UP, Range(amount, None, unit)),
        (_AND_DOWN, Range(None, amount, unit)),
    ):
        if match := pattern.match(text, end):
            return made if _is_bare(before, text[match.end() :]) else None
    return None


def rows_in_range(question: str, passages: Sequence[Passage], terms: Terms) -> Parts:
    """The rows whose range holds an amount of the question, of tables with a column for what else it asks; empty where
    it asks for more than that, or names no amount."""
    if asks_of_each(question) or kind_of(question) not in _KINDS:
        return ()
    amounts = _amounts(question)
    if not amounts:
        return ()
    bare = fold(question)
    for _, _, start, end in sorted(quantities(bare), key=lambda each: -each[2]):
        bare = f"{bare[:start]} {bare[end:]}"
    bare = _LITTLE.sub(" ", bare)
    found: list[tuple[Passage, tuple[Sentence, ...]]] = []
    for passage in passages[:_LOOKED]:
        tables: dict[tuple[str, ...], list[Sentence]] = {}
        for s in prepare([passage]).sentences[0]:
            if s.role == "row" and len(s.cells) == len(s.around.columns) >= 2:
                tables.setdefault(s.around.columns, []).append(s)
        crossed = passage.language != detect_language(question)
        rows = [
            row
            for table in tables.values()
            for row in _rows(table, amounts, bare, terms, crossed=crossed)
        ]
        if rows:
            found.append((passage, tuple(rows)))
    return tuple(found[:1])


def in_range(question: str, row: Sentence) -> bool:
    """Whether a cell of a row is a range that holds an amount of the question."""
    amounts = _amounts(question)
    return bool(amounts) and any(
        _meets(amount, unit, within, row.around.columns[place])
        for place, cell in enumerate(row.cells)
        if place < len(row.around.columns) and (within := range_of(cell)) is not None
        for amount, unit in amounts
    )


def _amounts(question: str) -> list[tuple[Decimal, str]]:
    return [(Decimal(value), unit) for value, unit, _, _ in quantities(fold(question))]


def _is_bare(before: str, behind: str) -> bool:
    """Whether a cell holds little besides its range: a word for what is measured at most."""
    return len(before.strip(" €$£¥:")) <= _WORD and len(behind.strip(" .,()")) <= _WORD


def _rows(
    table: Sequence[Sentence],
    amounts: Sequence[tuple[Decimal, str]],
    bare: str,
    terms: Terms,
    *,
    crossed: bool,
) -> list[Sentence]:
    columns = table[0].around.columns
    if len(table) < _ROWS:
        return []
    for place, name in enumerate(columns):
        ranges = [range_of(row.cells[place]) for row in table]
        told = sum(each is not None for each in ranges)
        if told < max(_ROWS, len(table) - _NO_RANGES):
            continue
        others = " . ".join(column for n, column in enumerate(columns) if n != place)
        if not _asks_only(bare, others, table[0], terms, crossed=crossed):
            continue
        held = [
            row
            for row, within in zip(table, ranges, strict=True)
            if within is not None and any(_meets(a, u, within, name) for a, u in amounts)
        ]
        if len(held) == 1:
            return held
    return []


def _asks_only(bare: str, others: str, row: Sentence, terms: Terms, *, crossed: bool) -> bool:
    """Whether the question names one of the columns beside the ranges, and nothing that does not stand above."""
    asked, above = telling_words(bare, terms), telling_words(row.around.text, terms)
    meant, known = concepts(bare), concepts(row.around.text)
    called = concepts(others)
    if not asked & telling_words(others, terms) and not meant & called:
        return False
    if crossed:
        return bool(meant & called)
    written = as_written(bare, terms)
    units_of = {w for w in asked if keys(written.get(w, w)).named}
    left = asked - above - units_of
    return not any(not concepts(written.get(w, w)) & known for w in left)


def _unit_of(column: str) -> str:
    """The unit that a column name tells, '' for none or several."""
    words = re.findall(r"[a-z]+|[\u3400-\u9fff]{1,2}|[%€$£¥]", fold(column))
    words += re.findall(r"[\u3400-\u9fff]", column)
    units_of = {unit for word in words for _, unit, _, _ in quantities(f"1 {word}") if unit}
    units_of |= keys(column).named
    return next(iter(units_of)) if len(units_of) == 1 else ""


def _meets(amount: Decimal, unit: str, within: Range, column: str) -> bool:
    """Whether a range holds an amount; their units may be another one of the same kind that can be turned into it."""
    own = within.unit or _unit_of(column)
    if unit and own and unit != own:
        if unit not in FACTORS or own not in FACTORS or FACTORS[unit][0] != FACTORS[own][0]:
            return False
        amount = amount * FACTORS[unit][1] / FACTORS[own][1]
    elif bool(unit) != bool(own) and dimension(unit or own) not in ("money", unit or own):
        return False  # three of what, where months are told
    return within.holds(amount)
