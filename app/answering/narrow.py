"""What of the sentences found is left out: those of another thing of the same name, and those without the
amount that is asked for.

Over 350 lines: half of them are the words by which it is told, beside what reads them.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from app.answering.evidence.context import Sentence, prepare, whole_text, whole_units
from app.answering.evidence.keys import dimension, keys, quantities
from app.answering.evidence.rules import changed_places, names_row, names_text
from app.answering.evidence.units import codes, fold, units
from app.answering.numbered import without_siblings
from app.answering.otherwise import without_other
from app.answering.premise import denies_premise, is_reasonless_row, states_premise
from app.answering.question import asks_of_each, kind_of
from app.answering.quotes import Found
from app.answering.ranges import in_range
from app.answering.value import lacks_value
from app.text.language import detect_language

_ASKS_MONEY: Final = re.compile(
    r"多少钱|价格|售价|单价|费用|花费|收费标准|多少(?:元|欧元|美元|英镑|块)|(?:租金|房租|工资|薪水|罚款|押金|补贴|津贴).{0,6}(?:多少|几)"
    r"|\bhow much (?:does|do|did|will|would|must|is|are) .{1,80}\b(?:cost|costs|pay|paid|charged?)\b|\bwhat (?:does|do|did|will) .{1,80}\bcosts?\b|\bwhat(?:'s| is| are| was) the (?:\w+ ){0,2}(?:price|cost|costs|fee|fees|rent|salary|wage)\b",
    re.IGNORECASE,
)
# What parts the things that a sentence names, and how many of a list are counted.
_PARTED: Final = re.compile(r"[,，、;；]|\band\b|[和与及]")
_MOST_COUNTED: Final = 30
_ROWS: Final = 2
# 'Red lines: …', and what a question says that asks for no more than such a label names.
_LABEL: Final = re.compile(
    r"[-*•\s]{0,4}(?P<label>[^:：,，。;；\s][^:：,，。;；]{1,24})\*{0,2}[:：]"
)
_ASKS_FOR: Final = re.compile(
    r"请问|列出|哪些|什么|哪几[个种类项条]?|所有的?|包括|包含|是指|\b(?:what|which|are|is|were|the|our|list|all|of|does|do|counts? as|mean|means|include[sd]?)\b"
)
_SAYS_MORE: Final = re.compile(r"[a-z\d]|(?![的有是都指呢为])[\u3400-\u9fff]")
# 'Llama 2', 'DeepSeek-V2', 'Qwen2.5': what comes in versions, and which.
_VERSION: Final = re.compile(
    r"(?<![A-Za-z0-9])(?P<base>[A-Z][A-Za-z]{1,30}|firmware|version|release|固件|版本|软件)(?:[ -]?[vV])?[ -]?(?P<number>\d{1,3}(?:\.\d{1,3}){0,3})(?![A-Za-z0-9%]|[.,:]\d)"
)
# 'Baichuan-7B': a size, which is of no version that is told.
_SIZED: Final = re.compile(
    r"(?<![A-Za-z0-9])(?P<base>[A-Z][A-Za-z]{1,30})[ -]?\d{1,4}(?:\.\d{1,3})?[BM](?![A-Za-z0-9])"
)
_NO_VERSION: Final = frozenset(
    "january february march april may june july august september october november december jan feb mar apr jun jul aug sep"
    " sept oct nov dec table figure section article chapter step part appendix annex phase page room line level class stage"
    " top day week month year number no rule clause item note unit block building floor gate bus route".split()
)
_CHANGE: Final = re.compile(
    r"新增|增加|改|变|修订|修复|更新|升级|取消|下线|不再|废止|调整|提高|降低|移|换|以前|原来|原先|现在|比"
    r"|\b(?:new|now|no longer|chang\w*|replac\w*|add(?:s|ed)?|remov\w+|fix\w*|revis\w+|updat\w+|upgrad\w+|instead|since|from|than|rais\w+|lower\w+|increas\w+|decreas\w+|moved?|introduc\w+|dropp?\w*|used to|formerly|before|after|improv\w+|support\w*|fell|rose|grew|release\w*)\b"
)
_VERSION_HEADING: Final = re.compile(r"\d\.\d|(?:19|20)\d\d")
# Who stands to somebody in a way that has to be told.
_RELATIONS: Final = tuple(
    re.compile(rf"(?:{zh})|\b(?:{en})\b")
    for zh, en in (
        (
            "副(?!本|词|作用|食|业|刊)|代理人|替补",
            r"deput(?:y|ies)|vice|assistant|substitutes?|stand-ins?",
        ),
        ("助理|秘书", r"assistants?|secretar(?:y|ies)"),
        ("前任|前一任", r"predecessors?|former"),
        ("继任|接班|接替", r"successors?|succeed\w*"),
        ("妻子|丈夫|配偶|爱人", r"wi(?:fe|ves)|husbands?|spouses?"),
    )
)
_FOR_GROUP: Final = re.compile(
    r"\bfor (?:the |all )?(?P<group>[a-z]{4,20}s|children|people|women|men)\b"
)
# Tells of money without an amount.
_FREE: Final = re.compile(
    r"[一二两三四五六七八九十\d半]个?[月天日年]的?(?:租金|房租|月租|工资|薪水|基本工资)|\b(?:days?|weeks?|months?|years?)['’]?s?['’]? (?:rent|hire|charges?|wages?|salary|pay)\b|免费|无需付费|不收|自付|\bfree\b|\bno (?:charge|cost|fee)\b|\bwithout charge\b|\bat cost\b|\bprice list\b",
    re.IGNORECASE,
)

# What asks in Chinese, so that what is left reads as a statement.
_ASKING_HAN: Final = re.compile(
    r"请问|(?:是)?(?:在)?(?:什么时候|何时|哪一?年|哪一?天|什么时间|几[年月]|哪里|哪儿|哪个地方|何处)|为什么|为何|怎么样?|怎样|如何|(?:花了?)?多少钱(?:来)?|[吗呢的了]|[?？]"
)
# Past forms that no stem tells, of what one does to another.
_PAST: Final = {
    "bought": "buy", "sold": "sell", "paid": "pay", "gave": "give", "given": "give", "beat": "beat", "beaten": "beat",
    "led": "lead", "won": "win", "lent": "lend", "sent": "send", "taught": "teach", "took": "take", "taken": "take",
    "built": "build", "wrote": "write", "written": "write", "made": "make", "met": "meet", "left": "leave", "told": "tell",
    "fought": "fight", "sued": "sue", "hit": "hit", "chose": "choose", "chosen": "choose", "caught": "catch", "held": "hold",
}  # fmt: skip
_PASSIVE: Final = re.compile(r"\b(?:is|are|was|were|be|been|being)\b.{1,80}\bby\b|被|由")
_WORD: Final = re.compile(r"[A-Za-z]+")


def narrowed(found: Sequence[Found], question: str) -> tuple[Found, ...]:
    """`found` without what is about something else; empty where nothing is left."""
    kind = kind_of(question)
    kept = without_other(without_siblings(found, question), question)
    headings = [_heading(each) for each in kept]
    named = [heading for heading in headings if heading and names_text(question, heading)]
    if named:
        kept = tuple(
            each
            for each, heading in zip(kept, headings, strict=True)
            if heading in named or not any(_siblings(heading, other) for other in named)
        )
    if kind == "fact":
        kept = tuple(each for each in kept if not _of_whose(question, each))
    if kind == "changes":
        kept = tuple(each for each in kept if any(map(_tells_change, each.sentences)))
    if kind != "yesno":  # to which the sentence that turns it round is an answer
        kept = tuple(
            each
            for each in kept
            if not any(_turned_round(question, sentence.text) for sentence in each.sentences)
        )
    kept = tuple(of for each in kept if (of := _without_other_versions(each, question)).sentences)
    if kind == "reasons":
        stated = any(states_premise(question, s) for each in kept[:1] for s in each.sentences)
        if not stated:
            if any(denies_premise(question, s) for each in kept[:1] for s in each.sentences):
                return ()
            kept = _without(kept, lambda s: denies_premise(question, s))
        kept = _without(kept, is_reasonless_row)
    if kind == "list" and _only_counts(kept, question):
        return ()
    kept = tuple(_of_named_label(_of_named_cells(each, question), question) for each in kept)
    if any(_lacks_row(each, question) for each in kept[:1]):
        return ()
    kept = tuple(each for each in kept if not _of_no_row(each, question))
    kept = tuple(each for each in kept if not lacks_value(question, each))
    if _ASKS_MONEY.search(question):
        kept = tuple(each for each in kept if any(map(_tells_of_money, each.sentences)))
    return kept


def _without_other_versions(found: Found, question: str) -> Found:
    """Without sentences, and the rest of their items, that are about another version of what the question names:
    Llama 3 for Llama 2."""
    asked = _versions(question)
    if not asked:
        return found
    kept: list[Sentence] = []
    dropped: Sentence | None = None
    for sentence in found.sentences:
        goes_on = dropped is not None and dropped.role == "item" and sentence.line == dropped.line
        if not goes_on:
            told, above = _versions(sentence.text), _versions(sentence.around.text)
            sized = {match["base"].casefold() for match in _SIZED.finditer(sentence.text)}
            other = any(
                (base in told or base in sized)
                and not numbers & (told.get(base, set()) | above.get(base, set()))
                and not any(
                    number.startswith(n) for n in numbers for number in told.get(base, set())
                )
                for base, numbers in asked.items()
            )
            dropped = sentence if other else None
        if dropped is None:
            kept.append(sentence)
    return replace(found, sentences=tuple(kept))


def _versions(text: str) -> dict[str, set[str]]:
    """The names with a number of a text, in lower case, each with its numbers."""
    found: dict[str, set[str]] = {}
    for match in _VERSION.finditer(text):
        base = match["base"].casefold()
        if base not in _NO_VERSION:
            found.setdefault(base, set()).add(match["number"])
    return found


def _without(found: Sequence[Found], left_out: Callable[[Sentence], bool]) -> tuple[Found, ...]:
    kept = (
        replace(each, sentences=tuple(s for s in each.sentences if not left_out(s)))
        for each in found
    )
    return tuple(each for each in kept if each.sentences)


def _tells_change(sentence: Sentence) -> bool:
    """Whether a sentence speaks of what is new or otherwise, or stands under a version or a date."""
    if _CHANGE.search(fold(f"{sentence.text} . {sentence.around.text}")):
        return True
    return bool(_VERSION_HEADING.search(sentence.around.text))


def _of_whose(question: str, found: Found) -> bool:
    """Whether somebody's deputy or the like is asked about, and the passage tells of none."""
    asked, text = fold(question), fold(whole_text(found.item.hit.passage))
    other = any(one.search(asked) and not one.search(text) for one in _RELATIONS)
    return other or _for_others(question, found)


