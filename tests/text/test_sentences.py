"""Sentence ends and windows."""

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from app.text.sentences import split_sentences, windows
from app.text.width import width
from tests.text.strategies import texts


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("你好。再见！真的？是；好", ["你好。", "再见！", "真的？", "是；", "好"]),
        ("他说：“很好。”然后走了。", ["他说：“很好。”", "然后走了。"]),
        ("“走吧！”，他说。", ["“走吧！”，他说。"]),
        ("他问（真的吗？）后走了。", ["他问（真的吗？）", "后走了。"]),
        ("It costs $3.5 now. Use v1.2.3 of llama.cpp. Done.",
         ["It costs $3.5 now.", "Use v1.2.3 of llama.cpp.", "Done."]),
        ("Dr. Smith, e.g. J. Doe, came. So did others etc. The end.",
         ["Dr. Smith, e.g. J. Doe, came.", "So did others etc.", "The end."]),
        ("See https://a.org/x?y=1.2 and go! Now?", ["See https://a.org/x?y=1.2 and go!", "Now?"]),
        ("Is it (really?) so. He said \"No.\" Then left.",
         ["Is it (really?) so.", "He said \"No.\"", "Then left."]),
        ("上下文长度是 8192.训练数据更多.", ["上下文长度是 8192.训练数据更多."]),
        ("1. 硬件要求：8GB。\n2. 软件要求\n", ["1. 硬件要求：8GB。", "2. 软件要求"]),
        ("- 商业友好\n  - 效果接近\n* third", ["商业友好", "效果接近", "third"]),
        ("| a. b | c。d |\n|---|---|\n| x! y | z |", ["| a. b | c。d |", "| x! y | z |"]),
        ("标题\n\n正文没有句号\n\n另一段", ["标题", "正文没有句号", "另一段"]),
        ("It was e.g.\nfine", ["It was e.g.", "fine"]),
        ("好！！！真的？！", ["好！！！", "真的？！"]),
        ("Wait... what? Yes... Then go.", ["Wait... what?", "Yes...", "Then go."]),
        ("---\n*\n", []),
        ("", []),
    ],
)  # fmt: skip
def test_sentences(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_a_wrapped_line_goes_on_and_a_line_broken_on_purpose_ends() -> None:
    wrapped = (
        "The quick brown fox jumps over the lazy dog and then goes on to\n"
        "sleep in the shade of the old tree that stands near the river.\n"
        "It wakes up late."
    )
    assert len(sentences(wrapped)) == 2
    verse = "Roses are red\nViolets are blue\nSugar is sweet"
    assert sentences(verse) == verse.split("\n")


def test_wrapped_chinese_lines_go_on() -> None:
    line = "这是一个按照固定宽度折行的中文段落它在第四十个汉字处换行而句子还没有结束所以"
    assert sentences(f"{line}\n{line}\n到这里才结束。") == [f"{line}\n{line}\n到这里才结束。"]


def test_a_part_of_a_text_is_split_in_the_coordinates_of_the_whole() -> None:
    text = "不要。第一句。第二句。不要。"
    spans = split_sentences(text, 3, 11)
    assert [text[a:b] for a, b in spans] == ["第一句。", "第二句。"]


def test_windows_merge_sentences_up_to_the_target() -> None:
    text = "十个汉字的一句话呢。" * 20  # 30 wide each
    found = windows(text, 0, len(text), 200)
    assert [width(text[a:b]) for a, b in found] == [180, 180, 180, 60]


def test_a_long_sentence_stays_whole_up_to_twice_the_target_then_is_cut_at_clauses() -> None:
    whole = "字" * 120 + "。"
    assert windows(whole, 0, len(whole), 200) == [(0, 121)]
    clauses = "字字字字字字字字字，" * 30 + "完。"
    found = windows(clauses, 0, len(clauses), 200)
    assert all(clauses[end - 1] == "，" for _, end in found[:-1])
    assert all(width(clauses[a:b]) <= 200 for a, b in found)


def test_a_long_word_is_cut_between_graphemes() -> None:
    text = "👩‍👩‍👧‍👦" * 200
    for start, end in windows(text, 0, len(text), 50):
        assert (end - start) % 7 == 0


def boundaries(text: str) -> set[int]:
    return {0} | {match.end() for match in regex.finditer(r"\X", text)}


@given(texts)
def test_spans_are_ordered_trimmed_and_whole(text: str) -> None:
    edges = boundaries(text)
    for spans in (split_sentences(text), windows(text, 0, len(text), 40)):
        position = 0
        for start, end in spans:
            assert position <= start < end <= len(text)
            assert {start, end} <= edges
            assert not text[end - 1].isspace()
            position = end


@given(texts)
def test_no_word_is_outside_the_sentences(text: str) -> None:
    inside = {i for a, b in split_sentences(text) for i in range(a, b)}
    for i, character in enumerate(text):
        if regex.match(r"[\p{L}\p{N}]", character):
            assert i in inside


@given(texts, st.integers(10, 300))
def test_windows_are_at_most_twice_the_target(text: str, target: int) -> None:
    for start, end in windows(text, 0, len(text), target):
        one = regex.fullmatch(r"\X", text[start:end])
        assert one or width(text[start:end]) <= 2 * target
