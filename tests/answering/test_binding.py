"""A statement may hold every word of a sentence and give the words to the wrong thing."""

import pytest

from app.answering.evidence import prepare
from app.answering.evidence.judge import Judge
from app.answering.evidence.statements import cut
from app.text.language import detect_language
from tests.passages import passage

EN = passage(
    "The quarry keeps two machines. Bison has two tracks of 14 m and lifts 90 kg; Marten has 9 m and lifts 35 kg.\n\n"
    "The morning crew is relieved at noon, for safety. The evening crew may choose its own hour.\n\n"
    "The oil pump must be replaced after 300 hours. Filters should be washed every week.\n\n"
    "Visitors may enter the hall if a guard walks with them. Drivers may not enter the hall.\n\n"
    "The depot counted 210 parcels: 150 that arrived dry and 60 that did not.\n\n"
    "Loads above 40 tons need a second driver.\n\n"
    "Blue means that the gate is shut for repairs. Grey means that nobody is at the desk.\n\n"
    "1. Close the valve.\n2. Drain the tank, then open the hatch.\n\n"
    "The charge for Bison is stated below. All amounts are in euros.\n\n"
    "| Machine | Hire | Deposit |\n| Bison | 480 | 90 |\n| Marten | 210 | 60 |\n",
    title="Quarry",
    document_id="quarry",
)
ZH = passage(
    "门禁记录保存 45 天，车辆记录保存 200 天。\n\n"
    "温度超过 80 度时，必须停机；不到 20 度时不得开机。\n\n"
    "每批样品不少于 60 件，其中 5 件留样。\n\n"
    "只接收 Bison 和 Otter 型号，拒收 Marten 型号。\n\n"
    "货物获批后可以出库。\n\n"
    "想搬重物就用吊车；想搬散料就用皮带机。\n",
    title="料场",
    document_id="liaochang",
    language="zh",
)

CASES = [
    # (question, statement, whether it is true)
    ("What do the machines lift?", "Bison lifts 90 kg and Marten lifts 35 kg.", True),
    ("What do the machines lift?", "Marten lifts 90 kg.", False),
    ("When are the crews relieved?", "The morning crew is relieved at noon.", True),
    ("When are the crews relieved?", "The evening crew is relieved at noon.", False),
    ("When is the oil pump replaced?", "The oil pump must be replaced after 300 hours.", True),
    ("When is the oil pump replaced?", "The oil pump must be replaced before 300 hours.", False),
    ("How often are filters washed?", "Filters should be washed every week.", True),
    ("How often are filters washed?", "Filters must be washed every week.", False),
    (
        "May visitors enter the hall?",
        "Visitors may enter the hall if a guard walks with them.",
        True,
    ),
    ("May visitors enter the hall?", "Visitors may enter the hall.", False),
    ("May drivers enter the hall?", "Drivers may enter the hall.", False),
    ("How many parcels were counted?", "Of 210 parcels 150 arrived dry.", True),
    ("How many parcels were counted?", "The depot counted 210 parcels, 60 arrived dry.", False),
    ("Which loads need two drivers?", "Loads above 40 tons need a second driver.", True),
    ("Which loads need two drivers?", "Loads up to 40 tons need a second driver.", False),
    ("What does blue mean?", "Blue means that the gate is shut for repairs.", True),
    ("What does blue mean?", "Grey means that the gate is shut for repairs.", False),
    ("In what order is it done?", "Drain the tank, then open the hatch.", True),
    ("In what order is it done?", "Open the hatch, then drain the tank.", False),
    ("What is the hire of Bison?", "The hire of Bison is 480 euros.", True),
    ("What is the hire of Bison?", "The hire of Bison is 480 dollars.", False),
    ("What is the hire of Bison?", "The hire of Bison is 210 euros.", False),
    ("记录保存多久？", "门禁记录保存 45 天，车辆记录保存 200 天。", True),
    ("记录保存多久？", "门禁记录保存 200 天，车辆记录保存 45 天。", False),
    ("什么时候停机？", "温度超过 80 度时必须停机。", True),
    ("什么时候停机？", "温度不超过 80 度时必须停机。", False),
    ("什么时候停机？", "温度超过 80 度时可以停机。", False),
    ("一批有多少样品？", "每批样品不少于 60 件。", True),
    ("一批有多少样品？", "每批样品不超过 60 件。", False),
    ("接收哪些型号？", "接收 Bison 和 Otter 型号，拒收 Marten 型号。", True),
    ("接收哪些型号？", "接收 Bison 和 Marten 型号，拒收 Otter 型号。", False),
    ("货物可以出库吗？", "货物获批后可以出库。", True),
    ("货物可以出库吗？", "货物可以出库。", False),
    ("吊车和皮带机各用来做什么？", "想搬重物就用吊车。", True),
    ("吊车和皮带机各用来做什么？", "想搬重物就用皮带机。", False),
    # Across languages: all the keys, and nothing that could stand in the place of one.
    ("门禁是什么时候换班？", "早班在中午换班。", False),
    ("How long are vehicle records kept?", "For 200 days.", False),
]


@pytest.mark.parametrize(("question", "statement", "true"), CASES)
def test_what_goes_with_what(question: str, statement: str, true: bool) -> None:
    judge = Judge(prepare([EN, ZH]), question, detect_language(question))
    (draft, *_) = cut(statement)[1]
    assert bool(judge.support(draft)) == true