def _for_others(question: str, found: Found) -> bool:
    """Whether something is told for other groups than the one that is asked about, of which the passage knows nothing:
    for children and not for pensioners."""
    asked = [m["group"] for m in _FOR_GROUP.finditer(fold(question))]
    if not asked or detect_language(found.sentences[0].text) != "en":
        return False
    held = whole_units(found.item.hit.passage).words
    told = any(len(_FOR_GROUP.findall(fold(s.text))) >= _ROWS for s in found.sentences)
    return told and any(not units(group).words & held for group in asked)


def _of_no_row(found: Found, question: str) -> bool:
    """Whether rows have a column that the question names, and are of none of the things that it does, of which the
    table has none: whether top-secret papers may be stored, by the row of public ones."""
    rows = [s for s in found.sentences if s.role == "row" and len(s.cells) == len(s.around.columns)]
    if not rows or len(rows) < len(found.sentences) or kind_of(question) not in ("fact", "yesno"):
        return False
    if any(in_range(question, row) for row in rows):
        return False
    asked = {word for word in units(question).words if word[0] != "#"}
    every = [
        s
        for s in prepare([found.item.hit.passage]).sentences[0]
        if s.role == "row" and s.around.columns == rows[0].around.columns
    ]
    called = [units(row.cells[0]).words for row in every]
    # The 'server' of each row names none of them.
    alike = {word for words in called for word in words if sum(word in o for o in called) > 1}
    if any((units(row.cells[0]).words - alike) & asked for row in rows) or any(
        names_text(question, cell) for row in rows for cell in row.cells
    ):
        return False
    columns = [units(column) for column in rows[0].around.columns[1:]]
    # A column that is called by a name is of a thing, and tells nothing of others.
    if not any(c.words and c.words <= asked and not c.codes for c in columns):
        return False
    return bool(asked - whole_units(found.item.hit.passage).words)


