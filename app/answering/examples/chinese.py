"""Questions from Chinese text.

A statement of a quantity becomes a question by putting 多少 in its place: '密钥每 90 天轮换一次'
is answered by the sentence that '密钥每多少天轮换一次？' was made from. Headings that ask are taken
as they are.
"""

import re
from collections.abc import Iterator
from typing import Final

_MEASURES: Final = (
    r"个工作日|个百分点|个|天|年|周|分钟|秒|小时|份|次|种|条|台|张|层|倍|人|元|美元|欧元|词元|字符|"
    r"比特|字节|维|页|段|GB|MB|KB|TB"
)
_SENTENCE: Final = re.compile(
    r"(?:^|(?<=[。！？\n]))[^\S\n]{0,16}(?:[-•*]\s*|\d+[.、]\s*)?([^。！？\n|]+)[。；\n]"
)
_CLAUSE: Final = re.compile(r"[，；：]")
_QUANTITY: Final = re.compile(
    rf"(?:大约|约|近|超过|只有|仅|达到)?\s{{0,4}}(?<![\w.:\-])\d[\d,.]*\s*(?:[万亿千百]\s*)?(?:(%)|({_MEASURES})(?![A-Za-z]))"
)
_NUMBER: Final = re.compile(r"\d")
# What points outside the clause, or says nothing by itself.
_DEPENDENT: Final = re.compile(
    r"^(?:它|他|她|这|那|其|此|该|因此|所以|但|而|如果|若|例如|比如|并|也|还|则|即|其中|估算|同时|又|再|先|后来|任何|补充|补救|为了|由于|随着)"
    r"|[“”《》（）()、]|之[前后]|不少于|不超过|我们|前者|后者|上述|以下"
)
_HEADING: Final = re.compile(
    r"(?m)^(?:#+\s*|[一二三四五六七八九十]+、|\d+[.、]\s*)?"
    r"([^，。；：！？\n|]{1,20}?(?:怎么|如何|为什么|何时|什么|哪些|怎样)[^，。；：！？\n|]{0,12})[？]?$"
)
_SHORTEST, _LONGEST = 8, 30  # characters of a clause that can stand alone


def chinese_questions(text: str) -> Iterator[str]:
    """The best first."""
    yield from _of_quantities(text)
    for found in _HEADING.finditer(text):
        if len(found[1]) >= 5 and not _DEPENDENT.search(found[1]):
            yield found[1].strip() + "？"


def _of_quantities(text: str) -> Iterator[str]:
    for sentence in _SENTENCE.finditer(text):
        clause = _CLAUSE.split(sentence[1], maxsplit=1)[0].strip()
        found = list(_QUANTITY.finditer(clause))
        if (
            len(found) != 1
            or not _SHORTEST <= len(clause) <= _LONGEST
            or _DEPENDENT.search(clause)
            or found[0].start() < 3
        ):
            continue
        before, after = clause[: found[0].start()].rstrip(), clause[found[0].end() :].lstrip()
        if _NUMBER.search(after) or (found[0][1] and after):
            continue
        yield f"{before}多少{found[0][2] or ''}{after}？"
