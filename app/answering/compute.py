"""Arithmetic over the rows of a table, by code on typed cells and never by the chat model.

Sum, average, count, largest, smallest, and the difference of two cells. The rows that were used are the
evidence, and the answer says how many there were.

Over 350 lines: from the question over the rows and the column that are meant to the result it is one chain,
in which each step may say why it cannot be taken.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Literal

from app.answering.evidence.context import Sentence, prepare
from app.answering.evidence.keys import FACTORS, quantities
from app.answering.evidence.rules import names_row, names_text
from app.answering.evidence.units import fold, units
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
        r"总和|合计|总共|一共|加起来|求和|总计|\bsum\b|\btotal\b|\bcombined\b|\b(?:al)?together\b|\badd(?:ed)? up\b",
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
_CALLED: Final[Mapping[Operation, Phrase]] = {
    "sum": Phrase("operation_sum"),
    "average": Phrase("operation_average"),
    "largest": Phrase("operation_largest"),
    "smallest": Phrase("operation_smallest"),
    "difference": Phrase("operation_difference"),
}
# What is measured: words of a question, and of the column that has it, in either language.
_FAMILIES: Final = tuple(
    (re.compile(asked, re.IGNORECASE), re.compile(column, re.IGNORECASE))
    for asked, column in (
        (
            r"贵|便宜|价格|单价|[花费].{0,4}钱|多少钱|\b(?:expensive|cheap(?:er|est)?|cost(?:s|ly)?|pric(?:e|es|ed)|dear(?:er|est)?|spen[dt])\b",
            r"价|费|金额|成本|采购|\b(?:prices?|costs?|purchase|amount)\b",
        ),
        (
            r"重(?!复|要|新|启)|轻|\b(?:heav\w+|light(?:er|est)|weigh\w*)\b",
            r"重量|质量|\b(?:weight|mass)\b",
        ),
        (
            r"最长|最短|长度|\b(?:longest|shortest|length)\b",
            r"长度|时长|\b(?:length|duration|takes?)\b",
        ),
        (r"最快|最慢|速度|\b(?:fastest|slowest|speed)\b", r"速度|\b(?:speed|rate)\b"),
        (r"上下文|\bcontext\b", r"上下文|\bcontext\b"),
        (r"参数(?!是)|\bparameters?\b", r"参数|\bparameters?\b"),
        (r"满载|负载|\bunder load\b|\bfull load\b", r"满载|负载|\bload\b"),
        (r"空闲|待机|\b(?:idle|standby)\b", r"空闲|待机|\b(?:idle|standby)\b"),
        (r"功耗|功率|耗电|\bpower\b", r"功耗|功率|耗电|\bpower\b"),
        (
            r"显存|\b(?:graphics|video|gpu) memory\b|\bvram\b",
            r"显存|\b(?:graphics|video|gpu) memory\b|\bvram\b",
        ),
        (r"(?<!显)内存|(?<!graphics )\bmemory\b", r"内存|(?<!graphics )\bmemory\b"),
        (r"库存|\bstock\b", r"库存|\bstock\b"),
        (r"预算|\bbudget\b", r"预算|\bbudget\b"),
        (r"重启|\brestart\w*", r"重启|\brestart\w*"),
        (r"年龄|岁|\b(?:age|old(?:er|est)|young(?:er|est))\b", r"年龄|\bage\b"),
        (r"高度|最高的|\b(?:height|tall(?:er|est))\b", r"高度|\bheight\b"),
        (r"温度|\b(?:temperature|hot(?:ter|test)|cold(?:er|est))\b", r"温度|\btemperature\b"),
        (r"人数|人最[多少]|\b(?:people|headcount|staff)\b", r"人数|\b(?:people|headcount|staff)\b"),
        (r"工资|薪|\b(?:salary|salaries|wages?)\b", r"工资|薪|\b(?:salary|wages?)\b"),
    )
)
# Of the amounts that are compared whatever their unit, those that may be added up: months and years tell ages and
# terms, not sums.
_FACTORS: Final = {unit: factor for unit, factor in FACTORS.items() if factor[0] != "months"}
# What stands behind a number and multiplies it.
_MULTIPLIERS: Final[Mapping[str, int]] = {
    "k": 10**3, "千": 10**3, "thousand": 10**3, "万": 10**4, "百万": 10**6, "m": 10**6, "million": 10**6,
    "亿": 10**8, "b": 10**9, "十亿": 10**9, "billion": 10**9, "万亿": 10**12, "t": 10**12, "trillion": 10**12,
}  # fmt: skip
_MULTIPLIED: Final = re.compile(
    r"(?P<by>十亿|万亿|百万|thousand|million|billion|trillion|[kmbt千万亿])(?![a-z])\s?(?P<unit>.*)",
    re.IGNORECASE,
)
# What a question asks with that asks for nothing but how many there are.
_COUNTS: Final = re.compile(
    r"有?(?:几|多少)(?:个|种|台|条|行|项|款|份)|一共|总共|\b(?:how many|exist|listed|in total|the number of|are there|do we have)\b",
    re.IGNORECASE,
)
# What a question computes with, and asks by.
_COMPUTES: Final = re.compile(
    r"总和|合计|总共|一共|加起来|求和|总计|平均(?:值|数)?|均值|最[大高多贵长快重小低少短慢轻]的?|(?:是|有|为)?(?:多少|几)(?:个|台|元|件|吨|天|人|次)?|[总共有是的]|哪一?个?"
    r"|\b(?:what|which|how|much|many|is|are|was|were|the|of|all|in|total|sum|average|mean|combined|altogether|together|have|has|do|does|we|there|our|largest|highest|most|smallest|lowest|least)\b"
)
_MISSING: Final = 2  # words
_CELL: Final = re.compile(
    r"(?P<before>[€$£¥约≈~]|about )? ?(?P<number>[-+]?\d+(?:[,，]\d{3})*(?:\.\d+)?) ?(?P<unit>[^\d\s][^\d]{0,14})?"
)


@dataclass(frozen=True)
class Computed:
    """`text` says what came out; `rows`, of passages[row.passage], are what it was made of."""

    text: str
    rows: tuple[Sentence, ...]
    passages: tuple[Passage, ...]


@dataclass(frozen=True)
class NotComputable:
    """`reason` says what cannot be computed, and why. `named`: whether the question names the column."""

    reason: Phrase
    rows: tuple[Sentence, ...]
    named: bool


@dataclass(frozen=True)
class _Column:
    """`values` are in `unit`, one a row; with `written` they were not all written so."""

    name: str
    place: int
    values: tuple[Decimal, ...]
    unit: str
    written: bool = False


def operation_of(question: str) -> Operation | None:
    """What is to be computed; None for nothing known."""
    return next((name for name, pattern in _OPERATIONS if pattern.search(question)), None)


def compute(
    question: str, passages: Sequence[Passage], language: Language
) -> Computed | NotComputable | None:
    """The answer over the one table of `passages` whose column the question names; why there is none,
    where a table is there and no such column, or its cells are no numbers of one unit; None where
    there is no table, or nothing to compute.

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
    share, table, column = max(found, key=lambda item: item[0], default=(0.0, [], None))
    meant = max(
        (_meant(question, table) for table in tables.values()), key=lambda m: m[0], default=None
    )
    if meant is not None and meant[0] > share:
        return _not_computable(question, operation, meant[1], meant[2], language)
    if column is None or share <= 0:
        table = next(iter(tables.values()), [])
        if len(table) < 2 or operation == "difference":
            return None
        return _not_computable(question, operation, table, None, language)
    chosen = _filtered(question, table, operation)
    result = _result(operation, chosen, column, language)
    if result is None:
        return None
    text, used = result
    return Computed(text, tuple(used), tuple(passages))


