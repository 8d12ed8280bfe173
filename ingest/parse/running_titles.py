"""Headers, footers and page numbers of a paged document, which are no part of its text.

A line in the margin goes when it is a page number, or stands on other pages too. Two lines are
the same when they differ only in what tells of the page or of the printing: 'Page 3 of 6', a
number apart from the words that counts with the pages, a date, a time. Other numbers, and months,
tell one record from the next ('Machine sheet M-101', 'Closing balance: 4,310.22', 'Statement March
2026'), so such lines stay.
What such a line says in a sentence, or of the time for which the document holds, is kept once.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Literal

import regex

from ingest.parse.document import Builder
from ingest.parse.labels import labelled
from ingest.parse.page_lines import Line

_PAGE_NUMBER = regex.compile(
    r"[-–—\s]*(?:(?:page|seite|p\.|第)\s*)?(?:\d{1,4}|[ivxlc]{1,6})\s*"
    r"(?:/\s*\d+|of\s+\d+|[页頁]?[\s，,/]*(?:共\s*\d+\s*)?[页頁]?)[-–—\s]*$",
    regex.IGNORECASE,
)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
# What may differ: numbers of pages by their words, dates, times.
_VARIES = regex.compile(
    r"(?:\bpages?|\bseite|\bpág(?:ina)?\.?|\bp\.|\bpp\.|\bsheet|\bblatt)\s*\d{1,5}(?:\s*(?:of|/|von|de)\s*\d{1,5})?"
    r"|第\s*\d{1,5}\s*[页頁](?:[\s，,/]*共\s*\d{1,5}\s*[页頁])?|共\s*\d{1,5}\s*[页頁]"
    r"|\b\d{1,5}\s*(?:/|of)\s*\d{1,5}\b"
    r"|\b\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b"
    r"|\b\d{1,2}:\d{2}(?::\d{2})?\b"
    rf"|\b\d{{1,2}}\.?\s+{_MONTH}\s+\d{{4}}\b|\b{_MONTH}\s+\d{{1,2}},?\s+\d{{4}}\b",
    regex.IGNORECASE,
)
# A number at either end, set apart by more than a space.
_APART = regex.compile(r"(?<=[|·•–—\t]\s{0,3})\d{1,4}$|^\d{1,4}(?=\s{0,3}[|·•–—\t])")
_LAST_NUMBER = regex.compile(r"(?<=\s)\d{1,4}$")
_FEWEST_COUNTED = 3  # pages
_LARGER = 1.12  # times the usual size of type: a title
_LONGEST = 500  # characters of a running title that are looked at
_STOPS = tuple(".!?。！？")
_SMALL_WORD = regex.compile(r"\b\p{Ll}{2,}\b")
_HAN = regex.compile(r"\p{Han}")
_HOLDS = regex.compile(
    r"\b(?:valid|effective|in force|applies|applicable|expires)\b.*\d|\d.*(?:生效|施行|实施|有效|作废)"
    r"|(?:生效|施行|实施|有效|适用).*\d",
    regex.IGNORECASE,
)

Said = tuple[Literal["header", "footer"], str]


def without_running_titles(lines: Sequence[Line]) -> tuple[list[Line], list[Said]]:
    """The lines without headers, footers and page numbers, and what these say, each once.

    A title in larger type that is the same on several pages stays on the first.
    """
    pages = {line.page for line in lines}
    usual = _usual_size(lines)
    seen: dict[str, set[int]] = defaultdict(set)
    keys = {}
    for n, line in enumerate(lines):
        if line.edge and line.text.strip():
            keys[n] = _key(line, lines[n - 1] if n else None)
            seen[keys[n]].add(line.page)
    counted = _counted([line for n, line in enumerate(lines) if n in keys])
    tops: dict[int, float] = {}  # of the text on each page
    for line in lines:
        if not line.edge:
            tops[line.page] = max(tops.get(line.page, 0.0), line.top)
    kept: list[Line] = []
    said: dict[str, Said] = {}
    shown: set[str] = set()
    for n, line in enumerate(lines):
        key = keys.get(n)
        if key is not None:
            if _PAGE_NUMBER.match(line.text) and any(c.isalnum() for c in line.text):
                continue
            if _runs_on(seen[key], len(pages)) or (
                counted is not None and _offset(line) == counted
            ):
                if key in shown or line.size <= _LARGER * usual:
                    text = line.text.strip()
                    if key not in shown and _tells(text):
                        above = line.bottom >= tops.get(line.page, 0.0)
                        said.setdefault(key, ("header" if above else "footer", text))
                    continue
                shown.add(key)
        kept.append(line)
    return kept, list(said.values())


def _tells(text: str) -> bool:
    """Whether a running title is more than a name: a sentence, or since or until when it holds."""
    text = text[:_LONGEST]
    if _HOLDS.search(text):
        return True
    sentence = len(_SMALL_WORD.findall(text)) >= 3 or len(_HAN.findall(text)) >= 8
    return sentence and text.endswith(_STOPS)


def write_said(builder: Builder, said: Sequence[Said]) -> None:
    """At the end, under no heading, as the headers of other documents."""
    if said:
        builder.leave_sections()
        builder.page = None
    for kind, text in said:
        builder.paragraph(labelled(kind, text))


def _counted(lines: Sequence[Line]) -> int | None:
    """How far the numbers at an end of running titles are from those of the pages, if three pages
    have some: such lines go with them, also where a chapter has two pages."""
    pages: dict[int, set[int]] = defaultdict(set)
    for line in lines:
        offset = _offset(line)
        if offset is not None:
            pages[offset].add(line.page)
    offset = max(pages, key=lambda known: len(pages[known]), default=None)
    return offset if offset is not None and len(pages[offset]) >= _FEWEST_COUNTED else None


def _offset(line: Line) -> int | None:
    """From the number of the page to the one in a cell of its own at an end of a line."""
    if len(line.cells) < 2:
        return None
    for cell in (line.cells[-1], line.cells[0]):
        text = cell.text.strip()
        if text.isascii() and text.isdecimal() and len(text) <= 4:
            return int(text) - line.page
    return None


def _runs_on(pages: set[int], count: int) -> bool:
    """On three pages, or on most of a short document."""
    return len(pages) >= 3 or (len(pages) == 2 and count <= 3)


def _key(line: Line, before: Line | None) -> str:
    """The line's text with a mark for what may differ from page to page."""
    parts = [cell.text for cell in line.cells] or [line.text]
    if len(parts) > 1:
        # A cell of its own at either end that is the number of a page.
        parts = ["#" if part.strip().isdecimal() and len(part) <= 4 else part for part in parts]
    text = _APART.sub("#", _VARIES.sub("#", "\t".join(parts)))
    low = before is not None and before.page == line.page and before.bottom > line.top
    if low and (last := _LAST_NUMBER.search(text)) and int(last.group()) == line.page:
        text = text[: last.start()] + "#"  # below the text, and it counts with the pages
    return " ".join(text.split())


def _usual_size(lines: Sequence[Line]) -> float:
    sizes: dict[float, int] = defaultdict(int)
    for line in lines:
        if not line.edge:
            sizes[line.size] += len(line.text)
    return max(sizes, key=lambda size: sizes[size], default=0.0) or max(
        (line.size for line in lines), default=0.0
    )
