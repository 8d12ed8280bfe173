"""The passages shown to the model, cut into the sentences, list items and rows that may be quoted."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Literal

from app.answering.evidence.borderless import Borderless, borderless_tables
from app.answering.evidence.keys import Keys, keys
from app.answering.evidence.units import Units, cut_units, fold, units
from app.errors import Language
from app.index.protocol import Passage
from app.text.language import detect_language
from app.text.lines import LIST_MARKER, is_table_row
from app.text.normalise import Normalised, normalise
from app.text.sentences import WINDOW_WIDTH, split_sentences, windows
from app.text.width import width

# A 'sentence' without an end (a log, a table flattened to a line) is quoted in part.
LONGEST_QUOTE = 3 * WINDOW_WIDTH
_ANSWER = 4  # characters at least
# A line that is longer is no heading.
_LONGEST_HEADING = 120
_ENDS_AS_TEXT = re.compile(r"[。！？；.!?;,，、:：]\s*$")
_BARE = re.compile(r"[\W_]+")
# 'STATUS REPORT, JUNE 2026'
_CAPITALS = re.compile(
    r"\A(?=(?:[^A-Z]{0,120}[A-Z]){6})(?=.{0,120}[A-Z]{2} (?:[-–—] )?[A-Z]{2})[^a-z\u3400-\u9fff]{6,120}"
)
# '3.1 The annual fee is …': a clause of a contract; and the number of a line that may be the heading of such.
_CLAUSE = re.compile(r"[ \t]{0,40}\d{1,2}(?:\.\d{1,2}){1,3}\.?[ \t]{1,40}(?=\S)")
_NUMBERED = re.compile(r"[ \t]{0,40}(?P<number>\d{1,2})[.、]?[ \t]{1,40}\S")
# 'All amounts are in euros', 金额单位均为元.
_DECLARES = re.compile(
    r"\b(?:all|the|these) (?:amounts?|prices?|figures|sums|costs|values|weights|lengths)\b.{0,20}\b(?:are|is) (?:given |stated |quoted )?in\b|(?:金额|价格|费用|数值|单位)[^。]{0,8}(?:以|为|是)",
    re.IGNORECASE,
)

# What a line is: 'heading' and 'header' (the column names of a table) say what others are about and
# bear nothing out by themselves.
Role = Literal["prose", "item", "row", "heading", "header"]


@dataclass(frozen=True)
class Around:
    """What a sentence stands under: title, headings, column names."""

    text: str
    columns: tuple[str, ...] = ()

    @cached_property
    def units(self) -> Units:
        return units(self.text)

    @cached_property
    def keys(self) -> Keys:
        return keys(self.text)


@dataclass(frozen=True)
class Sentence:
    """`text[start:end]` of passage number `passage` (0-based); `place` is its position among them.
    `heading` is the nearest line above that is a heading, '' for none in the passage. `cells` are a
    row's. `names`: the column names, run together, of a table without borders that it is a row of."""

    passage: int
    place: int
    start: int
    end: int
    units: Units
    text: str
    role: Role
    around: Around
    heading: str = ""
    cells: tuple[str, ...] = ()
    line: int = 0  # of the passage, from 0
    names: str = ""

    @property
    def quotable(self) -> bool:
        return self.role not in ("heading", "header")

    @cached_property
    def keys(self) -> Keys:
        return keys(self.text)

    @property
    def body(self) -> str:
        """The text without the number that a list gives it: '4. Upgrade Heron' says nothing of 4."""
        return _body(self.text) if self.role == "item" else self.text


@dataclass(frozen=True)
class Prepared:
    """A passage by itself, cut once: `sentences` are numbered as those of passage 0, `around` are the units of its
    heading path and title."""

    passage: Passage
    sentences: tuple[Sentence, ...]
    around: Units
    language: Language

    @cached_property
    def whole(self) -> Units:
        """The units of its text with title and heading path."""
        return cut_units(whole_text(self.passage))

    @cached_property
    def normal(self) -> Normalised:
        """Its text in normal form, case folded."""
        return normalise(self.passage.text, casefold=True)

    @cached_property
    def declared(self) -> frozenset[str]:
        """Units that it says all amounts are in ('all amounts are in euros')."""
        said = (s for s in self.sentences if s.role == "prose" and _DECLARES.search(s.text))
        return frozenset[str]().union(*(sentence.keys.named for sentence in said))


