"""The calibration file: thresholds that hold for one model only, each with where it comes from.

`groundkb eval calibrate` writes it. Five tables: `reading` (per reader, language and whether the
passage is in another: before the answer), `low_relevance` (per embedding model and
language), `answerable` and `grounded` (per embedding model, chat model and language: before and
after the answer) and `evidence` (per embedding model: cosines from which two texts say the same).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from app.errors import SettingsInvalid

_TABLES = ("low_relevance", "answerable", "grounded", "evidence", "reading")


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


def read_calibration(text: str | None = None) -> Mapping[str, Any]:
    """The tables of `text`, or of the file that ships with groundkb."""
    return _parse(text) if text is not None else _shipped()


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
        tables = _parse(text)
        for name in ("answerable", "grounded"):
            for entry in tables[name]:
                _ = entry["embedding"], entry["chat"], entry["language"], entry["weights"]
                _ = float(entry["bias"]), float(entry["threshold"])
        for entry in tables["low_relevance"]:
            _ = entry["embedding"], entry["language"], float(entry["cosine"])
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise SettingsInvalid(detail=f"calibration: {path}: {error!r}") from error
    return text


@lru_cache(maxsize=1)
def _shipped() -> Mapping[str, Any]:
    return _parse((files("app.answering") / "calibration.json").read_text("utf-8"))


def _parse(text: str) -> Mapping[str, Any]:
    data: Mapping[str, Any] = json.loads(text)
    return {name: data.get(name, []) for name in _TABLES}