def _meant(
    question: str, table: Sequence[Sentence]
) -> tuple[float, Sequence[Sentence], int | None]:
    """How well the question names the column of a table that it names best, the table, and that column."""
    shares = [(_share(question, name), place) for place, name in enumerate(table[0].around.columns)]
    share, place = max(shares[1:], default=(0.0, 0))
    return (share, table, place) if share > 0.5 else (0.0, table, None)


def _not_computable(
    question: str,
    operation: Operation,
    table: Sequence[Sentence],
    place: int | None,
    language: Language,
) -> NotComputable:
    """Why nothing can be computed over the column at `place`, or, with None, over any."""
    of = say(_CALLED[operation], language)
    join = say(Phrase("list_separator"), language)
    columns = table[0].around.columns
    rows = tuple(table)
    if place is None:
        phrase = Phrase("uncomputed_column", operation=of, columns=join.join(columns))
        return NotComputable(phrase, rows, named=False)
    cells = [row.cells[place] for row in _filtered(question, table, operation) or table]
    other = next((cell for cell in cells if _CELL.fullmatch(cell.strip()) is None), None)
    if other is not None:
        phrase = Phrase("uncomputed_text", operation=of, column=columns[place], cell=other or "–")
    else:
        shown = join.join(dict.fromkeys(cells))
        phrase = Phrase("uncomputed_units", operation=of, column=columns[place], cells=shown)
    return NotComputable(phrase, rows, named=True)


def names_kind(question: str, rows: Sequence[Sentence]) -> bool:
    """Whether the question names the rows, or what they are of by the name of their first column; a table
    in the other language is taken at its word."""
    if any(names_row(question, row) for row in rows):
        return True
    around, asked = rows[0].around, units(question).words
    if asks_of_column(question, around.columns):
        return True
    wanted = units(" . ".join((around.columns[0], rows[0].heading))).words
    if detect_language(question) != detect_language(" ".join(around.columns)):
        return True
    if wanted & asked:
        return True
    # What the document is on, where the question names a whole column: 'which water filter has the longest life?'
    above = units(around.text.removesuffix(" . ".join(around.columns))).words
    columns = (units(column).words for column in around.columns[1:])
    return bool(above & asked) and any(len(c) > 1 and c <= asked for c in columns)


