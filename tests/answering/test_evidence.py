"""Statements are matched to the right sentences, and nothing else is shown as evidence."""

from dataclasses import replace

import pytest

from app.answering.evidence import Verification, prepare, verify
from app.answering.evidence.checker import Checker
from app.answering.evidence.judge import Judge
from app.answering.evidence.statements import cut
from app.errors import Language
from app.index.protocol import Passage, Place
from app.text.language import HAN

OFFSET = 1000  # passages begin somewhere in their document


def passage(number: int, text: str, title: str = "doc", section: tuple[str, ...] = ()) -> Passage:
    language: Language = "zh" if any("一" <= c <= "鿿" for c in text) else "en"
    return Passage(
        id=f"chunk{number}",
        document_id=f"document{number}",
        revision="r",
        ordinal=0,
        text=text,
        start=OFFSET,
        end=OFFSET + len(text),
        windows=((OFFSET, OFFSET + len(text)),),
        page=3,
        section=section,
        language=language,
        title=title,
        source=f"/documents/{number}",
    )


ZH = [
    passage(
        0,
        "DeepSeek-V3 是一个混合专家模型，共有 6710 亿参数。它采用 MIT 许可证发布。上下文长度为 128K。",
    ),
    passage(
        1,
        "Yi-34B 由零一万物训练，采用 Apache 2.0 许可证。Yi-34B-200K 的上下文长度是 200K。该模型不支持图像输入。",
    ),
]
EN = [
    passage(
        0,
        "The Panthers defense gave up just 308 points. Jared Allen led the active players with 136 "
        "career sacks. Kony Ealy had 5 sacks in nine starts.",
    ),
    passage(
        1,
        "Denver took an early lead in Super Bowl 50. Von Miller was named MVP of the game. The "
        "halftime show did not feature any fireworks.",
    ),
]


def check(question: str, answer: str, passages: list[Passage] | None = None) -> Verification:
    chinese = any("一" <= c <= "鿿" for c in question)
    return verify(
        answer,
        passages or (ZH if chinese else EN),
        None,
        "zh" if chinese else "en",
        question=question,
    )


SUPPORTED = [
    # Short answers: the sentence that is about the question.
    ("DeepSeek 使用什么许可证？", "MIT", "它采用 MIT 许可证发布。"),
    ("DeepSeek 使用什么许可证？", "答案：MIT。", "它采用 MIT 许可证发布。"),
    ("Yi-34B-200K 的上下文长度是多少？", "200K", "Yi-34B-200K 的上下文长度是 200K。"),
    (
        "How many career sacks did Jared Allen have?",
        "136",
        "Jared Allen led the active players with 136 career sacks.",
    ),
    ("Who was MVP?", "Von Miller", "Von Miller was named MVP of the game."),
    # Whole sentences, verbatim or reworded.
    (
        "DeepSeek 使用什么许可证？",
        "DeepSeek 采用的是 MIT 许可证。",
        "它采用 MIT 许可证发布。",
    ),
    (
        "How many points did the defense give up?",
        "The defense of the Panthers gave up only 308 points.",
        "The Panthers defense gave up just 308 points.",
    ),
    # One number, written otherwise.
    ("DeepSeek-V3 有多少参数？", "671B 参数", "DeepSeek-V3 是一个混合专家模型，共有 6710 亿参数。"),
    ("How many starts did Kony Ealy have?", "9 starts", "Kony Ealy had 5 sacks in nine starts."),
    # Full width.
    ("Yi-34B-200K 的上下文长度是多少？", "２００Ｋ", "Yi-34B-200K 的上下文长度是 200K。"),
    # What is denied is denied there, too.
    ("Yi-34B 支持图像吗？", "不支持图像输入。", "该模型不支持图像输入。"),
    (
        "Did the halftime show feature fireworks?",
        "No, the halftime show did not feature fireworks.",
        "The halftime show did not feature any fireworks.",
    ),
    # A mere yes asserts the question.
    (
        "Yi-34B 采用 Apache 2.0 许可证吗？",
        "是的。",
        "Yi-34B 由零一万物训练，采用 Apache 2.0 许可证。",
    ),
]


