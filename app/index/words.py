"""Cutting text into index terms, the same way for passages and questions.

Chinese is cut with jieba in search mode (a long word gives its shorter words too);
everything else is cut at spaces and punctuation and stemmed for English. A name with
digits or joints, such as Yi-34B, Qwen2.5 or Q4_K_M, gives itself, its parts, and itself
without joints; getMeterById gives its parts, too. To these come the forms in which one thing
is written differently: traditional characters as simplified ones, numerals as digits
(第十二条, 第12条), dates, numbers with and without a space before their unit, v2.13 and 2.13.
"""

import logging
import os
import re
import threading
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import opencc
import snowballstemmer

from app.text.forms import dates, ordinals, plain_digits, with_digits
from app.text.marks import normalised

# Part of the index's fingerprint: change it whenever `terms` can give other terms.
WORDS_VERSION = "w2"

_HAN = r"\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_TOKEN = re.compile(
    rf"(?P<han>[{_HAN}]+)"
    rf"|(?P<word>[^\W_{_HAN}]+(?:[-_.+/'&@:]+[^\W_{_HAN}]+)*(?:\+\+|\#)?)"
)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
# A dot between digits is a decimal point or a version, not a joint.
_JOINT = re.compile(r"[-_+/'&@:#]+|(?<!\d)\.+|\.+(?!\d)")
_NAME_AND_NUMBER = re.compile(r"([^\W\d]{2,})(\d.*)")
_JOINTS = re.compile(r"[-_+/'&@:#]+")
_HUMP = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_INNER_CAPITAL = re.compile(r"[a-z][A-Z]")
_NUMBER = re.compile(r"\d+")
_VERSION = re.compile(r"v(\d+(?:\.\d+)*)")
# No text holds these terms, so that a date meets dates only.
_DATE = "\0"
_UNIT_LENGTH: Final = 4  # of a unit beside a number (`85 kWh`), or a letter code (`TZ 4471`)
_APOSTROPHES = str.maketrans("’‘ʼ", "'''")
_STEMS_KEPT = 200_000


class WordCutter:
    """Cuts text into terms. One object may be used from several threads.

    jieba's dictionary (350,000 words, about 100 MB) is read on first use, in about a
    second. jieba would write a cache of it to the system's temporary folder; here it is
    written to `cache_folder`, or nowhere if that is None or cannot be written to.
    """

    def __init__(self, cache_folder: Path | None = None) -> None:
        self._cache_folder = cache_folder
        self._lock = threading.Lock()
        self._jieba: Any = None
        self._stemmer = snowballstemmer.stemmer("english")
        self._stems: dict[str, str] = {}
        self._simplified = opencc.OpenCC("t2s")
        self._mainland = opencc.OpenCC("tw2sp")

    def terms(self, text: str, *, question: bool = False) -> Iterator[str]:
        """The terms of `text` in order, with repetitions; none for text without letters or digits.

        A `question` gives more: codes are often asked for with spaces that they do not have.
        """
        normal = normalised("NFKC", text).translate(_APOSTROPHES)
        simplified = self._simplified.convert(normal)
        own = list(self._cut(simplified))
        yield from own
        if simplified != normal:
            # Words of Taiwan for which the mainland has others: 滑鼠 is 鼠标.
            yield from set(self._cut(self._mainland.convert(normal))).difference(own)
        yield from _forms(simplified, question)

    def _cut(self, text: str) -> Iterator[str]:
        for match in _TOKEN.finditer(_THOUSANDS.sub("", text)):
            if match.lastgroup == "han":
                yield from self._han(match.group())
            else:
                yield from self._word(match.group())

    def _han(self, run: str) -> Iterator[str]:
        if len(run) == 1:
            yield run
        else:
            yield from self._tokenizer().cut_for_search(run)

    def _word(self, written: str) -> Iterator[str]:
        word = written.lower()
        if word.isalpha():
            yield self._stem(word)
            yield from self._humps(written)
            return
        if "'" in word:
            # The stemmer knows the genitive: "Apache's" is "apache".
            stem = self._stem(word)
            if stem.isalpha():
                yield stem
                return
        joined = [piece for piece in _JOINT.split(word) if piece]
        if joined != [word]:
            yield word
            compact = _JOINTS.sub("", word)
            if not compact.isdigit() and compact not in (word, *joined):
                yield compact
            yield from self._humps(written)
        for piece in joined:
            if piece.isalpha():
                yield self._stem(piece)
            else:
                yield piece
                yield from _parts(piece)

    def _humps(self, written: str) -> Iterator[str]:
        """`getMeterById` has four words; `API` and `Apache` are one each."""
        for piece in _JOINT.split(written):
            if _INNER_CAPITAL.search(piece):
                yield from (self._stem(word.lower()) for word in _HUMP.findall(piece))

    def _stem(self, word: str) -> str:
        known = self._stems.get(word)
        if known is not None:
            return known
        with self._lock:  # The stemmer keeps the word it works on.
            stem = str(self._stemmer.stemWord(word))
            if len(self._stems) >= _STEMS_KEPT:
                self._stems.clear()
            self._stems[word] = stem
        return stem

    def _tokenizer(self) -> Any:
        if self._jieba is None:
            with self._lock:
                if self._jieba is None:
                    self._jieba = _load_jieba(self._cache_folder)
        return self._jieba


