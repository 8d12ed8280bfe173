"""Mails: which part is read, in which writing, and what is attached."""

import time
from email.message import EmailMessage
from pathlib import Path

import pytest

from ingest.parse import ParsedDocument, parse
from tests.ingest.parse import make
from tests.ingest.parse.helpers import LIMITS, check_blocks, section_of


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


def test_attachments_are_read_under_their_names(tmp_path: Path) -> None:
    message = offer()
    message.add_attachment("The roof costs 23,800 euros.\n", filename="offer.txt")
    docx = make.docx(tmp_path / "x.docx").read_bytes()
    message.add_attachment(
        docx, maintype="application", subtype="octet-stream", filename="报价.docx"
    )
    message.add_attachment(
        b"\x00" * 90, maintype="application", subtype="x-tool", filename="../../etc/tool.bin"
    )
    parsed = read(tmp_path, bytes(message))
    assert "Attachments: offer.txt, 报价.docx, ../../etc/tool.bin" in parsed.text
    assert section_of(parsed, "23,800") == ("Offer for the roof", "offer.txt")
    assert section_of(parsed, "DeepSeek 采用") == (
        "Offer for the roof",
        "报价.docx",
        "模型",
        "许可证",
    )
    assert [(n.kind, n.detail) for n in parsed.notes][-1] == ("embedded_file", "tool.bin")


def test_forwarded_messages_are_read(tmp_path: Path) -> None:
    inner = offer()
    inner.add_attachment("The roof costs 23,800 euros.\n", filename="offer.txt")
    outer = EmailMessage()
    outer["Subject"] = "Fwd: roof"
    outer.set_content("See below.")
    outer.add_attachment(inner)
    parsed = read(tmp_path, bytes(outer))
    assert section_of(parsed, "The offer is attached") == ("Fwd: roof", "Offer for the roof")
    assert section_of(parsed, "23,800")[-1] == "offer.txt"


def test_mails_within_mails_end_somewhere(tmp_path: Path) -> None:
    message = offer()
    for n in range(30):
        outer = EmailMessage()
        outer["Subject"] = f"Fwd {n}"
        outer.set_content(f"Level {n}.")
        outer.add_attachment(message)
        message = outer
    parsed = read(tmp_path, bytes(message))
    assert "Level 29." in parsed.text
    assert [n.kind for n in parsed.notes] == ["cut"]


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
