"""Finding the sentences of the material that bear a statement out.

Words decide first: numbers and identifiers of the statement must stand in the sentences, what it
adds to the question must mostly be there, and neither side may deny what the other affirms. Where
words alone are inconclusive (a paraphrase, another language) the embedding model is asked about the
few nearest sentences.

Over 350 lines: the rules decide together, in an order in which an earlier one settles what a later one would doubt.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from app.answering.evidence.clauses import Key, clauses
from app.answering.evidence.clock import told_by, without_times
from app.answering.evidence.conditions import gives_leave, is_conditional, leaves_out
from app.answering.evidence.context import Material, Sentence
from app.answering.evidence.keys import dimension, keys
from app.answering.evidence.numbers import find_numbers
from app.answering.evidence.rules import contradicted, names_row, opposed, written_otherwise
from app.answering.evidence.signs import signs_differ
from app.answering.evidence.units import (
    Units,
    first_word,
    fold,
    is_negated,
    letters,
    negations,
    units,
    without_lacks,
)
from app.errors import Language
from app.text.glosses import holds, named, stems_of

_CLAUSE = re.compile(r"[,，;；:：—]|\bbut\b|\bwhile\b|\bwhereas\b|但|而且|然而")
_POINTS_BACK = re.compile(
    r"\b(?:it|its|they|their|this|these|he|she|his|her|the same)\b|[它其该此这]"
)
_YEAR = re.compile(r"(?:1\d|20)\d\d")


@dataclass(frozen=True)
class Limits:
    """Least shares, [0, 1], for support by words.

    Found on the `tune` slices of XQuAD.
    """

    added: float = 0.6  # of what the statement adds to the question
    whole: float = 0.5  # of the whole statement
    echo: float = 0.6  # of a statement that adds nothing to the question
    about: float = 0.1  # of the question, for an answer that repeats nothing of it
    most_sentences: int = 3


LIMITS = Limits()

# Share of a statement's words that a sentence has to hold more of to be the nearer one.
_NEARER = 0.2
# Share from which a sentence says the same, or the opposite, as one in another language.
_MOSTLY = 0.6
# So much of a column's name is said where the column is meant.
_NAMED = 0.7
# A cell that says no more than this denies what its column asks.
_NO = frozenset("no n none never false × ✗ ✘ x 否 不 不是 不能 无 没有 未 - – — /".split()) | {""}


@dataclass(frozen=True)
class Claim:
    """A statement with the question that it answers, both as units."""

    said: Units
    asked: Units
    language: Language
    marks: frozenset[int]  # passages the model named, 0-based
    assent: bool = False  # the statement is the question itself, affirmed or denied
    text: str = ""
    question: str = ""
    conditional: bool = False  # the question itself tells of a condition
    whole: bool = False  # it answers yes or no, so that the question lends it nothing

    @property
    def added(self) -> frozenset[str]:
        """The words that the statement adds to the question."""
        return self.said.words - self.asked.words

    @property
    def short(self) -> bool:
        """Whether it says too little to be about anything without its question."""
        return not self.assent and (
            len(self.said.words) <= 4
            or (len(self.said.words) <= 8 and not self.said.words & self.asked.words)
        )

    @property
    def bare(self) -> bool:
        """Whether it is a mere name or number, which affirms and denies nothing."""
        repeats = self.whole or self.said.words & self.asked.words
        return self.short and not self.said.negated and not repeats


@dataclass(frozen=True)
class Evidence:
    """`sentences` in the order of the document, all of one passage. `strength` in [0, 1] is the share
    of the statement that they hold, `about` that of the question that their passage holds.
    """

    sentences: tuple[Sentence, ...]
    strength: float
    about: float


def by_words(claim: Claim, material: Material, limits: Limits = LIMITS) -> Evidence | None:
    """The best supporting sentences by shared words, or None."""
    best: tuple[float, Evidence] | None = None
    for number, every in enumerate(material.sentences):
        sentences = tuple(sentence for sentence in every if sentence.quotable)
        if not sentences or material.languages[number] != claim.language:
            continue
        for first in _likeliest(claim, material, sentences):
            chosen = _extend(claim, first, sentences, limits.most_sentences)
            evidence = _judge(claim, material, number, chosen, limits)
            if evidence is None:
                continue
            evidence = _least(claim, material, number, evidence, limits)
            score = _rank(claim, evidence, number)
            if best is None or score > best[0] + 1e-9:
                best = (score, evidence)
    if best is None or nearer_denies(claim, material, best[1].sentences):
        return None
    return best[1]


def nearer_denies(claim: Claim, material: Material, chosen: tuple[Sentence, ...]) -> bool:
    """Whether a sentence in the statement's language that holds clearly more of its words, or where the
    evidence is in another most of them, says the opposite."""
    wanted = {word for word in claim.said.words if word[0] != "#"}
    if claim.assent or len(wanted) < 2:
        return False

    def held(sentences: Iterable[Sentence]) -> float:
        return _joint(wanted, [u for s in sentences for u in (s.units, s.around.units)])

    other = material.languages[chosen[0].passage] != claim.language
    least = _MOSTLY if other else held(chosen) + _NEARER
    if least > 1.0:
        return False
    return any(
        held((sentence,)) >= least
        and opposed(claim.text, claim.question, claim.said, claim.asked, sentence, same=True)
        for number, sentences in enumerate(material.sentences)
        if material.languages[number] == claim.language
        for sentence in sentences
        if sentence.quotable
    )


def firm(claim: Claim, material: Material, sentence: Sentence) -> bool:
    """Whether the sentence, in another language, holds at least two of the keys that both can write
    alike (quantities with their unit, identifiers, names, days, frequencies and times of day), all that
    the statement has, and nothing that could stand in the place of one."""
    said = keys(claim.text)
    held, around = sentence.keys, sentence.around.keys
    latin = claim.said.codes
    if claim.language == "zh":
        latin = latin | {(word,) for word in claim.said.words if word.isascii() and word[0] != "#"}
    elif material.languages[sentence.passage] == "zh":
        latin = latin | {(name,) for name in claim.said.names & sentence.units.words}
    units_named = {unit for _, unit in said.quantities} - {""}
    named = {unit for unit in said.named - units_named if unit in held.named | around.named}
    times = told_by(claim.text, sentence.text)
    # The afternoon of 下午3点半 stands in 15:30.
    fixed = keys(without_times(claim.text, sentence.text)).fixed if times else said.fixed
    if not fixed <= held.fixed | around.fixed:
        return False
    numbers = {number for number, _ in said.quantities}
    told = max(len(numbers), sum(1 + bool(each.minute % 60) for each in times))
    numbers -= written_otherwise(claim.text, (sentence,)) if times else frozenset()
    if not (numbers or times) or not numbers <= sentence.units.numbers:
        return False
    if not fixed and not times and not any(unit for _, unit in said.quantities):
        return False  # 'Mistral 7B' is one name
    declared = material.declared[sentence.passage]
    meant = _columns_meant(claim, sentence) if sentence.role == "row" else []
    if len(meant) == 1:
        declared |= keys(sentence.around.columns[meant[0]]).named
    for number, unit in said.quantities:
        if unit and unit not in held.units_of(number) | declared:
            return False
    kept = {run for run in latin if sentence.units.has_run(run) or run[0] in sentence.units.words}
    alike = (said.force, held.force), (said.bounds, held.bounds)
    same = sum(bool(ours) and ours == theirs for ours, theirs in alike)
    if told + len(kept) + len(said.fixed) + len(named) + same < 2:
        return False
    parts = clauses(sentence.body) if sentence.role != "row" else ()
    inside = [part for part in parts if numbers <= {v for kind, v in part.keys if kind == "number"}]
    rivals = inside[0].dimensions if inside else _dimensions(sentence)
    taken = {dimension(unit) for _, unit in said.quantities}
    if len(meant) == 1:
        return not of_another_column(claim, sentence)  # the column tells which is meant
    return not any(of in taken and key[1] not in numbers for key, of in rivals)


def _dimensions(sentence: Sentence) -> frozenset[tuple[Key, str]]:
    return frozenset(
        (("number", number), dimension(unit)) for number, unit in sentence.keys.quantities
    )


def candidates(claim: Claim, material: Material, most: int) -> list[Sentence]:
    """Sentences worth comparing by meaning: those that pass the hard checks, likeliest first."""
    scored = []
    for number, sentences in enumerate(material.sentences):
        for sentence in sentences:
            if not sentence.quotable or contradicts(claim, material, number, (sentence,)):
                continue
            likely = _first_score(claim, material, sentence) + (number in claim.marks) * 0.5
            scored.append((likely, -number, -sentence.place, sentence))
    scored.sort(key=lambda item: item[:3], reverse=True)
    return [item[3] for item in scored[:most]]


def anchored(claim: Claim, sentence: Sentence) -> bool:
    """Whether the sentence, in another language, holds what both can write alike: the numbers and
    identifiers that the statement adds to the question, of which there must be one.
    """
    numbers = {word for word in claim.added if word[0] == "#"}
    runs = claim.said.codes - claim.asked.codes
    if not sentence.units.pieces or claim.language == "zh":  # Latin words in Chinese are names
        latin = {word for word in claim.added if word.isascii() and word[0] != "#"}
    else:
        latin = set()
    return bool(numbers or runs or latin) and (
        share(numbers | latin, sentence.units) >= 1.0
        and all(sentence.units.has_run(run) for run in runs)
    )


def share(wanted: Iterable[str], held: Units) -> float:
    """The weight of the wanted words that `held` has, [0, 1]; 1 when none is wanted.

    A single character weighs half a word, a number as much as two.
    """
    total = found = 0.0
    for word in wanted:
        weight = 2.0 if word[0] == "#" else 0.5 if len(word) == 1 else 1.0
        total += weight
        if word in held.words or (word[0] == "#" and word[1:] in held.numbers):
            found += weight
    return found / total if total else 1.0


def _likeliest(claim: Claim, material: Material, sentences: tuple[Sentence, ...]) -> list[Sentence]:
    """A few sentences to start from: that with most of the answer, and that nearest the question."""
    ordered = sorted(sentences, key=lambda s: _first_score(claim, material, s), reverse=True)
    return ordered[:3]


def _first_score(claim: Claim, material: Material, sentence: Sentence) -> float:
    before = [s for s in material.sentences[sentence.passage] if s.place == sentence.place - 1]
    nearby = share(claim.asked.words, before[0].units) if before else 0.0
    return (
        share(claim.added, sentence.units)
        + share(claim.said.words, sentence.units)
        + share(claim.asked.words, sentence.units)
        + 0.3 * nearby
    )


def _extend(
    claim: Claim, first: Sentence, sentences: tuple[Sentence, ...], most: int
) -> tuple[Sentence, ...]:
    """`first` and, where it leaves much open, the sentences of its passage that hold the most of the rest."""
    chosen = [first]
    while len(chosen) < most:
        open_words = {
            word for word in claim.added if not any(share((word,), s.units) for s in chosen)
        }
        open_digits = {
            digit
            for digit in claim.said.digits - claim.asked.numbers
            if not any(digit in s.units.numbers for s in chosen)
        }
        open_codes = [
            code
            for code in claim.said.codes - claim.asked.codes
            if not any(s.units.has_run(code) or s.around.units.has_run(code) for s in chosen)
        ]
        if not (open_digits or open_codes) and len(open_words) * 3 < len(claim.added):
            break
        gains = [
            (
                sum(digit in s.units.numbers for digit in open_digits) * 3
                + sum(s.units.has_run(code) for code in open_codes) * 3
                + sum(
                    (2 if word in claim.said.names else 1)
                    for word in open_words
                    if len(word) > 1 and share((word,), s.units)
                )
                + 0.5 * any(abs(s.place - c.place) == 1 for c in chosen),
                s,
            )
            for s in sentences
            if s not in chosen
        ]
        gain, following = max(gains, key=lambda item: item[0], default=(0.0, first))
        if gain < 3:
            break
        chosen.append(following)
    return tuple(sorted(chosen, key=lambda s: s.place))


def _least(
    claim: Claim, material: Material, number: int, evidence: Evidence, limits: Limits
) -> Evidence:
    """The evidence without sentences that it does not need, those with least of the statement first."""
    for sentence in sorted(evidence.sentences, key=lambda s: share(claim.said.words, s.units)):
        rest = tuple(s for s in evidence.sentences if s != sentence)
        fewer = _judge(claim, material, number, rest, limits) if rest else None
        if fewer and fewer.strength >= 0.75 * evidence.strength:
            evidence = fewer
    return evidence


def _judge(
    claim: Claim, material: Material, number: int, chosen: tuple[Sentence, ...], limits: Limits
) -> Evidence | None:
    if contradicts(claim, material, number, chosen):
        return None
    held = [sentence.units for sentence in chosen]
    said, added = claim.said.words, claim.added
    if claim.text and (otherwise := written_otherwise(claim.text, chosen)):
        # 下午 and 点半 say no more than 15:30 does.
        held_text = " \n ".join(s.text for s in chosen)
        spoken = said - units(without_times(claim.text, held_text)).words
        left_out = spoken | {f"#{value}" for value in otherwise}
        said, added = said - left_out, added - left_out
    near_units = [*held, *{id(s.around): s.around.units for s in chosen}.values()]
    added_share = _joint(added, near_units)
    near_share = _joint(said, near_units)
    whole = 0.5 * (near_share + _joint(said, [*held, material.whole[number]]))
    about = share(claim.asked.words, material.whole[number])
    near = _joint(claim.asked.words, near_units)
    if said and not _joint(said, held):
        return None  # only headings hold what it says
    if added_share < limits.added or whole < limits.whole:
        return None
    if not added:
        # It repeats the question: then the sentences, not just their passage, must say it.
        if near_share < limits.echo:
            return None
    elif claim.short:
        # 'MIT' stands in many sentences: only one that is about the question will do.
        related = max(near, 0.5 * about)
        # A row that is named and holds the number says it, whatever the verb.
        named = len(chosen) == 1 and names_row(f"{claim.question} {claim.text}", chosen[0])
        whole_row = (
            named
            and bool(claim.said.digits)
            and _holds_quantities(claim, chosen[0], material.declared[number])
        )
        if (added_share < 0.99 and not whole_row) or (claim.asked.words and related < limits.about):
            return None
    if polarity_differs(claim, chosen):
        return None
    return Evidence(chosen, added_share * whole, 0.5 * (about + near))


def _holds_quantities(claim: Claim, row: Sentence, declared: frozenset[str]) -> bool:
    """Whether the row or its column names hold every number of the statement, and its unit."""
    for number, unit in keys(claim.text).quantities:
        units_ = row.keys.units_of(number) | row.around.keys.named
        units_ |= declared if units_ <= {""} else frozenset()
        if number not in row.units.numbers or (unit and unit not in units_):
            return False
    return True


def _rank(claim: Claim, evidence: Evidence, number: int) -> float:
    return (
        evidence.strength
        + evidence.about
        + 0.15 * (number in claim.marks)
        - 0.1 * (len(evidence.sentences) - 1)
        - 0.01 * number
    )


def _joint(wanted: Iterable[str], held: list[Units]) -> float:
    words = list(wanted)
    covered = [word for word in words if any(share((word,), unit) for unit in held)]
    total, found = (sum(map(_weight, group)) for group in (words, covered))
    return found / total if total else 1.0


def _weight(word: str) -> float:
    return 2.0 if word[0] == "#" else 0.5 if len(word) == 1 else 1.0


def of_another_letter(claim: Claim, material: Material, chosen: Iterable[Sentence]) -> bool:
    """Whether a single letter of the statement, which is no word to compare, is missing: class C for class B, B座
    for A座. One that the question has may be told by what stands around, unless another stands in its place."""
    said = letters(claim.text)
    if not said:
        return False
    sentences = tuple(chosen)
    own = [pair for s in sentences for pair in letters(s.text)]
    held = [*own, *(pair for s in sentences for pair in letters(s.around.text))]
    # Documents write small letters, too; but 'a' is a word in English.
    small = {p.upper() for s in sentences for p in (*s.units.pieces, *s.around.units.pieces)}
    if any(material.languages[s.passage] != "zh" for s in sentences):
        small -= {"A", "I"}
    asked = {letter for letter, _ in letters(claim.question)}
    for letter, sides in said:
        beside = {other for other, theirs in held if sides & theirs}
        if letter in beside or (not beside and letter in small | {other for other, _ in held}):
            continue
        if letter not in asked or beside or own:
            return True
    return False


def contradicts(
    claim: Claim, material: Material, number: int, chosen: tuple[Sentence, ...]
) -> bool:
    """Whether a number, identifier or name of the statement is missing where it must stand."""
    numbers = set().union(*(s.units.numbers | s.around.units.numbers for s in chosen))
    whole = material.whole[number]
    otherwise = written_otherwise(claim.text, chosen) if claim.text else frozenset()
    for digit in claim.said.digits:
        if digit in otherwise:
            continue
        if digit in numbers:
            if _of_something_else(digit, claim, chosen):
                return True
            continue
        if digit not in claim.asked.numbers or _of_something_else(digit, claim, chosen):
            return True
        if digit in whole.numbers:
            continue
        # The question's own number: another year in the sentence means another event.
        if _YEAR.fullmatch(digit) and any(_YEAR.fullmatch(n) and n != digit for n in numbers):
            return True
    for code in claim.said.codes:
        if any(s.units.has_run(code) or s.around.units.has_run(code) for s in chosen):
            continue
        if code not in claim.asked.codes or not whole.has_run(code):
            return True
    if of_another_letter(claim, material, chosen):
        return True
    if claim.text and signs_differ(
        claim.text, [s.text for s in chosen], [s.around.text for s in chosen]
    ):
        return True
    if claim.text and contradicted(
        claim.text,
        claim.question,
        claim.said,
        claim.asked,
        chosen,
        material,
        same=material.languages[number] == claim.language,
    ):
        return True
    if material.languages[number] != claim.language:
        return False
    near = frozenset[str]().union(*(s.units.words | s.around.units.words for s in chosen))
    names = claim.said.names | (claim.said.words & claim.asked.names)
    names |= {first_word(claim.text)} & material.names
    missing = frozenset(name for name in names if name not in near)
    if missing - claim.asked.words or (
        missing
        and any(s.role == "prose" for s in chosen)
        and claim.said.digits - claim.asked.numbers
    ):
        # A name that stands elsewhere in the passage may be what a pronoun of the sentence means.
        if any(name not in whole.words for name in claim.said.names - claim.asked.words):
            return True
        return not any(_POINTS_BACK.search(fold(s.text)) for s in chosen) or not any(
            _meant_before(missing, s, material) for s in chosen
        )
    # Who is asked about stands somewhere in the passage.
    return any(name not in whole.words for name in claim.asked.names & claim.said.words)


def _of_something_else(digit: str, claim: Claim, chosen: tuple[Sentence, ...]) -> bool:
    """Whether the statement gives as a quantity a number that elsewhere only tells a part or is the question's,
    while the sentences have another quantity of that kind: '3 小时' by 第三条."""
    own = keys(claim.text).units_of(digit) - {""}
    if not own or own & keys(claim.question).units_of(digit):
        return False
    of = {dimension(unit) for unit in own}
    rival = False
    for s in chosen:
        measures = {what for number, what in s.keys.counts if number == digit}
        if any(dimension(what) in of for what in measures):
            return False
        if not measures and _stands_bare(digit, fold(s.text)):
            return False  # what it counts is not said
        rival = rival or any(dimension(unit) in of for _, unit in s.keys.quantities)
    return rival


def _stands_bare(digit: str, folded: str) -> bool:
    """Whether the number stands in a text other than as an ordinal (第三方)."""
    return any(
        number.value == digit and folded[: number.start].rstrip()[-1:] != "第"
        for number in find_numbers(folded)
    )


def _meant_before(names: frozenset[str], sentence: Sentence, material: Material) -> bool:
    """Whether the names stand before the sentence, in its list item or else under its heading."""
    held: set[str] = set()
    for before in reversed(material.sentences[sentence.passage][: sentence.place]):
        if before.heading != sentence.heading or sentence.role == "item":
            break
        held |= before.units.words
        if before.role == "item":
            break
    return names <= held


def _named_cell(claim: Claim, sentence: Sentence) -> tuple[str, str] | None:
    """The cell of a row under the one column whose name the statement, or the question, says in the main, behind
    that name."""
    columns = sentence.around.columns
    if sentence.role != "row" or len(columns) != len(sentence.cells):
        return None
    called = [units(column).words for column in columns[1:]]
    shares = [
        max(share(words, claim.said), share(words, claim.asked)) if words else 0.0
        for words in called
    ]
    best = max(shares, default=0.0)
    if best < _NAMED or shares.count(best) > 1:
        return None
    place = 1 + shares.index(best)
    return columns[place], sentence.cells[place]


def _denies(cell: str) -> bool:
    said = fold(cell).strip(" .。")
    return said in _NO or is_negated(said)


def silent_on_condition(claim: Claim, row: Sentence) -> bool:
    """Whether a row in another language allows something on a condition, and the statement says without one that it
    is allowed. The cell is the one whose column a dictionary finds in the statement; any where it finds none."""
    if row.role != "row" or len(row.around.columns) != len(row.cells):
        return False
    if not gives_leave(f"{claim.question} {claim.text}"):
        return False
    if not leaves_out(claim.text, negated=claim.said.negated):
        return False
    return any(is_conditional(row.cells[place]) for place in _columns_meant(claim, row))


def of_another_column(claim: Claim, row: Sentence) -> bool:
    """Whether a number that the statement adds to the question stands in a row in another language, but not under
    the one column that a dictionary finds in the statement: what it takes idle, not under load."""
    added = claim.said.numbers - claim.asked.numbers
    if row.role != "row" or len(row.around.columns) != len(row.cells) or not added:
        return False
    meant = _columns_meant(claim, row)
    if len(meant) != 1:
        return False
    held = {number.value for number in find_numbers(fold(row.cells[meant[0]]))}
    elsewhere = {
        number.value
        for place, cell in enumerate(row.cells)
        if place not in (0, meant[0])
        for number in find_numbers(fold(cell))
    }
    return bool(added & elsewhere - held)


def _columns_meant(claim: Claim, row: Sentence) -> list[int]:
    """The places of the columns, but for the first, whose names say the most of what the statement and its question
    say in the other language; all where none says anything."""
    said = fold(f"{claim.question} {claim.text}")
    other: Language = "zh" if claim.language == "en" else "en"
    ways = [each.said for each in named(said, claim.language, other)]
    stems = frozenset(stems_of(said))
    # A dictionary has 闲 for idle, and 'leisure' for 空闲.
    held = [
        sum(holds(fold(column), frozenset(stems_of(column)), way) for way in ways)
        + sum(holds(said, stems, each.said) for each in named(column, other, claim.language))
        for column in row.around.columns[1:]
    ]
    if len(row.around.columns) != len(row.cells):
        return []
    most = max(held, default=0)
    return [place for place, count in enumerate(held, 1) if count == most]


def polarity_differs(claim: Claim, chosen: tuple[Sentence, ...]) -> bool:
    """Whether one side denies what the other affirms, judged on the clause that shares most words, of a row on the
    cell under the column that the statement names."""
    if claim.bare:
        return False
    for sentence in chosen:
        at = _named_cell(claim, sentence)
        if at is not None:
            column, cell = at
            asks = claim.assent or gives_leave(f"{column} {claim.question} {claim.text}")
            if asks and is_conditional(cell) and not (claim.assent and claim.conditional):
                return leaves_out(claim.text, negated=claim.said.negated)
            return _denies(cell) != claim.said.negated
    if _condition_left_out(claim, chosen):
        return True
    if claim.said.negated:
        return _affirms_of_what_lacks(claim, chosen) or not any(s.units.negated for s in chosen)
    return not claim.asked.negated and is_negated(_nearest_clause(claim, chosen))


def _affirms_of_what_lacks(claim: Claim, chosen: tuple[Sentence, ...]) -> bool:
    """Whether a statement affirms, of things that lack something, what the clause that says most of it denies: that
    visitors without a badge are admitted."""
    said = fold(claim.text)
    if not said or is_negated(without_lacks(said)):
        return False
    return negations(said) < negations(_nearest_clause(claim, chosen))


def _nearest_clause(claim: Claim, chosen: tuple[Sentence, ...]) -> str:
    """The clause that shares most words with the statement, folded; '' for none."""
    best, nearest = 0, ""
    for sentence in chosen:
        for clause in _CLAUSE.split(fold(sentence.text)):
            shared = sum(word in clause for word in claim.said.words)
            if shared > best:
                best, nearest = shared, clause
    return nearest


def _condition_left_out(claim: Claim, chosen: tuple[Sentence, ...]) -> bool:
    """Whether a sentence allows something on a condition that neither the statement nor the question tells."""
    if not claim.assent and not gives_leave(claim.text):
        return False
    if is_conditional(f"{claim.question} {claim.text}") or (claim.assent and claim.conditional):
        return False
    return any(s.role != "row" and is_conditional(s.body) and gives_leave(s.body) for s in chosen)