def _parts(piece: str) -> Iterator[str]:
    """`qwen2.5` has the parts `qwen` and `2.5`, `e137` the number `137`, `v3.07` is `3.07` and
    `3.7`; `q4` and `34b` have none."""
    version = _VERSION.fullmatch(piece)
    if version:
        number = version.group(1)
        yield number
        plain = ".".join(map(plain_digits, number.split(".")))
        if plain != number:
            yield plain
        return
    found = _NAME_AND_NUMBER.fullmatch(piece)
    if found:
        yield from found.groups()
    elif piece[0].isalpha() and piece[1:].isdigit() and len(piece) > 3:
        yield piece[1:]


def _forms(text: str, question: bool) -> Iterator[str]:
    """Terms for what may be written otherwise elsewhere; `text` is simplified and NFKC."""
    digits = with_digits(text)
    if digits != text:
        written, now = (Counter(_NUMBER.findall(of)) for of in (text, digits))
        yield from (now - written).elements()
    yield from ordinals(digits)
    for year, month, day in dates(digits.lower()):
        if day:
            yield f"{_DATE}{month}-{day}"
        if year:
            yield f"{_DATE}{year}-{month}" + (f"-{day}" if day else "")
    for line in text.splitlines():
        yield from _joined(line.split(), question)


def _joined(words: Sequence[str], question: bool) -> Iterator[str]:
    """`85 Nm` as `85nm`, `E 137` as `e137`; of a question `tz 4471 a` as `tz4471a`, too."""
    bare = [word.strip(".,;:!?()[]\"'|") for word in words]
    for first, second in pairwise(bare):
        if not (first.isascii() and second.isascii()):
            continue
        unit = _number(first) and second.isalpha() and len(second) <= _UNIT_LENGTH
        code = (
            (question or first.isupper())
            and first.isalpha()
            and len(first) <= _UNIT_LENGTH
            and second.isdigit()
        )
        if unit or code:
            yield (first + second).lower()
    if question:
        for three in zip(bare, bare[1:], bare[2:], strict=False):
            short = all(part.isascii() and part.isalnum() and len(part) <= 6 for part in three)
            if short and any(map(_number, three)) and three[0][:1].isalpha():
                yield "".join(three).lower()


def _number(word: str) -> bool:
    return word.replace(".", "", 1).replace(",", "").isdigit()


def _load_jieba(cache_folder: Path | None) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # jieba asks for pkg_resources, which warns.
        import jieba  # Takes a quarter of a second, which most commands need not spend.

    logging.getLogger("jieba").setLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    if cache_folder is None or not _writable(cache_folder):
        # What Tokenizer.initialize does, less the cache file.
        tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
        tokenizer.initialized = True
    else:
        tokenizer.tmp_dir = str(cache_folder)
        tokenizer.initialize()
    return tokenizer


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)
