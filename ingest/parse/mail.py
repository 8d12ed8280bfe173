"""Mails, one or a whole folder of them: subject, who, when, the body; what is attached becomes documents of its own.

The plain text is taken, unless it is a stub for mail programs without HTML. Attachments are
read as files are, forwarded mails as mails; what cannot be read is named, and noted.
"""

import io
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from email.message import Message
from pathlib import Path, PurePath

import regex

from app.errors import DocumentEncrypted, GroundkbError
from app.text.lines import unwrap
from ingest.parse.archive import open_archive
from ingest.parse.document import (
    Builder,
    Content,
    Enclosed,
    Limits,
    ParsedDocument,
    clean,
    one_line,
)
from ingest.parse.html import write_html
from ingest.parse.labels import labelled
from ingest.parse.mail_folder import mails_in
from ingest.parse.mime import WORD, Attachment, header, parts_of, read_message, written_out
from ingest.parse.tnef import TnefDamaged, in_tnef

Read = Callable[[Path, str, Limits], ParsedDocument]

_WORD = regex.compile(WORD)
_STUB = 0.6  # share of the HTML part's words that a plain part of the same text holds
_SHORT = 400  # a plain part that is another text, and longer, is kept beside the HTML part
_LONG_BLOCK = 12  # words: shorter ones are often links that lead to the mail's page
_SMALL_PICTURE = 8_000  # bytes: a logo or a smiley
_HEADERS = ("Subject", "From", "To", "Cc", "Date")
_KEPT = ("From", "To", "Date")  # as properties
ATTACHED_TO = "attached_to"  # the property of an attachment that names its mail


def parse_eml(path: Path, name: str, limits: Limits, read: Read) -> Content:
    """An RFC 5322 message; `read` reads its attachments. Raises DocumentEncrypted."""
    message = read_message(path.read_bytes())
    if _is_encrypted(message):
        raise DocumentEncrypted(path=name)
    builder = Builder()
    headers, metadata, enclosed = _message(builder, message, limits, read, set())
    return builder.finish(title=headers.get("Subject", ""), metadata=metadata, enclosed=enclosed)


def parse_mbox(path: Path, name: str, limits: Limits, read: Read) -> Content:
    """A folder of mails as mail programs export it, one after the other; `read` reads their attachments,
    of which all mails together have as many as one may."""
    builder = Builder()
    found: list[Enclosed] = []
    names: set[str] = set()
    for data in mails_in(path.read_bytes()):
        message = read_message(data)
        builder.leave_sections()
        if _is_encrypted(message):
            builder.note("embedded_file", header(message, "Subject"))
            continue
        left = limits.max_enclosed - sum(_count(inner.parsed) for inner in found)
        own = replace(limits, max_enclosed=max(left, 0))
        found += _message(builder, message, own, read, names)[2]
    return builder.finish(title=PurePath(name).stem, enclosed=found)


def _is_encrypted(message: Message) -> bool:
    return message.get_content_type() in ("application/pkcs7-mime", "multipart/encrypted")


Written = tuple[Mapping[str, str], Mapping[str, str], list[Enclosed]]  # headers, properties


def _message(
    builder: Builder, message: Message, limits: Limits, read: Read, names: set[str]
) -> Written:
    headers = {key: value for key in _HEADERS if (value := header(message, key))}
    parts = parts_of(message)
    attached = [
        replace(part, name=part.name or "mail", data=written_out(part.message))
        if part.message is not None
        else part
        for part in parts.attachments
    ]
    plain, beside = (parts.plain, parts.beside) if parts.rich else (parts.plain + parts.beside, [])
    return _mail(
        builder, headers, plain, parts.rich, attached, limits, read, names, parts.cut, beside
    )


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
    attached = [
        Attachment(one_line(a.file_name or ""), a.file_bytes or b"") for a in message.attachments
    ]
    rich = message.html_body or ""
    builder = Builder()
    _, metadata, enclosed = _mail(
        builder,
        headers,
        [message.body or ""],
        [rich] if rich else [],
        attached,
        limits,
        read,
        set(),
    )
    return builder.finish(title=headers.get("Subject", ""), metadata=metadata, enclosed=enclosed)


def _mail(
    builder: Builder,
    headers: Mapping[str, str],
    plain: Iterable[str],
    rich: Iterable[str],
    attached: Iterable[Attachment],
    limits: Limits,
    read: Read,
    names: set[str],
    cut: int = 0,
    beside: Iterable[str] = (),
) -> Written:
    """Write a mail. `names`: those that attachments have already."""
    metadata = {key.lower(): headers[key] for key in _KEPT if key in headers}
    _write_headers(builder, headers)
    files, bodies = [], []
    for part in attached:
        try:
            inner = in_tnef(part) if part.is_tnef else None
        except TnefDamaged:
            inner = None
        files += [part] if inner is None else inner.attachments
        bodies += [] if inner is None or not inner.body else [inner.body]
    files = [f for f in files if not (f.picture and len(f.data) < _SMALL_PICTURE)]
    named = dict.fromkeys(file.name for file in files if file.name)
    files = [inner for file in files for inner in _unpacked(file, limits)]
    for text in beside:
        _write_plain(builder, text)
    _write_body(builder, [*plain, *bodies], rich)
    if cut:
        builder.note("cut", count=cut)
    if told := ", ".join(named):
        builder.paragraph(labelled("attachments", told))
    of_mail = {ATTACHED_TO: headers["Subject"]} if headers.get("Subject") else {}
    enclosed = _enclosed(builder, files, {**of_mail, **metadata}, limits, read, names)
    return headers, metadata, enclosed


