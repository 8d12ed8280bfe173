"""One question about several numbered things: 'the codes of rooms 410 and 411' asks the same of each."""

import re
from typing import Final

from app.answering.evidence.keys import quantities
from app.answering.evidence.units import fold
from app.answering.numbered import BEHIND, NUMBER, called

# 'rooms 410 and 411', 'room 410 and room 411': what stands between; the second may be called by its name again.
_EACH: Final = re.compile(
    r"\s?(?:,\s?and\b|[,，、&]|\band\b|和|与|跟|及|以及|还有)\s?(?P<again>[A-Za-z]{3,40} |[\u3400-\u9fff]{2} ?|第 ?)?",
    re.IGNORECASE,
)
_COUNTED: Final = re.compile(r" ?[条章节款项步]")
# Parts of a document are called so, too.
_PARTS: Final = re.compile(
    r"(?<![A-Za-z])(?:pages?|sections?|chapters?|articles?|steps?|clauses?|paragraphs?)(?: nos?\.)? $",
    re.IGNORECASE,
)
# Said of several things together.
_TOGETHER: Final = re.compile(
    r"\b(?:both|share[sd]?|shared|same|together|between|larger|smaller|bigger|than)\b|共[用同享]|合用|相同|一样|之间|哪个",
    re.IGNORECASE,
)
_MOST_APART: Final = 4
_PLURAL: Final = re.compile(
    r"(?P<word>[A-Za-z]{2,39}s)(?P<rest>(?: nos?\.| numbers?)? ?)$", re.IGNORECASE
)


def of_each_number(question: str) -> tuple[str, ...]:
    """The questions that one about several numbered things makes, one for each: 'the codes of rooms 410 and 411'.
    Itself where it is about one, or about what they have together."""
    measured = [(start, end) for _, unit, start, end in quantities(fold(question)) if unit]
    if _TOGETHER.search(question) or len(fold(question)) != len(question):
        return (question,)
    run: list[tuple[int, int, str]] = []  # where a number with its measure stands, and that
    for match in NUMBER.finditer(question):
        if any(start <= match.start() < end for start, end in measured):
            continue
        behind = BEHIND.match(question, match.end()) or _COUNTED.match(question, match.end())
        end = behind.end() if behind else match.end()
        if run:
            joint = _EACH.fullmatch(question, run[-1][1], match.start())
            if joint and _same_again(joint["again"], question[: run[0][0]]):
                run.append((match.start(), end, question[match.start() : end]))
                continue
            if len(run) > 1:
                break
        run = [(match.start(), end, question[match.start() : end])]
    if not 2 <= len(run) <= _MOST_APART:
        return (question,)
    before, behind_all = question[: run[0][0]], question[run[-1][1] :]
    counted = any(BEHIND.search(shown) or _COUNTED.search(shown) for _, _, shown in run)
    first = NUMBER.match(question, run[0][0])
    if not (counted or (first and called(question, first)) or _PARTS.search(before)):
        return (question,)
    before = _PLURAL.sub(_singular, before)
    measure = run[-1][2].lstrip("0123456789")
    return tuple(
        f"{before}{_number_of(shown)}{measure or shown[len(_number_of(shown)) :]}{behind_all}"
        for _, _, shown in run
    )


def _number_of(shown: str) -> str:
    return shown[: len(shown) - len(shown.lstrip("0123456789"))]


def _same_again(again: str | None, before: str) -> bool:
    """Whether the name that stands before a further number is that of the first."""
    if again is None:
        return True
    called = again.strip().casefold()
    return before.rstrip().casefold().endswith((called, f"{called}s"))


def _singular(match: re.Match[str]) -> str:
    word = match["word"]
    lower = word.casefold()
    if lower.endswith("ies"):
        word = f"{word[:-3]}y"
    elif re.search(r"(?:ch|sh|x|ss)es$", lower):
        word = word[:-2]
    elif not lower.endswith("ss"):
        word = word[:-1]
    return f"{word}{match['rest']}"
