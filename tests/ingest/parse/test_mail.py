"""Mails: which part is read, in which writing, and what is attached."""

import base64
import struct
import time
from email.message import EmailMessage
from pathlib import Path

import pytest

from ingest.parse import ParsedDocument, parse
from tests.ingest.parse import make
from tests.ingest.parse.helpers import LIMITS, check_blocks, section_of
from tests.ingest.parse.make import zipped


def read(folder: Path, data: bytes) -> ParsedDocument:
    path = folder / "a.eml"
    path.write_bytes(data)
    parsed = parse(path, limits=LIMITS)
    check_blocks(parsed)
    return parsed


def offer() -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = "Offer for the roof"
    message["From"] = "a@example.org"
    message.set_content("The offer is attached.\n")
    return message


def enclosed(parsed: ParsedDocument) -> dict[str, ParsedDocument]:
    return {inner.name: inner.parsed for inner in parsed.enclosed}


def test_attachments_become_documents_of_their_own(tmp_path: Path) -> None:
    message = offer()
    message["Date"] = "Mon, 02 Mar 2026 09:00:00 +0100"
    message.add_attachment("The roof costs 23,800 euros.\n", filename="offer.txt")
    docx = make.docx(tmp_path / "x.docx").read_bytes()
    message.add_attachment(
        docx, maintype="application", subtype="octet-stream", filename="报价.docx"
    )
    message.add_attachment("Another of this name.\n", filename="offer.txt")
    message.add_attachment(
        b"\x00" * 90, maintype="application", subtype="x-tool", filename="../../etc/tool.bin"
    )
    parsed = read(tmp_path, bytes(message))
    assert "The offer is attached." in parsed.text
    assert "23,800" not in parsed.text
    assert "附件：offer.txt, 报价.docx, ../../etc/tool.bin" in parsed.text
    inner = enclosed(parsed)
    assert list(inner) == ["offer.txt", "报价.docx", "offer (2).txt"]
    assert inner["offer.txt"].text.strip() == "The roof costs 23,800 euros."
    assert inner["offer (2).txt"].text.strip() == "Another of this name."
    assert section_of(inner["报价.docx"], "DeepSeek 采用") == ("模型", "许可证")
    assert inner["offer.txt"].metadata == {
        "attached_to": "Offer for the roof",
        "from": "a@example.org",
        "date": "Mon, 02 Mar 2026 09:00:00 +0100",
    }
    assert parsed.enclosed[1].data == docx
    assert [(n.kind, n.detail) for n in parsed.notes] == [("embedded_file", "tool.bin")]


def test_forwarded_messages_are_documents_with_their_own_attachments(tmp_path: Path) -> None:
    inner = offer()
    inner.add_attachment("The roof costs 23,800 euros.\n", filename="offer.txt")
    outer = EmailMessage()
    outer["Subject"] = "Fwd: roof"
    outer.set_content("See below.")
    outer.add_attachment(inner)
    parsed = read(tmp_path, bytes(outer))
    (forwarded,) = parsed.enclosed
    assert forwarded.name == "Offer for the roof.eml"
    assert "The offer is attached." in forwarded.parsed.text
    assert enclosed(forwarded.parsed)["offer.txt"].text.strip() == "The roof costs 23,800 euros."
    attached = next(p for p in outer.walk() if p.get_content_type() == "message/rfc822")
    attached.replace_header("Content-Disposition", "attachment; filename=offer.eml")
    assert [inner.name for inner in read(tmp_path, bytes(outer)).enclosed] == ["offer.eml"]
    # Its bytes are a mail that gives the same when it is read again.
    assert read(tmp_path, forwarded.data).text == forwarded.parsed.text


def test_mails_within_mails_end_somewhere(tmp_path: Path) -> None:
    message = offer()
    for n in range(30):
        outer = EmailMessage()
        outer["Subject"] = f"Fwd {n}"
        outer.set_content(f"Level {n}.")
        outer.add_attachment(message)
        message = outer
    parsed = read(tmp_path, bytes(message))
    deep = 1
    while parsed.enclosed:
        parsed = parsed.enclosed[0].parsed
        deep += 1
    assert deep == LIMITS.enclosed_depth
    assert [(n.kind, n.detail) for n in parsed.notes] == [("cut", "Fwd 24")]


