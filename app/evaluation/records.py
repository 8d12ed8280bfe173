"""What one question gave, kept line by line so that a run that is cut short goes on where it stopped."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from app.errors import Language, Phrase, RequestInvalid


@dataclass(frozen=True)
class Record:
    """One question put to one system. `key` identifies question, system and all settings.

    `cited` are the documents of its citations, one entry a citation; `quotes` how many quotes were
    shown, `verbatim` how many of them stand in the stored text character for character.
    `kind` and the points are a golden set's. `found` is whether a gold document was among the passages shown to the model. `signals`
    are the gate's features, where the system records them.
    """

    key: str
    system: str
    question: str
    id: str
    language: Language
    answerable: bool
    answered: bool
    reason: str | None
    answer: str
    match: bool
    f1: float
    gold: tuple[str, ...]
    cited: tuple[str, ...]
    quotes: int
    verbatim: int
    statements: int
    supported: int
    found: bool
    total_ms: float
    first_token_ms: float | None
    verify_ms: float | None = None
    signals: Mapping[str, float | None] = field(default_factory=dict)
    kind: str = ""
    points: int = 0  # of the golden set's, those that the answer holds
    of: int = 0
    first_statement_ms: float | None = None  # until the first checked statement was shown
    written: int | None = None  # tokens, as the chat model counts
    ordered: bool = True  # whether these stand in their order


def key_of(*parts: object) -> str:
    """16 hex digits over everything that a record depends on."""
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def read_records(path: Path) -> dict[str, Record]:
    """Records by key; none when the file is missing. A last line cut short by a kill is passed over.

    Raises RequestInvalid when another line is broken.
    """
    if not path.exists():
        return {}
    records: dict[str, Record] = {}
    lines = path.read_text("utf-8").splitlines()
    for number, line in enumerate(lines, 1):
        try:
            record = _record(json.loads(line))
        except (ValueError, TypeError, KeyError) as error:
            if number == len(lines):
                break
            raise RequestInvalid(
                detail=Phrase("line_of_file", path=path, line=number, error=error)
            ) from error
        records[record.key] = record
    return records


def append(path: Path, record: Record) -> None:
    """Add a record; a last line that was cut short goes."""
    line = json.dumps(asdict(record), ensure_ascii=False) + "\n"
    with path.open("a+b") as file:
        file.seek(0)
        whole = file.read().rpartition(b"\n")
        file.truncate(len(whole[0]) + len(whole[1]))
        file.write(line.encode())


def pair(first: Iterable[Record], second: Iterable[Record]) -> list[tuple[Record, Record]]:
    """Records of the same question, asked the same way, in two runs."""
    there = {(record.id, record.answerable): record for record in second}
    return [
        (record, there[record.id, record.answerable])
        for record in first
        if (record.id, record.answerable) in there
    ]


def _record(data: dict[str, Any]) -> Record:
    for name in ("gold", "cited"):
        data[name] = tuple(data[name])
    return Record(**data)
