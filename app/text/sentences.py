"""Where sentences begin and end, in Chinese and English, and windows made of them.

All spans are (start, end) in characters (code points) of the text given, end-exclusive.
"""

from bisect import bisect_right
from collections.abc import Iterator

import regex

from app.text.lines import is_table_row, soft_breaks
from app.text.width import CJK, fit, width

Span = tuple[int, int]

WINDOW_WIDTH = 200  # docs: dense retrieval is best at about 60 zh / 200 en characters

_CLOSERS = r"[\"'”’」』〉》）)\]】〕]*"
# What attaches to the character before it: combining marks, variation selectors, ZWJ.
_ATTACHED = r"[\p{M}\p{Grapheme_Cluster_Break=Extend}\u200d]*"
_END = regex.compile(
    rf"(?P<cjk>[。！？；｡]+[。！？；｡!?.]*{_ATTACHED}{_CLOSERS}{_ATTACHED})"
    rf"|(?P<mark>[!?][!?.！？。]*{_ATTACHED}{_CLOSERS}{_ATTACHED})"
    rf"|(?P<dot>[.．]+{_ATTACHED}{_CLOSERS}{_ATTACHED})"
)
_CONTINUES = regex.compile(r"[ \t]{0,64}[，、,;:：]")
_AFTER_MARK = regex.compile(rf"$|\s|[{CJK}\"“‘「『]")
_LOWER_AFTER_SPACE = regex.compile(r"\s{1,64}[a-zà-öø-ÿ]")
_WORD_BEFORE = regex.compile(r"[\p{L}\p{M}\p{N}.]*$", regex.REVERSE)
# White space to which nothing attaches: '\u0301' after a space forms one grapheme with it.
_BLANK = regex.compile(r"\s+(?!\p{Grapheme_Cluster_Break=Extend}|\p{Mc}|\u200d)")
_BULLET = regex.compile(rf"(?:[-*+•·▪●○■◆]|[#]{{1,6}}|>)(?=[ \t]){_BLANK.pattern}(?=\S)")
_SAYS = regex.compile(r"[\p{L}\p{N}\p{S}--[|+~^`=<>$]]", regex.V1)  # not a rule or a lone bullet
_CLAUSE = regex.compile(rf"[，、,;:：；|]{_CLOSERS}{_ATTACHED}")

# Words whose full stop does not end a sentence, lower case, without the last stop.
_ABBREVIATIONS = frozenset(
    """
    e.g i.e cf vs etc viz al approx ca resp incl excl esp est dept univ
    dr mr mrs ms prof sr jr st gen col capt lt sgt rev hon messrs
    fig figs eq eqs no nos vol vols pp ch chap sec sect art tab ref refs app ver
    inc ltd corp co bros jan feb mar apr jun jul aug sep sept oct nov dec
    mon tue wed thu fri sat sun a.m p.m u.s u.k u.n e.u ph.d
    """.split()
)
# Of those, the ones that end a sentence when a capital follows ('at 5 p.m. The …').
_MAY_END = frozenset("etc a.m p.m u.s u.k u.n e.u ph.d inc ltd corp co al".split())


def split_sentences(text: str, start: int = 0, end: int | None = None) -> list[Span]:
    """The sentences of text[start:end], in order, without the white space around them.

    A sentence ends at `。！？；.!?` with the quotes and brackets that close there, and at a
    line break, unless the line was merely wrapped at a margin (`app.text.lines`). A stop in a
    decimal, a version, a URL, an abbreviation, an initial or a list number ends nothing. A
    table row ('| a | b |') is one sentence. A bullet in front of a sentence is left out, so
    that the span reads well as a quote; a line of punctuation only is no sentence. No span
    begins or ends inside a grapheme.
    """
    end = len(text) if end is None else end
    spans: list[Span] = []
    for first, last in _segments(text, start, end):
        if is_table_row(text[first : min(last, first + 200)]):
            cuts = [last]
        else:
            cuts = [*_ends(text, first, last), last]
        position = first
        for cut in cuts:
            span = _trim(text, position, cut, bullet=position == first)
            if span[0] < span[1]:
                spans.append(span)
            position = cut
    return spans


