"""What is given out joined is the answer, however the draft comes in pieces; false statements do not
get out."""

import random

import pytest

from app.answering.evidence import prepare
from app.answering.evidence.checker import Checker
from app.answering.evidence.judge import Judge
from app.errors import Language
from tests.passages import passage

TABLE = passage(
    "| Code | Meaning | Action |\n"
    "| E119 | tool changer: over temperature | clean the contact |\n"
    "| E120 | tool changer: no pressure | let it cool for 20 minutes |\n"
    "| E137 | axis Z drive: short circuit | replace fuse F3 |\n",
    title="Error codes",
)
NOTES = passage(
    "Release notes\n\n2.13\n\n- Orders can be split over two shifts.\n- The export keeps leading "
    "zeros.\n\n2.3\n\n- The calendar starts on Monday.\n",
    title="Release notes",
    document_id="notes",
)
RULES = passage(
    "Visitors may park in yard two. Drivers must not stop in front of the gate. Upgrades happen on "
    "Thursdays. Heron costs 4,900 euros. Crow is four times slower than Finch. The pump is checked "
    "before each shift.",
    title="Rules",
    document_id="rules",
)
REGELN = passage(
    "供应商 Acme 收购了 Beta。新员工必须在三天内提交体检报告。燕鸥比海鸥快两倍。会议室每周检查一次。",
    title="规定",
    document_id="zh",
)
LETTERS = passage(
    "The pump has energy class B. The Monday meeting is in building C. Press key F to start.",
    title="Plant",
    document_id="letters",
)
BUCHSTABEN = passage(
    "周会在A座举行。水泵的能效等级为B级。他的血型是O型。", title="厂区", document_id="letters-zh"
)
ALL = [TABLE, NOTES, RULES, REGELN, LETTERS, BUCHSTABEN]


