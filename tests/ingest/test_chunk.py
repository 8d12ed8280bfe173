"""Passages: whole, exact, in order, along the document's structure."""

from pathlib import Path
from uuid import NAMESPACE_URL, UUID, uuid5

import pytest
import regex
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from llama_index.core.ingestion import IngestionPipeline
from llama_index.core.schema import Document

from app.index.protocol import Passage
from app.text.width import width
from ingest.chunk import chunk, embedding_texts, sparse_text
from ingest.chunk.component import PassageParser
from ingest.chunk.units import BUDGET, WHOLE_PARAGRAPH
from ingest.parse import Limits, ParsedDocument, parse
from ingest.parse.document import Builder, Content
from ingest.parse.markdown import parse_markdown
from ingest.parse.plain import parse_plain
from tests.ingest.parse import make
from tests.text.strategies import FRAGMENTS, texts

SOURCE = "file:///%E6%A0%87%E9%A2%98.md"  # 标题.md
DOCUMENT = str(uuid5(NAMESPACE_URL, SOURCE))


def parsed(content: Content) -> ParsedDocument:
    return ParsedDocument(
        "标题", content.text, content.blocks, "text/plain", "zh", content.metadata
    )


def passages(document: ParsedDocument) -> list[Passage]:
    return chunk(document, document_id=DOCUMENT, revision="r1", source=SOURCE, tags=("t",))


def check(document: ParsedDocument) -> list[Passage]:
    """The promises of every chunking."""
    found = passages(document)
    text, position = document.text, 0
    edges = {0} | {match.end() for match in regex.finditer(r"\X", text)}
    for ordinal, passage in enumerate(found):
        assert passage.ordinal == ordinal
        assert passage.text == text[passage.start : passage.end]
        assert not text[position : passage.start].strip(), "text between passages"
        assert position <= passage.start < passage.end
        assert passage.end in edges
        assert passage.windows
        inner = passage.start
        for start, end in passage.windows:
            assert inner <= start < end <= passage.end
            assert {start, end} <= edges
            inner = end
        assert len(embedding_texts(passage, document)) == len(passage.windows)
        position = passage.end
    assert not text[position:].strip()
    return found


def sentence(n: int) -> str:
    return f"这是第{n}个关于开源模型许可证的句子，用来凑够一段文字的长度。"


def paragraph(sentences: int) -> str:
    return "".join(map(sentence, range(sentences)))


def test_identity_and_fields() -> None:
    document = parsed(parse_markdown("# 甲\n\n正文。\n"))
    [passage] = passages(document)
    assert passage.id == str(uuid5(UUID(DOCUMENT), "r1:0"))
    assert (passage.document_id, passage.revision, passage.source) == (
        DOCUMENT,
        "r1",
        SOURCE,
    )
    assert (passage.title, passage.tags, passage.language) == ("标题", ("t",), "zh")
    assert passage.section == ("甲",)
    assert passage.page is None


def test_a_paragraph_stays_whole_up_to_the_limit() -> None:
    whole = paragraph(25)
    assert BUDGET < width(whole) <= WHOLE_PARAGRAPH
    assert len(passages(parsed(parse_plain(whole)))) == 1


def test_a_longer_paragraph_is_cut_at_sentence_ends() -> None:
    document = parsed(parse_plain(paragraph(80)))
    found = check(document)
    assert len(found) > 4
    assert all(passage.text.endswith("。") for passage in found)
    assert all(width(passage.text) <= BUDGET for passage in found[:-1])
    assert width(found[-1].text) <= BUDGET * 5 // 4


def test_sections_are_kept_apart_with_their_headings() -> None:
    document = parsed(
        parse_markdown(f"# 书\n\n## 甲\n\n{paragraph(8)}\n\n## 乙\n\n{paragraph(8)}\n")
    )
    found = check(document)
    assert [passage.section for passage in found] == [("书", "甲"), ("书", "乙")]
    assert found[0].text.startswith("书\n\n甲\n\n")
    assert found[1].text.startswith("乙\n\n")


def test_small_sections_of_one_parent_go_together_and_those_of_others_do_not() -> None:
    source = "# 书\n\n" + "".join(
        f"## 部分{part}\n\n" + "".join(f"### 条目{part}{n}\n\n{sentence(n)}\n\n" for n in range(3))
        for part in "甲乙丙"
    )
    found = check(parsed(parse_markdown(source)))
    assert [passage.section for passage in found] == [("书", f"部分{part}") for part in "甲乙丙"]


