"""What a question names by row and column, by a range or in its very words decides beside the reader, and not over it."""

import pytest

from app.answering.answerable import AnswerGate, Model
from app.answering.concepts import concepts
from app.answering.draft import Draft
from app.answering.evidence.context import prepare
from app.answering.question import kind_of
from app.answering.weigh import ReadBy, Weighed, Weighing, that_tell
from app.index.protocol import Passage
from app.index.sparse import SparseEncoder
from app.settings import Settings
from tests.fakes import OverlapReader
from tests.passages import hit, passage

SIZES = passage(
    "| Model | Weight | Length |\n| --- | --- | --- |\n| V-20 | 4 kg | 12 cm |\n| V-30 | 6 kg | 15 cm |",
    title="Valves",
    section=("Valves", "Sizes"),
    document_id="sizes",
)
LICENCES = passage(
    "| Model | Licence | Colour |\n| --- | --- | --- |\n| V-20 | MIT | red |\n| V-30 | BSD | blue |",
    title="Firmware",
    section=("Firmware", "Licences"),
    document_id="licences",
)
PARCELS = passage(
    "| Weight | Postage |\n| --- | --- |\n| up to 2 kg | 4.90 |\n| 2 to 10 kg | 7.50 |\n\nParcels of 3 kg are often sent by ferry.",
    title="Parcels",
    section=("Parcels",),
    document_id="parcels",
)


def weighed(question: str, *passages: Passage, threshold: float = 0.0, words: str = "") -> Weighed:
    """As `Weighing` has it with a reader that counts shared words, and a gate that takes `threshold` off."""
    gate = AnswerGate({("en", False): Model({"answers": 1.0}, 0.0, threshold)})
    weighing = Weighing(Settings(_env_file=None), ReadBy(OverlapReader(), gate), SparseEncoder())
    return weighing.read(
        question, [hit(each) for each in passages], kind_of(question), Draft(None, "e"), (), words
    )


def told(found: Weighed) -> list[str]:
    return [sentence.text for each in found.found for sentence in each.sentences]


def test_of_two_tables_of_a_code_the_one_that_tells_what_is_asked() -> None:
    question = "Which licence does V-20 carry?"
    rows = [
        (of, tuple(s for s in prepare([of]).sentences[0] if s.role == "row" and "V-20" in s.text))
        for of in (SIZES, LICENCES)
    ]
    assert concepts(question) & concepts("Licence")
    assert [p.document_id for p, _ in that_tell(rows, question)] == ["licences"]
    assert that_tell(rows[:1], question) == tuple(rows[:1])  # the best there is stays


def test_a_sentence_at_a_code_stays_whatever_it_tells() -> None:
    of = passage("V-20: opens at 12 bar.", document_id="text")
    parts = [(of, tuple(prepare([of]).sentences[0]))]
    assert that_tell(parts, "Which licence does V-20 carry?") == tuple(parts)


@pytest.mark.parametrize(
    ("question", "row"),
    [
        ("What is the weight of V-30?", "| V-30 | 6 kg | 15 cm |"),
        ("What is the colour of V-30?", "| V-30 | BSD | blue |"),
        ("What postage do I pay for 3 kg?", "| 2 to 10 kg | 7.50 |"),
    ],
)
def test_a_cell_is_the_answer_whatever_the_reader_makes_of_rows(question: str, row: str) -> None:
    # No reading comes near so high a threshold.
    found = weighed(question, SIZES, LICENCES, PARCELS, threshold=50.0)
    assert told(found) == [row]
    assert found.above >= 1.0


@pytest.mark.parametrize(
    "question",
    [
        "What is the warranty of V-30?",
        "What postage do I pay for 3 litres?",
        "What is the weight of V-40?",
    ],
)
def test_no_cell_of_another_thing_or_column_lifts_an_answer(question: str) -> None:
    assert weighed(question, SIZES, LICENCES, PARCELS, threshold=50.0).above < 0


def test_words_of_a_question_decide_where_the_reader_is_not_sure_and_no_more() -> None:
    rota = passage("The night shift starts at 22:00 in the old hall.", document_id="rota")
    question = "At what time does the night shift start?"
    unsure = weighed(question, rota, threshold=50.0)
    assert told(unsure) == [rota.text]
    # Above the threshold, and below where a chat model's draft would be set aside for it.
    assert 0 < unsure.above < 1.0
    other = "At what time does the day shift start?"
    assert weighed(other, rota, threshold=50.0).above < 0


def test_key_words_are_held_against_what_the_reader_likes_unless_it_is_sure() -> None:
    backups = passage("Backups of the server are kept for 14 days.", document_id="backups")
    question, words = "What is the backups warranty?", "backups warranty"
    liked = weighed(question, backups, threshold=3.0)
    assert 0 < liked.above < 2
    assert weighed(question, backups, threshold=3.0, words=words).above < 0
    assert weighed(question, backups, threshold=-50.0, words=words).above > 0
