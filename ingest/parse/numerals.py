"""Numbers as lists of Office files write them: ECMA-376 part 1, 17.18.59 (ST_NumberFormat)."""

from collections.abc import Callable, Mapping

_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"),
    (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_SIMPLE = "〇一二三四五六七八九"
_LEGAL_SIMPLIFIED = "零壹贰叁肆伍陆柒捌玖"
_LEGAL_TRADITIONAL = "零壹貳參肆伍陸柒捌玖"
_STEMS, _BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
_AIUEO = (
    "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン"
)
_IROHA = "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセスン"
_GANADA = "가나다라마바사아자차카타파하"
_CHOSUNG = "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ"
_RUSSIAN = "абвгдежзиклмнопрстуфхцчшщыэюя"
_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
).split()
_TENS = "- - twenty thirty forty fifty sixty seventy eighty ninety".split()
_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth",
    "nine": "ninth", "twelve": "twelfth",
}  # fmt: skip
_LARGEST = 99_999_999


def numeral(value: int, form: str) -> str:
    """`value` in the number format `form` ('decimal', 'chineseCounting', …); a format that is
    not known, or cannot write the number, writes it in digits."""
    if value < 0 or value > _LARGEST:
        return str(value)
    write = _FORMS.get(form)
    return (write(value) if write else "") or str(value) if form != "none" else ""


def padded(value: int, pattern: str) -> str:
    """A custom format by its first examples ('001, 002, 003, …'): zeros up to that length."""
    first = pattern.split(",", 1)[0].strip()
    return str(value).zfill(len(first)) if first.isdecimal() else str(value)


def counted(
    value: int,
    digits: str = _SIMPLE,
    units: str = "十百千",
    myriad: str = "万",
    *,
    leading_one: bool = False,
    ones: bool = True,
    zero: bool = True,
) -> str:
    """As it is counted in Chinese: 12 十二, 101 一百〇一.

    `leading_one`: 12 is 一十二. `ones`: 百 and 千 take their 一. `zero`: gaps are written.
    """
    if value >= 10_000:
        high, low = divmod(value, 10_000)
        text = counted(high, digits, units, myriad, leading_one=leading_one, ones=ones, zero=zero)
        if not low:
            return text + myriad
        gap = digits[0] if zero and low < 1000 else ""
        rest = counted(low, digits, units, myriad, leading_one=True, ones=ones, zero=zero)
        return text + myriad + gap + rest
    if not value:
        return digits[0]
    text = ""
    pending = False
    for place in (3, 2, 1, 0):
        digit = value // 10**place % 10
        if not digit:
            pending = bool(text)
            continue
        if pending and zero:
            text += digits[0]
        pending = False
        first_ten = place == 1 and digit == 1 and not text and not leading_one
        bare = digit == 1 and place and (first_ten or not ones)
        text += ("" if bare else digits[digit]) + (units[place - 1] if place else "")
    return text


def _digits(value: int, digits: str = _SIMPLE) -> str:
    return "".join(digits[int(digit)] for digit in str(value))


def _below_hundred(value: int) -> str:
    """Chinese counting up to 99, and digit by digit from there."""
    return counted(value) if value < 100 else _digits(value, "○一二三四五六七八九")


