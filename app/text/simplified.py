"""Traditional characters as simplified ones, one for one, so that rules are written once."""

from functools import lru_cache

import opencc

from app.text.language import HAN

_FIRST, _LAST = 0x3400, 0x9FFF


def simplified(text: str) -> str:
    """The text with each traditional character as its simplified one; as long as before."""
    return text.translate(_table()) if HAN.search(text) else text


@lru_cache(maxsize=1)
def _table() -> dict[int, str]:
    """The characters that have another simplified form of one character."""
    characters = [chr(code) for code in range(_FIRST, _LAST + 1)]
    # In lines of one character no phrase is found.
    converted = opencc.OpenCC("t2s").convert("\n".join(characters)).split("\n")
    return {
        ord(own): other
        for own, other in zip(characters, converted, strict=True)
        if own != other and len(other) == 1
    }
