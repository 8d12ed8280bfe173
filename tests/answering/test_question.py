"""Kinds of questions and their parts, told from their words in both languages."""

import pytest

from app.answering.question import Kind, kind_of, parts_of


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("你好！", "greeting"),
        ("Hello there", "greeting"),
        ("谢谢", "greeting"),
        ("What can I ask?", "greeting"),
        ("知识库里有什么？", "overview"),
        ("Summarise the runbook", "overview"),
        ("有哪些文档讲许可证？", "documents"),
        ("Which documents mention the kiln?", "documents"),
        ("List all steps to shut down the kiln.", "steps"),
        ("How do I shut the kiln down?", "steps"),
        ("如何重置密码？", "steps"),
        ("What must be done when the pump fails?", "steps"),
        ("What do I have to do when I leave?", "steps"),
        ("How many seats do all boats have together?", "compute"),
        ("这里有哪些文档？", "overview"),
        ("Which documents are there?", "overview"),
        ("有哪些文档讲灯塔？", "documents"),
        ("列出金属材料的存放要求。", "list"),
        ("Which machines are used at night?", "list"),
        ("为什么财务部门使用 Q8_0？", "reasons"),
        ("Why was the job stopped?", "reasons"),
        ("What changed in version 2.13?", "changes"),
        ("LoRA 和 QLoRA 有什么区别？", "comparison"),
        ("How does LoRA differ from QLoRA?", "comparison"),
        ("Baichuan 可以商用吗？", "yesno"),
        ("May visitors park here?", "yesno"),
        ("What does E120 mean?", "definition"),
        ("库存合计是多少？", "compute"),
        ("哪款净水器滤芯寿命最长？", "compute"),
        ("What is the maximum order?", "definition"),  # not in which order
        ("What is the right order?", "steps"),
        ("How many total and active parameters does K-V2 have?", "fact"),
        ("检查清单包括什么？", "list"),  # not a question that ends in 么
        ("审批的流程是什么？", "steps"),
        ("要不要换皮带，判断的顺序是怎样的？", "steps"),
        ("怎样节约用水？", "steps"),
        ("怎么判断要不要换皮带？", "steps"),  # how one tells, not whether
        ("如何确定是否需要报备？", "steps"),
        ("检查的三个要点是什么？", "list"),
        ("第三步是什么？", "definition"),
        ("什么情况下锅炉会停机？", "list"),
        ("各班组有几名工人？", "list"),
        ("What is the rent of each flat?", "list"),
        ("Which key does every door have?", "list"),
        ("各科室的电话是多少？", "list"),
        ("每种机型的重量是多少？", "list"),
        ("每个员工的年假是多少天？", "fact"),  # what all have alike
        ("How many days of leave does every employee have?", "fact"),
        ("What is the sum of the rents of each flat?", "compute"),
        ("What was decided in May?", "list"),
        ("How large is the cache per token?", "fact"),  # a rate
        ("What is not covered?", "list"),
        ("工坊有哪三台机器？", "list"),
        ("What ways of saving water are there?", "list"),
        ("What services run on which ports?", "list"),
        ("What advice does the guide give?", "list"),
        ("What does the kit consist of?", "list"),
        ("陶土和瓷土有什么不同？", "comparison"),
        ("What torque do greased bolts get?", "fact"),
        ("What does this cost?", "fact"),
        ("What is the average price?", "compute"),
        ("What is the daily allowance for trips inside the country?", "fact"),
        ("出差住宿费每晚最多报销多少？", "fact"),
    ],
)
def test_a_question_shows_its_kind(text: str, kind: Kind) -> None:
    assert kind_of(text) == kind


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("What does E120 mean and what do I do?", 2),
        ("谁负责备份？什么时候做？", 2),
        ("When is the backup made, and who checks it?", 2),
        ("What torque do greased bolts get?", 1),
        ("备份和恢复由谁负责？", 1),
        ("年假有几天，病假有几天？", 2),
        ("如果设备过热，应该怎么办？", 1),
        ("请问，病假有几天？", 1),
    ],
)
def test_a_question_shows_its_parts(text: str, parts: int) -> None:
    assert len(parts_of(text)) == parts
