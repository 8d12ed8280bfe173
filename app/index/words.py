"""Cutting text into index terms, the same way for passages and questions.

Chinese is cut with jieba in search mode (a long word gives its shorter words too);
everything else is cut at spaces and punctuation and stemmed for English. A name with
digits or joints, such as Yi-34B, Qwen2.5 or Q4_K_M, gives itself and its parts.
"""

import logging
import os
import re
import threading
import unicodedata
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import snowballstemmer

# Part of the index's fingerprint: change it whenever `terms` can give other terms.
WORDS_VERSION = "w1"

_HAN = r"\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_TOKEN = re.compile(
    rf"(?P<han>[{_HAN}]+)"
    rf"|(?P<word>[^\W_{_HAN}]+(?:[-_.+/'&@:]+[^\W_{_HAN}]+)*(?:\+\+|\#)?)"
)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
# A dot between digits is a decimal point or a version, not a joint.
_JOINT = re.compile(r"[-_+/'&@:#]+|(?<!\d)\.+|\.+(?!\d)")
_NAME_AND_NUMBER = re.compile(r"([^\W\d]{2,})(\d.*)")
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

    def terms(self, text: str) -> Iterator[str]:
        """The terms of `text` in order, with repetitions; none for text without letters or digits."""
        normal = unicodedata.normalize("NFKC", text).lower().translate(_APOSTROPHES)
        for match in _TOKEN.finditer(_THOUSANDS.sub("", normal)):
            if match.lastgroup == "han":
                yield from self._han(match.group())
            else:
                yield from self._word(match.group())

    def _han(self, run: str) -> Iterator[str]:
        if len(run) == 1:
            yield run
        else:
            yield from self._tokenizer().cut_for_search(run)

    def _word(self, word: str) -> Iterator[str]:
        if word.isalpha():
            yield self._stem(word)
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
        for piece in joined:
            if piece.isalpha():
                yield self._stem(piece)
            else:
                yield piece
                yield from _name_and_number(piece)

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


def _name_and_number(piece: str) -> tuple[str, ...]:
    """`qwen2.5` has the parts `qwen` and `2.5`; `q4` and `34b` have none."""
    found = _NAME_AND_NUMBER.fullmatch(piece)
    return found.groups() if found else ()


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
