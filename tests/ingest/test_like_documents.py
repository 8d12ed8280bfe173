"""Many documents of one pattern: the one that a question names is found, and its row."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.answering.retrieve import retrieve
from app.models.embedding import Embedder
from app.runtime import Storage, open_storage
from app.settings import Settings
from ingest.report import SyncRequest

EN = {
    "names": ["Kestrel", "Merlin", "Osprey", "Heron", "Plover", "Curlew"],
    "head": "| Item | Value |\n|---|---|\n",
    "rows": [("Filter interval", "days"), ("Oil grade", "VG"), ("Noise level", "dB")],
    "file": "{}-guide.md",
    "ask": "What is the {1} of the {0}?",
}
ZH = {
    "names": ["天鹰", "海燕", "云雀", "白鹭", "翠鸟", "夜莺"],
    "head": "| 项目 | 数值 |\n|---|---|\n",
    "rows": [("滤网更换周期", "天"), ("机油等级", "号"), ("噪声", "分贝")],
    "file": "{}使用指南.md",
    "ask": "{0}的{1}是多少？",
}


@pytest.fixture
def library(settings: Settings, real_embedder: Embedder) -> Iterator[Storage]:
    storage = open_storage(settings, real_embedder)
    yield storage
    storage.close()


@pytest.mark.parametrize("kind", [EN, ZH], ids=["en", "zh"])
def test_the_file_name_tells_guides_apart_that_have_the_same_title(
    kind: dict[str, Any], library: Storage, tmp_path: Path
) -> None:
    folder = tmp_path / "guides"
    folder.mkdir()
    for place, name in enumerate(kind["names"]):
        rows = "".join(
            f"| {item} | {10 * number + place} {unit} |\n"
            for number, (item, unit) in enumerate(kind["rows"], 1)
        )
        text = f"# Overview\n\nGeneral data.\n\n{kind['head']}{rows}"
        (folder / kind["file"].format(name.lower())).write_text(text, encoding="utf-8")
    library.sync(SyncRequest((str(folder),), "default"), lambda _event: None)

    wrong = []
    for place, name in enumerate(kind["names"]):
        for number, (item, unit) in enumerate(kind["rows"], 1):
            question = kind["ask"].format(name, item.lower())
            best = retrieve(
                library.library,
                library.indexes.reading("default"),
                library.sparse,
                question,
                kb="default",
                limit=3,
            ).hits[0]
            if f"| {10 * number + place} {unit} |" not in best.passage.text:
                wrong.append(question)

    assert wrong == []