def run(question: str, draft: str, pieces: int = 1, strict: bool = True) -> Checker:
    language: Language = "zh" if any("一" <= c <= "鿿" for c in question) else "en"
    checker = Checker(Judge(prepare(ALL), question, language), strict=strict)
    given = ""
    size = max(1, len(draft) // pieces)
    for place in range(0, len(draft), size):
        for segment in checker.take(draft[place : place + size]):
            given += checker.check(segment)
    for segment in checker.end():
        given += checker.check(segment)
    given += checker.close()
    assert given == checker.answer == checker.result().answer
    return checker


TRUE = [
    ("What does E120 mean?", "E120 means tool changer: no pressure."),
    ("What do I do about E137?", "Replace fuse F3."),
    ("What changed in version 2.13?", "Orders can be split over two shifts."),
    ("May visitors park here?", "Visitors may park in yard two."),
    ("When do upgrades happen?", "Upgrades happen on Thursdays."),
    ("What does Heron cost?", "Heron costs 4,900 euros."),
    ("谁收购了谁？", "Acme 收购了 Beta。"),
    ("体检报告什么时候交？", "新员工必须在三天内提交体检报告。"),
]
# Of a name that is one letter it is the letter that tells; it is no word.
TRUE += [
    ("Which energy class has the pump?", "The pump has energy class B."),
    ("Where is the Monday meeting?", "A Monday meeting is in building C."),
    ("水泵的能效等级是什么？", "水泵的能效等级为B级。"),
    ("他的血型是什么？", "他的血型是O型。"),
]
FALSE = [
    ("Which energy class has the pump?", "The pump has energy class C."),
    ("Where is the Monday meeting?", "The Monday meeting is in building A."),
    ("Is the Monday meeting in building A or C?", "The Monday meeting is in building A."),
    ("Which key is pressed to start?", "Press key G to start."),
    ("周会在哪里举行？", "周会在B座举行。"),
    ("水泵的能效等级是什么？", "水泵的能效等级为C级。"),
    ("他的血型是什么？", "他的血型是A型。"),
    # What says nothing is borne out by nothing; any sentence would have done.
    ("What does Heron cost?", "It is what it is."),
    ("What does Heron cost?", "a b c a b c a b c"),
    ("What changed in version 2.13?", "x"),
    ("体检报告什么时候交？", "啊啊啊。"),
    ("What does E120 mean?", "E120 means axis Z drive: short circuit."),
    ("What do I do about E120?", "Replace fuse F3."),
    ("What does E121 mean?", "tool changer: no pressure"),
    ("What changed in version 2.13?", "The calendar starts on Monday."),
    ("May visitors park here?", "Visitors must park in yard two."),
    ("May drivers stop in front of the gate?", "Drivers may stop in front of the gate."),
    ("When do upgrades happen?", "Upgrades happen on Fridays."),
    ("What does Heron cost?", "Heron costs 4,900 dollars."),
    ("How slow is Crow?", "Finch is four times slower than Crow."),
    ("When is the pump checked?", "The pump is checked after each shift."),
    ("谁收购了谁？", "Beta 收购了 Acme。"),
    ("体检报告什么时候交？", "新员工可以在三天内提交体检报告。"),
    ("谁更快？", "海鸥比燕鸥快两倍。"),
    ("会议室多久检查一次？", "会议室每月检查一次。"),
]


@pytest.mark.parametrize(("question", "statement"), TRUE)
def test_what_the_documents_say_gets_out(question: str, statement: str) -> None:
    assert run(question, statement).answer.startswith(statement.rstrip(".。"))


@pytest.mark.parametrize(("question", "statement"), FALSE)
def test_what_they_do_not_say_does_not(question: str, statement: str) -> None:
    assert run(question, statement).answer == ""


SIGNS = [
    "The storage temperature is ≥ 5 °C.", "The sensor emits α radiation.", "The rating of Kestrel is ★★.",
    "The tolerance of the shaft is +3 mm.", "The margin is −7 points.", "The tank holds > 40 bar.",
    "The dose is 5 mg.", "The dose is 6 µg.", "The ratio of sand to water is 3:1.", "The match ended 2-0.",
    "The lead of the team is Иван.", "Sales go ↑ in May.", "The line is ✓ today.", "产品的日文名是さくら。", "该线路状态为√。",
    "储存温度应≥5℃。", "传感器发出α射线。", "评级为★★。", "利润率为-5%。", "压力须>40巴。",
]  # fmt: skip
OTHERS = str.maketrans("≥≤α>+↑✓√", "≤≥β<-↓✗×")
WORDS = (
    ("★★", "★★★★"), ("−7", "7"), ("-5%", "5%"), ("5 mg", "5 µg"), ("6 µg", "6 mg"), ("3:1", "1:3"), ("2-0", "0-2"),
    ("Иван", "Пётр"), ("さくら", "もみじ"),
)  # fmt: skip


@pytest.mark.parametrize("said", SIGNS)
def test_a_sign_is_as_good_as_a_word(said: str) -> None:
    other = said.translate(OTHERS)
    for one, two in WORDS:
        if one in said:
            other = said.replace(one, two)
    assert other != said
    language: Language = "zh" if said.endswith("。") else "en"
    material = prepare([passage(said, title="Signs")])
    for statement, borne_out in ((said, True), (other, False)):
        checker = Checker(Judge(material, "What is it? 是什么？", language), strict=True)
        for segment in [*checker.take(statement), *checker.end()]:
            checker.check(segment)
        assert bool(checker.answer) is borne_out, statement


def test_a_heading_is_no_evidence() -> None:
    assert run("What is this?", "Error codes").answer == ""


def test_rows_stay_a_table_when_the_names_of_its_columns_are_left_out() -> None:
    draft = (
        "| Wombat | Zeppelin quantity |\n|:--:|:--:|\n| E120 | tool changer: no pressure | [1]\n"
    )
    shown = run("What does E120 mean?", draft).answer
    assert shown.splitlines()[:2] == ["| | |", "|:--:|:--:|"]
    assert "no pressure" in shown


@pytest.mark.parametrize("pieces", [1, 3, 7, 40, 400])
def test_the_pieces_in_which_a_draft_comes_change_nothing(pieces: int) -> None:
    draft = (
        "Here is what to do:\n\n1. E120 means tool changer: no pressure [1]. Wait an hour.\n"
        "2. Replace fuse F3 for E137 [1].\n\n| Code | Meaning |\n|---|---|\n"
        "| E119 | tool changer: over temperature |\n| E120 | short circuit |\n"
    )
    question = "What do E119, E120 and E137 mean?"
    assert run(question, draft, pieces).answer == run(question, draft).answer


@pytest.mark.slow
def test_random_cuts_of_random_drafts_give_one_answer() -> None:
    generator = random.Random(7)
    sentences = [statement for _, statement in TRUE + FALSE]
    for _ in range(60):
        chosen = generator.sample(sentences, 5)
        joined = "".join(s + generator.choice([" ", "\n", "\n- ", " [1] ", "\n\n"]) for s in chosen)
        whole = run("What do the documents say?", joined)
        cut = run("What do the documents say?", joined, generator.randint(2, 60))
        assert whole.answer == cut.answer
        assert whole.result().statements == cut.result().statements
        for statement in whole.result().statements:
            assert whole.answer[statement.start : statement.end].strip()


@pytest.mark.parametrize(
    ("question", "draft", "first"),
    [
        (
            "体检报告什么时候交？",
            "关于体检报告的规定说的是：\n- 新员工必须在三天内提交体检报告。",
            "关于",
        ),
        (
            "When do upgrades happen?",
            "What the rules lay down for upgrades:\n- Upgrades happen on Thursdays.",
            "What",
        ),
        # It says something by itself.
        (
            "When do upgrades happen?",
            "Upgrades happen on 17 days:\n- Upgrades happen on Thursdays.",
            "- Upgr",
        ),
    ],
)
def test_a_line_that_leads_in_is_shown_with_what_it_leads_in_to(
    question: str, draft: str, first: str
) -> None:
    checker = run(question, draft)
    assert checker.answer.startswith(first)
    assert len(checker.result().statements) == 1
    assert checker.core_failed is first.startswith("-")
