"""What was found has to tell what is asked, of the thing that is asked about."""

import pytest

from app.answering.about import is_silent, lacks, told_of_it
from app.answering.evidence.context import prepare
from app.answering.quotes import Found
from app.answering.read import ReadHit
from app.index.protocol import Passage
from app.text.language import detect_language
from tests.passages import hit, passage

SIZES = passage(
    "| Model | Kind | Total parameters |\n| --- | --- | --- |\n| Kite-V3 | MoE | 671B |\n| Swift 7B | dense | 7B |",
    title="Model sizes",
    document_id="sizes",
)
PRESSES = passage(
    "| Machine | Room | Weight |\n| --- | --- | --- |\n| Petrel | 12 | 340 kg |\n| Puffin | 14 | 510 kg |",
    title="Machines",
    document_id="machines",
)
FLEET = passage(
    "| Machine | Hours | Bought |\n| --- | --- | --- |\n| Otter-2 | 40 | 2026-03-01 |",
    title="Fleet",
)
SERVICES = passage(
    "| 服务 | 费用 |\n| --- | --- |\n| 清洗 | 免费 |", title="上门服务", language="zh"
)
POLICY = passage(
    "办公设备的折旧年限为五年，车辆为八年。", title="折旧", document_id="policy", language="zh"
)
ENGLISH_POLICY = passage(
    "All vehicles have a warranty of five years.", title="Warranty", document_id="warranty"
)


def found(of: Passage, row: str = "") -> Found:
    sentences = tuple(
        s for s in prepare([of]).sentences[0] if s.quotable and s.text.startswith(row)
    )
    return Found(ReadHit(hit(of), 1.0, ()), sentences)


@pytest.mark.parametrize(
    ("question", "table", "row", "without"),
    [
        ("Which licence does Kite-V3 use?", SIZES, "| Kite", True),
        ("When was Otter-2 sold?", FLEET, "| Otter", True),
        ("When was Otter-2 bought?", FLEET, "| Otter", False),
        ("When was Otter-2 purchased?", FLEET, "| Otter", False),
        ("When was Otter-2 rebuilt?", FLEET, "| Otter", True),
        ("清洗收费吗？", SERVICES, "| 清洗", False),
        ("清洗保修吗？", SERVICES, "| 清洗", True),
        ("Kite-V3 采用哪种许可证？", SIZES, "| Kite", True),
        ("Kite-V3 的许可证是什么？", SIZES, "| Kite", True),
        ("What is the throughput of Kite-V3?", SIZES, "| Kite", True),
        ("What kind of model is Kite-V3?", SIZES, "| Kite", False),
        ("What are the total parameters of Kite-V3?", SIZES, "| Kite", False),
        ("Kite-V3 的参数是多少？", SIZES, "| Kite", False),
        ("What is the weight of the Puffin?", PRESSES, "| Puffin", False),
        ("Puffin 的重量是多少？", PRESSES, "| Puffin", False),
        ("What colour is the Puffin?", PRESSES, "| Puffin", True),
        ("Puffin 的供应商是谁？", PRESSES, "| Puffin", True),
        ("How heavy is the Puffin?", PRESSES, "| Puffin", False),
        ("When was the Puffin bought?", PRESSES, "| Puffin", True),
        ("Is the Puffin oiled weekly?", PRESSES, "| Puffin", True),
        ("Does the Puffin have a weight of 510 kg?", PRESSES, "| Puffin", False),
    ],
)
def test_a_row_without_a_column_for_what_is_asked(
    question: str, table: Passage, row: str, *, without: bool
) -> None:
    (sentence,) = found(table, row).sentences
    assert lacks(sentence, question) is without


@pytest.mark.parametrize(
    ("question", "kept"),
    [
        ("Petrel 的折旧年限是几年？", False),
        ("办公设备的折旧年限是几年？", True),
        ("What is the warranty of the Petrel?", False),
        ("What is the warranty of vehicles?", True),
    ],
)
def test_a_policy_is_not_of_a_thing_that_its_document_does_not_name(
    question: str, *, kept: bool
) -> None:
    hits = [hit(each) for each in (SIZES, PRESSES, POLICY, ENGLISH_POLICY)]
    told = told_of_it(question, hits, lambda p: [p])
    source = POLICY if "折旧" in question else ENGLISH_POLICY
    assert bool(told((found(source),))) is kept


def test_a_name_may_stand_elsewhere_in_the_document_or_in_han() -> None:
    hits = [hit(each) for each in (SIZES, PRESSES, POLICY, ENGLISH_POLICY)]
    named = passage("The Petrel stands in hall 2.", document_id="warranty")
    english = "What is the warranty of the Petrel?"
    assert told_of_it(english, hits, lambda p: [p, named])((found(ENGLISH_POLICY),))
    assert told_of_it("How long is the Petrel written off over?", hits, lambda p: [p])(
        (found(POLICY),)
    )


@pytest.mark.parametrize(
    ("question", "sentence", "above", "silent"),
    [
        ("What is the warranty period of the Puffin?", "The Puffin is oiled in May.", "", 2),
        ("What is the warranty period of the Puffin?", "The Puffin has a warranty.", "", 0),
        ("How many rounds does it take?", "It takes 47 minutes.", "", 2),
        ("How many rounds does it take?", "It takes 47.", "Rounds", 0),
        ("Puffin 采用哪种许可证？", "Puffin 是最强的机型。", "", 2),
        ("Which licence does Puffin use?", "Puffin 是最强的机型。", "", 2),
        ("Which licence does Puffin use?", "Puffin 采用 MIT 许可证。", "", 0),
        ("Who built the Puffin?", "The Puffin is oiled in May.", "", 0),
    ],
)
def test_how_little_is_said_of_what_is_asked(
    question: str, sentence: str, above: str, silent: int
) -> None:
    language = detect_language(sentence)
    held = passage(sentence, title=above or "Notes", language=language)
    assert is_silent(found(held), question) == silent


def test_an_item_of_a_list_of_things_that_does_not_tell_it() -> None:
    """The next one tells its licence: of this one it is not told."""
    things = passage(
        "- Kite (Institute of Winds)： 曾是最强的模型，有 7B 版本。\n- Swift： 采用宽松许可证。",
        title="模型",
        language="zh",
    )
    assert is_silent(found(things, "Kite"), "Kite 采用哪种许可证") == 4
    assert is_silent(found(things, "Swift"), "Swift 采用哪种许可证") == 0
