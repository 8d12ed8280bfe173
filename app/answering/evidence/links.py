"""Links in an answer: only addresses that the cited text itself holds may be followed.

A model can make an address up, and a document can order it to put the question into one
(`https://…?q=<what was asked>`). So an address must stand verbatim in a cited passage; any other
loses what makes it a link. Pictures, which load unasked, and links behind words, which hide
where they go, become their words in any case.
"""

import re
from collections.abc import Sequence

_ABSOLUTE = r"(?:[a-z][a-z0-9+.-]*:|//|\\\\|www\.)[^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*"
_PICTURE = re.compile(r"!\[([^\[\]\n]*)\](?:\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)|\[[^\[\]\n]*\])")
_LINK = re.compile(rf"\[([^\[\]\n]*)\]\(\s*<?{_ABSOLUTE}>?(?:\s+[^()\n]*)?\)", re.IGNORECASE)
_DEFINITION = re.compile(
    rf"^[ \t]*\[[^\[\]\n]+\]:[ \t]*<?(?P<address>{_ABSOLUTE})>?[^\n]*\n?",
    re.IGNORECASE | re.MULTILINE,
)
_TAG = re.compile(
    r"<[a-z][^<>]*\b(?:src|srcset|href|action|data|poster|style)\s*=[^<>]*>", re.IGNORECASE
)
_BARE = re.compile(
    r"(?<![a-z0-9])(?:[a-z][a-z0-9+.-]*://|www\.)+(?P<rest>[^\s<>\"'`，。；：！？、）」』】》]+)",
    re.IGNORECASE,
)
_AFTER = ".,;:!?)]}*_"


def inert(answer: str, cited: Sequence[str]) -> str:
    """`answer` with every address that is in none of the `cited` texts made plain text.

    Of a Markdown link or picture the words stay, of a bare address all but its scheme; an HTML tag
    with an address goes.
    """

    def known(text: str) -> bool:
        return any(text.rstrip(_AFTER) in source for source in cited)

    def bare(match: re.Match[str]) -> str:
        return match.group() if known(match.group()) else match["rest"]

    def once(text: str) -> str:
        text = _LINK.sub(r"\1", _PICTURE.sub(r"\1", text))
        text = _DEFINITION.sub(lambda m: m.group() if known(m["address"]) else "", text)
        text = _TAG.sub(lambda m: m.group() if known(m.group()) else "", text)
        return _BARE.sub(bare, text)

    # What is left when one goes can make another: '[![a](b)](c)', 'https://https://x'.
    while (text := once(answer)) != answer:
        answer = text
    return answer
