"""Normal form for comparing quotes with sources, with the way back to exact offsets.

The rules, applied to one grapheme at a time and the white space between them:

1. NFKC: full-width and half-width forms, ligatures, circled digits, composed characters.
2. Curly, angle and corner quotes (“ ” „ « » 「 」 『 』) become ", single ones (‘ ’) become ';
   all dashes and minus signs become -.
3. Soft hyphens, zero-width characters, variation selectors, joiners and direction marks go.
4. White space becomes one space; none is left beside a CJK character ('使用 MIT 许可证' equals
   '使用MIT许可证'), nor at the ends.
5. A hyphen between letters at a line break goes with the break ('infor-\\nmation' equals
   'information').
6. With `casefold`, letter case is folded.
"""

from dataclasses import dataclass
from functools import lru_cache

import regex

from app.text.marks import normalised
from app.text.width import is_cjk

_GRAPHEME = regex.compile(r"\X")
_DROPPED = regex.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff]"
)
_QUOTES = str.maketrans(
    dict.fromkeys("“”„‟«»「」『』〝〞〟＂", '"')
    | dict.fromkeys("‘’‚‛‹›´｀＇", "'")
    | dict.fromkeys("‐‑‒–—―−－﹣⸺⸻", "-")
)


@dataclass(frozen=True)
class Normalised:
    """A text in normal form. `offsets[i]` is the span of the original that `text[i]` stands for.

    Several characters may share one span (a ligature); spans never go backwards.
    """

    text: str
    offsets: tuple[tuple[int, int], ...]

    def to_original(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original that text[start:end] stands for; needs 0 <= start < end.

        Begins and ends at graphemes of the original; characters that normalisation dropped
        inside the span are within it, those at its edges are not.
        """
        if not 0 <= start < end <= len(self.text):
            raise ValueError(f"no characters at [{start}, {end}) of {len(self.text)}")
        return self.offsets[start][0], self.offsets[end - 1][1]


def normalise(text: str, *, casefold: bool = False) -> Normalised:
    """`text` in normal form (the rules stand at the top of this module)."""
    characters: list[str] = []
    offsets: list[tuple[int, int]] = []
    gap: tuple[int, int] | None = None  # white space seen since the last character kept
    for match in _GRAPHEME.finditer(text):
        folded = _fold(match.group(), casefold)
        if folded == " ":
            gap = (gap[0], match.end()) if gap else match.span()
            continue
        for character in folded:
            if gap and characters:
                _close_gap(text, characters, offsets, gap, character)
            gap = None
            characters.append(character)
            offsets.append(match.span())
    return Normalised("".join(characters), tuple(offsets))


def _close_gap(
    text: str,
    characters: list[str],
    offsets: list[tuple[int, int]],
    gap: tuple[int, int],
    following: str,
) -> None:
    """Put a space for the white space `gap`, or nothing (rules 4 and 5)."""
    if (
        characters[-1] == "-"
        and len(characters) > 1
        and characters[-2].isalpha()
        and following.isalpha()
        and following.islower()
        and any(c in "\r\n\x0b\x0c\x85\u2028\u2029" for c in text[gap[0] : gap[1]])
    ):
        characters.pop()
        offsets.pop()
    elif not is_cjk(characters[-1]) and not is_cjk(following):
        characters.append(" ")
        offsets.append(gap)


@lru_cache(maxsize=16_384)
def _fold(grapheme: str, casefold: bool) -> str:
    """One grapheme in normal form; any white space is ' ', a dropped one ''."""
    if grapheme.isspace():
        return " "
    folded = normalised("NFKC", _DROPPED.sub("", grapheme.translate(_QUOTES)))
    if casefold:
        folded = normalised("NFKC", folded.casefold())
    # Some characters have a compatibility form with a space in it (´ is ' ' + acute accent).
    return "".join(folded.split()) if folded.strip() else folded[:1]
