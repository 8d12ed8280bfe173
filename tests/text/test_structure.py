"""What a stored text is made of: as the parsers wrote it, or as near as the text alone tells."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.text.structure import Block, structure
from ingest.parse import Limits, parse
from ingest.parse.document import Builder

SAMPLES = sorted((Path(__file__).parents[2] / "samples" / "library").iterdir())


def sections_of(blocks: object) -> list[tuple[int, tuple[str, ...]]]:
    return [(block.start, block.section) for block in blocks]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "path",
    [path for path in SAMPLES if path.suffix in (".md", ".docx", ".html")],
    ids=lambda p: p.name,
)
def test_the_samples_are_read_as_they_were_written(path: Path) -> None:
    parsed = parse(path, limits=Limits())
    found = list(structure(parsed.text, sections_of(parsed.blocks)))
    assert [(b.start, b.end, b.kind) for b in found] == [
        (b.start, b.end, b.kind) for b in parsed.blocks
    ]


def test_every_way_of_writing_is_told_apart() -> None:
    builder = Builder()
    builder.heading("Manual", 1)
    builder.heading("Parts", 2)
    builder.paragraph("Two lines\nof one paragraph.")
    builder.list_item("first")
    builder.list_item("deeper\nand its second line", 2)
    builder.list_item("third", marker="3.")
    builder.table([["Name", "Price"], ["a|b", "1"], ["c", "2"]])
    builder.table([["alone", "x"]])
    builder.code("def f():\n    return 1")
    written = builder.finish()
    found = list(structure(written.text, sections_of(written.blocks)))
    assert [(b.start, b.end, b.kind, b.level) for b in found] == [
        (b.start, b.end, b.kind, b.level) for b in written.blocks
    ]
    rows = [block.header for block in found if block.kind == "table_row"]
    assert rows == [True, False, False, False]


def test_a_header_that_is_printed_again_is_one_each_time() -> None:
    builder = Builder()
    builder.table([["Name", "What it is for"], *([str(n), "x" * 90] for n in range(30))])
    rows = list(structure(builder.finish().text))
    headers = [block for block in rows if block.header]
    assert len(headers) > 2
    assert len(rows) == 31 + len(headers) - 1


def test_without_paths_a_heading_is_a_paragraph() -> None:
    assert list(structure("Manual\n\nText.\n")) == [
        Block(0, 6, "paragraph", 0, False),
        Block(8, 13, "paragraph", 0, False),
    ]


@given(st.text(st.sampled_from("ab \t\n|")))
def test_blocks_are_parted_by_lines_of_blanks_alone(text: str) -> None:
    blocks = [text[block.start : block.end] for block in structure(text) if block.kind == "code"]
    blocks += [text[b.start : b.end] for b in structure(text) if b.kind == "paragraph"]
    assert all(line.strip(" \t") for block in blocks for line in block.split("\n"))


@pytest.mark.parametrize("between", [" ", "\t", "\n", "\n \n", "| ", "- "])
def test_a_hostile_text_takes_no_longer_than_its_length(between: str) -> None:
    began = time.perf_counter()
    list(structure("a" + between * 500_000 + "b"))
    assert time.perf_counter() - began < 5
