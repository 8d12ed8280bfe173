"""What a sentence says in the very words of a question, whatever a reader of whole passages makes of it.

'夜班几点开始？' is told by a sentence that has 夜班 and a time of day; what something is, by one that calls it so.
"""

import re
from collections.abc import Callable, Sequence
from typing import Final

from app.answering.blocks import Parts, Terms, telling_words
from app.answering.evidence.clock import clocks
from app.answering.evidence.context import Sentence, prepare
from app.answering.evidence.pick import tells_time
from app.answering.evidence.units import fold
from app.answering.question import Kind
from app.index.protocol import Passage
from app.text.language import detect_language

_HOUR: Final = re.compile(r"几点|什么时间|\bat what time\b|\bwhat time\b", re.IGNORECASE)
_DAY: Final = re.compile(r"什么时候|何时|哪一?天|\bwhen\b", re.IGNORECASE)
# What is only asked with: when something begins is told by when it is.
_SAYS_LITTLE: Final = re.compile(
    r"几点钟?|什么时[间候]|何时|哪一?天|开始|进行|举行|执行|每[天日晚周月]|\b(?:at what time|what time|when|start(?:s|ed)?|begins?|begun|happens?|take place|held|run|runs)\b",
    re.IGNORECASE,
)
_SUBJECT: Final = (
    re.compile(r"^(?:请问)?什么(?:是|叫)\s?(?P<of>[^？?，,]{2,30}?)\s?[？?]*$"),
    re.compile(r"^(?:请问)?(?P<of>[^？?，,的]{2,30}?)\s?是(?:什么|啥)(?:意思|东西|技术)?[？?]*$"),
    re.compile(
        r"^what(?:'s| is| are) (?:an? |the )?(?P<of>[\w.+/ -]{2,40}?)\s?\?*$", re.IGNORECASE
    ),
)
_LOOKED: Final = 12
_MOST: Final = 2


_MISSING: Final = 1  # words that only the passage has


def told_exactly(question: str, kind: Kind, passages: Sequence[Passage], terms: Terms) -> Parts:
    """The sentences of passages, best first, in the question's language or naming what it asks the meaning of; empty
    where none tells it so."""
    tells = _telling(question, kind, terms)
    if tells is None:
        return ()
    found: list[tuple[Passage, tuple[Sentence, ...]]] = []
    for passage in passages[:_LOOKED]:
        own = [s for s in prepare([passage]).sentences[0] if s.quotable and tells(s, passage)]
        if own:
            found.append((passage, tuple(own[:1])))
    return tuple(found[:_MOST])


def _telling(question: str, kind: Kind, terms: Terms) -> Callable[[Sentence, Passage], bool] | None:
    of_hour, of_day = _HOUR.search(question), _DAY.search(question)
    if kind == "fact" and (of_hour or of_day):
        words = telling_words(_SAYS_LITTLE.sub(" ", question), terms)
        language = detect_language(question)

        def tells(s: Sentence, passage: Passage) -> bool:
            timed = bool(clocks(s.text)) if of_hour else tells_time(s)
            if not timed or detect_language(s.text) != language:
                return False
            own = frozenset(terms(s.text))
            left = words - own - frozenset(terms(s.around.text))
            near = len(left) <= _MISSING and left <= frozenset(terms(passage.text))
            return bool(words & own) and near

        return tells if words else None
    if kind == "definition":
        subject = next((m["of"] for p in _SUBJECT if (m := p.match(question.strip()))), "")
        cue = _cue(subject)
        return (lambda s, _: cue.search(fold(s.text)) is not None) if cue else None
    return None


def _cue(subject: str) -> re.Pattern[str] | None:
    """How a sentence says what something is, that is called by a name of its own."""
    named = fold(subject).strip(" \"'“”「」《》")
    if not re.search(r"[A-Z]", subject[1:]) and not subject.isupper():
        return None
    name = re.escape(named)
    return re.compile(
        rf"(?:叫做?|称[为作]|名为|所谓的?|\b(?:called|known as|named)) ?[「“\"'《]?{name}(?![a-z0-9])"
        rf"|(?<![a-z0-9]){name}[」”\"'》]? ?(?:是(?!否|不)|指的?是?|即|[:：(（]|\b(?:is|are|means|refers to|stands for)\b|, (?:an?|the) )"
    )
