"""Dates, numerals and codes that people write in several ways, brought to one.

What is found here is added to the terms of a text, never put in their place: a wrong guess
costs a little noise, and the words as written still count.
"""

import re
from collections.abc import Iterator
from typing import Final

_DIGITS: Final = {c: i % 10 for i, c in enumerate("零一二三四五六七八九〇壹贰叁肆伍陆柒捌玖")} | {
    "两": 2,
    "○": 0,
}
_TENS: Final = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000}
_MYRIADS: Final = {"万": 10**4, "亿": 10**8}
_NUMERAL = re.compile(rf"[{''.join((*_DIGITS, *_TENS, *_MYRIADS))}]+")
_PERCENT = re.compile(rf"百分之({_NUMERAL.pattern})")
# What a numeral of one character counts or measures; without it, it may be part of any word.
_COUNTED = re.compile(
    r"[条章节款项页届次期号年月日天周点分秒时度元角人名个位台件只层楼级倍岁吨米克升寸班组部路线]|小时|公里|公斤"
)
_ORDINAL = re.compile(r"第\s*(\d+)\s*([条章节款项页回课届次部编卷期])")

_LONGEST: Final = 24  # characters of a number; Python refuses those of several thousand digits

_MONTHS: Final = {
    name: place
    for place, names in enumerate(
        "jan january|feb february|mar march|apr april|may|jun june|jul july|aug august"
        "|sep sept september|oct october|nov november|dec december".split("|"),
        1,
    )
    for name in names.split()
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_YEAR_FIRST = re.compile(r"(?<![\d.])(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?![\d.]*\d)")
_YEAR_LAST = re.compile(r"(?<![\d.])(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?![\d.]*\d)")
_DAY_MONTH = re.compile(
    rf"(?<!\w)(\d{{1,2}})(?:st|nd|rd|th)?\.?\s+(?:of\s+)?({_MONTH})\b\.?(?:,?\s+(\d{{4}})\b)?"
)
_MONTH_DAY = re.compile(
    rf"\b({_MONTH})\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?(?!\w)(?:,?\s+(\d{{4}})\b)?"
)
_MONTH_YEAR = re.compile(rf"\b({_MONTH})\.?,?\s+(\d{{4}})\b")
_HAN_DATE = re.compile(r"(?:(\d{4})\s*年\s*)?(\d{1,2})\s*月(?:\s*(\d{1,2})\s*[日号])?")


def with_digits(text: str) -> str:
    """`text`, its Chinese numerals as digits where they count something: 第十二条 is 第12条,
    二〇二六年 2026年, 百分之五 5%. Numerals that are part of a word (一样, 万一) stay."""
    return _NUMERAL.sub(_as_digits, _PERCENT.sub(_percent, text))


def dates(text: str) -> Iterator[tuple[int | None, int, int | None]]:
    """(year, month, day) of every date in `text`, in lower case with its numerals as digits.

    Year or day is None where the text leaves it open. 3/4/2026 gives both of its readings.
    """
    for year, _, month, day in _YEAR_FIRST.findall(text):
        yield from _valid(year, month, day)
    for first, joint, second, year in _YEAR_LAST.findall(text):
        yield from _valid(year, second, first)
        if joint == "/":
            yield from _valid(year, first, second)
    for day, month, year in _DAY_MONTH.findall(text):
        yield from _valid(year, _MONTHS[month], day)
    for month, day, year in _MONTH_DAY.findall(text):
        yield from _valid(year, _MONTHS[month], day)
    for month, year in _MONTH_YEAR.findall(text):
        yield from _valid(year, _MONTHS[month], None)
    for year, month, day in _HAN_DATE.findall(text):
        if year or day:
            yield from _valid(year, month, day)


def ordinals(text: str) -> Iterator[str]:
    """'第12条' for every numbered part that `text`, its numerals as digits, names."""
    for number, kind in _ORDINAL.findall(text):
        yield f"第{plain_digits(number)}{kind}"


def plain_digits(number: str) -> str:
    """Digits without zeros before them; a row of digits that is longer than any number stays."""
    return str(int(number)) if len(number) <= _LONGEST else number


def numeral_value(numeral: str) -> int | None:
    """The number that a Chinese numeral means; None when its characters make none.

    Without a multiplier the digits stand for themselves: 二〇二六 is 2026.
    """
    if len(numeral) > _LONGEST:
        return None
    if all(character in _DIGITS for character in numeral):
        return int("".join(str(_DIGITS[character]) for character in numeral))
    total = section = 0
    digit: int | None = None
    for character in numeral:
        if character in _DIGITS:
            if digit not in (None, 0):
                return None
            digit = _DIGITS[character]
        elif character in _TENS:
            # 十二 is 12, but 百 alone is no number that anybody writes so.
            if digit is None and (character != "十" or section):
                return None
            section += (1 if digit is None else digit) * _TENS[character]
            digit = None
        else:
            section += digit or 0
            if character == "亿":
                total = (total + section) * _MYRIADS[character]
            else:
                total += section * _MYRIADS[character]
            if total == 0:
                return None
            section, digit = 0, None
    return total + section + (digit or 0)


def _percent(match: re.Match[str]) -> str:
    value = numeral_value(match.group(1))
    return match.group() if value is None else f"{value}%"


def _as_digits(match: re.Match[str]) -> str:
    numeral, text = match.group(), match.string
    value = numeral_value(numeral)
    if value is None or numeral == "万一":
        return numeral
    counts = _COUNTED.match(text, match.end()) or text[: match.start()].endswith("第")
    return str(value) if counts or len(numeral) > 1 else numeral


def _valid(
    year: str | int | None, month: str | int, day: str | int | None
) -> Iterator[tuple[int | None, int, int | None]]:
    found = (int(year) if year else None, int(month), int(day) if day else None)
    if 1 <= found[1] <= 12 and (found[2] is None or 1 <= found[2] <= 31):
        yield found
