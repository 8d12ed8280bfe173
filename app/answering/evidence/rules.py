"""The exact rules: what makes a sentence or row no evidence, however many words it shares.

Each rule names one way of being wrong that shared words do not show: another row, another column,
another section's number, another unit or day, may for must, two names that changed places.

Over 350 lines: the rules are many and short, and stand in the order in which they are asked.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from app.answering.evidence.binding import (
    another_of_kind,
    clause_differs,
    core_of,
    from_elsewhere,
    misbound,
    other_alternative,
    out_of_order,
)
from app.answering.evidence.clock import clocks, clocks_differ, without_times
from app.answering.evidence.context import Material, Sentence
from app.answering.evidence.keys import Keys, differ, dimension, keys
from app.answering.evidence.numbers import find_numbers
from app.answering.evidence.replaced import another_put, another_titled
from app.answering.evidence.units import Units, fold, is_content, units
from app.text.differing import differing
from app.text.language import HAN

_LETTERS = r"[A-Za-z0-9_À-ɏ.+-]"
ENTITY = re.compile(
    # Without Han, which are \w: 'Acme公司收购Bolt公司' names two.
    rf"[A-Z]{_LETTERS}*(?:[ -](?:[A-Z]|\d){_LETTERS}*)*|(?<![A-Za-z])[A-Za-z]{{1,40}}[-.]?\d{_LETTERS}*"
)
_SYMMETRIC = re.compile(
    r"^[\s,，、;；/&]{0,16}(?:and|or|和|与|及|以及|或|、|,|，|with|versus|vs\.?)?[\s,，、]{0,16}$"
)
_PASSIVE = re.compile(
    r"\b(?:is|are|was|were|be|been|being)\s+\w+(?:ed|en|wn|un|t)\b(?:\s+\w+){0,3}\s+by\b|被|由"
)
_PARTS = re.compile(r"[，,；;：:。！!？?\n]")
_ALIKE = re.compile(r"[和与跟同及或、/及并]|等于|相等|相邻|互")
_LONGEST_PART = 200
_THAN = re.compile(r"\bthan\b|比(?!例|特|如|较|对|重)|不如|优于")
_PIVOTS = (
    _THAN,
    re.compile(r"\bbefore\b|\binstead of\b|\brather than\b|\bafter\b"),
    re.compile(r"[,，;；]\s*(?:and )?then\b|[,，]?(?:然后|再|之后)"),
    re.compile(r"[,，]\s*(?:but )?(?:never|not)\b|[,，]?(?:而不是|而非|不(?=负责|是|用|管))"),
)


def contradicted(
    claim: str,
    question: str,
    said: Units,
    asked: Units,
    chosen: Sequence[Sentence],
    material: Material,
    *,
    same: bool = True,
) -> bool:
    """Whether an exact rule forbids these sentences, all of one passage, as evidence of the claim;
    with `same`, both are in one language."""
    held = keys(" \n ".join(sentence.text for sentence in chosen))
    around = keys(" . ".join({sentence.around.text for sentence in chosen}))
    texts = [text for s in chosen for text in (s.text, s.around.text)]
    if differ(_said(claim, " \n ".join(texts)), keys(question), held, around):
        return True
    if clocks_differ(claim, question, texts):
        return True
    both = fold(f"{question} {claim}")
    asked_or_said = units(f"{question} . {claim}")
    core = (core_of(claim, chosen),)
    if (
        claim
        and not _copied(claim, chosen)
        and (
            misbound(claim, chosen, material.names)
            or clause_differs(claim, question, chosen, same)
            or (
                same
                and (
                    from_elsewhere(claim, chosen, material.names)
                    or another_put(
                        claim,
                        chosen,
                        material.names | said.names,
                        material.passages[core[0].passage].text,
                    )
                    or another_titled(claim, " ".join(texts))
                    or another_of_kind(claim, core, material.passages[core[0].passage].text)
                    or out_of_order(claim, chosen)
                    or other_alternative(question, said, core)
                )
            )
        )
    ):
        return True
    return (
        any(_another_row(both, sentence, chosen, material) for sentence in chosen)
        or _unnamed_rows(both, chosen)
        or any(_another_section(asked_or_said, sentence, material) for sentence in chosen)
        or any(_another_column(said, asked, asked_or_said, sentence) for sentence in chosen)
        or _code_missing(asked, chosen, material)
        or _another_named(said, asked, chosen)
        or _changed_places(claim, chosen)
    )


def _said(claim: str, held: str) -> Keys:
    """The keys of a statement; the 下午 of a time that the evidence has is none: 15:30 says it, too."""
    said = keys(claim)
    if not said.fixed:
        return said
    return replace(said, fixed=said.fixed & keys(without_times(claim, held)).fixed)


def _copied(claim: str, chosen: Sequence[Sentence]) -> bool:
    """Whether the statement is one of the sentences, or what stands in one up to or from a semicolon on."""
    said = fold(claim).strip(" .。;；")
    for sentence in chosen:
        text = fold(sentence.body)
        place = text.find(said)
        if place < 0:
            continue
        before, after = text[:place].rstrip(), text[place + len(said) :].lstrip()
        if (not before or before[-1] in ";；") and (not after or after[0] in ".。;；"):
            return True
    return False


def opposed(
    claim: str, question: str, said: Units, asked: Units, sentence: Sentence, same: bool
) -> bool:
    """Whether the sentence says the opposite of the statement, or another number of the same."""
    around = sentence.around.keys
    if differ(_said(claim, sentence.text), keys(question), sentence.keys, around):
        return True
    chosen = (sentence,)
    if misbound(claim, chosen) or clause_differs(claim, question, chosen, same):
        return True
    if same and (out_of_order(claim, chosen) or _changed_places(claim, chosen)):
        return True
    missing = (said.digits - asked.numbers) - sentence.units.numbers
    missing -= written_otherwise(claim, chosen)
    return any(
        dimension(unit) in {dimension(other) for _, other in sentence.keys.quantities}
        for number, unit in keys(claim).quantities
        if number in missing
    )


def written_otherwise(text: str, chosen: Sequence[Sentence]) -> frozenset[str]:
    """The numbers of a text that the sentences hold in another form: 15:30 as 下午3点半, 6 months as half a year."""
    held = [clock for s in chosen for each in (s.text, s.around.text) for clock in clocks(each)]
    plain = frozenset[str]().union(*(s.units.numbers for s in chosen))
    found: set[str] = set()
    folded = fold(text)
    for clock in clocks(text):
        if any(map(clock.meets, held)):
            place = folded[clock.start : clock.end]
            found |= {own.value for own in find_numbers(place) if own.written_in_digits}
    there = frozenset[tuple[str, Decimal]]().union(*(s.keys.amounts for s in chosen))
    for value, unit in keys(text).quantities:
        amounts = keys(f"{value} {unit}").amounts if unit else frozenset()
        if amounts and amounts <= there:
            found.add(value)
    return frozenset(found - plain)


def names_row(question: str, sentence: Sentence) -> bool:
    """Whether the question names this row by its first cell."""
    return sentence.role == "row" and _names(fold(question), sentence.cells[0])


def names_text(question: str, value: str) -> bool:
    """Whether the question holds `value` as whole words."""
    return _names(fold(question), value)


def _another_row(
    both: str, sentence: Sentence, chosen: Sequence[Sentence], material: Material
) -> bool:
    """Whether question or statement name another row of this row's table, and not this one."""
    if sentence.role != "row":
        return False
    own = fold(" ".join(sentence.cells[1:]))
    others = [
        other
        for other in material.sentences[sentence.passage]
        if other.role == "row" and other.around.columns == sentence.around.columns
    ]
    if _names(both, sentence.cells[0]):
        return False
    return any(
        _names(both, other.cells[0]) and not _names(own, other.cells[0])
        for other in others
        if other not in chosen
    )


