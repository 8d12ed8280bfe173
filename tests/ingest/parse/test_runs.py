"""Long runs of one thing: reading takes time in proportion to their length, not to its square."""

import contextlib
import time
from pathlib import Path

import pytest

from app.errors import GroundkbError
from tests.ingest.parse.helpers import parse_text

UNITS = (
    " ", "\t", "\n", " \n", "\u3000", "a", "0", "1.", "1.1", ".", "-", "--", "- ", "|", "| ", "|-", "#", "*", "_", "`",
    "~", "[", "]", "![", "[a](", "(", "<", "<a ", "</", "<!--", "<!---->", "<b>", "<style>", "<td colspan=99>", "&",
    '"', "'", "=", ">", "> ", "$", "\\", "{", "}", "{\\b ", "@", "a@", "@a{", "/", "//", ":", "a: ", ";", ",", "%",
    "一", "九", "百", "亿", "第", "第一", "（一", "、", "，", "。", "…", "“", "a-", "a.", "\r\n", "\u0301", "e\u0301\u0327", "\u200d", "👩‍",
    "http://", "X: y\n", "a b\n", "Aa. ", "1,", "\u202e", "\ufeff", "\\u4e00", "=?utf-8?b?", "---\n",
)  # fmt: skip
LENGTH = 60_000
MOST_SECONDS = 3.0


@pytest.mark.parametrize(
    "name", ["a.txt", "a.md", "a.html", "a.csv", "a.eml", "a.rtf", "a.json", "a.yaml", "a.py"]
)
def test_a_run(tmp_path: Path, name: str) -> None:
    slow = {}
    head = {"a.rtf": "{\\rtf1 ", "a.eml": "Subject: x\nFrom: a@b\n\n", "a.html": "<html><body>"}
    for unit in UNITS:
        for begin, end in (("", ""), ("x ", " x!")):
            text = head.get(name, "") + begin + (unit * LENGTH)[:LENGTH] + end
            started = time.process_time()
            with contextlib.suppress(GroundkbError):
                parse_text(tmp_path, name, text)
            seconds = time.process_time() - started
            if seconds > MOST_SECONDS:
                slow[unit, end] = round(seconds, 1)
    assert not slow
