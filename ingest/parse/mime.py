"""The parts of an RFC 5322 message, decoded as its sender meant them.

Python's default mail policy decodes headers itself, in time that grows with the square of their
length; so headers are taken raw, cut where no mail program writes so much, and decoded here.
Chinese mail programs send GBK and Big5 without saying so: then the bytes decide.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from email import message_from_bytes
from email.generator import BytesGenerator
from email.header import decode_header
from email.message import Message
from email.policy import Compat32
from io import BytesIO

import regex

from app.text.width import CJK
from ingest.parse.document import one_line
from ingest.parse.encoding import decode

_LONGEST_PARAMETERS = 2_000  # characters of a header that has parameters
_LONGEST_HEADER = 50_000
_MOST_PARTS = 1_000
_DEEPEST = 20
# What is sent under these names is written in their supersets.
_WIDER = {
    "gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030",
    "big5": "big5hkscs", "x-x-big5": "big5hkscs", "iso-8859-1": "cp1252", "latin-1": "cp1252",
    "ks_c_5601-1987": "cp949", "shift_jis": "cp932",
}  # fmt: skip
_RAW_NAME = regex.compile(r"""name\s*=\s*(?:"([^"]*)"|([^\s;]+))""", regex.IGNORECASE)
_SIGNATURES = frozenset(
    ("application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature")
)


_MAILS = frozenset(("message/rfc822", "message/global"))
_REPORTS = frozenset(
    f"message/{name}"
    for name in ("delivery-status", "disposition-notification", "global-delivery-status")
)
_PAGES = frozenset(("text/html", "application/xhtml+xml"))
_TNEF = frozenset(("application/ms-tnef", "application/vnd.ms-tnef"))