def test_attachments_are_bounded_those_of_mails_within_counted(tmp_path: Path) -> None:
    outer = EmailMessage()
    outer["Subject"] = "Many"
    outer.set_content("Many files.")
    for m in range(3):
        inner = offer()
        for n in range(60):
            inner.add_attachment(f"File {m} {n}.\n", filename=f"{n}.txt")
        outer.add_attachment(inner)
    parsed = read(tmp_path, bytes(outer))

    def count(document: ParsedDocument) -> int:
        return sum(1 + count(inner.parsed) for inner in document.enclosed)

    assert count(parsed) == LIMITS.max_enclosed
    assert any(note.kind == "cut" for note in parsed.notes)


def tnef(files: dict[str, bytes], body: str = "") -> bytes:
    """A winmail.dat as Outlook writes it: short names in 8.3, the long one among the properties."""

    def attribute(level: int, which: int, value: bytes) -> bytes:
        return (
            struct.pack("<BII", level, which, len(value))
            + value
            + struct.pack("<H", sum(value) & 0xFFFF)
        )

    data = struct.pack("<IH", 0x223E9F78, 1)
    data += attribute(1, 0x00089006, struct.pack("<I", 0x00010000))
    if body:
        data += attribute(1, 0x0002800C, body.encode("gbk") + b"\0")
    for name, content in files.items():
        long = name.encode("utf-16-le") + b"\0\0"
        properties = struct.pack("<I", 3)
        properties += struct.pack("<HHI", 0x0003, 0x3705, 1)
        properties += struct.pack("<HHII", 0x001E, 0x3703, 1, 5) + b".txt\0\0\0\0"
        properties += (
            struct.pack("<HHII", 0x001F, 0x3707, 1, len(long)) + long + b"\0" * (-len(long) % 4)
        )
        data += attribute(2, 0x00069002, b"\1\0" + b"\xff" * 12)
        data += attribute(2, 0x00018010, b"SHORTN~1.TXT\0")
        data += attribute(2, 0x0006800F, content)
        data += attribute(2, 0x00069005, properties)
    return data


@pytest.mark.parametrize("kind", ["ms-tnef", "octet-stream"])
def test_a_winmail_dat_is_unpacked(tmp_path: Path, kind: str) -> None:
    message = offer()
    packed = tnef(
        {"屋顶报价 2026.txt": b"The roof costs 23,800 euros.", "b.txt": b"The yard costs 900."},
        "附言：周五前回复。",
    )
    message.add_attachment(packed, maintype="application", subtype=kind, filename="winmail.dat")
    parsed = read(tmp_path, bytes(message))
    inner = enclosed(parsed)
    assert inner["屋顶报价 2026.txt"].text == "The roof costs 23,800 euros."
    assert inner["b.txt"].text == "The yard costs 900."
    assert "附言：周五前回复。" in parsed.text
    assert parsed.notes == ()


@pytest.mark.parametrize("cut", [3, 40, 100])
def test_a_damaged_winmail_dat_is_noted(tmp_path: Path, cut: int) -> None:
    message = offer()
    packed = tnef({"a.txt": b"The roof costs 23,800 euros."})[:-cut] + b"\xff" * 20
    message.add_attachment(
        packed, maintype="application", subtype="ms-tnef", filename="winmail.dat"
    )
    parsed = read(tmp_path, bytes(message))
    assert [(n.kind, n.detail) for n in parsed.notes] == [("embedded_file", "winmail.dat")]


@pytest.mark.parametrize(
    "stub", ["This message needs an HTML viewer.", "您的邮件客户端不支持 HTML。", " ", "View online: https://x.org/9"]
)  # fmt: skip
def test_a_stub_gives_way_to_the_html_part(tmp_path: Path, stub: str) -> None:
    message = EmailMessage()
    message["Subject"] = "Newsletter"
    message.set_content(stub)
    message.add_alternative(
        "<p>The canteen is <b>closed</b> from 6 to 17 July.</p>", subtype="html"
    )
    parsed = read(tmp_path, bytes(message))
    assert "The canteen is closed from 6 to 17 July." in parsed.text
    assert stub.strip() == "" or stub not in parsed.text


def test_the_plain_part_is_taken_when_both_say_the_same(tmp_path: Path) -> None:
    message = EmailMessage()
    message["Subject"] = "Canteen"
    message.set_content("The canteen is closed from 6 to 17 July.\n")
    message.add_alternative("<p>The canteen is closed from 6 to 17 July.</p>", subtype="html")
    assert read(tmp_path, bytes(message)).text.count("closed from 6") == 1


