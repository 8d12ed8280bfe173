"""Addresses of documents within documents: what is attached to a mail.

Such a document's source is that of the mail, a mark and its own name: `file:///m/a.eml//!/offer.pdf`.
No file has such an address, since no path has two slashes in a row. A mail that is attached to a
mail may hold some again.
"""

_MARK = "//!/"
_LONGEST_NAME = 150  # characters


def enclosed_source(source: str, name: str) -> str:
    """The address of what is called `name` within the document at `source`; readable: only what
    would break a line or a URI is escaped."""
    escaped = (
        f"%{ord(char):02X}" if char in "%?#/" or ord(char) < 0x20 or ord(char) == 0x7F else char
        for char in name[:_LONGEST_NAME]
    )
    return f"{source}{_MARK}{''.join(escaped)}"


def encloser(source: str) -> str | None:
    """The address of the document that the one at `source` is enclosed in, if it is in any."""
    return source.rpartition(_MARK)[0] or None if _MARK in source else None


def outermost(source: str) -> str:
    """The address of the file that the document at `source` comes from: its own, or the mail's."""
    return source.partition(_MARK)[0]


def enclosed_under(source: str) -> str:
    """The address under which everything lies that is enclosed in the document at `source`."""
    return f"{source}{_MARK}".removesuffix("/")
