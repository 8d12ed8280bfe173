"""The exact rules: what makes a sentence or row no evidence, however many words it shares.

Each rule names one way of being wrong that shared words do not show: another row, another column,
another section's number, another unit or day, may for must, two names that changed places.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from app.answering.evidence.context import Material, Sentence
from app.answering.evidence.keys import differ, keys
from app.answering.evidence.numbers import find_numbers
from app.answering.evidence.units import Units, fold, units

_ENTITY = re.compile(r"[A-Z][\w.+-]*(?:[ -](?:[A-Z]|\d)[\w.+-]*)*|[A-Za-z]+[-.]?\d[\w.+-]*")
_SYMMETRIC = re.compile(
    r"^[\s,，、;；/&]*(?:and|or|和|与|及|以及|或|、|,|，|with|versus|vs\.?)?[\s,，、]*$"
)
_PASSIVE = re.compile(
    r"\b(?:is|are|was|were|be|been|being)\s+\w+(?:ed|en|wn|un|t)\b(?:\s+\w+){0,3}\s+by\b|被|由"
)
_COMPARES_ZH = re.compile(
    r"(?P<a>[^，。；,;]{1,30}?)(?:比|不如|优于|高于|低于|大于|小于|多于|少于)(?P<b>[^，。；,;]{1,30})"
)


def contradicted(
    claim: str,
    question: str,
    said: Units,
    asked: Units,
    chosen: Sequence[Sentence],
    material: Material,
) -> bool:
    """Whether an exact rule forbids these sentences, all of one passage, as evidence of the claim."""
    held = keys(" \n ".join(sentence.text for sentence in chosen))
    around = keys(" . ".join({sentence.around.text for sentence in chosen}))
    if differ(keys(claim), keys(question), held, around):
        return True
    both = fold(f"{question} {claim}")
    asked_or_said = units(f"{question} . {claim}")
    return (
        any(_another_row(both, sentence, chosen, material) for sentence in chosen)
        or _unnamed_rows(both, chosen)
        or any(_another_section(asked_or_said, sentence, material) for sentence in chosen)
        or any(_another_column(said, asked, asked_or_said, sentence) for sentence in chosen)
        or _code_missing(asked, chosen, material)
        or _changed_places(claim, chosen)
    )


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
    own = fold(" ".join(sentence.cells))
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


def _changed_places(claim: str, chosen: Sequence[Sentence]) -> bool:
    """Whether two names that stand in the statement in one order, with a verb between them, stand in
    the sentence in the other, both active or both passive."""
    for sentence in chosen:
        if sentence.role == "row":
            continue
        text = sentence.text
        if bool(_PASSIVE.search(fold(claim))) != bool(_PASSIVE.search(fold(text))):
            continue
        if _swapped_names(claim, text) or _swapped_sides(claim, text):
            return True
    return False


def _swapped_names(claim: str, text: str) -> bool:
    names = [(match.group().casefold(), match.span()) for match in _ENTITY.finditer(claim)]
    lowered = text.casefold()
    for (one, (_, end)), (other, (start, _)) in pairwise(names):
        between = claim[end:start]
        if one == other or _SYMMETRIC.match(between) or len(between) > 60:
            continue
        first, second = lowered.find(one), lowered.find(other)
        if first < 0 or second < 0 or first <= second:
            continue
        middle = text[second + len(other) : first]
        if "." in middle or "。" in middle or _SYMMETRIC.match(middle):
            continue
        shared = units(between).words & units(middle).words
        if shared:
            return True
    return False


def _swapped_sides(claim: str, text: str) -> bool:
    """'A 比 B 快' for 'B 比 A 快', 'A is larger than B' for 'B is larger than A'."""
    said, held = _sides(claim), _sides(text)
    if said is None or held is None:
        return False
    if _common(said[1], held[1]):
        return False
    return bool(_common(said[0], held[1]) and _common(said[1], held[0]))


def _sides(text: str) -> tuple[Units, Units] | None:
    match = _COMPARES_ZH.search(text)
    if match:
        return units(match["a"]), units(match["b"])
    folded = fold(text, lower=False)
    than = re.search(r"\bthan\b|\binstead of\b|\brather than\b", folded)
    if than:
        return units(folded[: than.start()]), units(folded[than.end() :])
    return None


def _common(one: Units, other: Units) -> int:
    return len(one.words & other.words) + 2 * len(one.codes & other.codes)


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