def asks_of_column(question: str, columns: Sequence[str]) -> bool:
    """Whether a question names a column, and nothing else: 'What is the total stock?', 库存一共有多少台？"""
    asked = units(_COMPUTES.sub(" ", fold(question))).words
    return bool(asked) and any(asked <= units(column).words for column in columns[1:])


def is_of_others(question: str, rows: Sequence[Sentence]) -> bool:
    """Whether most of what a question names stands neither in the table nor above it, in one language: the contract value
    of projects where contracts of so many months are told."""
    around = rows[0].around
    if detect_language(question) != detect_language(f"{around.text} {rows[0].text}"):
        return False
    asked = {w for w in units(_COMPUTES.sub(" ", fold(question))).words if w[0] != "#"}
    held = around.units.words | {word for row in rows for word in row.units.words}
    missing = asked - held
    alike = any(a.search(question) and c.search(around.text) for a, c in _FAMILIES)
    least = (
        _MISSING if detect_language(question) == "en" else 2 * _MISSING
    )  # of pairs of characters
    return not alike and len(missing) >= least and 2 * len(missing) > len(asked)


def concerns(question: str, failed: NotComputable) -> bool:
    """Whether what cannot be computed is what the question asks for, rather than some table that was found."""
    if not names_kind(question, failed.rows):
        return False
    own = detect_language(" ".join(failed.rows[0].around.columns))
    return failed.named or detect_language(question) == own


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
            kind = cells.count(value) > 1 and _CELL.fullmatch(value.strip()) is None
            if kind and names_text(question, value):
                return tuple(row for row in table if row.cells[place] == value)
    return tuple(table)


def _columns(question: str, table: Sequence[Sentence]) -> list[tuple[float, _Column]]:
    """Columns of numbers in one unit, or in units that can be turned into one, each with how well the
    question names it."""
    if not table:
        return []
    found = []
    for place, name in enumerate(table[0].around.columns):
        column = (
            _column(name, place, [row.cells[place].strip() for row in table]) if place else None
        )
        if column is not None:
            found.append((_share(question, name), column))
    return found


def _share(question: str, name: str) -> float:
    """How well the question names a column, [0, 1]."""
    words = units(name).words
    share = len(words & units(question).words) / len(words) if words else 0.0
    alike = [word.search(question) and column.search(name) for word, column in _FAMILIES]
    return max(share, min(0.5 + 0.1 * sum(map(bool, alike)), 0.9) if any(alike) else 0.0)


def _column(name: str, place: int, cells: Sequence[str]) -> _Column | None:
    matches = [match for match in map(_CELL.fullmatch, cells) if match]
    if len(matches) < len(cells):
        return None
    numbers = [Decimal(re.sub(r"[,，]", "", match["number"])) for match in matches]
    signs = [(match["unit"] or match["before"] or "").strip() for match in matches]
    if len({sign.casefold() for sign in signs}) == 1:
        return _Column(name, place, tuple(numbers), (matches[0]["unit"] or "").strip())
    measured = [next(quantities(fold(cell)), None) for cell in cells]
    factors = [_FACTORS.get(unit[1]) if unit else None for unit in measured]
    if len({factor[0] for factor in factors if factor}) == 1 and all(factors):
        known = [factor for factor in factors if factor]
        least = min(range(len(known)), key=lambda at: known[at][1])
        base = known[least][1]
        values = (
            number * factor / base for number, (_, factor) in zip(numbers, known, strict=True)
        )
        return _Column(name, place, tuple(values), signs[least], written=True)
    multiplied = [_MULTIPLIED.fullmatch(sign) for sign in signs]
    rest = {
        (m["unit"] if m else sign).casefold() for m, sign in zip(multiplied, signs, strict=True)
    }
    if len(rest) > 1:
        return None
    values = (
        number * (_MULTIPLIERS[match["by"].casefold()] if match else 1)
        for number, match in zip(numbers, multiplied, strict=True)
    )
    unit = next((m["unit"] if m else sign for m, sign in zip(multiplied, signs, strict=True)), "")
    return _Column(name, place, tuple(values), unit, written=True)


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

    def told(value: Decimal) -> str:
        cell = next(row.cells[column.place] for row, own in by_row if own == value)
        return cell.strip() if column.written else shown(value)

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
            value, name = told(max(column.values)), holders(max(column.values))
            phrase = Phrase(
                "computed_largest", column=column.name, value=value, count=len(rows), name=name
            )
        case "smallest":
            value, name = told(min(column.values)), holders(min(column.values))
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
