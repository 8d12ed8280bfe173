"""Addresses of files of this machine."""

import os
from pathlib import Path
from typing import Final
from urllib.parse import unquote

SCHEME: Final = "file://"


def source_uri(path: Path) -> str:
    """The file URI of an absolute path, readable: only what would break a line or a URI is escaped.

    Bytes that are no UTF-8 are escaped one by one, so that every path has a URI of its own.
    """
    escaped = []
    for char in os.fspath(path):
        if "\udc80" <= char <= "\udcff":  # a byte that did not decode (PEP 383)
            escaped.append(f"%{ord(char) - 0xDC00:02X}")
        elif char in "%?#" or ord(char) < 0x20 or ord(char) == 0x7F:
            escaped.append(f"%{ord(char):02X}")
        else:
            escaped.append(char)
    return SCHEME + "".join(escaped)


def path_of(source: str) -> Path:
    """The inverse of `source_uri`."""
    return Path(unquote(source.removeprefix(SCHEME), errors="surrogateescape"))
