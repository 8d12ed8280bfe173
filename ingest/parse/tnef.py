"""winmail.dat: what Outlook packs a mail's attachments, and sometimes its text, into (MS-OXTNEF)."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.parse.document import one_line
from ingest.parse.encoding import decode
from ingest.parse.mime import Attachment

_SIGNATURE = 0x223E9F78
_BODY = 0x0002800C
_BEGIN = 0x00069002  # attAttachRendData: another attachment begins
_TITLE = 0x00018010
_DATA = 0x0006800F
_PROPERTIES = 0x00069005
_MOST = 1_000  # attachments, and properties of one

# Properties of an attachment.
_LONG_NAME = 0x3707
_SIZES = {0x0002: 4, 0x0003: 4, 0x0004: 4, 0x0005: 8, 0x0006: 8, 0x0007: 8, 0x000A: 4, 0x000B: 4,
          0x0014: 8, 0x0040: 8, 0x0048: 16}  # fmt: skip
_SEVERAL = 0x1000
_COUNTED = frozenset((0x000D, 0x001E, 0x001F, 0x0102))


class TnefDamaged(Exception):
    """It is none, or is cut short."""


@dataclass(frozen=True, slots=True)
class Packed:
    body: str
    attachments: list[Attachment]


def in_tnef(packed: Attachment) -> Packed:
    """What is packed into a winmail.dat. Raises TnefDamaged."""
    body = ""
    found: list[Attachment] = []
    name, data = "", b""

    def close() -> None:
        if data or name:
            found.append(Attachment(name or "attachment", data))

    try:
        for attribute, value in _attributes(packed.data):
            if attribute == _BODY:
                body = _string(value)
            elif attribute == _BEGIN:
                close()
                name, data = "", b""
                if len(found) >= _MOST:
                    break
            elif attribute == _TITLE:
                name = name or one_line(_string(value))
            elif attribute == _DATA:
                data = value
            elif attribute == _PROPERTIES:
                name = _long_name(value) or name
    except struct.error as error:
        raise TnefDamaged from error
    close()
    return Packed(body, found)


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(attribute, value) of each; a level, the attribute, a length, the value and a checksum."""
    if len(data) < 6 or struct.unpack_from("<I", data)[0] != _SIGNATURE:
        raise TnefDamaged
    place = 6
    while place < len(data):
        _level, attribute, size = struct.unpack_from("<BII", data, place)
        begin = place + 9
        if begin + size > len(data):
            raise TnefDamaged
        yield attribute, data[begin : begin + size]
        place = begin + size + 2


def _long_name(data: bytes) -> str:
    """The attachment's whole name among its properties; '' where it has none, or they are of a
    kind that is not known."""
    try:
        (count,) = struct.unpack_from("<I", data)
        place = 4
        for _ in range(min(count, _MOST)):
            kind, which = struct.unpack_from("<HH", data, place)
            place += 4
            if which >= 0x8000:
                return ""  # named ones stand at the end
            if kind in _COUNTED or kind & _SEVERAL:
                (values,) = struct.unpack_from("<I", data, place)
                place += 4
                for _ in range(min(values, _MOST)):
                    size = _SIZES.get(kind & ~_SEVERAL)
                    if size is None:
                        (size,) = struct.unpack_from("<I", data, place)
                        place += 4
                    value = data[place : place + size]
                    place += size + -size % 4
                    if which == _LONG_NAME:
                        wide = kind & ~_SEVERAL == 0x001F
                        text = value.decode("utf-16-le", "replace") if wide else _string(value)
                        return one_line(text.rstrip("\0"))
            elif kind in _SIZES:
                place += _SIZES[kind]
            else:
                return ""
    except struct.error:
        return ""
    return ""


def _string(value: bytes) -> str:
    value = value.rstrip(b"\0")
    return decode(value) or value.decode("latin-1")
