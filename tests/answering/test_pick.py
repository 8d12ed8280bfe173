"""Which sentences are shown as the answer, given where the reader points."""

from app.answering.evidence.pick import pick
from app.index.protocol import Passage
from app.models.reading import Span

TEXT = """Classes of machines

- Sparrow, up to 4 tons. The light ones. Of all calls last year, 12 percent went to this class.
- Buzzard, 5 to 9 tons. The workhorses. Of all calls last year, 71 percent went to this class.

Calls are counted by the dispatcher."""


def passage(text: str) -> Passage:
    return Passage(
        id="p",
        document_id="d",
        revision="r",
        ordinal=0,
        text=text,
        start=0,
        end=len(text),
        windows=((0, len(text)),),
        page=None,
        section=("Classes of machines",),
        language="en",
        title="Machines",
        source="file:///machines.md",
    )


def at(words: str, score: float = 1.0) -> Span:
    start = TEXT.index(words)
    return Span(start, start + len(words), score)


def shown(question: str, *spans: Span) -> str:
    return " ".join(sentence.text.strip() for sentence in pick(passage(TEXT), spans, question))


def test_an_item_is_shown_with_what_its_later_sentences_say() -> None:
    """The name stands in its first sentence, the answer in its last."""
    answer = shown("What share of the calls went to the Buzzard class?", at("71 percent"))
    assert "Buzzard, 5 to 9 tons." in answer
    assert "71 percent" in answer
    assert "Sparrow" not in answer


def test_a_span_in_another_item_does_not_answer_for_the_one_that_is_named() -> None:
    spans = (at("12 percent", 2.0), at("71 percent", 1.0))
    answer = shown("What share of the calls went to the Buzzard class?", *spans)
    assert "71 percent" in answer
    assert "12 percent" not in answer


def test_a_sentence_of_prose_is_shown_alone() -> None:
    answer = shown("Who counts the calls?", at("the dispatcher"))
    assert answer == "Calls are counted by the dispatcher."
