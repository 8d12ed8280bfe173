"""BM25 weights: the formula, and known ids that an index on disk relies on."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.index.sparse import AVERAGE_LENGTH, K1, B, SparseEncoder, term_id

ENCODER = SparseEncoder()


def weights(text: str) -> dict[int, float]:
    vector = ENCODER.encode_passage(text)
    return dict(zip(vector.indices, vector.values, strict=True))


def test_the_weight_is_bm25s() -> None:
    text = "memory memory memory licence"
    found = weights(text)
    norm = K1 * (1 - B + B * 4 / AVERAGE_LENGTH)
    assert found[term_id("memori")] == pytest.approx(3 * (K1 + 1) / (3 + norm))
    assert found[term_id("licenc")] == pytest.approx(1 * (K1 + 1) / (1 + norm))


def test_a_term_weighs_less_in_a_longer_passage_and_saturates() -> None:
    place = term_id("zebra")
    assert weights("zebra")[place] > weights("zebra " + "other " * 300)[place]
    many = weights("zebra " * 50)[place]
    assert weights("zebra " * 10)[place] < many < K1 + 1


def test_ids_do_not_change() -> None:
    # An index on disk holds these: another value needs another WORDS_VERSION.
    assert term_id("qwen2.5") == KNOWN["qwen2.5"]
    assert term_id("上下文") == KNOWN["上下文"]


KNOWN = {"qwen2.5": 2655792174, "上下文": 2927785069}


@settings(deadline=None)  # The first text waits for the dictionary.
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=300))
def test_a_passage_contains_itself_as_a_question(text: str) -> None:
    passage, query = ENCODER.encode_passage(text), ENCODER.encode_query(text)
    assert set(passage.indices) == set(query.indices)
    assert len(set(passage.indices)) == len(passage.indices) == len(passage.values)
    assert all(0 <= place < 2**32 for place in passage.indices)
    assert all(0 < value < K1 + 1 for value in passage.values)
    assert set(query.values) <= {1.0}
