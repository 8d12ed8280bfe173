"""Tables that lost their borders: the column names say what rows are about, and are never an answer themselves."""

import pytest

from app.answering.evidence.borderless import borderless_tables
from app.answering.evidence.context import prepare
from tests.passages import passage


def roles(text: str) -> list[tuple[str, str]]:
    (sentences,) = prepare([passage(text)]).sentences
    return [(s.role, s.names) for s in sentences]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            "领域示例模型应用\n医疗Kite、多个辅诊\n法律Lawyer LLM案例分析\n表 7: 应用场景\n\n后文。",
            "领域示例模型应用",
        ),
        (
            "供应商目录\n公司名称主营产品账期\n华东轴承轴承60 天\n瑞丰电子电路板45 天",
            "公司名称主营产品账期",
        ),
        ("PrinterFloorColour\nAlder1yes\nBirch2no", "PrinterFloorColour"),
    ],
)
def test_the_line_above_rows_is_no_sentence(text: str, names: str) -> None:
    found = roles(text)
    rows = [(role, of) for role, of in found if of]
    assert rows == [("item", names)] * 2
    place = text.splitlines().index(names)
    assert found[place] == ("heading", "")


@pytest.mark.parametrize(
    "text",
    [
        "第一次会议\n张三主持会议并宣布了 3 项决定。\n李四记录。\n王五缺席。",
        "F16 每个权重 16 比特\nQ8 每个权重 8.5 比特\nQ6 每个权重 6.6 比特",
        "Opening hours\nMonday to Friday 9 to 5\nSaturday 10 to 1",
        "JavaScript and TypeScript\nWe use both of them in the Frontend.\nAnd Python in the Backend.",
    ],
)
def test_lines_that_are_no_table(text: str) -> None:
    assert borderless_tables(text) == ()


def test_the_caption_and_the_heading_stay_what_they_are() -> None:
    text = "领域模型\n\n领域示例模型应用\n医疗Kite辅诊\n法律Lark案例\n表 7: 应用场景\n\n其他领域尚无模型可用。"
    (sentences,) = prepare([passage(text)]).sentences
    assert [s.role for s in sentences] == ["heading", "heading", "item", "item", "heading", "prose"]
    assert sentences[-1].heading == "领域模型"
    assert "领域示例模型应用" in sentences[2].around.text