def _write_headers(builder: Builder, headers: Mapping[str, str]) -> None:
    builder.heading(headers.get("Subject", ""), 1)
    lines = (f"{key}: {value}" for key, value in headers.items() if key != "Subject")
    builder.paragraph("\n".join(lines))


def _write_body(builder: Builder, plain: Iterable[str], rich: Iterable[str]) -> None:
    text, source = "\n\n".join(plain), "\n".join(rich)
    if source.strip():
        trial = Builder()
        write_html(trial, source)
        read = trial.finish()
        shown = read.text
        same = _covers(text, shown) and not _lacks_a_block(text, read)
        if not same:
            write_html(builder, source)
            if len(text.strip()) <= _SHORT or _covers(shown, text):
                return  # a stub, or a part of the same
    _write_plain(builder, text)


def _write_plain(builder: Builder, text: str) -> None:
    for paragraph in clean(text).split("\n\n"):
        builder.paragraph(unwrap(paragraph.strip("\n")))


def _covers(text: str, other: str) -> bool:
    """Whether `text` holds most of the words of `other`."""
    words = set(_WORD.findall(other.lower()))
    return len(words & set(_WORD.findall(text.lower()))) >= _STUB * len(words)


def _lacks_a_block(text: str, rich: Content) -> bool:
    """Whether most words of a table's row, or of a longer paragraph, are in the HTML part alone."""
    words = set(_WORD.findall(text.lower()))
    for block in rich.blocks:
        own = set(_WORD.findall(rich.text[block.start : block.end].lower()))
        enough = 1 if block.kind == "table_row" else _LONG_BLOCK
        if len(own) >= enough and len(own & words) < _STUB * len(own):
            return True
    return False


def _enclosed(
    builder: Builder,
    files: Iterable[Attachment],
    of_mail: Mapping[str, str],
    limits: Limits,
    read: Read,
    names: set[str],
) -> list[Enclosed]:
    """The attachments that can be read, within the limits of the mail; others are noted."""
    found: list[Enclosed] = []
    left, room = limits.max_enclosed, limits.max_unpacked_bytes
    for file in files:
        # Its name decides, with its content, what it is read as; it is no place to write to.
        name = PurePath(file.name.replace("\\", "/")).name or "attachment"
        room -= len(file.data)
        if left <= 0 or room < 0 or (file.message is not None and limits.enclosed_depth <= 1):
            builder.note("cut", name)
            continue
        if file.message is not None:
            name = f"{file.name.replace('/', '-').removesuffix('.eml')}.eml"
        inner_limits = replace(
            limits,
            max_unpacked_bytes=limits.max_unpacked_bytes // 2,
            max_enclosed=left - 1,
            enclosed_depth=limits.enclosed_depth - 1,
        )
        parsed = _read(file.data, name, inner_limits, read)
        if parsed is None:
            builder.note("picture" if file.picture else "embedded_file", name)
            continue
        left -= _count(parsed)
        parsed = replace(parsed, metadata={**of_mail, **parsed.metadata})
        found.append(Enclosed(_own_name(name, names), file.data, parsed))
    return found


def _unpacked(file: Attachment, limits: Limits) -> list[Attachment]:
    """What is in a zip archive, as if it had been attached by itself; else the file, among them an
    archive that is encrypted, damaged or beyond the limits. Archives in archives stay whole."""
    if PurePath(file.name).suffix.lower() != ".zip" or not file.data.startswith(b"PK\x03\x04"):
        return [file]
    found: list[Attachment] = []
    try:
        with open_archive(io.BytesIO(file.data), file.name, limits) as archive:
            for member, name in archive.named():
                parts = name.replace("\\", "/").split("/")
                if not parts[-1] or "__MACOSX" in parts or parts[-1].startswith("."):
                    continue
                # As many as may be read, and one more, which is then noted.
                if len(found) > limits.max_enclosed:
                    break
                found.append(Attachment(parts[-1], archive.read(member)))
    except GroundkbError:
        return [file]
    return found


def _read(data: bytes, name: str, limits: Limits, read: Read) -> ParsedDocument | None:
    """None if it is of no kind that is read, or damaged."""
    with tempfile.TemporaryDirectory(prefix="groundkb-mail-") as folder:
        path = Path(folder) / "attachment"
        path.write_bytes(data)
        try:
            return read(path, name, limits)
        except GroundkbError:
            return None


def _count(parsed: ParsedDocument) -> int:
    return 1 + sum(_count(inner.parsed) for inner in parsed.enclosed)


def _own_name(name: str, taken: set[str]) -> str:
    """The name, with a number where another attachment has it."""
    path = PurePath(name)
    number = 1
    while name in taken:
        number += 1
        name = f"{path.stem} ({number}){path.suffix}"
    taken.add(name)
    return name