@pytest.mark.parametrize(("question", "answer", "quote"), SUPPORTED)
def test_a_supported_answer_gets_the_sentence_behind_it(
    question: str, answer: str, quote: str
) -> None:
    found = check(question, answer)
    assert found.core_supported
    assert [citation.quote for citation in found.citations] == [quote]
    assert found.answer.endswith("[1]")


UNSUPPORTED = [
    ("DeepSeek 使用什么许可证？", "DeepSeek 采用 GPL 许可证。[1]"),  # another identifier
    ("DeepSeek-V3 有多少参数？", "共有 6720 亿参数。[1]"),  # another number
    ("DeepSeek-V3 有多少参数？", "67.1B"),  # another magnitude
    ("Yi-34B 支持图像吗？", "Yi-34B 支持图像输入。[2]"),  # the opposite
    ("Yi-34B 支持图像吗？", "是的。"),
    ("DeepSeek 使用什么许可证？", "木兰许可证"),
    ("GPT-5 使用什么许可证？", "GPT-5 采用 MIT 许可证。"),  # an identifier of the question alone
    ("How many career sacks did Jared Allen have?", "Jared Allen had 137 career sacks."),
    ("Who was MVP?", "Peyton Manning"),
    ("Who was MVP?", "Peyton Manning was named MVP of the game. [2]"),
    ("Did the halftime show feature fireworks?", "The halftime show featured fireworks."),
    ("How many points?", "The Panthers defense did not give up 308 points."),
]


@pytest.mark.parametrize(("question", "answer"), UNSUPPORTED)
def test_what_the_passages_do_not_say_has_no_citation(question: str, answer: str) -> None:
    found = check(question, answer)
    assert not found.core_supported
    assert found.citations == ()
    assert "[" not in found.answer


def test_marks_come_from_verification_not_from_the_model() -> None:
    wrong = check("DeepSeek 使用什么许可证？", "DeepSeek 采用 MIT 许可证。[2][7]")
    assert wrong.answer == "DeepSeek 采用 MIT 许可证。[1]"
    assert wrong.citations[0].document_id == "document0"
    none = check("DeepSeek 使用什么许可证？", "DeepSeek 采用 MIT 许可证。")
    assert none.answer == wrong.answer


def test_marks_are_numbered_by_first_use_and_one_quote_has_one_number() -> None:
    found = check(
        "比较两个模型的许可证",
        "Yi-34B 采用 Apache 2.0 许可证。[2] DeepSeek-V3 采用 MIT 许可证。[1]\nYi-34B 用的是 Apache 2.0 许可证。",
    )
    assert found.answer == (
        "Yi-34B 采用 Apache 2.0 许可证。[1] DeepSeek-V3 采用 MIT 许可证。[2]\n"
        "Yi-34B 用的是 Apache 2.0 许可证。[1]"
    )
    assert [c.document_id for c in found.citations] == ["document1", "document0"]
    assert [s.markers for s in found.statements] == [(1,), (2,), (1,)]


@pytest.mark.parametrize(
    "written",
    [
        "[1] DeepSeek-V3 采用 MIT 许可证。",
        "DeepSeek-V3 采用 MIT 许可证[1]。",
        "DeepSeek-V3 采用 MIT 许可证 [1, 2]。",
        "DeepSeek-V3 采用 MIT 许可证【1】。",
        "DeepSeek-V3 采用 MIT 许可证［1］。",
        "DeepSeek-V3 采用 MIT 许可证（资料1）。",
        "根据[1]，DeepSeek-V3 采用 MIT 许可证。",
        "在 [1] 段落中提到的 DeepSeek-V3 采用 MIT 许可证。",
        "DeepSeek-V3 采用 MIT 许可证，[1]。",
        "DeepSeek-V3 采用 MIT 许可证，具体在 [1] 段落中提到。",
        "DeepSeek-V3 采用 MIT 许可证，详见[1]。",
    ],
)
def test_any_way_of_marking_gives_one_form(written: str) -> None:
    found = check("DeepSeek-V3 使用什么许可证？", written)
    assert found.answer == "DeepSeek-V3 采用 MIT 许可证。[1]"


