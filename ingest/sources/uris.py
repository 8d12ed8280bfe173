"""Addresses of files of this machine."""

import os
import re
from pathlib import Path
from typing import Final
from urllib.parse import unquote

SCHEME: Final = "file://"
_ESCAPED: Final = re.compile("[%?#\x00-\x1f\x7f\udc80-\udcff]")


def source_uri(path: Path) -> str:
    """The file URI of an absolute path, readable: only what would break a line or a URI is escaped.

    Bytes that are no UTF-8 are escaped one by one, so that every path has a URI of its own.
    """
    return SCHEME + _ESCAPED.sub(_escape, os.fspath(path))


def _escape(match: re.Match[str]) -> str:
    # U+DC80 and so on: a byte that did not decode (PEP 383).
    return f"%{ord(match.group()) & 0xFF:02X}"


def path_of(source: str) -> Path:
    """The inverse of `source_uri`."""
    return Path(unquote(source.removeprefix(SCHEME), errors="surrogateescape"))
