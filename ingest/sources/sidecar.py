"""Sidecar files: `name.ext.meta.yaml` (or .yml, .json) says what `name.ext` does not say itself."""

from collections.abc import Collection
from pathlib import Path

from app.errors import Phrase, SidecarInvalid
from ingest.parse.document import Metadata
from ingest.parse.encoding import decode
from ingest.parse.properties import load_properties

_ENDINGS = (".meta.yaml", ".meta.yml", ".meta.json")
_LARGEST = 65_536


def may_be_sidecars(names: Collection[str]) -> Collection[str]:
    """Those among the names of a folder that may be sidecars: mostly none."""
    return {name for name in names if name.endswith(_ENDINGS)}


def sidecar_name(name: str, names: Collection[str]) -> str | None:
    """The name of a file's sidecar among the `names` in its folder."""
    return next((name + end for end in _ENDINGS if name + end in names), None)


def is_sidecar(name: str, names: Collection[str]) -> bool:
    """Whether a file is the sidecar of another; one that belongs to none is a document itself."""
    if not name.endswith(_ENDINGS):
        return False
    return any(name.endswith(end) and name.removesuffix(end) in names for end in _ENDINGS)


def read_sidecar(path: Path) -> Metadata:
    """Raises SidecarInvalid."""
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise SidecarInvalid(path=path.name, detail=error.strerror or str(error)) from error
    if len(data) > _LARGEST:
        raise SidecarInvalid(path=path.name, detail=Phrase("more_bytes", limit=_LARGEST))
    found = load_properties((decode(data) or "").lstrip("\ufeff"))
    if found is None:
        detail = Phrase("sidecar_no_mapping")
        raise SidecarInvalid(path=path.name, detail=detail)
    return found
