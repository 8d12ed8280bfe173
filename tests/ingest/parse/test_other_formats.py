"""Delimited text, books, mails, data and source code."""

import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest

from ingest.parse import parse
from tests.ingest.parse import make
from tests.ingest.parse.helpers import LIMITS, check_blocks, outline, parse_text, section_of


@pytest.mark.parametrize(("name", "mark"), [("a.csv", ","), ("b.csv", ";"), ("c.tsv", "\t")])
def test_delimited_text(tmp_path: Path, name: str, mark: str) -> None:
    rows = [
        ("模型", "许可证", "备注"),
        ("Qwen", "Apache 2.0", '"一行\n两行"'),
        ("DeepSeek", "MIT", ""),
    ]
    parsed = parse_text(tmp_path, name, "\n".join(mark.join(row) for row in rows))
    check_blocks(parsed)
    assert outline(parsed) == [
        ("table_row", "| 模型 | 许可证 | 备注 |"),
        ("table_row", "| Qwen | Apache 2.0 | 一行 两行 |"),
        ("table_row", "| DeepSeek | MIT |"),
    ]
    assert {block.header for block in parsed.blocks} == {"| 模型 | 许可证 | 备注 |"}


def test_a_table_of_numbers_has_no_header(tmp_path: Path) -> None:
    parsed = parse_text(tmp_path, "a.csv", "a,1\nb,2\nc,3\n")
    assert [block.header for block in parsed.blocks] == ["", "", ""]


def test_epub(tmp_path: Path) -> None:
    parsed = parse(make.epub(tmp_path / "a.epub"), limits=LIMITS)
    check_blocks(parsed)
    assert outline(parsed) == [
        ("heading", "第一章"),
        ("paragraph", "第一章的内容。"),
        ("heading", "第二章"),
        ("paragraph", "第二章的内容。"),
    ]
    assert (parsed.title, parsed.metadata["creator"]) == ("一本书", "作者")


def test_a_chapter_that_the_spine_names_again_is_read_once(tmp_path: Path) -> None:
    path = make.epub(tmp_path / "a.epub")
    with zipfile.ZipFile(path) as book:
        members = {name: book.read(name) for name in book.namelist()}
    again = b'<itemref idref="a"/>' * 10_000
    members["OEBPS/p.opf"] = members["OEBPS/p.opf"].replace(b"</spine>", again + b"</spine>")
    make.zipped(path, members)
    assert parse(path, limits=LIMITS).text.count("第一章的内容") == 1


def test_odt(tmp_path: Path) -> None:
    parsed = parse(make.odt(tmp_path / "a.odt"), limits=LIMITS)
    check_blocks(parsed)
    assert outline(parsed) == [
        ("heading", "模型"),
        ("paragraph", "一段 文字\n换行"),
        ("paragraph", "批注：批注"),
        ("list_item", "- 第一项"),
        ("table_row", "| 模型 | 许可证 |"),
        ("table_row", "| DeepSeek | MIT |"),
        ("table_row", "| Qwen | Apache 2.0 |"),
    ]
    assert parsed.title == "标题"


def mail(html: str = "") -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = "会议纪要：许可证"
    message["From"] = "张三 <zhang@example.org>"
    message["Date"] = "Mon, 01 Jan 2024 10:00:00 +0800"
    if html:
        message.set_content(html, subtype="html", charset="gb18030")
    else:
        message.set_content("下周三开会。\n\n请带上报告。", charset="gb18030")
        message.add_attachment(b"x", maintype="application", subtype="pdf", filename="报告.pdf")
    return message


def test_eml(tmp_path: Path) -> None:
    path = tmp_path / "a.eml"
    path.write_bytes(bytes(mail()))
    parsed = parse(path, limits=LIMITS)
    check_blocks(parsed)
    assert parsed.title == "会议纪要：许可证"
    assert section_of(parsed, "请带上报告") == ("会议纪要：许可证",)
    assert "附件：报告.pdf" in parsed.text
    assert parsed.metadata["from"] == "张三 <zhang@example.org>"


