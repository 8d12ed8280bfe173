"""A cell is found by its row and its column, in either language, and only where nothing else is asked."""

import pytest

from app.answering.cells import cells_of
from app.index.protocol import Passage
from app.index.words import WordCutter
from tests.passages import passage

TABLES = [
    passage(
        "Teams\n\n| Team | Budget | Lead | Staff |\n| Harbour | 310,000 | Petra Lang | 14 |\n| Quarry | 95,000 | Samir Aoun | 6 |",
        title="Plan 2026",
        section=("Plan 2026", "Teams"),
        document_id="teams",
    ),
    passage(
        "泵\n\n| 型号 | 流量 | 价格 |\n| P20 | 每小时 20 升 | 480 元 |\n| P40 | 每小时 40 升 | 720 元 |",
        title="价目表",
        section=("价目表", "泵"),
        document_id="pumps",
        language="zh",
    ),
    passage(
        "| Boat | Seats | Hire per hour (EUR) |\n| Merlin | 6 | 28 |\n| Osprey | 8 | 45 |",
        title="Boats",
        document_id="boats",
    ),
    passage(
        "| 科室 | 上午 | 下午 |\n| 儿科 | 8:30–12:00 | 14:00–18:00 |\n| 外科 | 9:00–12:00 | 15:00–17:00 |",
        title="门诊",
        document_id="wards",
        language="zh",
    ),
    passage(
        "| 区域 | 负责人 |\n| 青山 | 罗敏 |\n| 海口 | 沈怡 |",
        title="区域",
        document_id="areas",
        language="zh",
    ),
]


@pytest.fixture(scope="module")
def cutter() -> WordCutter:
    return WordCutter()


@pytest.mark.parametrize(
    ("question", "row"),
    [
        ("What is the budget of Quarry?", "| Quarry |"),
        ("Who is responsible for Harbour?", "| Harbour |"),
        ("Harbour 有多少员工？", "| Harbour |"),
        ("Quarry 的预算是多少？", "| Quarry |"),
        ("P40 的流量是多少？", "| P40 |"),
        ("What does the P20 cost?", "| P20 |"),
        ("How large is the budget of Quarry?", "| Quarry |"),
        ("P40 的价格有多高？", "| P40 |"),
        ("青山区的负责人是谁？", "| 青山 |"),
        ("儿科下午几点开门？", "| 儿科 |"),
        ("What does the Osprey cost per hour?", "| Osprey |"),
    ],
)
def test_the_row_that_is_named_with_a_column(question: str, row: str, cutter: WordCutter) -> None:
    found = cells_of(question, TABLES, cutter.terms)
    assert [s.text[: len(row)] for _, rows in found for s in rows] == [row]


BORDERLESS = passage(
    "Models\n\n下表总结主要类型。\n\n模态输入输出代表模型\n语音→文本(ASR)AudioTextLark\n文本→语音(TTS)TextAudioReed-2\n表 6: 类型与代表模型\n\n其他内容。",
    title="模型",
    language="zh",
)
TURNED = passage(
    "| 参数 | KX6 | KX8 |\n| --- | --- | --- |\n| 重量 | 620 kg | 710 kg |\n| 电压 | 380 V | 400 V |",
    title="KX8 手册",
    language="zh",
)


@pytest.mark.parametrize(
    ("question", "of", "row"),
    [
        ("语音转文本的代表模型是什么？", BORDERLESS, "语音→文本(ASR)AudioTextLark"),
        ("文本转语音的代表模型是什么？", BORDERLESS, "文本→语音(TTS)TextAudioReed-2"),
        ("How heavy is the KX8?", TURNED, "| 重量 | 620 kg | 710 kg |"),
        ("KX6 的电压是多少？", TURNED, "| 电压 | 380 V | 400 V |"),
    ],
)
def test_rows_without_borders_and_things_side_by_side(
    question: str, of: Passage, row: str, cutter: WordCutter
) -> None:
    found = cells_of(question, [of], cutter.terms)
    assert [s.text for _, rows in found for s in rows] == [row]


@pytest.mark.parametrize(
    ("question", "of"),
    [
        ("图像转文本的代表模型是什么？", BORDERLESS),
        ("语音转文本的许可证是什么？", BORDERLESS),
        ("What colour is the KX8?", TURNED),
        ("How heavy is the KX9?", TURNED),
    ],
)
def test_no_row_without_borders_of_another_thing_or_column(
    question: str, of: Passage, cutter: WordCutter
) -> None:
    assert cells_of(question, [of], cutter.terms) == ()


@pytest.mark.parametrize(
    "question",
    [
        "What is the rent of Quarry?",  # no such column
        "What is the budget of Forge?",  # no such row
        "What is the budget of Quarry in 2031?",  # another year
        "What is the budget of the Lisbon office of Quarry?",
        "Why is the budget of Quarry so small?",
        "P60 的流量是多少？",
        "P40 的租金是多少？",
        "为什么 P40 的价格这么高？",
        "What is the budget of each team?",
    ],
)
def test_nothing_where_more_or_something_else_is_asked(question: str, cutter: WordCutter) -> None:
    assert cells_of(question, TABLES, cutter.terms) == ()
