"""What stands under the heading that a question names is found whole, and no other list."""

from collections.abc import Sequence

import pytest

from app.answering.blocks import block_for, with_rows
from app.answering.evidence.context import prepare
from app.answering.question import kind_of
from app.answering.quotes import Found, quoted
from app.answering.read import ReadHit
from app.index.protocol import Hit, Passage
from app.index.words import WordCutter
from tests.passages import passage

GUIDE = [
    passage(
        "Cleaning\n\nThe press is cleaned on Fridays.\n\n"
        "1. Empty the hopper.\n2. Brush the rollers. Wear gloves.\n3. Oil the hinge.\n\n"
        "The cleaning takes an hour.",
        title="The juice press",
        section=("The juice press", "Cleaning"),
        ordinal=0,
    ),
    passage(
        "Storing\n\n- Keep it dry.\n- Cover it with the sheet.",
        title="The juice press",
        section=("The juice press", "Storing"),
        ordinal=1,
    ),
    passage(
        "Winter\n\nBefore the first frost the press is moved. The hall is heated.",
        title="The juice press",
        section=("The juice press", "Winter"),
        ordinal=2,
    ),
]
RULES = [
    passage(
        "钥匙管理\n\n- 每把钥匙只登记一人。\n- 钥匙遗失须在当天上报。\n- 备用钥匙存放在值班室。",
        title="仓库守则",
        section=("仓库守则", "钥匙管理"),
    )
]


@pytest.fixture(scope="module")
def cutter() -> WordCutter:
    return WordCutter()


def shown(question: str, document: Sequence[Passage], cutter: WordCutter) -> list[str]:
    """The block's sentences; every passage is read alike."""
    read = [(0.0, each) for each in document]
    block = block_for(question, kind_of(question), read, lambda _: document, cutter.terms)
    return [s.text.strip() for _, of in block.parts for s in of] if block else []


def test_all_steps_under_the_heading_in_order(cutter: WordCutter) -> None:
    found = shown("What are the steps of cleaning the juice press?", GUIDE, cutter)
    assert [line.lstrip("0123456789. ").rstrip(".") for line in found] == [
        "Empty the hopper",
        "Brush the rollers",
        "Wear gloves",
        "Oil the hinge",
    ]


PLAN = [
    passage(
        f"{name}\n\nThe crew {work}.",
        title="Plan of the move",
        section=("Plan of the move", "Phases", name),
        ordinal=place,
        start=100 * place,
    )
    for place, (name, work) in enumerate(
        (
            ("Phase 1: Packing", "packs"),
            ("Phase 2: Carrying", "carries"),
            ("Phase 3: Opening", "opens"),
        )
    )
]


def test_headings_under_the_one_that_is_named_are_a_list(cutter: WordCutter) -> None:
    assert shown("Which phases does the plan of the move have?", PLAN, cutter) == [
        "Phase 1: Packing",
        "Phase 2: Carrying",
        "Phase 3: Opening",
    ]
    assert "Phase 1: Packing" not in shown("Which crews are on the move?", PLAN, cutter)


def test_all_items_in_chinese(cutter: WordCutter) -> None:
    assert len(shown("钥匙管理有哪些规定？", RULES, cutter)) == 3


@pytest.mark.parametrize(
    "question",
    [
        "What are the steps of painting the juice press?",  # no such heading
        "Which colours does the juice press have?",
        "仓库里有哪些叉车？",
    ],
)
def test_a_heading_that_is_not_named_gives_nothing(question: str, cutter: WordCutter) -> None:
    assert shown(question, [*GUIDE, *RULES], cutter) == []


def test_what_sort_of_list_is_asked_for_need_not_stand_there(cutter: WordCutter) -> None:
    """'Requirements' is a word for the list, which its heading does not have to say."""
    read = [(0.0, RULES[0])]
    block = block_for("列出钥匙管理的要求。", "list", read, lambda _: RULES, cutter.terms)
    assert block is not None
    assert block.covered == 1.0


def test_how_much_of_the_question_it_holds_is_told(cutter: WordCutter) -> None:
    read = [(0.0, each) for each in GUIDE]
    questions = (
        "List the storing rules.",
        "List the storing rules for juice presses with a sheet.",
    )
    blocks = [block_for(q, "list", read, lambda _: GUIDE, cutter.terms) for q in questions]
    assert all(block is not None and block.heading == "Storing" for block in blocks)
    assert [round(block.covered, 1) for block in blocks if block] == [0.5, 0.8]


