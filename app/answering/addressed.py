"""What a question names by its number or code: an article, a chapter, a version, a step, a row.

'第12条规定了什么？', 'What is new in 4.12?' and 'E137' ask for what stands at an address. The reader was
taught to find what answers a question, and such a question says nothing of what it wants to know; the
address itself tells where it stands, in whatever language the document is.

Over 350 lines: each kind of address is a name in the question and a place in the document, and the two are
told apart from the numbers that are none only side by side.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from app.answering.blocks import Document, Parts, Terms, telling_words
from app.answering.evidence.context import Sentence, prepare
from app.answering.evidence.keys import quantities
from app.answering.evidence.rules import names_row
from app.answering.evidence.units import Units, units
from app.index.protocol import Passage
from app.text.forms import numeral_value, with_digits
from app.text.language import detect_language

# What a numbered part is called. One may be called otherwise in the other language: an article is 条.
_CALLED: Final = {
    "article": r"articles?|art\.|clauses?|rules?|§",
    "section": r"sections?|sec\.|§",
    "chapter": r"chapters?",
    "paragraph": r"paragraphs?|para\.?",
    "part": r"parts?",
    "step": r"steps?",
    "appendix": r"appendix|appendices|annex(?:es)?|schedule|exhibit",
    "phase": r"phases?|stages?",
    "version": r"versions?|releases?|ver\.",
}
_HAN_CALLED: Final = {
    "条": "article",
    "节": "section",
    "章": "chapter",
    "款": "paragraph",
    "篇": "part",
    "编": "part",
    "步": "step",
    "部分": "part",
    "阶段": "phase",
    "步骤": "step",
    "条款": "article",
}
# No \w or \b beside these: a Han character is one, too ('升级到v2.13后').
_NUMBER: Final = r"\d{1,4}(?:\.\d{1,4}){0,3}"
_ENGLISH: Final = re.compile(
    rf"(?<![a-z])(?P<called>{'|'.join(_CALLED.values())})\s{{0,2}}(?:no\.?\s?)?(?P<number>{_NUMBER})(?![a-z0-9_%])(?!\.\d)",
    re.IGNORECASE,
)
# The longer first: 第3部分, 第3条款.
_HAN_NAMES: Final = "|".join(sorted(_HAN_CALLED, key=len, reverse=True))
_HAN: Final = re.compile(rf"第\s?(?P<number>\d{{1,4}})\s?个?(?P<called>{_HAN_NAMES})")
_HAN_BEFORE: Final = re.compile(
    rf"(?P<called>(?<![一大])部分|阶段|步骤|条款)\s?(?P<number>{_NUMBER})(?![\d%个种项类名位天年月]|\.\d)"
)
_ATTACHED: Final = re.compile(r"附[录件表]\s?(?P<number>\d{1,3}|[a-z](?![a-z0-9]))")
_LETTERED: Final = re.compile(
    r"(?<![a-z])(?:appendix|annex|exhibit)\s{0,2}(?P<number>[a-z])(?![a-z0-9])", re.IGNORECASE
)
# 'Article III', 'Part Two', 步骤三: brought to digits before anything else is looked for.
_ROMAN: Final = "i{1,3}|iv|vi{0,3}|ix|xi{0,3}|xiv|xvi{0,3}|xix|xx"
_WORDS: Final = {
    word: str(place)
    for place, words in enumerate(
        "one/first two/second three/third four/fourth five/fifth six/sixth seven/seventh eight/eighth nine/ninth ten/tenth eleven/eleventh twelve/twelfth".split(),
        1,
    )
    for word in words.split("/")
}
_IN_WORDS: Final = re.compile(
    rf"(?<![a-z])(?P<called>articles?|clauses?|sections?|chapters?|parts?|steps?|phases?|stages?|appendix|annex|schedule)\s+(?P<number>{_ROMAN}|{'|'.join(sorted(_WORDS, key=len, reverse=True))})(?![a-z0-9])",
    re.IGNORECASE,
)
_ORDINAL: Final = re.compile(
    rf"(?<![a-z])(?P<number>{'|'.join(w for w in _WORDS if w[-2:] in ('st', 'nd', 'rd', 'th'))})\s+(?P<called>article|clause|section|chapter|part|step|phase|stage)(?![a-z])"
)
_HAN_WORDS: Final = re.compile(
    r"(?P<called>附[录件表]|步骤|条款|阶段|(?<![一大])部分)\s?(?P<number>[一二三四五六七八九十]{1,3})(?![一二三四五六七八九十个种项类名位天年月条章节款])"
)
_VERSION: Final = re.compile(
    # 'DeepSeek-V4' is a name.
    rf"(?<![a-z0-9_-])v\s?\.?(?P<number>{_NUMBER})(?![a-z0-9_%]|\.\d)",
    re.IGNORECASE,
)
_DOTTED: Final = re.compile(
    r"(?<![\d.a-z-])v?\s?(?P<number>\d{1,4}(?:\.\d{1,4}){1,3})(?![\d%]|\.\d)"
)
# Before the number of a heading that is called nothing: '## 2.13', '7. Termination', '[4.2] – 2026-01-05'.
_BARE_HEADING: Final = re.compile(rf"[\s\[(#v]{{0,20}}(?P<number>{_NUMBER})(?![\w%])")
# Words that say only that the content of an address is asked for.
_SAYS_NOTHING: Final = re.compile(
    r"\b(?:says?|said|states?|stated|means?|meant|meaning|contents?|contains?|provides?|regulates?|reads?|text|laid|down|set|out|new|news|changed?|changes|added|adds?|bring|brings|brought|versions?|releases?|updates?|updated|errors?|faults?|codes?|alarms?|happens?|happened|wrong|handle|fix|entry|row|under|explain|describe|describes|quote|cite)\b"
    r"|规定|内容|说明|说了|说的|讲了|讲的|写了|写的|解释|介绍|含义|意思|代表|表示|是指|原文|具体|怎么[说写讲]|怎样[说写]|变化|变更|更新|改动|改了|新增|增加|版本|版|错误码|故障码|错误|故障|代码|报错|报警|处理|解决|出现|显示|说|讲|写|改|新|怎么办|咋办",
    re.IGNORECASE,
)
# Asks for the content, whatever stands before it: the document's name cannot be compared across languages.
_ASKS_CONTENT: Final = re.compile(
    r"(?:规定|说|写|讲|内容|新增|改|变化|更新|增加|意思|含义)(?:了|的|是|有|都|些){0,3}(?:什么|哪些|啥)(?:内容|变化|更新|意思)?[\s?？。]*$"
    r"|^\W*what (?:does|do|did) .{1,80} (?:say|state|provide|regulate|bring|mean|add|change|contain)[\s?.]*$"
    r"|^\W*what(?:'s| is) (?:in|inside|under) .{1,80}[\s?.]*$"
    r"|^\W*what(?:'s| is| was| has)? (?:laid down|set out|said|written|stated|new|changed) in .{1,80}$",
)
# Says besides what of the content is meant.
_ASKS_OF: Final = re.compile(r"对|关于|\b(?:about|on|regarding|concerning|for)\b")
# What a row of codes tells, whatever the code is shown by.
_ASKS_ROW: Final = re.compile(
    r"(?:怎么|如何|怎样|咋)(?:办|处理|解决|排除|消除)|什么(?:意思|故障|问题|错误|原因|含义)"
    r"|\bwhat (?:should|do|must|can|shall) (?:i|we|you|one) do\b|\bwhat to do\b|\bwhat (?:does|do) .{1,60} mean\b|\bhow (?:do|can|should) (?:i|we|you) (?:fix|solve|clear|handle|deal|react)\b|\bwhat is wrong\b"
)
# Says that a code is one by which something is reported, not a size, a quarter or a model.
_OF_CODES: Final = re.compile(
    r"\b(?:codes?|errors?|faults?|alarms?|warnings?|messages?|failures?)\b|代码|错误|故障|报错|报警|告警|警报|状态码",
    re.IGNORECASE,
)
# A code and the mark behind it: 'E137: …', 'E137 – …', 'E137（…）'.
_SET_OFF: Final = re.compile(
    r"\A\W{0,3}[\w-]{1,30}(?:[ _-]?\d[\w-]{0,20})?[`*_\"”]{0,3}\s{0,3}"
    r"(?:[:：=|—–(（]|-\s|(?:means|indicates|signals|stands for|表示|代表|是指|指的是))"
)
# Passages that are searched for what stands at an address, and sentences shown of it, at most.
_LOOKED: Final = 24
_MOST: Final = 40
_DOCUMENTS: Final = 3
# Passages into which what stands at an address may go on.
_GOES_ON: Final = 4


@dataclass(frozen=True)
class Address:
    """`called`: what the part may be called, empty where only its number is given; `number`: '12', '2.13'."""

    called: frozenset[str]
    number: str

    def meets(self, other: "Address") -> bool:
        """Whether both may mean one part; a bare number meets any that is called something."""
        same = not self.called or not other.called or bool(self.called & other.called)
        return self.number == other.number and same


@dataclass(frozen=True)
class Addressed:
    """`parts`: the sentences of each passage that stand at the address, in order. `whole`: nothing but
    them is asked for. `covered`: the share of what else the question names, [0, 1], that stands there or
    above; 1 where it names nothing else."""

    parts: Parts
    whole: bool
    covered: float
    row: bool = False  # rows of a table, found by a code
    wanted: tuple[Address, ...] = ()

    def rules(self, passage: Passage) -> bool:
        """Whether this is all that the passage says at the address: of a code, its passage; of a numbered part,
        its document."""
        if self.row or passage.id in self.passages:
            return passage.id in self.passages
        if not self.whole and any(
            address.meets(each) for address in self.wanted for each in addresses(passage.text)
        ):
            return False  # it speaks of the part: 'If step 3 fails, …'
        return any(passage.document_id == own.document_id for own, _ in self.parts)

    @property
    def passages(self) -> frozenset[str]:
        return frozenset(passage.id for passage, _ in self.parts)


def addresses(text: str) -> tuple[Address, ...]:
    """The numbered parts that a text names, in order."""
    return tuple(address for address, _, _ in _addresses(_plain(text)))


def without_known(text: str, passages: Sequence[Passage]) -> str:
    """A text without the numbered parts that it names and one of the passages has: what is called Article 12
    in a question may be 第十二条 there."""
    held = [_plain(" \n ".join((p.title, *p.section, p.text))) for p in passages]
    text = _IN_WORDS.sub(_digits, text)
    for pattern in (_ENGLISH, _HAN, _HAN_BEFORE, _ATTACHED, _LETTERED, _VERSION):
        for match in reversed(list(pattern.finditer(text))):
            number = _plain(match["number"])
            if any(_holds(plain, number) for plain in held):
                text = f"{text[: match.start()]} {text[match.end() :]}"
    return text


def addressed(
    question: str, passages: Sequence[Passage], document: Document, terms: Terms
) -> Addressed | None:
    """What stands at the address that a question names, among `passages`, best first, and the rest of their
    documents; None where it names none, or nothing stands there."""
    plain = _plain(question)
    wanted = [address for address, _, _ in _addresses(plain)]
    codes = _codes(units(question))
    if not wanted and not codes:
        return None
    rest = _rest(plain, codes, terms)
    found: dict[str, list[tuple[Passage, tuple[Sentence, ...]]]] = {}
    for passage in passages[:_LOOKED]:
        if passage.document_id in found:
            continue
        near = [p for p in passages[:_LOOKED] if p.document_id == passage.document_id]
        if not any(_may_hold(p, wanted, codes) for p in near):
            continue
        parts = _at(question, wanted, codes, rest, document(passage) if wanted else near)
        if parts:
            found[passage.document_id] = parts
    if not found:
        return None
    meant = _meant(found, rest, terms)
    parts = [part for each in meant[:_DOCUMENTS] for part in found[each]]
    left = rest
    for passage, sentences in parts:
        left = left - _above(passage, sentences, terms)
    body = frozenset(t for _, ss in parts for s in ss for t in terms(s.text))
    covered = 1.0 - len(left - body) / len(rest) if rest else 1.0
    crossed = all(passage.language != detect_language(question) for passage, _ in parts)
    of_content = _ASKS_CONTENT.search(plain) and not _ASKS_OF.search(plain)
    above = " ".join(
        text for p, ss in parts for text in (p.title, *p.section, *(s.around.text for s in ss))
    )
    of_row = not wanted and _ASKS_ROW.search(plain) and _OF_CODES.search(f"{plain} {above}")
    whole = not left or bool(of_row or (crossed and of_content))
    return Addressed(_limited(parts), whole, covered, not wanted, tuple(wanted))


def is_elsewhere(question: str, passages: Sequence[Passage], terms: Terms) -> bool:
    """Whether a question asks for a numbered part and nothing else, and no passage has or names it."""
    plain = _plain(question)
    wanted = [address for address, _, _ in _addresses(plain)]
    if not wanted or _rest(plain, frozenset(), terms):
        return False
    told = [each for passage in passages for each in _told(passage)]
    # That a number is missing tells something only where parts of this kind are numbered.
    read = any(
        address.called & each.called or ("." in address.number and "." in each.number)
        for address in wanted
        for each in told
    )
    return read and not any(address.meets(each) for address in wanted for each in told)


def _told(passage: Passage) -> tuple[Address, ...]:
    """The addresses that the passage speaks of, or that one of its lines begins with."""
    lines = [*passage.section, *(part for place in passage.places for part in place.section)]
    lines += passage.text.splitlines()
    begin = (_begins(line) for line in lines if line.strip())
    return (*addresses(" \n ".join(lines)), *(each for each in begin if each is not None))


def _holds(plain: str, number: str) -> bool:
    return re.search(rf"(?<![\d.]){re.escape(number)}(?!\d|\.\d)", plain) is not None


def _plain(text: str) -> str:
    plain = with_digits(_HAN_WORDS.sub(_digits, unicodedata.normalize("NFKC", text))).casefold()
    return _ORDINAL.sub(_turned, _IN_WORDS.sub(_digits, plain))


def _digits(match: re.Match[str]) -> str:
    number = match["number"]
    lower = number.casefold()
    value = _WORDS.get(lower) or str(_roman(lower) if lower.isascii() else numeral_value(number))
    return (
        f"{match['called']} {value}" if match["called"].isascii() else f"{match['called']}{value}"
    )


def _turned(match: re.Match[str]) -> str:
    return f"{match['called']} {_WORDS[match['number']]}"


def _roman(number: str) -> int:
    values = [{"i": 1, "v": 5, "x": 10}[letter] for letter in number]
    behind = [*values[1:], 0]
    return sum(-one if one < other else one for one, other in zip(values, behind, strict=True))


def _addresses(plain: str) -> list[tuple[Address, int, int]]:
    """The addresses of a text in the form of `_plain`, each with its place."""
    found: list[tuple[Address, int, int]] = []
    for match in _ENGLISH.finditer(plain):
        called = frozenset(
            name for name, words in _CALLED.items() if re.fullmatch(words, match["called"])
        )
        found.append((Address(called, match["number"]), match.start(), match.end()))
    for match in _HAN.finditer(plain):
        number = str(int(match["number"]))
        found.append(
            (
                Address(frozenset({_HAN_CALLED[match["called"]]}), number),
                match.start(),
                match.end(),
            )
        )
    for match in _HAN_BEFORE.finditer(plain):
        called = frozenset({_HAN_CALLED[match["called"]]})
        found.append((Address(called, match["number"]), match.start(), match.end()))
    for pattern in (_ATTACHED, _LETTERED):
        for match in pattern.finditer(plain):
            address = Address(frozenset({"appendix"}), match["number"])
            found.append((address, match.start(), match.end()))
    measured = {start for _, unit, start, _ in quantities(plain) if unit}
    for match in _DOTTED.finditer(plain):
        place = match.start("number")
        if place in measured or any(start <= place < end for _, start, end in found):
            continue
        found.append((Address(frozenset(), match["number"]), match.start(), match.end()))
    return sorted(found, key=lambda each: each[1])


def _begins(line: str) -> Address | None:
    """The address that a line begins with."""
    plain = _plain(line).lstrip("#*-—–•[(（【「 \t")
    for address, start, _ in _addresses(plain):
        if start == 0:
            return address
        break
    bare = _BARE_HEADING.match(plain)
    return Address(frozenset(), bare["number"]) if bare else None


def _codes(of: Units) -> frozenset[tuple[str, ...]]:
    """The identifiers that hold letters and digits, versions excepted."""
    return frozenset(
        code
        for code in of.codes
        if any(p[0].isdigit() for p in code)
        and any(p[0].isalpha() for p in code)
        and code[0] != "v"
    )


def _may_hold(
    passage: Passage, wanted: Sequence[Address], codes: frozenset[tuple[str, ...]]
) -> bool:
    of_places = (part for place in passage.places for part in place.section)
    plain = _plain(" \n ".join((*passage.section, *of_places, passage.text)))
    bare = re.sub(r"[\s_-]", "", plain)
    return any(_holds(plain, address.number) for address in wanted) or any(
        "".join(code) in bare for code in codes
    )


def _at(
    question: str,
    wanted: Sequence[Address],
    codes: frozenset[tuple[str, ...]],
    rest: frozenset[str],
    passages: Sequence[Passage],
) -> list[tuple[Passage, tuple[Sentence, ...]]]:
    """What of one document stands at an address: rows that begin with a code, what stands under a heading
    that begins with the address, a paragraph or item that does, with all of its line. A code in the
    document's title is what all of it is about, and no address of the `rest` that is asked."""
    # Cutting a passage takes milliseconds, and a document may have thousands.
    holds = [_may_hold(passage, wanted, codes) for passage in passages]
    kept = [n for n in range(len(passages)) if any(holds[max(0, n - _GOES_ON) : n + 1])]
    passages = [passages[n] for n in kept]
    material = prepare(passages)
    found: list[tuple[Passage, tuple[Sentence, ...]]] = []
    open_: Address | None = None
    for place, passage in enumerate(passages):
        held: list[Sentence] = []
        line: int | None = None  # that begins with a code
        if place and kept[place] != kept[place - 1] + 1:
            open_ = None
        for sentence in material.sentences[place]:
            path = _path(passage, sentence)
            under = any(
                _is_at(heading, wanted, frozenset() if rest and heading == passage.title else codes)
                for heading in path
            )
            begins = _begins(sentence.text) if wanted and sentence.role != "row" else None
            if sentence.role == "heading" or (begins and open_ and _alike(begins, open_)):
                open_ = None
            if begins and _is_of(begins, sentence, wanted):
                open_ = begins
            if not sentence.quotable:
                continue
            row = sentence.role == "row" and bool(codes) and names_row(question, sentence)
            if sentence.role != "row" and _begins_with(sentence, codes):
                line = sentence.line
            if under or row or sentence.line == line or open_ is not None:
                held.append(sentence)
        if held:
            found.append((passage, tuple(held)))
    rows = [
        (passage, tuple(s for s in sentences if s.role == "row"))
        for passage, sentences in found
        if any(s.role == "row" for s in sentences)
    ]
    return rows if codes and rows else found


