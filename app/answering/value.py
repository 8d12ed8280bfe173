"""Whether what was found holds a value of the form that is asked for: a number for 'how many', a name for what
something is called, a date for when it was done, digits for a telephone number.

A reader takes what speaks of a thing for what tells its name or number.
"""

import re
from collections.abc import Callable
from typing import Final

from app.answering.evidence.clock import clocks
from app.answering.evidence.context import Sentence
from app.answering.evidence.numbers import find_numbers
from app.answering.evidence.pick import tells_time
from app.answering.evidence.rules import ENTITY
from app.answering.evidence.units import fold, units
from app.answering.question import asks_of_each, kind_of
from app.answering.quotes import Found
from app.text.language import HAN

_HOW_MANY: Final = re.compile(
    r"\bhow many\b|多少(?:个|名|人|次|台|位|条|份|种|家|项|篇|轮|段|辆|件|张|学时|天|年|小时|分钟|公里|平方米)|几(?:个|名|次|台|位|条|份|种|家|项|篇|轮|段|辆|件|张|天|年|小时|分钟)"
)
# Tells of how many without a number.
_SOME: Final = re.compile(
    r"\b(?:no|none|never|all|every|each|both|single|once|twice|several|many|few|half|dozens?|unlimited|any number|daily|weekly|monthly|quarterly|yearly|annually)\b|无|没有|不限|全部|所有|每|半|若干|多个|数[十百千]|[一两三四五六七八九十]"
)
# What is told by a number: 'What is the price of …', 押金是多少.
_MEASURED: Final = r"(?:warrant(?:y|ies)|warranty period|retention|prices?|costs?|fees?|budgets?|weights?|lengths?|heights?|widths?|speeds?|voltages?|capacit(?:y|ies)|deposits?|discounts?|bandwidths?|temperatures?|salar(?:y|ies)|rents?|ports?|thresholds?)"
_HAN_MEASURED: Final = r"(?:价格|单价|售价|费用|预算|重量|长度|高度|宽度|速度|电压|容量|押金|折扣|保修期?|质保期?|保留期|带宽|温度|工资|租金|端口|阈值)"
_HOW_MUCH: Final = re.compile(
    rf"\bwhat(?:['’]s| is| are| was| were) the (?:\w+ ){{0,2}}{_MEASURED}(?= (?:of|for|on|in|at|to)\b|\W*$)|{_HAN_MEASURED}(?:是|为|有)?(?:多少|多长|多久|几)"
)
# 'How fast is it?': an amount, or how else far it goes.
_HOW_BIG: Final = re.compile(
    r"\bhow (?:fast|heavy|tall|wide|deep|thick|big|large|high|hot|cold|loud|steep|far|long|old)\b(?! (?:ago|before))|多[大长高重快宽深厚远久](?!数|多)"
)
_UNTIL: Final = re.compile(
    r"\b(?:until|till|as (?:long|far|fast|high|big|large|soon) as|while|during|the whole|permanent\w*|immediately|at once|for ever|forever|always|yet)\b|直到|至今|期间|永久|长期|立即|当[天日场]|随时|全程|一直|终身|同"
)
# 'What is the PIN of the card?'
_SECRET: Final = re.compile(
    r"\bwhat(?:['’]s| is| are) the (?:\w+ ){0,2}(?:pin|pin code|password|passcode|door code|access code|combination)\b|(?:密码|口令|门禁码|验证码|暗码)(?:是|为)?(?:什么|多少)"
)
_MEASURED_WORD: Final = re.compile(rf"{_MEASURED}|{_HAN_MEASURED}", re.IGNORECASE)
_DEPENDS: Final = re.compile(
    r"\bfree\b|\bon request\b|\bby agreement\b|\bdepend\w*|\bprice list\b|\bat cost\b|免费|面议|协商|不收|另议|另行|按|视|由"
)
_CALLED: Final = re.compile(
    r"\bwhat (?:is|are|was|were) .{2,60} (?:called|named)\b|\bwhat(?:['’]s| is| was) the (?:full |exact )?name of\b|(?:名称|名字|全称|代号)(?:是|叫)?(?:什么|啥)|叫(?:什么|啥)(?:名字|名称)?(?:[?？呢]|$)"
)
# Of a person: a name in Chinese looks like any word.
_PERSON: Final = re.compile(
    r"经理|主任|主管|总监|负责人|组长|先生|女士|老师|作者|员工|同事|人员|的人|客户|\b(?:manager|director|head|chair\w*|author|person|officer|president|founder|owner|colleague|employee|customer)\b"
)
_NAMES: Final = re.compile(
    r"叫|名为|名称|名字|全称|简称|称[为作之]|代号|[“「『《\"'‘]|公司|大学|银行|集团|研究[院所]|\b(?:called|named|known as|name|code ?name)\b"
)
_WHEN_DONE: Final = re.compile(
    r"^\W{0,3}when (?:was|were|did|is|are|does|do|will)\b(?! (?:i|we|you|one)\b)|(?:什么时候|何时|哪一?年|哪一?天)[^?？]{1,24}[的了](?:[?？呢]|$)"
)
_TIMED: Final = re.compile(
    r"\b(?:when|if|once|as soon as|since|ago|yesterday|last|next|recently|today|now|immediately|at once|never|always|every|each|daily|weekly|monthly|soon|(?:at|by|from|until) (?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|noon|midnight))\b|(?<!小)时|[后前]|每|期间|如|若|立即|随时|当[天年月日]|以来|昨|去年|今年|最近|目前"
)
# 'Who is the captain?' is told by a name, or by what somebody is.
_WHO_IS: Final = re.compile(r"\bwho(?:['’]s| is| are| was| were) (?:the |our |its )?[a-z]")
_SOMEBODY: Final = re.compile(
    r"[A-Z][a-zà-ÿ'’-]+ (?:[A-Z]\.? ?)?(?:v[ao]n |de |der )?[A-Z][a-zà-ÿ'’-]+|\b(?:Mr|Mrs|Ms|Miss|Dr|Prof)\b"
)
_SOMEONE: Final = re.compile(
    r"\b(?:department|team|group|board|committee|company|firm|staff|crew|office|managers?|directors?|heads?|officers?|leads?|chair\w*|president|secretary|owners?|tenants?|landlord|employees?|customers?|suppliers?|hirers?|drivers?|everyone|everybody|anyone|anybody|nobody|whoever|person|people|persons|member|members|he|she|they|former|who)\b"
)
_TELEPHONE: Final = re.compile(
    r"\b(?:tele)?phone numbers?\b|\b(?:mobile|fax) numbers?\b|(?:电话|手机|热线|传真)(?:号码?)?(?:是|为)?(?:多少|什么|几号)"
)
_DIALLED: Final = re.compile(r"\d[\d\s()/–-]{1,20}\d")
_MAIL: Final = re.compile(
    r"\be-?mail address(?:es)?\b|(?:邮箱|邮件)(?:地址)?(?:是|为)?(?:什么|多少|哪)"
)
_SERIAL: Final = re.compile(r"\bserial numbers?\b|序列号|(?:出厂)?编号是(?:什么|多少)")
_SERIAL_TOLD: Final = re.compile(
    r"\bserial\b|\bs/?n\b|序列号|编号|(?<![a-z0-9])(?=[a-z0-9-]{0,20}\d)(?=[a-z0-9-]{0,20}[a-z])[a-z0-9]{2,12}-[a-z0-9-]{3,20}"
)


