"""Links in an answer: only addresses that the cited text itself holds may be followed.

A model can make an address up, and a document can order it to put the question into one
(`https://…?q=<what was asked>`). So an address must stand verbatim in a cited passage; any other
loses what makes it a link. Pictures, which load unasked, and links behind words, which hide
where they go, become their words in any case.

The usual ways are rewritten by patterns, so that the words stay readable. Whether anything that can
be followed is left is decided by a Markdown parser on what comes out, as a renderer would read it;
then every sign that could make a link is escaped.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from html import unescape

from markdown_it import MarkdownIt
from markdown_it.token import Token

_SCHEME = r"[a-z][a-z0-9+.-]{0,30}"
_ABSOLUTE = rf"(?:{_SCHEME}:|//|\\\\|www\.)[^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*"
_PICTURE = re.compile(r"!\[([^\[\]\n]*)\](?:\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)|\[[^\[\]\n]*\])")
_LINK = re.compile(rf"\[([^\[\]\n]*)\]\(\s*<?{_ABSOLUTE}>?(?:\s+[^()\n]*)?\)", re.IGNORECASE)
_DEFINITION = re.compile(
    rf"^[ \t]*\[[^\[\]\n]+\]:[ \t]*<?(?P<address>{_ABSOLUTE})>?[^\n]*\n?",
    re.IGNORECASE | re.MULTILINE,
)
_TAG = re.compile(r"<[a-z][^<>]*>", re.IGNORECASE)
_LOADS = re.compile(r"\b(?:src|srcset|href|action|data|poster|style)\s*=", re.IGNORECASE)
_BARE = re.compile(
    rf"(?<![a-z0-9])(?:{_SCHEME}://|www\.)+(?P<rest>[^\s<>\"'`，。；：！？、）」』】》]+)",
    re.IGNORECASE,
)
_AFTER = ".,;:!?)]}*_"
# 'a[1](x)': no address, but a place in the answer itself.
_PLACE = re.compile(r"#?[\w-]{0,40}")
# What is left when one goes can make another: '[![a](b)](c)', 'https://https://x'.
_MOST_ROUNDS = 8
# Longer texts are not parsed, but escaped at once.
_LONGEST_PARSED = 20_000
_SIGNS = re.compile(
    r"(?<!\\)[\[\]<>]|(?<!\\)&(?=[#a-z])|(?<!\\)!(?=\[)|(?<=[a-z0-9]):(?=//)|(?<=www)\.",
    re.IGNORECASE,
)


def inert(answer: str, cited: Sequence[str]) -> str:
    """`answer` with every address that is in none of the `cited` texts made plain text.

    Of a Markdown link or picture the words stay, of a bare address all but its scheme; an HTML tag
    with an address goes.
    """

    def known(text: str) -> bool:
        return any(text.rstrip(_AFTER) in source for source in cited)

    def bare(match: re.Match[str]) -> str:
        return match.group() if known(match.group()) else match["rest"]

    def tag(match: re.Match[str]) -> str:
        loads = _LOADS.search(match.group()) and not known(match.group())
        return "" if loads else match.group()

    def once(text: str) -> str:
        text = _LINK.sub(r"\1", _PICTURE.sub(r"\1", text))
        text = _DEFINITION.sub(lambda m: m.group() if known(m["address"]) else "", text)
        return _BARE.sub(bare, _TAG.sub(tag, text))

    for _ in range(_MOST_ROUNDS):
        if (text := once(answer)) == answer:
            return _escaped(answer) if _followable(answer, known) else answer
        answer = text
    return _escaped(answer)


def _followable(answer: str, known: Callable[[str], bool]) -> bool:
    """Whether a renderer would make anything of it that loads, or leads to an unknown address."""
    if not any(sign in answer for sign in "[<"):
        return False
    if len(answer) > _LONGEST_PARSED:
        return True
    return any(_follows(token, known) for token in _flat(_parser().parse(answer)))


def _follows(token: Token, known: Callable[[str], bool]) -> bool:
    if token.type == "image":
        return True
    if token.type == "link_open":
        address = str(token.attrGet("href") or "")
        return not _PLACE.fullmatch(address) and not known(address)
    if token.type in ("html_inline", "html_block"):
        return bool(_LOADS.search(unescape(token.content))) and not known(token.content.strip())
    return False


def _flat(tokens: Sequence[Token]) -> list[Token]:
    return [each for token in tokens for each in (token, *(token.children or ()))]


def _escaped(answer: str) -> str:
    """The text with every sign that could open a link, a picture or a tag, or make an address, escaped
    or taken away; its words stay."""
    return _SIGNS.sub(lambda m: "" if m.group() in ":." else f"\\{m.group()}", answer)


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark")
