"""What a statement may not get wrong: units, days, frequencies, and on which side of what.

A statement can share all but one word with a sentence and say the opposite. The words of these lists
decide such things in both languages; each is known by a name that is the same in both.

Over 350 lines: half of them are the lists, which one has to see side by side with what reads them.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from app.answering.evidence.numbers import Number, find_numbers
from app.text.simplified import simplified

_UNITS: Mapping[str, str] = {
    "%": r"%|percent\b|per cent\b|％|百分之",
    "pp": r"percentage points?\b|points?\b|个?百分点",
    "EUR": r"€|euros?\b|eur\b|欧元",
    "USD": r"\$|dollars?\b|usd\b|美元|美金",
    "CNY": r"¥|yuan\b|rmb\b|cny\b|(?<![欧美日])元(?!件|素|数据)|人民币",
    "GBP": r"£|pounds?\b|gbp\b|英镑",
    "ms": r"ms\b|milliseconds?\b|毫秒",
    "s": r"s\b|secs?\b|seconds?\b|秒",
    "min": r"mins?\b|minutes?\b|分钟",
    "h": r"h\b|hrs?\b|hours?\b|个?小时",
    "d": r"d\b|(?:\w{1,20} )?days?\b|个?工作日|个?自然日|天|日(?!志|期|常)",
    "week": r"weeks?\b|周(?!期|[一二三四五六日])|个?星期(?![一二三四五六日天])",
    "month": r"months?\b|个月",
    "year": r"years?\b|年(?!代|度|级|龄|假|\d)",
    "TB": r"ti?b\b",
    "GB": r"gi?b\b",
    "MB": r"mi?b\b",
    "KB": r"ki?b\b",
    "GB/s": r"gb/s\b",
    "kWh": r"kwh\b|kilowatt[- ]hours?\b|千瓦时|度电",
    "Wh": r"wh\b|watt[- ]hours?\b|瓦时",
    "kW": r"kw\b|kilowatts?\b|千瓦(?!时)",
    "W": r"w\b|watts?\b|瓦(?!时)",
    "km": r"km\b|kilomet(?:re|er)s?\b|公里|千米",
    "mm": r"mm\b|millimet(?:re|er)s?\b|毫米",
    "cm": r"cm\b|centimet(?:re|er)s?\b|厘米",
    "m": r"m\b|met(?:re|er)s?\b|米",
    "kg": r"kg\b|kilograms?\b|公斤|千克",
    "g": r"g\b|grams?\b|克",
    "t": r"t\b|tons?\b|tonnes?\b|吨",
    "°C": r"°\s?c\b|degrees? celsius\b|摄氏度|℃|(?:(?<=\d)|(?<=\d )|(?<=[一二三四五六七八九十百]))度(?![电假过量])",
    "°F": r"°\s?f\b|degrees? fahrenheit\b|华氏度|℉",
    "bar": r"bar\b|巴(?!黎|西)",
    "psi": r"psi\b",
    "Nm": r"nm\b|newton[- ]met(?:re|er)s?\b|牛米",
    "token": r"tokens?\b|词元",
    "bit": r"bits?\b|比特",
    "byte": r"bytes?\b|字节",
    "cents": r"cents?\b|美分|欧分",
    "times": r"times\b(?! a\b)|[- ]?fold\b|倍",
}  # fmt: skip
# In ASCII a Han character ends a word: '85GB且' has the unit GB.
_FLAGS = re.IGNORECASE | re.ASCII
_UNIT = {
    name: re.compile(rf"\s{{0,4}}[-‐]?\s{{0,4}}(?:{pattern})", _FLAGS)
    for name, pattern in _UNITS.items()
}
_NAMED = {
    name: re.compile(rf"(?<![a-z])(?:{_UNITS[name]})", _FLAGS)
    for name in ("%", "EUR", "USD", "CNY", "GBP", "GB", "MB", "TB", "kW", "kWh", "bar", "psi", "kg", "Nm", "°C", "°F")
}  # fmt: skip
_BEFORE = re.compile(
    r"(?P<EUR>€|eur)|(?P<USD>\$|usd)|(?P<GBP>£)|(?P<CNY>[¥￥])|(?P<percent>百分之)"
)

# Units that a number may have in the place of another.
_DIMENSIONS: Mapping[str, str] = {
    unit: name
    for name, all_units in {
        "share": "% pp",
        "money": "EUR USD CNY GBP cents",
        "time": "ms s min h d week month year",
        "size": "TB GB MB KB byte",
        "energy": "kWh Wh",
        "power": "kW W",
        "length": "km mm cm m",
        "mass": "kg g t",
        "temperature": "°C °F",
        "pressure": "bar psi",
    }.items()
    for unit in all_units.split()
}

# Factors to one unit of each kind of amounts that are compared whatever their unit.
FACTORS: Mapping[str, tuple[str, Decimal]] = {
    unit: (name, Decimal(factor))
    for name, units_ in {
        "time": "ms 0.001 s 1 min 60 h 3600 d 86400 week 604800",
        "months": "month 1 year 12",
        "size": "KB 1 MB 1024 GB 1048576 TB 1073741824",
        "mass": "g 1 kg 1000 t 1000000",
        "length": "mm 1 cm 10 m 1000 km 1000000",
        "energy": "Wh 1 kWh 1000",
        "power": "W 1 kW 1000",
    }.items()
    for unit, factor in zip(units_.split()[::2], units_.split()[1::2], strict=True)
}
# 两个半小时, 一分半钟.
_AND_HALF = re.compile(r"\s?(?:个半(小时|月|星期)|(分)半钟?)")

# What must stand in the evidence as it does in the statement.
_FIXED: Mapping[str, str] = {
    "monday": r"\bmon(?:day)?s?\b|(?:星期|周|礼拜)一",
    "tuesday": r"\btue(?:s|sday)?s?\b|(?:星期|周|礼拜)二",
    "wednesday": r"\bwed(?:nesday)?s?\b|(?:星期|周|礼拜)三",
    "thursday": r"\bthu(?:rs|rsday)?s?\b|(?:星期|周|礼拜)四",
    "friday": r"\bfri(?:day)?s?\b|(?:星期|周|礼拜)五",
    "saturday": r"\bsat(?:urday)?s?\b|(?:星期|周|礼拜)六",
    "sunday": r"\bsun(?:day)?s?\b|(?:星期|周|礼拜)[日天]",
    "daily": r"\bdaily\b|\b(?:every|each|per|a) (?:single )?(?:day|night|morning|evening)\b|每[天日晚夜]|\bnightly\b",
    "weekly": r"\bweekly\b|\b(?:every|each|per|a) week\b|每周|每星期",
    "monthly": r"\bmonthly\b|\b(?:every|each|per|a) month\b|(?:of|in) each month|每个?月|(?<![一-鿿\d个])月(?=[租薪息费供])",
    "quarterly": r"\bquarterly\b|\b(?:every|each|per|a) quarter\b|每个?季度?",
    "yearly": r"\byearly\b|\bannual(?:ly)?\b|\b(?:every|each|per|a) year\b|每年|年度|年(?=[租薪息费利])",
    "hourly": r"\bhourly\b|\b(?:every|each|per) hour\b|每个?小时",
    "january": r"\bjan(?:uary)?\b|(?<!\d)1月|(?<!十)一月", "february": r"\bfeb(?:ruary)?\b|(?<!\d)2月|(?<!十)二月",
    "march": r"\bmarch\b|(?<!\d)3月|三月", "april": r"\bapr(?:il)?\b|(?<!\d)4月|四月",
    "may_": r"\bin may\b|\bmay \d|\d may\b|(?<!\d)5月|五月", "june": r"\bjune?\b|(?<!\d)6月|六月",
    "july": r"\bjuly?\b|(?<!\d)7月|七月", "august": r"\baug(?:ust)?\b|(?<!\d)8月|八月",
    "september": r"\bsept?(?:ember)?\b|(?<!\d)9月|九月", "october": r"\boct(?:ober)?\b|10月|十月",
    "november": r"\bnov(?:ember)?\b|11月|十一月", "december": r"\bdec(?:ember)?\b|12月|十二月",
    "morning": r"\bmornings?\b|\ba\.?m\.?\b|上午|早上|早晨|清晨", "afternoon": r"\bafternoons?\b|下午",
    "noon": r"\bnoon\b|中午", "evening": r"\bevenings?\b|晚上|傍晚",
}  # fmt: skip
# What Chinese counts with besides units.
_MEASURE = re.compile(r"\s{0,2}个?([条章节款项页届次期号级层名人位台件份组折岁年月日天周])")
# 三分之二, 一点五, and 半年 before its unit: the numbers in them mean nothing by themselves.
_PARTED = re.compile(
    r"(?:[零〇一二三四五六七八九十两]|[千万](?=分)){1,9}(分之|点)[零〇一二三四五六七八九十两]{1,9}"
)
_HALF = re.compile(
    r"(?<![上下后大小多过个])(?<!年前)(?<![^一-鿿]前)半(?=个?(?:年|月|天|日|小时|周|星期|分钟))"
    r"|\bhalf an? (?=(?:year|month|week|day|hour|minute)\b)|\bhalf[- ](?=(?:year|month|day|hour)\b)",
    re.ASCII,
)
_ORDINAL = re.compile(r"第\s?\Z")
_MINUS = re.compile(r"(?:零下|负|\bminus )\s?\Z", re.ASCII)
_DASH = re.compile(r"(?<![\w.%°℃)-])[ ]?[-−]\Z", re.ASCII)
_FIXED_PATTERNS = {name: re.compile(pattern, re.ASCII) for name, pattern in _FIXED.items()}

# Pairs of opposites: (name, one side, other side).
_OPPOSITES: tuple[tuple[str, str, str], ...] = (
    (
        "time",
        r"\bbefore\b|\bprior to\b|\bearlier than\b|之前|以前|事前|(?<=[天周月年时日款期货])前",
        r"\bafter\b|\bafterwards\b|\bonce\b|\blater than\b|之后|以后|事后|(?<=[天周月年时日款期货])后",
    ),
    (
        "change",
        r"\bris(?:e|es|en|ing)\b|\brose\b|\bincreas\w+|\bgr[eo]w\w*|\bwent up\b|\braised?\b|\bgain\w*|上升|增加|提高|增长|上涨|升至|升到|提升",
        r"\bfall(?:s|en|ing)?\b|\bfell\b|\bdecreas\w+|\bdrop\w*|\bdeclin\w+|\breduc\w+|\bcut\b|\blower(?:s|ed|ing)\b|\blost?\b|下降|减少|降低|下跌|降至|降到|下调|减半",
    ),
    (
        "speed",
        r"\bfast(?:er|est)?\b|\bquick(?:er|est|ly)?\b|更?快",
        r"\bslow(?:er|est|ly)?\b|更?慢",
    ),
    (
        "size",
        r"\blarge[rst]*\b|\bbig(?:ger|gest)?\b|更大|较大",
        r"\bsmall(?:er|est)?\b|更小|较小",
    ),
    (
        "price",
        r"\b(?:more expensive|dearer|costlier)\b|更贵",
        r"\bcheap(?:er|est)?\b|更便宜|最便宜",
    ),
    (
        "switch",
        r"\bswitched on\b|\bturned on\b|\benabled?\b|\bon by default\b|打开|开启|启用",
        r"\bswitched off\b|\bturned off\b|\bdisabled?\b|\boff by default\b|关闭|停用|禁用",
    ),
    (
        "order",
        r"\bfirst\b|\bearliest\b|\boldest\b|首先|最先|最早|最旧",
        r"\blast\b|\blatest\b|\bnewest\b|最后|最晚|最新",
    ),
    ("above", r"\bhigher than\b|(?<!不)(?:高于|大于|多于)", r"\blower than\b|(?<!不)(?:低于|小于|少于)"),
    ("hand", r"\bon the left\b|\bleft[- ](?:hand|side)\b|左[侧边方]", r"\bon the right\b|\bright[- ](?:hand|side)\b|右[侧边方]"),
    ("height", r"\babove the\b|上方", r"\bbelow the\b|下方"),
    ("turn", r"(?<!anti)(?<!anti-)(?<!counter)(?<!counter-)\bclockwise\b|顺时针", r"\b(?:anti|counter)-?clockwise\b|逆时针"),
    ("gain", r"\bgain(?:ed|s)?\b|\bearn(?:ed|s)?\b|获得|赢得", r"\bcosts? us\b|\blos(?:t|es?|ing)\b|失去|损失"),
    ("place", r"\binside\b|\binternal(?:ly)?\b|内部|之内", r"\boutside\b|\bexternal(?:ly)?\b|外部|对外|之外"),
    ("all", r"\ball\b|\bevery\b|\balways\b|全部|所有|总是", r"\bsome\b|\bonly (?:a )?few\b|\bsometimes\b|部分|有些|有时"),
)  # fmt: skip
_OPPOSITE_PATTERNS = tuple(
    (name, re.compile(one, re.ASCII), re.compile(other, re.ASCII))
    for name, one, other in _OPPOSITES
)
# On which side of its number a bound is, before or behind it. 'Not' turns a side round.
_LEAST_BEFORE = re.compile(
    r"(?:\bat least|\bno (?:less|fewer) than|\bnot (?:less|fewer) than|\bmore than|\babove|\bexceed(?:s|ed|ing)?|\bover|\bminimum(?: of)?|\bgreater than|\blarger than"
    r"|不少于|不低于|不小于|不得少于|不得低于|至少[^\W\d]{0,8}|达到?|(?<![不未])超过|(?<![不未])超出|(?<!不)大于|(?<!不)高于|(?<!不)多于|最少|最低|最小)\W*(?:为|是|of)?\s*$"
)
_MOST_BEFORE = re.compile(
    r"(?:\bat most|\bno more than|\bnot more than|\bless than|\bfewer than|\bbelow|\bunder|\bmaximum(?: of)?|\bup to|\bsmaller than|\bwithin|\bfalls? below"
    r"|不得?超过|不能超过|未超过|不超出|不大于|不高于|不多于|至多|(?<!不)小于|(?<!不)低于|(?<!不)少于|不到|不足|未满|未达|(?:最多|至多)[^\W\d]{0,8}|最高|最大|最长)\W*(?:为|是|of)?\s*$"
)
_LEAST_AFTER = re.compile(r"\s{0,4}(?:or more\b|or above\b|and above\b|以上|及以上)")
_MOST_AFTER = re.compile(
    r"\s{0,4}(?:or less\b|or fewer\b|or below\b|and below\b|以下|以内|之内|及以下)"
)
# Between a bound and its number: 'above 总数的 20%'.
_BOUND_GAP = 14

_MUST = re.compile(
    r"\bmust\b|\bha(?:s|ve) to\b|\brequired?\b|\bobligatory\b|\bmandatory\b|\bneeds? to\b|必须|务必|(?<![无毋])须|一律|强制",
    re.ASCII,
)
_MAY = re.compile(
    r"\bmay\b(?! \d)|\bcan\b|\bcould\b|\boptional(?:ly)?\b|\ballow(?:s|ed)?\b|\bpermit(?:s|ted)?\b|可以|允许|可选|自愿|(?<![不许认])可(?![靠能])",
    re.ASCII,
)
_FORBIDDEN = re.compile(
    r"\b(?:must|may|can|shall|should) ?(?:not|never)\b|\bcannot\b|\bcan't\b|\bforbidden\b|\bprohibited\b|\bnot (?:be )?(?:allowed|permitted)\b|\bnever\b|\bno longer\b|不得|禁止|严禁|不可|不能|不允许|不准|不许|切勿|请勿|不要",
    re.ASCII,
)
# What rules command with; weaker than 'must' against another command, but no 'may'.
_SHALL = re.compile(r"\bshall\b|应当", re.ASCII)
_ADVISED = re.compile(r"\bshould\b|\brecommend\w*|\badvis\w+|建议|推荐|应该|宜", re.ASCII)


@dataclass(frozen=True)
class Keys:
    """`quantities`: (number, unit) pairs, unit '' where none stands with it. `fixed`: days, months,
    frequencies. `sides`: (name of the pair, 0 or 1) for each opposite that is written. `force`:
    'must', 'shall', 'advised', 'may', 'not' (forbidden). `named`: units that are written without a number, as column
    names do. `bounds`: (number, 0 for a least and 1 for a most). `counts`: (number, what it
    counts: its unit or Chinese measure, 第 before it where it is an ordinal), `worded` those of them
    that are written in words (十五天, 'fifteen days'). `minus`: numbers below zero. `amounts`: (what is
    measured, how much of it in one unit), the same for 半小时 and '30 minutes'."""

    quantities: frozenset[tuple[str, str]]
    fixed: frozenset[str]
    sides: frozenset[tuple[str, int]]
    force: frozenset[str]
    named: frozenset[str] = frozenset()
    bounds: frozenset[tuple[str, int]] = frozenset()
    counts: frozenset[tuple[str, str]] = frozenset()
    worded: frozenset[tuple[str, str]] = frozenset()
    minus: frozenset[str] = frozenset()
    amounts: frozenset[tuple[str, Decimal]] = frozenset()

    def units_of(self, number: str) -> frozenset[str]:
        """The units that this number is given in; '' for none."""
        return frozenset(unit for value, unit in self.quantities if value == number)


@lru_cache(maxsize=8_192)
def keys(text: str) -> Keys:
    """The keys of a text."""
    folded = simplified(unicodedata.normalize("NFKC", text)).casefold()
    measured = tuple(_measured(folded))
    given = frozenset((number.value, unit) for number, unit, _ in measured)
    bounds = frozenset(
        (number.value, side)
        for number, _, end in measured
        if (side := _bound(folded, number.start, end)) is not None
    )
    sides = set()
    for name, one, other in _OPPOSITE_PATTERNS:
        sides |= {(name, side) for side, at in enumerate((one, other)) if at.search(folded)}
    allowed = _FORBIDDEN.sub(" ", folded)
    force = {
        name
        for name, found in (
            ("not", folded != allowed),
            ("must", _MUST.search(allowed)),
            ("may", _MAY.search(allowed)),
            ("shall", _SHALL.search(allowed)),
            ("advised", _ADVISED.search(allowed)),
        )
        if found
    }
    fixed = {name for name, pattern in _FIXED_PATTERNS.items() if pattern.search(folded)}
    named = {name for name, pattern in _NAMED.items() if pattern.search(folded)}
    return Keys(
        given,
        frozenset(fixed),
        frozenset(sides),
        frozenset(force),
        frozenset(named),
        bounds,
        *_counted(folded, measured),
        frozenset(n.value for n, unit, _ in measured if _is_minus(folded, n.start, unit)),
        frozenset(_amounts(folded, measured)),
    )


def quantities(folded: str) -> Iterator[tuple[str, str, int, int]]:
    """(value, unit, start, end) of each number of a folded text; the span holds the unit behind it."""
    for number, unit, end in _measured(folded):
        yield number.value, unit, number.start, end


def _measured(folded: str) -> Iterator[tuple[Number, str, int]]:
    """Each number of a folded text, its unit, and where that ends."""
    for number in find_numbers(folded):
        yield number, *_unit(folded, number.start, number.end)


def _counted(
    folded: str, measured: Iterable[tuple[Number, str, int]]
) -> tuple[frozenset[tuple[str, str]], frozenset[tuple[str, str]]]:
    """`Keys.counts` and `Keys.worded` of a folded text."""
    counts: set[tuple[str, str]] = set()
    worded: set[tuple[str, str]] = set()
    for number, measure, _ in measured:
        ordinal = _ORDINAL.search(folded, max(0, number.start - 2), number.start)
        if not measure or ordinal:
            match = _MEASURE.match(folded, number.end)
            measure = match[1] if match else measure
        if not measure:
            continue
        if ordinal:
            measure = f"第{measure}"
        counts.add((number.value, measure))
        if not number.written_in_digits:
            worded.add((number.value, measure))
    for match in _PARTED.finditer(folded):
        worded.add((match.group(), match[1]))
    for match in _HALF.finditer(folded):
        worded.add(("0.5", _unit(folded, match.end(), match.end())[0]))
    counts |= worded
    return frozenset(counts), frozenset(worded)


def _amounts(
    folded: str, measured: Iterable[tuple[Number, str, int]]
) -> Iterator[tuple[str, Decimal]]:
    for number, unit, end in measured:
        if unit in FACTORS:
            name, factor = FACTORS[unit]
            more = Decimal("0.5") if folded[end : end + 1] == "半" else Decimal(0)
            yield name, (Decimal(number.value) + more) * factor
        elif match := _AND_HALF.match(folded, number.end):
            name, factor = FACTORS[_unit(f"1{match[1]}", 0, 1)[0] or "min"]
            yield name, (Decimal(number.value) + Decimal("0.5")) * factor
    for match in _HALF.finditer(folded):
        unit = _unit(folded, match.end(), match.end())[0]
        if unit in FACTORS:
            name, factor = FACTORS[unit]
            yield name, factor / 2


def dimension(unit: str) -> str:
    """What a unit measures; itself where it has no like."""
    return _DIMENSIONS.get(unit, unit)


def differ(said: Keys, asked: Keys, held: Keys, around: Keys) -> bool:
    """Whether the evidence (`held`, with its headings and column names `around`) says another thing
    than the statement in one of its keys."""
    return (
        _units_differ(said, held, around)
        or bool(said.fixed - asked.fixed - held.fixed - around.fixed)
        or bool(held.fixed and (said.fixed & asked.fixed) - held.fixed - around.fixed)
        or sides_differ(said, held)
        or _bounds_differ(said, held)
        or _worded_differ(said, asked, held, around)
        or _signs_differ(said, held)
        or force_differs(said.force, asked.force, held.force)
    )


def _units_differ(said: Keys, held: Keys, around: Keys) -> bool:
    for number, unit in said.quantities:
        units = held.units_of(number)
        if not unit or not units or unit in units:
            continue
        named = {unit for unit in units if unit} or around.named
        if named and unit not in named:
            return True
    return False


def _is_minus(folded: str, start: int, unit: str) -> bool:
    """Whether the number is below zero; a mere dash is a sign before degrees only."""
    before = folded[max(0, start - 6) : start]
    return bool(_MINUS.search(before) or (unit in ("°C", "°F") and _DASH.search(before)))


def _signs_differ(said: Keys, held: Keys) -> bool:
    """Whether a number is below zero on one side only."""
    numbers = {n for n, _ in said.quantities} & {n for n, _ in held.quantities}
    return bool((said.minus ^ held.minus) & numbers)


def _worded_differ(said: Keys, asked: Keys, held: Keys, around: Keys) -> bool:
    """Whether the evidence has another number in the place of one that the statement writes in words.

    Numbers in digits must all stand in the evidence; 'one', 两 and 三 are too often no counts for
    that, so that a word counts only against a number of the same measure.
    """
    known = {
        number for given in (asked, held, around) for number, _ in given.quantities | given.counts
    }
    own = {number for number, _ in said.quantities | said.counts}
    return any(
        other == measure and rival not in own
        for number, measure in said.worded
        if number not in known
        for rival, other in held.counts
    )


def sides_differ(said: Keys, held: Keys) -> bool:
    """Whether one is on the other side of a pair of opposites than the other."""
    for name, side in said.sides:
        if (name, 1 - side) in said.sides:
            continue
        if (name, 1 - side) in held.sides and (name, side) not in held.sides:
            return True
    return False


def _bounds_differ(said: Keys, held: Keys) -> bool:
    return any(
        (number, 1 - side) in held.bounds and (number, side) not in held.bounds
        for number, side in said.bounds
        if (number, 1 - side) not in said.bounds
    )


def force_differs(said: frozenset[str], asked: frozenset[str], held: frozenset[str]) -> bool:
    """Whether one permits, commands or forbids what the other does not."""
    if said == {"may"} and held and held <= {"must", "shall"} and not asked:
        return True
    if "must" in said and "may" not in said:
        weaker = ("may" in held or "advised" in held) and "must" not in held
        if weaker and "not" not in held:
            return True
    forbids, allows = "not" in said, bool({"may", "must"} & said)
    if forbids and not allows:
        return bool({"may", "must"} & held) and "not" not in held
    if allows and not forbids:
        return "not" in held and not {"may", "must"} & held
    return False


def _bound(folded: str, start: int, end: int) -> int | None:
    """0 where the number is given as a least, 1 as a most, None for neither."""
    before = folded[max(0, start - 40) : start]
    if _LEAST_AFTER.match(folded, end):
        return 0
    if _MOST_AFTER.match(folded, end):
        return 1
    before = re.split(r"[,，。;；:：!?\n]|\d", before)[-1]
    # '超过总数的 20%': what the number is a part of stands between.
    reduced = re.sub(rf"(?:总数|全部|总量|the total|all)[^\d]{{0,{_BOUND_GAP}}}$", "", before)
    for text in (before, reduced):
        if _MOST_BEFORE.search(text):
            return 1
        if _LEAST_BEFORE.search(text):
            return 0
    return None


def _unit(folded: str, start: int, end: int) -> tuple[str, int]:
    """The unit of the number, '' for none, and where it ends."""
    close = folded[max(0, start - 4) : start].rstrip()
    before = _BEFORE.search(close or " ")
    if before and before.end() == len(close):
        name = before.lastgroup or ""
        return ("%" if name == "percent" else name), end
    best, furthest = "", end
    for name, pattern in _UNIT.items():
        match = pattern.match(folded, end)
        if match and match.end() > furthest:
            best, furthest = name, match.end()
    return best, furthest