@pytest.mark.parametrize(
    "tail",
    [
        ", [1].",
        ", as stated in the passage [1].",
        ", which is mentioned in [1].",
        ". This is stated in passage [1].",
        ". This fact is found in passage [1]",
    ],
)
def test_words_that_only_point_at_a_passage_go_with_their_mark(tail: str) -> None:
    text, (draft,) = cut(f"The limit is 32K{tail}")
    assert text == draft.claim == "The limit is 32K."
    assert draft.marks == (1,)


def test_words_between_marks_stay() -> None:
    text, _ = cut("数据在 [1] 和 [2]，A 是 B [1]，C 是 D，[2] 其余不变。")
    assert text == "数据在 和，A 是 B，C 是 D， 其余不变。"


def test_an_index_in_code_is_no_mark() -> None:
    text = "Write `rows[1]` to read the second row of the table."
    found = check("How do I read the second row?", text, [passage(0, text)])
    assert "`rows[1]`" in found.answer


def test_offsets_are_those_of_the_stored_text() -> None:
    found = check("Who was MVP?", "Von Miller was named MVP of the game.")
    (citation,) = found.citations
    stored = " " * OFFSET + EN[1].text
    assert stored[citation.start : citation.end] == citation.quote
    assert (citation.page, citation.chunk_id, citation.source) == (3, "chunk1", "/documents/1")


def test_a_quote_has_the_page_and_headings_of_its_own_sentence() -> None:
    first, second = "The east press makes forty strokes.", "The west press makes sixty strokes."
    text = f"{first}\n\n{second}"
    places = (
        Place(OFFSET, 1, ("Presses", "East")),
        Place(OFFSET + len(first) + 2, 2, ("Presses", "West")),
    )
    spanning = replace(passage(0, text, section=("Presses",)), places=places)
    for question, answer, page, section in (
        ("How many strokes does the east press make?", first, 1, ("Presses", "East")),
        ("How many strokes does the west press make?", second, 2, ("Presses", "West")),
    ):
        (citation,) = check(question, answer, [spanning]).citations
        assert (citation.quote, citation.page, citation.section) == (answer, page, section)


def test_spans_of_statements_leave_out_the_marks() -> None:
    found = check(
        "Who was MVP?",
        "Von Miller was named MVP. [2] Tom Brady threw the ball. Denver took an early lead. [2]",
    )
    texts = [found.answer[s.start : s.end] for s in found.statements]
    assert texts == [
        "Von Miller was named MVP.",
        "Tom Brady threw the ball.",
        "Denver took an early lead.",
    ]
    assert [s.supported for s in found.statements] == [True, False, True]
    assert found.support == pytest.approx(2 / 3)
    assert found.core_supported


def test_two_sentences_side_by_side_are_one_quote() -> None:
    found = check(
        "介绍 DeepSeek-V3",
        "DeepSeek-V3 共有 6710 亿参数，采用 MIT 许可证发布。",
    )
    assert [c.quote for c in found.citations] == [
        "DeepSeek-V3 是一个混合专家模型，共有 6710 亿参数。它采用 MIT 许可证发布。"
    ]


def test_lead_ins_labels_and_remarks_are_no_statements() -> None:
    found = check(
        "DeepSeek 使用什么许可证？",
        "根据提供的上下文：\n答案：MIT 许可证。\n上下文没有提到版本。",
    )
    assert [found.answer[s.start : s.end] for s in found.statements] == ["答案：MIT 许可证。"]
    assert found.core_supported


