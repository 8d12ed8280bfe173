"""What a few key words ask: the last of them is told of the others, as the time of 备份 时间 and the rotation of
'API key rotation'.

A reader makes little of bare words, and takes for their answer whatever has one of them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.answering.blocks import Document, Parts, Terms, telling_words
from app.answering.concepts import concepts
from app.answering.evidence.context import Sentence, prepare, whole_text
from app.answering.evidence.pick import tells_time
from app.answering.evidence.units import fold
from app.answering.quotes import Found
from app.answering.value import lacks_measure
from app.index.protocol import Passage
from app.text.glosses import holds, named, stems_of
from app.text.language import HAN, detect_language

# Asks for whatever is told of the words before it.
_ANY: Final = re.compile(
    r"(?:polic(?:y|ies)|rules?|regulations?|info(?:rmation)?|details?|guide(?:line)?s?|overview|procedures?|process|requirements?|terms|conditions?|limits?|sizes?|settings?|规定|规则|制度|政策|要求|标准|信息|说明|情况|内容|办法|流程|条件|数量|大小|长度)$",
    re.IGNORECASE,
)
_TIME: Final = re.compile(r"(?:day|date|time|hour)s?|时间|日期|时刻|日子", re.IGNORECASE)
# What is told by a number with what it counts.
_COUNTED: Final = {
    "天数": re.compile(r"[\d一二两三四五六七八九十]\s?(?:个?工作日|[天日])"),
    "次数": re.compile(r"[\d一二两三四五六七八九十]\s?次"),
    "人数": re.compile(r"[\d一二两三四五六七八九十]\s?[人名位]"),
}
_LOOKED: Final = 16
_SPEAKS: Final = 2  # passages of a document that is on a thing
_MOST: Final = 2


@dataclass(frozen=True)
class KeyWords:
    """`asked`: of the `things`; '' where the last word asks for whatever is told of them."""

    things: tuple[str, ...]
    asked: str


def key_words(words: str, terms: Terms) -> KeyWords:
    """The key words of a text, in order."""
    pieces = words.split()
    if len(pieces) < 2:
        told = telling_words(words, terms)
        pieces = sorted(told, key=fold(words).find)
    if not pieces:
        return KeyWords((), "")
    *things, last = pieces
    return KeyWords((*things,), "") if _ANY.search(last) else KeyWords((*things,), last)


def holds_keys(keys: KeyWords, found: Found, terms: Terms) -> bool:
    """Whether what was found has what is asked, and its passage one of the things at least."""
    passage = found.item.hit.passage
    around = whole_text(passage)
    asked = not keys.asked or any(
        _asked(keys.asked, s, passage, terms) or _has(keys.asked, s.around.text, passage, terms)
        for s in found.sentences
    )
    return asked and (
        not keys.things or any(_has(thing, around, passage, terms) for thing in keys.things)
    )


def told_of_keys(
    keys: KeyWords, passages: Sequence[Passage], terms: Terms, document: Document
) -> Parts:
    """The sentences of `passages`, best first, that have what is asked, and with title and headings half of the things,
    where the passage has all of them; else the only one of a document that has what is asked, if that document
    speaks of the things in several places."""
    found: list[tuple[Passage, tuple[Sentence, ...]]] = []
    if not keys.asked or not keys.things:
        return ()
    for passage in passages[:_LOOKED]:
        if not all(_has(thing, whole_text(passage), passage, terms) for thing in keys.things):
            if only := _only_place(keys, passage, terms, document):
                found.append((passage, (only,)))
            continue
        own = [
            s
            for s in prepare([passage]).sentences[0]
            if s.quotable
            and _asked(keys.asked, s, passage, terms)
            and 2 * sum(_has(t, f"{s.text} . {s.around.text}", passage, terms) for t in keys.things)
            >= len(keys.things)
        ]
        if own:
            found.append((passage, tuple(own[:1])))
    return tuple(found[:_MOST])


def _only_place(
    keys: KeyWords, passage: Passage, terms: Terms, document: Document
) -> Sentence | None:
    """The sentence of a passage that alone in its document has what is asked, if the document is on the things."""
    own = [
        s
        for s in prepare([passage]).sentences[0]
        if s.quotable and _asked(keys.asked, s, passage, terms)
    ]
    if len(own) != 1:
        return None
    whole = document(passage)
    speaking = sum(
        all(_has(thing, whole_text(each), each, terms) for thing in keys.things) for each in whole
    )
    others = any(
        _asked(keys.asked, s, each, terms)
        for each in whole
        if each.id != passage.id
        for s in prepare([each]).sentences[0]
    )
    return own[0] if speaking >= _SPEAKS and not others else None


def _asked(word: str, sentence: Sentence, passage: Passage, terms: Terms) -> bool:
    """Whether a sentence has what is asked: for the time of something a time, else the word, with a number for what is
    told by one."""
    if _TIME.fullmatch(word):
        return tells_time(sentence)
    if lacks_measure(word, sentence):
        return False
    if counted := _COUNTED.get(word):
        return counted.search(fold(sentence.text)) is not None
    return _has(word, sentence.text, passage, terms)


def _has(word: str, text: str, passage: Passage, terms: Terms) -> bool:
    """Whether a text has a word, a form of it, or one that is commonly used for the same."""
    folded = fold(text)
    if concepts(word) & concepts(text):
        return True
    if not word.isascii():
        # 秩 is in 低秩矩阵, and is not told of there.
        if re.search(
            rf"(?<!{HAN.pattern}){re.escape(fold(word))}"
            if len(word) == 1
            else re.escape(fold(word)),
            folded,
        ):
            return True
    elif set(terms(word)) & set(terms(text)):
        return True
    language = detect_language(word)
    if passage.language == language:
        return False
    said = [each.said for each in named(word, language, passage.language) if each.said]
    return not said or any(holds(folded, frozenset(stems_of(folded)), each) for each in said)
