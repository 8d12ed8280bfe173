"""What the reader is trained and measured on: one pair of question and passage with what is right."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

Kind = Literal[
    "answer",  # the passage answers
    "random",  # a passage of another document, the nearest by words
    "article",  # another passage of the same document
    "cut",  # the answering sentence was taken out
    "entity",  # another entity, the same relation
    "number",  # another number, version, date, time or unit
    "row",  # sibling rows of the table, or sibling keys
    "roles",  # who does what to whom turned round; above/below; before/after; may/must not
    "heading",  # a title or heading path that names the subject
    "list",  # another list, or the sentence that announces one
]


@dataclass(frozen=True, slots=True)
class Example:
    """`answer` None: does the passage answer? Else: is it the answer that the passage gives?
    `start`, `end`: the answer's characters in `passage`, -1 where there is none to point at.
    `crossed`: question and passage differ in language; `language` is the question's.
    """

    question: str
    passage: str
    right: bool
    kind: Kind
    language: Literal["zh", "en"]
    crossed: bool = False
    answer: str | None = None
    start: int = -1
    end: int = -1


def write_examples(path: Path, examples: Iterable[Example]) -> int:
    """One JSON object a line; the number of lines."""
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for example in examples:
            file.write(json.dumps(asdict(example), ensure_ascii=False) + "\n")
            count += 1
    return count


def read_examples(path: Path) -> Iterator[Example]:
    """In the order written."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield Example(**json.loads(line))