@pytest.mark.parametrize(
    ("encoding", "subject", "body"),
    [("gbk", "会议室投影仪", "三号会议室的投影仪已经修好。"), ("big5", "會議室投影機", "三號會議室的投影機已經修好，請放心使用。"),
     ("utf-8", "会议室", "投影仪已经修好。")],
)  # fmt: skip
@pytest.mark.parametrize("declared", ["", "Content-Type: text/plain; charset=us-ascii\r\n"])
def test_undeclared_chinese(
    tmp_path: Path, encoding: str, subject: str, body: str, declared: str
) -> None:
    source = f"From: a@example.org\r\nSubject: {subject}\r\n{declared}\r\n{body}\r\n"
    parsed = read(tmp_path, source.encode(encoding))
    assert parsed.title == subject
    assert body in parsed.text


def test_gb2312_means_its_superset(tmp_path: Path) -> None:
    message = EmailMessage()
    message["Subject"] = "通知"
    message.set_content("联系人：朱镕。", charset="gb18030", cte="base64")
    data = bytes(message).replace(b"gb18030", b"gb2312")
    assert "联系人：朱镕。" in read(tmp_path, data).text


@pytest.mark.parametrize(
    "header",
    [
        "Content-Type: text/plain" + ';a="' * 40_000,
        "Content-Type: text/plain; charset=utf-8" + "; x*0*=a" * 20_000,
        'Content-Disposition: inline; filename="' + '\\"' * 40_000,
        "Content-Type: multipart/mixed; boundary=" + "x" * 100_000,
        "To: " + "(" * 50_000,
        "To: " + '"<' * 50_000,
        "Subject: " + "=?utf-8?q?a" * 20_000,
    ],
)
def test_malformed_headers_take_linear_time(tmp_path: Path, header: str) -> None:
    started = time.process_time()
    read(tmp_path, f"Subject: Hello\r\n{header}\r\n\r\nThe body is here.\r\n".encode())
    assert time.process_time() - started < 3


def mixed(*parts: bytes) -> bytes:
    head = b"Subject: t\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
    return head + b"".join(b"--x\r\n" + part + b"\r\n" for part in parts) + b"--x--\r\n"


def test_plain_text_beside_html_is_kept(tmp_path: Path) -> None:
    plain, rich = b"Content-Type: text/plain\r\n\r\nBring the badge.", b"Content-Type: text/html\r\n\r\n<p>The fee is 45 euros.</p>"  # fmt: skip
    text = read(tmp_path, mixed(plain, rich)).text
    assert "Bring the badge." in text
    assert "The fee is 45 euros." in text


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_names_of_attachments_in_bytes_of_their_sender(tmp_path: Path, encoding: str) -> None:
    name = "设备说明.txt".encode(encoding)
    part = b'Content-Type: text/plain; name="' + name + b'"\r\nContent-Disposition: attachment; filename="' + name + b'"\r\n\r\nwords'  # fmt: skip
    assert list(enclosed(read(tmp_path, mixed(b"Content-Type: text/plain\r\n\r\nbody", part)))) == [
        "设备说明.txt"
    ]


def test_a_forwarded_message_that_is_coded_is_read(tmp_path: Path) -> None:
    inner = base64.encodebytes(b"Subject: In\r\n\r\nThe rate is 45 euros.")
    part = b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n" + inner
    (found,) = enclosed(
        read(tmp_path, mixed(b"Content-Type: text/plain\r\n\r\nbody", part))
    ).values()
    assert "The rate is 45 euros." in found.text


