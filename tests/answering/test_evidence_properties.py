"""Whatever the texts hold, a quote is an exact piece of the stored text."""

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.answering.evidence import verify
from app.answering.evidence.quotations import locate
from app.index.protocol import Passage
from app.models.embedding import EmbeddingIdentity, Matrix, OnBatch, Vector, ignore_batch
from app.text.language import detect_language
from app.text.normalise import normalise
from ingest.chunk import chunk
from ingest.parse import Limits, parse

pytestmark = pytest.mark.slow

PIECES = st.sampled_from(
    [
        "DeepSeek-V3 采用 MIT 许可证。",
        "它有 6710 亿参数，",
        "ＤｅｅｐＳｅｅｋ　全角。",
        "Cafe\u0301 opened in 1986. ",
        "👩‍👩‍👧 family 🇨🇳! ",
        "e\u0301e\u0301。",
        "\r\n",
        "\n\n",
        "\u3000",
        "infor-\nmation ",
        "“引文”",
        "½ of ﬁve ²",
        "| a | b |\n",
        "\u200b\ufeff",
        "Ⅳ ㈱ ｶﾞ ",
        "不支持图像！？",
        "[1] ",
        "ß İ ŉ ",
    ]
)
TEXT = st.lists(PIECES | st.text(max_size=8), min_size=1, max_size=14).map("".join)


def make(number: int, text: str, start: int) -> Passage:
    return Passage(
        id=str(number),
        document_id=f"d{number}",
        revision="r",
        ordinal=0,
        text=text,
        start=start,
        end=start + len(text),
        windows=((start, start + len(text)),),
        page=None,
        section=(),
        language=detect_language(text),
        title="",
        source="",
    )


@settings(max_examples=300, deadline=None)
@given(st.lists(TEXT, min_size=1, max_size=3), st.integers(0, 500), st.data())
def test_every_quote_is_a_piece_of_the_stored_text(
    texts: list[str], start: int, data: st.DataObject
) -> None:
    stored = {f"d{n}": "·" * start + text for n, text in enumerate(texts)}
    passages = [make(n, text, start) for n, text in enumerate(texts)]
    answer = data.draw(TEXT | st.sampled_from(texts))
    question = data.draw(TEXT)
    found = verify(answer, passages, None, detect_language(question), question=question)
    for citation in found.citations:
        assert citation.quote
        assert stored[citation.document_id][citation.start : citation.end] == citation.quote
    assert [c.marker for c in found.citations] == list(range(1, len(found.citations) + 1))


@settings(max_examples=300, deadline=None)
@given(st.lists(TEXT, min_size=1, max_size=3), st.data())
def test_spans_lie_in_the_answer_in_order_and_marks_exist(
    texts: list[str], data: st.DataObject
) -> None:
    passages = [make(n, text, 0) for n, text in enumerate(texts)]
    answer = data.draw(TEXT | st.lists(st.sampled_from(texts), max_size=3).map(" ".join))
    found = verify(answer, passages, None, "zh", question=data.draw(TEXT))
    position = 0
    numbers = {citation.marker for citation in found.citations}
    for statement in found.statements:
        assert position <= statement.start < statement.end <= len(found.answer)
        position = statement.end
        assert set(statement.markers) <= numbers
        assert statement.supported == bool(statement.markers)
        behind = "".join(f"[{number}]" for number in statement.markers)
        assert found.answer[statement.end :].startswith(behind)
    for start, end in found.unverified_quotes:
        assert 0 <= start < end <= len(found.answer)


@settings(max_examples=200, deadline=None)
@given(TEXT.filter(lambda text: sum(c.isalpha() for c in text) > 20))
def test_a_sentence_copied_from_the_passage_is_supported_by_itself(text: str) -> None:
    source = make(0, f"许可证是 MIT 许可证，发布于二〇二四年。\n\n{text}", 0)
    copied = "许可证是 MIT 许可证，发布于二〇二四年。"
    found = verify(copied, [source], None, "zh", question="许可证？")
    assert found.core_supported
    assert found.citations[0].quote == copied


class Agreeable:
    """An embedding model to which all texts are alike: every statement finds support by meaning."""

    identity = EmbeddingIdentity("intfloat/multilingual-e5-small", "1", 2, "", "", normalised=True)

    def embed_query(self, text: str) -> Vector:
        return np.array([1.0, 0.0], np.float32)

    def embed_passages(self, texts: Sequence[str], on_batch: OnBatch = ignore_batch) -> Matrix:
        return np.tile(np.array([[1.0, 0.0]], np.float32), (len(texts), 1))


@settings(max_examples=200, deadline=None)
@given(st.lists(TEXT, min_size=1, max_size=3), TEXT, TEXT, st.integers(0, 500))
def test_quotes_found_by_meaning_are_pieces_too(
    texts: list[str], answer: str, question: str, start: int
) -> None:
    passages = [make(n, text, start) for n, text in enumerate(texts)]
    found = verify(answer, passages, Agreeable(), detect_language(question), question=question)
    for citation in found.citations:
        text = texts[int(citation.document_id[1:])]
        assert citation.quote == text[citation.start - start : citation.end - start] != ""


# With these a file is binary.
CONTROL = re.compile("[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(TEXT, min_size=2, max_size=40), st.data())
def test_quotes_lie_in_the_stored_text_of_a_file(texts: list[str], data: st.DataObject) -> None:
    """The whole way of a file: read, parsed, cut into passages, quoted from."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.txt"
        text = "许可证是 MIT。\r\n\r\n" + "\n\n".join(texts)
        path.write_bytes(CONTROL.sub("", text).encode())
        parsed = parse(path, limits=Limits())
    passages = chunk(parsed, document_id=str(UUID(int=1)), revision="r", source="file.txt")
    picked = data.draw(st.lists(st.sampled_from(passages), min_size=1, max_size=4))
    place = data.draw(st.integers(0, max(len(picked[0].text) - 1, 0)))
    answer = data.draw(TEXT | st.just(picked[0].text[place : place + 120]))
    found = verify(answer, picked, Agreeable(), "zh", question="许可证？")
    for citation in found.citations:
        assert citation.quote == parsed.text[citation.start : citation.end] != ""


WORD = st.from_regex(r"[a-z]{6,10}", fullmatch=True) | st.sampled_from(
    ["许可证", "参数", "6710", "Café"]
)
BREAK = st.sampled_from([" ", "\n", "\r\n", "  ", "\t", "\u3000", "\u00a0"])


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(WORD, BREAK, st.booleans()), min_size=3, max_size=10), st.data())
def test_a_quotation_is_found_across_lines_hyphens_and_widths(
    parts: list[tuple[str, str, bool]], data: st.DataObject
) -> None:
    stored = ""
    for word, gap, split in parts:
        broken = f"{word[:3]}-\n{word[3:]}" if split and word.isascii() and word.isalpha() else word
        stored += broken + gap
    first = data.draw(st.integers(0, len(parts) - 2))
    said = " ".join(word for word, _, _ in parts[first:])
    if data.draw(st.booleans()):
        said = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in said)
    number, start, end = locate(said, [normalise(stored, casefold=True)]) or (None, 0, 0)
    assert number == 0
    assert normalise(stored[start:end], casefold=True).text == normalise(said, casefold=True).text
    assert not stored[start:end][0].isspace()
    assert not stored[start:end][-1].isspace()
