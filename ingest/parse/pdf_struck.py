"""What a line is drawn through on a PDF page: what its author took back.

A PDF does not say what its strokes mean. One that runs through the middle of words, from the
beginning of one to the end of one or between two letters, and ends there, is neither an underline
nor the border of a cell.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from ingest.parse.pdf_rules import Ruling, Word

_MOST_RULINGS, _MOST_NEAR = 5_000, 200  # of a page, of a line of text: more is a drawing
_THICKEST: Final = 2.0  # points
_LOW, _HIGH = 0.28, 0.66  # of a line's height: where such a stroke runs
_BEYOND: Final = 0.4  # of that height, by which it may reach over the words
_COVERED: Final = 0.7  # of its length: else it joins words that stand apart, as a line of time does
_MISSED: Final = 0.2  # of that height, by which it may miss a letter's edge


def without_struck(
    runs: Sequence[Sequence[Word]],
    rulings: Sequence[Ruling],
    characters: Callable[[Word], list[Word]],
) -> tuple[list[list[Word]], list[str]]:
    """Each run of level words on one line without what is struck through, and the words left out.
    `rulings`: the lines of the page; `characters` takes a word apart."""
    strokes: dict[int, list[Ruling]] = defaultdict(list)
    if len(rulings) > _MOST_RULINGS:
        return [list(words) for words in runs], []
    for stroke in rulings:
        if stroke[3] - stroke[1] <= _THICKEST and stroke[2] - stroke[0] > _THICKEST:
            strokes[int((stroke[1] + stroke[3]) / 2)].append(stroke)
    kept: list[list[Word]] = []
    struck: list[str] = []
    for words in runs:
        own = list(_through(words, strokes, rulings)) if words else []
        if not own:
            kept.append(list(words))
            continue
        left: list[Word] = []
        taken: list[Word] = []
        for word in words:
            for part, is_struck in _parts(word, own, characters):
                (taken if is_struck else left).append(part)
        kept.append(left)
        if taken:
            struck.append("".join(f" {w.text}" if w.spaced else w.text for w in taken).strip())
    return kept, struck


def _through(
    words: Sequence[Word], strokes: dict[int, list[Ruling]], rulings: Sequence[Ruling]
) -> Iterator[Ruling]:
    """The strokes that run through words of a line."""
    bottom, top = min(w.bottom for w in words), max(w.top for w in words)
    near = [stroke for y in range(int(bottom), int(top) + 1) for stroke in strokes.get(y, ())]
    if len(near) > _MOST_NEAR:
        return  # a drawing
    for stroke in near:
        met = [w for w in words if _meets(stroke, w)]
        if not met:
            continue
        height = met[0].top - met[0].bottom
        covered = sum(min(stroke[2], w.right) - max(stroke[0], w.left) for w in met)
        within = (
            stroke[0] >= min(w.left for w in met) - _BEYOND * height
            and stroke[2] <= max(w.right for w in met) + _BEYOND * height
            and covered >= _COVERED * (stroke[2] - stroke[0])
        )
        if within and not any(_crosses(stroke, other) for other in rulings):
            yield stroke


def _meets(stroke: Ruling, word: Word) -> bool:
    height = word.top - word.bottom
    middle = (stroke[1] + stroke[3]) / 2 - word.bottom
    return (
        _LOW * height <= middle <= _HIGH * height
        and min(stroke[2], word.right) - max(stroke[0], word.left) > _MISSED * height
    )


def _crosses(stroke: Ruling, other: Ruling) -> bool:
    """Whether an upright line stands at the stroke, as one does at the border of a cell."""
    left, bottom, right, top = other
    upright = top - bottom > 2 * _THICKEST
    return (
        upright
        and left <= stroke[2] + 1
        and right >= stroke[0] - 1
        and bottom <= stroke[3] + 1
        and top >= stroke[1] - 1
    )


def _parts(
    word: Word, strokes: Sequence[Ruling], characters: Callable[[Word], list[Word]]
) -> Iterator[tuple[Word, bool]]:
    """The word, or its parts, each with whether it is struck through."""
    met = [stroke for stroke in strokes if _meets(stroke, word)]
    if not met:
        yield word, False
        return
    miss = _MISSED * (word.top - word.bottom)
    if any(s[0] <= word.left + miss and s[2] >= word.right - miss for s in met):
        yield word, True
        return
    group: list[Word] = []
    before = False
    spaced = word.spaced
    for character in characters(word):
        middle = (character.left + character.right) / 2
        is_struck = any(s[0] <= middle <= s[2] for s in met)
        if group and is_struck != before:
            yield _put_together(group, spaced), before
            group, spaced = [], False
        group.append(character)
        before = is_struck
    if group:
        yield _put_together(group, spaced), before


def _put_together(letters: Sequence[Word], spaced: bool) -> Word:
    return Word(
        "".join(w.text for w in letters),
        min(w.left for w in letters),
        min(w.bottom for w in letters),
        max(w.right for w in letters),
        max(w.top for w in letters),
        letters[0].first,
        letters[-1].last,
        spaced,
    )
