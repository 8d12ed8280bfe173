"""Fetch repositories of the Hugging Face and ModelScope hubs: bounded, resumable, verified.

Listing is the hub's own business; fetching is the same for both: ranged HTTP into a
`.incomplete` file, checked against the sha256 that the hub lists.
"""

import fnmatch
import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal
from urllib.parse import quote

import httpx
from huggingface_hub import HfApi, hf_hub_url
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, RepositoryNotFoundError
from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

from app.errors import Phrase, WeightsCorrupt
from app.models.catalogue import HubFile
from app.models.manifest import sha256_of
from app.models.progress import OnProgress, OriginUnavailable, Progress

Hub = Literal["huggingface", "modelscope"]

MODELSCOPE = "https://modelscope.cn"
_HF: Final = "Hugging Face"
_MS: Final = "ModelScope"
LISTING_SECONDS = 5.0
# Connecting is as bounded as listing; a slow line may pause longer between two blocks.
_FETCH_LIMITS = httpx.Timeout(LISTING_SECONDS, read=20.0)

# What a sentence-transformers folder needs; other runtimes' weights are left out.
_WANTED = ("*.json", "*.txt", "*.model", "*.safetensors", "*.jinja")
_PICKLES = ("*.bin",)
_UNWANTED = ("onnx/*", "openvino/*", "*/onnx/*", "*/openvino/*", "original/*", ".*", "*.msgpack")


class HubUnavailable(OriginUnavailable):
    """The hub cannot be reached or does not have it."""


@dataclass(frozen=True)
class RemoteFile:
    """`sha256` is None for small files, which hubs keep in git."""

    path: str
    size: int
    sha256: str | None
    url: str


@dataclass(frozen=True)
class Listing:
    """A repository at one revision. `headers` authorise the fetching."""

    revision: str
    files: tuple[RemoteFile, ...]
    headers: dict[str, str]


def list_repository(
    hub: Hub, name: str, revision: str | None = None, endpoint: str | None = None
) -> Listing:
    """Ask the hub for the files of `name`. Raises HubUnavailable after some 5 seconds at most."""
    if hub == "huggingface":
        return _list_huggingface(name, revision, endpoint)
    return _list_modelscope(name, revision, endpoint or MODELSCOPE)


def _list_huggingface(name: str, revision: str | None, endpoint: str | None) -> Listing:
    try:
        info = HfApi(endpoint=endpoint).model_info(
            name, revision=revision, timeout=LISTING_SECONDS, files_metadata=True
        )
    except RepositoryNotFoundError:
        raise HubUnavailable(Phrase("hub_no_model", hub=_HF)) from None
    except (HFValidationError, HfHubHTTPError) as error:
        raise HubUnavailable(Phrase("hub_refused", hub=_HF, error=error)) from error
    # The client library lets the exceptions of its HTTP library through, and has
    # changed that library before: whatever stopped the request, the next source is asked.
    except Exception as error:
        raise HubUnavailable(Phrase("hub_silent", hub=_HF, error=error)) from error
    if info.sha is None:
        raise HubUnavailable(Phrase("hub_no_revision", hub=_HF))
    files = tuple(
        RemoteFile(
            path=file.rfilename,
            size=file.size or 0,
            sha256=file.lfs.sha256 if file.lfs else None,
            url=hf_hub_url(name, file.rfilename, revision=info.sha, endpoint=endpoint),
        )
        for file in info.siblings or ()
    )
    return Listing(info.sha, files, build_hf_headers())


def _list_modelscope(name: str, revision: str | None, endpoint: str) -> Listing:
    base = f"{endpoint}/api/v1/models/{quote(name)}/repo"
    wanted = revision or "master"
    try:
        answer = httpx.get(
            f"{base}/files",
            params={"Revision": wanted, "Recursive": "true"},
            timeout=LISTING_SECONDS,
            follow_redirects=True,
        )
    except httpx.HTTPError as error:
        raise HubUnavailable(Phrase("hub_silent", hub=_MS, error=error)) from error
    if answer.status_code == httpx.codes.NOT_FOUND:
        raise HubUnavailable(Phrase("hub_no_model", hub=_MS))
    try:
        listed = answer.raise_for_status().json()["Data"]["Files"]
        files = tuple(
            RemoteFile(
                path=file["Path"],
                size=file["Size"],
                sha256=file.get("Sha256") or None,
                url=f"{base}?Revision={quote(wanted)}&FilePath={quote(file['Path'], safe='')}",
            )
            for file in listed
            if file.get("Type") != "tree"
        )
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        raise HubUnavailable(Phrase("hub_no_listing", hub=_MS, error=repr(error))) from error
    content = "\n".join(sorted(f"{file.path} {file.size} {file.sha256}" for file in files))
    # A branch name says nothing about what it holds; the listed checksums do.
    pinned = revision or hashlib.sha256(content.encode()).hexdigest()[:12]
    return Listing(pinned, files, {})


def model_files(listing: Listing) -> tuple[RemoteFile, ...]:
    """The files that sentence-transformers loads: safetensors, or pickles where there are none."""
    wanted = [
        file
        for file in listing.files
        if _matches(file.path, _WANTED) and not _matches(file.path, _UNWANTED)
    ]
    if not any(file.path.endswith(".safetensors") for file in wanted):
        wanted += [
            file
            for file in listing.files
            if _matches(file.path, _PICKLES) and not _matches(file.path, _UNWANTED)
        ]
    return tuple(wanted)