def _unnamed_rows(both: str, chosen: Sequence[Sentence]) -> bool:
    """Whether several rows together are to say what none says, and one of them is not even named."""
    rows = [sentence for sentence in chosen if sentence.role == "row"]
    return len(rows) > 1 and not all(_names(both, row.cells[0]) for row in rows)


def _another_section(both: Units, sentence: Sentence, material: Material) -> bool:
    """Whether question or statement name the number of another section of this passage ('2.3',
    第十三条), and not that of the sentence's own."""
    if not sentence.heading:
        return False
    own = _numbers(sentence.heading)
    if not own or own & both.numbers:
        return False
    headings = {other.heading for other in material.sentences[sentence.passage]} - {""}
    return any(
        (numbers := _numbers(heading)) and numbers <= both.numbers and heading != sentence.heading
        for heading in headings
    )


def _another_column(said: Units, asked: Units, both: Units, sentence: Sentence) -> bool:
    """Whether the number that the statement adds stands in a column that is not the one named."""
    columns = sentence.around.columns
    if sentence.role != "row" or len(columns) != len(sentence.cells) or len(columns) < 3:
        return False
    added = said.numbers - asked.numbers
    named = [_share(units(column), both) for column in columns]
    holding = [
        place
        for place, cell in enumerate(sentence.cells)
        if place and added & {number.value for number in find_numbers(fold(cell))}
    ]
    if not holding:
        return False
    best = max(named[1:])
    return best >= 0.5 and all(named[place] < best - 0.3 for place in holding)


