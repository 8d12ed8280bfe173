"""Paragraphs of a shape: lists with the bullets and numbers that PowerPoint shows."""

from collections.abc import Callable
from typing import Any

import regex

from ingest.parse.document import Builder
from ingest.parse.drawings import drawn_text
from ingest.parse.numerals import numeral
from ingest.parse.ooxml import A, integer

# Kinds of automatic numbers (ECMA-376 part 1, 20.1.10.61): what counts, and what stands around.
_COUNTING = {
    "arabic": "decimal", "arabicDb": "decimalFullWidth", "alphaLc": "lowerLetter",
    "alphaUc": "upperLetter", "romanLc": "lowerRoman", "romanUc": "upperRoman",
    "ea1Chs": "chineseCountingThousand", "ea1Cht": "taiwaneseCountingThousand",
    "ea1JpnChs": "japaneseCounting", "ea1JpnKor": "japaneseCounting", "circleNumDb": "decimalEnclosedCircle",
    "circleNumWdBlack": "decimalEnclosedCircle", "circleNumWdWhite": "decimalEnclosedCircle",
}  # fmt: skip
_AROUND = {"Period": "{}.", "ParenR": "{})", "ParenBoth": "({})", "Plain": "{}", "Minus": "- {} -"}
_KIND = regex.compile(r"(.+?)(Period|ParenR|ParenBoth|Plain|Minus)")


def write_text(
    builder: Builder, body: Any, *, listed: bool, unseen: Callable[[Any], bool] | None = None
) -> None:
    """The paragraphs of a txBody. `listed`: they have bullets unless they say otherwise. `unseen`: which of
    their runs nobody sees."""
    inherited = body.find(f"{A}lstStyle")
    counts: dict[int, int] = {}
    for paragraph in body.iterfind(f"{A}p"):
        text = drawn_text(paragraph, builder, unseen)
        own = paragraph.find(f"{A}pPr")
        level = min(max(integer(own.get("lvl")) if own is not None else 0, 0), 8)
        if not text.strip():
            continue
        style = inherited.find(f"{A}lvl{level + 1}pPr") if inherited is not None else None
        mark = _bullet(own, style)
        for deeper in [n for n in counts if n > level]:
            del counts[deeper]
        if mark is not None and mark.tag == f"{A}buAutoNum":
            counts[level] = counts.get(level, integer(mark.get("startAt"), 1) - 1) + 1
            builder.list_item(text, level + 1, _number(counts[level], mark.get("type") or ""))
            continue
        counts.pop(level, None)
        if (mark is not None and mark.tag == f"{A}buNone") or (mark is None and not listed):
            builder.paragraph(text)
        else:
            builder.list_item(text, level + 1)


def _bullet(*properties: Any) -> Any | None:
    """What the paragraph, or else the shape's style, says of its bullet."""
    for element in properties:
        for name in ("buNone", "buAutoNum", "buChar", "buBlip"):
            found = element.find(f"{A}{name}") if element is not None else None
            if found is not None:
                return found
    return None


def _number(value: int, kind: str) -> str:
    match = _KIND.fullmatch(kind)
    name, around = match.groups() if match else ("arabic", "Period")
    return _AROUND[around].format(numeral(value, _COUNTING.get(name, "decimal")))
