"""Records survive a kill in the middle of a line, and a changed setting changes the key."""

from pathlib import Path

import pytest

from app.errors import RequestInvalid
from app.evaluation.records import Record, append, key_of, pair, read_records


def record(key: str, **values: object) -> Record:
    defaults: dict[str, object] = {
        "system": "plain",
        "question": "许可证？",
        "id": key,
        "language": "zh",
        "answerable": True,
        "answered": True,
        "reason": None,
        "answer": "MIT[1]",
        "match": True,
        "f1": 1.0,
        "gold": ("d",),
        "cited": ("d",),
        "quotes": 1,
        "verbatim": 1,
        "statements": 1,
        "supported": 1,
        "found": True,
        "total_ms": 10.0,
        "first_token_ms": 5.0,
        "signals": {"probe": None},
    }
    return Record(key=key, **{**defaults, **values})  # type: ignore[arg-type]


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    assert read_records(path) == {}
    first, second = record("a"), record("b", answer="换行\n和“引号”", cited=())
    append(path, first)
    append(path, second)
    assert read_records(path) == {"a": first, "b": second}


def test_a_line_cut_short_is_passed_over_and_does_not_spoil_the_next(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    append(path, record("a"))
    path.write_text(path.read_text("utf-8") + '{"key": "b", "sys', "utf-8")
    assert list(read_records(path)) == ["a"]
    append(path, record("c"))
    assert list(read_records(path)) == ["a", "c"]


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text('{"other": 1}\n{"other": 2}\n', "utf-8")
    with pytest.raises(RequestInvalid, match=r"line_of_file: .*; 1; "):
        read_records(path)


def test_the_key_depends_on_every_part() -> None:
    assert key_of({"a": 1, "b": 2}, "q") == key_of({"b": 2, "a": 1}, "q")
    assert len({key_of({"a": 1}, "q"), key_of({"a": 2}, "q"), key_of({"a": 1}, "p")}) == 3


def test_runs_are_paired_by_question_and_by_whether_it_has_an_answer() -> None:
    first = [record("1", id="a"), record("2", id="b"), record("3", id="c")]
    second = [record("4", id="b"), record("5", id="a", answerable=False), record("6", id="c")]
    assert [(a.key, b.key) for a, b in pair(first, second)] == [("2", "4"), ("3", "6")]
