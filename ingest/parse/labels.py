"""What stands before text that is kept apart from the body, in the language of that text."""

from typing import Literal

import regex

from app.errors import Words
from app.text.width import CJK

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
]

_LABELS: dict[Kind, Words] = {
    "footnote": Words("Footnote", "脚注"),
    "endnote": Words("Endnote", "尾注"),
    "comment": Words("Comment", "批注"),
    "header": Words("Header", "页眉"),
    "footer": Words("Footer", "页脚"),
    "notes": Words("Notes", "备注"),
    "picture": Words("Picture", "图片"),
    "picture_text": Words("Text in the picture", "图中文字"),
    "chart": Words("Chart", "图表"),
}
# What is left of 'Page 3 of 7' and '第 3 页 共 7 页' without the numbers.
_PAGE_WORDS = regex.compile(r"\b(?:page|of|seite|von)\b|[第页頁共]|[\W_]", regex.IGNORECASE)
_CJK = regex.compile(f"[{CJK}]")


def label(kind: Kind, text: str, which: str = "") -> str:
    """'Footnote 1' or '脚注 1', by whether `text` holds Chinese."""
    words = _LABELS[kind]
    name = words.zh if _CJK.search(text) else words.en
    return f"{name} {which}" if which else name


def labelled(kind: Kind, text: str, which: str = "") -> str:
    """`text` with its label before it."""
    mark = "：" if _CJK.search(text) else ": "
    return f"{label(kind, text, which)}{mark}{text}"


def only_counts_pages(line: str) -> bool:
    """Whether a line of a header or footer, its page numbers taken out, says nothing else."""
    return not _PAGE_WORDS.sub("", line)
