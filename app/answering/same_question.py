"""Whether two questions ask the same, told by rule: what only looks alike is never taken for it.

Both must want the same kind of thing (who, when, how much, …) of the same words, with the same numbers,
bounds, opposites, force and tense. Words that only make a question of it do not count. Their order tells
who does what to whom: it may differ by one move only where a word says so, as between 'Who approves
it?' and 'By whom is it approved?'.
"""

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from snowballstemmer import stemmer

from app.answering.evidence.keys import Keys, keys
from app.errors import Language
from app.text.differing import differing
from app.text.language import HAN, detect_language
from app.text.marks import normalised

_WORD: Final = re.compile(rf"[a-z0-9]+(?:[.+#/-][a-z0-9]+)*|{HAN.pattern}")
_END: Final = "?!。. \t\n\r"

# What is asked for: the first that is found.
_WANTED: Final = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("why", r"\bwhy\b|为什么|为何|为啥|何故"),
        ("until", r"\b(?:until|till) (?:when|what time)\b|[到至](?:什么时候|何时|几点|哪天)"),
        ("since", r"\bsince (?:when|what time)\b|从(?:什么时候|何时|几点|哪天)"),
        ("when", r"\bwhen\b|\b(?:at )?what time\b|\bwhat (?:day|date)\b|什么时候|什么时间|何时|几点钟?|哪天|哪一天"),
        ("where", r"\bwhere\b|在?(?:哪里|哪儿|何处|什么地方)"),
        ("long", r"\bhow long\b|多久|多长时间"),
        ("often", r"\bhow often\b|多久一次|几次"),
        ("who", r"\bby whom\b|\bwho(?:m|se)?\b|由?谁来?|由?哪位"),
        ("many", r"\bhow many\b|几(?=个)|多少(?=个)"),
        ("much", r"\bhow much\b|多少|多大|几"),
        ("degree", r"\bhow (?=(?:old|heavy|high|tall|large|big|far|fast|deep|wide|warm|hot|cold|thick|strong)\b)|多(?=[重高宽深远快厚老热冷])"),
        ("how", r"\bhow (?:do|can|should|must) (?:i|we|you|one)\b|\bwhat (?:do|must|should) (?:i|we|you|one) do\b|\bhow\b|怎么|怎样|如何"),
        ("what", r"\bwhat(?:'s)?\b|\bwhich\b|什么|哪种|哪个|哪些|哪一[种个]|何种|啥"),
        ("yesno", r"[吗么]$|是不是|是否|能不能|可不可以|可否|能否|有没有|会不会|要不要"),
        ("yesno", r"^(?:is|are|was|were|do|does|did|can|could|may|might|must|shall|should|will|would|has|have|had)\b"),
    )
)  # fmt: skip
# A name that is spelt like a word that does not count: 'the US', 'the WHO'.
_CAPITALS: Final = re.compile(r"\b[A-Z]{2,}\b")
# No article: 'Is pump B larger than A?'
_LETTER: Final = re.compile(r"(?<=[\w,;:] )A\b")
# What may, must or must not be is compared by the keys.
_FRAME: Final = frozenset(
    """a an the of in on at for by with is are was were be been being do does did has have had get gets
    made make there it its this that these those they them i we you one my our your me please tell say
    give know want must should can could may might shall will would allow allowed permit permitted""".split()
)
_FRAME_ZH: Final = re.compile(
    r"请问|请告诉我|告诉我|我想知道|一下|采用|使用|可以|允许|能(?![力源量耗效])|有(?![效关限权色机])|[的地得]|是|为(?![期止])"
    r"|用(?![户途量电水])|了|呢|啊|呀|吧|把|在|来"
)
_PAST: Final = re.compile(r"\b(?:was|were|did|had)\b")
_FUTURE: Final = re.compile(r"\b(?:will|shall)\b|将")
# What turns the order of words round, and what may.
_BY: Final = re.compile(r"\bby (?!(?:when|what)\b)|被")
_TURNS: Final = re.compile(r"\b(?:of|be|been|is|are|was|were|for|in|on)\b|'s\b|[的由把对]")
# Number and tense turn nothing round.
_AS_ONE: Final = {"are": "is", "was": "is", "were": "is", "been": "be"}
_BEFORE: Final = frozenset("under for to from with about in on at by".split())
# These do not count as words; what one person does to another would then not be told by any order.
_DEED: Final = re.compile(
    r"\b(?:gives?|gets?|tells?|says?|makes?|made|gave|got|told|said)\b(?! (?:me|us)\b)|[给让]"
)
# 'It uses which pump?' and 'Which pump does it use?'
_OBJECT_LAST: Final = re.compile(r" (?:what|which) [\w-]+$")
_OBJECT_FIRST: Final = re.compile(r"^(?:what|which) [\w-]+ (?:do|does|did)\b")
_WITH: Final = re.compile(r"\bwith\b")
_WHOSE: Final = re.compile(r"\bwhose\b|谁的")
_EQUAL: Final = {
    "highest": "maximum", "max": "maximum", "lowest": "minimum", "min": "minimum", "license": "licence",
    "over": "above", "exceeding": "above", "photo": "photograph", "photos": "photographs",
}  # fmt: skip
_PHRASES: Final = (
    (re.compile(r"\bmore than\b"), "above"),
    (re.compile(r"(?<=\d),(?=\d{3}(?!\d))"), ""),
    (re.compile(r"\b(who|where|when|how)['’]s\b"), r"\1 is"),
    (re.compile(r"\b(do|does|can|must|should) one\b(?= [a-z])"), r"\1 i"),
    (re.compile(r"\b(allowed|permitted|have|has|needs?) to\b"), r"\1"),
    (re.compile(r"每一年|一年(?!之?[内后前])"), "每年"),
    (re.compile(r"(?<![不未])超过(\s*\d[\d.,]*\s*\S?)"), r"\1以上"),
    (re.compile(r"能不能|可不可以|可否|能否|是否能够?(?![力源量耗效])"), "是否可以"),
    (
        re.compile(
            r"(?<![不可只才功性智节技职产效机动电热势核氢风阳万潜官储赋])能够?(?![力源量耗效级手人])"
        ),
        "可以",
    ),
    # What is to be done within a time, and what something costs.
    (
        re.compile(
            r"(?:需要?|必须|要)(?=在\s*(?:几|多少|\d|[一二两三四五六七八九十]))|要(?=多少钱)"
        ),
        "",
    ),
    (re.compile(r"(?<!不)允许"), "可以"),
)