def test_an_empty_answer_is_supported_by_nothing() -> None:
    for answer in ("", "  ", "[1]", "**"):
        found = check("Who was MVP?", answer)
        assert not found.core_supported
        assert found.citations == ()


def test_no_passages_support_nothing() -> None:
    assert not verify("MIT", [], None, "en", question="Which licence?").core_supported


@pytest.mark.parametrize(
    ("answer", "unverified"),
    [
        ("原文写道：“它采用 MIT 许可证发布”。", []),
        ("原文写道：“它采用MIT许可证发布。”", []),  # blanks beside Han do not count
        ("原文写道：「它采用 ＭＩＴ 许可证发布」。", []),
        ("原文写道：“它采用 GPL 许可证发布”。", ["它采用 GPL 许可证发布"]),
        ("《许可证指南》说它采用 MIT 许可证发布。", []),  # a title is no quotation
        ("“DeepSeek-V3 是……模型，共有 6710 亿参数”", []),  # an omission
        ("“它采用……DeepSeek-V3”", ["它采用……DeepSeek-V3"]),  # not in that order
    ],
)
def test_quotations_are_looked_up(answer: str, unverified: list[str]) -> None:
    found = check("DeepSeek 使用什么许可证？", answer)
    assert [found.answer[start:end] for start, end in found.unverified_quotes] == unverified


def test_a_quotation_does_not_end_within_a_word() -> None:
    found = check("Who led?", '"Jared Allen led the act" is what it says.')
    assert [found.answer[a:b] for a, b in found.unverified_quotes] == ["Jared Allen led the act"]


def test_the_span_of_an_unverified_quotation_is_moved_by_the_marks_before_it() -> None:
    found = check("Who was MVP?", 'Von Miller was named MVP. It says "the best player ever".')
    assert [found.answer[a:b] for a, b in found.unverified_quotes] == ["the best player ever"]


def test_a_heading_can_hold_what_the_sentence_leaves_out() -> None:
    text = "该模型采用 MIT 许可证。"
    under = passage(0, text, section=("模型", "DeepSeek-V3"))
    assert check(
        "哪个模型采用 MIT 许可证？", "DeepSeek-V3 采用 MIT 许可证。", [under]
    ).core_supported
    assert not check(
        "哪个模型采用 MIT 许可证？", "DeepSeek-V3 采用 MIT 许可证。", [passage(0, text)]
    ).core_supported


def test_another_year_is_another_event() -> None:
    text = "The 2015 season had 24 interceptions."
    answer = "The 2016 season had 24 interceptions."
    found = check("How many interceptions had the 2016 season?", answer, [passage(0, text)])
    assert not found.core_supported


def test_a_passage_that_is_one_endless_line_is_quoted_in_part() -> None:
    text = ", ".join(f"item{n} costs {n} coins" for n in range(400))
    found = check("What does item77 cost?", "item77 costs 77 coins", [passage(0, text)])
    assert found.core_supported
    assert "item77 costs 77 coins" in found.citations[0].quote
    assert len(found.citations[0].quote) < 1000


def test_prepared_material_gives_the_same_result() -> None:
    once = check("Who was MVP?", "Von Miller")
    again = verify("Von Miller", prepare(EN), None, "en", question="Who was MVP?")
    assert once == again


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ("员工每年享有10天带薪年假。", "员工每年享有15天带薪年假。"),
        ("住宿费上限为8000元。", "住宿费上限为9000元。"),
        ("费用为1,200元。", "费用为2,200元。"),
        ("充电需要15小时。", "充电需要20小时。"),
    ],
)
def test_a_number_that_follows_a_chinese_character_is_compared(held: str, said: str) -> None:
    for statement, supported in ((held, True), (said, False)):
        found = check("是多少？", f"{statement}[1]", [passage(1, held)])
        assert [s.supported for s in found.statements] == [supported], statement


