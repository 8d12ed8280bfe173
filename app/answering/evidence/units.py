"""What a text says, cut into the units by which a statement is compared with a sentence."""

import re
from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer

from app.answering.evidence.numbers import find_numbers
from app.text.language import HAN
from app.text.marks import normalised
from app.text.simplified import simplified

_VULGAR = str.maketrans({"½": ".5", "¼": ".25", "¾": ".75", "⅓": ".33", "⅔": ".67", "\u00ad": None})
_SUPERSCRIPT = re.compile(r"(?<=\d)[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_WRAPPED = re.compile(r"(?<=[^\W\d_])[-‐]\s*\n\s*(?=[a-z])")
_SPACE = re.compile(r"\s+")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ0-9]+(?:[.+#/_'’&-]*[A-Za-zÀ-ɏ0-9]+)*[+#]*")
# '18-year-old', '12-month': so many of them.
_AGED = re.compile(
    r"\A\d+(?:\.\d+)?-(?:year|month|week|day|hour|minute|person|seat|page|digit|story|storey|man|inch|foot|metre|meter|litre|liter|ton|tonne|euro|dollar|pound|mile)s?(?:-[a-z]+)?"
)
_POSSESSIVE = re.compile(r"['’]s?$")
_PIECE = re.compile(r"[a-zà-ɏ]+|\d+(?:\.\d+)*")
_HAN_RUN = re.compile(rf"{HAN.pattern}+")
# A capital letter by itself, or a Greek one; and what follows an initial (J. Smith).
_LETTER = re.compile(r"(?<![A-Za-z0-9À-ɏΑ-ω.&/+#'’-])[A-ZΑ-Ωα-ω](?![A-Za-z0-9À-ɏΑ-ω'’&/+#-])")
_AFTER_INITIAL = re.compile(r"\. ?[A-Z][a-z]")
_WORD_BEFORE = re.compile(r"([A-Za-z]{2,30}) \Z")
# Function characters cut a run of Han: bigrams over them would match anything.
_ZH_STOP = re.compile(
    "[的了是在和与及或也就都而被把将对于从由为以其这那之着过吗呢吧啊请]|什么|哪些|多少|怎么|如何|根据|可以|我们|他们|它们"
)
_EN_STOP = frozenset(
    """
    a an the of to in on at by for with from as is are was were be been being am do does did done
    has have had having it its this that these those there here and or but if then than so such
    which who whom whose what when where why how he she they them his her their we our you your i
    me my us not no nor can could may might will would shall should must also into onto over under
    about after before between during per up out off only just very more most much many some any
    all both each other own same s t re ve ll d m according based context passage text answer
    question following stated states mentioned
    """.split()
)
_NEGATION_ZH = re.compile(
    r"不(?![仅但同断过管论久少足到超低])|没有|没(?!收)|未(?!来)|无(?!论|线|疑|数|尽|锡)|[勿毋]|并非|(?<![是除])非(?![常洲凡])|禁止|拒绝"
)
_NEGATION_EN = re.compile(
    r"\b(?:not(?! only| until| less| more)|no(?! more than| less than| fewer than|\.)|never|none|neither|nor|without|cannot|unable|lacks?|fail(?:s|ed)?|prohibit(?:s|ed)?)\b|n['’]t\b",
    re.ASCII,  # a Han character ends a word
)

_LACKS = re.compile(
    r"(?:未经?|没有?|无|不|非)[^,，。;；\s不没未]{1,12}的|\bwithout (?:(?:an?|the|any|prior|valid|written) ){0,3}[\w-]+"
)


@dataclass(frozen=True)
class Units:
    """`digits`: numbers written in digits; `numbers`: all numbers. `codes`: identifiers such as
    'Qwen2.5-7B' or 'MIT', each as the run of its pieces. `names`: stems of capitalised words. `words`:
    bigrams of Han, stems of Latin words, '#4' for a number. `pieces`: every Latin piece in order.
    """

    digits: frozenset[str]
    numbers: frozenset[str]
    codes: frozenset[tuple[str, ...]]
    names: frozenset[str]
    words: frozenset[str]
    pieces: tuple[str, ...]
    negated: bool

    def has_run(self, run: tuple[str, ...]) -> bool:
        """Whether the Latin pieces hold `run` unbroken: ('qwen', '2.5') is in 'Qwen 2.5', not in 'Qwen2'."""
        size, first = len(run), run[0]
        return any(
            piece == first and self.pieces[place : place + size] == run
            for place, piece in enumerate(self.pieces)
        )


def fold(text: str, lower: bool = True) -> str:
    """The form in which texts are compared; it keeps no offsets.

    NFKC (full-width to half-width, compatibility forms), traditional characters as simplified, vulgar fractions as decimals, exponents
    as '^n', words hyphenated over a line break joined, white space to one blank, lower case.
    """
    text = _SUPERSCRIPT.sub(lambda m: "^" + m.group(), text.translate(_VULGAR))
    text = _SPACE.sub(" ", _WRAPPED.sub("", simplified(normalised("NFKC", text))))
    return text.casefold() if lower else text


# A question, a heading, a cell is compared with everything that was found.
@lru_cache(maxsize=1024)
def units(text: str) -> Units:
    """Cut a sentence or statement (or any text) into units; what was cut lately is remembered."""
    return cut_units(text)


def cut_units(text: str) -> Units:
    """As `units`, for a text that is kept with its units anyway."""
    cased = fold(text, lower=False)
    folded = cased.casefold()
    if len(folded) != len(cased):  # ß and the like grow: places no longer agree
        cased = folded
    digits: set[str] = set()
    numbers: set[str] = set()
    words: set[str] = set()
    rest = folded
    for number in find_numbers(folded):
        numbers.add(number.value)
        if number.written_in_digits:
            digits.add(number.value)
        elif number.value in ("0", "1"):  # 'one' and 一 are seldom counts
            continue
        words.add(f"#{number.value}")
        rest = rest[: number.start] + " " * (number.end - number.start) + rest[number.end :]
    codes: set[tuple[str, ...]] = set()
    names: set[str] = set()
    pieces: list[str] = []
    for match in _LATIN.finditer(cased):
        token = _token(match.group())
        pieces += token.run
        if not token.run or token.quantity:
            continue
        if token.code:
            codes.add(token.run)
        if rest[match.start() : match.end()].isspace():
            continue  # 'March' is the number 3: as a name it would never be found
        if not token.code and token.capital and not _begins_sentence(cased, match.start()):
            names.update(token.stems)
        words.update(token.stems)
    for run_ in _HAN_RUN.finditer(rest):
        for part in _ZH_STOP.split(run_.group()):
            words.update(part[i : i + 2] for i in range(len(part) - 1))
            if len(part) == 1:
                words.add(part)
    return Units(
        frozenset(digits),
        frozenset(numbers),
        frozenset(codes),
        frozenset(names),
        frozenset(words),
        tuple(pieces),
        is_negated(folded),
    )


def codes(cased: str) -> list[tuple[tuple[str, ...], int, int]]:
    """The identifiers of a text (see `Units.codes`), each with its place."""
    found = []
    for match in _LATIN.finditer(cased):
        token = match.group()
        quantity = token[0].isdigit() and _is_quantity(token)
        if not quantity and _is_code(token):
            found.append((tuple(_PIECE.findall(token.casefold())), match.start(), match.end()))
    return found


@lru_cache(maxsize=1024)
def letters(text: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """The single capital letters by which something is named, each with what stands at its side: (B, class) of
    class B, (A, 座) of A座; not 'A' and 'I' as English words."""
    cased = fold(text, lower=False)
    found: list[tuple[str, frozenset[str]]] = []
    for match in _LETTER.finditer(cased):
        letter, after = match.group(), cased[match.end() : match.end() + 2]
        is_word = len(after) == 2 and after[0] == " " and after[1].isascii() and after[1].isalpha()
        if is_word and (
            letter == "I" or (letter == "A" and _begins_sentence(cased, match.start()))
        ):
            continue
        sides = {after[:1]} if HAN.match(after) else set[str]()
        if before := _WORD_BEFORE.search(cased[max(0, match.start() - 30) : match.start()]):
            sides.add(stem(before.group(1).casefold()))
        if not sides and _AFTER_INITIAL.match(cased, match.end()):
            continue
        found.append((letter, frozenset(sides)))
    return tuple(found)


def first_word(cased: str) -> str:
    """The stem of the capitalised English word that a text begins with, '' for none."""
    match = re.match(r"[A-Z][a-z]+", cased)
    return stem(match.group().lower()) if match and _is_content(match.group().lower()) else ""


def is_content(word: str) -> bool:
    """Whether an English word in lower case says something by itself."""
    return bool(word) and _is_content(word)


def without_negation(folded: str) -> str:
    """The text without its negation words."""
    return _NEGATION_EN.sub(" ", _NEGATION_ZH.sub(" ", folded))


def without_lacks(folded: str) -> str:
    """The text without what only tells of which things it speaks: 未经批准的设备, 'visitors without a badge'."""
    return _LACKS.sub(" ", folded)


def negations(folded: str) -> int:
    """How many words of the text deny something."""
    return len(_NEGATION_ZH.findall(folded)) + len(_NEGATION_EN.findall(folded))


def is_negated(folded: str) -> bool:
    """Whether the text denies something, by its negation words; two denials are not told from one."""
    return bool(_NEGATION_ZH.search(folded) or _NEGATION_EN.search(folded))


@dataclass(frozen=True, slots=True)
class _Token:
    """A Latin word: its pieces in lower case, the stems of those that say something, and what it is."""

    run: tuple[str, ...]
    stems: tuple[str, ...]
    quantity: bool
    code: bool
    capital: bool


@lru_cache(maxsize=65_536)
def _token(written: str) -> _Token:
    token = _POSSESSIVE.sub("", written)
    run = tuple(_PIECE.findall(token.casefold()))
    return _Token(
        run,
        tuple(stem(piece) for piece in run if _is_content(piece)),
        token[0].isdigit() and _is_quantity(token),
        _is_code(token),
        token[0].isupper(),
    )


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """The Snowball stem of an English word in lower case."""
    return str(_stemmer().stemWord(word))


@lru_cache(maxsize=1)
def _stemmer() -> snowballstemmer.stemmer:
    return snowballstemmer.stemmer("english")


def _is_content(piece: str) -> bool:
    return piece[0].isalpha() and len(piece) > 1 and piece not in _EN_STOP


def _is_code(token: str) -> bool:
    """Letters with digits, capitals inside, or all capitals: an identifier, to be matched as it is; not '18-year-old'."""
    if _AGED.fullmatch(token):
        return False
    letters = [c for c in token if c.isalpha()]
    return bool(letters) and (
        any(c.isdigit() for c in token)
        or (len(letters) > 1 and any(c.isupper() for c in letters[1:]) and "-" not in token)
        or (len(letters) > 1 and all(c.isupper() for c in letters))
    )


def _is_quantity(token: str) -> bool:
    """'4', '16GB', '5th', '1990s', '7B': the number is matched as a number, the unit is let go."""
    return re.fullmatch(r"[\d.,/-]*\d[a-zA-Z%]{0,3}", token) is not None


def _begins_sentence(text: str, place: int) -> bool:
    before = text[:place].rstrip(" \"'“‘(*_`[-")
    return not before or before[-1] in ".!?:;。！？：；"
