"""Refusals in any wording are told from answers that merely deny something."""

import pytest

from app.answering.refusal import is_denial, is_refusal

REFUSALS = """
上下文未包含对此问题的答案
上下文未包含对此问题的答案。
“上下文未包含对此问题的答案”
**答案：** 上下文未包含对此问题的答案。
The context does not contain an answer to this question.
Answer: The context does not contain the answer.
文中没有提到贾里德的出生日期。
根据提供的上下文，没有提到黑豹队的教练是谁。
上下文中并未提及该模型的许可证。[1]
很抱歉，上下文中没有关于这个问题的信息。
抱歉。上下文中没有答案。
抱歉，我无法根据提供的信息回答这个问题。
无法从上下文中确定答案。
根据上下文，无法确定具体的数字。
因此，无法回答该问题。
我不知道。
提供的资料中没有说明 Yi-34B 的价格。
文本中没有给出相关信息，因此无法回答。
该问题的答案未在上下文中提及。
资料未提供足够的信息来回答该问题。
没有相关信息。
未提及。
上述内容没有涉及澳大利亚的首都。
在给定的段落中，没有直接提到他的妻子。
从所给材料来看，并没有明确说明发布日期。
这段文本没有提供关于作者的信息。
提供的上下文没有回答这个问题。
上下文没有给出具体数字，也没有给出日期。
The provided context does not mention the capital of Australia.
I cannot answer based on the provided context.
I'm sorry, but the context doesn't provide information about that.
I’m sorry, but the context doesn’t provide that information.
Based on the given context, I cannot determine who won.
There is no information in the context about the price.
The answer is not mentioned in the context.
The text does not specify the exact date.
The context provides no information on this topic.
Unfortunately, the passages do not say when he was born.
I don't know.
I do not have enough information to answer this question.
Not mentioned in the context.
It is not possible to determine the answer from the given passages.
The given documents do not state who wrote it. They only discuss its reception.
The question cannot be answered from the context provided.
Sorry, I couldn't find an answer in the documents.
No information is provided about the number of employees.
Sorry. The context does not contain an answer.
None of the passages mention Einstein.
The context is insufficient to answer the question.
It is not stated in the text how many people died.
The passage doesn't explicitly mention the river's length.
The context provided does not contain any details regarding the merger.
""".strip().splitlines()

ANSWERS = """
MIT 许可证。[1]
不，该模型不支持图像输入。
DeepSeek-V3 没有采用 GPL，而是 MIT 许可证。
科学家无法确定其原因。
他没有提到原因，因为律师禁止。
黑豹队没有输掉任何一场季后赛。
该协议没有提到专利授权。
许可证不允许商业用途。
未成年人不得使用本服务。
没有任何一支球队赢过四次。
公司并未公布价格。
上下文没有给出确切数字，但指出约有 300 人。
上下文长度是 200K。
上下文窗口不超过 128K 个词元。
模型的上下文长度没有限制。
没有，人们不必付费。
无。
不知道的人很多，他们称之为暗物质。
不能，光速无法超越。
MIT 许可证。上下文没有提到版本。
No, the model does not support images.
The licence does not permit commercial use.
The Panthers did not lose a single home game.
He cannot be re-elected.
There is no cure for the disease.
Nothing: the service is free.
The context length is 32K tokens.
The context window does not exceed 128K tokens.
The text does not give the exact figure, but it says that about 300 people attended.
No one knows who wrote the epic.
Newton could not explain the orbit of Mercury.
The MIT licence. The context does not mention the version.
The committee did not provide a reason.
Not until 1986.
No information technology company won.
They were not able to determine the cause of the fire.
The scientist found no evidence of water.
The model does not contain a vision encoder.
It does not have a capital.
The king did not have a son.
He did not find the source of the Nile.
""".strip().splitlines()


@pytest.mark.parametrize("text", REFUSALS)
def test_any_wording_of_a_refusal_is_one(text: str) -> None:
    assert is_refusal(text)


@pytest.mark.parametrize("text", ANSWERS)
def test_a_denial_that_answers_is_no_refusal(text: str) -> None:
    assert not is_refusal(text)


@pytest.mark.parametrize("text", ["", "  \n", "[1]", "澳大利亚的首都是什么？"])
def test_nothing_said_is_a_refusal(text: str) -> None:
    assert is_refusal(text)


def test_a_repeated_question_does_not_hide_the_answer() -> None:
    assert not is_refusal("DeepSeek 用什么许可证？MIT 许可证。")
    assert is_refusal("What is the price? The context does not mention it.")


def test_a_later_remark_is_a_denial_but_makes_no_refusal() -> None:
    assert is_denial("上下文没有提到版本。")
    assert not is_refusal("许可证是 MIT。上下文没有提到版本。")
