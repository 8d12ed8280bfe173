"""The question that a few key words stand for: 'wifi password', 备份 时间.

A reader that was taught on questions makes little of bare words.
"""

import re
from typing import Final

from app.answering.question import kind_of
from app.text.language import HAN, detect_language

_LONGEST: Final = 7  # words
_LONGEST_HAN: Final = 16  # characters
# Asks, orders or tells something: no bare words.
_SAYS: Final = re.compile(
    r"\b(?:what|which|who|whom|whose|when|where|why|how|is|are|was|were|am|be|do|does|did|has|have|had|can|could|may|might|must|should|shall|will|would|i|we|you|he|she|they|it|me|my|us|our|your|this|that|these|those|if|because|please|tell|show|give|list|explain|describe|find|name|compare|summari[sz]e|translate|write|help|hello|hi|thanks?)\b"
    r"|什么|哪|谁|几|多少|多[大长久高重快]|吗|呢|吧|怎|如何|何时|何处|为何|是否|能否|可否|有没有|是不是|能不能|[我你您他她它咱]|请|告诉|列出|列举|总结|概括|介绍一下|比较|对比|翻译|帮|谢|了$|是|不",
    re.IGNORECASE,
)
_ENDS: Final = re.compile(r"[.!?。！？;；:：,，\n]")
_SPACED: Final = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")
# What one does rather than has: 'reset password'.
_DOES: Final = re.compile(
    r"(?:add|apply|approve|book|borrow|buy|cancel|change|charge|check|claim|clean|close|configure|connect|convert|copy|create|delete|deploy|disable|download|edit|enable|export|file|fix|get|import|install|join|log ?in|log ?out|make|move|open|order|pay|print|register|remove|renew|rent|replace|report|request|reset|restart|restore|return|roll ?back|run|save|scan|send|set ?up|set|share|sign ?up|sign|start|stop|submit|switch|take|test|turn|uninstall|unlock|update|upgrade|upload|use)\s+(?!(?:time|times|date|dates|fee|fees|limit|limits|policy|size|hours?|costs?|process|procedure|steps?|rate|rates|days?|window|windows|schedule|plan|plans|versions?|logs?|price|prices|number|numbers|address|form|forms|period|card|list|office|team)\b)\S",
    re.IGNORECASE,
)
_MANY: Final = re.compile(r"(?<![suai])s$", re.IGNORECASE)
_NOT_MANY: Final = frozenset(
    "hours address access process business status news series gas basis analysis".split()
)
# How the value of a Chinese key word is asked for, by how it ends, what ends so being left out of the question.
_ASKED: Final = (
    (re.compile(r"的?天数$"), "有多少天"),
    (re.compile(r"的?次数$"), "有多少次"),
    (re.compile(r"的?人数$"), "有多少人"),
    (re.compile(r"的?(?:价格|价钱|单价|售价)$"), "多少钱"),
    (re.compile(r"的?(?:时长|保存期|保留期)$"), "多长时间"),
)
# The same of others, which stays.
_KEPT: Final = (
    (re.compile(r"(?:时间|时刻|日期|日子)$"), "是什么时候"),
    (re.compile(r"(?:负责人|联系人|主管|经理|主任|作者|接口人|管理员)$"), "是谁"),
    (re.compile(r"(?:地址|地点|位置)$"), "在哪里"),
    (
        re.compile(
            r"(?:数|数量|费用|限额|上限|下限|额度|金额|标准|比例|比率|温度|长度|高度|重量|大小|面积|容量|内存|显存|速度|期限|周期|频率|电话|号码|密码|端口|电压|功率|预算|利率|税率|折扣|押金|租金|工资|补贴|津贴|年限|阈值|维度)$"
        ),
        "是多少",
    ),
)


def spelled_question(text: str) -> str:
    """The text as a question, if it is a few key words; as it is else."""
    bare = text.strip()
    if not bare or _ENDS.search(bare) or _SAYS.search(bare):
        return text
    if kind_of(bare) not in ("fact", "list", "steps"):
        return text
    if detect_language(bare) == "zh":
        return _chinese(bare) if len(HAN.findall(bare)) <= _LONGEST_HAN else text
    words = bare.split()
    if not 2 <= len(words) <= _LONGEST:
        return text
    if _DOES.match(bare):
        return f"How do I {bare}?"
    head = re.split(
        r"\s(?:per|of|for|in|on|at|to|by|with|from|during|after|before|under)\s", bare, maxsplit=1
    )[0]
    last = head.split()[-1].casefold()
    many = bool(_MANY.search(last)) and last not in _NOT_MANY
    article = "" if bare.casefold().startswith(("the ", "a ", "an ")) else "the "
    return f"What {'are' if many else 'is'} {article}{bare}?"


def _chinese(bare: str) -> str:
    whole = _SPACED.sub("", bare)
    if len(whole) < 3:
        return bare
    # 备份 时间: of the first the second.
    parts = bare.split()
    if len(parts) == 2 and HAN.search(parts[1]):
        whole = ("的" if HAN.search(parts[0]) else " 的").join(parts)
    for ends, asked in _ASKED:
        if (short := ends.sub("", whole)) != whole and len(short) > 1:
            return f"{short}{asked}？"
    asked = next((asked for ends, asked in _KEPT if ends.search(whole)), "是什么")
    return f"{whole}{asked}？"
