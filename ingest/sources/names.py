"""Names that others gave their files, made safe to be addresses and places here."""

import hashlib
import os
import unicodedata

from app.text.marks import nfc
from ingest.parse.encoding import decode_names

_LONGEST_NAME = (
    180  # bytes of UTF-8; file systems take 255, and a name gets a prefix here and there
)
_LONGEST_PATH = 700  # bytes of UTF-8: with the folder before it within what an address may have


def shown_name(name: str) -> str:
    """A file's name as text. Of one that was made on another system, and is no UTF-8 here, what it was called
    there; controls become spaces."""
    if any("\udc80" <= char <= "\udcff" for char in name):
        [name] = decode_names([os.fsencode(name)])
    return "".join(char if unicodedata.category(char) != "Cc" else " " for char in name)


def safe_name(given: str) -> str:
    """A file name from what a client calls its file: one path component, printable, of bounded length.

    A name that is too long keeps its ending and gets a digest, so that two of them stay apart.
    """
    name = nfc(given).replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(char if unicodedata.category(char)[0] != "C" else " " for char in name)
    name = " ".join(name.split()).lstrip(". ")
    if len(name.encode()) <= _LONGEST_NAME:
        return name or "unnamed"
    stem, dot, ending = name.rpartition(".")
    ending = f"{dot}{ending}" if dot and len(ending) <= 10 else ""
    mark = "-" + hashlib.sha256(name.encode()).hexdigest()[:8] + ending
    room = _LONGEST_NAME - len(mark.encode())
    return (stem or name).encode()[:room].decode(errors="ignore").rstrip() + mark


def safe_path(given: str) -> str:
    """The name with the folders that it was sent with, each made safe; of a path that is no relative
    one, and so tells of the client's machine, the name alone. Of too long a one the inner folders."""
    given = "".join(" " if char in "\n\r\t" else char for char in given)
    folders = nfc(given).replace("\\", "/").split("/")[:-1]
    if not folders or not folders[0] or folders[0].endswith(":") or ".." in folders:
        return safe_name(given)
    path = safe_name(given)
    for folder in reversed([folder for folder in folders if folder.strip(". ")]):
        longer = f"{safe_name(folder)}/{path}"
        if len(longer.encode()) > _LONGEST_PATH:
            break
        path = longer
    return path
