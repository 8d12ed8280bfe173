"""Folders of mails that are one file (mbox, RFC 4155), as mail programs export them."""

from collections.abc import Iterator
from typing import Final

import regex

# The line before each mail, which a blank line parts from the mail before.
_MARK: Final = regex.compile(
    rb"^From [^\r\n]{1,200}\d\d:\d\d[^\r\n]{0,100}\r?\n(?=[\w-]{1,60}:)", regex.MULTILINE
)
_BLANK: Final = (b"\n\n", b"\n\r\n")
# Programs put a mark before lines of a mail that would look like one.
_QUOTED: Final = regex.compile(rb"^>(?=>{0,10}From )", regex.MULTILINE)


def is_mail_folder(head: bytes) -> bool:
    """Whether a file begins as such a folder."""
    return _MARK.match(head.lstrip()) is not None


def mails_in(data: bytes) -> Iterator[bytes]:
    """Each mail, in the order of the file."""
    data = data.lstrip()
    marks = [
        mark
        for mark in _MARK.finditer(data)
        if not mark.start() or data[max(mark.start() - 3, 0) : mark.start()].endswith(_BLANK)
    ]
    ends = [mark.start() for mark in marks[1:]] + [len(data)]
    for mark, end in zip(marks, ends, strict=True):
        yield _QUOTED.sub(b"", data[mark.end() : end])
