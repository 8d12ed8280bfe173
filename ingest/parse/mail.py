"""Mails: subject, who, when, the body, and what is attached, each file under its own name.

The plain text is taken, unless it is a stub for mail programs without HTML. Attachments are
read as files are, forwarded mails as mails; what cannot be read is named, and noted.
"""

import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from email.message import Message
from pathlib import Path, PurePath

import regex

from app.errors import DocumentEncrypted, GroundkbError
from app.text.lines import unwrap
from ingest.parse.document import Builder, Content, Limits, ParsedDocument, clean, one_line
from ingest.parse.html import write_html
from ingest.parse.mime import WORD, Attachment, header, parts_of, read_message

Read = Callable[[Path, str, Limits], ParsedDocument]

_MOST_ATTACHMENTS = 100
_DEEPEST = 5  # mails within mails
_WORD = regex.compile(WORD)
_STUB = 0.6  # share of the HTML part's words that a plain part of the same text holds
_SHORT = 400  # a plain part that is another text, and longer, is kept beside the HTML part
_SMALL_PICTURE = 8_000  # bytes: a logo or a smiley
_HEADERS = ("Subject", "From", "To", "Cc", "Date")


@dataclass(slots=True)
class _Budget:
    """What is left for the attachments of one mail, those of mails within it counted."""

    files: int
    bytes: int


def parse_eml(path: Path, name: str, limits: Limits, read: Read) -> Content:
    """An RFC 5322 message; `read` reads its attachments. Raises DocumentEncrypted."""
    message = read_message(path.read_bytes())
    if message.get_content_type() in ("application/pkcs7-mime", "multipart/encrypted"):
        raise DocumentEncrypted(path=name)
    builder = Builder()
    budget = _Budget(_MOST_ATTACHMENTS, limits.max_unpacked_bytes)
    headers = _write(builder, message, limits, read, budget, 1)
    metadata = {key.lower(): headers[key] for key in ("From", "To", "Date") if key in headers}
    return builder.finish(title=headers.get("Subject", ""), metadata=metadata)


def parse_msg(path: Path, _name: str, limits: Limits, read: Read) -> Content:
    """An Outlook message."""
    from oxmsg import Message as OutlookMessage  # lazy: only Outlook files need it

    message = OutlookMessage.load(str(path))
    sent = message.sent_date
    headers = {
        "Subject": message.subject or "",
        "From": message.sender or "",
        "To": "; ".join(r.name or r.email_address or "" for r in message.recipients),
        "Date": sent.isoformat(" ", "minutes") if sent else "",
    }
    headers = {key: one_line(value) for key, value in headers.items() if value.strip()}
    builder = Builder()
    _write_headers(builder, headers, 1)
    rich = message.html_body or ""
    _write_body(builder, [message.body or ""], [rich] if rich else [])
    attached = [
        Attachment(one_line(a.file_name or ""), a.file_bytes or b"") for a in message.attachments
    ]
    budget = _Budget(_MOST_ATTACHMENTS, limits.max_unpacked_bytes)
    _write_attachments(builder, attached, limits, read, budget, 1)
    metadata = {key.lower(): headers[key] for key in ("From", "To", "Date") if key in headers}
    return builder.finish(title=headers.get("Subject", ""), metadata=metadata)


def _write(
    builder: Builder, message: Message, limits: Limits, read: Read, budget: _Budget, level: int
) -> dict[str, str]:
    """A mail under a heading of this level; its headers."""
    headers = {key: value for key in _HEADERS if (value := header(message, key))}
    _write_headers(builder, headers, level)
    parts = parts_of(message)
    _write_body(builder, parts.plain, parts.rich)
    if parts.cut:
        builder.note("cut", count=parts.cut)
    _write_attachments(builder, parts.attachments, limits, read, budget, level)
    return headers


def _write_headers(builder: Builder, headers: dict[str, str], level: int) -> None:
    builder.heading(headers.get("Subject", ""), level)
    lines = (f"{key}: {value}" for key, value in headers.items() if key != "Subject")
    builder.paragraph("\n".join(lines))


def _write_body(builder: Builder, plain: Iterable[str], rich: Iterable[str]) -> None:
    text, source = "\n\n".join(plain), "\n".join(rich)
    if source.strip():
        trial = Builder()
        write_html(trial, source)
        shown = trial.finish().text
        same = _covers(text, shown)
        if not same:
            write_html(builder, source)
            if len(text.strip()) <= _SHORT or _covers(shown, text):
                return  # a stub, or a part of the same
    for paragraph in clean(text).split("\n\n"):
        builder.paragraph(unwrap(paragraph.strip("\n")))


def _covers(text: str, other: str) -> bool:
    """Whether `text` holds most of the words of `other`."""
    words = set(_WORD.findall(other.lower()))
    return len(words & set(_WORD.findall(text.lower()))) >= _STUB * len(words)


def _write_attachments(
    builder: Builder,
    attached: Iterable[Attachment],
    limits: Limits,
    read: Read,
    budget: _Budget,
    level: int,
) -> None:
    """Their names, then each that can be read under its name."""
    files = [a for a in attached if not (a.picture and len(a.data) < _SMALL_PICTURE)]
    names = ", ".join(dict.fromkeys(a.name for a in files if a.name))
    if names:
        builder.paragraph(f"Attachments: {names}")
    for file in files:
        if file.message is not None:
            if level >= _DEEPEST or budget.files <= 0:
                builder.note("cut", file.name)
                continue
            budget.files -= 1
            _write(builder, file.message, limits, read, budget, level + 1)
            continue
        budget.files -= 1
        budget.bytes -= len(file.data)
        if budget.files < 0 or budget.bytes < 0:
            builder.note("cut", file.name)
            continue
        _write_file(builder, file, limits, read, level + 1)


def _write_file(builder: Builder, file: Attachment, limits: Limits, read: Read, level: int) -> None:
    # Its name decides, with its content, what it is read as; it is no place to write to.
    name = PurePath(file.name.replace("\\", "/")).name or "attachment"
    with tempfile.TemporaryDirectory(prefix="groundkb-mail-") as folder:
        path = Path(folder) / "attachment"
        path.write_bytes(file.data)
        try:
            inner = read(
                path, name, replace(limits, max_unpacked_bytes=limits.max_unpacked_bytes // 2)
            )
        except GroundkbError:
            builder.note("picture" if file.picture else "embedded_file", name)
            return
    builder.include(inner, name, level)