def fetch_model(
    hub: Hub,
    name: str,
    revision: str | None,
    into: Path,
    on_progress: OnProgress,
    endpoint: str | None = None,
) -> str:
    """Fetch the sentence-transformers model `name` into the folder `into`; return its revision.

    Files that are already there and right are not fetched again. Raises HubUnavailable and
    WeightsCorrupt.
    """
    listing = list_repository(hub, name, revision, endpoint)
    files = model_files(listing)
    if not any(file.path == "config.json" for file in files):
        raise HubUnavailable(Phrase("hub_nothing_loadable"))
    for file in files:
        fetch_file(file, into / file.path, listing.headers, on_progress)
    return listing.revision


def fetch_hub_file(
    hub: Hub,
    source: HubFile,
    sha256: str,
    target: Path,
    on_progress: OnProgress,
    endpoint: str | None = None,
) -> str:
    """Fetch one file that must have the known `sha256`; return the repository's revision.

    Raises HubUnavailable, also when the hub lists other bytes under that name.
    """
    listing = list_repository(hub, source.repository, None, endpoint)
    for file in listing.files:
        if file.path == source.path:
            if file.sha256 != sha256:
                raise HubUnavailable(Phrase("hub_other_file"))
            fetch_file(file, target, listing.headers, on_progress)
            return listing.revision
    raise HubUnavailable(Phrase("hub_no_file", file=source.path))


def fetch_chat(
    hub: Hub,
    name: str,
    which: str,
    folder: Path,
    on_progress: OnProgress,
    endpoint: str | None = None,
) -> Path:
    """Fetch the GGUF of the chat model `name` that `which` names, by its file name or a part of it such as
    'Q4_K_M' in any case, into `folder`; where it lies there.

    Raises HubUnavailable, also where that is no file or several, where the hub lists no sha256 of it, and
    where the disk has no room; and WeightsCorrupt.
    """
    listing = list_repository(hub, name, None, endpoint)
    models = [file for file in listing.files if file.path.casefold().endswith(".gguf")]
    exact = [file for file in models if which in (file.path, _base(file.path))]
    found = exact or [file for file in models if which.casefold() in _base(file.path).casefold()]
    if len(found) != 1:
        names = [_base(file.path) for file in found or models][:20]
        raise HubUnavailable(Phrase("hub_which_file", file=which, names=names or ["–"]))
    [file] = found
    if file.sha256 is None:
        raise HubUnavailable(Phrase("hub_no_checksum", file=file.path))
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / _base(file.path)
    here = target.with_name(target.name + ".incomplete")
    left = file.size - (here.stat().st_size if here.exists() else 0)
    if not target.exists() and left > shutil.disk_usage(folder).free:
        raise HubUnavailable(Phrase("hub_no_room", size=f"{file.size / 1e9:.1f}"))
    fetch_file(file, target, listing.headers, on_progress)
    return target


def _base(path: str) -> str:
    return path.rpartition("/")[2]


def fetch_file(
    file: RemoteFile, target: Path, headers: dict[str, str], on_progress: OnProgress
) -> None:
    """Make `target` the remote file, going on where an interrupted fetch stopped."""
    if target.exists() and _is_right(target, file):
        on_progress(Progress(target.name, file.size, file.size))
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    growing = target.with_name(target.name + ".incomplete")
    try:
        _append_rest(file, growing, headers, on_progress)
    except httpx.HTTPError as error:
        raise HubUnavailable(Phrase("fetch_failed", file=file.path, error=repr(error))) from error
    if not _is_right(growing, file):
        size = Phrase("size_of_file", size=growing.stat().st_size)
        found = sha256_of(growing) if file.sha256 else size
        expected = file.sha256 or Phrase("size_of_file", size=file.size)
        growing.unlink()
        raise WeightsCorrupt(file=target, expected=expected, found=found)
    growing.replace(target)


def _append_rest(
    file: RemoteFile, growing: Path, headers: dict[str, str], on_progress: OnProgress
) -> None:
    done = growing.stat().st_size if growing.exists() else 0
    if done == file.size and done:
        return
    # Offsets mean nothing in a compressed answer.
    ranged = headers | {"Accept-Encoding": "identity"}
    if done:
        ranged["Range"] = f"bytes={done}-"
    with httpx.stream(
        "GET", file.url, headers=ranged, timeout=_FETCH_LIMITS, follow_redirects=True
    ) as answer:
        answer.raise_for_status()
        if answer.status_code != httpx.codes.PARTIAL_CONTENT:
            done = 0
        with growing.open("ab" if done else "wb") as output:
            on_progress(Progress(file.path, done, file.size))
            for block in answer.iter_bytes():
                output.write(block)
                done += len(block)
                on_progress(Progress(file.path, done, file.size))


def _is_right(path: Path, file: RemoteFile) -> bool:
    if path.stat().st_size != file.size:
        return False
    return file.sha256 is None or sha256_of(path) == file.sha256


def _matches(path: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatch(path, pattern) for pattern in patterns)