def _of_named_cells(found: Found, question: str) -> Found:
    """Of the rows of a table those with a cell that the question names: 'the services of Mira Soler'."""
    rows = [s for s in found.sentences if s.role == "row" and len(s.cells) == len(s.around.columns)]
    if len(rows) < _ROWS or len(rows) < len(found.sentences) or asks_of_each(question):
        return found
    columns = fold(" . ".join(rows[0].around.columns))
    named = [
        row
        for row in rows
        if any(
            len(units(cell).words) >= 1 and fold(cell) not in columns and names_text(question, cell)
            for cell in row.cells
        )
    ]
    return replace(found, sentences=tuple(named)) if 0 < len(named) < len(rows) else found


def _of_named_label(found: Found, question: str) -> Found:
    """Of the items of a list that one whose label is all that the question names: 'red lines' of a list of terms."""
    labels = {s.line: m["label"] for s in found.sentences if (m := _label_of(s)) is not None}
    if len(labels) < _ROWS:
        return found
    asked = fold(question)
    own = {
        line
        for line, label in labels.items()
        if fold(label) in asked
        and not _SAYS_MORE.search(_ASKS_FOR.sub("", asked.replace(fold(label), "")))
    }
    kept = tuple(s for s in found.sentences if s.line in own)
    return replace(found, sentences=kept) if len(own) == 1 else found


