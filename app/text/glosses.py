"""What the words of a question may be in the other language, from a dictionary.

Crude, word by word: no sentence comes of it, but passages of the other language are found and told apart
by the words that they hold. The table is made from CC-CEDICT (training/README.md).
"""

import json
import lzma
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from threading import Lock
from typing import Final

import snowballstemmer

from app.errors import Language
from app.text.office import office

# English words that ask or join, and name nothing.
ASKING: Final = frozenset(
    "what which who whom whose when where why how much many often long is are was were be been do does did"
    " has have had can could may might must should would will the a an of to in on at for by with from and or"
    " please tell me us you we i there any it its this that these those as not than then into about during"
    " after before he she they his her their up out also other type kind name my your our if so".split()
)
# The same in Chinese.
_ASKING_HAN: Final = frozenset(
    "什么 哪些 哪个 哪种 哪里 哪儿 哪 多少 多久 多长 多大 几 怎么 怎样 如何 为什么 为何 是否 可以 能 能否 吗 呢 的 了 是 在 有 没有"
    " 请问 谁 何时 何 被 和 与 及 或 对 于 中 上 下 之 所 以 为 从 到 由 将 其 这 那 个 一 一个 进行 会 年 里 时候 什么样 一种"
    " 什么时候 哪一 种 名字 地 得 着 过 就 也 都 要 我 你 他 她 它 我们 您 该 需要 应该 应 不 把 给 多".split()
)
_TOKEN: Final = re.compile(
    r"(?P<han>[\u3400-\u9fff]+)|(?P<latin>[A-Za-z][A-Za-z0-9]*(?:[.'’_-][A-Za-z0-9]+)*)|(?P<number>\d+(?:[.,:]\d+)*)"
)
_PIECE: Final = re.compile(r"[a-z]+|\d+(?:[.,:]\d+)*")
_WORDS: Final = re.compile(r"[A-Za-z]+")
_HAN: Final = re.compile(r"[\u3400-\u9fff]")
# Units, by what stands behind a number: how else one may be written.
_UNITS: Final = tuple(
    (re.compile(rf"\d\s?(?:{behind})(?![a-z])", re.IGNORECASE | re.ASCII), tuple(written.split()))
    for behind, written in (
        (r"l|lit(?:re|er)s?|升", "litres liters L 升"),
        (r"ml|millilit(?:re|er)s?|毫升", "millilitres milliliters ml 毫升"),
        (r"nm|newton[- ]?met(?:re|er)s?|牛米|牛·米", "Nm newton 牛米"),
        (r"sqm|m²|m2|sq\.? ?m|square met(?:re|er)s?|平方米|平米", "square metres meters m² 平方米"),
        (r"kg|kilos?|kilograms?|公斤|千克", "kg kilograms 公斤 千克"),
        (r"g|grams?|克", "grams g 克"),
        (r"t|tons?|tonnes?|吨", "tons tonnes t 吨"),
        (r"km|kilomet(?:re|er)s?|公里|千米", "kilometres kilometers km 公里 千米"),
        (r"m|met(?:re|er)s?|米", "metres meters m 米"),
        (r"cm|centimet(?:re|er)s?|厘米|公分", "centimetres centimeters cm 厘米"),
        (r"mm|millimet(?:re|er)s?|毫米", "millimetres millimeters mm 毫米"),
        (r"h|hrs?|hours?|小时", "hours h 小时"),
        (r"min|minutes?|分钟", "minutes min 分钟"),
        (r"s|sec|seconds?|秒", "seconds s 秒"),
        (r"kw|kilowatts?|千瓦", "kilowatts kW 千瓦"),
        (r"w|watts?|瓦", "watts W 瓦"),
        (r"v|volts?|伏", "volts V 伏"),
        (r"°c|℃|degrees?(?: celsius)?|摄氏度|度", "degrees °C 摄氏度 度"),
        (r"%|percent|per cent|个百分点", "percent % 百分之"),
    )
)
_LONGEST: Final = 6
_LONGEST_PHRASE: Final = 4
_STEMMING: Final = Lock()


@dataclass(frozen=True, slots=True)
class Named:
    """Something that a question names: `word` as it stands there; `said`: how a passage may say it, in lower
    case, Chinese as it is written and English as stems joined by blanks; empty where no dictionary knows."""

    word: str
    said: tuple[str, ...]


