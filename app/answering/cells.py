"""A cell that a question names by its row and its column: 'the port of billing', 'Support 部门有多少员工'.

The reader was taught on sentences. Where a question names a row by its first cell, and one of the columns, the
row is what is asked for, in whatever language the table is.
"""

import re
from collections.abc import Sequence
from typing import Final

from app.answering.blocks import Parts, Terms, as_written, telling_words
from app.answering.concepts import concepts, lacking
from app.answering.evidence.context import Sentence, prepare
from app.answering.evidence.keys import dimension, keys
from app.answering.evidence.rules import names_row, names_text
from app.answering.evidence.units import fold, units
from app.answering.question import Kind, asks_of_each, kind_of
from app.index.protocol import Passage
from app.text.language import detect_language

# Asks for an amount, of which the column says what it is, or says that a thing has it.
_HOW: Final = re.compile(
    r"几点钟?(?:开门|开放|营业|上班|开始)?|采用|使用|适用|属于|具有|支持|所用的?|\b(?:use[sd]?|using|have|has|come|get|gets)\b|\bhow (?:large|big|long|high|heavy|fast|wide|deep|tall|thick|strong|expensive|hot|warm|cold|often|old|far|much|many)\b|多(?:大|长|高|重|快|宽|深|厚|贵|久)",
    re.IGNORECASE,
)
# Passages that are searched, and rows shown, at most.
_LOOKED: Final = 24
_MOST: Final = 8
_COLUMNS: Final = 2
_JOINTS: Final = re.compile(r"[\s_/.-]")
_KIND_BEHIND: Final = re.compile(r"[\u3400-\u9fff][区部省市县级类型店组厂线队班室处科]$")
# What an amount of money in a column may be called.
_PRICE: Final = concepts("price")
_NONE: Final = frozenset[int]()
_MARKS: Final = 2  # characters that may stand before the name in a row
_KINDS: Final[frozenset[Kind]] = frozenset({"fact", "yesno", "list", "definition", "comparison"})


def cells_of(question: str, passages: Sequence[Passage], terms: Terms) -> Parts:
    """The rows that a question names together with a column, where it asks for nothing else; empty for none."""
    if asks_of_each(question) or kind_of(question) not in _KINDS:
        return ()
    asked, meant = telling_words(_HOW.sub(" ", question), terms), concepts(question)
    found: list[tuple[Passage, tuple[Sentence, ...]]] = []
    for passage in passages[:_LOOKED]:
        crossed = passage.language != detect_language(question)
        sentences = prepare([passage]).sentences[0]
        rows = tuple(
            s
            for s in sentences
            if len(s.cells) == len(s.around.columns) >= _COLUMNS
            and (
                (
                    names_row(question, s)
                    and _is_cell(question, s, asked, meant, terms, crossed=crossed)
                )
                or _is_turned_cell(question, s, asked, meant, terms, crossed=crossed)
            )
        ) or tuple(s for s in sentences if s.names and _is_run_together(question, s, asked, terms))
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
    money = _PRICE if any(dimension(unit) == "money" for unit in keys(columns).named) else _NONE
    by_meaning = meant & (concepts(columns) | money)
    if not (asked - named) & called and not by_meaning:
        return False
    if units(question).digits - row.units.numbers - row.around.units.numbers:
        return False
    known = concepts(row.around.text) | money
    around = telling_words(row.around.text, terms) | telling_words(row.text, terms)
    return (bool(by_meaning) or not crossed) and _nothing_left(
        question, asked, around, known, terms, crossed=crossed
    )


def _is_turned_cell(
    question: str,
    row: Sentence,
    asked: frozenset[str],
    meant: frozenset[int],
    terms: Terms,
    *,
    crossed: bool,
) -> bool:
    """The same of a table that has its things side by side, and in its first column what is told of them."""
    things = [c for c in row.around.columns[1:] if units(c).codes and names_text(question, c)]
    if not things:
        return False
    first = telling_words(row.cells[0], terms)
    by_meaning = meant & concepts(row.cells[0])
    if not by_meaning and not (first and first <= asked):
        return False
    around = telling_words(" . ".join((row.around.text, row.cells[0])), terms)
    known = concepts(f"{row.around.text} . {row.cells[0]}")
    return _nothing_left(question, asked, around, known, terms, crossed=crossed)


def _nothing_left(
    question: str,
    asked: frozenset[str],
    around: frozenset[str],
    known: frozenset[int],
    terms: Terms,
    *,
    crossed: bool,
) -> bool:
    """Whether the words and meanings of a question that stand neither in a row nor above it ask for nothing; `around` and
    `known`: those that do. Words of the other language cannot be compared, but for names that are written alike."""
    written = as_written(question, terms)
    left = {
        w
        for w in asked
        if w not in around and _stem(w) not in around and not concepts(written.get(w, w)) & known
    }
    if not crossed:
        return not left
    if lacking(_HOW.sub(" ", question), known):
        return False
    if detect_language(question) == "zh":
        return not any(w.isascii() for w in left)
    return len(left) <= 1


def _stem(word: str) -> str:
    """A Chinese word without what it says of the kind of thing: 华南区 is 华南."""
    return word[:-1] if len(word) > 2 and _KIND_BEHIND.search(word) else word


def _is_run_together(question: str, row: Sentence, asked: frozenset[str], terms: Terms) -> bool:
    """The same of a row of a table without borders: it begins with what the question names first of it, and one of the
    column names above it holds what else is asked."""
    text, names, folded = _both(row.text), fold(row.names), fold(question)
    written = as_written(question, terms)
    of_columns = {
        w for w in asked if w in names or concepts(written.get(w, w)) & concepts(row.names)
    }
    own = sorted((w for w in asked - of_columns if w in text), key=folded.find)
    if not of_columns or not own or text.find(own[0]) > _MARKS:
        return False
    above = _both(row.around.text)
    return all(w in text or w in above for w in asked - of_columns)


def _both(text: str) -> str:
    """A folded text, and behind it the same without joints: Phi-3 is phi3, too."""
    folded = fold(text)
    return f"{folded} . {_JOINTS.sub('', folded)}"
