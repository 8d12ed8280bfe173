"""Charts that a PDF page draws: known by their marks, since the file does not call them so.

Bars are filled rectangles of one width on one line, of different lengths; lines and slices of a
pie are long strokes that are neither level nor upright. What a drawing shows in this way cannot
be read, so it is noted; its words are text of the page.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

Box = tuple[float, float, float, float]  # left, bottom, right, top

_FEWEST = 3  # bars, or long strokes
_LONG = 15.0  # points
_SMALLEST = (60.0, 40.0)  # points, either way round: less is a sign or a logo
_ALIKE = 1.0  # points


@dataclass(slots=True)
class Marks:
    """What the paths of a page have drawn besides level and upright lines."""

    strokes: list[Box] = field(default_factory=list)
    filled: list[Box] = field(default_factory=list)  # rectangles

    def stroke(self, a: tuple[float, float], b: tuple[float, float]) -> None:
        """A slanted line, or the ends of a curve."""
        if abs(a[0] - b[0]) + abs(a[1] - b[1]) >= _LONG:
            self.strokes.append(
                (min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1]))
            )

    def chart(self) -> bool:
        """Whether they draw a chart."""
        return _is_large(self.strokes) or _has_bars(self.filled)


def _is_large(boxes: Sequence[Box]) -> bool:
    if len(boxes) < _FEWEST:
        return False
    wide = max(b[2] for b in boxes) - min(b[0] for b in boxes)
    high = max(b[3] for b in boxes) - min(b[1] for b in boxes)
    return max(wide, high) >= _SMALLEST[0] and min(wide, high) >= _SMALLEST[1]


def _has_bars(boxes: Sequence[Box]) -> bool:
    """Three of one width on one line, each of another length; the cells of a shaded table are
    of one length where they are of one width."""
    upright: dict[tuple[int, int], list[Box]] = defaultdict(list)
    level: dict[tuple[int, int], list[Box]] = defaultdict(list)
    for left, bottom, right, top in boxes:
        upright[round(bottom / _ALIKE), round((right - left) / _ALIKE)].append(
            (left, bottom, right, top)
        )
        level[round(left / _ALIKE), round((top - bottom) / _ALIKE)].append(
            (bottom, left, top, right)
        )
    return any(
        _is_large(bars) and len({round(bar[3] / _ALIKE) for bar in bars}) >= _FEWEST
        for group in (upright, level)
        for bars in group.values()
    )
