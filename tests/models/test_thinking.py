"""Thinking and answer are told apart wherever the stream is cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.models.chat import Thought, Token
from app.models.thinking import ThinkSplitter


def split(pieces: list[str]) -> tuple[str, str]:
    """The whole thought and the whole answer of a stream cut into `pieces`."""
    splitter = ThinkSplitter()
    items = [item for piece in pieces for item in splitter.feed(piece)] + splitter.flush()
    thought = "".join(item.text for item in items if isinstance(item, Thought))
    return thought, "".join(item.text for item in items if isinstance(item, Token))


@pytest.mark.parametrize(
    ("text", "thought", "answer"),
    [
        ("plain", "", "plain"),
        ("<think>a</think>b", "a", "b"),
        ("<think>\na\n</think>\n\nb\nc", "\na\n", "b\nc"),
        ("  \n<think>a</think>b", "a", "b"),
        ("<think></think>b", "", "b"),
        ("<think>a</think>\n<think>b</think>c", "ab", "c"),
        ("<think>never closed", "never closed", ""),
        ("<think>a < b, a </thin b</think>c", "a < b, a </thin b", "c"),
        ("a\n<think>b</think>\nc", "b", "a\n\nc"),
        ("It writes `<think>` first.", "", "It writes `<think>` first."),
        ("1 < 2", "", "1 < 2"),
        ("<thinking> is a word", "", "<thinking> is a word"),
        ("答案是 <think>", "", "答案是 <think>"),
        ("<think>想</think>答案\n\n第二段\n", "想", "答案\n\n第二段\n"),
        ("", "", ""),
    ],
)
def test_blocks_are_told_from_text(text: str, thought: str, answer: str) -> None:
    assert split([text]) == (thought, answer)
    assert split(list(text)) == (thought, answer)


ALPHABET = st.sampled_from(["<think>", "</think>", "<", "think", ">", "/", " ", "\n", "a", "答"])


@given(st.lists(ALPHABET, max_size=14), st.data())
def test_cutting_the_stream_changes_nothing(parts: list[str], data: st.DataObject) -> None:
    text = "".join(parts)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)))
    pieces = [text[i:j] for i, j in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert split(pieces) == split([text])


@given(st.text())
def test_text_without_tags_comes_out_whole(text: str) -> None:
    text = text.replace("<", "")
    assert split([text]) == ("", text.lstrip())


def test_text_is_not_held_back() -> None:
    splitter = ThinkSplitter()
    assert splitter.feed("Seven ") == [Token("Seven ")]
    assert splitter.feed("<think") == [Token("<think")]
    assert splitter.feed("\n<thi") == [Token("\n")]
    assert splitter.feed("s is") == [Token("<this is")]
