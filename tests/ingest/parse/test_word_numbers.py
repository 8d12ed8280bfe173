"""Automatic numbers of Word, as Word shows them."""

from pathlib import Path

import pytest

from ingest.parse import parse
from ingest.parse.numerals import numeral, padded
from tests.ingest.parse.helpers import LIMITS, outline
from tests.ingest.parse.packages import p, r, word


def level(n: int, form: str, text: str, *extra: str, start: int = 1) -> str:
    return (
        f'<w:lvl w:ilvl="{n}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/>'
        f'{"".join(extra)}<w:lvlText w:val="{text}"/></w:lvl>'
    )


def abstract(key: int, *levels: str) -> str:
    return f'<w:abstractNum w:abstractNumId="{key}">{"".join(levels)}</w:abstractNum>'


def num(key: int, of: int, *overrides: str) -> str:
    return f'<w:num w:numId="{key}"><w:abstractNumId w:val="{of}"/>{"".join(overrides)}</w:num>'


def begin_at(n: int, start: int) -> str:
    return f'<w:lvlOverride w:ilvl="{n}"><w:startOverride w:val="{start}"/></w:lvlOverride>'


def item(text: str, key: int, n: int = 0, properties: str = "") -> str:
    mark = f'{properties}<w:numPr><w:ilvl w:val="{n}"/><w:numId w:val="{key}"/></w:numPr>'
    return p(text, properties=mark)


def numbered(folder: Path, body: str, numbering: str, styles: str = "") -> list[str]:
    path = word(folder / "a.docx", body, {"numbering.xml": numbering, "styles.xml": styles})
    return [text for _, text in outline(parse(path, limits=LIMITS))]


def test_chapters_articles_and_items_of_a_chinese_rule(tmp_path: Path) -> None:
    numbering = abstract(
        1,
        level(0, "chineseCountingThousand", "第%1章"),
        # Articles count on through the chapters.
        level(1, "chineseCountingThousand", "第%2条", '<w:lvlRestart w:val="0"/>'),
        level(2, "chineseCounting", "（%3）"),
        level(3, "decimalEnclosedCircle", "%4"),
    ) + num(1, 1)
    body = (
        item("总则", 1, 0, '<w:outlineLvl w:val="0"/>')
        + item("甲。", 1, 1) + item("乙。", 1, 1) + item("子项。", 1, 2) + item("更细。", 1, 3) + item("再细。", 1, 3)
        + item("附则", 1, 0, '<w:outlineLvl w:val="0"/>') + item("丙。", 1, 1) + item("子项。", 1, 2)
    )  # fmt: skip
    assert numbered(tmp_path, body, numbering) == [
        "第一章 总则", "第一条 甲。", "第二条 乙。", "（一） 子项。", "① 更细。", "② 再细。",
        "第二章 附则", "第三条 丙。", "（一） 子项。",
    ]  # fmt: skip


def test_levels_count_under_each_other(tmp_path: Path) -> None:
    numbering = abstract(
        1,
        level(0, "upperRoman", "%1."),
        level(1, "decimal", "%1.%2"),
        level(2, "decimal", "%1.%2.%3", "<w:isLgl/>"),
        level(3, "lowerLetter", "%4)"),
    ) + num(1, 1)
    body = (
        item("a", 1) + item("b", 1, 1) + item("c", 1, 2) + item("d", 1, 3) + item("e", 1, 3)
        + item("f", 1, 1) + item("g", 1, 3) + item("h", 1) + item("i", 1, 2)
    )  # fmt: skip
    assert numbered(tmp_path, body, numbering) == [
        "I. a", "I.1 b", "1.1.1 c", "a) d", "b) e", "I.2 f", "a) g", "II. h", "2.1.1 i",
    ]  # fmt: skip


