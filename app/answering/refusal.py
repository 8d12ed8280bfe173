"""Telling a refusal from an answer, however the model words it.

A denial is a sentence that says that the given material does not hold what was asked, or that
the writer cannot tell. An answer that begins with a denial is a refusal, unless it denies only
exactness ('gives no exact figure, but about 300'). An answer that merely contains 'not' is none.
"""

import re

from app.text.normalise import normalise
from app.text.sentences import split_sentences

_ZH_SOURCE = r"(?:上下文|上文|下文|文中|文内|文本|原文|本文|全文|资料|材料|文档|文件|文章|段落|片段|语料|知识库|(?:上述|以上|提供的|所给|给定|已知|现有|参考|相关)(?:的)?(?:内容|信息|资料|文本|材料|文段))"
_ZH_HOLD = r"(?:包含|包括|提到|提及|提供|说明|给出|涉及|明确|指出|记载|描述|介绍|显示|列出|谈到|讲到|讨论|回答|解释|指明|写明|透露|关于|有关|相关|找到|任何|具体|足够|对此|这|该|此|直接|答案)"
_ZH_NOT = r"(?:没有|并没有|并未|尚未|未能|未曾|未|不曾|并不|不|无法|缺乏|缺少|无)"
_ZH = re.compile(
    # 上下文…没有…提到
    rf"{_ZH_SOURCE}[^。！？；]{{0,14}}?{_ZH_NOT}(?:直接|明确|具体|详细|能|能够|有)?{_ZH_HOLD}"
    # 没有提到…；未提及…；未找到… at the start
    rf"|^(?:很抱歉|抱歉|对不起|不好意思)?[,，。:：]?\s?(?:这里|其中|均|都|也)?(?:并)?(?:没有|未|未能|无法)(?:直接|明确|具体|在[^。！？；]{{0,14}})?(?:提到|提及|提供|说明|给出|涉及|找到|包含|查到|检索到)"
    # 我不知道；无法回答；无法根据…得知
    r"|^(?:很抱歉|抱歉|对不起|不好意思)?[,，。:：]?\s?(?:因此|所以|故|但)?[,，]?\s?(?:根据[^。！？；]{0,24}?[,，]?\s?)?(?:我|我们|目前|暂时|暂|本系统|系统)?\s?(?:还|也|均|都)?"
    r"(?:无法|不能|难以|没法|没办法|不足以)(?:从[^。！？；]{0,24}?(?:中)?|根据[^。！？；]{0,24}?(?:内容|信息|资料|上下文|文本|材料)?|直接|准确|明确|具体|为您|给您|给出|对此|就此){0,3}[,，]?\s?"
    r"(?:回答|确定|得知|判断|找到|得出|给出|提供|知道|作答|确认|推断|获知|获取|答复|解答)"
    r"|^(?:很抱歉|抱歉|对不起|不好意思)?[,，。:：]?\s?(?:我|我们)?(?:也)?(?:不知道|不清楚|不确定|不了解)(?:[。！,，]|$|[^。]{0,16}(?:答案|信息|问题))"
    r"|^(?:该|此|这个|这一|您的)?(?:问题|信息|答案)(?:的答案)?[^。！？；]{0,10}?(?:未在|不在|没有在|并未在|无法从|未被)"
    r"|(?:答案|信息)(?:并)?(?:不|未|没有)(?:存在|出现|包含|包括|在)[^。！？；]{0,8}(?:上下文|文中|文本|资料|材料|文档|内容)"
    r"|^(?:没有|无|未找到|查无|暂无)(?:相关|足够|对应|可用|任何|直接)?(?:的)?(?:信息|答案|资料|内容|记录|证据|依据)"
)
_EN_SOURCE = (
    r"(?:contexts?|passages?|texts?|excerpts?|sources?|snippets?|paragraphs?|materials?|knowledge base|"
    r"(?:provided|given|available|supplied|retrieved|above|following|these|this|the)\s+(?:documents?|information|content|data|sources?|articles?|sections?)|"
    r"information\s+(?:provided|given|available|in)|documents?\s+(?:provided|given|available))"
)
_EN_HOLD = (
    r"(?:contain|mention|provide|specify|state|include|say|give|discuss|describe|address|indicate|answer|offer|have|list|"
    r"explain|reveal|refer|cover|disclose|identify|name|detail|tell|supply|clarify|support|make)"
)
_EN = re.compile(
    rf"\b{_EN_SOURCE}\b[^.!?;]{{0,60}}?\b(?:do|does|did)(?:\s+not|n['’]t)\s+(?:\w+\s+){{0,2}}?{_EN_HOLD}\b"
    rf"|\b{_EN_SOURCE}\b[^.!?;]{{0,40}}?\b(?:contains?|provides?|includes?|has|have|gives?|offers?|makes?)\s+(?:no|nothing)\b"
    rf"|\b(?:none\s+of|neither(?:\s+of)?|no)\s+(?:\w+\s+){{0,2}}?{_EN_SOURCE}\b[^.!?;]{{0,20}}?\b{_EN_HOLD}s?\b"
    rf"|\b{_EN_SOURCE}\b[^.!?;]{{0,30}}?\b(?:lacks?|(?:is|are)\s+(?:not|in)\s*(?:sufficient|enough)|(?:is|are)\s+silent|fails?\s+to)\b"
    rf"|\b(?:not|n['’]t|never|nowhere)\s+(?:\w+\s+){{0,2}}?(?:mentioned|specified|stated|provided|given|included|contained|found|discussed|described|addressed|indicated|available|answered|present|listed|clear|known|covered)\b[^.!?;]{{0,40}}?\b{_EN_SOURCE}\b"
    rf"|\b(?:there\s+(?:is|are|was)|there['’]s|i\s+(?:find|found|see|have))\s+(?:no|not\s+enough|insufficient|nothing)\b[^.!?;]{{0,80}}?\b(?:(?:in|within|from|among)\s+(?:\w+\s+){{0,3}}?{_EN_SOURCE}|information|mention|answer|reference|evidence|data|details?)\b"
    rf"|\b(?:there\s+(?:is|are|was)|there['’]s|i\s+(?:find|found|see|have))\s+no\s+(?:\w+\s+){{0,2}}?{_EN_SOURCE}\b"
    r"|^(?:i['’]?m\s+)?(?:(?:so|very)\s+)?(?:sorry|unfortunately|apologies|regrettably)?[,.;:]?\s*(?:but\s+)?(?:based\s+on[^.!?;]{0,60}?,\s*)?(?:i|we|it)\s*(?:['’]m|am|['’]re|are|is|was)?\s*"
    r"(?:can\s*not|can['’]t|could\s+not|couldn['’]t|unable\s+to|not\s+able\s+to|do\s+not|don['’]t|not\s+possible\s+to|impossible\s+to)\s+(?:\w+\s+)?"
    r"(?:answer|determine|find|provide|tell|know|say|identify|confirm|locate|respond|have)\b"
    r"|^(?:the|this|that|your)\s+(?:question|answer|information)\b[^.!?;]{0,40}?\b(?:can\s*not|can['’]t|could\s+not|is\s+not|isn['’]t|was\s+not)\b[^.!?;]{0,20}?\b(?:be\s+(?:answered|determined|found)|found|answered|available|provided|present|contained|mentioned|in)\b"
    r"|^(?:not\s+(?:mentioned|specified|stated|provided|given|available|enough\s+information|found|in\s+the\s+context)|no\s+(?:relevant|such|specific|direct|clear)?\s*(?:information|answers?|mention|data|details?|evidence)(?=\s+(?:is|are|was|about|on|of|for|to|in|available|provided|regarding|given|found|that)\b|\s*[.!]|$)|insufficient|unknown\s*[.!]?$|n/a)"
)
_INEXACT_ZH = re.compile(
    r"(?:没有|未|不)[^。！？；,，]{0,12}?(?:具体|确切|准确|精确|详细|明确|直接)[^。！？；]*[,，;；]\s*(?:但|不过|然而|只是说)(?!(?:也)?(?:没有|未|无法|不能|不足))"
)
_INEXACT_EN = re.compile(
    r"\b(?:exact|precise|specific|explicit|direct)(?:ly)?\b[^.!?;]*[,;]\s*(?:but|however|although|though|only)\b(?!\s+(?:it\s+)?(?:also\s+)?(?:does\s+not|doesn['’]t|cannot|no\b))"
)
_LABEL = re.compile(
    r"^(?:[\s*#>\-–]*)(?:(?:答案|回答|答复|answer|response)\s*(?:是|is)?\s*[:：]\s*)?[\"'“”‘’*_\s]*",
    re.IGNORECASE,
)
_HEDGE = re.compile(
    r"^(?:(?:很|非常)?(?:抱歉|遗憾)|对不起|不好意思|sorry|i['’]m sorry|i apologi[sz]e|unfortunately)\s*[,，。.!！]?\s*$"
)
# Characters of a sentence that are looked at: a denial is short, and the patterns are not linear.
_LONGEST = 1_000
_MARKER = re.compile(r"(?<!\s)\s*[\[［【]\s*\d+(?:\s*[,，、]\s*\d+)*\s*[\]］】]")


def is_denial(sentence: str) -> bool:
    """Whether one sentence says that the material does not hold the answer, or that it cannot be told."""
    folded = _bare(sentence)
    if _INEXACT_ZH.search(folded) or _INEXACT_EN.search(folded):
        return False
    return bool(_ZH.search(folded) or _EN.search(folded))


def is_refusal(text: str) -> bool:
    """Whether an answer as a whole refuses, in either language. Blank text is a refusal.

    What counts is the first sentence that is more than an apology or a repeated question.
    """
    sentences = [text[start:end] for start, end in split_sentences(text)]
    for sentence in sentences:
        bare = _bare(sentence)
        if not bare or _HEDGE.match(bare) or bare[-1] in "?？":
            continue
        return is_denial(sentence)
    return True


def _bare(sentence: str) -> str:
    """The sentence without marks and labels, in normal form."""
    marked = _LABEL.sub("", _MARKER.sub("", sentence[:_LONGEST]), count=1)
    return normalise(marked, casefold=True).text.strip()
