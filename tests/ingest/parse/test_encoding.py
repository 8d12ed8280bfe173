"""Encodings of text files."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.parse.encoding import decode

SIMPLIFIED = [
    "开源大模型的许可证各不相同，选型时要看清楚。DeepSeek 采用 MIT 许可证。",
    "第一章 总则\r\n\r\n本规定适用于全体员工。",
    "你好，世界",
    "Qwen 2.5 模型",
    "中文",
]
TRADITIONAL = [
    "開源大模型的授權條款各不相同，選型時要看清楚。",
    "你好，世界",
    "臺灣的圖書館有許多資料。",
]


@pytest.mark.parametrize("text", SIMPLIFIED)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-32"])
def test_simplified(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize("text", TRADITIONAL)
@pytest.mark.parametrize("encoding", ["utf-8", "big5", "gb18030", "utf-16"])
def test_traditional(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark(encoding: str) -> None:
    for text in [*SIMPLIFIED[:2], "Plain English text in two bytes a letter.\n"]:
        assert decode(text.encode(encoding)) == text


def test_western_text() -> None:
    text = "Déjà vu: naïve café, “quoted” – 5 €"
    assert decode(text.encode("cp1252")) == text


def test_japanese_text() -> None:
    text = "これは日本語の文章です。カタカナもあります。"
    assert decode(text.encode("shift_jis")) == text


def test_a_few_broken_bytes_in_a_long_file_are_replaced() -> None:
    data = ("这是一段很长的文字。" * 50).encode() + b"\xe4\xb8"
    text = decode(data)
    assert text is not None
    assert text.rstrip("\ufffd") == "这是一段很长的文字。" * 50


def test_a_large_file_is_judged_by_its_beginning_and_read_to_its_end() -> None:
    text = "许可证的说明。" * 20_000 + "结束"
    assert decode(text.encode("gb18030")) == text


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0",
        b"\x7fELF\x02\x01\x01\0\0\0\0\0" * 20,
        bytes(range(256)),
    ],
)
def test_binary_is_no_text(data: bytes) -> None:
    assert decode(data) is None


def test_random_bytes_are_no_text() -> None:
    assert all(decode(os.urandom(4000)) is None for _ in range(20))


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"))))
def test_utf8_is_always_read_as_utf8(text: str) -> None:
    assert decode(text.encode()) == text.removeprefix("\ufeff")