@lru_cache(maxsize=1_024)
def named(question: str, language: Language, passages: Language) -> tuple[Named, ...]:
    """What a question in `language` names, as passages in the language `passages` say it. Numbers and Latin
    letters in Chinese are said as they are."""
    found: dict[str, Named] = {}
    crosses = language == "en" and passages == "zh"
    until, called = 0, tuple[str, ...]()  # of words that are called by one thing together
    for match in _TOKEN.finditer(question):
        text = match.group()
        if match.start() >= until:
            until, called = _phrase(question, match.start()) if crosses else (0, ())
        if match.lastgroup == "han":
            for word in _cut(text):
                if word not in _ASKING_HAN:
                    said = (word,) if passages == "zh" else _english(word)
                    found.setdefault(word, Named(word, said))
        elif match.lastgroup == "number":
            found.setdefault(text, Named(text, (text.replace(",", ""),)))
        elif text.lower() not in ASKING:
            stems = stems_of(text)
            written = " ".join(stems)
            said = (written,)
            if crosses:
                # A name may be written in Latin letters there, too.
                kept = text[0].isupper() or any(c.isdigit() for c in text)
                said = tuple(
                    dict.fromkeys((*called, *_chinese(stems), *((written,) if kept else ())))
                )
            found.setdefault(written, Named(text, said))
    return tuple(found.values())


def _phrase(question: str, start: int) -> tuple[int, tuple[str, ...]]:
    """Where the longest run of words ends that are together called by one thing in Chinese, and how that is written;
    (0, ()) for none."""
    stems: list[str] = []
    end, best = start, (0, tuple[str, ...]())
    for match in _WORDS.finditer(question, start):
        if question[end : match.start()].strip(" -") or len(stems) == _LONGEST_PHRASE:
            break
        stems.append(_stem(match.group().lower()))
        end = match.end()
        if len(stems) > 1 and (said := _office()[1].get(" ".join(stems))):
            best = end, said
    return best


def glossed(question: str, language: Language) -> tuple[str, ...]:
    """The words of the other language that those of a question may be, likeliest first for each, and how else
    its units are written."""
    other: Language = "en" if language == "zh" else "zh"
    words = (each.said for each in named(question, language, other))
    found = dict.fromkeys(word for said in words for word in said[:6])
    for behind, written in _UNITS:
        if behind.search(question):
            found |= dict.fromkeys(written)
    return tuple(found)


def holds(text: str, stems: frozenset[str], said: tuple[str, ...]) -> bool:
    """Whether a passage, its text in lower case and the stems of its Latin words, holds one of the ways to say
    something."""
    return any(
        way in text if _HAN.search(way) else all(piece in stems for piece in way.split())
        for way in said
    )


def stems_of(text: str) -> tuple[str, ...]:
    """The stems of a text's Latin words, and its numbers, in order."""
    return tuple(
        _stem(piece) for piece in _PIECE.findall(text.lower().replace("’s", "").replace("'s", ""))
    )


def _cut(run: str) -> list[str]:
    """The words of a run of Han characters, the longest that the dictionary has first."""
    table, own, words, place = _table()[0], _office()[0], [], 0
    while place < len(run):
        for size in range(min(_LONGEST, len(run) - place), 1, -1):
            word = run[place : place + size]
            if word in own or word in table or word in _ASKING_HAN:
                break
        else:
            word = run[place]
        words.append(word)
        place += len(word)
    return words


def _english(word: str) -> tuple[str, ...]:
    meanings = _table()[0].get(word, "")
    general = (" ".join(stems_of(meaning)) for meaning in meanings.split("/") if meaning)
    return tuple(dict.fromkeys((*_office()[0].get(word, ()), *general)))


def _chinese(stems: tuple[str, ...]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for stem in stems:
        own, words = _office()[1].get(stem, ()), _table()[1].get(stem, "").split("/")
        found |= dict.fromkeys((*own, *(word for word in words if word)))
    return tuple(found)


@lru_cache(maxsize=1)
def _office() -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """The words of `office` as `_table` has them."""
    by_han: dict[str, tuple[str, ...]] = {}
    by_stems: dict[str, tuple[str, ...]] = {}
    for chinese, english in office():
        said = tuple(dict.fromkeys(" ".join(stems_of(each)) for each in english))
        for word in chinese:
            by_han[word] = (*by_han.get(word, ()), *said)
        for stems in said:
            by_stems[stems] = (*by_stems.get(stems, ()), *chinese)
    return by_han, by_stems


@lru_cache(maxsize=65_536)
def _stem(word: str) -> str:
    with _STEMMING:  # the stemmer keeps the word it works on
        return str(_stemmer().stemWord(word))


@lru_cache(maxsize=1)
def _stemmer() -> snowballstemmer.stemmer:
    return snowballstemmer.stemmer("english")


@lru_cache(maxsize=1)
def _table() -> tuple[dict[str, str], dict[str, str]]:
    """English meanings by Chinese word, Chinese words by English stem; takes a quarter of a second once."""
    packed = (files("app.text") / "glosses.json.xz").read_bytes()
    table = json.loads(lzma.decompress(packed))
    return table["zh"], table["en"]