def test_eml_with_html_only(tmp_path: Path) -> None:
    path = tmp_path / "a.eml"
    path.write_bytes(bytes(mail("<p>下周<b>三</b>开会。</p><p style='display:none'>忽略</p>")))
    text = parse(path, limits=LIMITS).text
    assert "下周三开会。" in text
    assert "忽略" not in text


def test_msg(tmp_path: Path) -> None:
    parsed = parse(make.msg(tmp_path / "a.msg"), limits=LIMITS)
    assert parsed.title == "会议纪要"
    assert "下周三开会。" in parsed.text
    assert "请带上报告。" in parsed.text


def test_rtf_with_a_chinese_code_page(tmp_path: Path) -> None:
    def coded(text: str) -> str:
        return "".join(f"\\'{byte:02x}" for byte in text.encode("gbk"))

    source = (
        "{\\rtf1\\ansi\\ansicpg936 {\\fonttbl{\\f0\\fcharset134 SimSun;}}\\f0 "
        f"{coded('许可证说明')}\\par {coded('DeepSeek 采用 MIT 许可证。')}\\par Plain \\u20013?\\u25991? text.\\par}}"
    )
    parsed = parse_text(tmp_path, "a.rtf", source)
    check_blocks(parsed)
    for part in ("许可证说明", "DeepSeek 采用 MIT 许可证。", "Plain 中文 text."):
        assert part in parsed.text


def test_json(tmp_path: Path) -> None:
    parsed = parse_text(
        tmp_path,
        "a.json",
        '{"name": "模型表", "tags": ["a", "b"], "owner": {"team": "平台", "size": 3},'
        ' "models": [{"id": "Qwen", "open": true}, {"id": "DeepSeek", "note": null}]}',
    )
    check_blocks(parsed)
    assert outline(parsed) == [
        ("paragraph", "name: 模型表\ntags: a, b"),
        ("heading", "owner"),
        ("paragraph", "team: 平台\nsize: 3"),
        ("heading", "models"),
        ("table_row", "| id | open | note |"),
        ("table_row", "| Qwen | true |  |"),
        ("table_row", "| DeepSeek |  |  |"),
    ]


def test_jsonl(tmp_path: Path) -> None:
    parsed = parse_text(tmp_path, "a.jsonl", '{"q": "问一", "a": {"x": 1}}\n\n{"q": "问二"}\n')
    assert "q: 问一" in parsed.text
    assert "q: 问二" in parsed.text


def test_source_code_is_kept_as_it_is(tmp_path: Path) -> None:
    source = 'import os\n\n\nclass Cache:\n    """缓存。"""\n\n    def get(self):\n        return 1\n\n\ndef main() -> None:\n    pass\n'
    parsed = parse_text(tmp_path, "a.py", source)
    check_blocks(parsed)
    assert parsed.text == source
    assert {block.kind for block in parsed.blocks} == {"code"}
    assert section_of(parsed, "pass") == ("main",)


def test_a_line_that_names_the_separator_is_no_row(tmp_path: Path) -> None:
    parsed = parse_text(tmp_path, "a.csv", "sep=;\nname;price, net\nbolt;0,05\n")
    assert parsed.text == "| name | price, net |\n| bolt | 0,05 |"


def test_cells_between_single_quotes(tmp_path: Path) -> None:
    parsed = parse_text(tmp_path, "a.csv", "'part','price'\n'nut','1,5'\n'bolt','it''s 2'\n")
    assert parsed.text == "| part | price |\n| nut | 1,5 |\n| bolt | it's 2 |"
    words = parse_text(tmp_path, "b.csv", "name,saying\nAnn,it's late\nBo,don't\n")
    assert words.text == "| name | saying |\n| Ann | it's late |\n| Bo | don't |"
