"""Where the weights of the settings' models are on this machine, what names them, and that they can be loaded."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from app.errors import Phrase, WeightsCorrupt, WeightsMissing
from app.models.catalogue import DEFAULT_CHAT_FILE, READER_BASE
from app.models.manifest import MANIFEST, read_manifest
from app.settings import Settings, at_home

Role = Literal["embedding", "reading", "reranker", "chat"]

_BLOCK = 1 << 20


def sentence_transformer_folder(settings: Settings, role: Role, model: str) -> Path:
    """The folder of an embedding or reranking model. Raises WeightsMissing if it is not here."""
    own = at_home(model)
    if is_model_folder(own):
        return own
    folder = folder_of(settings, role, model)
    if not is_model_folder(folder):
        raise WeightsMissing(model=model)
    return folder


def embedding_folder(settings: Settings) -> Path:
    """The sentence-transformers folder of the embedding model. Raises WeightsMissing."""
    return sentence_transformer_folder(settings, "embedding", settings.embedding_model)


def reader_folder(settings: Settings) -> Path:
    """The folder with the reader's base weights: the embedding model's own where that is e5-small,
    else what was pulled for reading. Raises WeightsMissing."""
    if settings.embedding_model == READER_BASE:
        return embedding_folder(settings)
    for role in ("embedding", "reading"):
        if is_model_folder(folder := folder_of(settings, role, READER_BASE)):
            return folder
    raise WeightsMissing(model=READER_BASE)


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
    # With chat=auto the name is Ollama's; the embedded model is what is used without it.
    named = settings.chat_model if settings.chat == "embedded" else None
    return named or DEFAULT_CHAT_FILE


def chat_file(settings: Settings) -> Path:
    """The GGUF file of the embedded chat model. Raises WeightsMissing."""
    name = embedded_chat_name(settings)
    for path in (at_home(name), settings.models / "chat" / name):
        if path.is_file():
            return path
    raise WeightsMissing(model=name)


def folder_of(settings: Settings, role: Role, model: str) -> Path:
    """Where a pull puts the model `model` (a name on the hub)."""
    return settings.models / role / model.strip("/").replace("/", "--")


def is_model_folder(folder: Path) -> bool:
    """Whether sentence-transformers could load `folder`."""
    return (folder / "modules.json").is_file() or (folder / "config.json").is_file()


@contextmanager
def loading(folder: Path) -> Iterator[None]:
    """For as long as a model is loaded from its folder. Raises WeightsCorrupt, whatever safetensors, tokenizers and
    the model's own code raise: they have errors of their own."""
    try:
        yield
    except Exception as error:
        raise WeightsCorrupt(file=folder, expected=Phrase("loadable_model"), found=error) from error
