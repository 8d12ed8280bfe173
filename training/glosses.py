"""The glosses that ship (`app/text/glosses.json.xz`), from CC-CEDICT: what a word of one language may be in the other."""

import json
import lzma
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import jieba
import snowballstemmer

from app.text.glosses import ASKING

# Words of this length at most, and seen so often in the texts that jieba's dictionary was counted in.
_LONGEST: Final = 6
_SEEN: Final = 3
# Meanings of a Chinese word, words of a meaning, Chinese words for an English one, at most.
_MEANINGS: Final = 3
_WORDS: Final = 3
_CHINESE: Final = 5
_HAN: Final = re.compile(r"[\u3400-\u9fff]+")
_NOTE: Final = re.compile(r"\(.*?\)")
_LATIN: Final = re.compile(r"[a-z][a-z'-]*")


def write_glosses(data: Path, out: Path) -> int:
    """Write the table and return how many Chinese words it has. `data`: the folder of `cedict.json.xz`."""
    raw: dict[str, list[str]] = json.loads(lzma.decompress((data / "cedict.json.xz").read_bytes()))
    jieba.initialize()
    seen: Mapping[str, int] = jieba.dt.FREQ
    to_english: dict[str, str] = {}
    back: dict[str, list[tuple[int, int, str]]] = {}
    stemmer = snowballstemmer.stemmer("english")
    for word, meanings in raw.items():
        if not _HAN.fullmatch(word) or len(word) > _LONGEST or (seen.get(word) or 0) < _SEEN:
            continue
        said = [_words(meaning) for meaning in meanings]
        for place, words in enumerate(said):
            if len(words) == 1 and len(words[0]) > 1:
                stem = stemmer.stemWord(words[0])
                back.setdefault(stem, []).append((place, -seen[word], word))
        kept = dict.fromkeys(" ".join(words) for words in said if 0 < len(words) <= _WORDS)
        if kept:
            to_english[word] = "/".join(list(kept)[:_MEANINGS])
    to_chinese = {
        stem: "/".join(list(dict.fromkeys(word for *_, word in sorted(found)))[:_CHINESE])
        for stem, found in sorted(back.items())
    }
    table = {"zh": dict(sorted(to_english.items())), "en": to_chinese}
    text = json.dumps(table, ensure_ascii=False, separators=(",", ":"))
    # A higher preset makes it no smaller, and takes 64 MB to unpack.
    out.write_bytes(lzma.compress(text.encode(), preset=6))
    return len(to_english)


def _words(meaning: str) -> list[str]:
    """The words of a meaning that say something."""
    return [w for w in _LATIN.findall(_NOTE.sub(" ", meaning.lower())) if w not in ASKING]
