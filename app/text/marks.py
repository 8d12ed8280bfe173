"""Unicode normal forms in linear time.

To put a run of combining marks in order takes time in the square of its length: 240 KB of marks on
one letter would keep the interpreter busy for minutes. No writing system has more than 30 on one
character (Unicode Standard Annex 15, stream-safe text format); what goes beyond is dropped.
"""

from typing import Literal
from unicodedata import normalize

import regex

_MOST = 30
_TOO_MANY = regex.compile(rf"(\P{{ccc=0}}{{{_MOST}}})\P{{ccc=0}}+")

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]


def bounded_marks(text: str) -> str:
    """The text with at most 30 combining marks in a row."""
    return text if text.isascii() else _TOO_MANY.sub(r"\1", text)


def normalised(form: Form, text: str) -> str:
    """`unicodedata.normalize` of `bounded_marks(text)`."""
    return text if text.isascii() else normalize(form, bounded_marks(text))


def nfc(text: str) -> str:
    """Composed form."""
    return normalised("NFC", text)
