"""Numbers as a cell's format shows them (ECMA-376 part 1, 18.8.30 and 18.8.31).

Over 350 lines: the grammar of the standard, which is read and written whole.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Literal

import regex

from ingest.parse.numerals import counted

# Formats that a file names by number only. Those of dates and times follow the reader's own
# country: here they are written as ISO 8601 does, which no reader takes for another day.
BUILT_IN: Mapping[int, str] = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 5: "$#,##0;($#,##0)",
    6: "$#,##0;[Red]($#,##0)", 7: "$#,##0.00;($#,##0.00)", 8: "$#,##0.00;[Red]($#,##0.00)",
    9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??", 14: "yyyy-mm-dd",
    15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM",
    20: "hh:mm", 21: "hh:mm:ss", 22: "yyyy-mm-dd hh:mm", 27: 'yyyy"年"m"月"',
    28: 'm"月"d"日"', 29: 'm"月"d"日"', 30: "yyyy-mm-dd", 31: 'yyyy"年"m"月"d"日"',
    32: 'h"时"mm"分"', 33: 'h"时"mm"分"ss"秒"', 34: '上午/下午h"时"mm"分"',
    35: '上午/下午h"时"mm"分"ss"秒"', 36: 'yyyy"年"m"月"', 37: "#,##0;(#,##0)",
    38: "#,##0;[Red](#,##0)", 39: "#,##0.00;(#,##0.00)", 40: "#,##0.00;[Red](#,##0.00)",
    41: "#,##0;(#,##0);-", 42: "$#,##0;($#,##0);$-", 43: "#,##0.00;(#,##0.00);-",
    44: "$#,##0.00;($#,##0.00);$-", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0",
    48: "##0.0E+0", 49: "@", 50: 'yyyy"年"m"月"', 51: 'm"月"d"日"', 52: 'yyyy"年"m"月"',
    53: 'm"月"d"日"', 54: 'm"月"d"日"', 55: '上午/下午h"时"mm"分"',
    56: '上午/下午h"时"mm"分"ss"秒"', 57: 'yyyy"年"m"月"', 58: 'm"月"d"日"',
}  # fmt: skip

_Kind = Literal[
    "text", "digit", "point", "comma", "percent", "exponent", "slash", "date", "at", "general"
]
_TOKEN = regex.compile(
    r"""(?P<quoted>"[^"]*"?)|(?:\\|!(?=[.,0-9"\#]))(?P<escaped>.)|_.|(?P<fill>\*.)|\[(?P<bracket>[^\]]*)\]
    |(?P<general>General)|(?P<half>AM/PM|A/P|上午/下午)|(?P<exponent>[Ee][+-])
    |(?P<date>y+|m+|d+|h+|s+(?:\.0+)?|a{3,4}|e+|b{2,4}|g+)
    |(?P<digit>[0\#?])|(?P<point>\.)|(?P<comma>,)|(?P<percent>%)|(?P<slash>/)|(?P<at>@)
    |(?P<other>.)""",
    regex.VERBOSE | regex.IGNORECASE | regex.DOTALL,
)
_CONDITION = regex.compile(r"(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?)")
_MONTHS = (
    "January February March April May June July August September October November December"
).split()
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_COUNTING, _CHEQUE = "〇一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖"
_LONGEST = 255  # characters of a format: a file's own bound
_LAST_DAY = 2_958_466  # the serial number of 10000-01-01


@dataclass(frozen=True, slots=True)
class _Token:
    kind: _Kind
    text: str


@dataclass(frozen=True)
class _Section:
    tokens: tuple[_Token, ...] = ()
    condition: tuple[str, Decimal] | None = None
    chinese: str = ""  # '1' and '2' of DBNum: counting, and the signs of cheques
    dated: bool = False
    kinds: frozenset[str] = field(default_factory=frozenset)


def shown(value: float, form: str, *, from_1904: bool = False) -> str:
    """The number as the format code `form` shows it; `from_1904`: days count from that year."""
    number = _exact(value)
    if number is None:
        return str(value)
    sections = _sections(form[:_LONGEST])
    section, signed = _choose(sections, number)
    if not section.tokens:
        return ""
    if section.dated:
        text = _date(section, value, from_1904)
        if text is not None:
            return text
        return _general(number)
    if section.kinds <= {"text"}:
        sign = "-" if signed and number < 0 else ""
        return sign + "".join(token.text for token in section.tokens).strip()
    text = _number(section, abs(number))
    negative = (
        number < 0
        and signed
        and any(sign in "123456789一二三四五六七八九壹贰叁肆伍陆柒捌玖十百千" for sign in text)
    )
    return ("-" + text if negative else text).strip()


def shown_text(text: str, form: str) -> str:
    """A cell's text as its format shows it: '"No. "@'."""
    sections = _sections(form[:_LONGEST])
    section = sections[3] if len(sections) > 3 else sections[-1]
    if "at" not in section.kinds and len(sections) < 4:
        return text
    return "".join(
        text if token.kind == "at" else token.text
        for token in section.tokens
        if token.kind in ("at", "text")
    )


def _exact(value: float) -> Decimal | None:
    """As the 15 digits that a spreadsheet counts with."""
    number = Decimal(f"{value:.15g}")
    return number if number.is_finite() and number.adjusted() < 300 else None


@lru_cache(maxsize=512)
def _sections(form: str) -> tuple[_Section, ...]:
    parts: list[list[_Token]] = [[]]
    options: list[dict[str, object]] = [{}]
    for match in _TOKEN.finditer(form):
        group, text = match.lastgroup, match.group(match.lastgroup or 0)
        if group == "other" and text == ";":
            parts.append([])
            options.append({})
        elif group == "quoted":
            parts[-1].append(_Token("text", text.strip('"')))
        elif group == "escaped" or group == "other":
            parts[-1].append(_Token("text", text))
        elif group == "bracket":
            _bracket(text, parts[-1], options[-1])
        elif group == "half":
            parts[-1].append(_Token("date", text))
        elif group is None:
            parts[-1].append(_Token("text", " "))  # '_x': as wide as x
        elif group == "general":
            parts[-1].append(_Token("general", text))
        elif group in ("date", "exponent", "digit", "point", "comma", "percent", "slash", "at"):
            kind: _Kind = group  # type: ignore[assignment]
            parts[-1].append(_Token(kind, text))
    return tuple(_section(tokens, found) for tokens, found in zip(parts, options, strict=True))


def _bracket(text: str, tokens: list[_Token], options: dict[str, object]) -> None:
    lowered = text.lower()
    if text.startswith("$"):
        if sign := text[1:].split("-", 1)[0]:
            tokens.append(_Token("text", sign))
    elif lowered and set(lowered) in ({"h"}, {"m"}, {"s"}):
        tokens.append(_Token("date", f"[{lowered[0]}]"))
    elif lowered.startswith("dbnum"):
        options["chinese"] = lowered[5:]
    elif found := _CONDITION.fullmatch(text.strip()):
        options["condition"] = (found.group(1), Decimal(found.group(2)))


def _section(tokens: list[_Token], options: dict[str, object]) -> _Section:
    kinds = {token.kind for token in tokens}
    dated = "date" in kinds and "general" not in kinds
    if not dated:  # 'e' and 'g' in a format of numbers are letters like any other
        tokens = [_Token("text", t.text) if t.kind == "date" else t for t in tokens]
    condition = options.get("condition")
    return _Section(
        tuple(tokens),
        condition if isinstance(condition, tuple) else None,
        str(options.get("chinese", "")),
        dated,
        frozenset(token.kind for token in tokens),
    )


def _choose(sections: Sequence[_Section], number: Decimal) -> tuple[_Section, bool]:
    """The section that shows the number, and whether its sign is still to be written."""
    numeric = sections[:3]
    if any(section.condition for section in numeric):
        for section in numeric:
            if section.condition is None:
                return section, True
            sign, limit = section.condition
            if _holds(number, sign, limit):
                return section, not (sign in ("<", "<=") and limit <= 0)
        return _Section((_Token("general", ""),), kinds=frozenset(("general",))), True
    if number < 0 and len(numeric) > 1:
        return numeric[1], False
    if number == 0 and len(numeric) > 2:
        return numeric[2], False
    return numeric[0], True


def _holds(number: Decimal, sign: str, limit: Decimal) -> bool:
    return {
        "<": number < limit,
        "<=": number <= limit,
        ">": number > limit,
        ">=": number >= limit,
        "=": number == limit,
        "<>": number != limit,
    }[sign]


def _general(number: Decimal) -> str:
    """As 'General' does in a cell of 11 places, but for whole numbers, which stay whole."""
    if number == number.to_integral_value() and number.adjusted() < 21:
        return f"{number:.0f}"
    if not -5 < number.adjusted() < 11:
        head, _, tail = f"{number:.5E}".partition("E")
        head = head.rstrip("0").rstrip(".")
        return f"{head}E{tail[0]}{tail[1:].zfill(2)}"
    places = max(10 - max(number.adjusted() + 1, 1), 0)
    return _trimmed(f"{_rounded(number, places):f}")


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _rounded(number: Decimal, places: int) -> Decimal:
    if number.adjusted() + places > 26:  # beyond the digits there are: nothing to round
        return number
    return number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def _number(section: _Section, number: Decimal) -> str:
    """A number that is not negative."""
    tokens = list(section.tokens)
    number = number.scaleb(2 * sum(token.kind == "percent" for token in tokens))
    if "general" in section.kinds:
        text = _general(number)
        head, point, tail = text.partition(".")
        if section.chinese and head.isdecimal() and (tail.isdecimal() or not point):
            signs = _CHEQUE if section.chinese == "2" else _COUNTING
            text = _chinese(int(head), section.chinese)
            text += ("." if point else "") + "".join(signs[int(digit)] for digit in tail)
        return "".join(text if t.kind == "general" else _literal(t) for t in tokens)
    if "digit" not in section.kinds:
        plain = _general(number)
        return "".join(plain if t.kind == "at" else _literal(t) for t in tokens)
    if "exponent" in section.kinds:
        return _scientific(tokens, number)
    slash = next((i for i, token in enumerate(tokens) if token.kind == "slash"), None)
    if slash is not None and any(t.kind == "digit" for t in tokens[:slash]):
        return _fraction(tokens, slash, number)
    text = _decimal(tokens, number)
    if section.chinese:
        signs = _CHEQUE if section.chinese == "2" else _COUNTING
        text = "".join(signs[int(sign)] if sign in "0123456789" else sign for sign in text)
    return text


def _literal(token: _Token) -> str:
    return token.text if token.kind in ("text", "percent") else ""


def _decimal(tokens: Sequence[_Token], number: Decimal) -> str:
    point = next((i for i, token in enumerate(tokens) if token.kind == "point"), len(tokens))
    whole, rest = list(tokens[:point]), tokens[point + 1 :]
    places = [i for i, token in enumerate(whole) if token.kind == "digit"]
    grouped = False
    for i in [i for i, token in enumerate(whole) if token.kind == "comma"]:
        if places and i > places[-1]:
            number = number.scaleb(-3)
        elif places and places[0] < i:
            grouped = True
    if not places:
        for token in rest:
            number = number.scaleb(-3) if token.kind == "comma" else number
    elif point < len(tokens):
        # '0.0,,' scales too: the commas stand after the last place of all.
        number = number.scaleb(-3 * sum(token.kind == "comma" for token in rest))
    decimals = [token.text for token in rest if token.kind == "digit"]
    text = f"{_rounded(number, len(decimals)):f}"
    head, _, tail = text.partition(".")
    tail = tail.ljust(len(decimals), "0")
    kept = len(decimals)
    while kept and decimals[kept - 1] != "0" and tail[kept - 1] == "0":
        kept -= 1
    shown_whole = _whole(whole, "" if head == "0" else head, grouped)
    if point == len(tokens):
        return shown_whole
    fraction, used = "", 0
    for token in rest:
        if token.kind == "digit":
            fraction += tail[used] if used < kept else ""
            used += 1
        else:
            fraction += _literal(token)
    return f"{shown_whole}.{fraction}"


def _whole(tokens: Sequence[_Token], digits: str, grouped: bool) -> str:
    """The digits before the point, set into their places from the right."""
    places = [i for i, token in enumerate(tokens) if token.kind == "digit"]
    out: list[str] = []
    written = 0
    for i in range(len(tokens) - 1, -1, -1):
        token = tokens[i]
        if token.kind != "digit":
            out.append(_literal(token))
            continue
        take = len(digits) if i == places[0] else min(1, len(digits))
        piece = digits[len(digits) - take :] if take else ""
        digits = digits[: len(digits) - take]
        if not piece and token.text == "0":
            piece = "0"
        for digit in reversed(piece):
            if grouped and written and written % 3 == 0:
                out.append(",")
            out.append(digit)
            written += 1
    if not places and digits:
        out.append(digits)
    return "".join(reversed(out))


def _scientific(tokens: Sequence[_Token], number: Decimal) -> str:
    at = next(i for i, token in enumerate(tokens) if token.kind == "exponent")
    mantissa, rest = tokens[:at], tokens[at + 1 :]
    point = next((i for i, token in enumerate(mantissa) if token.kind == "point"), at)
    places = max(sum(token.kind == "digit" for token in mantissa[:point]), 1)
    decimals = sum(token.kind == "digit" for token in mantissa[point:])
    exponent = 0
    if number:
        exponent = number.adjusted() // places * places if places > 1 else number.adjusted()
        # Rounding can give one more digit: 9.99 is 1.0E+1.
        if _rounded(number.scaleb(-exponent), decimals).adjusted() >= places:
            exponent += places
    text = _decimal(mantissa, number.scaleb(-exponent))
    sign = "-" if exponent < 0 else "+" if tokens[at].text.endswith("+") else ""
    digits = str(abs(exponent)).zfill(sum(token.kind == "digit" for token in rest))
    return f"{text}E{sign}{digits}" + "".join(map(_literal, rest))


def _fraction(tokens: Sequence[_Token], slash: int, number: Decimal) -> str:
    """'# ?/?' gives 1 1/2; '?/8' eighths; '# ??/100' hundredths."""
    below = "".join(t.text for t in tokens[slash + 1 :] if t.kind == "digit" or t.text.isdecimal())
    fixed = below if below.isdecimal() and int(below) else ""
    fixed = fixed or "".join(t.text for t in tokens[slash + 1 :] if t.text.isdecimal()).lstrip("0")
    before = [token.text for token in tokens[:slash]]
    mixed = any(text == " " for text in "".join(before).strip()) and before[0] in "#0?"
    value = Fraction(number)
    if fixed:
        under = int(fixed)
        over = round(value * under)
    else:
        near = value.limit_denominator(10 ** min(max(len(below), 1), 4) - 1)
        over, under = near.numerator, near.denominator
    lead = ""
    if mixed:
        whole, over = divmod(over, under)
        lead = str(whole) if whole or not over else ""
        if not over:
            return lead or "0"
    return f"{lead} {over}/{under}".strip()


def _chinese(value: int, kind: str) -> str:
    if kind == "2":
        return counted(value, "零壹贰叁肆伍陆柒捌玖", "拾佰仟", "万", leading_one=True)
    return counted(value)


def _date(section: _Section, value: float, from_1904: bool) -> str | None:
    """None where the number is no day of the calendar."""
    if not 0 <= value < _LAST_DAY:
        return None
    tokens = section.tokens
    finest = max(
        (len(t.text.partition(".")[2]) for t in tokens if t.text.lower().startswith("s")), default=0
    )
    has_seconds = any(
        t.kind == "date" and t.text.lower().strip("[").startswith("s") for t in tokens
    )
    unit = 10**finest if has_seconds or finest else 1
    ticks = Decimal(f"{value:.15g}") * 86_400 * unit
    seconds = Fraction(int(ticks.quantize(Decimal(1), ROUND_HALF_UP)), unit)
    moment, false_day = _moment(seconds, from_1904)
    half = any(t.kind == "date" and ("/" in t.text) for t in tokens)
    out = []
    for i, token in enumerate(tokens):
        if token.kind == "date":
            minutes = token.text.lower() in ("m", "mm") and _is_minute(tokens, i)
            out.append(
                _part(token.text, moment, seconds, half, minutes, false_day, section.chinese)
            )
        elif token.kind in ("text", "slash", "comma", "point", "percent"):
            out.append(token.text)
        elif (
            token.kind == "digit"
            and set(token.text) == {"0"}
            and i
            and tokens[i - 1].kind == "point"
        ):
            out.append("0")
    return "".join(out).strip()


def _moment(seconds: Fraction, from_1904: bool) -> tuple[datetime, bool]:
    """The day and time; whether it is 29 February 1900, a day that spreadsheets believe in."""
    days = int(seconds // 86_400)
    if from_1904:
        days += 1462
    false_day = days == 60
    # Before that day, the calendar of spreadsheets is one day ahead.
    start = datetime(1899, 12, 31) if days < 60 else datetime(1899, 12, 30)
    rest = seconds % 86_400
    return start + timedelta(days=days, microseconds=int(rest * 1_000_000)), false_day


def _is_minute(tokens: Sequence[_Token], i: int) -> bool:
    """Whether an 'm' follows hours or stands before seconds."""
    dates = [
        t.text.lower().strip("[") for t in tokens[:i] if t.kind == "date" and "/" not in t.text
    ]
    after = [
        t.text.lower().strip("[") for t in tokens[i + 1 :] if t.kind == "date" and "/" not in t.text
    ]
    return bool(dates and dates[-1].startswith(("h", "s"))) or bool(
        after and after[0].startswith("s")
    )


def _part(
    code: str,
    moment: datetime,
    seconds: Fraction,
    half: bool,
    minutes: bool,
    false_day: bool,
    chinese: str,
) -> str:
    kind, length = code.lower(), len(code)
    day = 29 if false_day else moment.day
    month = 2 if false_day else moment.month
    if kind.startswith("["):
        return str(int(seconds // {"h": 3600, "m": 60, "s": 1}[kind[1]]))
    if kind in ("am/pm", "a/p", "上午/下午"):
        first, second = code.split("/")
        return first if moment.hour < 12 else second
    if kind.startswith("s"):
        whole, places = moment.second, len(kind.partition(".")[2])
        text = f"{whole:02}" if kind.startswith("ss") else str(whole)
        return text + (f".{moment.microsecond:06}"[: places + 1] if places else "")
    if kind.startswith("h"):
        hour = (moment.hour % 12 or 12) if half else moment.hour
        return f"{hour:02}" if length > 1 else str(hour)
    if kind.startswith("y") or kind.startswith("e"):
        year = (
            f"{moment.year % 100:02}" if kind.startswith("y") and length < 3 else str(moment.year)
        )
        return "".join("〇一二三四五六七八九"[int(d)] for d in year) if chinese else year
    if kind.startswith("b"):
        return str(moment.year + 543)
    if kind.startswith("a"):
        name = "一二三四五六日"[moment.weekday()]
        return f"星期{name}" if length > 3 else name
    if kind.startswith("g"):
        return ""
    value = moment.minute if minutes else month if kind.startswith("m") else day
    if length < 3:
        if chinese:
            return counted(value)
        return f"{value:02}" if length == 2 else str(value)
    name = _MONTHS[month - 1] if kind.startswith("m") else _DAYS[moment.weekday()]
    return name[0] if length == 5 else name if length > 3 else name[:3]