def _code_missing(asked: Units, chosen: Sequence[Sentence], material: Material) -> bool:
    """Whether an identifier with digits that is asked about stands neither in the sentences nor in
    what they stand under; for prose, in their passage."""
    for code in asked.codes:
        if not any(piece[0].isdigit() for piece in code) or not any(
            piece[0].isalpha() for piece in code
        ):
            continue
        for sentence in chosen:
            held = sentence.units.has_run(code) or sentence.around.units.has_run(code)
            if not held and sentence.role != "row":
                held = material.whole[sentence.passage].has_run(code)
            if held:
                break
        else:
            return True
    return False


def _another_named(said: Units, asked: Units, chosen: Sequence[Sentence]) -> bool:
    """Whether the statement is about an identifier, and the sentences, which lack it, about another."""
    for code in said.codes & asked.codes:
        if len(chosen) > 1 and any(
            (said.digits - asked.numbers) & s.units.numbers
            and not s.units.has_run(code)
            and s.units.codes - said.codes
            for s in chosen
        ):
            return True
        if any(s.units.has_run(code) or s.around.units.has_run(code) for s in chosen):
            continue
        if any(other not in said.codes for s in chosen for other in s.units.codes):
            return True
    return False


def _changed_places(claim: str, chosen: Sequence[Sentence]) -> bool:
    """Whether two names that stand in the statement in one order, with a verb between them, stand in
    the sentence in the other, both active or both passive."""
    for sentence in chosen:
        if sentence.role == "row":
            continue
        text = sentence.text
        if bool(_PASSIVE.search(fold(claim))) != bool(_PASSIVE.search(fold(text))):
            continue
        if _swapped_names(claim, text) or _swapped_sides(claim, text) or _swapped_han(claim, text):
            return True
    return False


def changed_places(one: str, other: str, *, voices_differ: bool) -> bool:
    """Whether two names, with one verb between them in both texts, stand in one order in the one and in the
    other in the other; where one text is passive and the other active, in the same order."""
    if voices_differ:
        return _swapped_names(one, other, to_same=True)
    return _swapped_names(one, other) or _swapped_han(one, other)


def _swapped_names(claim: str, text: str, *, to_same: bool = False) -> bool:
    """Whether neighbours of the claim stand in the text in the other order, or with `to_same` in the same."""
    names = [
        (match.group().casefold(), match.span())
        for match in ENTITY.finditer(claim)
        if is_content(match.group().casefold())
    ]
    lowered = text.casefold()
    for (one, (_, end)), (other, (start, _)) in pairwise(names):
        between = claim[end:start]
        if one == other or _SYMMETRIC.match(between) or len(between) > 60:
            continue
        first, second = lowered.find(one), lowered.find(other)
        if first < 0 or second < 0 or (first <= second) != to_same:
            continue
        middle = text[first + len(one) : second] if to_same else text[second + len(other) : first]
        if "." in middle or "。" in middle or _SYMMETRIC.match(middle):
            continue
        shared = units(between).words & units(middle).words
        if shared:
            return True
    return False


