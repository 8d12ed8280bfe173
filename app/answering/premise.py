"""What a question for reasons takes for granted, and the documents deny: 'Why may keys be written into images?'

Who asks why is answered with what comes nearest, which for a false premise is the sentence that says the opposite.
"""

import re
from typing import Final

from app.answering.concepts import concepts
from app.answering.evidence.clauses import clauses
from app.answering.evidence.context import Sentence
from app.answering.evidence.keys import Keys, differ, dimension, keys
from app.answering.evidence.units import fold, is_negated, units, without_negation
from app.text.language import detect_language

_WHY: Final = re.compile(
    r"请问|(?:是)?(?:因为)?(?:为什么|为何|为啥|怎么会|缘何)(?:要|会)?|(?:的)?(?:原因|理由|缘故)(?:是|有)?(?:什么|哪些)?|[?？呢]"
    r"|^\W*why (?:is|are|was|were|do|does|did|has|have|had|can|could|may|must|should|will|would)\b|^\W*why\b|^\W*(?:what|which) (?:is|are|was|were) the (?:reasons?|causes?) (?:for|of|that|why)\b|\bfor what reason\b",
    re.IGNORECASE,
)
_MAY: Final = re.compile(r"^\W*why (?:can|could|may)\b", re.IGNORECASE)
# 'Suspended for want of papers', 因三批不合格被暂停: the cause may be told within the clause, and denies nothing of it.
_CAUSE_WITHIN: Final = re.compile(r"(?:因|由于)(?![为此而])[^，,。；;]{2,40}?(?=被|而)")
_ANTONYMS: Final = tuple(
    (re.compile(one), re.compile(other))
    for one, other in (
        (r"\blong(?:er|est)?\b|(?<![很不多太])长(?!期|度)", r"\bshort(?:er|est)?\b|短"),
        (r"\bhigh(?:er|est)?\b|更?高(?!度)", r"\blow(?:er|est)?\b|更?低"),
        (r"\bearl(?:y|ier|iest)\b|更?早", r"\blat(?:e|er|est)\b|更?晚"),
        (r"\bmore\b|\bmost\b|更多", r"\bless\b|\bfewer\b|\bleast\b|更少"),
        (r"\bopen(?:s|ed)?\b|开放", r"\bclosed?\b|关闭"),
        (r"\bsafer?\b|安全", r"\bunsafe\b|\bdangerous\b|危险"),
        (
            r"\b(?:recommended|encouraged|welcome|advised|desired)\b|推荐|鼓励|提倡",
            r"\b(?:forbidden|prohibited|banned|not allowed|discouraged)\b|禁止|严禁|不得|不允许",
        ),
        (r"\beas(?:y|ier)\b|容易", r"\bhard(?:er)?\b|\bdifficult\b|困难|难"),
    )
)
_CAUSE: Final = re.compile(r"\b(?:because|so)\b|因为|因此|所以|然而")
# Share of the premise's words that a clause has, which then is about the same.
_SAME: Final = 0.6


def denies_premise(question: str, sentence: Sentence) -> bool:
    """Whether a sentence in the question's language says the opposite of what the question asks the reason of."""
    premise = " ".join(_WHY.sub(" ", question).split())
    if _MAY.match(question) and not is_negated(fold(premise)):
        premise = f"may {premise}"
    said = units(without_negation(fold(premise)))
    wanted = {word for word in said.words if word[0] != "#"}
    if len(wanted) < 2 or detect_language(sentence.text) != detect_language(question):
        return False
    held = sentence.units.words | sentence.around.units.words
    if len(wanted & held) < _SAME * len(wanted):
        return False
    own_keys = keys(premise)
    if differ(own_keys, keys(""), sentence.keys, sentence.around.keys):
        return True
    measured = {dimension(unit) for _, unit in sentence.keys.quantities if unit}
    if any(
        dimension(unit) in measured and number not in sentence.units.numbers
        for number, unit in own_keys.quantities
    ):
        return True
    if _of_another_clause(own_keys, wanted, sentence):
        return True
    folded, own = fold(sentence.text), fold(premise)
    if any(
        (one.search(own) and other.search(folded) and not one.search(folded))
        or (other.search(own) and one.search(folded) and not other.search(folded))
        for one, other in _ANTONYMS
    ):
        return True
    denied = is_negated(own)
    shares = [
        (len(wanted & units(clause.text).words) / len(wanted), clause.negated)
        for clause in clauses(_CAUSE.sub(", ", _CAUSE_WITHIN.sub(" ", folded)))
    ]
    # What is not done is seldom told in full: 所以现在不设重叠.
    least = 0.0 if denied else _SAME
    if any(share >= least and negated == denied for share, negated in shares):
        return False
    return any(share >= _SAME and negated != denied for share, negated in shares)


def states_premise(question: str, sentence: Sentence) -> bool:
    """Whether a sentence, or the heading that it stands under, says what the question asks the reason of, with its
    numbers; what else is told there of how it was before denies nothing of it."""
    premise = " ".join(_WHY.sub(" ", question).split())
    said = units(without_negation(fold(premise)))
    numbers = said.numbers
    wanted = {word for word in said.words if word[0] != "#"}
    own = "" if denies_premise(question, sentence) else sentence.text
    return bool(wanted) and any(
        numbers <= held.numbers
        and len(wanted & held.words) >= _SAME * len(wanted)
        and is_negated(fold(text)) == is_negated(fold(premise))
        for text in (own, sentence.heading)
        if text and (held := units(without_negation(fold(text))))
    )


def _of_another_clause(premise: Keys, wanted: set[str], sentence: Sentence) -> bool:
    """Whether an amount of the premise is that of a clause which is less about it than one with another amount."""
    for number, unit in premise.quantities:
        own = other = 0
        for clause in clauses(sentence.body):
            numbers = {value for kind, value in clause.keys if kind == "number"}
            shared = len(wanted & units(clause.text).words)
            if number in numbers:
                own = max(own, shared)
            elif any(of == dimension(unit) for _, of in clause.dimensions):
                other = max(other, shared)
        if own and other > own:
            return True
    return False


def is_reasonless_row(sentence: Sentence) -> bool:
    """Whether it is a row of a table that has no column for causes."""
    (cause,) = concepts("cause")
    return sentence.role == "row" and cause not in concepts(" . ".join(sentence.around.columns))
