"""Calendars and cards, alone or in a mail: what a person reads of them."""

from pathlib import Path

from ingest.parse import Note, parse
from tests.ingest.parse.helpers import LIMITS, check_blocks, outline, parse_text, section_of

EVENTS = """BEGIN:VCALENDAR
PRODID:-//Some program//EN
BEGIN:VTIMEZONE
TZID:Asia/Shanghai
BEGIN:STANDARD
DTSTART:19700101T000000
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:4711@example.org
SUMMARY:Kick-off\\, phase 2
DTSTART;TZID=Asia/Shanghai:20260305T090000
DTEND:20260305T020000Z
ORGANIZER;CN="Roe, Jane":mailto:jane@example.org
DESCRIPTION:Bring the sign
 ed contract.\\n\\nParking is at gate 7\\; ask for Tom.
BEGIN:VALARM
DESCRIPTION:REMINDER
END:VALARM
END:VEVENT
BEGIN:VEVENT
SUMMARY:年度盘点
DTSTART;VALUE=DATE:20261230
DTEND;VALUE=DATE:20261231
LOCATION:三号仓
 库
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20270104
DTEND;VALUE=DATE:20270107
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")


def test_events_are_sections_with_times_that_can_be_read(tmp_path: Path) -> None:
    parsed = parse_text(tmp_path, "a.ics", EVENTS)
    check_blocks(parsed)
    assert parsed.media_type == "text/calendar"
    assert [text for _, text in outline(parsed)] == [
        "Kick-off, phase 2",
        "Start: 2026-03-05 09:00 (Asia/Shanghai)\nEnd: 2026-03-05 02:00 UTC\nOrganizer: Roe, Jane <jane@example.org>",
        "Description: Bring the signed contract.",
        "Parking is at gate 7; ask for Tom.",
        "年度盘点",
        "开始：2026-12-30\n地点：三号仓库",
        "Start: 2027-01-04\nEnd: 2027-01-06",
    ]
    assert section_of(parsed, "2027-01-04") == ()


def test_cards_of_old_and_new_programs(tmp_path: Path) -> None:
    parsed = parse_text(
        tmp_path,
        "a.vcf",
        "BEGIN:VCARD\nVERSION:2.1\nFN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E5=BC=A0=E4=B8=89\n"
        "TEL;CELL:13800138000\n"
        "ADR;WORK;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:;;=E4=B8=AD=E5=B1=B1=E8=\n=B7=AF1=E5=8F=B7;=E4=B8=8A=E6=B5=B7;;200000;\n"
        "PHOTO;ENCODING=BASE64:AAAA\n AAAA\n\nEND:VCARD\n"
        "BEGIN:VCARD\nVERSION:4.0\nFN:Jane Roe\nitem1.EMAIL;type=work:jane@example.org\nBDAY:19800203\n"
        "NOTE:Speaks French\\, German\nnot a line of a card\nEND:VCARD\n",
    )
    check_blocks(parsed)
    assert [text for _, text in outline(parsed)] == [
        "张三",
        "电话：13800138000\n地址：中山路1号, 上海, 200000",
        "Jane Roe",
        "E-mail: jane@example.org\nBirthday: 1980-02-03",
        "Notes: Speaks French, German",
    ]
    assert parsed.notes == (
        Note("picture", 1, "PHOTO"),
        Note("broken_line", 1, "not a line of a card"),
    )


def test_an_invitation_in_a_mail(tmp_path: Path) -> None:
    path = tmp_path / "a.eml"
    path.write_text(
        "Subject: Invitation\nContent-Type: multipart/mixed; boundary=M\n\n--M\nContent-Type: text/plain\n\n"
        "Please come.\n--M\nContent-Type: text/calendar; method=REQUEST\n\n"
        f"{EVENTS}\n--M--\n",
        encoding="utf-8",
    )
    (inner,) = parse(path, limits=LIMITS).enclosed
    assert "Start: 2026-03-05 09:00 (Asia/Shanghai)" in inner.parsed.text
