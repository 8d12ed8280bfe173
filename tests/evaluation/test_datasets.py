"""Every form of test set is read, and slices are what they say."""

import json
from pathlib import Path

import pytest

from app.errors import RequestInvalid
from app.evaluation.datasets import GoldQuestion, asked_in_other_words, halve, load, pick

SQUAD = {
    "data": [
        {
            "title": "t",
            "paragraphs": [
                {
                    "context": "黑豹队只丢了 308 分。",
                    "qas": [
                        {
                            "id": "a",
                            "question": "丢了多少分？",
                            "answers": [{"text": "308", "answer_start": 7}, {"text": "308"}],
                        },
                        {"id": "b", "question": "谁赢了？", "answers": [], "is_impossible": True},
                    ],
                }
            ],
        }
    ]
}


def write(path: Path, value: object) -> Path:
    lines = value if isinstance(value, list) and path.suffix == ".jsonl" else [value]
    path.write_text("\n".join(json.dumps(item, ensure_ascii=False) for item in lines), "utf-8")
    return path


def test_squad(tmp_path: Path) -> None:
    found = load(write(tmp_path / "x.json", SQUAD), "xquad")
    assert (found.name, found.language) == ("xquad-zh", "zh")
    (document,) = found.documents
    assert document.text == "黑豹队只丢了 308 分。"
    first, second = found.questions
    assert first.answers == (("308",),)
    assert first.documents == (document.key,)
    assert (second.answerable, second.documents) == (False, ())


def test_cmrc_as_first_published(tmp_path: Path) -> None:
    data = [
        {
            "context_text": "许可证是 MIT。",
            "qas": [{"query_id": "q", "query_text": "许可证？", "answers": ["MIT", "MIT。"]}],
        }
    ]
    (question,) = load(write(tmp_path / "c.json", data), "cmrc").questions
    assert question.answers == (("MIT", "MIT。"),)


def test_rgb(tmp_path: Path) -> None:
    lines = [
        {
            "id": 1,
            "query": "when?",
            "answer": ["May 1", "1 May"],
            "positive": ["p"],
            "negative": ["n"],
        },
        {
            "id": 2,
            "query": "who and when?",
            "answer": [["A", "B"], ["2020"]],
            "positive": [["p"], ["r"]],
            "negative": ["n"],
        },
    ]
    found = load(write(tmp_path / "r.jsonl", lines), "rgb")
    assert sorted(document.text for document in found.documents) == ["n", "p", "r"]
    first, second = found.questions
    assert first.answers == (("May 1", "1 May"),)
    assert second.answers == (("A", "B"), ("2020",))
    assert len(second.documents) == 2
    assert first.documents[0] in second.documents


def test_golden(tmp_path: Path) -> None:
    lines = [
        {"question": "Which licence?", "answers": ["MIT"], "document": "licences.md"},
        {"id": "x", "question": "Which planet?", "answerable": False},
    ]
    found = load(write(tmp_path / "g.jsonl", lines), "golden")
    assert found.documents == ()
    assert [q.answerable for q in found.questions] == [True, False]
    assert found.questions[0].documents == ("licences.md",)


@pytest.mark.parametrize(
    "line",
    [
        {"question": "q", "answers": ["a"], "document": "d", "anser": 1},
        {"question": "q", "answers": ["a"]},
        {"question": "q", "document": "d"},
        {"answers": ["a"], "document": "d"},
        {"question": "q", "answerable": "no"},
    ],
)
def test_a_wrong_golden_line_is_named(tmp_path: Path, line: dict[str, object]) -> None:
    with pytest.raises(RequestInvalid):
        load(write(tmp_path / "g.jsonl", [line]), "golden")


def test_wrong_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestInvalid):
        load(tmp_path / "absent.json", "xquad")
    with pytest.raises(RequestInvalid):
        load(write(tmp_path / "x.json", {"no": "data"}), "xquad")
    line = {"id": "1", "question": "q", "answerable": False}
    twice = write(tmp_path / "g.jsonl", [line, line])
    with pytest.raises(RequestInvalid, match="question_ids_twice"):
        load(twice, "golden")


QUESTIONS = [GoldQuestion(str(n), f"q{n}", (("a",),), ("d",)) for n in range(400)]


def test_slices_are_disjoint_halves_that_do_not_depend_on_the_file() -> None:
    tune = {q.id for q in pick(QUESTIONS, "tune", None)}
    report = {q.id for q in pick(QUESTIONS, "report", None)}
    assert tune | report == {q.id for q in QUESTIONS}
    assert not tune & report
    assert 160 < len(tune) < 240
    assert pick(QUESTIONS[::-1], "tune", 7) == pick(QUESTIONS, "tune", 7)
    assert pick(QUESTIONS, "report", 7) == pick(QUESTIONS, "report", 50)[:7]
    # Frozen: published figures are of these questions.
    assert [q.id for q in pick(QUESTIONS, "report", 5)] == ["286", "374", "178", "342", "55"]


def test_halving_alternates_and_makes_nothing_answerable() -> None:
    impossible = GoldQuestion("z", "q", (), (), answerable=False)
    halves = halve([impossible, *QUESTIONS[:4]])
    assert [q.answerable for q in halves] == [False, False, True, False, True]


def test_a_set_with_articles_is_split_by_them(tmp_path: Path) -> None:
    def article(number: int) -> dict[str, object]:
        asked = [
            {"id": f"{number}-{i}", "question": f"{number}?", "answers": [{"text": "a"}]}
            for i in range(3)
        ]
        return {"paragraphs": [{"context": f"a {number}", "qas": asked}]}

    path = tmp_path / "x.json"
    path.write_text(json.dumps({"data": [article(number) for number in range(4)]}), "utf-8")
    questions = load(path, "xquad").questions
    assert {q.id[0] for q in pick(questions, "tune", None)} == {"0", "2"}
    assert {q.id[0] for q in pick(questions, "report", None)} == {"1", "3"}


def test_questions_of_another_language_are_put_to_the_same_documents(tmp_path: Path) -> None:
    def written(name: str, question: str, identifier: str = "1") -> Path:
        item = {"id": identifier, "question": question, "answers": [{"text": "b"}]}
        data = {"data": [{"paragraphs": [{"context": "a b c", "qas": [item]}]}]}
        (tmp_path / name).write_text(json.dumps(data), "utf-8")
        return tmp_path / name

    english = load(written("en.json", "Which letter?"), "xquad")
    chinese = load(written("zh.json", "哪个字母？"), "xquad")
    crossed = asked_in_other_words(english, chinese)
    assert [q.text for q in crossed.questions] == ["哪个字母？"]
    assert crossed.documents == english.documents
    assert crossed.name != english.name
    with pytest.raises(RequestInvalid, match="no_question_of_id"):
        asked_in_other_words(english, load(written("o.json", "哪个？", "2"), "xquad"))
