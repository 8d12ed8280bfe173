"""An answer cut into statements, freed of the model's own citation marks."""

import re
from dataclasses import dataclass

from app.answering.refusal import is_denial
from app.text.language import HAN
from app.text.sentences import split_sentences

# Every repetition and run of blanks is bounded, or begins where no blank stands before it: the time
# taken is linear in the length of the answer.
_NUMBERS = r"\d{1,3}(?:\s{0,3}[,，、;；–-]\s{0,3}\[?\d{1,3}){0,8}"
MARK = re.compile(
    rf"(?<![ \t])[ \t]*(?:[\[［【]\s{{0,3}}(?:\^|来源|段落|资料|文段|passages?|sources?|ref\.?)?\s{{0,3}}#?({_NUMBERS})\s{{0,3}}[\]］】]"
    rf"|[（(]\s*(?:见|参见|来源|出处|see)?\s*(?:来源|段落|资料|文段|passages?|sources?)\s*[:：]?\s*[\[［【]?({_NUMBERS})[\]］】]?\s*[)）])",
    re.IGNORECASE,
)
# 'According to [1],' means nothing once the mark is gone.
_BOUND_MARK = re.compile(
    rf"(?:根据|依据|据|如|见|参见|来自|从)\s*(?:资料|段落|文段|来源)?\s*[\[［【]\s*({_NUMBERS})\s*[\]］】]\s*(?:所述|所示|可知|中)?[,，:：]?\s*"
    rf"|在\s*[\[［【]\s*({_NUMBERS})\s*[\]］】]\s*号?(?:段落|资料|文段)中(?:提到|提及|所述|指出)?的?[,，]?\s*"
    rf"|\b(?:according to|based on|as (?:stated|mentioned|described|noted) in|per|from)\s+(?:the\s+)?(?:passages?|sources?)?\s*\[\s*({_NUMBERS})\s*\][,:]?\s*",
    re.IGNORECASE,
)
# ', as stated in passage [1].' and 'This is stated in passage [1].' say where, and nothing else.
_STATED = r"(?:evidenced|stated|mentioned|described|noted|shown|indicated|seen|found|supported|given)\s+(?:in|by|from)\s+(?:the\s+)?(?:passages?|sources?)?"
_POINTER = re.compile(
    r"(?:(?<!\s)|(?=[,，;；]))\s*[,，;；]\s{0,3}(?:具体|详细|相关|该|此|这)?(?:信息|内容|数据|答案|说明|一点)?(?:请|详|可)?(?:在|见|参见|参考|来自|出自|位于)\s*(?:资料|段落|文段)?"
    rf"\s*[\[［【]\s*({_NUMBERS})\s*[\]］】]\s*号?(?:段落|资料|文段)?[中里内]?有?(?:提到|提及|说明|所述|指出|找到|得到)?[了的]?(?=\s*(?:[.。!！;；]|$))"
    rf"|(?:(?<!\s)|(?=,)),?\s+(?:as|which\s+(?:is|are|was|were))\s+{_STATED}\s*\[\s*({_NUMBERS})\s*\](?=\s*(?:[.!;]|$))"
    rf"|(?<=[.!?])\s+This(?:\s+\w+)?\s+(?:is|was|can\s+be)\s+{_STATED}\s*\[\s*({_NUMBERS})\s*\](?:[.!]|$)",
    re.IGNORECASE,
)
# Without one of these words no sentence points at a mark.
_POINTS = re.compile(
    r"[据如见自从在参于详]|\b(?:according|based|as|per|from|which|this)\b", re.IGNORECASE
)
_END = re.compile(r"\s{0,8}(?:[.。!！?？;；]|$)")
_CODE = re.compile(r"`[^`\n]+`|```.*?```", re.DOTALL)
_LABEL = re.compile(
    r"^[\s*_#>\-–]{0,40}(?:\d{1,2}[.)、]\s+)?[*_]{0,4}(?:(?:最终|直接)?(?:答案|回答|答)|依据|证据|引用|原文|来源|出处|解释|说明|理由|(?:final\s+)?answer|evidence|quotes?|quotation|sources?|explanation|reason)"
    r"[*_]{0,4}\s{0,4}(?:是|为|is)?\s{0,4}[:：][*_]{0,4}\s*",
    re.IGNORECASE,
)
_LIST = re.compile(
    r"^[\s*_#>\-–•]*(?:\(?\d{1,2}[.)、]\s+|[（(]?[一二三四五六七八九十]{1,2}[)）、]\s*)?"
)
_LEAD = re.compile(
    r"^(?:(?:根据|依据|依照|按照|据|从|由|在)[^,，。:：]{0,12}?(?:上下文|上文|文中|原文|文本|资料|材料|文档|内容|信息|段落|片段)[^,，。:：]{0,10}[,，:：]?"
    r"|(?:上下文|文中|原文|资料|材料|段落)(?:中)?(?:提到|指出|说明|写道|显示)(?:了)?[,，:：]?"
    r"|(?:based on|according to|as (?:stated|mentioned|described|noted) in|from)\s+(?:the\s+)?(?:provided\s+|given\s+|above\s+|retrieved\s+)?(?:contexts?|passages?|texts?|documents?|information|sources?|materials?)(?:\s+(?:provided|given|above))?[,:]?"
    r"|(?:正确)?答案(?:是|为|应为|应该是)|the\s+(?:correct\s+)?answer\s+is(?:\s+that)?"
    r"|the\s+(?:contexts?|passages?|texts?|documents?|sources?)\s+(?:states?|says?|mentions?|notes?|indicates?)\s+(?:that)?[,:]?)\s*",
    re.IGNORECASE,
)
_ASSENT = re.compile(
    r"^(?:(?P<yes>是的?|对的?|没错|正确|可以|能|会|有|yes|correct|indeed|right)"
    r"|(?P<no>不是的?|不对|不可以|不能|不会|没有|否|并非如此|no))\s*(?:[,，.。!！;；:：]+\s*|$)",
    re.IGNORECASE,
)
_ASKING_END = re.compile(r"[吗么呢吧]?[\s?？。.]{0,8}$")
_AUXILIARY = re.compile(r"^(?:is|are|was|were|do|does|did|has|have|had)\s+", re.IGNORECASE)
# 能不能 says 能, 是否 nothing, 可否 可(以).
_EITHER_WAY = re.compile(r"(?P<one>[^\s不没]{1,2})[不没](?P=one)|是否|(?P<short>[能可应])否")


