"""One word put in another's place: a statement that copies a clause but for a name, an opposite or a unit.

Such a statement shares nearly all of its words with the clause, and says another thing. So each of its clauses
is laid over the clause that is most like it, and what stands in the place of something else is looked at: a
name for a name, 下 for 上, 'week' for 'day', or what the sentences say of something else. Another word for
the same thing is let pass; whether it is one the other rules and the reader decide.

Over 350 lines: half of them are the lists.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import combinations
from typing import Final

from app.answering.evidence.clauses import clauses, joined
from app.answering.evidence.context import Sentence
from app.answering.evidence.keys import keys
from app.answering.evidence.units import fold, is_content, stem
from app.text.language import HAN

# Share of a clause's tokens that must stand in the other, in order, for the two to be laid over each other.
_ALIKE: Final = 0.6
_FEWEST: Final = 3
# Tokens of what is put in another's place, at most.
_MOST: Final = 6
_TOKEN: Final = re.compile(rf"\d+(?:[.,]\d+)*|[A-Za-zÀ-ɏ]+(?:['’-][A-Za-zÀ-ɏ]+)*|{HAN.pattern}")

# What cannot be two of one list at once; members parted by '/' mean the same.
_LISTS: Final = """
second/sec minute/min hour day/night week fortnight month quarter year
daily/nightly weekly monthly quarterly yearly/annual/annually hourly
metre/meter kilometre/kilometer mile foot/feet inch yard
gram kilogram tonne/ton pound/lb
litre/liter gallon millilitre
all/every half none third quarter some
only either/both neither
must/shall should/recommended may/can/optional
before/prior after/once
first second third fourth fifth last/final
red yellow/amber green blue white black grey/gray orange purple
north south east west
left right
upper lower
inside outside
hundred thousand million billion trillion
above/over below/under
internal external
秒 分/分钟 时/小时 天/日 周/星期 月 季 年
前 后/後
上 下
内 外
左 右
东 南 西 北
高 低
多 少
大 小
长 短
快 慢
早 晚
新 旧
男 女
红 黄 绿 蓝 白 黑 灰 橙 紫
百 千 万 亿
甲 乙 丙 丁
至少 最多/至多
必须/务必/须 可以/可 建议
开/启 关/停
入 出
买 卖
收 付
增 减
升 降
半 一 二/两 三 四 五 六 七 八 九 十
延长 缩短
提前 推迟
增加/提高 减少/降低
同意 反对
批准 驳回
通过 否决
允许 禁止
进口 出口
出租 承租
甲方 乙方
买方 卖方
白天 夜间
approved/accepted rejected/refused
proposed/supported opposed
bought/buys/buy sold/sells/sell
extended/extends shortened/shortens
imports/imported exports/exported
includes/included excludes/excluded
lends/lent borrows/borrowed
landlord/lessor tenant/lessee
buyer/purchaser seller/vendor
employer employee
start/begin/beginning end
"""


def _kind(line: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, members in enumerate(line.split()):
        for word in members.split("/"):
            found |= {word: place, stem(word): place}
    return found


_KINDS: Final[tuple[dict[str, int], ...]] = tuple(map(_kind, _LISTS.strip().splitlines()))

# The commonest names of families; those that begin many other words stand in the second list and count
# only where a title or the like stands before.
_FAMILY: Final = frozenset(
    "王李张刘陈杨赵吴徐孙朱胡郭何罗宋郑谢韩唐冯董萧曹袁邓许傅沈吕苏卢蒋蔡贾丁魏薛叶阎潘杜戴钟汪姜范姚谭廖邹熊郝崔邱秦侯邵孟龚贺赖尹钱黎乔庞樊殷翁倪严牛俞颜葛伍覃梅鲁岳齐耿聂焦柴祝阮欧纪霍翟詹柯莫卓"
)
_FAMILY_ALSO: Final = _FAMILY | frozenset(
    "高林黄马周余程江于任方石康毛白文金夏田史龙段雷武温施陶洪章童洛古常安关倪凌盛华平路申单柳尚成向明时应黎甘"
)
_TITLED: Final = re.compile(
    r"(?:主任|经理|总监|主管|专员|助理|[组班队科处局厂校院会部店所站行船机]长|代表|[员师]|师傅|老师|教授|博士|医生|护士|先生|女士|同事|秘书|书记|总裁|负责人|联系人|主持人|部|由|经|请|找|与|和|是|为|人|：|:)\Z"
)
_PERSON: Final = re.compile(
    rf"(?:主任|经理|总监|主管|专员|助理|[组班队科处局厂校院会部店所站]长|代表[为是]|(?:安全|管理|技术|质检|保管|记录|操作|采购|维修|检验)员|教授|博士|律师|秘书|书记|总裁)([{''.join(sorted(_FAMILY))}][一-鿿])"
)
# Begin as names of persons do, and are none.
_NO_PERSON: Final = frozenset(
    "陈述 张贴 何时 何种 何处 何人 何地 许可 许多 谢绝 罗列 钱款 严格 严禁 严重 欧元 欧盟 毕业 齐全 焦点 孙子 贺信 莫非 江苏 梅雨 牛奶".split()
)
# What names of one kind end with.
_SUFFIX: Final = re.compile(
    r"部|局|处|科|组|队|厂|店|院|校|市|省|县|区|镇|村|路|街|座|楼|馆|库|站|港|室|班|方|国|州|公司|集团|银行|大学|医院|委员会|中心|车间|分行|支行|型"
)
_PLACES: Final = frozenset(
    """北京 上海 天津 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 四川 贵州 云南 陕西 甘肃 青海 台湾
    内蒙古 广西 西藏 宁夏 新疆 香港 澳门 广州 深圳 杭州 南京 苏州 武汉 成都 西安 青岛 大连 宁波 厦门 长沙 郑州 沈阳 哈尔滨 济南 合肥 福州 昆明 南昌
    无锡 东莞 佛山 石家庄 太原 长春 南宁 贵阳 兰州 海口 银川 西宁 拉萨 珠海 温州 常州 徐州 烟台 中国 美国 日本 韩国 英国 法国 德国 俄罗斯 印度 巴西 加拿大
    澳大利亚 意大利 西班牙 荷兰 瑞士 瑞典 新加坡 泰国 越南 马来西亚 柏林 巴黎 伦敦 东京 纽约 首尔""".split()
)
_NUMERAL: Final = re.compile(
    r"\d+|[一二两三四五六七八九十半]|two|three|four|five|six|seven|eight|nine|ten|second|third|other"
)
_POINTS: Final = frozenset("它其该此这他她")
_AND: Final = frozenset("和 与 跟 同 及 或 and or".split())
_ONE: Final = ("1", "一")
_ENDS_AS_NAME: Final = re.compile(r"[A-Z][A-Za-z]{0,40}\d{1,20}\Z")
# Has a name in front, and is none: 'The', 'Each' begin a sentence.
_NO_NAME: Final = frozenset(
    "the a an this that these those each every all any some no only both either neither it its they their we our you your he she his her if when while as for in on at by to of and or but not".split()
)


@dataclass(frozen=True)
class _Token:
    text: str  # as it stands
    key: str  # what is compared


@dataclass(frozen=True)
class _Put:
    """`own` stands in the statement where the clause has `other`; `before` and `after` are what both have."""

    own: tuple[_Token, ...]
    other: tuple[_Token, ...]
    before: tuple[_Token, ...]
    after: tuple[_Token, ...]
    place: int  # of `own` in the statement's clause


def another_put(
    claim: str, chosen: Sequence[Sentence], names: frozenset[str], passage: str = ""
) -> bool:
    """Whether the statement is a copy of a clause of the sentences in which something else was put in the place
    of a name, a unit, or one of two opposites. `names`: stems of what is written as a name anywhere;
    `passage`: the text that the sentences stand in."""
    prose = [s for s in chosen if s.role != "row"]
    single = [_tokens(clause.text) for s in prose for clause in clauses(s.body)]
    single = [tokens for tokens in single if tokens]
    pairs = [
        _tokens(clause.text) for s in prose for clause in joined(s.body)[len(clauses(s.body)) :]
    ]
    for clause in clauses(claim):
        own = _tokens(clause.text)
        if len(own) < _FEWEST:
            continue
        laid = [(_laid(own, other), other) for other in single]
        alike = max((share for (share, _), _ in laid), default=0.0)
        elsewhere: Sequence[tuple[_Token, ...]] = single
        if alike < _ALIKE:
            # It says what two clauses that follow each other say.
            laid = [(_laid(own, other), other) for other in pairs]
            alike = max((share for (share, _), _ in laid), default=0.0)
            elsewhere = ()
        if alike < _ALIKE:
            continue
        best = [
            (_without_exchanges(puts, own), other)
            for (share, puts), other in laid
            if share >= alike - 1e-9
        ]
        if all(
            any(_is_other(put, other, elsewhere, names, passage) for put in puts)
            for puts, other in best
        ):
            return True
    return False


def another_titled(claim: str, evidence: str) -> bool:
    """Whether the statement gives a person with his title whom the evidence does not name: 副主任王晓梅."""
    held = fold(evidence)
    return any(
        match[1] not in held and match[1] not in _NO_PERSON
        for match in _PERSON.finditer(fold(claim))
    )


@lru_cache(maxsize=8_192)
def _tokens(text: str) -> tuple[_Token, ...]:
    cased = fold(text, lower=False)
    return tuple(_token(match.group()) for match in _TOKEN.finditer(cased))


def _token(text: str) -> _Token:
    lower = text.casefold()
    if lower.isascii() and lower.isalpha():
        return _Token(text, stem(lower))
    return _Token(text, lower.replace(",", ""))


@lru_cache(maxsize=16_384)
def _laid(own: tuple[_Token, ...], other: tuple[_Token, ...]) -> tuple[float, tuple[_Put, ...]]:
    """The share of `own` that stands in `other` in order, and what stands there instead of the rest."""
    a, b = [token.key for token in own], [token.key for token in other]
    if len(set(a) & set(b)) < _ALIKE * len(set(a)) * 0.8:
        return 0.0, ()
    puts: list[_Put] = []
    same = 0
    for tag, i, j, k, m in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag == "equal":
            same += j - i
        elif j - i <= _MOST and m - k <= _MOST:
            puts.append(_Put(own[i:j], other[k:m], own[max(0, i - 5) : i], own[j : j + 3], i))
    return same / len(a), tuple(puts)


def _without_exchanges(puts: Sequence[_Put], clause: Sequence[_Token]) -> tuple[_Put, ...]:
    """Without those that change places around an 'and': 甲方和乙方 are 乙方和甲方."""
    found: set[int] = set()
    for one, other in combinations(puts, 2):
        crossed = _keys(one.own) == _keys(other.other) and _keys(one.other) == _keys(other.own)
        between = {token.key for token in clause[one.place + len(one.own) : other.place]}
        if crossed and between & _AND:
            found |= {one.place, other.place}
    return tuple(put for put in puts if put.place not in found)


def _keys(tokens: Sequence[_Token]) -> tuple[str, ...]:
    return tuple(token.key for token in tokens)


def _is_other(
    put: _Put,
    clause: tuple[_Token, ...],
    held: Sequence[tuple[_Token, ...]],
    names: frozenset[str],
    passage: str,
) -> bool:
    """Whether what was put there means something else than what it replaces."""
    if not put.own or not put.other:
        return _another_frequency(put) or _shorter_name(put, passage)
    said, there = _amounts(put.own), _amounts(put.other)
    if said and said == there:
        return False
    return (
        _two_of_a_kind(put)
        or _two_names(put, names)
        or _two_han_names(put)
        or _taken_from_elsewhere(put, clause, held)
    )


def _amounts(tokens: Sequence[_Token]) -> frozenset[tuple[str, Decimal]]:
    text = "".join(token.text if HAN.match(token.text) else f" {token.text} " for token in tokens)
    return keys(text).amounts


def _another_frequency(put: _Put) -> bool:
    """'every 6 months' for 'every month', 每两年 for 每年."""
    between = [token.key for token in (put.own or put.other)]
    often = put.before[-1:] and put.before[-1].key in ("每", "everi")
    return bool(often) and all(_NUMERAL.fullmatch(key) and key not in _ONE for key in between)


def _shorter_name(put: _Put, passage: str) -> bool:
    """'K2' for 'K2 Pro', where the passage tells of K2, too."""
    rest = "".join(token.text for token in put.other)
    name = _ENDS_AS_NAME.search("".join(token.text for token in put.before))
    if put.own or not name or not (rest.isascii() and rest.isalpha() and rest[0].isupper()):
        return False
    spread = r"\s?".join(map(re.escape, name.group()))
    return bool(
        re.search(rf"(?<![A-Za-z0-9]){spread}(?!\s?{rest}|[A-Za-z0-9.])", passage)
        and re.search(rf"(?<![A-Za-z0-9]){spread}\s?{rest}(?![A-Za-z0-9])", passage)
    )


def _two_of_a_kind(put: _Put) -> bool:
    own, other = set(_words(put.own)), set(_words(put.other))
    for kind in _KINDS:
        said = {kind[word] for word in own if word in kind}
        held = {kind[word] for word in other if word in kind}
        if said and held and not said & held:
            return True
    return False


def _words(tokens: Sequence[_Token]) -> Iterator[str]:
    """The words of Latin tokens and their stems; of Han the characters, and each two."""
    for place, token in enumerate(tokens):
        yield token.text.casefold()
        yield token.key
        if place and HAN.match(token.text):
            yield tokens[place - 1].text + token.text


def _two_names(put: _Put, names: frozenset[str]) -> bool:
    """'Norvik Data' for 'Halden Foods'."""
    return all(_is_name(tokens, names) for tokens in (put.own, put.other)) and not (
        {token.key for token in put.own} & {token.key for token in put.other}
    )


def _is_name(tokens: Sequence[_Token], names: frozenset[str]) -> bool:
    said = [t for t in tokens if is_content(t.text.casefold()) and t.text[0].isascii()]
    if not said or any(HAN.match(token.text) for token in tokens):
        return False
    capital = [t for t in said if t.text[0].isupper() and t.text.casefold() not in _NO_NAME]
    return len(capital) == len(said) and (len(said) > 1 or said[0].key in names)


def _two_han_names(put: _Put) -> bool:
    """李四 for 张三, 郑楷 for 郑凯, 财务部 for 行政部, 北京 for 上海."""
    own, other = ("".join(t.text for t in tokens) for tokens in (put.own, put.other))
    if not (_all_han(own) and _all_han(other)) or max(len(own), len(other)) > 4:
        return False
    before, after = ("".join(t.text for t in tokens) for tokens in (put.before, put.after))
    if own in _PLACES and other in _PLACES:
        return True
    suffix = _SUFFIX.match(after)
    if suffix and min(len(own), len(other)) >= 1 and (own[-1] != other[-1]):
        return True
    last = [
        match.group() for text in (own, other) if (match := _SUFFIX.search(text, len(text) - 1))
    ]
    if len(last) == 2 and last[0] == last[1] and min(len(own), len(other)) > 1:
        return True
    # A part of a name: what stands before it in both begins the name.
    for back in range(0, 3):
        if back > len(before):
            break
        head, rest = before[len(before) - back :], before[: len(before) - back]
        ones = [head + own, head + other]
        if not all(2 <= len(one) <= 3 or (len(one) == 1 and after) for one in ones):
            continue
        titled = bool(_TITLED.search(rest))
        known = _FAMILY_ALSO if titled else _FAMILY
        if (titled or not rest) and all(one[0] in known for one in ones):
            return True
    return False


def _all_han(text: str) -> bool:
    return bool(text) and all(HAN.match(character) for character in text)


def _taken_from_elsewhere(
    put: _Put, clause: tuple[_Token, ...], held: Sequence[tuple[_Token, ...]]
) -> bool:
    """Whether what was put there is what another clause says, of something else."""
    own = [token.key for token in put.own]
    telling = [t for t in put.own if HAN.match(t.text) or is_content(t.text.casefold())]
    if not telling or (len(telling) < 2 and HAN.match(telling[0].text)):
        return False
    if not any(HAN.match(t.text) or is_content(t.text.casefold()) for t in put.other):
        return False
    if any(t.text in _POINTS for t in put.other):
        return False  # it may mean what was put there
    for other in held:
        if other == clause:
            continue
        keys = [token.key for token in other]
        place = next((n for n in range(len(keys)) if keys[n : n + len(own)] == own), None)
        if place is None:
            continue
        begins = place == 0 and bool(put.before)  # 'a bonus' of 'gets leave and a bonus'
        rest = other[:place] + other[place + len(own) :]
        says = [t for t in rest if HAN.match(t.text) or is_content(t.text.casefold())]
        if not begins and len(says) >= 2:
            return True
    return False
