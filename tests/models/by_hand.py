"""Independent second opinions: BERT's forward pass in numpy, SentencePiece's Unigram search, Q4_0."""

import struct
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def erf(x: Array) -> Array:
    """Abramowitz and Stegun 7.1.26; absolute error below 1.5e-7."""
    t = 1 / (1 + 0.3275911 * np.abs(x))
    series = t * (
        0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))
    )
    return np.sign(x) * (1 - series * np.exp(-x * x))


def _norm(x: Array, tensors: Mapping[str, Array], name: str) -> Array:
    mean = x.mean(-1, keepdims=True)
    scaled = (x - mean) / np.sqrt(((x - mean) ** 2).mean(-1, keepdims=True) + 1e-12)
    return scaled * tensors[f"{name}.weight"] + tensors[f"{name}.bias"]


def _dense(x: Array, tensors: Mapping[str, Array], name: str) -> Array:
    return x @ tensors[f"{name}.weight"].T + tensors[f"{name}.bias"]


def embed(tensors: Mapping[str, Array], ids: Sequence[int], heads: int) -> Array:
    """Mean of BERT's last hidden states, at length 1. Devlin et al. 2018; `ids` with `<s>`, `</s>`."""
    x = (
        tensors["embeddings.word_embeddings.weight"][list(ids)]
        + tensors["embeddings.position_embeddings.weight"][: len(ids)]
        + tensors["embeddings.token_type_embeddings.weight"][0]
    )
    x = _norm(x, tensors, "embeddings.LayerNorm")
    layers = 1 + max(
        int(name.split(".")[2]) for name in tensors if name.startswith("encoder.layer.")
    )
    for layer in range(layers):
        at = f"encoder.layer.{layer}"
        q, k, v = (
            _dense(x, tensors, f"{at}.attention.self.{part}")
            .reshape(len(ids), heads, -1)
            .transpose(1, 0, 2)
            for part in ("query", "key", "value")
        )
        scores = q @ k.transpose(0, 2, 1) / np.sqrt(q.shape[-1])
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        weights /= weights.sum(-1, keepdims=True)
        mixed = (weights @ v).transpose(1, 0, 2).reshape(len(ids), -1)
        mixed = _dense(mixed, tensors, f"{at}.attention.output.dense")
        x = _norm(x + mixed, tensors, f"{at}.attention.output.LayerNorm")
        inner = _dense(x, tensors, f"{at}.intermediate.dense")
        inner = 0.5 * inner * (1 + erf(inner / np.sqrt(2)))
        outer = _dense(inner, tensors, f"{at}.output.dense")
        x = _norm(x + outer, tensors, f"{at}.output.LayerNorm")
    mean = x.mean(0)
    result: Array = mean / np.linalg.norm(mean)
    return result


def unigram(pieces: Sequence[tuple[str, float]], words: str, unk: int) -> list[int]:
    """The likeliest segmentation of white-space-separated `words` (Kudo 2018), by Viterbi.

    An unknown character costs 10 more than the unlikeliest piece; runs of them fuse into one token.
    """
    index = {piece: (number, score) for number, (piece, score) in enumerate(pieces)}
    unknown = min(score for _piece, score in pieces) - 10
    longest = max(len(piece) for piece, _score in pieces)
    ids: list[int] = []
    for word in words.split():
        text = "▁" + word
        best: list[tuple[float, int, int]] = [(0.0, 0, -1)]
        for end in range(1, len(text) + 1):
            options = []
            for start in range(max(0, end - longest), end):
                piece = index.get(text[start:end])
                if piece:
                    options.append((best[start][0] + piece[1], start, piece[0]))
            options.append((best[end - 1][0] + unknown, end - 1, unk))
            best.append(max(options))
        found: list[int] = []
        end = len(text)
        while end:
            _score, start, number = best[end]
            found.append(number)
            end = start
        found.reverse()
        ids += [n for i, n in enumerate(found) if n != unk or i == 0 or found[i - 1] != unk]
    return ids


def quantise(values: NDArray[np.float32]) -> tuple[bytes, NDArray[np.float32]]:
    """Q4_0 bytes of `values` (a multiple of 32) and what they stand for, one weight at a time."""
    blocks, meant = b"", []
    for block in values.reshape(-1, 32):
        scale = np.float16(np.abs(block).max() / 7)
        nibbles = [min(15, max(0, round(float(value) / float(scale)) + 8)) for value in block]
        blocks += struct.pack("<e", scale)
        blocks += bytes(nibbles[j] | nibbles[j + 16] << 4 for j in range(16))
        meant += [(nibble - 8) * float(scale) for nibble in nibbles]
    return blocks, np.array(meant, np.float32)