@dataclass(frozen=True)
class DraftStatement:
    """One sentence of the answer: `text[start:end]` of the cleaned answer.

    `claim` is what it asserts, without label, lead-in or bullet; '' when it asserts nothing that a
    source could bear out (a heading, an assent, a lead-in, a remark on what the sources lack).
    `marks` are the passage numbers that the model put to it, right or wrong.
    """

    start: int
    end: int
    claim: str
    marks: tuple[int, ...]


def cut(answer: str) -> tuple[str, tuple[DraftStatement, ...]]:
    """The answer without citation marks, and its statements in order."""
    text, places = without_marks(answer.strip())
    spans = split_sentences(text)
    drafts = []
    for number, (start, end) in enumerate(spans):
        following = spans[number + 1][0] if number + 1 < len(spans) else len(text) + 1
        marks = tuple(dict.fromkeys(mark for place, mark in places if start <= place < following))
        if number == 0:
            marks = (*(mark for place, mark in places if place < start), *marks)
        drafts.append(
            DraftStatement(
                start, end, claim_of(text[start:end], last=number + 1 == len(spans)), marks
            )
        )
    return text, tuple(drafts)


def claim_of(sentence: str, last: bool = True) -> str:
    """What a sentence asserts; see DraftStatement."""
    claim = sentence.strip()
    for pattern in (_LABEL, _LIST, _LEAD, _ASSENT):
        claim = pattern.sub("", claim, count=1)
    claim = claim.strip(" *_#\t")
    if not any(character.isalnum() for character in claim):
        return ""
    if claim[-1] in ":：" and not last:
        return ""
    return "" if is_denial(sentence) else claim


def bare_assent(answer: str) -> bool | None:
    """True for an answer that is merely a yes, False for a no, None for any other."""
    match = _ASSENT.fullmatch(_LABEL.sub("", MARK.sub("", answer.strip()), count=1).strip(" *_"))
    return None if match is None else match["yes"] is not None


def declared(question: str) -> str:
    """What a question that asks for yes or no says when it is affirmed. An English auxiliary that asks for
    leave or duty stays where it is: it is read by its words, not by their order."""
    said = _ASKING_END.sub("", question.strip())
    if HAN.search(said) is None:
        return _AUXILIARY.sub("", said)
    return _EITHER_WAY.sub(lambda match: match["one"] or match["short"] or "", said)


def without_marks(answer: str) -> tuple[str, list[tuple[int, int]]]:
    """The text without marks, and (place in that text, number) of each mark.

    What stands in code is left alone: `a[1]` is no citation.
    """
    code = [match.span() for match in _CODE.finditer(answer)]
    found = []
    taken = block = 0
    marks = [*MARK.finditer(answer)]
    if marks and _POINTS.search(answer):
        marks += [*_POINTER.finditer(answer), *_BOUND_MARK.finditer(answer)]
        # Of two that begin together the longer sentence about a mark, not the mark alone.
        marks.sort(key=lambda m: (m.start(), -m.end()))
    for match in marks:
        while block < len(code) and code[block][1] <= match.start():
            block += 1
        inside = block < len(code) and code[block][0] <= match.start()
        if match.start() < taken or inside:
            continue
        found.append(match)
        taken = match.end()
    kept: list[str] = []
    places: list[tuple[int, int]] = []
    position = length = 0
    for match in found:
        before = answer[position : match.start()]
        if _END.match(answer, match.end()):  # 'A is B, [1].' is not to end as 'A is B,.'
            before = before.rstrip(" \t,，、;；")
        kept.append(before)
        length += len(before)
        position = match.end()
        if _begins_line(answer, match.start()):
            # '[1] A is B.' marks what follows, 'A is B. [1]' what precedes
            place = length
            position = _after_blanks(answer, position)
        else:
            place = max(length - 1, 0)
        numbers = next(group for group in match.groups() if group)
        places += [(place, int(number)) for number in re.findall(r"\d+", numbers)]
    kept.append(answer[position:])
    return "".join(kept), places


def _begins_line(answer: str, place: int) -> bool:
    """Whether only blanks and signs of a list or quotation stand before `place` in its line."""
    while place > 0 and answer[place - 1] in " \t*->":
        place -= 1
    return place == 0 or answer[place - 1] == "\n"


def _after_blanks(answer: str, place: int) -> int:
    while place < len(answer) and answer[place] in " \t":
        place += 1
    return place
