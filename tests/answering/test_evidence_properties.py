"""Whatever the texts hold, a quote is an exact piece of the stored text."""

from hypothesis import given, settings
from hypothesis import strategies as st

from app.answering.evidence import verify
from app.index.protocol import Passage
from app.text.language import detect_language

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