@dataclass(frozen=True)
class Material:
    """`sentences[i]` are those of passage `i`; `around[i]`, `whole[i]` and `normal[i]` as `Prepared` has them;
    `languages[i]` the language it is written in; `declared[i]`: units that its document is shown
    to say of all its amounts.
    """

    passages: tuple[Passage, ...]
    prepared: tuple[Prepared, ...]
    sentences: tuple[tuple[Sentence, ...], ...]

    @cached_property
    def around(self) -> tuple[Units, ...]:
        return tuple(one.around for one in self.prepared)

    @cached_property
    def whole(self) -> tuple[Units, ...]:
        return tuple(one.whole for one in self.prepared)

    @cached_property
    def languages(self) -> tuple[Language, ...]:
        return tuple(one.language for one in self.prepared)

    @cached_property
    def normal(self) -> tuple[Normalised, ...]:
        return tuple(one.normal for one in self.prepared)

    @cached_property
    def declared(self) -> tuple[frozenset[str], ...]:
        by_document: dict[str, frozenset[str]] = {}
        for one in self.prepared:
            known = by_document.get(one.passage.document_id, frozenset())
            by_document[one.passage.document_id] = known | one.declared
        return tuple(by_document[passage.document_id] for passage in self.passages)

    @cached_property
    def names(self) -> frozenset[str]:
        """Stems of all capitalised words within sentences."""
        every = (s.units.names for sentences in self.sentences for s in sentences)
        return frozenset[str]().union(*every)


def prepare(passages: Sequence[Passage]) -> Material:
    """Cut the passages; `passages[0]` is [1] in the prompt. A passage that was cut lately is not cut again."""
    prepared = tuple(_prepared(passage) for passage in passages)
    return Material(
        tuple(passages),
        prepared,
        tuple(
            one.sentences
            if not number
            else tuple(replace(s, passage=number) for s in one.sentences)
            for number, one in enumerate(prepared)
        ),
    )


def whole_units(passage: Passage) -> Units:
    """The units of a passage's text with title and heading path."""
    return _prepared(passage).whole


# One question looks at the same passages a dozen times, and the next at many of them again: cutting was
# most of what a question cost beside reading. A passage so kept takes some 50 kB.
@lru_cache(maxsize=512)
def _prepared(passage: Passage) -> Prepared:
    return Prepared(
        passage,
        tuple(_cut(0, passage)),
        units(headings(passage)),
        detect_language(passage.text),
    )


def headings(passage: Passage) -> str:
    """A passage's title and heading path as one text."""
    return " . ".join((passage.title, *passage.section))


def whole_text(passage: Passage) -> str:
    """A passage's text under its title and heading path."""
    return f"{headings(passage)} . {passage.text}"


def row_cells(text: str) -> tuple[str, ...]:
    """The cells of a line written as '| a | b |'."""
    return tuple(cell.strip() for cell in text.strip().strip("|").split("|"))


def same_words(one: str, other: str) -> bool:
    """Whether two lines are equal but for case, width, punctuation and white space."""
    return _BARE.sub("", fold(one)) == _BARE.sub("", fold(other))


def _cut(number: int, passage: Passage) -> Iterator[Sentence]:
    text = passage.text
    spans: list[tuple[int, int]] = []
    for start, end in split_sentences(text):
        whole = is_table_row(text[start:end]) or width(text[start:end]) <= LONGEST_QUOTE
        spans += [(start, end)] if whole else windows(text, start, end)
    heading = ""
    columns: tuple[str, ...] = ()
    known = {passage.title, *passage.section}
    known |= {part for place in passage.places for part in place.section}
    section = passage.section
    around = _around(passage.title, section, heading, columns)
    in_table = False
    line = counted = 0
    put: tuple[int, str] | None = (
        None  # a line that begins with its question, and the heading before
    )
    tables = borderless_tables(text)
    for place, (start, end) in enumerate(spans):
        line += text.count("\n", counted, start)
        counted = start
        table = next((t for t in tables if t.start <= start < t.end), None)
        role = _role_in(table, start) if table else _role(text, start, end, known, in_table)
        if put is not None and line != put[0]:
            heading, put = put[1], None
        if role == "prose" and _is_put_within(text, start, end):
            role, put = "heading", (line, heading)
        names = text[table.start : table.names_end] if table else ""
        if role == "heading":
            # The names of columns and a caption are of their table alone.
            heading, columns, in_table = heading if table else text[start:end], (), False
        elif role == "header":
            columns, in_table = row_cells(text[start:end]), True
        elif role != "row" and in_table:
            columns, in_table = (), False
        section = passage.place_of(passage.start + start, passage.start + end).section
        changed = _around(passage.title, section, heading, (names,) if names else columns)
        changed = replace(changed, columns=columns)
        around = around if changed == around else changed
        yield Sentence(
            number,
            place,
            start,
            end,
            cut_units(_body(text[start:end]) if role == "item" else text[start:end]),
            text[start:end],
            role,
            around,
            names or heading,
            row_cells(text[start:end]) if role in ("row", "header") else (),
            line,
            names if role == "item" else "",
        )


