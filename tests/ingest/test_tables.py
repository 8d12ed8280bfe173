"""A table of any format: every passage of its rows can be read alone."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from docx import Document
from openpyxl import Workbook

from ingest.chunk import chunk, embedding_texts
from ingest.parse import Limits, parse

HEADER = ("编号", "设备名称", "负责人", "存放地点说明")
ROWS = [
    (str(1000 + i), f"第{i}号测量设备", f"员工{i}", f"三号仓库第{i}排货架靠近东门的位置")
    for i in range(120)
]
Maker = Callable[[Path], object]


def _delimited(mark: str) -> Maker:
    def make(path: Path) -> None:
        text = io.StringIO()
        csv.writer(text, delimiter=mark).writerows([HEADER, *ROWS])
        path.write_text(text.getvalue())

    return make


def _markdown(path: Path) -> None:
    lines = [f"| {' | '.join(row)} |" for row in (HEADER, ("---",) * 4, *ROWS)]
    path.write_text("# 设备\n\n" + "\n".join(lines) + "\n")


def _html(path: Path) -> None:
    rows = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in ROWS)
    head = "".join(f"<th>{cell}</th>" for cell in HEADER)
    path.write_text(f"<html><body><table><tr>{head}</tr>{rows}</table></body></html>")


def _docx(path: Path) -> None:
    document = Document()
    table = document.add_table(rows=len(ROWS) + 1, cols=4)
    for target, row in zip(table.rows, (HEADER, *ROWS), strict=True):
        for cell, text in zip(target.cells, row, strict=True):
            cell.text = text
    document.save(str(path))


def _xlsx(path: Path) -> None:
    book = Workbook()
    for row in (HEADER, *ROWS):
        book.active.append(row)
    book.save(path)


def _json(path: Path) -> None:
    records = [dict(zip(HEADER, row, strict=True)) for row in ROWS]
    path.write_text(json.dumps(records, ensure_ascii=False))


MAKERS: dict[str, Maker] = {
    "t.csv": _delimited(","), "t.tsv": _delimited("\t"), "t.md": _markdown, "t.html": _html,
    "t.docx": _docx, "t.xlsx": _xlsx, "t.json": _json,
}  # fmt: skip


@pytest.mark.parametrize("name", MAKERS)
def test_each_passage_has_the_header_of_its_rows(tmp_path: Path, name: str) -> None:
    MAKERS[name](tmp_path / name)
    parsed = parse(tmp_path / name, limits=Limits())
    passages = chunk(
        parsed, document_id="5b0c3f1e-5a53-5b0f-9d2e-6f1b6c1f7a10", revision="r", source="s"
    )
    assert len(passages) > 5
    assert all("| 编号 | 设备名称 | 负责人 | 存放地点说明 |" in p.text for p in passages)
    for _, device, person, place in ROWS:
        (holder,) = [p for p in passages if f"| {device} |" in p.text]
        assert f"| {device} | {person} | {place} |" in holder.text, "no row is divided"
    embedded = [text for p in passages for text in embedding_texts(p, parsed)]
    assert all("设备名称" in text for text in embedded if "号测量设备" in text)
