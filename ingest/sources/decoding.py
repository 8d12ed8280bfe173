"""The body of a web page, unpacked as it comes, a bounded piece at a time."""

import zlib
from collections.abc import Iterator
from typing import Final

import httpx

from app.errors import Phrase, SourceUnreachable

_PIECE: Final = 65_536
_GZIP: Final = 16 + zlib.MAX_WBITS
_WINDOWS: Final = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": zlib.MAX_WBITS}


def decoded(response: httpx.Response, url: str) -> Iterator[bytes]:
    """The bytes of a body that is not coded, or coded once: packing what is packed already serves
    only to hide how large it is.

    Whoever takes the pieces bounds them in all. Raises SourceUnreachable, and httpx's errors.
    """
    codings = [
        coding
        for part in response.headers.get("content-encoding", "").split(",")
        if (coding := part.strip().lower()) not in ("", "identity")
    ]
    if not codings:
        yield from response.iter_raw(_PIECE)
        return
    if len(codings) > 1 or codings[0] not in _WINDOWS:
        detail = Phrase("content_coding", coding=", ".join(codings))
        raise SourceUnreachable(url=url, detail=detail)
    try:
        yield from _unpacked(response.iter_raw(_PIECE), _WINDOWS[codings[0]])
    except (zlib.error, EOFError) as error:
        raise SourceUnreachable(
            url=url, detail=Phrase("file_said", path=codings[0], error=error)
        ) from error


def _unpacked(packed: Iterator[bytes], window: int) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(window)
    begun = False
    for piece in packed:
        rest = piece
        while rest:
            if unpacker.eof:  # gzip files may follow each other
                unpacker = zlib.decompressobj(window)
            try:
                unpacked = unpacker.decompress(rest, _PIECE)
            except zlib.error:
                if begun or window != zlib.MAX_WBITS:
                    raise
                # 'deflate' of servers that leave out its frame.
                window = -zlib.MAX_WBITS
                unpacker = zlib.decompressobj(window)
                unpacked = unpacker.decompress(rest, _PIECE)
            begun = True
            if unpacked:
                yield unpacked
            rest = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
    while begun and not unpacker.eof:
        unpacked = unpacker.decompress(unpacker.unconsumed_tail, _PIECE)
        if not unpacked:
            raise EOFError("it ends in the middle")
        yield unpacked
