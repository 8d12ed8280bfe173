"""Facts in 150 files of all formats, asked for again: which are found?

`python -m bench formats`: the files are made, taken in by a sync, and each fact's question is
searched as `groundkb search` does it. A fact is found when one of the first three passages is of
its file and holds its value.

`python -m bench.formats --data FOLDER --seconds 240` stops after so long, and goes on where it
was when it is called again; `--write` puts the tables into docs/formats.md and docs/zh/formats.md.
"""

import argparse
import os
import platform
import re
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

from app.answering.retrieve import retrieve
from app.runtime import Storage, open_storage
from app.settings import load_settings
from bench import planted_odf, planted_office, planted_texts
from bench.planted import Fact, Planter
from ingest.report import SyncRequest

DOCS = Path(__file__).parents[1] / "docs"
BEGIN, END = "<!-- python -m bench.formats --write -->", "<!-- end -->"
RANK = 3
PART = 15  # files that are taken in together
WANTED = 0.99
_Writer = Callable[[Path, Planter], None]
_SUMMARY = re.compile(
    r"(\S+), (\S+), (\d+) cores: (\d+) files, (\d+) facts, found at rank ≤ (\d+): (\d+), (\S+) \(wanted: (\S+)\)\."
)
_IN_CHINESE = {
    "format": "格式",
    "planted in": "放在",
    "facts": "事实",
    "found": "找到",
    "body": "正文",
    "table": "表格",
    "text box": "文本框",
    "tracked change": "修订",
    "content control": "内容控件",
    "header": "页眉",
    "footer": "页脚",
    "footnote": "脚注",
    "endnote": "尾注",
    "comment": "批注",
    "picture": "图片",
    "notes": "演讲者备注",
    "chart": "图表",
    "group": "组合",
    "merged cells": "合并单元格",
    "list": "列表",
    "description of a picture": "图片说明",
    "attachment": "附件",
    "field": "域",
    "nested field": "嵌套的字段",
}
# Files of each format; eml: every second with its facts in an HTML part.
FILES: Mapping[str, tuple[int, _Writer]] = {
    "docx": (20, planted_office.docx),
    "pptx": (14, planted_office.pptx),
    "xlsx": (16, planted_office.xlsx),
    "odt": (8, planted_office.odt),
    "ods": (4, planted_odf.ods),
    "odp": (4, planted_odf.odp),
    "pdf": (16, planted_texts.pdf),
    "html": (6, planted_texts.html),
    "md": (8, planted_texts.md),
    "txt": (6, planted_texts.txt),
    "rtf": (6, planted_texts.rtf),
    "epub": (6, planted_texts.epub),
    "eml": (8, planted_texts.eml),
    "csv": (4, planted_texts.csv),
    "tsv": (2, planted_texts.csv),
    "json": (4, planted_texts.data),
    "jsonl": (2, planted_texts.data),
    "yaml": (4, planted_texts.data),
    "py": (2, planted_texts.code),
    "png": (2, planted_texts.image),
    "jpg": (2, planted_texts.image),
    "tiff": (2, planted_texts.image),
    "webp": (2, planted_texts.image),
    "bmp": (2, planted_texts.image),
}


def write_folder(folder: Path) -> dict[str, list[Fact]]:
    """All files that are not there yet; the facts planted in each, by its name."""
    made = folder.parent / "made"
    made.mkdir(parents=True, exist_ok=True)
    planted: dict[str, list[Fact]] = {}
    number = 0
    for suffix, (count, write) in FILES.items():
        for n in range(count):
            plan = Planter(number)
            rich = "-rich" if suffix == "eml" and n % 2 else ""
            name = f"{number:03d}{rich}.{suffix}"
            write(made / name, plan)
            place = folder / f"part-{number // PART:02d}" / name
            # Put there again, a file of the same facts would be a changed one.
            if not place.exists():
                place.parent.mkdir(parents=True, exist_ok=True)
                (made / name).rename(place)
            planted[name] = plan.facts
            number += 1
    return planted