def test_what_is_in_an_attached_archive_is_read_as_attachments(tmp_path: Path) -> None:
    def packed(members: dict[str, str | bytes]) -> bytes:
        return zipped(tmp_path / "inner.zip", members).read_bytes()

    inner = packed({"deep.txt": "in an archive within"})
    message = EmailMessage()
    message["Subject"], message["From"] = "Papers", "ana@example.org"
    message.set_content("All papers are attached, see the archive.")
    files = {
        "papers.zip": packed(
            {
                "2026/rent.txt": "The rent is 4,650 euros.",
                "../keys.txt": "Keys cost 75 euros.",
                "__MACOSX/._rent.txt": "x",
                "more.zip": inner,
            }
        ),
        "broken.zip": b"PK\x03\x04 and no more",
    }
    for name, data in files.items():
        message.add_attachment(data, maintype="application", subtype="zip", filename=name)
    (tmp_path / "a.eml").write_bytes(bytes(message))
    parsed = parse(tmp_path / "a.eml", limits=LIMITS)
    assert {e.name: e.parsed.text for e in parsed.enclosed} == {
        "rent.txt": "The rent is 4,650 euros.",
        "keys.txt": "Keys cost 75 euros.",
    }
    assert parsed.enclosed[0].parsed.metadata["attached_to"] == "Papers"
    assert parsed.text.endswith("Attachments: papers.zip, broken.zip")
    assert [(n.kind, n.detail) for n in parsed.notes] == [
        ("embedded_file", "more.zip"),
        ("embedded_file", "broken.zip"),
    ]


def test_a_table_that_the_plain_part_lacks_is_read(tmp_path: Path) -> None:
    message = offer()
    words = "please find our prices below. They hold until the end of April and include delivery."
    message.set_content(f"Dear Li,\n\n{words}\n\nKind regards\nBo\n")
    message.add_alternative(
        f"<p>Dear Li,</p><p>{words}</p><table><tr><th>Part<th>EUR<tr><td>Bolt M8<td>0.12</table>"
        "<p>Kind regards<br>Bo</p>",
        subtype="html",
    )
    parsed = read(tmp_path, message.as_bytes())
    assert "| Part | EUR |\n| Bolt M8 | 0.12 |" in parsed.text
    assert parsed.text.count("end of April") == 1


def test_links_of_the_html_part_alone_do_not_take_the_plain_parts_place(tmp_path: Path) -> None:
    message = offer()
    text = "Our shop opens on 3 May in Graz, at the main square. Come and see the machines."
    message.set_content(f"{text}\n\n* with coffee\n")
    message.add_alternative(
        f"<p><a href=x>View in browser</a></p><p>{text}</p><p>with coffee</p><p><a>Privacy</a></p>",
        subtype="html",
    )
    assert "* with coffee" in read(tmp_path, message.as_bytes()).text


def test_reports_of_mail_servers_say_what_became_of_a_mail(tmp_path: Path) -> None:
    parsed = read(
        tmp_path,
        b"""Subject: Undelivered
Content-Type: multipart/report; report-type=delivery-status; boundary=R

--R
Content-Type: text/plain

Your mail could not be delivered.
--R
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; bob@example.com
Diagnostic-Code: smtp; 552 mailbox
 is full
--R
Content-Type: message/disposition-notification

Disposition: manual-action; displayed
--R--
""",
    )
    assert (
        "Final-Recipient: rfc822; bob@example.com\n\nDiagnostic-Code: smtp; 552 mailbox is full"
        in parsed.text
    )
    assert parsed.text.endswith("Disposition: manual-action; displayed")
    assert not parsed.enclosed


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("name", ["a.mbox", "Inbox", "a.txt"])
def test_a_folder_of_mails_in_one_file_is_read_mail_by_mail(
    tmp_path: Path, name: str, end: bytes
) -> None:
    first = offer()
    first.add_attachment("The roof costs 23,800 euros.\n", filename="offer.txt")
    second = EmailMessage()
    second["Subject"] = "门禁"
    second.set_content("密码是 4471。\n\nFrom April on it is another.\n", cte="base64")
    third = offer()
    third.replace_header("Subject", "")
    third.add_attachment("Another of this name.\n", filename="offer.txt")
    mark = b"From a@example.org Tue Mar  3 10:00:00 2026\n"
    bodies = [
        bytes(first),
        bytes(second),
        bytes(third).replace(b"The offer", b">From here the offer"),
    ]
    path = tmp_path / name
    path.write_bytes(b"\n".join(mark + body for body in bodies).replace(b"\n", end))
    parsed = parse(path, limits=LIMITS)
    check_blocks(parsed)
    assert parsed.media_type == "application/mbox"
    assert parsed.title == Path(name).stem
    assert section_of(parsed, "密码是 4471") == ("门禁",)
    assert "From April on it is another." in parsed.text
    assert section_of(parsed, "From here the offer is attached.") == ()
    inner = enclosed(parsed)
    assert [text.text.strip() for text in inner.values()] == [
        "The roof costs 23,800 euros.",
        "Another of this name.",
    ]
    assert list(inner) == ["offer.txt", "offer (2).txt"]