ZH_FRAME = "按照公司员工手册及采购管理制度规定{}且各分支机构均照此执行。"
EN_FRAME = "According to the company handbook and its procurement rules {} at every branch office."

# What one statement of a long sentence may not get wrong, in Chinese and, as a control, in English.
ONE_THING_WRONG = [
    # Han numerals, dates, ordinals, shares.
    ("年假为十五天", "年假为二十天"),
    ("annual leave is fifteen days", "annual leave is twenty days"),
    ("协议于二〇二四年三月五日生效", "协议于二〇二五年三月五日生效"),
    ("the agreement took effect on 5 March 2024", "the agreement took effect on 5 March 2025"),
    ("会议于十一月召开", "会议于一月召开"),
    ("the meeting is held in November", "the meeting is held in January"),
    ("通知期为两周", "通知期为三周"),
    ("保修期为一年", "保修期为两年"),
    ("保修期为十年", "保修期为一年"),
    ("保修期为半年", "保修期为一年"),
    ("the warranty lasts half a year", "the warranty lasts one year"),
    ("罚款为五百元", "罚款为六百元"),
    ("税率为百分之六", "税率为百分之九"),
    ("由三分之一的员工参加", "由三分之二的员工参加"),
    ("加班工资为一点五倍", "加班工资为二点五倍"),
    ("第三条规定了保密义务", "第四条规定了保密义务"),
    ("第一条规定了保密义务", "第二条规定了保密义务"),
    ("须由两名主管批准", "须由一名主管批准"),
    # A unit or word that a Han character follows.
    ("容量为85GB", "容量为85TB"),
    ("the capacity is 85 GB", "the capacity is 85 TB"),
    ("超时设置为30s", "超时设置为30ms"),
    # Signs.
    ("保存温度为-20℃", "保存温度为20℃"),
    ("保存温度为零下20度", "保存温度为20度"),
    ("the goods are kept at -20 °C", "the goods are kept at 20 °C"),
    # Traditional characters.
    ("申請無需審批", "申請需要審批"),
    ("溫度高於80度時停機", "溫度低於80度時停機"),
    ("須在發貨之後付款", "須在發貨之前付款"),
    ("金額不超過500元", "金額超過500元"),
    ("費用為500美元", "費用為500歐元"),
    ("間隔為30分鐘", "間隔為30秒"),
    ("通知期為兩週", "通知期為三週"),
    ("本許可證不得轉讓", "本許可證可以轉讓"),
    # Who does what to whom, and on which side.
    ("A公司收购B公司", "B公司收购A公司"),
    ("腾讯收购搜狗", "搜狗收购腾讯"),
    ("Acme acquired Bolt", "Bolt acquired Acme"),
    ("Acme公司去年收购Bolt公司", "Bolt公司收购Acme公司"),
    ("甲方赔偿乙方损失", "乙方赔偿甲方损失"),
    ("今年收入高于去年", "去年收入高于今年"),
    ("张三负责采购，李四负责销售", "张三负责销售，李四负责采购"),
    ("价格高于同行", "价格低于同行"),
    ("prices are higher than elsewhere", "prices are lower than elsewhere"),
    ("付款前发货", "付款后发货"),
    ("阀门左侧为进水口", "阀门右侧为进水口"),
    # What is denied or commanded.
    ("员工勿将密码告诉他人", "员工应将密码告诉他人"),
    ("申请须经审批", "申请毋须审批"),
    ("员工应当佩戴安全帽", "员工可以佩戴安全帽"),
    ("staff shall wear helmets", "staff may wear helmets"),
]


