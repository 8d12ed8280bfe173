"""Plain text: unchanged, with its structure found."""

from pathlib import Path

from hypothesis import HealthCheck, given, settings

from ingest.parse.document import clean
from ingest.parse.plain import parse_plain
from tests.ingest.parse.helpers import check_blocks, outline, parse_text, section_of
from tests.text.strategies import texts


def test_the_stored_text_is_the_files_own(tmp_path: Path) -> None:
    source = "标题行\r\n\r\n第一段  有空格。\r\n\r\n\r\n  第二段。\t\r\n"
    assert parse_text(tmp_path, "a.txt", source).text == source.replace("\r\n", "\n")


def test_headings_numbered_counted_and_bare(tmp_path: Path) -> None:
    parsed = parse_text(
        tmp_path,
        "a.txt",
        "员工手册总则\n\n第一章 总则\n\n本手册适用于全体员工。\n\n2.1 请假\n\n请假须提前三天。\n\n"
        "一、年假\n每人每年十天。\n（一）折算\n按月折算。\n\n二、病假\n凭证明。\n",
    )
    assert section_of(parsed, "适用于") == ("员工手册总则", "第一章 总则")
    assert section_of(parsed, "提前三天") == ("员工手册总则", "第一章 总则", "2.1 请假")
    assert section_of(parsed, "每人每年")[-1] == "一、年假"
    assert section_of(parsed, "按月折算")[-2:] == ("一、年假", "（一）折算")
    assert section_of(parsed, "凭证明")[-1] == "二、病假"
    assert parsed.title == "员工手册总则"


def test_a_count_within_a_section_is_told_from_a_chapter(tmp_path: Path) -> None:
    parsed = parse_text(
        tmp_path,
        "a.txt",
        "2 LLaMA¶\n介绍一。\n2.1 版本¶\n1. Llama 1¶\n介绍二。\n2. Llama 2¶\n介绍三。\n3 GLM¶\n介绍四。\n",
    )
    assert section_of(parsed, "介绍二") == ("2 LLaMA", "2.1 版本", "1. Llama 1")
    assert section_of(parsed, "介绍三") == ("2 LLaMA", "2.1 版本", "2. Llama 2")
    assert section_of(parsed, "介绍四") == ("3 GLM",)


def test_lists_are_no_headings(tmp_path: Path) -> None:
    parsed = parse_text(tmp_path, "a.txt", "步骤如下。\n\n一、打开\n二、关闭\n三、离开\n\n完。\n")
    assert [kind for kind, _ in outline(parsed)] == [
        "paragraph", "list_item", "list_item", "list_item", "paragraph",
    ]  # fmt: skip


def test_table_rows_keep_their_header(tmp_path: Path) -> None:
    parsed = parse_text(
        tmp_path, "a.txt", "说明：\n| 模型 | 许可 |\n|---|---|\n| Qwen | A |\n\n完。"
    )
    rows = [block for block in parsed.blocks if block.kind == "table_row"]
    assert [block.header for block in rows] == ["| 模型 | 许可 |"] * 2
    assert parsed.text[rows[1].start : rows[1].end] == "| Qwen | A |"


def test_wrapped_lines_are_one_paragraph_and_lines_of_a_list_are_not(tmp_path: Path) -> None:
    wrapped = "This paragraph was wrapped at a margin by an editor, so that its\nlines belong together as one.\n"
    parsed = parse_text(tmp_path, "a.txt", f"{wrapped}\nQ4 4.5 bits\nQ8 8.5 bits\nF16 16 bits\n")
    assert [kind for kind, _ in outline(parsed)] == ["paragraph"] * 4


def test_fenced_code_is_one_block(tmp_path: Path) -> None:
    parsed = parse_text(tmp_path, "a.txt", "Run:\n```\npip install x\n\n# no heading\n```\nDone.\n")
    assert [kind for kind, _ in outline(parsed)] == ["paragraph", "code", "paragraph"]


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(texts)
def test_any_text_is_covered_by_its_blocks(text: str) -> None:
    content = parse_plain(text)
    assert content.text == clean(text).lstrip("\ufeff")
    position = 0
    for block in content.blocks:
        assert not content.text[position : block.start].strip()
        assert position <= block.start < block.end
        position = block.end
    assert not content.text[position:].strip()


def test_blocks_of_a_real_article(tmp_path: Path) -> None:
    check_blocks(parse_text(tmp_path, "a.txt", "一行\n另一行。\n\n- a\n- b\n\n| x |\n"))


def test_a_document_of_numbered_parts_is_not_called_by_its_first(tmp_path: Path) -> None:
    parts = "第一部分 总则\n\n{}本章程自2026年起施行。\n\n第二部分 股东\n\n股东按出资比例分红。\n"
    named = parse_text(tmp_path, "a.txt", "公司章程\n\n" + parts.format(""))
    assert named.title == "公司章程"
    assert parse_text(tmp_path, "章程.txt", parts.format("")).title == "章程"
    english = "1. Scope\n\nIt is for all.\n\n2. Terms\n\nThese are they.\n"
    assert parse_text(tmp_path, "rules.txt", english).title == "rules"
    # Of one part alone it is the name.
    assert parse_text(tmp_path, "a.md", "# 第三章 安全\n\n戴好头盔。\n").title == "第三章 安全"


def test_a_line_indented_as_the_text_of_an_item_goes_on_with_it(tmp_path: Path) -> None:
    source = "* item one\n  goes on\n* item two\nName\n\n1. 第一项\n   续行\n2. 第二项\n"
    assert outline(parse_text(tmp_path, "a.txt", source)) == [
        ("list_item", "* item one\n  goes on"),
        ("list_item", "* item two"),
        ("paragraph", "Name"),
        ("list_item", "1. 第一项\n   续行"),
        ("list_item", "2. 第二项"),
    ]
