"""Rooms, lockers, lines: things that are told apart by a number alone."""

import re
from collections.abc import Iterator

import pytest

from app.answering.evidence.context import prepare
from app.answering.numbered import (
    names_number,
    of_numbers,
    tells_all,
    told_share,
    unknown_numbers,
    without_siblings,
)
from app.answering.numbers_apart import of_each_number
from app.answering.quotes import Found
from app.answering.read import ReadHit
from app.index.protocol import Hit
from tests.passages import hit, passage


def _hits(*texts: str) -> list[Hit]:
    return [
        hit(passage(text, document_id=f"d{n}", title=f"t{chr(97 + n)}"))
        for n, text in enumerate(texts)
    ]


ROOMS = _hits(
    "The door code of room 451 is 73151. It was changed in May.",
    "The door code of room 452 is 73152. It was changed in May.",
    "The door code of room 499 is 73199. It was changed in May.",
    "Visitors sign the book at the desk.",
)
LOCKERS = _hits(
    "205 号柜的密码是 58005，五月更换过。",
    "206 号柜的密码是 58006，五月更换过。",
    "来访者在前台登记。",
)


def _terms(text: str) -> Iterator[str]:
    return (word.lower() for word in re.findall(r"\w+", text))


@pytest.mark.parametrize(
    ("question", "kept"),
    [
        ("What is the door code of room 451?", [0, 3]),
        ("door code for room no. 499", [2, 3]),
        ("What are the codes of rooms 451 and 499?", [0, 2, 3]),
        ("Which room has the code 73152?", [1, 3]),
        ("房间 452 的门禁码是多少？", [1, 3]),
        ("What is the code of room 777?", [0, 1, 2, 3]),  # nothing to keep: it is unknown, below
        ("Is 451 kg too heavy for the lift?", [0, 1, 2, 3]),
        ("When was the code changed?", [0, 1, 2, 3]),
    ],
)
def test_what_tells_of_another_of_the_kind_is_left_out(question: str, kept: list[int]) -> None:
    assert list(of_numbers(question, ROOMS)) == [ROOMS[n] for n in kept]


@pytest.mark.parametrize(
    ("question", "kept"), [("205号柜密码？", [0, 2]), ("206 号柜的密码", [1, 2])]
)
def test_the_same_in_chinese(question: str, kept: list[int]) -> None:
    assert list(of_numbers(question, LOCKERS)) == [LOCKERS[n] for n in kept]


@pytest.mark.parametrize(
    ("question", "hits", "missing"),
    [
        ("What is the door code of room 999?", ROOMS, ("room 999",)),
        ("What is the door code of room 451?", ROOMS, ()),
        ("999号柜的密码是多少？", LOCKERS, ("号柜 999",)),
        ("206 号柜的密码是多少？", LOCKERS, ()),
        ("Is 99 kg too heavy?", ROOMS, ()),
        ("What are the top 5 rooms?", ROOMS, ()),
        # One other tells nothing of how things are numbered.
        ("Where is room 12?", _hits("The kitchen is room 3."), ()),
        # A range, a list
        (
            "Who cleans room 455?",
            _hits("Rooms 450 to 460: Ann.", "Room 470: Bo.", "Room 480: Bo."),
            (),
        ),
        (
            "Who cleans room 12?",
            _hits("Rooms 11, 12 and 13: Ann.", "Room 14: Bo.", "Room 15: Bo."),
            (),
        ),
        (
            "房间 455 谁打扫？",
            _hits("房间 450-460：小安。", "房间 470：小波。", "房间 480：小波。"),
            (),
        ),
    ],
)
def test_a_thing_is_unknown_where_others_of_its_kind_are_told_of(
    question: str, hits: list[Hit], missing: tuple[str, ...]
) -> None:
    assert unknown_numbers(question, hits) == missing


def test_of_sentences_that_differ_by_numbers_those_with_the_one_asked_for_are_kept() -> None:
    text = "Room 1 is open from 8. Room 2 is open from 9. All rooms close at six."
    [item] = [ReadHit(each, 1.0, ()) for each in _hits(text)]
    whole = (Found(item, prepare([item.hit.passage]).sentences[0]),)
    said = [
        s.text for each in without_siblings(whole, "When is room 2 open?") for s in each.sentences
    ]
    assert "Room 2 is open from 9." in said
    assert "Room 1 is open from 8." not in said
    assert without_siblings(whole, "When are rooms open?") == whole


