"""Answers made of the evidence itself."""

import pytest

from app.answering.evidence.context import prepare
from app.answering.quotes import Found, completed, quoted, with_answers
from app.answering.read import ReadHit
from app.index.protocol import Hit, Passage
from tests.passages import passage

CLASSES = passage(
    "Classes of machines\n\n"
    "- Sparrow, up to 4 tons. The light ones.\n"
    "- Buzzard, 5 to 9 tons. The workhorses. Most calls went to this class.\n",
    title="Machines",
    document_id="machines",
)
OPENING = passage("The gate opens at seven. It closes at nine.", document_id="gate")


def found(of: Passage, *words: str) -> Found:
    sentences = prepare([of]).sentences[0]
    chosen = tuple(s for s in sentences if any(word in s.text for word in words))
    return Found(ReadHit(Hit(of, 0.0, 0.0, 0)), chosen)


def test_a_short_answer_to_a_question_of_the_document_is_shown_whole() -> None:
    faq = passage(
        "Can I lend a winch?\nYes, at weekends. Fuel is yours. Barges are never lent.\n\nWho pays?\nThe yard.",
        document_id="faq",
    )
    (whole,) = with_answers([found(faq, "Fuel")])
    assert [s.text for s in whole.sentences] == [
        "Yes, at weekends.",
        "Fuel is yours.",
        "Barges are never lent.",
    ]
    why = passage(
        "三、为什么取消纸单\n\n纸单要走 9 天。改为电子单后只要 3 天，因此不再收纸单。",
        document_id="why",
        section=("三、为什么取消纸单",),
    )
    (reason,) = with_answers([found(why, "因此")])
    assert reason.sentences[0].text == "纸单要走 9 天。"
    gate = found(OPENING, "seven")
    assert with_answers([gate]) == (gate,)


def test_sentences_of_one_item_stay_one_bullet() -> None:
    of = found(CLASSES, "Sparrow", "light", "Buzzard", "workhorses", "this class")
    answer = quoted([of], "en").answer
    assert "- Buzzard, 5 to 9 tons. The workhorses. Most calls went to this class. [2]" in answer
    assert answer.count("\n- ") == 2


def test_an_item_has_one_mark() -> None:
    """A document may give an item two marks."""
    parts = passage("Parts\n\n- - Vector database\n- • Chat model\n3. Page", document_id="parts")
    answer = quoted([found(parts, "Vector", "Chat", "Page")], "en").answer
    assert answer.endswith("- Vector database [1]\n- Chat model [2]\n3. Page [3]")


def test_each_step_stands_by_itself() -> None:
    steps = passage("Step 1: Open the lid.\n\nStep 2: Pour. Wait a minute.\n\nStep 3: Close it.")
    answer = quoted([found(steps, "Step", "Wait")], "en").answer
    assert "> Step 1: Open the lid. [1]" in answer
    assert "> Step 2: Pour. Wait a minute. [2]" in answer


def test_what_a_written_answer_leaves_out_of_several_questions_is_quoted_behind_it() -> None:
    written = quoted([found(OPENING, "opens")], "en")
    parts = ([found(OPENING, "opens")], [found(CLASSES, "Sparrow")])
    whole = completed(written, parts, "en")
    assert whole.answer.startswith(written.answer)
    assert "Sparrow" in whole.answer[len(written.answer) :]
    assert [citation.marker for citation in whole.citations] == [1, 2]
    assert "[2]" in whole.answer
    for statement in whole.statements:
        assert statement.markers
        assert 0 <= statement.start < statement.end <= len(whole.answer)


def test_a_written_answer_to_all_questions_stays_as_it_is() -> None:
    written = quoted([found(OPENING, "opens")], "en")
    assert completed(written, ([found(OPENING, "closes")],), "en") is written


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_same_sentence_keeps_its_mark(language: str) -> None:
    written = quoted([found(OPENING, "opens")], "en")
    again = quoted([found(OPENING, "opens")], "zh" if language == "zh" else "en", behind=written)
    assert len(again.citations) == 1
    assert again.answer.count("[1]") == 2
