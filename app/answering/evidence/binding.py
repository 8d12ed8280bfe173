"""What goes with what: a statement may not give one thing's number, name, or force to another.

All words of a statement can stand in a sentence that says the opposite: 'the log is kept 30 days, the
audit log 180' and 'the log is kept 180 days'. So the clauses are compared one by one.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from app.answering.evidence.clauses import Clause, Key, clauses, joined, nearest, shared, with_names
from app.answering.evidence.context import Sentence
from app.answering.evidence.keys import force_differs, sides_differ
from app.answering.evidence.units import Units, fold, stem, units

# Share of a clause's words from which another says the same, but for what is compared.
_SAME = 0.6
_POINTS_BACK = re.compile(
    r"\W{0,16}(?:[它其该此这]|(?:it|its|they|their|this|these|he|she|his|her)\b)", re.IGNORECASE
)
_THIS = re.compile(r"\b(?:this|these|that|such|its?|their)\b|[该此这其它]", re.IGNORECASE)
_CONDITION = re.compile(
    r"\bif\b|\bonly\b|\bunless\b|\bprovided\b|\bsubject to\b|\bupon\b|\bafter\b|\bonce\b|\bwith (?:the )?(?:approval|permission|consent)\b"
    r"|[如若]果?|只有|仅|除非|须经|需经|经.{0,6}(?:批准|同意|许可)|[批准可意]后|之后|有条件|前提|需.{0,8}(?:批准|同意|记录)|限"
)
_DENIED = re.compile(r"(?:没有|不|未|没)[一-鿿]{2}")
_ORDERED = re.compile(
    r"\border\b|\bfirst\b|\bthen\b|\bfinally\b|\bbefore\b|\bafter\b|顺序|依次|先|然后|再|最后|→"
)
_STEP = re.compile(
    r"[,，、;；→]|->|\.(?=\s|\Z)|。|\b(?:and )?(?:then|finally)\b|\band\b|[,，]?(?:然后|再|最后|才)"
)
_ALTERNATIVES = re.compile(
    r"(.{1,24}?)\s{0,4}(?:\bor\b|\band\b|还是|或者?|和|与|、)\s{0,4}(.{1,24})"
)


def misbound(claim: str, chosen: Sequence[Sentence], names: frozenset[str] = frozenset()) -> bool:
    """Whether a number, identifier or name of the statement stands with other words in the sentences
    than in the statement, while those words stand with another one. `names`: stems of words that are
    names wherever they stand."""
    held = [
        clause for s in chosen if s.role != "row" for clause in with_names(clauses(s.body), names)
    ]
    return any(
        _bound_to_another(clause, key, held)
        for clause in with_names(clauses(claim), names)
        for key in clause.keys
    )


def _bound_to_another(clause: Clause, key: Key, held: Sequence[Clause]) -> bool:
    holders = [other for other in held if _holds(other, key)]
    rivals = [other for other in held if not _holds(other, key) and _rival(clause, key, other)]
    if not holders or not rivals:
        return False
    if key[0] == "number" and all(other.negated != clause.negated for other in holders):
        # '120 that it can answer and 60 that it cannot'
        return any(other.negated == clause.negated for other in rivals)
    wanted = clause.words | {
        other
        for other in clause.about
        if other != key and not (key[0] == "quoted" and other[1] in key[1])
    }
    for rival in rivals:
        with_rival = _held(wanted, rival)
        theirs = [with_rival - _held(wanted, holder) for holder in holders]
        ours = [_held(wanted, holder) - with_rival for holder in holders]
        if all(theirs) and not any(ours):
            return True
    return False


def _holds(clause: Clause, key: Key) -> bool:
    kind, value = key
    if kind != "quoted":
        return key in clause.about
    return any(own == "quoted" and (value in text or text in value) for own, text in clause.about)


def _rival(clause: Clause, key: Key, other: Clause) -> bool:
    """Whether the other clause has, in the place of `key`, another of its kind."""
    of = clause.dimension_of(key)
    return any(
        kind == key[0]
        and (kind, value) not in clause.keys
        and other.dimension_of((kind, value)) == of
        for kind, value in other.keys
    )


def _held(wanted: frozenset[str | Key], clause: Clause) -> frozenset[str | Key]:
    words = shared((word for word in wanted if isinstance(word, str)), clause.words)
    return words | {key for key in wanted if not isinstance(key, str) and key in clause.about}


def clause_differs(claim: str, question: str, chosen: Sequence[Sentence], same: bool) -> bool:
    """Whether a clause of the statement denies, forbids or permits what the clause of the sentences
    that says the same does not; with `same`, both are in one language."""
    held = [clause for s in chosen for clause in _told(s)]
    asked = clauses(question)
    for clause in clauses(claim):
        other, share = nearest(clause, held)
        if other is None or share < _SAME:
            continue
        # Two clauses that follow each other hold more words, also those that are opposites.
        alone, own_share = nearest(clause, (each for s in chosen for each in _single(s)))
        nearly = alone if own_share >= _SAME and same else None
        if nearly is not None and sides_differ(clause.sides, nearly.sides):
            return True
        if clause.negated and not other.negated and same and not _names_lack(other):
            # What the other clause lacks may be what is denied: '…, the board did not agree'.
            rest = clause.words - shared(clause.words, other.words)
            sentence = next(s for s in chosen if other in _told(s))
            denied = any(o.negated and shared(rest, o.words) for o in _single(sentence))
            if not denied and not _same_denial(clause.text, sentence.text):
                return True
        asked_force = frozenset[str]().union(*(each.sides.force for each in asked))
        if same and sides_differ(clause.sides, other.sides):
            return True
        both = clause.sides.force and other.sides.force
        if both and force_differs(clause.sides.force, asked_force, other.sides.force):
            return True
        permits = clause.sides.force == {"may"} and not clause.negated
        if permits and not _CONDITION.search(fold(claim)):
            sentence = next(s for s in chosen if other in _told(s))
            cell = other.text if sentence.role == "row" else sentence.text
            if _CONDITION.search(fold(cell)):
                return True
    return False


def _same_denial(one: str, other: str) -> bool:
    """Whether both deny the same: 没有通过."""
    denied = {match.group() for match in _DENIED.finditer(fold(other))}
    return any(match.group() in denied for match in _DENIED.finditer(fold(one)))


def _names_lack(clause: Clause) -> bool:
    return "not" in clause.sides.force


def _told(sentence: Sentence) -> tuple[Clause, ...]:
    """The clauses of a sentence, behind them each with the next; of a row, those of its cells."""
    return _single(sentence) if sentence.role == "row" else joined(sentence.body)


def _single(sentence: Sentence) -> tuple[Clause, ...]:
    if sentence.role != "row":
        return clauses(sentence.body)
    return tuple(clause for cell in sentence.cells for clause in clauses(cell))


def from_elsewhere(claim: str, chosen: Sequence[Sentence], names: frozenset[str]) -> bool:
    """Whether, of several sentences that do not belong together, the one that holds most of a clause
    lacks its number, identifier, name, or what it begins with."""
    groups = _groups(chosen)
    if len(groups) < 2:
        return False
    for clause in clauses(claim):
        own = units(clause.text)
        words = own.words - {word for word in own.words if word[0] == "#"}
        if len(words) < 2:
            continue
        shares = [len(shared(words, _words(group))) for group in groups]
        best = groups[shares.index(max(shares))]
        if max(shares) < _SAME * len(words):
            continue
        lacks = {key for key in clause.keys if not _has(best, key)}
        lacks |= {("name", word) for word in own.words & names if not _has(best, ("name", word))}
        first = leading_word(clause.text, words)
        if first and not shared({first}, _words(best)):
            lacks.add(("name", first))
        if any(_has(group, key) for key in lacks for group in groups if group is not best):
            return True
    return False


def _groups(chosen: Sequence[Sentence]) -> list[list[Sentence]]:
    """Sentences that belong together: of one list item, or joined by a pronoun that begins the later."""
    groups: list[list[Sentence]] = []
    for sentence in chosen:
        last = groups[-1][-1] if groups else None
        follows = last is not None and sentence.place == last.place + 1
        joined = follows and sentence.role != "item" and bool(_POINTS_BACK.match(sentence.text))
        item = follows and last is not None and last.role == "item"
        one = item and last is not None and (sentence.line == last.line or sentence.role == "prose")
        if joined or (one and _THIS.search(sentence.text)):
            groups[-1].append(sentence)
        else:
            groups.append([sentence])
    return groups


def _words(group: Sequence[Sentence]) -> frozenset[str]:
    return frozenset[str]().union(*(s.units.words | s.around.units.words for s in group))


def _has(group: Sequence[Sentence], key: Key) -> bool:
    kind, value = key
    for s in group:
        for held in (s.units, s.around.units):
            if kind == "number" and value in held.numbers:
                return True
            if kind == "code" and held.has_run(tuple(value.split("."))):
                return True
            if kind == "name" and value in held.words:
                return True
    return False


def leading_word(text: str, words: frozenset[str]) -> str:
    """The word of `words` that a text begins with, '' where it begins with another."""
    match = re.match(
        r"\W*(?:(?:the|a|an|our|its|all|each|every)\s+)?([a-z]+|[一-鿿]{2})", fold(text)
    )
    if match is None:
        return ""
    word = match[1] if match[1] in words else stem(match[1])
    return word if word in words else ""


def core_of(claim: str, chosen: Sequence[Sentence]) -> Sentence:
    """The sentence that holds most of the statement's words."""
    words = units(claim).words
    return max(chosen, key=lambda s: len(shared(words, s.units.words)))


