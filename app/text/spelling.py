"""Misspelt words of a question, by the words that the documents hold.

Only words of Latin letters from five on: of shorter ones too many are like each other, codes and
names with digits say what they mean, and Chinese is not written letter by letter. Words that begin
with another letter are no candidates, since few people miss the first one and names often differ in it.
"""

import re
from collections.abc import Iterable
from typing import Final

import snowballstemmer
from rapidfuzz.distance import DamerauLevenshtein
from rapidfuzz.process import extract

_LETTER: Final = "A-Za-zÀ-ÖØ-öø-ɏ"
_WORD: Final = re.compile(rf"(?<![{_LETTER}0-9_])[{_LETTER}]{{5,40}}(?![{_LETTER}0-9_])")
_LONG: Final = 8  # from so many letters on two slips are forgiven, else one
_CANDIDATES: Final = 2


def words_of(text: str) -> set[str]:
    """Its Latin words of five letters and more, in lower case."""
    return {word.lower() for word in _WORD.findall(text)}


class Spelling:
    """The words known so far. Not to be added to from several threads at once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], set[str]] = {}
        self._stem = snowballstemmer.stemmer("english").stemWord

    def add(self, words: Iterable[str]) -> None:
        """More known words, as `words_of` gives them."""
        for word in words:
            self._known.setdefault((word[0], len(word)), set()).add(word)

    def unknown(self, text: str) -> list[str]:
        """The words of `text` that are not known as they are written, in alphabetical order."""
        return sorted(w for w in words_of(text) if w not in self._known.get((w[0], len(w)), ()))

    def near(self, word: str) -> tuple[str, ...]:
        """The known words that an unknown one may stand for: the nearest, at most two, one or two
        letters away (one added, missing, other, or two changed places). None when a known word is
        another form of it: 'pumps' beside 'pump'."""
        slips = 2 if len(word) >= _LONG else 1
        lengths = range(len(word) - slips - 1, len(word) + slips + 2)
        known = {w for length in lengths for w in self._known.get((word[0], length), ())}
        stem = self._stem(word)
        if any(self._stem(w) == stem for w in known if w[:3] == word[:3]):
            return ()
        found = extract(
            word, known, scorer=DamerauLevenshtein.distance, score_cutoff=slips, limit=None
        )
        least = min((distance for _, distance, _ in found), default=0)
        return tuple(sorted(w for w, distance, _ in found if distance == least)[:_CANDIDATES])