class _Policy(Compat32):
    """Raw headers, bounded before any of them is interpreted."""

    def header_source_parse(self, sourcelines: Sequence[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(list(sourcelines))
        structured = name.lower().startswith("content-")
        return name, value[: _LONGEST_PARAMETERS if structured else _LONGEST_HEADER]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part with a name of its own; `message`: a mail within the mail."""

    name: str
    data: bytes
    message: Message | None = None
    picture: bool = False  # shown within the text
    kind: str = ""  # media type

    @property
    def is_tnef(self) -> bool:
        """Whether it is what Outlook packs a mail's attachments into."""
        return self.kind in _TNEF or self.name.lower() == "winmail.dat"


@dataclass(frozen=True, slots=True)
class Parts:
    """What a message holds. `plain`: what stands for the rich parts in programs that do not show them;
    `beside`: other plain text. `cut`: parts that were left out, being too many or too deep."""

    plain: list[str]
    rich: list[str]
    attachments: list[Attachment]
    cut: int = 0
    beside: list[str] = field(default_factory=list)


def read_message(data: bytes) -> Message:
    return message_from_bytes(data, policy=_Policy())


def saved_page(data: bytes) -> bytes | None:
    """The page in a web archive (MHTML), as browsers and Confluence write it; None if there is none."""
    for part, depth, _ in _leaves(read_message(data), 0, False):
        if part.get_content_type() in _PAGES and depth <= _DEEPEST:
            return b"\xef\xbb\xbf" + _text(part).encode("utf-8", "replace")
    return None


def written_out(message: Message) -> bytes:
    """A mail within a mail, as a file. Empty where it cannot be written."""
    file = BytesIO()
    try:
        BytesGenerator(file, mangle_from_=False, policy=_Policy()).flatten(message)
    except (LookupError, ValueError, TypeError, AttributeError):
        return b""  # parts that are declared in ways that the library can read but not write
    return file.getvalue()


def header(message: Message, name: str) -> str:
    """A header as text, '' if it is not there."""
    for key, raw in message.raw_items():
        if key.lower() == name.lower():
            return one_line(_decoded_header(str(raw)))
    return ""


def parts_of(message: Message) -> Parts:
    """The texts that are shown, and what is attached, in order."""
    plain: list[str] = []
    beside: list[str] = []
    rich: list[str] = []
    attached: list[Attachment] = []
    seen = cut = 0
    for part, depth, alternative in _leaves(message, 0, False):
        seen += 1
        if seen > _MOST_PARTS or depth > _DEEPEST:
            cut += 1
            continue
        kind = part.get_content_type()
        name = _file_name(part)
        if kind in _SIGNATURES:
            continue
        disposition = str(part.get("Content-Disposition") or "").strip().lower()
        is_file = disposition.startswith("attachment") or bool(name)
        if kind in ("text/plain", "text/html") and not is_file:
            chosen = rich if kind == "text/html" else plain if alternative else beside
            chosen.append(_text(part))
        elif kind in _REPORTS:
            beside.append(_fields(part))
        elif kind in _MAILS:
            found = _enclosed(part)
            if found is not None:
                attached.append(Attachment(name or header(found, "Subject"), b"", found))
        else:
            content = part.get_payload(decode=True)
            picture = kind.startswith("image/") and not disposition.startswith("attachment")
            attached.append(
                Attachment(
                    name or f"{kind.replace('/', '-')}{_SUFFIXES.get(kind, '')}",
                    content if isinstance(content, bytes) else b"",
                    picture=picture,
                    kind=kind,
                )
            )
    return Parts(plain, rich, attached, cut, beside)


_SUFFIXES = {
    "text/plain": ".txt", "text/html": ".html", "text/calendar": ".ics", "text/csv": ".csv",
    "application/json": ".json", "application/pdf": ".pdf",
    "text/rfc822-headers": ".txt",
}  # fmt: skip


def _leaves(part: Message, depth: int, alternative: bool) -> Iterator[tuple[Message, int, bool]]:
    """The parts that hold something; a mail within the mail is one of them. `alternative`: it, or
    what it lies in, is one of several for the same."""
    kind = part.get_content_type()
    if depth and (kind in _MAILS or kind in _REPORTS):
        yield part, depth, alternative
    elif part.is_multipart():
        inner = part.get_payload()
        if depth > _DEEPEST:
            yield part, depth, alternative
            return
        one_of = alternative or kind == "multipart/alternative"
        for child in inner if isinstance(inner, list) else []:
            if isinstance(child, Message):
                yield from _leaves(child, depth + 1, one_of)
    else:
        yield part, depth, alternative


def _fields(part: Message) -> str:
    """A report of a mail server: why a mail could not be delivered, or that it was read."""
    inner = part.get_payload()
    groups = (
        [child for child in inner if isinstance(child, Message)] if isinstance(inner, list) else []
    )
    lines = [
        f"{key}: {one_line(_decoded_header(str(raw)))}"
        for group in groups
        for key, raw in group.raw_items()
    ]
    return "\n\n".join(lines) or _text(part)  # paragraphs: lines might be taken for wrapped ones


def _enclosed(part: Message) -> Message | None:
    """The mail within a part. Some programs code it as if it were a file."""
    inner = part.get_payload()
    found = inner[0] if isinstance(inner, list) and inner else None
    if not isinstance(found, Message):
        return None
    coding = str(part.get("Content-Transfer-Encoding") or "").strip().lower()
    text = found.get_payload()
    if coding in ("base64", "quoted-printable") and not found.keys() and isinstance(text, str):
        coded = Message()
        coded["Content-Transfer-Encoding"] = coding
        coded.set_payload(text)
        data = coded.get_payload(decode=True)
        return read_message(data) if isinstance(data, bytes) else None
    return found


def _file_name(part: Message) -> str:
    try:
        name = part.get_filename()
    except (LookupError, ValueError, UnicodeError):  # a broken RFC 2231 name
        return ""
    if not name:
        return ""
    if "\ufffd" in str(name):
        # The library has replaced bytes that are no ASCII: they stand in the header as they came.
        name = _as_sent(part) or name
    return one_line(_decoded_header(str(name)))


def _as_sent(part: Message) -> str:
    """A file's name in bytes of its sender's own encoding, '' if it is not to be found."""
    for key, raw in part.raw_items():
        if key.lower() in ("content-disposition", "content-type"):
            found = _RAW_NAME.search(str(raw))
            if found is not None:
                return str(found.group(1) or found.group(2))
    return ""


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    declared = str(part.get_content_charset() or "").lower()
    ascii_only = declared in ("", "us-ascii", "ascii", "7bit", "8bit", "unknown-8bit")
    if declared and not ascii_only:
        try:
            return content.decode(_WIDER.get(declared, declared))
        except (LookupError, UnicodeDecodeError):
            pass  # a wrong declaration: the bytes decide
    return decode(content) or content.decode("utf-8", "replace")


def _decoded_header(raw: str) -> str:
    """Encoded words, and bytes that stand in the header as they are."""
    try:
        pieces = decode_header(raw)
    except (ValueError, LookupError):
        pieces = [(raw, None)]
    text = ""
    for piece, charset in pieces:
        if isinstance(piece, bytes):
            name = _WIDER.get((charset or "").lower(), charset or "")
            try:
                part = piece.decode(name) if name else ""
            except (LookupError, UnicodeDecodeError):
                part = ""
            text += part or _guessed(piece)
        else:
            text += _guessed(piece.encode("utf-8", "surrogateescape"))
    return text


def _guessed(data: bytes) -> str:
    if data.isascii():
        return data.decode("ascii")
    return decode(data) or data.decode("utf-8", "replace")


WORD = rf"[{CJK}]|[^\W_]+"