@pytest.mark.parametrize(("held", "said"), ONE_THING_WRONG)
def test_a_long_statement_with_one_thing_wrong_has_no_citation(held: str, said: str) -> None:
    frame, question = EN_FRAME, "What do the company handbook and its procurement rules say?"
    if not held.replace("°", "").isascii():
        frame, question = ZH_FRAME, "公司员工手册和采购管理制度规定了什么？"
    for statement, supported in ((held, True), (said, False)):
        found = check(question, frame.format(statement), [passage(1, frame.format(held))])
        assert [s.supported for s in found.statements] == [supported], statement


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ("年假为十五天。", "年假为15天。"),
        ("年假为15天。", "年假为十五天。"),
        ("年假为十天。", "年假为10天。"),
        ("试用期为三个月，年假为十天。", "年假为十天。"),
        ("試用期為三個月，年假為十天。", "年假为10天。"),
        ("申請無需審批。", "申请无需审批。"),
        ("本許可證不得轉讓。", "本许可证不得转让。"),
        ("保修期为半年，租期为两年。", "保修期为半年。"),
        ("每年一月召开会议，每次两天。", "每年一月召开会议。"),
        ("甲方和乙方签订合同。", "乙方和甲方签订合同。"),
    ],
)
def test_the_same_written_otherwise_in_chinese_is_supported(held: str, said: str) -> None:
    found = check("是多少？", said, [passage(1, held)])
    assert [s.supported for s in found.statements] == [True]


LEVELS_ZH = [
    passage(
        0,
        "| 级别 | 英文名 | 能否入库 | 能否发往外部服务 |\n| --- | --- | --- | --- |\n"
        "| 公开 | Public | 可以 | 可以，需留记录 |\n| 受限 | Restricted | 可以 | 不可以 |\n"
        "| 机密 | Confidential | 仅限单独的知识库 | 不可以 |",
        title="资料分级",
    )
]
LEVELS_EN = [
    passage(
        0,
        "| Level | May be stored | May be sent abroad | Owner |\n| --- | --- | --- | --- |\n"
        "| Public | yes | yes | Press |\n| Restricted | yes | no | Legal |\n| Secret | no | — | Board |",
        title="Levels",
    )
]


@pytest.mark.parametrize(
    ("question", "answer", "holds"),
    [
        ("受限资料能否发往外部服务？", "是[1]", False),
        ("受限资料能否发往外部服务？", "否[1]", True),
        ("受限资料能否入库？", "是[1]", True),
        ("受限资料能否入库？", "否[1]", False),
        ("机密级资料能否发往外部服务？", "是[1]", False),
        ("公开资料能否发往外部服务？", "是[1]", True),
        ("绝密资料能否发往外部服务？", "是[1]", False),
        ("受限资料能否发往外部服务？", "受限资料可以发往外部服务。[1]", False),
        ("May Restricted documents be sent abroad?", "Yes.[1]", False),
        ("May Restricted documents be sent abroad?", "No.[1]", True),
        ("May Restricted documents be stored?", "Yes.[1]", True),
        ("May Secret documents be sent abroad?", "Yes.[1]", False),
        ("May Public documents be sent abroad?", "Yes.[1]", True),
    ],
)
def test_a_row_says_yes_or_no_in_the_cell_that_is_asked_about(
    question: str, answer: str, *, holds: bool
) -> None:
    passages = LEVELS_ZH if "资料" in question else LEVELS_EN
    assert check(question, answer, passages).core_supported is holds


RUNBOOK = [
    passage(
        0,
        "A backup of the database is made every night at 01:15. Daily backups are kept for 14 days.",
        title="Runbook",
    )
]


@pytest.mark.parametrize(
    ("answer", "holds"),
    [
        ("夜间备份在01:15进行。[1]", True),
        ("夜间备份在01:45进行。[1]", False),
        ("夜间备份在14:15进行。[1]", False),
        ("夜间备份在凌晨1:15进行。[1]", True),
        ("夜间备份在凌晨一点一刻进行。[1]", True),
        ("夜间备份在下午1:15进行。[1]", False),
        ("夜间备份在凌晨2:15进行。[1]", False),
    ],
)
def test_a_time_to_the_minute_is_the_same_in_every_language(answer: str, *, holds: bool) -> None:
    assert check("夜间备份在什么时候进行？", answer, RUNBOOK).core_supported is holds