def test_how_much_of_the_question_is_said_of_the_thing() -> None:
    question = "What is the door code of room 451?"
    assert told_share(question, ROOMS[0].passage, _terms) == 1.0
    assert told_share("What colour has the door of room 451?", ROOMS[0].passage, _terms) == 2 / 3
    assert told_share(question, ROOMS[1].passage, _terms) is None


LOCKERS_ZH = [
    hit(passage(text, document_id=f"z{n}", title=f"t{n}", language="zh"))
    for n, text in enumerate(
        (
            "205 号柜的密码是 58005，五月更换过。",
            "206 号柜的密码是 58006，五月更换过。",
            "207 号柜的密码是 58007，五月更换过。",
            "来访者在前台登记。",
        )
    )
]


def test_a_numbered_thing_is_told_across_languages() -> None:
    asked = "What is the code of locker 206?"
    assert list(of_numbers(asked, LOCKERS_ZH)) == [LOCKERS_ZH[1], LOCKERS_ZH[3]]
    assert told_share(asked, LOCKERS_ZH[1].passage, _terms) == 1.0
    assert told_share(asked, LOCKERS_ZH[0].passage, _terms) is None
    # A room is no locker, and there is no locker 999.
    assert told_share("What is the code of room 206?", LOCKERS_ZH[1].passage, _terms) is None
    assert unknown_numbers("What is the code of locker 999?", LOCKERS_ZH) == ("locker 999",)
    assert unknown_numbers(asked, LOCKERS_ZH) == ()
    assert told_share("451 房间的密码是多少？", ROOMS[0].passage, _terms) == 1.0
    assert told_share("452 房间的密码是多少？", ROOMS[0].passage, _terms) is None
    assert unknown_numbers("房间 999 的门禁码是多少？", ROOMS) == ("房间 999",)


@pytest.mark.parametrize(
    ("question", "questions"),
    [
        (
            "What are the codes of rooms 410 and 411?",
            ("What are the codes of room 410?", "What are the codes of room 411?"),
        ),
        ("codes of room 410 and room 411", ("codes of room 410", "codes of room 411")),
        ("205、206号柜的密码？", ("205号柜的密码？", "206号柜的密码？")),
        ("205 号和 206 号柜的密码？", ("205 号柜的密码？", "206 号柜的密码？")),
        ("房间 410 和房间 411 谁打扫？", ("房间 410 谁打扫？", "房间 411 谁打扫？")),
        ("第12条和第13条规定了什么？", ("第12条规定了什么？", "第13条规定了什么？")),
        ("What is on floors 2, 3 and 4?", tuple(f"What is on floor {n}?" for n in (2, 3, 4))),
        ("Do rooms 410 and 411 share a door?", None),
        ("Is the pump for 5 kg and 10 kg bags?", None),
        ("What is open between 8 and 10?", None),
        ("What is the code of room 410?", None),
    ],
)
def test_what_is_asked_of_several_numbers_is_asked_of_each(
    question: str, questions: tuple[str, ...] | None
) -> None:
    assert of_each_number(question) == (questions or (question,))


def test_one_sentence_that_tells_all_of_it() -> None:
    whole_ = passage(" ".join(each.passage.text for each in ROOMS))
    assert tells_all("What is the door code of room 452?", whole_, _terms)
    assert not tells_all("When was the code of room 452 changed?", whole_, _terms)
    assert tells_all("What is the code of locker 206?", LOCKERS_ZH[1].passage, _terms)
    assert not tells_all("What is the colour of locker 206?", LOCKERS_ZH[1].passage, _terms)


def test_a_list_is_of_a_number_that_it_names() -> None:
    [said] = prepare([ROOMS[0].passage]).sentences[:1]
    assert names_number("What are the codes of room 451?", said)
    assert not names_number("What are the codes of room 452?", said)
    assert names_number("What are the codes?", said)