def _alike(one: Address, other: Address) -> bool:
    return one.called == other.called and ("." in one.number) == ("." in other.number)


def _is_of(begins: Address, sentence: Sentence, wanted: Sequence[Address]) -> bool:
    """Whether a paragraph or item that begins so is what is wanted; the number of a list is no address,
    but for a step."""
    listed = not begins.called and "." not in begins.number
    return sentence.quotable and any(
        address.meets(begins)
        and (not listed or (sentence.role == "item" and "step" in address.called))
        for address in wanted
    )


def _path(passage: Passage, sentence: Sentence) -> Iterator[str]:
    place = passage.place_of(passage.start + sentence.start, passage.start + sentence.end)
    yield from place.section
    # A question that a document puts is about what it names, and heads no part of that name.
    if sentence.heading and not sentence.heading.rstrip(" *_").endswith(("?", "？")):
        yield sentence.heading


def _is_at(heading: str, wanted: Sequence[Address], codes: frozenset[tuple[str, ...]]) -> bool:
    if codes and any(units(heading).has_run(code) for code in codes):
        return True
    begins = _begins(heading) if wanted else None
    return begins is not None and any(address.meets(begins) for address in wanted)


def _begins_with(sentence: Sentence, codes: frozenset[tuple[str, ...]]) -> bool:
    """Whether it is about a code that it begins with: as an item, or where the code is set off by a mark. In
    prose that goes on, 'X20 comes in two colours', it is a name."""
    pieces = units(sentence.body).pieces
    if not any(pieces[: len(code)] == code for code in codes):
        return False
    return sentence.role == "item" or _SET_OFF.match(sentence.body) is not None