@pytest.mark.parametrize(
    ("question", "held", "said", "holds"),
    [
        ("会议几点开始？", "会议在 15:30 开始。", "会议在下午3点半开始。", True),
        ("会议几点开始？", "会议在 15:30 开始。", "会议在上午3点半开始。", False),
        ("When does it begin?", "It begins at 15:30 sharp.", "It begins at 3:30 p.m.", True),
        ("When does it begin?", "It begins at 15:30 sharp.", "It begins at 3:30 a.m.", False),
        ("大楼几点锁门？", "大楼在 24:00 锁门。", "大楼在晚上12点锁门。", True),
        ("大楼几点锁门？", "大楼在 12:00 锁门。", "大楼在晚上12点锁门。", False),
    ],
)
def test_a_time_is_the_same_however_it_is_written(
    question: str, held: str, said: str, *, holds: bool
) -> None:
    assert check(question, said, [passage(0, held)]).core_supported is holds


CONDITIONS_ZH = [
    passage(
        0,
        "| 级别 | 能否入库 | 能否发往外部服务 |\n| --- | --- | --- |\n| 公开 | 可以 | 可以 |\n"
        "| 内部 | 可以 | 需部门主管批准 |",
        title="资料分级",
    )
]
CONDITIONS_EN = [
    passage(
        0,
        "| Class | May be stored | May be sent abroad |\n| --- | --- | --- |\n| Public | yes | yes |\n"
        "| Internal | yes | after approval by the head |\n| Secret | no | only with a permit |",
        title="Classes",
    )
]
GATE_EN = [passage(0, "Visitors may enter only with an escort. Staff may enter at any time.")]
GATE_ZH = [passage(0, "来访者登记后方可进入车间。员工可以随时进入车间。")]
IN_QUESTION_ZH, IN_QUESTION_EN = (
    "内部资料能否发往外部服务？",
    "May Internal documents be sent abroad?",
)


@pytest.mark.parametrize(
    ("passages", "question", "answer", "holds"),
    [
        (CONDITIONS_ZH, IN_QUESTION_ZH, "是[1]", False),
        (CONDITIONS_ZH, IN_QUESTION_ZH, "否[1]", False),
        (CONDITIONS_ZH, IN_QUESTION_ZH, "内部资料可以发往外部服务。[1]", False),
        (CONDITIONS_ZH, IN_QUESTION_ZH, "内部资料无需批准即可发往外部服务。[1]", False),
        (CONDITIONS_ZH, IN_QUESTION_ZH, "内部资料经部门主管批准后可以发往外部服务。[1]", True),
        (CONDITIONS_ZH, "内部资料能否入库？", "是[1]", True),
        (CONDITIONS_EN, IN_QUESTION_EN, "Yes.[1]", False),
        (CONDITIONS_EN, IN_QUESTION_EN, "No.[1]", False),
        (CONDITIONS_EN, IN_QUESTION_EN, "Only after approval by the head.[1]", True),
        (CONDITIONS_EN, "May Internal documents be stored?", "Yes.[1]", True),
        (
            CONDITIONS_EN,
            "May Internal documents be sent abroad after approval by the head?",
            "Yes.[1]",
            True,
        ),
        (CONDITIONS_EN, "May Secret documents be sent abroad?", "Yes.[1]", False),
        (GATE_EN, "May visitors enter?", "Yes.[1]", False),
        (GATE_EN, "May visitors enter?", "Visitors may enter.[1]", False),
        (GATE_EN, "May visitors enter with an escort?", "Yes.[1]", True),
        (GATE_EN, "May staff enter at any time?", "Yes.[1]", True),
        (GATE_ZH, "来访者可以进入车间吗？", "可以。[1]", False),
        (GATE_ZH, "员工可以随时进入车间吗？", "可以。[1]", True),
    ],
)
def test_what_is_allowed_on_a_condition_is_no_plain_yes(
    passages: list[Passage], question: str, answer: str, *, holds: bool
) -> None:
    assert check(question, answer, passages).core_supported is holds


