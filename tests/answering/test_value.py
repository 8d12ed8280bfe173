"""Who asks for a number, a name, a date is given one, or nothing."""

import pytest

from app.answering.narrow import narrowed
from app.answering.quotes import find
from app.answering.read import ReadHit
from app.models.reading import Span
from tests.passages import hit, passage


@pytest.mark.parametrize(
    ("question", "text", "kept"),
    [
        ("How many referees mark each protest?", "Referees mark each protest in writing.", False),
        ("How many referees mark each protest?", "Two referees mark each protest.", True),
        ("How many referees mark each protest?", "All referees mark each protest.", True),
        ("每份试卷由多少名考官评分？", "试卷由考官当场评分。", False),
        ("每份试卷由多少名考官评分？", "试卷由两名考官评分。", True),
        ("What is the name of the sorting program?", "The sorting program is slow.", False),
        ("What is the name of the sorting program?", "The sorting program is called sieve.", True),
        ("What is the name of the sorting program?", "The sorting program Sieve2 is slow.", True),
        ("排序模型的名称是什么？", "排序模型默认关闭。", False),
        ("排序模型的名称是什么？", "排序模型采用 Sieve-2。", True),
        ("仓库主管叫什么名字？", "仓库主管是卢敏。", True),
        ("When was the Otter withdrawn?", "The Otter was withdrawn for its noise.", False),
        ("When was the Otter withdrawn?", "The Otter was withdrawn in 2021.", True),
        ("When was the Otter withdrawn?", "The Otter was withdrawn after the flood.", True),
        ("旧泵是什么时候拆除的？", "旧泵因噪音被拆除。", False),
        ("旧泵是什么时候拆除的？", "旧泵于 2021 年拆除。", True),
        ("What is the phone number of the gate?", "The gate has a phone.", False),
        ("What is the phone number of the gate?", "Ring the gate at 0471 2210.", True),
        ("门卫电话是多少？", "紧急情况请拨打门卫电话。", False),
        ("门卫电话是多少？", "门卫电话：5550-1180。", True),
        ("What is the price of the barge?", "The price of the barge is kept secret.", False),
        ("What is the deposit for the barge?", "The deposit depends on the barge.", True),
        ("What is the warranty of a winch?", "Ask for the warranty of a winch.", False),
        ("What is the warranty of a winch?", "A winch has a warranty of two years.", True),
        ("绞车的保修期是多久？", "例如询问绞车的保修期。", False),
        ("绞车的保修期是多久？", "绞车保修两年。", True),
        ("How fast is the barge?", "Barges are never lent.", False),
        ("How fast is the barge?", "The barge goes at most 9 knots.", True),
        ("How long is the pool closed?", "The pool is closed until further notice.", True),
        ("What is the PIN of the card?", "The PIN is never written on the card.", False),
        ("What is the PIN of the card?", "The PIN of the card is not 1234 but 9911.", True),
        ("What is the PIN of the card?", "The PIN is sent by post.", True),
        ("When does the depot close?", "Its eleven barges move to the depot.", False),
        ("When does the depot close?", "The depot closes at 18:00.", True),
        ("When does the pump stop?", "The pump stops when the tank is full.", True),
        ("Who is the captain of the Alva?", "In high winds MS Alva stays in port.", False),
        ("Who is the captain of the Alva?", "Mira Soler is captain of the Alva.", True),
        ("Who is the owner of the barge?", "The barge belongs to the company.", True),
        ("What is the serial number of Otter?", "Otter stands in hall 3.", False),
        ("What is the serial number of Otter?", "Otter, serial 48213, stands in hall 3.", True),
    ],
)
def test_the_value_has_the_form_that_is_asked_for(question: str, text: str, kept: bool) -> None:
    of = passage(text, language="zh" if "？" in question else "en")
    found = find([ReadHit(hit(of), 1.0, (Span(of.start, of.end, 1.0),))], question, "fact")
    assert bool(narrowed(found, question)) is kept
