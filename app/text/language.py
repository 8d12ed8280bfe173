"""Which of the product's two languages a text is in."""

import re

from app.errors import Language

HAN = re.compile(r"[㐀-䶿一-鿿豈-﫿\U00020000-\U0003134f]")
_LATIN_WORD = re.compile(r"[A-Za-z]+")


def detect_language(text: str) -> Language:
    """zh when Han characters weigh at least a third of the words, else en.

    A Han character counts half a word (Chinese words average about two characters), a run
    of Latin letters one, so that 'DeepSeek 使用 MIT license 吗' is still Chinese.
    """
    han = len(HAN.findall(text)) / 2
    latin = len(_LATIN_WORD.findall(text))
    return "zh" if han and han * 2 >= latin else "en"
