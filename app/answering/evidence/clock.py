"""Times of day: 'half past three in the afternoon', 15:30, 3:30 p.m. and 下午3点半 are one, 3 p.m. is another."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from app.answering.evidence.numbers import find_numbers
from app.answering.evidence.units import fold
from app.text.forms import numeral_value

_HAN_PART: Final = (
    r"凌晨|清晨|早上|早晨|早|上午|中午|午后|下午|傍晚|晚上|晚间|夜里|夜间|深夜|当晚|每晚|晚"
)
_LATE: Final = frozenset("午后 下午 傍晚 晚上 晚间 夜里 夜间 深夜 当晚 每晚 晚".split())
_NIGHT: Final = frozenset("晚上 晚间 夜里 夜间 深夜 当晚 每晚 晚".split())
_NUMERAL: Final = r"\d{1,2}|[一二两三四五六七八九十]{1,3}"
_HAN: Final = re.compile(
    rf"(?P<part>{_HAN_PART})?\s?(?<![\d.:第])(?P<hour>{_NUMERAL})\s?(?:点(?=[〇零一二三四五六七八九十]{{1,3}}[分刻])|点(?![一二三四五六七八九]|\d%|[建意要原])|时(?![间长段候代期常限效]))钟?"
    rf"\s?(?:(?P<half>半)|(?P<quarter>[一三])刻|(?P<minute>\d{{1,2}}|[〇零一二三四五六七八九十]{{1,3}})\s?分?)?"
)
_PLAIN: Final = re.compile(
    rf"(?P<part>{_HAN_PART})?\s?(?<![\d.:])(?P<hour>\d{{1,2}}):(?P<minute>\d{{2}})(?![\d:])(?:\s?(?P<half_day>[ap])\.?m\b\.?)?",
    re.ASCII,
)
_ENGLISH: Final = re.compile(
    r"(?<![\d.:,])(?P<hour>\d{1,2})\s?(?P<half_day>[ap])\.?m\b\.?"
    r"|\b(?P<words>\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)(?: o['’]?clock)?(?P<of_day> (?:in the (?:morning|afternoon|evening)|at night))"
    r"|\b(?P<sharp>\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve) o['’]?clock",
    re.ASCII,
)
_NOON: Final = re.compile(r"\bnoon\b|\bmidday\b|正午", re.ASCII)
_MIDNIGHT: Final = re.compile(r"\bmidnight\b|午夜|零点", re.ASCII)
_HALF_DAY: Final = 12 * 60


@dataclass(frozen=True)
class Clock:
    """`minute` of the day; with `open` it may be meant of either half of the day. `start`, `end` in the folded
    text."""

    minute: int
    open: bool
    start: int
    end: int

    def meets(self, other: "Clock") -> bool:
        """Whether both may be one time."""
        if self.open or other.open:
            return self.minute % _HALF_DAY == other.minute % _HALF_DAY
        return self.minute == other.minute


@lru_cache(maxsize=8_192)
def clocks(text: str) -> tuple[Clock, ...]:
    """The times of day that a text names, each once for each place."""
    folded = fold(text)
    found: list[Clock] = []

    def add(hour: int, minute: int, late: bool | None, start: int, end: int) -> None:
        taken = any(start < each.end and each.start < end for each in found)
        if taken or hour > 24 or minute > 59:
            return
        if late is not None and hour <= 12:
            hour = hour % 12 + (12 if late else 0)
        undecided = late is None and hour <= 12
        found.append(Clock(hour % 24 * 60 + minute, undecided, start, end))

    for match in _PLAIN.finditer(folded):
        if match["half_day"]:
            late: bool | None = match["half_day"] == "p"
        elif match["part"]:
            late = _late(match["part"], match["hour"])
        else:
            # 01:15 and 12:30 are written of 24 hours, 1:15 may be meant of twelve.
            hour = match["hour"]
            late = True if hour == "12" else False if hour[0] == "0" else None
        add(int(match["hour"]), int(match["minute"]), late, match.start(), match.end())
    for match in _HAN.finditer(folded):
        hour = _number(match["hour"])
        if match["half"]:
            minute = 30
        elif match["quarter"]:
            minute = 15 * _number(match["quarter"])
        else:
            minute = _number(match["minute"]) if match["minute"] else 0
        add(hour, minute, _late(match["part"], str(hour)), match.start(), match.end())
    for match in _ENGLISH.finditer(folded):
        if match["hour"]:
            add(int(match["hour"]), 0, match["half_day"] == "p", match.start(), match.end())
        else:
            hour = _number(match["words"] or match["sharp"])
            of_day = match["of_day"] or ""
            late = "morning" not in of_day if of_day else None
            if "night" in of_day and (hour < 6 or hour == 12):
                late = False
            add(hour, 0, late, match.start(), match.end())
    for pattern, hour in ((_NOON, 12), (_MIDNIGHT, 0)):
        for match in pattern.finditer(folded):
            taken = any(each.start <= match.start() < each.end for each in found)
            if not taken:
                found.append(Clock(hour * 60, False, match.start(), match.end()))
    return tuple(sorted(found, key=lambda each: each.start))


def told_by(said: str, held: str) -> tuple[Clock, ...]:
    """The times of day of a statement, if the evidence has all of them; none where it lacks one."""
    there = clocks(held)
    own = clocks(said)
    return own if all(any(map(each.meets, there)) for each in own) else ()


def without_times(said: str, held: str) -> str:
    """The statement, folded, without its times of day that the evidence has: what 下午 or p.m. says of them is said
    by 15:30, too."""
    folded, there = fold(said), clocks(held)
    for each in reversed(clocks(said)):
        if any(map(each.meets, there)):
            folded = f"{folded[: each.start]} {folded[each.end :]}"
    return folded


def clocks_differ(said: str, asked: str, held: Iterable[str]) -> bool:
    """Whether the statement names a time of day that neither the question nor the evidence does, which names
    another."""
    own = clocks(said)
    if not own:
        return False
    there = [clock for text in held for clock in clocks(text)]
    known = (*there, *clocks(asked))
    return bool(there) and any(not any(map(each.meets, known)) for each in own)


def _late(part: str | None, hour: str) -> bool | None:
    """Whether the time is of the second half of the day; None where that is not said."""
    if part is None:
        return None
    if part == "中午":
        return int(hour) in (12, 1, 2)
    if part in _LATE:
        # 夜里 2 点 is early, 晚上 10 点 late, 晚上 12 点 midnight.
        early = (part[0] in "夜深" and int(hour) < 6) or (int(hour) == 12 and part in _NIGHT)
        return not early and int(hour) != 0
    return False


def _number(text: str) -> int:
    if text.isdigit():
        return int(text)
    if not text.isascii():
        return numeral_value(text) or 0
    return int(next((float(number.value) for number in find_numbers(text)), 0))
