"""A sentence cut into clauses, each with what it says and which keys (numbers, identifiers, names) it
says it of. Two texts can hold the same words and differ in what goes with what."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from app.answering.evidence.keys import Keys, dimension, keys, quantities
from app.answering.evidence.units import codes, fold, is_negated, units, without_negation
from app.text.language import HAN

_BREAK = re.compile(
    r"[，、;；。!！?？()（）\n]|[:：](?!\d)|,(?!\d{3})|(?<!\b[ap]\.m)(?<!\bno)(?<!\bdr)(?<!\bmr)(?<!\bms)\.(?=\s|\Z)"
    r"|\b(?:and|but|while|whereas|although|then|of which)\b|而且|并且|但是|[但而]"
)
_QUOTED = re.compile(r"[“「\"]([^“”「」\"]{1,60})[”」\"]")

# ('number', value), ('code', its pieces), ('name', its stem), ('quoted', what stands in the marks).
Key = tuple[str, str]


@dataclass(frozen=True)
class Clause:
    """`words` are those that are no keys and no units of numbers; `keys` what it names itself, `about`
    with the names that it takes over from the clause before ('Heron costs 9, takes 5 W')."""

    text: str
    words: frozenset[str]
    keys: frozenset[Key]
    about: frozenset[Key]
    dimensions: frozenset[tuple[Key, str]]
    sides: Keys
    negated: bool

    def dimension_of(self, key: Key) -> str:
        """The kind of quantity of a number, '' for none."""
        return next((of for own, of in self.dimensions if own == key), "")

    @property
    def all_words(self) -> frozenset[str]:
        """The words and the names, as words."""
        return self.words | {name for kind, name in self.about if kind in ("name", "code")}


@lru_cache(maxsize=8_192)
def clauses(text: str) -> tuple[Clause, ...]:
    """The clauses of a text, in order."""
    found: list[Clause] = []
    carried: frozenset[Key] = frozenset()
    for piece in _pieces(fold(text, lower=False)):
        clause = _clause(piece, carried)
        kinds = {kind for kind, _ in clause.keys}
        mere = not clause.words and not clause.negated
        if found and mere and kinds and "number" not in kinds:
            # 'such as A, B and C': the rest of a list of names.
            clause = _clause(f"{found.pop().text} , {piece}", carried)
        else:
            carried = clause.about
        carried = frozenset(key for key in clause.about if key[0] != "number") or carried
        found.append(clause)
    return tuple(found)


def _pieces(cased: str) -> Iterator[str]:
    position = 0
    for match in _BREAK.finditer(cased):
        piece = cased[position : match.start()].strip()
        position = match.end()
        if any(character.isalnum() for character in piece):
            yield piece
    if any(character.isalnum() for character in cased[position:]):
        yield cased[position:].strip()


def joined(text: str) -> tuple[Clause, ...]:
    """The clauses of a text, and behind them each with the one that follows it: 'above 80 degrees, it
    must stop' may be said without the comma."""
    single = clauses(text)
    both = (clause_of(f"{one.text} {two.text}") for one, two in pairwise(single))
    return (*single, *both)


@lru_cache(maxsize=8_192)
def clause_of(piece: str) -> Clause:
    """A text as one clause."""
    return _clause(piece, frozenset())


def with_names(found: Sequence[Clause], names: frozenset[str]) -> tuple[Clause, ...]:
    """The clauses with those of their words that are `names`, wherever they stand, told as such."""
    named: list[Clause] = []
    carried: frozenset[Key] = frozenset()
    for clause in found:
        own = {("name", word) for word in clause.words & names}
        keys_ = clause.keys | own
        numbers = frozenset(key for key in keys_ if key[0] == "number")
        about = numbers | ((keys_ - numbers) or carried or (clause.about - numbers))
        carried = about - numbers
        named.append(replace(clause, words=clause.words - names, keys=keys_, about=about))
    return tuple(named)


def shared(wanted: Iterable[str], held: Iterable[str]) -> frozenset[str]:
    """The wanted words that `held` has, alike in their first letters counting as the same ('delivery',
    'delivered')."""
    held = set(held)
    starts = {word[:5] for word in held if len(word) > 5 and word.isascii()}
    starts |= {word for word in held if len(word) == 5 and word.isascii()}
    return frozenset(
        word
        for word in wanted
        if word in held or (word.isascii() and len(word) >= 5 and word[:5] in starts)
    )


def nearest(clause: Clause, among: Iterable[Clause]) -> tuple[Clause | None, float]:
    """The clause that shares most of the words of `clause`, and the share, [0, 1]."""
    wanted = clause.all_words
    best, most = None, 0.0
    for other in among:
        share = len(shared(wanted, other.all_words)) / len(wanted) if wanted else 0.0
        if share > most:
            best, most = other, share
    return best, most


def _clause(piece: str, carried: frozenset[Key]) -> Clause:
    names: set[Key] = {("quoted", quoted.casefold()) for quoted in _QUOTED.findall(piece)}
    # The 7 of 'Qwen2.5-7B' is no number, and the GB behind one no identifier.
    rest, digits = _taken(piece, [code for code in codes(piece) if _has_digit(code[0])])
    numbers: set[Key] = set()
    dimensions: set[tuple[Key, str]] = set()
    for value, unit, start, end in quantities(rest.casefold()):
        numbers.add(("number", value))
        dimensions.add((("number", value), dimension(unit)))
        rest = rest[:start] + " " * (end - start) + rest[end:]
    rest, letters = _taken(rest, codes(rest))
    names |= {("code", ".".join(code)) for code in (*digits, *letters)}
    said = units(without_negation(rest))
    if HAN.search(piece):
        names |= {("name", word) for word in said.words if word.isascii() and word.isalpha()}
    else:
        names |= {("name", name) for name in said.names}
    called = {value for kind, value in names if kind == "name"}
    words = frozenset(
        word for word in said.words if word[0] != "#" and word not in called and len(word) > 1
    )
    return Clause(
        piece,
        words,
        frozenset(numbers | names),
        frozenset(numbers | (names or carried)),
        frozenset(dimensions),
        keys(piece),
        is_negated(piece.casefold()),
    )


def _taken(
    text: str, found: Iterable[tuple[tuple[str, ...], int, int]]
) -> tuple[str, list[tuple[str, ...]]]:
    """The text with what was found blanked out, and that."""
    taken = []
    for code, start, end in found:
        taken.append(code)
        text = text[:start] + " " * (end - start) + text[end:]
    return text, taken


def _has_digit(code: tuple[str, ...]) -> bool:
    return any(piece[0].isdigit() for piece in code)