def test_lists_restart_where_they_say_so_and_count_on_where_not(tmp_path: Path) -> None:
    own = f'<w:lvlOverride w:ilvl="0">{level(0, "upperLetter", "%1)")}</w:lvlOverride>'
    numbering = (
        abstract(1, level(0, "decimal", "%1."))
        + abstract(2, level(0, "decimal", "%1.", start=5))
        + num(1, 1) + num(2, 1) + num(3, 1, begin_at(0, 1)) + num(4, 2) + num(5, 2, own)
    )  # fmt: skip
    body = (
        item("a", 1) + item("b", 1) + item("same list", 2) + item("again", 3) + item("on", 3)
        + item("five", 4) + item("own", 5)
    )  # fmt: skip
    assert numbered(tmp_path, body, numbering) == [
        "1. a", "2. b", "3. same list", "1. again", "2. on", "5. five", "F) own",
    ]  # fmt: skip


def test_numbers_by_style_and_none_where_a_paragraph_takes_it_off(tmp_path: Path) -> None:
    styles = (
        '<w:style w:type="paragraph" w:styleId="H1"><w:name w:val="heading 1"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="H2"><w:name w:val="heading 2"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="Sub"><w:name w:val="Sub"/><w:basedOn w:val="H2"/></w:style>'
        '<w:style w:type="numbering" w:styleId="L"><w:name w:val="L"/><w:pPr><w:numPr><w:numId w:val="2"/></w:numPr></w:pPr></w:style>'
    )
    numbering = (
        abstract(1, level(0, "decimal", "%1", '<w:pStyle w:val="H1"/>'), level(1, "decimal", "%1.%2", '<w:pStyle w:val="H2"/>'))
        + abstract(2, level(0, "lowerRoman", "(%1)"))
        + '<w:abstractNum w:abstractNumId="3"><w:numStyleLink w:val="L"/></w:abstractNum>'
        + num(1, 1) + num(2, 2) + num(3, 3)
    )  # fmt: skip

    def styled(text: str, style: str, extra: str = "") -> str:
        return p(text, properties=f'<w:pStyle w:val="{style}"/>{extra}')

    body = (
        styled("Pumps", "H1") + styled("Seals", "H2") + styled("Valves", "H2")
        + styled("Preface", "H1", '<w:numPr><w:numId w:val="0"/></w:numPr>')
        + styled("Tanks", "H1") + styled("Lids", "H2") + item("by a linked style", 3)
    )  # fmt: skip
    assert numbered(tmp_path, body, numbering, styles) == [
        "1 Pumps", "1.1 Seals", "1.2 Valves", "Preface", "2 Tanks", "2.1 Lids", "(i) by a linked style",
    ]  # fmt: skip


@pytest.mark.parametrize("linked", [True, False])
def test_a_style_takes_the_list_from_the_one_that_it_is_made_from(
    tmp_path: Path, linked: bool
) -> None:
    styles = (
        '<w:style w:type="paragraph" w:styleId="H1"><w:name w:val="heading 1"/><w:pPr><w:numPr>'
        '<w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="H2"><w:name w:val="heading 2"/><w:basedOn w:val="H1"/>'
        '<w:pPr><w:numPr><w:ilvl w:val="1"/></w:numPr></w:pPr></w:style>'
    )
    numbering = abstract(
        1,
        level(0, "chineseCountingThousand", "第%1章", '<w:pStyle w:val="H1"/>'),
        level(1, "decimal", "%1.%2", *(['<w:pStyle w:val="H2"/>'] if linked else []), "<w:isLgl/>"),
    ) + num(1, 1)
    body = "".join(
        p(text, properties=f'<w:pStyle w:val="H{n}"/>')
        for text, n in (("采购", 1), ("流程", 2), ("审批", 2), ("付款", 1))
    )
    assert numbered(tmp_path, body, numbering, styles) == [
        *("第一章 采购", "1.1 流程", "1.2 审批", "第二章 付款"),
    ]


def test_empty_paragraphs_count_deleted_ones_do_not(tmp_path: Path) -> None:
    numbering = abstract(1, level(0, "decimal", "%1.")) + num(1, 1)
    gone = '<w:del w:id="1"><w:r><w:delText>gone</w:delText></w:r></w:del>'
    deleted = item(gone, 1, 0, "").replace("</w:pPr>", '<w:rPr><w:del w:id="2"/></w:rPr></w:pPr>')
    body = (
        item("a", 1)
        + item("", 1)
        + deleted
        + item("b", 1)
        + item(r("x", "<w:vanish/>") + r("c"), 1)
    )
    assert numbered(tmp_path, body, numbering) == ["1. a", "3. b", "4. c"]


