"""Damaged and malicious relatives of good files, the same for the same seed."""

import io
import random
import re
import zipfile
from collections.abc import Callable, Mapping
from typing import Final

_RUNS: Final = (
    *(b" ", b"\n", b"<", b"<!---->", b"[", b"{", b"(", b'"', b"|", b"*", b"-", b"&", b"\x00", b"\xff"),
    *(b"<div>", b"<table><tr><td>", b"<w:p>", b"<row>", b"a: &a [*a", b"[a](", b"%PDF-", b"q Q ", b"=?utf-8?q?"),
    *("\u0301".encode(), "九".encode(), "第".encode(), b"1.", b"{\\b ", b"> ", b"- ", b"endobj\n", b"PK\x03\x04"),
)  # fmt: skip
_WORDS: Final = (
    *(b"999999999999", b"-1", b"0", b"4294967295", b"1e309", b"NaN", b"A1:XFD1048576", b"colspan=9999", b"hidden"),
    *(b"../../etc/passwd", b"file:///etc/passwd", b"<!ENTITY x SYSTEM 'file:///etc/passwd'>", b"\xf0\x9f\x98\x80"),
)  # fmt: skip

_DIGIT: Final = re.compile(rb"\d")

Mutation = Callable[[random.Random, bytes, bytes], bytes]


def _span(rng: random.Random, data: bytes, longest: int = 400) -> tuple[int, int]:
    start = rng.randrange(len(data) + 1)
    return start, min(len(data), start + rng.randrange(longest))


def _flip(rng: random.Random, data: bytes, _other: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.randint(1, 20)):
        if changed:
            changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def _cut(rng: random.Random, data: bytes, _other: bytes) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _drop(rng: random.Random, data: bytes, _other: bytes) -> bytes:
    start, end = _span(rng, data)
    return data[:start] + data[end:]


def _repeat(rng: random.Random, data: bytes, _other: bytes) -> bytes:
    start, end = _span(rng, data)
    return data[:start] + data[start:end] * rng.choice((2, 10, 200)) + data[end:]


def _run(rng: random.Random, data: bytes, _other: bytes) -> bytes:
    start, _ = _span(rng, data)
    return data[:start] + rng.choice(_RUNS) * rng.choice((10, 1_000, 20_000)) + data[start:]


def _word(rng: random.Random, data: bytes, _other: bytes) -> bytes:
    start, end = _span(rng, data, 12)
    return data[:start] + rng.choice(_WORDS) + data[end:]


def _splice(rng: random.Random, data: bytes, other: bytes) -> bytes:
    start, _ = _span(rng, data)
    begin, end = _span(rng, other, 4_000)
    return data[:start] + other[begin:end] + data[start:]


def _numbers(rng: random.Random, data: bytes, _other: bytes) -> bytes:
    """One number of the text replaced by an absurd one."""
    places = [digit.start() for digit in _DIGIT.finditer(data)]
    if not places:
        return data
    place = rng.choice(places)
    return data[:place] + rng.choice((b"99999999", b"-7", b"0")) + data[place + 1 :]


_MUTATIONS: Final[tuple[Mutation, ...]] = (
    *(_flip, _cut, _drop, _repeat, _run, _word, _splice, _numbers),
)


def _zip_members(data: bytes) -> Mapping[str, bytes] | None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            return {name: file.read(name) for name in file.namelist()}
    except (zipfile.BadZipFile, OSError, ValueError):
        return None


def mutant(rng: random.Random, data: bytes, other: bytes) -> bytes:
    """A relative of `data`; containers are mostly damaged within, so that readers get to see it."""
    members = _zip_members(data) if data.startswith(b"PK") and rng.random() < 0.85 else None
    if not members:
        for _ in range(rng.randint(1, 3)):
            data = rng.choice(_MUTATIONS)(rng, data, other)
        return data
    chosen = rng.choice(sorted(members))
    changed = {**members, chosen: mutant(rng, members[chosen], other)}
    if rng.random() < 0.1:
        changed.pop(rng.choice(sorted(changed)))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in changed.items():
            file.writestr(name, content)
    return out.getvalue()