def another_of_kind(claim: str, chosen: Sequence[Sentence], passage: str) -> bool:
    """Whether the statement says of one thing what the sentences say of another of its kind, both of
    which the passage tells apart: 'the tuning half' for 'the reporting half'."""
    held = [pair for s in chosen for pair in _pairs(s.text)]
    near = {pair for s in chosen for pair in _pairs(s.around.text)}
    heads: dict[str, set[str]] = {}
    for first, second in held:
        heads.setdefault(second, set()).add(first)
    elsewhere: set[tuple[str, str]] | None = None
    for first, second in _pairs(claim):
        if second not in heads or first in heads[second] or (first, second) in near:
            continue
        others = heads[second] - {word for pair in _pairs(claim) for word in pair}
        if any(_mentions(s, first, others) for s in chosen):
            continue
        if elsewhere is None:
            elsewhere = set(_pairs(passage))
        if (first, second) in elsewhere and any((o, second) in elsewhere for o in others):
            return True
    return False


def _mentions(sentence: Sentence, word: str, others: set[str]) -> bool:
    """Whether the sentence, or what it stands under and the others do not, has the word."""
    if word in sentence.units.words or word in sentence.text:
        return True
    above = sentence.around.units.words
    return word in above and not others & above


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """Neighbouring content words of English; of Chinese, two characters and the two behind them."""
    for match in re.finditer(r"[一-鿿]{4,}", text):
        run = match.group()
        for place in range(len(run) - 3):
            yield run[place : place + 2], run[place + 2 : place + 4]
    tokens = [
        next(iter(units(word.casefold()).words), "")
        for word in re.findall(r"[A-Za-z]+|[^\sA-Za-z]", text)
    ]
    yield from ((one, two) for one, two in pairwise(tokens) if one and two and one.isascii())