def _label_of(sentence: Sentence) -> re.Match[str] | None:
    return _LABEL.match(sentence.body) if sentence.role == "item" else None


def _lacks_row(found: Found, question: str) -> bool:
    """Whether a table beside the sentences found has the columns for what is asked, and no row of the name that
    the question gives, nor have the sentences it: 'the budget of the legal department'."""
    if any(s.role == "row" for s in found.sentences) or asks_of_each(question):
        return False
    asked = units(question).words
    rows = [
        s
        for s in prepare([found.item.hit.passage]).sentences[0]
        if s.role == "row" and len(s.cells) == len(s.around.columns) >= _ROWS
    ]
    for columns in dict.fromkeys(row.around.columns for row in rows):
        first, *others = (units(column).words for column in columns)
        if not first or not first <= asked or not any(o and o <= asked for o in others):
            continue
        own = [row for row in rows if row.around.columns == columns]
        if any(names_row(question, row) for row in own):
            return False
        held = frozenset[str]().union(
            first, *others, *(s.units.words | s.around.units.words for s in found.sentences)
        )
        in_rows = frozenset[str]().union(*(row.units.words for row in own))
        if {word for word in asked if word[0] != "#"} - held - in_rows:
            return True
    return False


def _only_counts(found: Sequence[Found], question: str) -> bool:
    """Whether a list of so many is asked for, and what was found speaks of so many without naming them."""
    asked = units(question)
    counts = {int(n) for n in asked.numbers if n.isdigit() and 3 <= int(n) <= _MOST_COUNTED}
    said = [sentence for each in found for sentence in each.sentences]
    if len(counts) != 1 or not said:
        return False
    (count,) = counts
    named = sum(s.role in ("item", "row") for s in said)
    named = max(named, *(len(_PARTED.findall(s.text)) + 1 for s in said))
    what = {word for word in asked.words if not word.startswith("#")}
    return named < count and any(
        str(count) in s.units.numbers and what & s.units.words for s in said
    )


def _turned_round(question: str, text: str) -> bool:
    """Whether two whom a question names have each the other's part in a sentence: 'When did Beta buy Acme?' and
    'Acme bought Beta'."""
    return changed_places(
        _stated(question),
        _stated(text),
        voices_differ=bool(_PASSIVE.search(question)) != bool(_PASSIVE.search(text)),
    )


def _stated(text: str) -> str:
    """The text without what asks, and its verbs as they stand behind 'did'."""
    return _WORD.sub(lambda word: _PAST.get(word.group(), word.group()), _ASKING_HAN.sub("", text))


def _heading(found: Found) -> str:
    """The innermost heading that what was found stands under, else its document's title."""
    passage, first = found.item.hit.passage, found.sentences[0]
    section = passage.place_of(passage.start + first.start, passage.start + first.end).section
    return section[-1] if section else passage.title


def _siblings(one: str, other: str) -> bool:
    """Whether two headings are of like things: 'Press A' and 'Press B'."""
    if fold(one) == fold(other) or len(one.split()) != len(other.split()):
        return False
    return bool(units(one).words & units(other).words)


def _tells_of_money(sentence: Sentence) -> bool:
    """Whether a sentence or row holds an amount that may be one of money."""
    around = sentence.around.keys
    if _FREE.search(sentence.text) or any(dimension(unit) == "money" for unit in around.named):
        return True
    text = sentence.text
    for _, start, end in reversed(codes(text)):
        text = f"{text[:start]} {text[end:]}"
    if any(dimension(unit) == "money" for unit in keys(sentence.text).named):
        return True
    units_found = [unit for _, unit, _, _ in quantities(fold(text))]
    return any(not unit or unit == "%" or dimension(unit) == "money" for unit in units_found)
