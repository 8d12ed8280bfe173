"""Questions about documents and sections are answered by what these say themselves."""

from dataclasses import replace

import pytest

from app.answering.overview import named_section, of_document, of_library, of_section, titled
from app.index.protocol import Place
from tests.conftest import BigramEmbedder
from tests.passages import hit, passage

WELL = passage(
    "The well\n\nThe well is 40 metres deep. It never ran dry.\n\nIts water is tested in May.",
    title="The farm",
    section=("The farm", "The well"),
)
BARN = passage(
    "The barn\n\nThe barn holds the hay.",
    title="The farm",
    section=("The farm", "The barn"),
    ordinal=1,
)


def test_a_section_is_told_by_the_first_sentence_of_each_paragraph() -> None:
    named = named_section("Summarise the section on the well.", [hit(BARN), hit(WELL)])
    assert named is not None
    assert named.passage is WELL
    (found,) = of_section([WELL])
    assert [s.text for s in found.sentences] == [
        "The well is 40 metres deep.",
        "Its water is tested in May.",
    ]


def test_a_section_is_named_by_all_that_is_asked_about_and_not_by_the_asking() -> None:
    long = passage(
        "8.4 借阅卡(Library Card)办法\n\n借阅卡每年换一次。",
        title="馆规",
        section=("8 办法", "8.4 借阅卡(Library Card)办法"),
        language="zh",
    )
    sums = passage("总结\n\n到此为止。", title="馆规", section=("总结",), language="zh")
    named = named_section("总结一下借阅卡办法这一节。", [hit(sums), hit(long)])
    assert named is not None
    assert named.passage is long


@pytest.mark.parametrize(
    "question", ["Summarise the well.", "Summarise the section on the orchard."]
)
def test_no_section_is_named(question: str) -> None:
    assert named_section(question, [hit(BARN), hit(WELL)]) is None


def test_sections_that_stand_in_one_passage_are_told_apart() -> None:
    text = "Rules\n\nValid from May.\n\nBerths\n\nBerths are held until six.\n\nFuel\n\nThe pier opens at eight."
    rules = replace(
        passage(text, title="Rules", section=("Rules",)),
        places=(
            Place(0, None, ("Rules",)),
            Place(text.index("Berths\n"), None, ("Rules", "Berths")),
            Place(text.index("Fuel\n"), None, ("Rules", "Fuel")),
        ),
    )
    told = [s.text for each in of_document([rules]) for s in each.sentences]
    assert told == ["Valid from May.", "Berths are held until six.", "The pier opens at eight."]


def test_every_document_says_a_sentence() -> None:
    found = of_library([[WELL], [BARN]])
    assert [each.sentences[0].text for each in found] == [
        "The well is 40 metres deep.",
        "The barn holds the hay.",
    ]


def test_a_quoted_title_is_found_by_its_meaning(fake_embedder: BigramEmbedder) -> None:
    titles = ["The farm in winter", "Cost and energy", "Safety"]
    assert titled("What does “Costs and energy” tell?", titles, fake_embedder) == 1
    assert titled("What is in here?", titles, fake_embedder) is None
