"""Rows of any age are read: what they lack, hold too much of, or hold as rubbish is no error."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.library.stored import (
    StoredAnswer,
    StoredFailure,
    StoredFilter,
    StoredNote,
    StoredReport,
    StoredRequest,
    StoredRun,
    read,
    read_all,
)

KINDS = (
    StoredAnswer,
    StoredFailure,
    StoredFilter,
    StoredNote,
    StoredReport,
    StoredRequest,
    StoredRun,
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["answer", "citations", "failed", "code", "report", "v", "models", "x"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


def test_an_unknown_field_is_left_out_and_an_absent_one_has_its_default() -> None:
    found = read(StoredAnswer, {"answer": "Yes. [1]", "answered": True, "colour": "red"})
    assert found is not None
    assert (found.answer, found.citations, found.usage.dropped_chunks) == ("Yes. [1]", (), 0)
    assert "colour" not in found.kept()
    assert found.v == 1


def test_a_field_of_the_wrong_kind_does_not_take_the_rest_with_it() -> None:
    value = {
        "answer": "Yes. [1]",
        "answered": True,
        "usage": "much",
        "models": {"chat": "m", "gate": 7},
        "citations": [{"marker": 1}, "rubbish"],
    }
    found = read(StoredAnswer, value)
    assert found is not None
    assert (found.models.chat, found.models.gate, found.citations) == ("m", None, ())


@pytest.mark.parametrize("value", [None, [], "text", 3, {}, {"answer": 3}, {"answered": True}])
def test_an_answer_without_its_text_cannot_be_read(value: object) -> None:
    assert read(StoredAnswer, value) is None


def test_failures_of_both_shapes_are_read() -> None:
    old = {
        "source": "file:///a",
        "code": "document_corrupt",
        "message": "a is broken",
        "hint": "Save it again.",
        "message_zh": "a 已损坏",
        "hint_zh": "请重新保存。",
        "permanent": True,
        "conditions": "0.1.0 Limits()",
    }
    found = read(StoredFailure, old)
    assert found is not None
    assert found.worded("zh") == ("a 已损坏", "请重新保存。")
    assert found.worded("en") == ("a is broken", "Save it again.")
    assert (found.source, found.permanent, found.conditions) == (
        "file:///a",
        True,
        "0.1.0 Limits()",
    )
    new = read(StoredFailure, {"code": "document_corrupt", "params": {"path": "a", "n": 3}})
    assert new is not None
    assert (new.worded("zh"), new.params) == (None, {"path": "a", "n": 3})


def test_one_unreadable_failure_of_a_report_leaves_the_others() -> None:
    found = read(StoredReport, {"added": 2, "failed": [{"code": "a"}, {"message": "b"}, 7]})
    assert found is not None
    assert ([item.code for item in found.failed], found.added) == (["a"], 2)


def test_readable_values_of_a_list_are_read() -> None:
    assert read_all(StoredNote, [{"kind": "chart"}, {"count": 3}, None]) == (
        StoredNote(kind="chart"),
    )
    assert read_all(StoredNote, None) == read_all(StoredNote, "chart") == ()


@given(JSON)
def test_no_json_is_an_error_and_what_is_read_is_kept_and_read_again(value: Any) -> None:
    for kind in KINDS:
        found = read(kind, value)
        if found is not None:
            assert read(kind, json.loads(json.dumps(found.model_dump(mode="json")))) == found
