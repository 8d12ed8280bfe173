"""Calendars (RFC 5545) and cards (RFC 6350, vCard 2.1): an event or a person is a section, its properties lines.

Times are written as `2026-03-05 09:00 UTC`. What programs tell each other is left out.
"""

import quopri
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

import regex

from app.errors import Language, Phrase
from app.text.width import CJK
from app.texts import say
from ingest.parse.document import Builder, Content, clean, one_line

_PROPERTY: Final = regex.compile(
    r"(?:[\w-]{1,60}\.)?(?P<name>[A-Za-z][\w-]{0,60})(?P<parameters>(?:;[^:;\"]{0,500}(?:\"[^\"]{0,500}\")?)*+):(?P<value>.*)",
    regex.DOTALL,
)
_NAMED: Final = regex.compile(r";CN=(?:\"([^\"]*)\"|([^;:]*))", regex.IGNORECASE)
_ZONE: Final = regex.compile(r";TZID=\"?([^;:\"]*)", regex.IGNORECASE)
_CHARSET: Final = regex.compile(r";CHARSET=\"?([\w-]+)", regex.IGNORECASE)
_QUOTED: Final = regex.compile(r";(?:ENCODING=)?QUOTED-PRINTABLE", regex.IGNORECASE)
_DAY: Final = regex.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:T(\d\d):?(\d\d)(?::?\d\d)?(Z?))?")
_ESCAPED: Final = regex.compile(r"\\(.)", regex.DOTALL)
_CJK: Final = regex.compile(f"[{CJK}]")
_SECTIONS: Final = frozenset(("VEVENT", "VTODO", "VJOURNAL", "VCARD"))
_NAMES: Final = ("SUMMARY", "FN")
_TIMES: Final = frozenset(("DTSTART", "DTEND", "DUE", "BDAY", "EXDATE", "RECURRENCE-ID"))
_PEOPLE: Final = frozenset(("ORGANIZER", "ATTENDEE"))
_LISTS: Final = frozenset(("ORG", "ADR"))  # parts between semicolons
_TEXTS: Final = frozenset(("DESCRIPTION", "COMMENT", "NOTE"))
_PICTURES: Final = frozenset(("PHOTO", "LOGO"))
_LABELS: Final[Mapping[str, Phrase]] = {
    "DTSTART": Phrase("label_start"),
    "DTEND": Phrase("label_end"),
    "DUE": Phrase("label_due"),
    "EXDATE": Phrase("label_not_on"),
    "RRULE": Phrase("label_repeats"),
    "LOCATION": Phrase("label_place"),
    "ORGANIZER": Phrase("label_organizer"),
    "ATTENDEE": Phrase("label_attendee"),
    "STATUS": Phrase("label_status"),
    "CATEGORIES": Phrase("label_categories"),
    "ORG": Phrase("label_organisation"),
    "TITLE": Phrase("label_position"),
    "ROLE": Phrase("label_role"),
    "TEL": Phrase("label_telephone"),
    "EMAIL": Phrase("label_email"),
    "ADR": Phrase("label_address"),
    "BDAY": Phrase("label_birthday"),
    "URL": Phrase("label_web"),
    "DESCRIPTION": Phrase("label_description"),
    "COMMENT": Phrase("label_comment"),
    "NOTE": Phrase("label_notes"),
}


@dataclass(slots=True)
class _Section:
    """`lines`: (name, parameters, value) in order."""

    lines: list[tuple[str, str, str]] = field(default_factory=list)


def is_calendar(head: str) -> bool:
    """Whether a text begins as a calendar or a card."""
    return head.lstrip("\ufeff \t\r\n")[:20].upper().startswith(("BEGIN:VCALENDAR", "BEGIN:VCARD"))


def parse_calendar(text: str) -> Content:
    """Events, tasks and cards in order; a calendar's own name names the document."""
    builder = Builder()
    title = ""
    open_: list[str] = []
    section: _Section | None = None
    for line in _unfolded(text):
        match = _PROPERTY.match(line)
        if match is None:
            if line.strip():
                builder.note("broken_line", line[:60])
            continue
        name, value = match["name"].upper(), match["value"]
        if name == "BEGIN":
            open_.append(value.strip().upper())
            if open_[-1] in _SECTIONS:
                section = _Section()
        elif name == "END":
            closed = open_.pop() if open_ else ""
            if closed in _SECTIONS and section is not None:
                _write(builder, section)
                section = None
        elif section is not None and open_[-1] in _SECTIONS:
            section.lines.append((name, match["parameters"], _decoded(match["parameters"], value)))
        elif name in ("X-WR-CALNAME", "NAME"):
            title = one_line(_plain(value))
    if section is not None:
        _write(builder, section)
    return builder.finish(title=title)


