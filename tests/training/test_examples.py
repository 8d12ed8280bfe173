"""Examples are what they say: spans are answers, wrong pairs differ, and odd articles never enter."""

import json
import lzma
from collections import Counter
from pathlib import Path

import pytest

from training.example import Example, read_examples, write_examples
from training.examples import Mix, measuring_examples, training_examples
from training.facts import number
from training.questions import Questions, other_number, sentences_of, swapped, without
from training.sources import Asked, Text
from training.written import written

TOWERS = [
    Text(
        f"The tower of {name} was built in {year}. It is {height} metres high. Visitors pay 12 euros.",
        (
            Asked(f"When was the tower of {name} built?", str(year), len(f"The tower of {name} was built in ")),
        ),
    )
    for name, year, height in (("Arnel", 1871, 40), ("Bosko", 1902, 55), ("Cirra", 1930, 61), ("Dolm", 1888, 72))
]  # fmt: skip


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The files that the commands are given, small; XQuAD with articles that can be told apart."""
    texts = [
        {"text": t.text, "qs": [{"q": a.text, "a": a.answer, "s": a.start} for a in t.asked]}
        for t in TOWERS
    ]
    sources = {name: [[text] for text in texts] for name in ("drcd", "cm_trial", "covid", "med")}
    (tmp_path / "data.json.xz").write_bytes(lzma.compress(json.dumps(sources).encode()))
    (tmp_path / "cedict.json.xz").write_bytes(lzma.compress(json.dumps({"塔": ["tower"]}).encode()))
    for language, sentence, question in (
        ("en", "Gauge number {n} reads {v} bar in winter. It is checked by Li Wei.", "What does gauge {n} read?"),
        ("zh", "仪表 {n} 在冬季显示 {v} 巴。由李伟检查。", "仪表 {n} 显示多少？"),
    ):  # fmt: skip
        articles = []
        for n in range(6):
            context, value = sentence.format(n=n, v=100 + n), str(100 + n)
            answer = {"text": value, "answer_start": context.index(value)}
            item = {"id": f"q{n}", "question": question.format(n=n), "answers": [answer]}
            articles.append({"title": str(n), "paragraphs": [{"context": context, "qas": [item]}]})
        (tmp_path / f"xquad.{language}.json").write_text(json.dumps({"data": articles}), "utf-8")
    return tmp_path


def test_written_documents_point_at_their_answers_and_know_every_kind() -> None:
    found = list(written(3, 40))
    for example in found:
        if example.start >= 0:
            assert example.right
            assert example.answer is None
            assert example.passage[example.start : example.end].strip()
    kinds: Counter[tuple[bool, str]] = Counter(
        (example.answer is not None, example.kind) for example in found
    )
    for kind in ("cut", "entity", "number", "row", "roles", "heading", "list"):
        assert kinds[False, kind]
    for kind in ("entity", "number", "row", "roles", "heading"):
        assert kinds[True, kind]
    assert found == list(written(3, 40))
    assert found != list(written(4, 40))
    assert {e.language for e in found} == {"zh", "en"}
    assert 0.25 < sum(e.crossed for e in found) / len(found) < 0.55


def test_a_pair_is_never_both_right_and_wrong() -> None:
    sides: dict[tuple[str, str, str | None], set[bool]] = {}
    for e in written(5, 150):
        sides.setdefault((e.question, e.passage, e.answer), set()).add(e.right)
    both = [key for key, values in sides.items() if len(values) > 1]
    assert len(both) <= 0.001 * len(sides), both[:3]


def test_data_gives_a_right_pair_and_wrong_ones_that_lack_the_answer() -> None:
    found = list(Questions([[text] for text in TOWERS], "en", 1).examples())
    read = [e for e in found if e.answer is None]
    for e in read:
        year = (
            next(t.asked[0].answer for t in TOWERS if t.asked[0].text.split()[5] in e.question)
            if e.right
            else ""
        )
        assert not e.right or e.passage[e.start : e.end] == year
    assert {e.kind for e in read} >= {"answer", "random", "cut", "entity"}
    for e in read:
        if e.kind == "cut":
            assert "was built" not in e.passage
    checks = [e for e in found if e.answer is not None]
    assert all(e.right == (e.kind == "answer") for e in checks)
    assert any(not e.right and e.kind == "number" for e in checks)


def test_only_even_articles_of_xquad_are_trained_on(data: Path) -> None:
    found = list(training_examples(data, data, seed=2, mix=Mix(scale=0.05)))
    gauges = {int(word) for e in found for word in e.passage.split() if "auge" in e.passage or "仪表" in e.passage for word in [word.strip(".。")] if word.isdigit() and int(word) < 6}  # fmt: skip
    assert gauges
    text = json.dumps([e.passage + e.question for e in found if e.right], ensure_ascii=False)
    for odd in (1, 3, 5):
        assert f"{100 + odd} bar" not in text
        assert f"{100 + odd} 巴" not in text
    assert "100 bar" in text
    odd_only = list(measuring_examples(data, "odd", 1))
    right = json.dumps(
        [e.passage for e in odd_only if e.right and e.kind == "answer"], ensure_ascii=False
    )
    assert "101 bar" in right
    assert "100 bar" not in right


def test_examples_are_read_as_they_were_written(tmp_path: Path) -> None:
    found = list(written(1, 2))
    assert write_examples(tmp_path / "x.jsonl", found) == len(found)
    assert list(read_examples(tmp_path / "x.jsonl")) == found


def test_sentences_cover_the_text_and_cutting_takes_whole_ones() -> None:
    text = "One is red. Two is blue. Three is green, as everybody knows."
    spans = sentences_of(text)
    assert "".join(text[a:b] for a, b in spans) == text
    assert without(text, text.index("blue"), text.index("blue") + 4, "blue") == (
        "One is red. Three is green, as everybody knows."
    )
    assert (
        without("Blue is blue. That is blue, too, and long enough to stay.", 8, 12, "blue") is None
    )


def test_keys_are_changed_as_whole_words_and_to_another() -> None:
    from random import Random

    assert swapped("P-8 is no P-81, P-8.", "P-8", "P-9") == "P-9 is no P-81, P-9."
    assert swapped("120 and 20 and 20.5", "20", "30") == "120 and 30 and 20.5"
    random = Random(1)
    for _ in range(200):
        old = number(random)
        new = other_number(old, random)
        assert new != old
        assert len(new) == len(old) or old.isdigit()
    assert abs(int(other_number("1998", random)) - 1998) <= 13


def test_an_example_has_two_tasks() -> None:
    assert Example("q", "p", True, "answer", "en").answer is None