def _role_in(table: Borderless, start: int) -> Role:
    """Of a line of a table without borders: each row is one of several things that are told of."""
    return "item" if table.names_end < start < table.rows_end else "heading"


def _body(text: str) -> str:
    marker = LIST_MARKER.match(text) or _CLAUSE.match(text)
    if text.lstrip()[:1] == "第":
        return text  # the number of an article belongs to what is said of it
    return text[marker.end() :].lstrip() if marker and marker.end() < len(text) else text


def _around(title: str, section: Sequence[str], heading: str, columns: tuple[str, ...]) -> Around:
    parts = dict.fromkeys((title, *section, heading, *columns))
    return Around(" . ".join(part for part in parts if part), columns)


def _role(text: str, start: int, end: int, known: Collection[str], in_table: bool) -> Role:
    line = text[start:end]
    if is_table_row(line):
        behind = text.find("\n", end) + 1
        single = not behind or not is_table_row(text[behind : behind + 200])
        return "row" if in_table or single else "header"
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", end)
    last = len(text) if last < 0 else last
    alone = not text[first:start].strip(" \t#>*-+•") and not text[end:last].strip()
    if alone and any(same_words(line, part) for part in known):
        return "heading"
    if alone and len(line) <= _LONGEST_HEADING and _leads_clauses(line, text[last:]):
        return "heading"
    if LIST_MARKER.match(text, first):
        return "item"
    if alone and _is_put(line, text[last:]):
        return "heading"
    short = alone and len(line) <= _LONGEST_HEADING and not _ENDS_AS_TEXT.search(line)
    if short and _blank_before(text, first) and _CAPITALS.fullmatch(line) and text[last:].strip():
        return "heading"
    if short and _blank_before(text, first) and text[last:].strip() and not line[-1:].isdigit():
        following = text[last:].lstrip("\n")
        blank_after = text[last : last + 2] == "\n\n"
        if blank_after or LIST_MARKER.match(following) or is_table_row(following):
            return "heading"
    if short and _blank_before(text, first) and re.fullmatch(r"[\w.\-/第章节条款 ]{1,20}", line):
        following = text[last + 1 :].partition("\n")[0]
        # The first of several short lines is one of a list without marks.
        one_of_many = 0 < len(following.strip()) <= 40 and not _ENDS_AS_TEXT.search(following)
        return "heading" if text[last:].strip() and not one_of_many else "prose"
    return "item" if _CLAUSE.match(text, first) else "prose"


def _is_put(line: str, behind: str) -> bool:
    """Whether a line is a question that what stands right behind it answers, as in a list of such."""
    answer = behind.removeprefix("\n").removeprefix("\n").partition("\n")[0].strip()
    asks = line.rstrip().endswith(("?", "？")) and len(line) <= _LONGEST_HEADING
    return asks and bool(answer) and not answer.endswith(("?", "？"))


def _is_put_within(text: str, start: int, end: int) -> bool:
    """The same of a line that goes on with the answer: 'May I smoke? Only in the yard.'"""
    first = text.rfind("\n", 0, start) + 1
    behind = text[end : text.find("\n", end) if "\n" in text[end:] else len(text)]
    asks = text[start:end].rstrip(" *_").endswith(("?", "？")) and end - start <= _LONGEST_HEADING
    return asks and not text[first:start].strip(" \t*_") and len(behind.strip(" *_")) >= _ANSWER


def _leads_clauses(line: str, behind: str) -> bool:
    """Whether '3. Fees' has its clauses, 3.1 and so on, right behind it."""
    numbered = _NUMBERED.match(line)
    return numbered is not None and re.match(rf"\s*{numbered['number']}\.\d", behind) is not None


def _blank_before(text: str, first: int) -> bool:
    return not text[:first].strip() or text[max(0, first - 2) : first] == "\n\n"
