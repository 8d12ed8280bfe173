"""Files of other kinds that Word shows in place, as programs leave them that put documents together."""

from collections.abc import Callable

from ingest.parse.document import Builder, Content
from ingest.parse.encoding import decode
from ingest.parse.formats import begins_as_html, is_web_archive
from ingest.parse.html import write_html
from ingest.parse.mime import saved_page
from ingest.parse.rtf import parse_rtf

_HEAD = 4096


def write_chunk(data: bytes, into: Builder, read: Callable[[bytes], Content | None]) -> bool:
    """Write a chunk at its place; `data` tells of which kind it is. `read` opens one of Word's own, None for
    one that it cannot. False for what cannot be read."""
    if data.startswith(b"PK"):
        content = read(data)
        if content is None:
            return False
        into.take(content)
    elif data.lstrip().startswith(b"{\\rtf"):
        into.take(parse_rtf(data))
    elif is_web_archive(data):
        write_html(into, saved_page(data) or b"")
    elif begins_as_html(data[:_HEAD]) or b"</" in data[:_HEAD]:
        write_html(into, data)
    elif (text := decode(data)) is not None:
        into.paragraph(text)
    else:
        return False
    return True