def _unfolded(text: str) -> Iterator[str]:
    """The lines as they were before they were folded, also those of vCard 2.1."""
    pieces: list[str] = []
    for line in clean(text).split("\n"):
        if line[:1] in (" ", "\t") and pieces:
            pieces.append(line[1:])
            continue
        if pieces and pieces[-1].endswith("=") and _QUOTED.search(pieces[0].partition(":")[0]):
            pieces[-1] = pieces[-1][:-1]
            pieces.append(line)
            continue
        if pieces:
            yield "".join(pieces)
        pieces = [line]
    yield "".join(pieces)


def _decoded(parameters: str, value: str) -> str:
    if not _QUOTED.search(parameters):
        return value
    data = quopri.decodestring(value.encode("utf-8", "replace"))
    declared = _CHARSET.search(parameters)
    try:
        return data.decode(declared.group(1) if declared else "utf-8", "replace")
    except LookupError:
        return data.decode("utf-8", "replace")


def _write(builder: Builder, section: _Section) -> None:
    words = " ".join(value for _, _, value in section.lines)
    language: Language = "zh" if _CJK.search(words) else "en"
    name = next((v for n, _, v in section.lines if n in _NAMES and v.strip()), "")
    builder.leave_sections()
    builder.heading(_plain(name), 1)
    days = {n: v for n, _, v in section.lines if n == "DTSTART"}
    lines: list[str] = []
    texts: list[str] = []
    for key, parameters, value in section.lines:
        if key in _PICTURES:
            builder.note("picture", key)
        if key not in _LABELS:
            continue
        shown = _shown(key, parameters, value)
        if key == "DTEND" and len(value.strip()) == 8:
            shown = _day_before(value)  # of whole days, the end is the day after
            if value.strip() == days.get("DTSTART") or shown == _time("", days.get("DTSTART", "")):
                continue
        if shown.strip():
            label = say(_LABELS[key], language)
            mark = "：" if language == "zh" else ": "
            (texts if key in _TEXTS else lines).append(f"{label}{mark}{shown}")
    builder.paragraph("\n".join(lines))
    for one in texts:
        for paragraph in one.split("\n\n"):
            builder.paragraph(paragraph)


def _shown(key: str, parameters: str, value: str) -> str:
    if key in _TIMES:
        return ", ".join(_time(parameters, part) for part in value.split(","))
    if key in _PEOPLE:
        named = _NAMED.search(parameters)
        name = (named.group(1) or named.group(2) or "") if named else ""
        address = regex.sub(r"(?i)^mailto:", "", value.strip())
        return f"{name} <{address}>" if name and name != address else address
    if key in _LISTS:
        parts = regex.split(r"(?<!\\);", value)
        return ", ".join(one_line(_plain(part)) for part in parts if part.strip())
    if key == "TEL":
        return regex.sub(r"(?i)^tel:", "", value.strip())
    text = _plain(value)
    return text if key in _TEXTS else one_line(text)


def _plain(value: str) -> str:
    return _ESCAPED.sub(lambda m: "\n" if m.group(1) in "nN" else m.group(1), value).strip()


def _time(parameters: str, value: str) -> str:
    match = _DAY.fullmatch(value.strip())
    if match is None:
        return value.strip()
    year, month, day, hour, minute, universal = match.groups()
    text = f"{year}-{month}-{day}"
    if hour is None:
        return text
    zone = _ZONE.search(parameters)
    if universal:
        return f"{text} {hour}:{minute} UTC"
    return f"{text} {hour}:{minute}" + (f" ({zone.group(1)})" if zone else "")


def _day_before(value: str) -> str:
    try:
        return (date.fromisoformat(value.strip()) - timedelta(days=1)).isoformat()
    except (ValueError, OverflowError):
        return value.strip()