def test_a_passage_over_several_headings_knows_which_text_is_whose() -> None:
    source = "# 书\n\n## 甲\n\n" + sentence(1) + "\n\n## 乙\n\n" + sentence(2)
    document = parsed(parse_markdown(source))
    [passage] = check(document)
    assert passage.section == ("书",)
    for number, section in ((1, ("书", "甲")), (2, ("书", "乙"))):
        start = document.text.index(sentence(number))
        assert passage.place_of(start, start + len(sentence(number))).section == section


def test_short_chapters_or_sheets_are_never_put_together() -> None:
    builder = Builder()
    for name, rows in (
        ("Shifts", [["Hall", "Lead"], ["North", "Ito"]]),
        ("Budget", [["Unit", "2026"], ["Lifts", "71"]]),
    ):
        builder.heading(name, 1)
        builder.table(rows)
    found = check(parsed(builder.finish()))
    assert [passage.section for passage in found] == [("Shifts",), ("Budget",)]


def test_what_stands_under_no_heading_takes_none_away() -> None:
    builder = Builder()
    builder.heading("Tariff", 1)
    builder.paragraph("Pallets are charged.")
    builder.leave_sections()
    builder.paragraph("Header: valid from May")
    document = parsed(builder.finish())
    [passage] = check(document)
    assert passage.section == ("Tariff",)
    start = document.text.index("Header")
    assert passage.place_of(start, passage.end).section == ()


def test_a_heading_at_the_foot_of_a_page_keeps_its_page() -> None:
    builder = Builder()
    builder.page = 1
    builder.paragraph(sentence(1))
    builder.heading("Opening hours", 2)
    builder.page = 2
    builder.paragraph("The hall opens at six.")
    document = parsed(builder.finish())
    last = check(document)[-1]
    assert last.page == 2
    heading, text = document.text.index("Opening"), document.text.index("The hall")
    assert last.place_of(heading, heading + 13).page == 1
    assert last.place_of(text, last.end).page == 2
    # A quote of both is where its sentence stands.
    assert last.place_of(heading, last.end).page == 2


def test_a_heading_is_never_the_end_of_a_passage() -> None:
    source = "".join(f"## 节{n}\n\n{paragraph(n % 9)}\n\n" for n in range(1, 30))
    document = parsed(parse_markdown(source))
    titles = {block.section[-1] for block in document.blocks if block.kind == "heading"}
    for passage in check(document):
        assert passage.text.split("\n")[-1] not in titles


def test_a_lead_in_stays_with_its_list() -> None:
    items = "\n".join(f"- {sentence(n)}" for n in range(9))
    source = f"{paragraph(12)}\n\n许可证的要点如下：\n\n{items}\n"
    found = check(parsed(parse_markdown(source)))
    assert len(found) == 2
    assert found[1].text.startswith("许可证的要点如下：")


def table(rows: int) -> str:
    lines = [f"| 模型{n} | 许可证{n}：可以商用。也可以修改 | {n}B |" for n in range(rows)]
    return "\n".join(["| 名称 | 许可 | 大小 |", "|---|---|---|", *lines])


def test_rows_are_never_cut_and_each_passage_of_a_table_has_its_header() -> None:
    document = parsed(parse_markdown(f"# 表\n\n{paragraph(3)}\n\n{table(100)}\n"))
    found = check(document)
    assert len(found) > 4
    for passage in found:
        lines = passage.text.split("\n")
        assert "| 名称 | 许可 | 大小 |" in lines
        assert all(line.endswith("|") for line in lines if line.startswith("|"))
        assert width(passage.text) <= BUDGET * 5 // 4


def test_an_over_long_row_is_a_passage_of_its_own() -> None:
    row = f"| 甲 | {paragraph(60)} |"
    document = parsed(parse_markdown(f"| a | b |\n|---|---|\n| x | y |\n{row}\n| z | z |\n"))
    assert any(passage.text.endswith(row) for passage in check(document))


def test_code_is_cut_at_line_ends() -> None:
    code = "\n".join(f"value_{n} = compute({n})  # a comment" for n in range(200))
    document = parsed(parse_markdown(f"```\n{code}\n```\n"))
    found = check(document)
    assert len(found) > 4
    assert all(line.startswith("value_") for p in found for line in p.text.split("\n"))


