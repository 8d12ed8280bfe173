"""What readers of pages (PDF, OCR) hand over to be composed: lines of type."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cell:
    """A part of a line between wide gaps; `left` and `right` in points."""

    text: str
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line of type; lengths in points, heights from the bottom of the page.

    `edge`: it stands in the margin above or below the text, where running titles are. `rows`: it
    stands for a table that is drawn with lines; `cells` are then its columns, without text.
    `reach`: where its column of text ends on the right, if that is known. `narrow`: the cells where
    narrower gaps count, too, if these are more; they may be the words of a justified line.
    """

    text: str
    page: int  # 1-based
    left: float
    right: float
    top: float
    bottom: float
    size: float  # of the type
    bold: bool
    edge: bool
    cells: tuple[Cell, ...]
    rows: tuple[tuple[str, ...], ...] = ()
    reach: float = math.inf
    narrow: tuple[Cell, ...] = ()