def out_of_order(claim: str, chosen: Sequence[Sentence]) -> bool:
    """Whether steps or items that are told in an order stand in the other."""
    held_text = " . ".join(s.body for s in chosen)
    if not _ORDERED.search(fold(f"{claim} {held_text}")):
        return False
    said, held = _steps(claim), _steps(held_text)
    places: list[int] = []
    for step in said:
        shares = [len(shared(step, other)) / len(step) for other in held]
        best = max(shares, default=0.0)
        if best >= 0.5 and shares.count(best) == 1:
            places.append(shares.index(best))
    pairs = [(a, b) for i, a in enumerate(places) for b in places[i + 1 :] if a != b]
    return bool(pairs) and sum(a > b for a, b in pairs) * 2 > len(pairs)


def _steps(text: str) -> list[frozenset[str]]:
    parts = [units(re.sub(r".*[:：]", "", part)).words for part in _STEP.split(fold(text))]
    return [frozenset(part) for part in parts if part]


def other_alternative(question: str, said: Units, chosen: Sequence[Sentence]) -> bool:
    """Whether the question names two things, the statement one of them, the sentences only the other."""
    held = frozenset[str]().union(*(s.units.words for s in chosen))
    for match in _ALTERNATIVES.finditer(fold(question)):
        left, right = (units(side).words for side in match.groups())
        for own, other in ((left - right, right - left), (right - left, left - right)):
            if own & said.words and not own & held and other & held and not other & said.words:
                return True
    return False
