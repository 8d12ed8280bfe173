"""What comes near a question and tells something else is left out."""

import pytest

from app.answering.evidence.context import prepare
from app.answering.otherwise import (
    is_of_its_like,
    is_opposite,
    lacks_name,
    of_another_month,
    of_another_year,
    of_sibling,
    shares_nothing,
)
from app.answering.quotes import Found
from app.answering.read import ReadHit
from app.errors import Language
from tests.passages import hit, passage


@pytest.mark.parametrize(
    ("question", "sentence", "opposite"),
    [
        ("When does the canteen close?", "The canteen opens at 7:30.", True),
        ("When does the canteen close?", "The canteen is open until 14:00.", False),
        ("When does the canteen close?", "It opens at 7:30 and closes at 14:00.", False),
        ("When does the canteen close?", "The canteen opens from 7:30 to 14:00.", False),
        ("When does the canteen open?", "The canteen opens at 7:30.", False),
        ("食堂几点关门？", "食堂早上 7 点开门。", True),
        ("Is the canteen closed on Monday?", "The canteen opens on Monday.", False),
        ("What is the maximum order?", "The minimum order is 10 pieces.", True),
        ("最低起订量是多少？", "起订量不少于 10 件。", False),
    ],
)
def test_the_opposite(question: str, sentence: str, *, opposite: bool) -> None:
    (cut,) = prepare([passage(sentence)]).sentences[0]
    assert is_opposite(question, cut) is opposite


COURSES = passage(
    "培训分为入职培训、岗位培训和外派培训三类。入职培训由人事部组织。外派培训须经批准。",
    title="培训制度",
    language="zh",
)


@pytest.mark.parametrize(
    ("question", "like"),
    [
        ("外派培训由谁组织？", True),
        ("入职培训由谁组织？", False),
        ("安全培训由谁组织？", False),  # of which nothing is said here
        ("我们培训由谁组织？", False),
        ("What is the external course?", False),
    ],
)
def test_a_thing_that_is_called_alike(question: str, *, like: bool) -> None:
    cut = prepare([COURSES]).sentences[0]
    found = Found(ReadHit(hit(COURSES), 1.0, ()), (cut[1],))
    assert is_of_its_like(question, cut[1], found) is like


def test_a_place_of_which_only_others_are_told() -> None:
    of = passage("罗敏负责内科病房，沈怡负责儿科病房。", language="zh")
    found = Found(ReadHit(hit(of), 1.0, ()), prepare([of]).sentences[0])
    assert is_of_its_like("外科病房的护士长是谁？", found.sentences[0], found)
    assert not is_of_its_like("儿科病房的护士长是谁？", found.sentences[0], found)


@pytest.mark.parametrize(
    ("question", "sentence", "another"),
    [
        ("5 月有哪些事故？", "4 月 6 日，一名员工受伤。", True),
        ("4 月有哪些事故？", "4 月 6 日，一名员工受伤。", False),
        ("有哪些事故？", "4 月 6 日，一名员工受伤。", False),
        ("What was sold in July?", "In June two barges were sold.", True),
        ("What was sold in July?", "In June and July two barges were sold.", False),
        ("What was sold in July?", "Two barges were sold.", False),
        ("Is the ferry running in July?", "The ferry runs from May.", False),
    ],
)
def test_another_month(question: str, sentence: str, *, another: bool) -> None:
    (cut,) = prepare([passage(sentence)]).sentences[0]
    assert of_another_month(question, cut) is another


@pytest.mark.parametrize(
    ("question", "of_another"),
    [
        ("What was the price of the K1 in 2024?", True),
        ("What was the price of the K1 in 2026?", False),
        ("What was the price of the K1 in 2019?", False),
        ("What is the price of the K1?", False),
    ],
)
def test_another_year_than_the_title_has(question: str, *, of_another: bool) -> None:
    found = passage("The K1 costs 40 euros, as since 2019.", title="Price list 2026")
    assert of_another_year(question, found) is of_another


@pytest.mark.parametrize(
    ("question", "text", "nothing"),
    [
        ("产假有多少天？", "Bring the loan laptop back within two weeks.", True),
        ("年假有多少天？", "A model leaves the catalogue after 30 days in service.", True),
        ("年假有多少天？", "Each employee has 30 days of annual leave.", False),
        ("南方钢材的账期是多少天？", "Prices are valid from 1 February until 31 January.", True),
        ("备份几点开始？", "A backup is made every night at 01:15.", False),
        ("How heavy is the press?", "压力机重 710 公斤。", False),
        ("mailbox retention", "试用期员工不得远程办公。", True),
        (
            "What does article 8 say about leaving?",
            "第八条 社员退社须提前三个月提出书面申请。",
            False,
        ),
        (
            "What does article 9 say about leaving?",
            "第八条 社员退社须提前三个月提出书面申请。",
            True,
        ),
        ("What was mended in v4.1.2?", "## v4.1.2\n修复了时钟漂移。", False),
    ],
)
def test_a_passage_in_the_other_language_without_a_word_of_the_question(
    question: str, text: str, *, nothing: bool
) -> None:
    language: Language = "en" if text.isascii() else "zh"
    of = passage(text, title="", language=language)
    found = Found(ReadHit(hit(of)), prepare([of]).sentences[0])
    assert shares_nothing(question, found) is nothing


def test_a_chinese_name_in_an_english_question() -> None:
    orders = passage("Orders may be cancelled until the goods leave our warehouse.")
    leave = passage("事假 20 天，不带薪。", language="zh")
    assert lacks_name("Is personal leave (事假) paid?", orders)
    assert not lacks_name("Is personal leave (事假) paid?", leave)
    assert not lacks_name("Is personal leave paid?", orders)


@pytest.mark.parametrize(
    ("question", "sibling"),
    [
        ("绝密级资料能否入库？", True),
        ("机密级资料能否入库？", False),
        ("财务部的资料能否入库？", False),
        ("各年级的资料能否入库？", False),
    ],
)
def test_another_grade_than_the_one_that_is_asked_about(question: str, *, sibling: bool) -> None:
    of = passage("机密级资料使用独立的索引，不得与公开资料混放。", title="分级", language="zh")
    assert of_sibling(question, Found(ReadHit(hit(of)), prepare([of]).sentences[0])) is sibling
