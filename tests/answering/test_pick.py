"""Which sentences are shown as the answer, given where the reader points."""

from dataclasses import replace

from app.answering.evidence.context import prepare
from app.answering.evidence.pick import pick
from app.answering.question import Kind
from app.index.protocol import Passage
from app.models.reading import Span

TEXT = """Classes of machines

- Sparrow, up to 4 tons. The light ones. Of all calls last year, 12 percent went to this class.
- Buzzard, 5 to 9 tons. The workhorses. Of all calls last year, 71 percent went to this class.

Calls are counted by the dispatcher."""


def passage(text: str) -> Passage:
    return Passage(
        id="p",
        document_id="d",
        revision="r",
        ordinal=0,
        text=text,
        start=0,
        end=len(text),
        windows=((0, len(text)),),
        page=None,
        section=("Classes of machines",),
        language="en",
        title="Machines",
        source="file:///machines.md",
    )


def at(words: str, score: float = 1.0) -> Span:
    start = TEXT.index(words)
    return Span(start, start + len(words), score)


def shown(question: str, *spans: Span) -> str:
    return " ".join(sentence.text.strip() for sentence in pick(passage(TEXT), spans, question))


def test_an_item_is_shown_with_what_its_later_sentences_say() -> None:
    """The name stands in its first sentence, the answer in its last."""
    answer = shown("What share of the calls went to the Buzzard class?", at("71 percent"))
    assert "Buzzard, 5 to 9 tons." in answer
    assert "71 percent" in answer
    assert "Sparrow" not in answer


def test_a_span_in_another_item_does_not_answer_for_the_one_that_is_named() -> None:
    spans = (at("12 percent", 2.0), at("71 percent", 1.0))
    answer = shown("What share of the calls went to the Buzzard class?", *spans)
    assert "71 percent" in answer
    assert "12 percent" not in answer


def of_kind(text: str, words: str, question: str, kind: Kind) -> str:
    start = text.index(words)
    spans = [Span(start, start + len(words), 1.0)]
    return " ".join(s.text.strip() for s in pick(passage(text), spans, question, kind))


def test_what_leads_in_to_a_list_is_shown_with_it() -> None:
    text = (
        "The belt was changed for these reasons:\n\n- It was worn.\n- It slipped.\n\nIt is new now."
    )
    answer = of_kind(text, "these reasons", "Why was the belt changed?", "reasons")
    assert "It was worn." in answer
    assert "It slipped." in answer
    assert "new now" not in answer


def test_a_list_within_a_sentence_is_shown_whole() -> None:
    text = "规则只有三条：进门先登记；离开要关灯；钥匙不得外借。夜里没有人值班。"
    answer = of_kind(text, "进门先登记", "规则有哪三条？", "list")
    assert "钥匙不得外借" in answer
    assert "值班" not in answer


def test_a_list_of_lines_without_marks_is_shown_whole() -> None:
    text = "每种油的粘度如下：\n\n甲油 粘度 32\n乙油 粘度 46\n丙油 粘度 68\n丁油 粘度 100\n\n另见附录。"
    answer = of_kind(text, "粘度 46", "各种油的粘度是多少？", "list")
    assert all(oil in answer for oil in ("甲油", "乙油", "丙油", "丁油"))


def test_steps_told_in_one_paragraph_are_shown_to_its_end() -> None:
    text = (
        "Press the red button first. The hall is then left. Report within an hour.\n\nOther things."
    )
    answer = of_kind(text, "red button", "How do we leave the hall?", "steps")
    assert "Report within an hour." in answer
    assert "Other things" not in answer


def test_a_sentence_of_prose_is_shown_alone() -> None:
    answer = shown("Who counts the calls?", at("the dispatcher"))
    assert answer == "Calls are counted by the dispatcher."


def test_a_row_under_the_code_that_is_asked_about_is_of_it() -> None:
    text = (
        "| Property | Q40 | Q50 |\n|---|---|---|\n| Resolution | 26 million | 33 million |\n\n"
        "Q40 comes in black and silver."
    )
    start = text.index("26 million")
    found = pick(
        replace(passage(text), title="Cameras"),
        [Span(start, start + 10, 1.0)],
        "How many pixels does the Q40 have?",
    )
    assert [sentence.cells[0] for sentence in found] == ["Resolution"]


def test_of_what_stands_on_one_thing_the_sentence_with_the_word_that_is_asked_for() -> None:
    """The reader points at a number in a sentence that has the thing's name and nothing else of the question."""
    text = (
        "鹭 3 型(2024年)\n\n鹭 3 型有两种:\n- 滤芯更换:改用 Ardo 滤芯(网孔 128 微米),更耐用;\n"
        "- 水量:每天 15 吨以上(是鹭 2 型的 7 倍),更省电;\n- 外壳:不锈钢。"
    )
    of = replace(passage(text), language="zh", section=("鹭 3 型(2024年)",))
    start = text.index("7 倍")
    found = pick(of, [Span(start, start + 3, 1.0)], "鹭 3 型的网孔多大？")
    assert [s.text[:4] for s in found] == ["滤芯更换"]


