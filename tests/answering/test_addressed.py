"""What stands at the number or code that a question names, in either language, and nothing beside it."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from app.answering.addressed import addressed, addresses, is_elsewhere, without_known
from app.errors import Language
from app.index.protocol import Passage, Place
from app.index.words import WordCutter
from tests.passages import passage

FAQ = passage(
    "Alva S2 能用多久？\n标准模式 150 分钟。\n\n可以在户外使用吗？\n不可以，会损坏拖布。",
    title="常见问题",
    document_id="faq",
    language="zh",
)


def test_a_question_of_the_document_is_no_address() -> None:
    terms = WordCutter().terms
    assert addressed("S2 能在户外用吗？", [FAQ], lambda p: [p], terms) is None


def sections(
    title: str, language: Language, *parts: tuple[str, str], document_id: str = "d"
) -> Passage:
    """One passage over several headings, each with its text."""
    text, places = "", []
    for heading, body in parts:
        places.append(Place(len(text), None, (title, heading)))
        text += f"{heading}\n\n{body}\n\n"
    whole = passage(
        text.rstrip(), title=title, section=(title,), language=language, document_id=document_id
    )
    return replace(whole, places=tuple(places))


STATUTES = sections(
    "互助社章程",
    "zh",
    ("第六条", "社员每月交纳会费二十元。"),
    ("第十六条", "理事会由七人组成，任期四年。"),
    ("第二十条", "社员大会每年召开一次。"),
    document_id="statutes",
)
RULES = sections(
    "Rules of the boat club",
    "en",
    ("Article 5", "Boats are cleaned after use. The hose hangs at the gate."),
    ("Article 16", "Guests sign the book."),
    ("Section 3.2", "Keys hang in the office."),
    document_id="rules",
)
NOTES = sections(
    "Release notes of the timer",
    "en",
    ("5.3", "- Sounds a bell.\n- Keeps the last time."),
    ("5.30", "- Shows seconds."),
    document_id="notes",
)
CODES = passage(
    "| Code | Meaning | Action |\n|---|---|---|\n| K-11 | belt torn | fit a new belt |\n| K-12 | motor hot | wait for 9 minutes |",
    title="Codes of the conveyor",
    document_id="codes",
)
DECREE = passage(
    "第一条 本办法适用于全体住户。\n\n第二条 垃圾每天七点收运。装修垃圾另行预约。\n\n第三条 本办法自公布之日起施行。",
    title="垃圾收运办法",
    language="zh",
    document_id="decree",
)
ALL = (STATUTES, RULES, NOTES, CODES, DECREE)


@pytest.fixture(scope="module")
def cutter() -> WordCutter:
    return WordCutter()


def shown(
    question: str, cutter: WordCutter, among: Sequence[Passage] = ALL
) -> tuple[list[str], bool]:
    found = addressed(
        question,
        among,
        lambda p: [each for each in among if each.document_id == p.document_id],
        cutter.terms,
    )
    if found is None:
        return [], False
    return [s.text.strip() for _, of in found.parts for s in of], found.whole


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("第6条规定了什么？", "社员每月交纳会费二十元。"),
        ("章程第二十条的内容是什么？", "社员大会每年召开一次。"),
        ("第20条", "社员大会每年召开一次。"),
        ("What does Article 20 of the statutes say?", "社员大会每年召开一次。"),
        ("第5条说了什么？", "Boats are cleaned after use."),
        ("What is laid down in article 5?", "Boats are cleaned after use."),
        ("section 3.2", "Keys hang in the office."),
        ("What is new in 5.3?", "Sounds a bell."),
        ("5.30 版更新了什么？", "Shows seconds."),
        ("v5.30", "Shows seconds."),
        ("K-12", "motor hot"),
        ("k11", "belt torn"),
        ("错误码K-12怎么办？", "motor hot"),
        ("What does K-11 mean and what should I do?", "belt torn"),
        ("第二条怎么规定的？", "垃圾每天七点收运。"),
    ],
)
def test_an_address_alone_is_answered_whole(question: str, told: str, cutter: WordCutter) -> None:
    sentences, whole = shown(question, cutter)
    assert whole
    assert any(told in sentence for sentence in sentences)
    others = {
        "社员大会每年召开一次。",
        "Boats are cleaned after use.",
        "Shows seconds.",
        "belt torn",
        "本办法",
    }
    assert not any(other in sentence for other in others - {told} for sentence in sentences)


def test_a_paragraph_goes_on_until_the_next_of_its_kind(cutter: WordCutter) -> None:
    assert shown("第二条", cutter, [DECREE])[0][-1] == "装修垃圾另行预约。"


@pytest.mark.parametrize(
    "question",
    [
        "第16条对宠物有什么规定？",
        "What does article 20 say about parking?",
        "K-12 的维修费用是多少？",
        "Who repairs K-11?",
        "Does version 5.3 run on a phone?",
    ],
)
def test_what_else_is_asked_is_for_the_reader_to_judge(question: str, cutter: WordCutter) -> None:
    sentences, whole = shown(question, cutter)
    assert sentences
    assert not whole


def test_the_document_that_is_named_is_meant(cutter: WordCutter) -> None:
    assert shown("互助社章程第16条", cutter)[0] == ["理事会由七人组成，任期四年。"]
    assert len(shown("第16条", cutter)[0]) == 2


@pytest.mark.parametrize("question", ["第9条规定了什么？", "What changed in version 5.4?"])
def test_a_number_that_nothing_has_is_elsewhere(question: str, cutter: WordCutter) -> None:
    assert shown(question, cutter) == ([], False)
    assert is_elsewhere(question, ALL, cutter.terms)
    assert not is_elsewhere("第6条规定了什么？", ALL, cutter.terms)


def test_numbers_of_other_things_are_no_addresses() -> None:
    found = addresses("第十二条, section 6.2, v2.13")
    assert [address.number for address in found] == ["12", "6.2", "2.13"]
    assert addresses("85 Nm, 20% and 30 days") == ()
    assert "20" not in without_known("What does Article 20 say?", ALL)
    assert "21" in without_known("What does Article 21 say?", ALL)


TERMS = sections(
    "Terms of employment",
    "en",
    ("3.2 Termination", "Either side may end the contract with a month's notice."),
    ("1.5 Pay", "Pay comes on the last day of the month."),
    (
        "Lateness",
        "Being late for 1.5 hours costs half a day's pay. If step 3 fails, wait for an hour.",
    ),
    document_id="terms",
)
PRICES = passage(
    "| Size | Price |\n|---|---|\n| A4 | 0.10 |\n| A3 | 0.20 |",
    title="Prices",
    document_id="prices",
)


@pytest.mark.parametrize("question", ["What does section 3.2 say?", "§ 3.2", "3.2节规定了什么？"])
def test_a_heading_that_is_a_bare_number_is_a_section(question: str, cutter: WordCutter) -> None:
    sentences, whole = shown(question, cutter, [TERMS])
    assert whole
    assert any("notice" in sentence for sentence in sentences)
    assert not is_elsewhere(question, [TERMS], cutter.terms)


@pytest.mark.parametrize(
    "question",
    ["How much pay is lost by being late for 1.5 hours?", "迟到1.5小时扣多少工资？"],
)
def test_a_measure_is_no_address(question: str, cutter: WordCutter) -> None:
    assert shown(question, cutter, [TERMS]) == ([], False)


@pytest.mark.parametrize(
    "question",
    ["A4纸卡住了怎么办？", "What should I do if A4 paper jams in the printer?"],
)
def test_a_row_is_the_reader_s_to_judge_where_no_code_is_meant(
    question: str, cutter: WordCutter
) -> None:
    assert not shown(question, cutter, [PRICES])[1]


@pytest.mark.parametrize(
    ("question", "heading"),
    [
        ("What does Article 3 say?", "Article III"),
        ("What is new in version 5?", "版本 5"),
        ("What is step 3?", "步骤3"),
    ],
)
def test_numbers_that_are_not_read_refuse_nothing(
    question: str, heading: str, cutter: WordCutter
) -> None:
    held = [sections("A text", "en", (heading, "Some words."))]
    assert not is_elsewhere(question, held, cutter.terms)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("What does Article III say?", "3"),
        ("Article XVI", "16"),
        ("Part Two", "2"),
        ("the third step", "3"),
        ("Step one", "1"),
        ("Appendix B", "b"),
        ("附录B 表格", "b"),
        ("附录二", "2"),
        ("第三部分讲了什么？", "3"),
        ("步骤3", "3"),
        ("步骤三", "3"),
        ("第2阶段", "2"),
        ("条款 4.2", "4.2"),
    ],
)
def test_parts_numbered_in_words_letters_and_roman_figures(text: str, number: str) -> None:
    assert [each.number for each in addresses(text)] == [number]


@pytest.mark.parametrize(
    "text", ["as part of the deal", "step in", "Schedule a meeting", "part time", "一部分三个人"]
)
def test_what_only_looks_like_a_number_is_none(text: str) -> None:
    assert addresses(text) == ()


def test_what_stands_at_a_part_numbered_in_words() -> None:
    lease = [
        sections(
            "Lease of the mill",
            "en",
            ("Article I", "The mill is let for six years."),
            ("Article III", "Rent is due in May."),
            ("Appendix B", "Two keys and a lamp."),
            document_id="lease",
        )
    ]
    terms = WordCutter().terms
    for question, held in (
        ("What does Article 3 say?", "Rent is due in May."),
        ("What does Article III say?", "Rent is due in May."),
        ("What is in Appendix B?", "Two keys and a lamp."),
        ("附录B写了什么？", "Two keys and a lamp."),
    ):
        at = addressed(question, lease, lambda _: lease, terms)
        assert at is not None
        assert [s.text for _, ss in at.parts for s in ss] == [held]


CAMERA = sections(
    "Lynx Q40 camera",
    "en",
    ("Data", "| Property | Q40 | Q40 Pro |\n|---|---|---|\n| Weight | 498 g | 560 g |"),
    ("Colours", "Q40 comes in black and silver. Q40 Pro comes in black."),
    ("Messages", "- F-7: the card is full. Put in another card.\n- F-8: the door is open."),
    document_id="camera",
)


@pytest.mark.parametrize(
    "question",
    [
        "Which colours does the Q40 have?",
        "Q40 有哪些颜色？",
        "Q40 有多重？",
        "How heavy is the Q40?",
    ],
)
def test_the_code_that_a_document_is_about_is_no_address_in_it(
    question: str, cutter: WordCutter
) -> None:
    assert shown(question, cutter, [CAMERA]) == ([], False)


def test_what_is_said_of_a_code_is_its_whole_item(cutter: WordCutter) -> None:
    told, whole = shown("What does F-7 mean?", cutter, [CAMERA])
    assert (told, whole) == (["F-7: the card is full.", "Put in another card."], True)