@dataclass(frozen=True)
class _Asked:
    """A question taken apart."""

    language: Language
    folded: str
    wanted: str
    keys: Keys
    tense: tuple[bool, bool]
    means: tuple[bool, bool]  # something is done with something; something is somebody's
    words: tuple[str, ...]


def same_question(one: str, other: str) -> bool:
    """Whether an answer to one answers the other. Errs on the side of no."""
    first, second = _taken_apart(one), _taken_apart(other)
    return (
        first.language == second.language
        and first.wanted == second.wanted
        and first.keys == second.keys
        and first.tense == second.tense
        and first.means == second.means
        and _ordered(first, second)
    )


# Every question is compared with the same ones; stemming them takes longer than comparing.
@lru_cache(4_096)
def _taken_apart(text: str) -> _Asked:
    folded = _folded(text)
    return _Asked(
        detect_language(text),
        folded,
        _wanted(folded),
        _keys(folded),
        _tense(folded),
        (bool(_WITH.search(folded)), bool(_WHOSE.search(folded))),
        tuple(_words(folded)),
    )


def _keys(folded: str) -> Keys:
    """Without what the kind of question makes idle: 'Who must approve it?' asks what 'Who approves it?'
    does, and 'How can it be reset?' what 'How is it reset?' does."""
    wanted, found = _wanted(folded), keys(folded)
    idle = {"may", "must", "advised"} if wanted == "how" else {"must"}
    return found if wanted == "yesno" else replace(found, force=found.force - idle)


def _folded(text: str) -> str:
    text = _LETTER.sub("letter-a", text)
    if re.search(r"[a-z]", text):
        text = _CAPITALS.sub(lambda word: _named(word[0]), text)
    folded = normalised("NFKC", text).casefold().strip().rstrip(_END)
    for pattern, instead in _PHRASES:
        folded = pattern.sub(instead, folded)
    return re.sub(r"\w+", lambda word: _EQUAL.get(word[0], word[0]), folded)


def _named(word: str) -> str:
    folded = word.casefold()
    idle = (
        folded in _FRAME
        or folded in ("us", "or", "if", "so", "no", "as")
        or any(found.fullmatch(folded) for _, found in _WANTED)
    )
    return f"name-{word}" if idle else word


def _wanted(folded: str) -> str:
    return next((name for name, found in _WANTED if found.search(folded)), "what")


def _tense(folded: str) -> tuple[bool, bool]:
    return bool(_PAST.search(folded)), bool(_FUTURE.search(folded))


def _words(folded: str) -> list[str]:
    rest = folded
    for _, found in _WANTED:
        rest = found.sub(" ", rest)
    frame = _FRAME
    if HAN.search(rest):
        rest, frame = _FRAME_ZH.sub(" ", rest), frozenset[str]()  # 'a' is a name there
    stem = stemmer("english").stemWord
    return [stem(found[0]) for found in _WORD.finditer(rest) if found[0] not in frame]


def _ordered(asked: _Asked, again: _Asked) -> bool:
    """Whether the order of their words lets both say the same."""
    one, other = asked.words, again.words
    first, second = asked.folded, again.folded
    if bool(_BY.search(first)) != bool(_BY.search(second)):
        return one != other and _moved(one, other)
    if one == other:
        return True
    if _DEED.search(first) or _DEED.search(second) or not _moved(one, other):
        return False
    # Who and what may stand before a deed or behind it; when, where and how much may not.
    return (
        (asked.language == "zh" and asked.wanted not in ("who", "what", "yesno"))
        or _turns(first) != _turns(second)
        or _object_moved(first, second)
        or _object_moved(second, first)
        or (one[0] in _BEFORE and one[0] == other[-1])
        or (other[0] in _BEFORE and other[0] == one[-1])
    )


def _turns(folded: str) -> list[str]:
    return sorted(_AS_ONE.get(word, word) for word in _TURNS.findall(folded))


def _object_moved(first: str, last: str) -> bool:
    return bool(_OBJECT_FIRST.search(first) and _OBJECT_LAST.search(last))


def _moved(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Equal once two neighbouring runs of words have changed places."""
    if sorted(one) != sorted(other):
        return False
    middle, wanted = differing(one, other)
    return any(middle[cut:] + middle[:cut] == wanted for cut in range(1, len(middle)))
