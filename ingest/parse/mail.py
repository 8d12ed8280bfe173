"""Mails: subject, who, when, and the body. Attachments are named, not read."""

from collections.abc import Iterable
from email import message_from_bytes, policy
from email.message import EmailMessage, MIMEPart
from pathlib import Path

from app.errors import DocumentEncrypted
from app.text.lines import unwrap
from ingest.parse.document import Builder, Content, Limits, clean, one_line
from ingest.parse.html import write_html


def parse_eml(path: Path, name: str, _: Limits) -> Content:
    """An RFC 5322 message; the plain text part if it says anything, else the HTML part."""
    # The default policy decodes headers and gives EmailMessage.
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    if not isinstance(message, EmailMessage):
        raise TypeError(f"not a message: {type(message).__name__}")
    if message.get_content_type() in ("application/pkcs7-mime", "multipart/encrypted"):
        raise DocumentEncrypted(path=name)
    plain, rich = message.get_body(("plain",)), message.get_body(("html",))
    text = _content(plain)
    return _mail(
        {key: str(message[key] or "") for key in ("Subject", "From", "To", "Date")},
        text,
        "" if text.strip() else _content(rich),
        [part.get_filename() or "" for part in message.iter_attachments()],
    )


def parse_msg(path: Path, _name: str, _limits: Limits) -> Content:
    """An Outlook message."""
    from oxmsg import Message  # lazy: only Outlook files need it

    message = Message.load(str(path))
    sent = message.sent_date
    headers = {
        "Subject": message.subject or "",
        "From": message.sender or "",
        "To": "; ".join(r.name or r.email_address or "" for r in message.recipients),
        "Date": sent.isoformat(" ", "minutes") if sent else "",
    }
    text = message.body or ""
    rich = "" if text.strip() else message.html_body or ""
    return _mail(headers, text, rich, [a.file_name or "" for a in message.attachments])


def _content(part: MIMEPart | None) -> str:
    if part is None:
        return ""
    try:
        return str(part.get_content())
    except (LookupError, KeyError):  # an unknown charset or content type
        payload = part.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


def _mail(headers: dict[str, str], text: str, rich: str, attachments: Iterable[str]) -> Content:
    builder = Builder()
    headers = {key: one_line(value) for key, value in headers.items() if value.strip()}
    subject = headers.pop("Subject", "")
    builder.heading(subject, 1)
    builder.paragraph("\n".join(f"{key}: {value}" for key, value in headers.items()))
    if rich:
        write_html(builder, rich)
    for paragraph in clean(text).split("\n\n"):
        builder.paragraph(unwrap(paragraph.strip("\n")))
    names = ", ".join(one_line(name) for name in attachments if name)
    if names:
        builder.paragraph(f"Attachments: {names}")
    metadata = {key.lower(): value for key, value in headers.items()}
    return builder.finish(title=subject, metadata=metadata)
