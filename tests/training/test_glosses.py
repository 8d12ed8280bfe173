"""The dictionary that ships, made from CC-CEDICT's form."""

import json
import lzma
from pathlib import Path

from training.glosses import write_glosses


def test_the_table_goes_both_ways_commoner_words_first(tmp_path: Path) -> None:
    entries = {
        "备份": ["backup"],
        "复制": ["to copy", "backup (of data)"],
        "登记表": ["registration form", "list of all things that are counted"],
        "龘龘": ["backup"],  # in no text
        "B超": ["ultrasound"],
    }
    packed = lzma.compress(json.dumps(entries).encode())
    (tmp_path / "cedict.json.xz").write_bytes(packed)
    out = tmp_path / "glosses.json.xz"
    assert write_glosses(tmp_path, out) == 3
    table = json.loads(lzma.decompress(out.read_bytes()))
    assert table["zh"] == {"备份": "backup", "复制": "copy/backup", "登记表": "registration form"}
    assert table["en"]["copi"] == "复制"
    assert table["en"]["backup"].split("/") == ["备份", "复制"]