DEPOT = [
    passage(
        "The depot\n\nIt has two gates.\n\n"
        "| Gate | Opens | Keeper |\n| North | 6:00 | Ilse Brandt |\n| South | 7:30 | Omid Rahimi |\n\n"
        "Vehicles\n\n"
        "| Vehicle | Weight | Keeper |\n| Crane | 12 t | Ilse Brandt |\n| Truck | 8 t | Omid Rahimi |",
        title="The depot",
        section=("The depot",),
        document_id="depot",
    )
]
PRICES = [
    passage(
        "价格\n\n| 型号 | 价格 | 保修期 |\n| T3 | 260 元 | 1 年 |\n| T5 | 410 元 | 2 年 |\n| T9 | 930 元 | 3 年 |",
        title="割草机",
        section=("割草机", "价格"),
        document_id="prices",
        language="zh",
    )
]


@pytest.mark.parametrize(
    ("question", "document", "first", "rows"),
    [
        ("Who is the keeper of each gate?", DEPOT, "| North |", 2),
        ("What is the weight of every vehicle?", DEPOT, "| Crane |", 2),
        ("When does each gate open?", DEPOT, "| North |", 2),
        ("各型号的价格是多少？", PRICES, "| T3 |", 3),
        ("每种型号的保修期分别是多长？", PRICES, "| T3 |", 3),
        ("What does each model cost?", PRICES, "| T3 |", 3),
        ("What is the warranty of each model?", PRICES, "| T3 |", 3),
        ("每辆车的重量是多少？", DEPOT, "| Crane |", 2),
    ],
)
def test_what_is_asked_of_each_is_the_whole_table_with_that_column(
    question: str, document: Sequence[Passage], first: str, rows: int, cutter: WordCutter
) -> None:
    found = shown(question, document, cutter)
    assert found[0].startswith(first)
    assert len(found) == rows


@pytest.mark.parametrize(
    ("question", "document"),
    [
        ("What is the rent of each gate?", DEPOT),
        ("每辆车的租金是多少？", DEPOT),
        ("各型号的流量是多少？", PRICES),
    ],
)
def test_a_table_without_the_column_that_is_asked_for_gives_nothing(
    question: str, document: Sequence[Passage], cutter: WordCutter
) -> None:
    assert shown(question, document, cutter) == []


def test_reasons_that_are_listed_are_found_whole_and_told_ones_are_left_to_the_reader(
    cutter: WordCutter,
) -> None:
    listed = passage(
        "为什么轮班\n\n1. 机器不能停\n2. 人要休息\n3. 电价夜里低",
        title="车间",
        section=("车间", "为什么轮班"),
    )
    told = passage(
        "为什么轮班\n\n机器不能停。人要休息。", title="车间", section=("车间", "为什么轮班")
    )
    assert len(shown("为什么要轮班？", [listed], cutter)) == 3
    assert shown("为什么要轮班？", [told], cutter) == []
    rules = passage("轮班\n\n- 每班八小时\n- 交接要签字", title="车间", section=("车间", "轮班"))
    assert shown("为什么要轮班？", [rules], cutter) == []


def test_that_they_are_numbered_says_that_they_are_steps(cutter: WordCutter) -> None:
    guide = [
        passage(
            "Booking\n\n1. Ask the porter.\n2. Sign the book.\n3. Take the key.",
            title="House rules",
            section=("House rules", "Booking"),
        )
    ]
    assert len(shown("What are the booking steps?", guide, cutter)) == 3


def test_a_table_goes_on_behind_the_end_of_a_page() -> None:
    pages = [
        passage(
            "Measures\n\n| Measure | Limit |\n| --- | --- |\n| Dust | 5 |\n| Noise | 80 |",
            section=("Safety", "Measures"),
            ordinal=0,
        ),
        passage(
            "| Measure | Limit |\n| --- | --- |\n| Heat | 40 |\n| Light | 300 |",
            section=("Safety", "Measures"),
            ordinal=1,
        ),
    ]
    rows = tuple(s for s in prepare([pages[1]]).sentences[0] if s.role == "row")
    item = ReadHit(Hit(pages[1], 0.0, 0.0, 0))
    whole = with_rows((Found(item, rows),), lambda _: pages)
    cells = [s.cells[0] for each in whole for s in each.sentences]
    assert cells == ["Dust", "Noise", "Heat", "Light"]
    assert quoted(whole, "en", len(whole)).answer.count("| Measure | Limit |") == 1
    # One row that was asked for stays one.
    assert with_rows((Found(item, rows[:1]),), lambda _: pages) == (Found(item, rows[:1]),)
