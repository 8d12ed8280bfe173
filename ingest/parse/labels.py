"""What stands before text that is kept apart from the body, in the language of that text."""

from typing import Literal

import regex

from app.errors import Phrase
from app.text.width import CJK
from app.texts import say

Kind = Literal[
    "footnote",
    "endnote",
    "comment",
    "header",
    "footer",
    "notes",
    "picture",
    "picture_text",
    "chart",
    "attachments",
]

_LABELS: dict[Kind, Phrase] = {
    "footnote": Phrase("label_footnote"),
    "endnote": Phrase("label_endnote"),
    "comment": Phrase("label_comment"),
    "header": Phrase("label_header"),
    "footer": Phrase("label_footer"),
    "notes": Phrase("label_notes"),
    "picture": Phrase("label_picture"),
    "picture_text": Phrase("label_picture_text"),
    "chart": Phrase("label_chart"),
    "attachments": Phrase("label_attachments"),
}
# What is left of 'Page 3 of 7' and '第 3 页 共 7 页' without the numbers.
_PAGE_WORDS = regex.compile(r"\b(?:page|of|seite|von)\b|[第页頁共]|[\W_]", regex.IGNORECASE)
_CJK = regex.compile(f"[{CJK}]")


def label(kind: Kind, text: str, which: str = "") -> str:
    """'Footnote 1' or '脚注 1', by whether `text` holds Chinese."""
    name = say(_LABELS[kind], "zh" if _CJK.search(text) else "en")
    return f"{name} {which}" if which else name


def labelled(kind: Kind, text: str, which: str = "") -> str:
    """`text` with its label before it."""
    mark = "：" if _CJK.search(text) else ": "
    return f"{label(kind, text, which)}{mark}{text}"


def only_counts_pages(line: str) -> bool:
    """Whether a line of a header or footer, its page numbers taken out, says nothing else."""
    return not _PAGE_WORDS.sub("", line)
