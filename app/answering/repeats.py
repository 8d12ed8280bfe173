"""Passages that repeat a better-ranked one: the same notice in ten documents is one finding."""

import re
from collections.abc import Sequence
from functools import cached_property

from app.index.protocol import Hit
from app.text.marks import normalised

# Characters of a shingle. One changed character alters 5 of them, so that texts of fewer than
# about 95 characters are alike only when they are equal.
_SHINGLE = 5
# Least Jaccard similarity, [0, 1], of two passages' shingles to be called alike (Broder 1997).
_ALIKE = 0.9
# Texts of lengths further apart are not compared by shingles: to be alike they would have to
# repeat within themselves.
_LENGTHS = 0.8
_SILENT = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"\d+")


class _Print:
    """A passage in the form in which it is compared."""

    def __init__(self, text: str) -> None:
        unified = normalised("NFKC", text)
        self.text = _SILENT.sub("", unified.casefold())
        self.numbers = _NUMBER.findall(unified)

    @cached_property
    def shingles(self) -> frozenset[str]:
        """Made only for the few passages that agree in length and numbers."""
        places = range(max(len(self.text) - _SHINGLE + 1, 1))
        return frozenset(self.text[place : place + _SHINGLE] for place in places)


def part_repeats(hits: Sequence[Hit]) -> tuple[tuple[Hit, ...], tuple[Hit, ...]]:
    """(hits that say something new, hits that repeat one of those), each in the order given.

    Texts are compared without letter case, punctuation, white space and width of characters.
    They are alike when equal, or when 0.9 of their shingles are shared and all numbers are the
    same: two price lists that differ in a price are no repeats, nor two versions of a manual.
    """
    new: list[Hit] = []
    repeats: list[Hit] = []
    prints: list[_Print] = []
    for hit in hits:
        own = _Print(hit.passage.text)
        if any(_alike(own, other) for other in prints):
            repeats.append(hit)
        else:
            new.append(hit)
            prints.append(own)
    return tuple(new), tuple(repeats)


def _alike(one: _Print, other: _Print) -> bool:
    if one.numbers != other.numbers:
        return False
    if one.text == other.text:
        return True
    shorter, longer = sorted((len(one.text), len(other.text)))
    if shorter < _LENGTHS * longer:
        return False
    shared = len(one.shingles & other.shingles)
    return shared >= _ALIKE * (len(one.shingles) + len(other.shingles) - shared)
