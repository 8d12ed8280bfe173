"""What a line break means: the end of something, or a line wrapped at a margin."""

from itertools import pairwise

import regex

from app.text.width import is_cjk, width

# '- ', '* ', '• ', '1. ', '1)', '(1)', 'a) ', '（一）', '一、', '①', '第一条' at the start of a line.
LIST_MARKER = regex.compile(
    r"[ \t]*(?:[-*+•·▪●○■◆–—]\s|\(?\d{1,3}[.)、）](?!\d)|\(?[a-zA-Z][)）]\s|[（(][\d一二三四五六七八九十]{1,3}[)）]"
    r"|[一二三四五六七八九十]{1,3}、|[①-⑳]|第[\d一二三四五六七八九十百]{1,4}[条章节])"
)
_TABLE_ROW = regex.compile(r"[ \t]*\|")
_TERMINAL = regex.compile(r"[。！？；：.!?:;…][\"'”’」』）)\]】》]*\s*$")
_FIRST_WORD = regex.compile(r"\s*(\S+)")

# A margin narrower than this is verse, an address or a list without bullets; a wider one is
# no margin: editors and mail programs wrap between 60 and 120 columns.
_NARROWEST, _WIDEST = 40, 130
# Columns that a wrapped line may fall short of the margin: a full-width punctuation mark that
# may not begin a line pulls one or two characters with it.
_SLACK = 6


def columns(text: str) -> int:
    """Terminal columns: CJK characters take 2, all others 1."""
    return (len(text) + width(text)) // 2


def is_table_row(line: str) -> bool:
    """Whether the line is written as '| cell | cell |'."""
    return _TABLE_ROW.match(line) is not None


def soft_breaks(lines: list[str]) -> list[bool]:
    """For each line of a run without blank lines: is the break after it a mere wrap?

    A run is wrapped when it has a margin between 40 and 130 columns and every line that does
    not end in closing punctuation comes so near to it that the first word of the next line
    would not have fitted. One line that breaks early shows that the author breaks lines on
    purpose (a list, a table, verse), and then no break of the run is soft. The break before a
    list marker or a table row is never soft. The last entry is False.
    """
    soft = [False] * len(lines)
    if len(lines) < 2:
        return soft
    widths = [columns(line.strip()) for line in lines]
    margin = max(widths)
    if not _NARROWEST <= margin <= _WIDEST:
        return soft
    for i, (line, following) in enumerate(pairwise(lines)):
        if LIST_MARKER.match(following) or is_table_row(following) or is_table_row(line):
            continue
        word = _FIRST_WORD.match(following)
        first = word.group(1) if word else ""
        needed = 2 if first and is_cjk(first[0]) else 1 + columns(first)
        if widths[i] + needed > margin - _SLACK:
            soft[i] = True
        elif not _TERMINAL.search(line):
            return [False] * len(lines)
    return soft


def join_wrapped(first: str, second: str) -> str:
    """Two wrapped lines as one text.

    Nothing between two CJK characters; a hyphen at the end of a line before a lower-case
    letter is kept without a space ('open-' + 'source' is 'open-source': whether the hyphen
    belongs to the word cannot be known here); a soft hyphen goes; else one space.
    """
    first, second = first.rstrip(), second.lstrip()
    if not first or not second:
        return first + second
    if first.endswith("\u00ad"):
        return first[:-1] + second
    if first[-1] in "-‐" and len(first) > 1 and first[-2].isalpha() and second[0].islower():
        return first + second
    if is_cjk(first[-1]) and is_cjk(second[0]):
        return first + second
    return f"{first} {second}"


def unwrap(text: str) -> str:
    """The text with soft line breaks joined; other line breaks stay."""
    lines = text.split("\n")
    soft = soft_breaks(lines)
    joined = [lines[0]]
    for i, line in enumerate(lines[1:]):
        if soft[i]:
            joined[-1] = join_wrapped(joined[-1], line)
        else:
            joined.append(line)
    return "\n".join(joined)