def test_bullets_and_hidden_numbers(tmp_path: Path) -> None:
    hidden = '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/><w:rPr><w:vanish/></w:rPr></w:lvl>'
    numbering = abstract(1, level(0, "bullet", "")) + abstract(2, hidden) + num(1, 1) + num(2, 2)
    assert numbered(tmp_path, item("a", 1) + item("b", 2), numbering) == ["- a", "- b"]


def test_custom_formats_of_later_word_versions(tmp_path: Path) -> None:
    custom = (
        '<w:lvl w:ilvl="0"><w:start w:val="7"/><mc:AlternateContent><mc:Choice Requires="w14">'
        '<w:numFmt w:val="custom" w:format="001, 002, 003, ..."/></mc:Choice><mc:Fallback>'
        '<w:numFmt w:val="decimal"/></mc:Fallback></mc:AlternateContent><w:lvlText w:val="A-%1"/></w:lvl>'
    )
    assert numbered(tmp_path, item("a", 1), abstract(1, custom) + num(1, 1)) == ["A-007 a"]


@pytest.mark.parametrize(
    ("value", "form", "expected"),
    [
        (10, "chineseCounting", "十"), (11, "chineseCounting", "十一"), (20, "chineseCounting", "二十"),
        (99, "chineseCounting", "九十九"), (120, "chineseCounting", "一二○"),
        (101, "chineseCountingThousand", "一百〇一"), (110, "chineseCountingThousand", "一百一十"),
        (315, "chineseCountingThousand", "三百一十五"), (2020, "chineseCountingThousand", "二千〇二十"),
        (10010, "chineseCountingThousand", "一万〇一十"), (101, "taiwaneseCountingThousand", "一百零一"),
        (111, "japaneseCounting", "百十一"), (12, "chineseLegalSimplified", "壹拾贰"),
        (12, "ideographLegalTraditional", "壹拾貳"), (105, "ideographDigital", "一〇五"),
        (3, "ideographTraditional", "丙"), (13, "ideographTraditional", "丙"), (12, "ideographZodiac", "亥"),
        (1, "ideographZodiacTraditional", "甲子"), (5, "decimalEnclosedCircle", "⑤"), (21, "decimalEnclosedCircle", "㉑"),
        (60, "decimalEnclosedCircle", "60"), (3, "decimalEnclosedParen", "⑶"), (3, "decimalEnclosedFullstop", "⒊"),
        (2, "ideographEnclosedCircle", "㊁"), (12, "decimalFullWidth", "１２"), (7, "decimalZero", "07"),
        (14, "upperRoman", "XIV"), (1999, "lowerRoman", "mcmxcix"), (27, "lowerLetter", "aa"), (28, "upperLetter", "BB"),
        (22, "ordinal", "22nd"), (113, "ordinal", "113th"), (21, "cardinalText", "Twenty-one"),
        (21, "ordinalText", "Twenty-first"), (30, "ordinalText", "Thirtieth"), (4, "numberInDash", "- 4 -"),
        (5, "none", ""), (5, "unheardOf", "5"), (0, "upperRoman", "0"),
    ],
)  # fmt: skip
def test_numerals(value: int, form: str, expected: str) -> None:
    assert numeral(value, form) == expected


def test_padded() -> None:
    assert padded(7, "01, 02, 03, ...") == "07"


def test_legal_numbers_keep_their_leading_zero(tmp_path: Path) -> None:
    numbering = abstract(
        0,
        level(0, "upperRoman", "Article %1"),
        level(1, "decimalZero", "Section %1.%2", "<w:isLgl/>"),
    ) + num(1, 0)
    body = item("Terms", 1) + item("They mean what they say.", 1, 1)
    shown = numbered(tmp_path, body, numbering)
    assert shown == ["Article I Terms", "Section 1.01 They mean what they say."]