def _swapped_han(claim: str, text: str) -> bool:
    """'搜狗收购腾讯' for '腾讯收购搜狗': Chinese marks no names, but two sentences or clauses of the same
    characters of which two parts have changed places around a third say two things."""
    held: dict[str, list[str]] = {}
    for part in _han_parts(text):
        held.setdefault("".join(sorted(part)), []).append(part)
    return any(
        _exchanged(part, other)
        for part in _han_parts(claim)
        for other in held.get("".join(sorted(part)), ())
    )


def _han_parts(text: str) -> set[str]:
    """The text and its clauses without blanks and the marks at their ends."""
    whole = re.sub(r"\s", "", fold(text))
    parts = {part for part in _PARTS.split(whole) if HAN.search(part)}
    if parts:
        parts.add(whole.strip("。，,；;.!！?？"))
    return {part for part in parts if len(part) <= _LONGEST_PART}


def _exchanged(one: str, other: str) -> bool:
    """Whether `one` is …XVY… and `other` …YVX…, of as many characters, with a V that does not join equals."""
    one, other = differing(one, other)
    size = len(one)
    first = next((n for n in range(size - 1, 0, -1) if one[:n] == other[size - n :]), 0)
    last = next((n for n in range(size - first - 1, 0, -1) if one[size - n :] == other[:n]), 0)
    middle = one[first : size - last]
    return bool(
        first and last and middle == other[last : size - first] and not _ALIKE.search(middle)
    )


def _swapped_sides(claim: str, text: str) -> bool:
    """'A 比 B 快' for 'B 比 A 快', 'buy A before B' for 'buy B before A': what stood on one side of the word
    that both turn on stands on the other."""
    for pivot in _PIVOTS:
        said, held = _sides(claim, pivot), _sides(text, pivot)
        if said is None or held is None:
            continue
        everywhere = said[0] & said[1] & held[0] & held[1]
        (a, b), (c, d) = ((one - everywhere, two - everywhere) for one, two in (said, held))
        a, d = a - c, d - b
        if ((b - d) & (c - a) and a & d) or (pivot is _THAN and a & d):
            return True
    return False


def _sides(text: str, pivot: re.Pattern[str]) -> tuple[frozenset[str], frozenset[str]] | None:
    match = pivot.search(fold(text))
    if match is None:
        return None
    left, right = text[: match.start()], text[match.end() :]
    return units(left).words, units(right).words


def _names(text: str, cell: str) -> bool:
    """Whether the text holds the cell as whole words; a cell of one character names nothing."""
    wanted = fold(cell).strip(" *_`")
    if len(wanted) < 2:
        return False
    place = text.find(wanted)
    while place >= 0:
        before, after = text[place - 1 : place], text[place + len(wanted) : place + len(wanted) + 1]
        joined_before = before.isascii() and before.isalnum() and wanted[0].isascii()
        joined_after = after.isascii() and after.isalnum() and wanted[-1].isascii()
        if not joined_before and not joined_after:
            return True
        place = text.find(wanted, place + 1)
    return _loosely(text, wanted)


def _loosely(text: str, wanted: str) -> bool:
    """'E 137' and 'e-137' name E137."""
    bare = re.sub(r"[\s_-]", "", wanted)
    if not (re.search(r"\d", bare) and re.search(r"[a-z]", bare)):
        return False
    spread = r"[\s_-]?".join(re.escape(character) for character in bare)
    return re.search(rf"(?<![a-z0-9]){spread}(?![a-z0-9])", text) is not None


def _numbers(heading: str) -> frozenset[str]:
    return frozenset(number.value for number in find_numbers(fold(heading)))


def _share(wanted: Units, held: Units) -> float:
    return len(wanted.words & held.words) / len(wanted.words) if wanted.words else 0.0