def lacks_value(question: str, found: Found) -> bool:
    """Whether none of the sentences, under their headings, holds a value of the form that the question asks for."""
    if kind_of(question) not in ("fact", "definition") and not asks_of_each(question):
        return False
    asked = fold(question)
    return any(
        applies.search(asked) and not any(told(s, question) for s in found.sentences)
        for applies, told in _FORMS
    )


def lacks_measure(word: str, sentence: Sentence) -> bool:
    """Whether a key word asks for what is told by a number, and a sentence has none."""
    if _MEASURED_WORD.fullmatch(word.strip()) is None:
        return False
    text = fold(sentence.text)
    told = any(n.written_in_digits or n.value not in ("0", "1") for n in find_numbers(text))
    return not (told or _SOME.search(text) or _DEPENDS.search(text))


def _tells_much(sentence: Sentence, question: str) -> bool:
    return _tells_number(sentence, question) or bool(_DEPENDS.search(fold(sentence.text)))


def _tells_size(sentence: Sentence, question: str) -> bool:
    text, asked = fold(sentence.text), units(question).numbers
    if any(number.value not in asked for number in find_numbers(text)) or tells_time(sentence):
        return True
    return bool(_UNTIL.search(text) or _DEPENDS.search(text))


def _tells_secret(sentence: Sentence, _: str) -> bool:
    """What denies something of a secret word, without a digit, does not give it away."""
    return sentence.role == "row" or not sentence.units.negated or bool(sentence.units.digits)


def _tells_number(sentence: Sentence, question: str) -> bool:
    text = fold(f"{sentence.text} {sentence.around.text if sentence.role == 'row' else ''}")
    asked = units(question).numbers
    if any(number.value not in asked for number in find_numbers(text)):
        return True
    return bool(clocks(text)) or any(m.group() not in fold(question) for m in _SOME.finditer(text))


def _tells_name(sentence: Sentence, question: str) -> bool:
    asked = fold(question)
    if _PERSON.search(asked) or sentence.role in ("row", "item"):
        return True
    names = {match.group().casefold() for match in ENTITY.finditer(sentence.text)}
    return bool(_NAMES.search(fold(sentence.text))) or any(name not in asked for name in names)


def _tells_who(sentence: Sentence, _: str) -> bool:
    """A name in Chinese looks like any word."""
    if sentence.role in ("row", "item") or HAN.search(sentence.text):
        return True
    return bool(_SOMEBODY.search(sentence.text) or _SOMEONE.search(fold(sentence.text)))


def _tells_when(sentence: Sentence, _: str) -> bool:
    return (
        sentence.role == "row" or tells_time(sentence) or bool(_TIMED.search(fold(sentence.text)))
    )


def _matches(pattern: re.Pattern[str]) -> Callable[[Sentence, str], bool]:
    return lambda sentence, _: pattern.search(fold(sentence.text)) is not None


_FORMS: Final = (
    (_HOW_MANY, _tells_number),
    (_HOW_MUCH, _tells_much),
    (_HOW_BIG, _tells_size),
    (_SECRET, _tells_secret),
    (_CALLED, _tells_name),
    (_WHEN_DONE, _tells_when),
    (_WHO_IS, _tells_who),
    (_TELEPHONE, _matches(_DIALLED)),
    (_MAIL, _matches(re.compile(r"@"))),
    (_SERIAL, _matches(_SERIAL_TOLD)),
)
