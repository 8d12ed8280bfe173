"""A follow-up that asks the same of something else, spelled out: 'What does repair on site cost?' and then 'And in the
workshop?'.

Read beside the question before it, it would be about both things, and the first one is the answer.
"""

import re
from typing import Final

from app.text.language import detect_language

_PREPOSITIONS: Final = "in|on|at|for|with|without|during|after|before|from|to|by|under|over|above|below|beyond|within|per|of|outside|inside"
_WORDS: Final = r"[\w'’.+/-]{1,30}"
_ASKS_SAME: Final = re.compile(
    rf"^\W{{0,3}}(?:and |but |or )?(?:(?:what|how) about )?(?P<whole>(?:(?P<preposition>{_PREPOSITIONS}) )?(?P<article>(?:the|an?|our|your|my|its) )?(?P<thing>{_WORDS}(?: {_WORDS}){{0,4}}?))(?: then| instead)?\s{{0,3}}\?*$",
    re.IGNORECASE,
)
_BEGINS: Final = re.compile(r"^\W{0,3}(?:and|but|or|what about|how about)\b", re.IGNORECASE)
# A question of its own, however short.
_OWN: Final = re.compile(
    r"\b(?:who|whom|whose|what|which|when|where|why|how|is|are|was|were|do|does|did|can|could|may|might|must|should|will|would|has|have|had|if|that|it|they|them|this|these|those|not)\b",
    re.IGNORECASE,
)
# A place, a time or a purpose of the question: behind it comes no more, or its verb.
_PHRASE: Final = re.compile(
    rf"\b(?P<preposition>{_PREPOSITIONS}) (?P<article>(?:the|an?|our|your|my|its) )?(?P<thing>{_WORDS}(?: (?!(?:{_PREPOSITIONS}|is|are|was|were|do|does|did|can|may|must|cost|costs|last|take|takes|run|runs|start|starts|end|ends|get|gets|need|needs|pay|paid|open|close|kept|made|done)\b){_WORDS}){{0,2}})",
    re.IGNORECASE,
)
_THE: Final = re.compile(
    rf"\b(?P<article>the) (?P<thing>{_WORDS})(?= (?:is|are|was|were|can|may|must|has|have|\w+(?:ed|s|en)\b)|\W*$| \w+\W*$)",
    re.IGNORECASE,
)
_HAN_SAME: Final = re.compile(
    r"^(?:那么?|还有|至于)?[,，\s]{0,2}(?P<thing>[^,，。？?\s][^,，。？?]{0,14}?)呢[\s?？]*$"
)
# Where what is asked of the thing begins.
_HAN_ASKED: Final = re.compile(
    r"是|有|要|需|收|花|可|能|会|应|该|在|由|提前|最[多少高低长]|至少|至多|每|多[少久长大高重]|几|什么|怎|如何|哪|谁|何|为|不"
)
_HAN_TIMES: Final = re.compile(
    r"(?:工作日|周末|节假日|平时|平日|白天|晚上|夜间|早上|上午|下午|中午|星期[一二三四五六日天]|周[一二三四五六日]|今年|去年|明年|前年|本月|上月|下月|(?:19|20)\d\d\s?年?|\d{1,2}\s?月|[一二三四]季度|春节|夏天|冬天|夏季|冬季)"
)
_HAN_OWN: Final = re.compile(r"什么|怎|如何|哪|谁|何|多少|几")
_LONGEST: Final = 200
_WHOSE: Final = 2


def same_of_other(before: str, question: str) -> str:
    """The question before, asked of what the follow-up names; '' where it cannot be told what that stands for."""
    if len(before) > _LONGEST or len(question) > _LONGEST:
        return ""
    if detect_language(before) != detect_language(question):
        return ""
    return _han(before, question) if detect_language(question) == "zh" else _latin(before, question)


def _latin(before: str, question: str) -> str:
    asked = _ASKS_SAME.match(question.strip())
    if asked is None or not _BEGINS.match(question.strip()) or _OWN.search(asked["whole"]):
        return ""
    phrases = list(_PHRASE.finditer(before))
    preposition = (asked["preposition"] or "").lower()
    if preposition:
        alike = [p for p in phrases if p["preposition"].lower() == preposition]
        # A place stands for a place, whatever it is called by: 'on site' and 'in the workshop'.
        meant = alike[-1:] or (phrases if len(phrases) == 1 else [])
        if not meant or (meant[0]["preposition"].lower() == "of") != (preposition == "of"):
            return ""
        (phrase,) = meant
        return f"{before[: phrase.start()]}{asked['whole']}{before[phrase.end() :]}"
    has_the = re.search(r"\bthe\b", before, re.IGNORECASE)
    last = phrases[-1] if phrases else None
    ends = last is not None and not last["article"] and not before[last.end() :].strip(" ?")
    if (asked["article"] or "").strip().lower() == "the":
        if last is not None and ends and not has_the:
            return f"{before[: last.start('thing')]}{asked['whole']}{before[last.end() :]}"
        named = list(_THE.finditer(before))
        if len(named) != 1 or len(re.findall(r"\bthe\b", before, re.IGNORECASE)) != 1:
            return ""
        return f"{before[: named[0].start()]}{asked['whole']}{before[named[0].end() :]}"
    if last is None or not ends or asked["article"]:
        return ""
    return f"{before[: last.start('thing')]}{asked['thing']}{before[last.end() :]}"


def _han(before: str, question: str) -> str:
    asked = _HAN_SAME.match(question.strip())
    if asked is None or _HAN_OWN.search(asked["thing"]):
        return ""
    thing, bare = asked["thing"].strip(), re.sub(r"^请问[,，\s]{0,2}", "", before.strip())
    if _HAN_TIMES.fullmatch(thing):
        times = list(_HAN_TIMES.finditer(bare))
        if len(times) != 1:
            return ""
        return f"{bare[: times[0].start()]}{thing}{bare[times[0].end() :]}"
    begins = _HAN_ASKED.search(bare)
    if begins is None or begins.start() < _WHOSE:
        return ""
    subject, rest = bare[: begins.start()], bare[begins.start() :]
    whose, of, what = subject.rpartition("的")
    if not of:
        space = subject[len(subject.rstrip()) :]
        return f"{thing}{space}{rest}" if _alike(subject, thing) else ""
    if what and what[-1] == thing[-1]:
        return f"{whose}的{thing}{rest}"
    return f"{thing}的{what}{rest}" if what and not whose.count("的") else ""


def _alike(subject: str, thing: str) -> bool:
    """Whether a subject is about as long as what comes in its place: a longer one says more than that."""
    return len(subject) <= 2 * len(thing) + 2
