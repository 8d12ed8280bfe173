"""Answers that are neither yes nor no: 需部门主管批准, 'after approval', 'only with a permit'."""

import re
from typing import Final

from app.answering.evidence.units import fold

# What something has to be preceded by before it is allowed.
_CONDITION: Final = re.compile(
    r"(?:需要?|须|得|要|应|必须|经|凭|待)(?!求)[^，。；;]{0,16}?(?:批准|审批|审核|同意|申请|授权|许可|签字|签署|登记|报备|备案|确认|陪同|证明|评估|通过)"
    r"|(?:获批|批准|审批|审核|同意|申请|授权|登记|报备|备案|通过|付费|缴费|培训)(?:通过)?(?:之后|以后|后|之前|前)"
    r"|有条件|视.{0,12}而定|看情况|酌情|(?:仅|只)(?:限|在|有|能|可|供|对|向)|限(?:于|本|内部)|除非|方可|才(?:可|能|行|允许)"
    r"|\b(?:only|unless|subject to|conditional(?:ly)?|on condition|on request|upon|provided|providing|case by case|it depends|depends on|limited to|restricted to|pending)\b"
    r"|\b(?:after|with|without|by|on|if|when|once|needs?|requires?|prior|following|given) (?:\w+ ){0,5}?(?:approv\w*|consent|permission|permit|authori[sz]\w*|agreement|agrees?|sign\w*|licen[cs]e|application|apply\w*|appl(?:y|ied)|request\w*|register\w*|registration|training|review\w*|escort\w*|notice|clearance|confirm\w*)\b",
    re.IGNORECASE,
)
# What bears neither: 'no approval needed'.
_NONE: Final = re.compile(
    r"(?:无需|不需要?|不必|不用|免)[^，。；;]{0,12}(?:批准|审批|审核|同意|申请|授权|许可|签字|登记|报备|备案|确认|陪同)"
    r"|\b(?:no|without|not need|doesn['’]t need|needs? no|requires? no) (?:\w+ ){0,3}?(?:approv\w*|consent|permission|permit|authori[sz]\w*|application|request\w*|regist\w*|review\w*) ?(?:is |are )?(?:needed|required|necessary)?$",
    re.IGNORECASE,
)
# Asks for or gives leave.
_LEAVE: Final = re.compile(
    r"能否|可否|是否|能不能|可不可以|可以|允许|准许|许可|能够|[方才]可|才能|可(?=用|商用|带|入|外|发|访问|使用)|\b(?:may|can|could|allow\w*|permit(?:s|ted)?|possible)\b",
    re.IGNORECASE,
)
# Turns a denial into a condition: 未经批准不得, 'not without approval'.
_UNLESS: Final = re.compile(
    r"除非|未经|没有|未获|否则|只有|\b(?:unless|without|until|except|only|before)\b", re.IGNORECASE
)


def is_conditional(text: str) -> bool:
    """Whether a cell or clause allows something on a condition only, so that a mere yes or no is not what it says."""
    folded = _NONE.sub(" ", fold(text).strip(" .。"))
    return _CONDITION.search(folded) is not None


def gives_leave(text: str) -> bool:
    """Whether a text asks whether something is allowed, or says so."""
    return _LEAVE.search(fold(text)) is not None


def leaves_out(said: str, *, negated: bool) -> bool:
    """Whether a statement about what is allowed on a condition is silent on that, or denies it outright."""
    return not is_conditional(said) or (negated and _UNLESS.search(fold(said)) is None)
