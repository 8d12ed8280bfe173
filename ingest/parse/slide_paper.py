"""What a slide's text stands on: white type on white paper is seen by nobody, nor is type without any colour.

White is what a run says of itself; what a layout gives it is left alone. The paper counts as white where that is
sure: a plain background, and nothing with a colour of its own on the slide or behind it that the shape touches.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from ingest.parse.ooxml import A, P, Package, integer

Box = tuple[int, int, int, int]  # left, top, right, bottom; in the shape's own units

_FILLS: Final = tuple(f"{A}{name}" for name in ("solidFill", "gradFill", "blipFill", "pattFill"))
_PALE: Final = 240  # of 255 in all three colours
_SOLID: Final = "1001"  # the theme's plain fill of a background; those after it are drawn
_UNSEEN: Final = 3_000  # of 100,000: more than this is not transparent
_PAPER: Final = frozenset(("bg1", "lt1"))


def is_doubtful(slide: Any) -> bool:
    """Whether some run of a slide says that it is white or clear."""
    for fill in slide.iterfind(f".//{A}rPr/{A}solidFill"):
        own, named = fill.find(f"{A}srgbClr"), fill.find(f"{A}schemeClr")
        if (
            (own is not None and _is_pale(own.get("val")))
            or (named is not None and named.get("val") in _PAPER)
            or _is_clear(fill)
        ):
            return True
    return False


class Paper:
    """Of one slide."""

    def __init__(
        self,
        package: Package,
        trees: Sequence[Any | None],
        master: str,
        of: Callable[[Any], Box | None],
    ) -> None:
        """`trees`: the slide, its layout and its master, whose part is `master`. `of`: where a shape stands;
        None where that is not known."""
        self._of = of
        self._trees = [tree for tree in trees if tree is not None]
        theme = next(iter(package.related(master, "theme")), "") if master else ""
        self._white = _is_white_theme(package.tree(theme) if theme else None, self._trees)
        self._coloured: list[tuple[Any, Box | None]] | None = None

    def hides(self, shape: Any) -> Callable[[Any], bool]:
        """Which runs of a shape nobody sees, by their a:rPr."""
        bare: bool | None = None

        def is_hidden(run: Any) -> bool:
            nonlocal bare
            fill = run.find(f"{A}solidFill")
            if fill is None or run.find(f"{A}ln") is not None:
                return False
            if _is_clear(fill):
                return True
            if run.find(f"{A}highlight") is not None or not self._is_white(fill):
                return False
            if bare is None:
                bare = self._on_white(shape)
            return bare

        return is_hidden

    def _is_white(self, fill: Any) -> bool:
        own = fill.find(f"{A}srgbClr")
        if own is not None:
            return _is_pale(own.get("val"))
        named = fill.find(f"{A}schemeClr")
        return self._white and named is not None and not len(named) and named.get("val") in _PAPER

    def _on_white(self, shape: Any) -> bool:
        if not self._plain() or _is_coloured(shape) or shape.getparent().tag == f"{P}grpSp":
            return False
        if self._coloured is None:
            self._coloured = list(self._behind())
        box = self._of(shape)
        if box is None:
            return not self._coloured
        return not any(
            other is not shape and (where is None or _touch(where, box))
            for other, where in self._coloured
        )

    def _plain(self) -> bool:
        """Whether the paper itself is white: by the first background that is given."""
        for tree in self._trees:
            ground = tree.find(f"{P}cSld/{P}bg")
            if ground is None:
                continue
            fill = ground.find(f"{P}bgPr/{A}solidFill")
            if fill is not None:
                return self._is_white(fill)
            theme = ground.find(f"{P}bgRef")
            if theme is None or theme.get("idx") != _SOLID:
                return False
            named = theme.find(f"{A}schemeClr")
            return self._white and named is not None and named.get("val") in _PAPER
        return self._white

    def _behind(self) -> Iterator[tuple[Any, Box | None]]:
        """Shapes with a colour, pictures and frames, of the slide and of what lies behind it."""
        for tree in self._trees:
            shapes = tree.find(f"{P}cSld/{P}spTree")
            for shape in shapes if shapes is not None else ():
                if shape.tag in (f"{P}nvGrpSpPr", f"{P}grpSpPr"):
                    continue
                if shape.tag != f"{P}sp" or _is_coloured(shape):
                    yield shape, self._of(shape)


def _is_coloured(shape: Any) -> bool:
    """Whether a shape may bring a colour of its own behind its text."""
    own = shape.find(f"{P}spPr")
    if own is None:
        return True
    if own.find(f"{A}noFill") is not None:
        return False
    if any(own.find(fill) is not None for fill in (*_FILLS, f"{A}grpFill")):
        return True
    style = shape.find(f"{P}style/{A}fillRef")
    return style is not None and style.get("idx") != "0"


def _is_white_theme(theme: Any | None, trees: Sequence[Any]) -> bool:
    """Whether the first light colour of the theme is white, and is what the master takes for its paper."""
    if any(tree.find(f"{P}clrMapOvr/{A}overrideClrMapping") is not None for tree in trees):
        return False
    mapped = next((found for tree in trees if (found := tree.find(f"{P}clrMap")) is not None), None)
    if mapped is not None and mapped.get("bg1") != "lt1":
        return False
    light = theme.find(f"{A}themeElements/{A}clrScheme/{A}lt1") if theme is not None else None
    if light is None:
        return theme is None
    return any(_is_pale(colour.get("lastClr") or colour.get("val")) for colour in light)


def _is_pale(value: str | None) -> bool:
    try:
        parts = bytes.fromhex(value or "")
    except ValueError:
        return False
    return len(parts) == 3 and min(parts) >= _PALE


def _is_clear(fill: Any) -> bool:
    alpha = fill.find(f"*/{A}alpha")
    return alpha is not None and integer(alpha.get("val"), 100_000) <= _UNSEEN


def _touch(first: Box, second: Box) -> bool:
    return (
        first[0] < second[2]
        and second[0] < first[2]
        and first[1] < second[3]
        and second[1] < first[3]
    )
