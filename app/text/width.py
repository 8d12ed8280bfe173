"""How much a text says, in one unit for both languages.

Width counts a CJK character 3 and any other 1: about the information in each, so that one
budget fits Chinese and English (60 Chinese characters carry about what 200 English letters
do).
"""

import regex

# Han, kana, Hangul, bopomofo, CJK punctuation and full-width forms.
CJK = (
    r"\u1100-\u11ff\u2e80-\u303f\u3040-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff"
    r"\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff"
)
_CJK_RUN = regex.compile(f"[{CJK}]+")
_CJK_CHAR = regex.compile(f"[{CJK}]")
_GRAPHEME = regex.compile(r"\X")


def width(text: str) -> int:
    """CJK characters count 3, all others 1."""
    if text.isascii():
        return len(text)
    return len(text) + 2 * sum(map(len, _CJK_RUN.findall(text)))


def is_cjk(character: str) -> bool:
    """Whether the one character given belongs to Chinese, Japanese or Korean writing."""
    return _CJK_CHAR.match(character) is not None


def fit(text: str, start: int, end: int, limit: int) -> int:
    """The largest grapheme boundary b in (start, end] with width(text[start:b]) <= limit.

    `start` must be a grapheme boundary. At least one grapheme is taken, whatever its width,
    so that a caller that cuts repeatedly always advances.
    """
    stop = min(start + limit, end)
    if stop > start and text[start : stop + 1].isascii() and text[stop - 1] != "\r":
        return stop  # between two ASCII characters there is a boundary (but in CR LF)
    used, position = 0, start
    for match in _GRAPHEME.finditer(text, start, end):
        used += width(match.group())
        if used > limit and position > start:
            break
        position = match.end()
        if used >= limit:
            break
    return position
