"""Numbers as they are written in Chinese and English, brought to one form.

'1,000', '１０００', '1 thousand', '一千' are all '1000'; '6½' is '6.5'; '7B' and '70 亿' are
'7000000000'. A percent sign or a unit is left to the words around it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from app.text.language import HAN

_SCALES = {
    "百": 2, "千": 3, "万": 4, "萬": 4, "百万": 6, "千万": 7, "亿": 8, "億": 8, "十亿": 9,
    "百亿": 10, "千亿": 11, "万亿": 12,
    "hundred": 2, "thousand": 3, "k": 3, "million": 6, "mn": 6, "m": 6, "billion": 9, "bn": 9, "b": 9,
    "trillion": 12,
}  # fmt: skip
_ENGLISH = {
    name: value
    for value, name in enumerate(
        """
        zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen
        fifteen sixteen seventeen eighteen nineteen twenty
        """.split()
    )
} | {
    "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7,
    "eighth": 8, "ninth": 9, "tenth": 10, "once": 1, "twice": 2, "hundred": 100, "thousand": 1000,
    "january": 1, "february": 2, "march": 3, "april": 4, "june": 6, "july": 7,
    "august": 8, "september": 9, "october": 10, "november": 11, "december": 12,
}  # fmt: skip
_HAN_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "兩": 2}
_HAN_UNITS = {"十": 10, "百": 100, "千": 1000}
_HAN_MYRIADS = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}

# A letter scale needs a digit before it and no letter after: '7B' but not '7 b' nor '7 bytes'.
_ARABIC = re.compile(
    rf"(?:(?<![\w.])|(?<={HAN.pattern}))"  # Han are \w: 享有15天
    r"(?P<digits>\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"(?:\s*(?P<han>万亿|千亿|百亿|十亿|亿|億|千万|百万|万|萬|千|百)"
    r"|\s*(?P<word>hundred|thousand|million|billion|trillion)(?![a-z])"
    r"|(?P<letter>bn|mn|[kmb])(?![a-z]))?"
)
_HAN_NUMBER = re.compile(r"[零〇一二三四五六七八九两兩十百千万萬亿億]+")
_ENGLISH_NUMBER = re.compile(
    rf"\b(?:{'|'.join(_ENGLISH)})(?:[ -](?:{'|'.join(_ENGLISH)}))?\b",
    re.ASCII,  # a Han character ends a word
)
_WEEKDAY = re.compile(r"(?:星期|礼拜|周)\Z")
# A lone 一 or 万 is more often part of a word (一些, 统一) than a count.
# Before a measure (or behind 第) 一 and 十 count: 十天, 一年, 第一条; 一项 and 一种 are 'a', no count.
_COUNTED = {
    "一": re.compile(
        r"[年月周天日](?!级|代|度|般|旦|直|致)|元|倍|名(?!副)|岁|人(?!士|员|类|们)|秒|吨|米|个?(?:月|小时|星期|工作日|自然日)|分钟"
    ),
    "十": re.compile(r"[天日年周月元倍名人岁次秒吨米条章节款项页届期号台件层级位份个]|小时|分钟"),
}
_ORDINAL = re.compile(r"[条章节款项页届次期号级层年天日周]")
_PART_OF_WORD = frozenset("统唯同单逐之万专划如")
_VAGUE = frozenset({"一", "万", "千", "百", "十", "亿", "億", "萬", "零"})

# No quantity is longer: a row of signs. Python reads no number of more than 4,300 digits.
_LONGEST_HAN = 100


@dataclass(frozen=True)
class Number:
    """`value` is a plain decimal without trailing zeros. `written_in_digits`: '4' rather than '四' or 'four'."""

    value: str
    written_in_digits: bool
    start: int
    end: int


def find_numbers(folded: str) -> Iterator[Number]:
    """Numbers of a folded text (see `fold`), with their place in it."""
    for match in _ARABIC.finditer(folded):
        scale = match["han"] or match["word"] or match["letter"]
        value = Decimal(match["digits"].replace(",", ""))
        if scale:
            value = value.scaleb(_SCALES[scale])
        yield Number(_plain(value), True, match.start(), match.end())
    for match in _HAN_NUMBER.finditer(folded):
        before = folded[match.start() - 1 : match.start()]
        if before.isdigit():  # '3亿' was read above
            continue
        if match.group() in _VAGUE and not _counts(folded, match.group(), before, match.end()):
            continue
        if _WEEKDAY.search(folded, max(0, match.start() - 2), match.start()):
            continue
        number = _han(match.group())
        if number is not None:
            yield Number(_plain(Decimal(number)), False, match.start(), match.end())
    for match in _ENGLISH_NUMBER.finditer(folded):
        parts = [_ENGLISH[part] for part in re.split(r"[ -]", match.group())]
        whole = len(parts) == 2 and parts[0] >= 20 and parts[0] % 10 == 0 and parts[1] < 10
        for value_ in [sum(parts)] if whole else parts:
            yield Number(str(value_), False, match.start(), match.end())


def _counts(folded: str, numeral: str, before: str, end: int) -> bool:
    """Whether a numeral of one character that may be part of a word is a count or an ordinal."""
    if before == "第":
        return _ORDINAL.match(folded, end) is not None
    counted = _COUNTED.get(numeral)
    return bool(counted and before not in _PART_OF_WORD and counted.match(folded, end))


def _plain(value: Decimal) -> str:
    try:
        return f"{value.normalize():f}"
    except (
        InvalidOperation
    ):  # more digits than the decimal context holds: no quantity, an identifier
        return str(value)


def _han(text: str) -> int | None:
    if len(text) > _LONGEST_HAN:
        return None
    if not any(c in _HAN_UNITS or c in _HAN_MYRIADS for c in text):
        return int("".join(str(_HAN_DIGITS[c]) for c in text))  # 二〇二四, 四
    total = section = digit = 0
    for c in text:
        if c in _HAN_DIGITS:
            digit = _HAN_DIGITS[c]
        elif c in _HAN_UNITS:
            section += (digit or 1) * _HAN_UNITS[c]
            digit = 0
        else:
            section += digit
            if not section:
                return None  # 万 with nothing before it is a word, not a count
            total += section * _HAN_MYRIADS[c]
            section = digit = 0
    return total + section + digit