PRICES = [
    passage(
        0,
        "| Machine | Price in euros | Deposit in euros |\n| --- | --- | --- |\n"
        "| Petrel | 1,450 | 300 |\n| Puffin | 4,900 | 650 |",
        title="Hire",
    )
]


@pytest.mark.parametrize(
    ("answer", "holds"),
    [
        ("Puffin 的价格是 4,900 欧元。[1]", True),
        ("Puffin 的价格是 650 欧元。[1]", False),
        ("Puffin 的押金是 650 欧元。[1]", True),
        ("Puffin 的押金是 4,900 欧元。[1]", False),
        ("Puffin 的价格是 1,450 欧元。[1]", False),
    ],
)
def test_a_number_in_a_row_of_the_other_language_is_of_its_column(
    answer: str, *, holds: bool
) -> None:
    question = "Puffin 的押金是多少？" if "押金" in answer else "Puffin 的价格是多少？"
    assert check(question, answer, PRICES).core_supported is holds


@pytest.mark.parametrize(
    ("held", "question", "statement"),
    [
        ("没有校验值的文件不得上线。", "没有校验值的文件可以上线吗？", "没有校验值的文件可以上线。"),
        ("重排序模型默认关闭。", "重排序模型默认打开吗？", "默认打开。"),
        ("未经批准的设备不能接入网络。", "未经批准的设备能接入网络吗？", "未经批准的设备能接入网络。"),
        ("食堂周末营业。", "食堂周末关门吗？", "食堂周末关门。"),
        ("试用期内不享受年假。", "试用期有没有年假？", "试用期有年假。"),
        ("Files without a checksum must not go live.", "May files without a checksum go live?", "Files without a checksum may go live."),
        ("Visitors without a badge are not admitted to the laboratory.", "Are visitors without a badge admitted to the laboratory?", "Visitors without a badge are admitted to the laboratory."),
        ("The canteen is open on weekends.", "Is the canteen closed on weekends?", "The canteen is closed on weekends."),
    ],
)  # fmt: skip
def test_a_question_for_yes_or_no_lends_its_answer_no_words(
    held: str, question: str, statement: str
) -> None:
    passages = [passage(1, held)]
    yes = "是[1]" if HAN.search(question) else "Yes [1]"
    assert not check(question, f"{statement}[1]", passages).core_supported
    assert not check(question, yes, passages).core_supported
    assert check(question, f"{held}[1]", passages).core_supported


@pytest.mark.parametrize(
    ("held", "question"),
    [
        ("员工可以在家办公，每周最多两天。", "员工可以在家办公吗？"),
        ("食堂周末营业。", "食堂周末是否营业？"),
        ("无人值守时必须关闭电源。", "无人值守时必须关闭电源吗？"),
        ("Employees may work from home.", "May employees work from home?"),
        ("The reranker is off by default.", "Is the reranker off by default?"),
    ],
)
def test_a_mere_yes_that_the_documents_bear_out_is_given_as_their_sentence(
    held: str, question: str
) -> None:
    zh = HAN.search(question) is not None
    judge = Judge(prepare([passage(1, held)]), question, "zh" if zh else "en")
    for strict in (True, False):
        checker = Checker(judge, strict=strict)
        said = "".join(checker.check(s) for s in checker.take("是[1]" if zh else "Yes [1]"))
        said += "".join(checker.check(s) for s in checker.end()) + checker.close()
        assert checker.assented is strict
        assert (said == "") is strict
