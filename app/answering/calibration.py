"""The calibration file: thresholds that hold for one model only, each with where it comes from.

Two tables. `reading`, per reader, the question's language and whether the passage is in another: when a
question is refused; `groundkb calibrate` writes it for the owner's documents. `evidence`, per embedding
model: cosines from which two texts say the same; it comes with groundkb alone.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from app.errors import Phrase, SettingsInvalid

Tables = Mapping[str, list[dict[str, Any]]]
_SAME_PAIR = ("reader", "language", "crossed")


@dataclass(frozen=True)
class Cosines:
    """Least cosine, [-1, 1], between a statement and the sentence that bears it out.

    `same`: both in one language. `contained`: the sentence holds all words of a short answer, and
    is compared with question and answer. `other`: the languages differ. `anchored`:
    they differ, and the sentence holds the answer's numbers and names.
    """

    same: float
    contained: float
    other: float
    anchored: float


def read_calibration(text: str | None = None) -> Tables:
    """The tables that ship with groundkb, with those of `text` in place of theirs for the same reader and
    pair of languages."""
    shipped = _shipped()
    return shipped if text is None else with_entries(shipped, json.loads(text).get("reading", []))


def with_entries(tables: Tables, entries: list[dict[str, Any]]) -> Tables:
    """`tables` with the entries of `reading` added, each in place of one for the same pair."""
    new = {tuple(entry[name] for name in _SAME_PAIR) for entry in entries}
    kept = [
        entry
        for entry in tables.get("reading", [])
        if tuple(entry[name] for name in _SAME_PAIR) not in new
    ]
    return {**tables, "reading": [*kept, *entries]}


def cosines_for(embedding: str) -> Cosines | None:
    """None for an embedding model that was not calibrated: then only words decide."""
    for entry in _shipped()["evidence"]:
        if entry["embedding"] == embedding:
            return Cosines(**entry["cosines"])
    return None


def calibration_text(path: Path | None) -> str | None:
    """The owner's calibration file; None where there is none. Raises SettingsInvalid when it
    cannot be read or is no such file."""
    if path is None:
        return None
    try:
        text = path.read_text("utf-8")
        for entry in json.loads(text)["reading"]:
            _ = entry["reader"], entry["language"], bool(entry["crossed"])
            _ = {name: float(weight) for name, weight in entry["weights"].items()}
            _ = float(entry["bias"]), float(entry["threshold"])
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise SettingsInvalid(
            detail=Phrase("calibration_unreadable", path=path, error=repr(error))
        ) from error
    return text


@lru_cache(maxsize=1)
def _shipped() -> Tables:
    tables: Tables = json.loads((files("app.answering") / "calibration.json").read_text("utf-8"))
    return tables
