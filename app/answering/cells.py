"""A cell that a question names by its row and its column: 'the port of billing', 'Support 部门有多少员工'.

The reader was taught on sentences. Where a question names a row by its first cell, and one of the columns, the
row is what is asked for, in whatever language the table is.
"""

import re
from collections.abc import Sequence
from typing import Final

from app.answering.blocks import Parts, Terms, as_written, telling_words
from app.answering.concepts import concepts
from app.answering.evidence.context import Sentence, prepare
from app.answering.evidence.rules import names_row
from app.answering.evidence.units import units
from app.answering.question import Kind, asks_of_each, kind_of
from app.index.protocol import Passage
from app.text.language import detect_language

# Asks for an amount, of which the column says what it is.
_HOW: Final = re.compile(
    r"\bhow (?:large|big|long|high|heavy|fast|wide|deep|tall|thick|strong|expensive|hot|warm|cold|often|old|far|much|many)\b|多(?:大|长|高|重|快|宽|深|厚|贵|久)",
    re.IGNORECASE,
)
# Passages that are searched, and rows shown, at most.
_LOOKED: Final = 24
_MOST: Final = 8
_COLUMNS: Final = 2
_KINDS: Final[frozenset[Kind]] = frozenset({"fact", "yesno", "list", "definition", "comparison"})


def cells_of(question: str, passages: Sequence[Passage], terms: Terms) -> Parts:
    """The rows that a question names together with a column, where it asks for nothing else; empty for none."""
    if asks_of_each(question) or kind_of(question) not in _KINDS:
        return ()
    asked, meant = telling_words(_HOW.sub(" ", question), terms), concepts(question)
    found: list[tuple[Passage, tuple[Sentence, ...]]] = []
    for passage in passages[:_LOOKED]:
        crossed = passage.language != detect_language(question)
        rows = tuple(
            s
            for s in prepare([passage]).sentences[0]
            if len(s.cells) == len(s.around.columns) >= _COLUMNS
            and names_row(question, s)
            and _is_cell(question, s, asked, meant, terms, crossed=crossed)
        )
        if rows:
            found.append((passage, rows[:_MOST]))
    return tuple(found)


def _is_cell(
    question: str,
    row: Sentence,
    asked: frozenset[str],
    meant: frozenset[int],
    terms: Terms,
    *,
    crossed: bool,
) -> bool:
    """Whether the question names one of the columns, and nothing that stands neither in the row nor above it."""
    columns = " . ".join(row.around.columns[1:])
    called = telling_words(columns, terms)
    named = telling_words(row.cells[0], terms)
    by_meaning = meant & concepts(columns)
    if not (asked - named) & called and not by_meaning:
        return False
    if units(question).digits - row.units.numbers - row.around.units.numbers:
        return False
    known = concepts(row.around.text)
    around = telling_words(row.around.text, terms) | telling_words(row.text, terms)
    written = as_written(question, terms)
    left = {w for w in asked if w not in around and not concepts(written.get(w, w)) & known}
    if crossed:
        # Words of the other language cannot be compared, but for names that are written alike.
        latin = detect_language(question) == "zh"
        return (
            bool(by_meaning) and not any(w.isascii() for w in left)
            if latin
            else bool(by_meaning) and len(left) <= 1
        )
    return not left