def missed(storage: Storage, planted: Mapping[str, list[Fact]]) -> list[tuple[str, Fact]]:
    """The facts that were not found, with their files."""
    space = storage.indexes.reading("default")
    lost = []
    for name, facts in planted.items():
        for fact in facts:
            found = retrieve(
                storage.library, space, storage.sparse, fact.question, kb="default", limit=RANK
            )
            if not any(
                _holds(hit.passage.source, hit.passage.text, name, fact) for hit in found.hits
            ):
                lost.append((name, fact))
    return lost


def _holds(source: str, text: str, name: str, fact: Fact) -> bool:
    # An attachment is a document of its own, whose source is the mail's and more.
    return name in unquote(source) and fact.value in text.replace(",", "")


def main(arguments: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.formats")
    parser.add_argument("--data", type=Path, help="folder to keep, and to go on in")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="of taking in files")
    parser.add_argument("--write", action="store_true", help="the tables into the two formats.md")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as made:
        tables = _measured(given.data or Path(made), time.monotonic() + given.seconds)
    if tables and given.write:
        for page, own in (("formats.md", tables), ("zh/formats.md", in_chinese(tables))):
            head, _, rest = (DOCS / page).read_text(encoding="utf-8").partition(BEGIN)
            tail = rest.partition(END)[2]
            (DOCS / page).write_text(f"{head}{BEGIN}\n{own}\n{END}{tail}", encoding="utf-8")


def in_chinese(tables: str) -> str:
    """The same tables with Chinese heads and places; what has no Chinese name keeps its own."""
    said = r"\1，\2，\3 个核心：\4 个文件，\5 个事实，在前 \6 位之内找到 \7 个，\8（要求：\9）。"
    lines = []
    for line in _SUMMARY.sub(said, tables).split("\n"):
        cells = [_IN_CHINESE.get(cell.strip(), cell.strip()) for cell in line.split("|")]
        lines.append(" | ".join(cells).strip() if len(cells) > 1 else line)
    return "\n".join(lines)


def _measured(root: Path, until: float) -> str:
    """The tables; '' if not all files were taken in by then."""
    folder = root / "documents"
    planted = write_folder(folder)
    storage = open_storage(load_settings(data=root / "data", log_level="error"))
    try:
        for part in sorted(folder.iterdir()):
            report = storage.sync(SyncRequest((str(part),), "default"), lambda _event: None)
            for failed in report.failed:
                print(f"failed: {failed}", file=sys.stderr)
            print(f"{part.name}: {report.added} files, {report.seconds:.0f} s", file=sys.stderr)
            if time.monotonic() > until:
                return ""
        lost = missed(storage, planted)
    finally:
        storage.close()
    for name, fact in lost:
        print(f"not found: {name}, {fact.where}: {fact.question} {fact.value}", file=sys.stderr)
    facts = sum(map(len, planted.values()))
    tables = (
        f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, {os.cpu_count()} cores: "
        f"{len(planted)} files, {facts} facts, found at rank ≤ {RANK}: {facts - len(lost)}, "
        f"{1 - len(lost) / facts:.1%} (wanted: {WANTED:.0%}).\n\n"
        + _table("format", planted, lost, lambda name, _fact: name.rsplit(".", 1)[1])
        + "\n"
        + _table("planted in", planted, lost, lambda _name, fact: fact.where)
    )
    print(tables)
    return tables


def _table(
    head: str,
    planted: Mapping[str, list[Fact]],
    lost: list[tuple[str, Fact]],
    group: Callable[[str, Fact], str],
) -> str:
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    gone = {id(fact) for _, fact in lost}
    for name, facts in planted.items():
        for fact in facts:
            counts[group(name, fact)][0] += 1
            counts[group(name, fact)][1] += id(fact) not in gone
    rows = [
        f"| {key} | {count} | {found} ({found / count:.1%}) |\n"
        for key, (count, found) in counts.items()
    ]
    return f"| {head} | facts | found |\n| --- | --: | --: |\n" + "".join(rows)


if __name__ == "__main__":
    main(sys.argv[1:])