def test_a_reason_may_stand_before_what_it_is_the_reason_of() -> None:
    text = "The belt slips when it is wet. Operators think that the press is broken. It is oiled in May."
    answer = of_kind(
        text, "Operators think", "Why do operators think the press is broken?", "reasons"
    )
    assert answer.startswith("The belt slips")
    assert "oiled" not in answer
    told = "The belt is new. Operators think that the press is broken because the belt slips."
    alone = of_kind(
        told, "Operators think", "Why do operators think the press is broken?", "reasons"
    )
    assert alone.startswith("Operators think")


CONTRACT = """Agreement

3. Fees
3.1 The annual fee is 900 euros, payable in May.
3.2 Spare parts are not included.

5. Liability
5.1 The supplier is not liable for frost."""


def test_each_clause_of_a_contract_stands_by_itself_under_its_heading() -> None:
    """Its lines have no list's mark, and were quoted together."""
    assert of_kind(CONTRACT, "900 euros", "How high is the annual fee?", "fact") == (
        "3.1 The annual fee is 900 euros, payable in May."
    )
    (sentences,) = prepare([passage(CONTRACT)]).sentences
    assert [s.text for s in sentences if s.role == "heading"][-2:] == ["3. Fees", "5. Liability"]


def test_the_sentence_behind_that_tells_the_cause_is_shown_with_it() -> None:
    text = "离开座位时必须锁屏。曾有访客查看了报价，因此公司要求离座即锁屏。其他规定见附件。"
    answer = of_kind(text, "必须锁屏", "为什么要求离座锁屏？", "reasons")
    assert "因此公司要求" in answer
    assert "附件" not in answer


def test_when_is_told_by_the_sentence_with_a_time() -> None:
    text = "A backup of the files is made every night at 01:15. Daily backups are kept for 14 days."
    assert of_kind(text, "14 days", "When are backups made?", "fact").startswith("A backup of")
    assert of_kind(text, "14 days", "How long are backups kept?", "fact").startswith("Daily")


def test_across_languages_the_clause_that_says_more_of_what_is_asked() -> None:
    """A reader points at the fee itself; the spare parts, 备件, are in the clause beside it."""
    answer = of_kind(CONTRACT, "annual fee", "备件包含在年费里吗？", "yesno")
    assert answer == "3.2 Spare parts are not included."


def test_of_two_things_under_one_heading_the_one_that_is_asked_about() -> None:
    text = "租金为每月 28 元。按季度支付。押金为两个月租金，期满退还。"
    of = replace(passage(text), section=("租金与押金",), language="zh")
    span = Span(0, 10, 1.0)
    assert [s.text for s in pick(of, [span], "押金是多少？")] == ["押金为两个月租金，期满退还。"]
    assert [s.text for s in pick(of, [span], "租金是多少？")] == ["租金为每月 28 元。"]


def test_across_languages_the_sentence_that_says_more_of_what_is_asked() -> None:
    text = "租金为每月 28 元。押金为两个月租金，期满退还。"
    of = replace(passage(text), section=("费用",), language="zh")
    picked = pick(of, [Span(0, 10, 1.0)], "How much is the security deposit?")
    assert [s.text for s in picked] == ["押金为两个月租金，期满退还。"]


def test_what_something_is_is_told_by_a_sentence_that_names_it() -> None:
    text = "In a sealed hull each plate is welded. It is a good fit for a lake."
    span = Span(text.index("It is"), len(text), 1.0)
    question = "What is a sealed hull?"
    picked = pick(passage(text), [span], question, "definition")
    assert [s.text for s in picked] == ["In a sealed hull each plate is welded."]


def test_of_questions_that_a_document_answers_the_one_that_is_most_alike() -> None:
    text = "Do I need an appointment?\nYes, but for tests.\n\nWhat should I bring?\nYour card.\n"
    span = Span(text.index("Yes"), text.index("tests"), 1.0)
    question = "What should patients bring?"
    assert [s.text for s in pick(passage(text), [span], question)] == ["Your card."]
    other = "Is an appointment needed for tests?"
    assert [s.text for s in pick(passage(text), [span], other)] == ["Yes, but for tests."]


def test_how_often_is_told_by_the_item_that_says_so() -> None:
    """Across languages the reader points at the first one that has the keys."""
    text = "- 每个应用使用自己的 API 密钥，不得共用。\n- 密钥每 90 天轮换一次。\n- 日志每年清理。"
    answer = of_kind(text, "自己的 API 密钥", "How often must API keys be rotated?", "fact")
    assert answer.lstrip("- ") == "密钥每 90 天轮换一次。"