def _roman(value: int) -> str:
    if not 0 < value < 32_768:
        return ""
    text = ""
    for worth, letters in _ROMAN:
        text += letters * (value // worth)
        value %= worth
    return text


def _letters(value: int) -> str:
    """a … z, then aa … zz, as Word does it."""
    return chr(97 + (value - 1) % 26) * min(1 + (value - 1) // 26, 30) if value else ""


def _cycle(signs: str) -> Callable[[int], str]:
    return lambda value: signs[(value - 1) % len(signs)] if value else ""


def _row(first: str, count: int, start: int = 1) -> Callable[[int], str]:
    """Signs that Unicode has for `start` to `start + count - 1` only."""
    return lambda value: chr(ord(first) + value - start) if start <= value < start + count else ""


def _circled(value: int) -> str:
    for first, start, count in (("①", 1, 20), ("㉑", 21, 15), ("㊱", 36, 15)):
        if sign := _row(first, count, start)(value):
            return sign
    return "⓪" if value == 0 else ""


def _ordinal(value: int) -> str:
    teen = value % 100 in (11, 12, 13)
    return f"{value}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(value % 10, 'th')}"


def _cardinal(value: int) -> str:
    if value < 20:
        return _ONES[value]
    if value < 100:
        return _TENS[value // 10] + (f"-{_ONES[value % 10]}" if value % 10 else "")
    if value < 1000:
        rest = value % 100
        return f"{_ONES[value // 100]} hundred" + (f" {_cardinal(rest)}" if rest else "")
    if value < 1_000_000:
        rest = value % 1000
        return f"{_cardinal(value // 1000)} thousand" + (f" {_cardinal(rest)}" if rest else "")
    return ""


def _ordinal_words(value: int) -> str:
    head, mark, last = _cardinal(value).rpartition("-")
    if not mark:
        head, mark, last = _cardinal(value).rpartition(" ")
    if not last:
        return ""
    word = _ORDINALS.get(last) or (f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th")
    return (head + mark + word).capitalize()


def _cycle_of_sixty(value: int) -> str:
    return _STEMS[(value - 1) % 10] + _BRANCHES[(value - 1) % 12] if value else ""


def _full_width(value: int) -> str:
    return "".join(chr(ord("０") + int(digit)) for digit in str(value))


def _japanese(value: int) -> str:
    return counted(value, ones=False, zero=False)


def _legal(digits: str, myriad: str) -> Callable[[int], str]:
    return lambda value: counted(value, digits, "拾佰仟", myriad, leading_one=True)


_FORMS: Mapping[str, Callable[[int], str]] = {
    "decimal": str,
    "decimalHalfWidth": str,
    "decimalZero": lambda value: f"{value:02}",
    "numberInDash": lambda value: f"- {value} -",
    "hex": lambda value: f"{value:X}",
    "ordinal": _ordinal,
    "cardinalText": lambda value: _cardinal(value).capitalize(),
    "ordinalText": _ordinal_words,
    "upperRoman": lambda value: _roman(value).upper(),
    "lowerRoman": _roman,
    "upperLetter": lambda value: _letters(value).upper(),
    "lowerLetter": _letters,
    "russianLower": _cycle(_RUSSIAN),
    "russianUpper": _cycle(_RUSSIAN.upper()),
    "chineseCounting": _below_hundred,
    "taiwaneseCounting": _below_hundred,
    "chineseCountingThousand": counted,
    "taiwaneseCountingThousand": lambda value: counted(value, "零" + _SIMPLE[1:], myriad="萬"),
    "chineseLegalSimplified": _legal(_LEGAL_SIMPLIFIED, "万"),
    "ideographLegalTraditional": _legal(_LEGAL_TRADITIONAL, "萬"),
    "japaneseLegal": lambda value: counted(
        value, "〇壱弐参四伍六七八九", "拾百阡", "萬", leading_one=True, zero=False
    ),
    "japaneseCounting": _japanese,
    "koreanCounting": lambda value: counted(
        value, "영일이삼사오육칠팔구", "십백천", "만", ones=False, zero=False
    ),
    "ideographDigital": _digits,
    "taiwaneseDigital": lambda value: _digits(value, "○一二三四五六七八九"),
    "japaneseDigitalTenThousand": _digits,
    "koreanDigital2": lambda value: _digits(value, "零一二三四五六七八九"),
    "koreanDigital": lambda value: _digits(value, "영일이삼사오육칠팔구"),
    "decimalFullWidth": _full_width,
    "decimalFullWidth2": _full_width,
    "decimalEnclosedCircle": _circled,
    "decimalEnclosedCircleChinese": _circled,
    "decimalEnclosedFullstop": _row("⒈", 20),
    "decimalEnclosedParen": _row("⑴", 20),
    "ideographEnclosedCircle": _row("㊀", 10),
    "ideographTraditional": _cycle(_STEMS),
    "ideographZodiac": _cycle(_BRANCHES),
    "ideographZodiacTraditional": _cycle_of_sixty,
    "aiueo": _cycle(_AIUEO),
    "aiueoFullWidth": _cycle(_AIUEO),
    "iroha": _cycle(_IROHA),
    "irohaFullWidth": _cycle(_IROHA),
    "ganada": _cycle(_GANADA),
    "chosung": _cycle(_CHOSUNG),
}