def windows(text: str, start: int, end: int, target: int = WINDOW_WIDTH) -> list[Span]:
    """Consecutive sentences of text[start:end] merged greedily up to `target` width.

    A sentence of up to twice the target stays whole; a longer one is cut at clause marks
    (`，、,;:`), else at spaces, else between graphemes, into pieces of at most `target`.
    A window's width is thus at most 2 * target, but for a single grapheme wider than that.
    """
    pieces: list[Span] = []
    for span in split_sentences(text, start, end):
        if width(text[span[0] : span[1]]) <= 2 * target:
            pieces.append(span)
        else:
            pieces.extend(_cut(text, span, target))
    merged: list[Span] = []
    for first, last in pieces:
        if merged and width(text[merged[-1][0] : last]) <= target:
            merged[-1] = (merged[-1][0], last)
        else:
            merged.append((first, last))
    return merged


def skip_blank(text: str, start: int, end: int) -> int:
    """`start`, or behind the white space there, but never between it and what attaches to it."""
    blank = _BLANK.match(text, start, end)
    return blank.end() if blank else start


def _segments(text: str, start: int, end: int) -> Iterator[Span]:
    """Stretches of text[start:end] between the line breaks that mean something."""
    run: list[str] = []
    offsets: list[int] = []

    def flush() -> Iterator[Span]:
        first = 0
        for i, soft in enumerate(soft_breaks(run)):
            if not soft:
                yield offsets[first], offsets[i] + len(run[i])
                first = i + 1
        run.clear()
        offsets.clear()

    position = start
    while position < end:
        newline = text.find("\n", position, end)
        stop = end if newline < 0 else newline
        line = text[position:stop]
        if _SAYS.search(line):
            run.append(line)
            offsets.append(position)
        else:
            yield from flush()  # empty, or a rule ('---', '|---|') or a bullet on its own
        position = stop + 1
    yield from flush()


def _ends(text: str, start: int, end: int) -> Iterator[int]:
    """Positions behind the sentence ends in a segment, the segment's own end left out."""
    for match in _END.finditer(text, start, end):
        position = match.end()
        if position >= end or _CONTINUES.match(text, position, end):
            continue
        if match.group("cjk") is None:
            if not _AFTER_MARK.match(text, position, end):
                continue
            # 'Is it (really?) so': the sentence goes on behind the bracket.
            if text[position - 1] not in "!?" and _LOWER_AFTER_SPACE.match(text, position, end):
                continue
            if match.group("dot") and not _stop_ends(text, start, match.start(), position, end):
                continue
        yield position


def _stop_ends(text: str, start: int, stop: int, after: int, end: int) -> bool:
    """Whether the full stop(s) at `stop` end a sentence; `after` is behind its closing marks."""
    found = _WORD_BEFORE.search(text, max(start, stop - 40), stop)
    word = found.group() if found else ""
    begins_line = not text[max(start, stop - 40) : stop - len(word)].strip(" \t>#*-•(（")
    if begins_line and len(word) <= 3 and (word.isdecimal() or len(word) == 1):
        return False  # '1. ' and 'a. ' number a list item
    if word[-1:].isdecimal() and not text[after].isspace():
        return False  # '版本3.中文', '3.中文'
    if text[after - 1] not in ".．":
        return True  # closed by a quote or bracket
    lowered = word.lower()
    if lowered in _ABBREVIATIONS:
        return lowered in _MAY_END and _capital_follows(text, after, end)
    # An initial: 'J. Smith'. A digit or a CJK character before the stop is none.
    return not (len(word) == 1 and word.isalpha() and word.isupper() and word.isascii())


def _capital_follows(text: str, position: int, end: int) -> bool:
    rest = text[position : min(end, position + 20)].lstrip()
    return bool(rest) and (rest[0].isupper() or not rest[0].isascii())


def _trim(text: str, start: int, end: int, *, bullet: bool) -> Span:
    start = skip_blank(text, start, end)
    if bullet:
        marker = _BULLET.match(text, start, end)
        if marker:
            start = marker.end()
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _cut(text: str, span: Span, target: int) -> Iterator[Span]:
    """Pieces of at most `target` width, at the best place that lies in their latter half."""
    start, end = span
    while start < end:
        limit = fit(text, start, end, target)
        if limit < end:
            limit = _best_cut(text, start, limit)
        piece = _trim(text, start, limit, bullet=False)
        if piece[0] < piece[1]:
            yield piece
        start = limit


def _best_cut(text: str, start: int, limit: int) -> int:
    middle = start + (limit - start) // 2
    for pattern in (_CLAUSE, _BLANK):
        ends = [m.end() for m in pattern.finditer(text, start, limit)]
        # A mark that touches the limit may go on behind it (a closing quote, a combining mark).
        place = bisect_right(ends, limit - 1) - 1
        if place >= 0 and ends[place] > middle:
            return ends[place]
    return limit
