"""What was found of another thing of the same name, or without the amount asked for, is left out."""

from collections.abc import Sequence

import pytest

from app.answering.evidence.context import prepare
from app.answering.evidence.pick import pick
from app.answering.narrow import narrowed
from app.answering.quotes import Found, find
from app.answering.read import ReadHit
from app.index.protocol import Passage
from app.models.reading import Span
from tests.passages import hit, passage


def found_in(question: str, *passages: Passage) -> tuple[Found, ...]:
    items = [ReadHit(hit(each), 1.0, (Span(each.start, each.end, 1.0),)) for each in passages]
    return find(items, question, "fact")


def texts(found: Sequence[Found]) -> list[str]:
    return [sentence.text for each in found for sentence in each.sentences]


def test_of_things_named_alike_the_one_that_is_asked_about() -> None:
    lathes = [
        passage(
            f"Runs at {speed} turns.", section=(f"Lathe {name}",), ordinal=place, start=100 * place
        )
        for place, (name, speed) in enumerate((("A", 300), ("B", 450)))
    ]
    question = "How fast does lathe B run?"
    assert texts(narrowed(found_in(question, *lathes), question)) == ["Runs at 450 turns."]
    both = "How fast do the lathes run?"
    assert len(narrowed(found_in(both, *lathes), both)) == 2


@pytest.mark.parametrize(
    ("question", "sentence", "kept"),
    [
        ("What does the rope R-6 cost?", "The rope R-6 is replaced every 18 months.", False),
        ("What does the rope R-6 cost?", "The rope R-6 is sold at 40 euros.", True),
        ("绳索多少钱？", "绳索每 18 个月更换一次。", False),
        ("停车费用是多少？", "访客停车免费。", True),
        ("停车费用是多少？", "每月停车 200 元。", True),
        ("押金是多少？", "押金为两个月租金。", True),
        ("What is the price of the pump?", "| pump | 1,250.00 |", True),
        ("How often is the rope R-6 replaced?", "The rope R-6 is replaced every 18 months.", True),
    ],
)
def test_who_asks_for_a_price_is_given_an_amount(question: str, sentence: str, kept: bool) -> None:
    found = found_in(question, passage(sentence, language="zh" if "？" in question else "en"))
    assert bool(narrowed(found, question)) is kept


@pytest.mark.parametrize(
    ("question", "sentence", "kept"),
    [
        ("Who is Mira Soler's deputy?", "Mira Soler has room 12.", False),
        ("Who is Mira Soler's deputy?", "Mira Soler has room 12; her deputy is Jon Aas.", True),
        ("Who is Mira Soler's deputy?", "罗敏（Mira Soler）的副手是沈怡。", True),
        ("罗敏的助理是谁？", "罗敏在 12 室。", False),
        ("Who is the vice chair?", "Mira Soler is the chair.", False),
        ("What does a trip for pensioners cost?", "It costs 4 for adults and 2 for pupils.", False),
        ("What does a trip for pupils cost?", "It costs 4 for adults and 2 for pupils.", True),
        ("What does a trip for pensioners cost?", "A trip costs 4.", True),
    ],
)
def test_who_stands_so_to_somebody_has_to_be_told(
    question: str, sentence: str, *, kept: bool
) -> None:
    found = found_in(question, passage(sentence, language="zh" if "。" in sentence else "en"))
    assert bool(narrowed(found, question)) is kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Report on channel 12.", False),
        ("Reports are now made on channel 12.", True),
        ("Channel 12 replaces channel 9.", True),
        ("2.14\n\n- Sounds a bell on channel 12.", True),
    ],
)
def test_what_changed_is_told_by_a_change(text: str, *, kept: bool) -> None:
    of = passage(text)
    sentences = tuple(s for s in prepare([of]).sentences[0] if s.quotable)
    found = (Found(ReadHit(hit(of), 1.0, ()), sentences),)
    assert bool(narrowed(found, "What changed on channel 12?")) is kept


def test_of_rows_of_one_name_the_one_whose_other_cells_are_named() -> None:
    table = passage(
        "| Hall | Shift | Lead |\n|---|---|---|\n| Foundry | Early | Ueda |\n| Foundry | Night | Moreau |\n| Foundry | Late | Sow |"
    )
    rows = pick(table, (), "Who leads the night shift in the foundry?")
    assert [row.cells[2] for row in rows] == ["Moreau"]
    assert len(pick(table, (), "Who leads in the foundry?")) == 3


@pytest.mark.parametrize(
    ("question", "sentence", "kept"),
    [
        ("List the nine test pieces.", "Weigh the nine test pieces before each shift.", False),
        ("List the three test pieces.", "The three test pieces are brass, lead and tin.", True),
        ("列出八个检查点。", "每班巡查八个检查点，并签字。", False),
        ("列出三个检查点。", "三个检查点是东门、泵房和码头。", True),
    ],
)
def test_who_asks_for_a_list_of_so_many_is_not_told_that_there_are_so_many(
    question: str, sentence: str, kept: bool
) -> None:
    found = found_in(question, passage(sentence, language="zh" if "。" in question else "en"))
    assert found
    assert bool(narrowed(found, question)) is kept


