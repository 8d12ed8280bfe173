"""What a sentence says in the very words of a question, whatever a reader of whole passages makes of it.

'夜班几点开始？' is told by a sentence that has 夜班 and a time of day; what something is, by one that calls it so.
"""

import re
from collections.abc import Callable, Sequence
from typing import Final

from app.answering.blocks import Document, Parts, Terms, telling_words
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
_WHO: Final = re.compile(r"\bwho(?:m|se)?\b|谁|哪位", re.IGNORECASE)
# Of what somebody has to do with a thing.
_IN_CHARGE: Final = re.compile(
    r"\b(?:is|are|the|for|of|to|do|does|can|should|must|i|we|you|looks? after|takes? care|cares?|handles?|deals?|responsible|in charge|contact(?:ed)?|person|ask(?:ed)?|call(?:ed)?|ring|see|helps?|manages?|runs?|leads?|with|about|our|when|problems?|questions?|issues?)\b|负责|管理?|主管|联系|对接|找|处理|问题|应该|由|人|是|的",
    re.IGNORECASE,
)
_LABELLED: Final = re.compile(
    r"\A[-*•\s]{0,4}\*{0,2}(?P<label>[^:：,，。;；]{2,40}?)\*{0,2}[:：]\*{0,2}\s?(?P<told>.{2,200})"
)
_PERSON: Final = re.compile(
    r"^(?:Dr\.? |Mr\.? |Mrs\.? |Ms\.? )?[A-Z][\w'’-]+(?: [A-Z][\w'’-]+){1,3}(?![\w])"
)
_NAMED_PERSON: Final = re.compile(r"(?<![\w.])[A-Z][a-zà-ÿ'’-]+ [A-Z][a-zà-ÿ'’-]+(?![\w])")
_HAN_PERSON: Final = re.compile(r"[\u3400-\u9fff]{2,4}(?=[,，、。（( ]|$)")
# Says what its document is on.
_ON: Final = re.compile(
    r"[本这此该](?:章|节|文|篇|份|手册|文档|文件|指南|制度|规定|规程|办法|说明|通知|页)|以下(?:是|为|介绍|说明)"
    r"|(?:this|the present) (?:chapter|section|document|guide|handbook|manual|page|policy|notice|note|paper|booklet|bulletin)\b",
    re.IGNORECASE,
)
_LOOKED: Final = 12
_MOST: Final = 2
_FEWEST_WORDS: Final = 3
_MISSING: Final = 1  # words that only the passage has


def told_exactly(
    question: str,
    kind: Kind,
    passages: Sequence[Passage],
    terms: Terms,
    document: Document,
    *,
    near: bool = False,
) -> Parts:
    """The sentences of passages, best first, in the question's language or naming what it asks the meaning of; empty
    where none tells it so. `near`: whether the reader all but takes one for the answer; then a sentence with every
    word of the question tells it."""
    tells = _telling(question, kind, terms, document)
    if tells is None and near and kind in ("fact", "yesno"):
        tells = _saying_all(question, terms)
    if tells is None:
        return ()
    found: list[tuple[Passage, tuple[Sentence, ...]]] = []
    for passage in passages[:_LOOKED]:
        own = [s for s in prepare([passage]).sentences[0] if s.quotable and tells(s, passage)]
        if own:
            found.append((passage, tuple(own[:1])))
    return tuple(found[:_MOST])


def _telling(
    question: str, kind: Kind, terms: Terms, document: Document
) -> Callable[[Sentence, Passage], bool] | None:
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
            if not words & own or len(left) > _MISSING:
                return False
            return left <= frozenset(terms(passage.text)) or left <= _on(passage, terms, document)

        return tells if words else None
    if kind in ("fact", "list") and _WHO.search(question):
        words = telling_words(_IN_CHARGE.sub(" ", _WHO.sub(" ", question)), terms)
        return (
            (lambda s, _: _is_contact(s, words, terms) or _names_role(s, words, terms))
            if words
            else None
        )
    if kind == "definition":
        subject = next((m["of"] for p in _SUBJECT if (m := p.match(question.strip()))), "")
        cue = _cue(subject)
        return (lambda s, _: cue.search(fold(s.text)) is not None) if cue else None
    return None


def _saying_all(question: str, terms: Terms) -> Callable[[Sentence, Passage], bool] | None:
    words, language = telling_words(question, terms), detect_language(question)
    if len(words) < _FEWEST_WORDS:
        return None

    def tells(s: Sentence, _: Passage) -> bool:
        if detect_language(s.text) != language or s.role == "row":
            return False
        left = words - frozenset(terms(s.text))
        return len(left) <= _MISSING and left <= frozenset(terms(s.around.text))

    return tells


def _is_contact(sentence: Sentence, words: frozenset[str], terms: Terms) -> bool:
    """Whether an item tells a person behind the label that the question names: 'Printers: Mira Soler, room 4'."""
    label = _LABELLED.match(sentence.body) if sentence.role == "item" else None
    if label is None or not (_PERSON.search(label["told"]) or _HAN_PERSON.match(label["told"])):
        return False
    called = frozenset(terms(label["label"]))
    return bool(words & called) and words <= called | frozenset(terms(sentence.around.text))


def _names_role(sentence: Sentence, words: frozenset[str], terms: Terms) -> bool:
    """Whether a sentence names a person with every word of the question that does not stand above it."""
    own = frozenset(terms(sentence.text))
    if sentence.role == "row" or _NAMED_PERSON.search(sentence.text) is None:
        return False
    return bool(words & own) and words <= own | frozenset(terms(sentence.around.text))


def _on(passage: Passage, terms: Terms, document: Document) -> frozenset[str]:
    """The words by which a document says what it is on: 'This chapter tells how the archive is kept'."""
    said = (
        s.text
        for each in document(passage)
        for s in prepare([each]).sentences[0]
        if s.quotable and _ON.match(s.text.lstrip())
    )
    return frozenset(word for text in said for word in terms(text))


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