def _rest(plain: str, codes: frozenset[tuple[str, ...]], terms: Terms) -> frozenset[str]:
    """The words of a question besides its address and those that only ask."""
    left = plain
    for _, start, end in reversed(_addresses(plain)):
        left = f"{left[:start]} {left[end:]}"
    for code in codes:
        spread = r"[\s_-]?".join(map(re.escape, "".join(code)))
        left = re.sub(spread, " ", left)
    return telling_words(_SAYS_NOTHING.sub(" ", left), terms)


def _meant(
    found: dict[str, list[tuple[Passage, tuple[Sentence, ...]]]],
    rest: frozenset[str],
    terms: Terms,
) -> list[str]:
    """The documents whose titles and headings hold the most of what else is named."""
    if len(found) == 1:
        return list(found)
    share = {
        identifier: len(rest & frozenset(t for p, ss in parts for t in _above(p, ss, terms)))
        for identifier, parts in found.items()
    }
    most = max(share.values())
    return [identifier for identifier in found if share[identifier] == most]


def _above(passage: Passage, sentences: Sequence[Sentence], terms: Terms) -> frozenset[str]:
    """The words of what the sentences stand under."""
    text = " . ".join((passage.title, *passage.section, *(s.around.text for s in sentences)))
    return frozenset(terms(text))


def _limited(
    parts: Sequence[tuple[Passage, tuple[Sentence, ...]]],
) -> Parts:
    left = _MOST
    kept: list[tuple[Passage, tuple[Sentence, ...]]] = []
    for passage, sentences in parts:
        if left > 0:
            kept.append((passage, sentences[:left]))
            left -= len(sentences)
    return tuple(kept)