CREW = passage(
    "Crew\n\nThe board paid the wages of the crew in May.\n\n"
    "| Boat | Wages | Skipper |\n| Heron | 4,100 | Inga Dahl |\n| Teal | 2,900 | Luc Perrin |\n| Gull | 3,300 | Inga Dahl |",
    title="Crew",
)


def test_rows_with_the_cell_that_is_named() -> None:
    question = "Which boats does Inga Dahl have?"
    rows = tuple(s for s in prepare([CREW]).sentences[0] if s.role == "row")
    assert len(rows) == 3
    found = [Found(ReadHit(hit(CREW), 1.0, ()), rows)]
    assert [text[:8] for text in texts(narrowed(found, question))] == ["| Heron ", "| Gull |"]


def test_a_sentence_beside_a_table_that_lacks_the_row_asked_about() -> None:
    """'The wages of the crew' are no answer where each boat has its own and this one is not there."""
    span = (Span(CREW.start + 6, CREW.start + 40, 1.0),)
    question = "What are the wages of the harbour boat?"
    found = find([ReadHit(hit(CREW), 1.0, span)], question, "fact")
    assert texts(found)
    assert narrowed(found, question) == ()


def test_the_item_that_has_the_word_of_the_question() -> None:
    rules = passage("Not paid\n\n- Fines\n- Wine\n- Tolls", title="Trips", section=("Not paid",))
    first = (Span(rules.start + 12, rules.start + 17, 1.0),)
    assert [s.text for s in pick(rules, first, "Is wine paid?", "yesno")] == ["Wine"]


@pytest.mark.parametrize(
    ("question", "sentence", "kept"),
    [
        ("When did Beta buy Acme?", "In 1990 Acme bought the rival firm Beta.", False),
        ("When did Acme buy Beta?", "In 1990 Acme bought the rival firm Beta.", True),
        ("When was Acme bought by Beta?", "In 1990 Acme bought the rival firm Beta.", False),
        ("When was Beta bought by Acme?", "In 1990 Acme bought the rival firm Beta.", True),
        ("Did Beta buy Acme?", "In 1990 Acme bought the rival firm Beta.", True),
        ("How far is Oslo from Bergen?", "Bergen lies 460 km from Oslo.", True),
        ("东岭厂什么时候收购了海星公司？", "2021年，海星公司收购了东岭厂。", False),
        ("海星公司什么时候收购了东岭厂？", "2021年，海星公司收购了东岭厂。", True),
    ],
)
def test_two_who_change_their_parts_are_not_what_is_asked(
    question: str, sentence: str, kept: bool
) -> None:
    found = found_in(question, passage(sentence, language="zh" if "？" in question else "en"))
    assert bool(narrowed(found, question)) is kept


@pytest.mark.parametrize(
    ("question", "text", "kept"),
    [
        ("How long a text does Kite 2 take?", "Kite 3 takes 8,192 words.", False),
        ("How long a text does Kite 2 take?", "Kite 2 takes 4,096 words.", True),
        (
            "How long a text does Kite 2 take?",
            "Kite 2 takes 4,096 words, twice what Kite 1 did.",
            True,
        ),
        ("Kite-V2 支持多长的文本？", "Kite-V3 支持 8,192 个词。", False),
        ("Kite 支持多长的文本？", "Kite 3 支持 8,192 个词。", True),
        ("When was Kite 4 released?", "Kite-7B was released in June 2023.", False),
        ("When was Kite 4 released?", "Kite 4-7B was released in June 2023.", True),
        ("Kite 4 是什么时候发布的？", "Kite-7B 于 2023 年 6 月发布。", False),
        ("Kite-7B 是什么时候发布的？", "Kite-7B 于 2023 年 6 月发布。", True),
        ("固件 2.2 有什么改进？", "固件 2.3 增加了夜景。", False),
        ("固件 2.2 有什么改进？", "固件 2.2 修复了闪光灯。", True),
        ("How long a text does Kite 2 take?", "In May 3 machines took long texts.", True),
    ],
)
def test_another_version_is_another_thing(question: str, text: str, *, kept: bool) -> None:
    found = found_in(question, passage(text, language="zh" if "？" in question else "en"))
    assert bool(narrowed(found, question)) is kept


@pytest.mark.parametrize(
    ("question", "count"),
    [
        ("红线行为有哪些？", 1),
        ("术语有哪些？", 3),
        ("红线行为和目标有哪些不同？", 3),
        ("红线行为的处罚有哪些？", 3),
    ],
)
def test_of_a_list_of_terms_the_one_that_the_question_names(question: str, count: int) -> None:
    terms = passage(
        "术语\n\n- 目标：每季度设定一次。\n- 复核：由两人确认。\n- 红线行为：泄露数据、收受回扣。",
        language="zh",
    )
    sentences = tuple(s for s in prepare([terms]).sentences[0] if s.role == "item")
    found = (Found(ReadHit(hit(terms), 1.0, ()), sentences),)
    assert len(texts(narrowed(found, question))) == count