def test_no_passage_crosses_a_page(tmp_path: Path) -> None:
    lines = [[(72.0, 12.0, f"Page {n} says that the licence is number {n}.")] for n in range(1, 4)]
    document = parse(make.pdf(tmp_path / "a.pdf", lines), limits=Limits())
    assert [(passage.page, passage.ordinal) for passage in check(document)] == [
        (1, 0),
        (2, 1),
        (3, 2),
    ]


def test_rows_and_short_windows_are_embedded_with_what_they_stand_under() -> None:
    document = parsed(parse_markdown("# 手册\n\n## Yi-34B\n\n短句。\n\n" + table(6)))
    [passage] = passages(document)
    texts_ = embedding_texts(passage, document)
    assert texts_[0] == "标题 手册 Yi-34B 短句。"
    rows = [text for text in texts_ if "模型3" in text]
    assert rows
    assert all(text.startswith("标题 Yi-34B | 名称 | 许可 | 大小 |") for text in rows)
    long = parsed(parse_markdown(f"# 手册\n\n{paragraph(12)}"))
    assert all("手册" not in text for text in embedding_texts(passages(long)[0], long)[1:])


def test_bm25_counts_title_file_name_and_headings_too() -> None:
    document = parsed(parse_markdown("# 手册\n\n## 许可\n\n正文。"))
    [passage] = passages(document)
    assert sparse_text(passage) == "标题\n标题\n手册\n许可\n手册\n\n许可\n\n正文。"


def test_a_file_name_that_says_more_than_the_title_stands_before_rows() -> None:
    document = parsed(parse_markdown(table(6)))
    source = "https://host/manuals/Kestrel%20200-Guide.html?x=1"
    [passage] = chunk(document, document_id=DOCUMENT, revision="r1", source=source)
    assert sparse_text(passage).startswith("标题\nkestrel 200-guide\n")
    assert embedding_texts(passage, document)[0].startswith("标题 kestrel 200-guide | 名称")


def test_the_same_component_runs_in_a_llama_index_pipeline() -> None:
    document = parsed(parse_markdown(f"# 甲\n\n{paragraph(80)}"))
    nodes = IngestionPipeline(transformations=[PassageParser()], disable_cache=True).run(
        documents=[Document(text="", metadata={"parsed": document})]
    )
    assert [node.get_content() for node in nodes] == [p.text for p in passages(document)]


def test_line_ends_do_not_matter() -> None:
    source = f"# 甲\n\n{paragraph(20)}\n\n- 一\n- 二\n\n{table(30)}\n"
    unix = passages(parsed(parse_markdown(source)))
    dos = passages(parsed(parse_markdown(source.replace("\n", "\r\n"))))
    assert unix == dos


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(texts)
def test_any_plain_text(text: str) -> None:
    check(parsed(parse_plain(text)))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(texts, st.sampled_from([1, 40]))
def test_any_markdown(text: str, times: int) -> None:
    check(parsed(parse_markdown(text * times)))


blocks = st.lists(
    st.tuples(
        st.sampled_from(["heading", "paragraph", "list_item", "code", "table", "page"]),
        st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=6).map("".join),
        st.integers(1, 60),
    ),
    max_size=25,
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(blocks)
def test_any_structure(parts: list[tuple[str, str, int]]) -> None:
    builder = Builder()
    for kind, text, number in parts:
        if kind == "heading":
            builder.heading(text, number % 7)
        elif kind == "paragraph":
            builder.paragraph(text * number)
        elif kind == "list_item":
            builder.list_item(text, 1 + number % 3)
        elif kind == "code":
            builder.code((text + "\n") * number)
        elif kind == "table":
            builder.table([["甲", "乙"], *([text, str(n)] for n in range(number))])
        else:
            builder.page = number
    document = parsed(builder.finish())
    rows = {(b.start, b.end) for b in document.blocks if b.kind == "table_row"}
    for passage in check(document):
        for start, end in rows:
            assert not start < passage.start < end
            assert not start < passage.end < end


@pytest.mark.parametrize("unit", ["字", "a", "字，", "word ", "(((", "👩‍👩‍👧‍👦", "。"])
def test_an_endless_line_gives_passages_of_bounded_size(unit: str) -> None:
    document = parsed(parse_plain(unit * 20_000))
    assert all(width(passage.text) <= WHOLE_PARAGRAPH for passage in check(document))
