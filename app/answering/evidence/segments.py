"""Cutting a draft, while it is being written, into pieces that can be checked one by one."""

import re
from dataclasses import dataclass

from app.answering.evidence.statements import MARK
from app.text.lines import is_table_row
from app.text.sentences import split_sentences

_FENCE = re.compile(r"[ \t]{0,32}(`{3,}|~{3,})")
_MARKS = re.compile(rf"(?:{MARK.pattern})*", re.IGNORECASE)
_OPENS_MARK = "[［【(（"
# A mark is closed within so many characters or is none.
_LONGEST_MARK = 24


@dataclass(frozen=True)
class Segment:
    """`lead` is the white space before `body`; the segments of a draft joined give the draft, but for
    white space at its end."""

    lead: str
    body: str


class Segmenter:
    """Takes a draft in pieces and gives back its sentences, list items, table rows and code blocks,
    each as soon as nothing that may follow can change where it ends. A citation mark belongs to what
    it stands behind.
    """

    def __init__(self) -> None:
        self._rest = ""

    def take(self, text: str) -> list[Segment]:
        """What is complete now that `text` has come."""
        self._rest += text
        return self._cut(final=False)

    def end(self) -> list[Segment]:
        """All that is left."""
        return self._cut(final=True)

    def _cut(self, *, final: bool) -> list[Segment]:
        found: list[Segment] = []
        start = position = 0
        text = self._rest
        while position < len(text):
            stop, complete = _line_end(text, position)
            if not complete and not final:
                fence = _FENCE.match(text, position) or "\n" in text[position:]
                ends = [] if fence else _settled(text, position, stop)
            elif _FENCE.match(text, position):
                ends = [stop]
            else:
                ends = [*_sentence_ends(text, position, stop)]
                ends = [*ends[:-1], stop]
            for end in ends:
                piece = text[start:end]
                body = piece.lstrip()
                if body.strip():
                    found.append(Segment(piece[: len(piece) - len(body)], body.rstrip()))
                    start = end - (len(body) - len(body.rstrip()))
            if not complete and not final:
                break
            position = stop
        self._rest = text[start:]
        return found


def _line_end(text: str, position: int) -> tuple[int, bool]:
    """Where the line, or the code block that begins with it, ends (its line break included), and
    whether it is all there."""
    newline = text.find("\n", position)
    if newline < 0:
        return len(text), False
    fence = _FENCE.match(text, position)
    if not fence:
        return newline + 1, True
    closing = re.compile(rf"^[ \t]*{re.escape(fence[1])}[`~]*[ \t]*(?:\n|\Z)", re.MULTILINE)
    closed = closing.search(text, newline + 1)
    return (closed.end(), True) if closed else (len(text), False)


def _sentence_ends(text: str, start: int, stop: int) -> list[int]:
    """Ends of the sentences of one line, the marks behind them included; the last is `stop`."""
    line = text[start:stop]
    if is_table_row(line):
        return [stop]
    ends: list[int] = []
    for _, end in split_sentences(line):
        marks = _MARKS.match(line, end)
        place = start + (marks.end() if marks else end)
        if not ends or place > ends[-1]:
            ends.append(place)
    if ends:
        ends[-1] = stop
    return ends or [stop]


def _settled(text: str, start: int, stop: int) -> list[int]:
    """Ends of the sentences of an unfinished line behind which something else has begun."""
    settled = []
    for end in _sentence_ends(text, start, stop)[:-1]:
        rest = text[end:stop].lstrip()
        closed = len(rest) > _LONGEST_MARK or any(mark in rest for mark in "]］】)）")
        if len(rest) >= 2 and (rest[0] not in _OPENS_MARK or closed):
            settled.append(end)
    return settled
