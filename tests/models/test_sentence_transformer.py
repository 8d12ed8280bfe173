"""The embedder: the library's own vectors, in order, from any thread, bounded for long texts."""

import os
import platform
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sentence_transformers import SentenceTransformer

from app.errors import EmbeddingFailed, WeightsCorrupt, WeightsMissing
from app.models.device import bf16_is_native, choose_precision
from app.models.embedding import Embedder, EmbeddingIdentity
from app.models.places import embedding_folder
from app.models.sentence_transformer import (
    MAX_WINDOWS,
    SentenceTransformerEmbedder,
    batches,
    build_embedder,
    choose_prefixes,
)
from app.models.words import Words
from app.settings import Settings

TEXTS = [
    "DeepSeek 采用 MIT 许可证。",
    "A 7B model in 4-bit needs about 5 GB of memory. " * 6,
    "短",
    "Retrieval finds passages; the model reads them.",
    "上下文长度是模型一次能读的词元数。" * 12,
]


def settings(models_dir: Path, **values: object) -> Settings:
    return Settings(_env_file=None, models=models_dir, **values)  # type: ignore[call-arg, arg-type]


@pytest.fixture(scope="module")
def plain(models_dir: Path) -> SentenceTransformer:
    """The library itself on the same folder, in float32."""
    return SentenceTransformer(str(embedding_folder(settings(models_dir))), device="cpu")


@pytest.fixture(scope="module")
def fp32(models_dir: Path) -> Embedder:
    return build_embedder(settings(models_dir, embedding_precision="fp32"))


def test_passages_have_the_librarys_own_vectors_in_order(
    fp32: Embedder, plain: SentenceTransformer
) -> None:
    ours = fp32.embed_passages(TEXTS)
    theirs = plain.encode(TEXTS, prompt="passage: ")
    assert ours.shape == (len(TEXTS), 384)
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, theirs, atol=2e-6)


def test_a_question_has_the_prefix_of_questions(fp32: Embedder, plain: SentenceTransformer) -> None:
    ours = fp32.embed_query(TEXTS[0])
    np.testing.assert_allclose(ours, plain.encode(f"query: {TEXTS[0]}"), atol=2e-6)
    assert np.abs(ours - fp32.embed_passages(TEXTS[:1])[0]).max() > 0.001


def test_default_precision_is_close_to_float32(real_embedder: Embedder, fp32: Embedder) -> None:
    ours, exact = real_embedder.embed_passages(TEXTS), fp32.embed_passages(TEXTS)
    assert ours.dtype == np.float32
    assert (ours * exact).sum(axis=1).min() > 0.999
    np.testing.assert_allclose(np.linalg.norm(ours, axis=1), 1, atol=1e-5)


def test_identity_states_all_that_decides_the_vectors(real_embedder: Embedder) -> None:
    identity = real_embedder.identity
    assert identity.model == "intfloat/multilingual-e5-small"
    assert identity.revision
    assert (identity.dimension, identity.normalised) == (384, True)
    assert (identity.query_prefix, identity.passage_prefix) == ("query: ", "passage: ")


def test_no_texts_no_rows(fp32: Embedder) -> None:
    assert fp32.embed_passages([]).shape == (0, 384)


def test_each_text_is_told_of_once_a_batch_and_what_is_raised_then_ends_the_work(
    fp32: Embedder,
) -> None:
    texts = [*TEXTS, "long " * 1200, *["Crane and valve. " * 12] * 60]
    told: list[int] = []
    fp32.embed_passages(texts, told.append)
    assert len(told) > 2
    assert sum(told) == len(texts)

    class Enough(Exception):
        pass

    def stop(_: int) -> None:
        raise Enough

    with pytest.raises(Enough):
        fp32.embed_passages(texts, stop)


def test_the_end_of_a_long_text_counts(fp32: Embedder) -> None:
    """512 tokens are the model's window; what comes after is embedded too, not cut off."""
    long = "量化可以减少内存占用。" * 90
    ending = long + "DeepSeek 采用 MIT 许可证。" * 30
    assert fp32.embed_query(ending) @ fp32.embed_query(long) < 0.999
    assert np.linalg.norm(fp32.embed_query(ending)) == pytest.approx(1, abs=1e-5)


def test_a_text_without_end_is_bounded(fp32: Embedder) -> None:
    base = "word " * 512 * MAX_WINDOWS
    np.testing.assert_allclose(
        fp32.embed_query(base), fp32.embed_query(base + "more " * 5_000), atol=1e-5
    )


def test_threads_do_not_disturb_each_other(fp32: Embedder) -> None:
    expected = fp32.embed_passages(TEXTS)
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(fp32.embed_passages, [TEXTS] * 8))
    for result in together:
        np.testing.assert_allclose(result, expected, atol=1e-6)


def test_questions_take_one_core_and_whoever_calls_keeps_all(fp32: Embedder) -> None:
    before = torch.get_num_threads()
    assert isinstance(fp32, SentenceTransformerEmbedder)
    assert fp32._one_core.run(torch.get_num_threads) == 1
    assert fp32._cores.count * fp32._cores.run(torch.get_num_threads) <= before
    assert torch.get_num_threads() == before
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(torch.get_num_threads).result() == before


@given(st.lists(st.integers(1, 600), max_size=60), st.integers(1, 2000))
def test_batches_hold_everything_once_and_fit(sizes: list[int], budget: int) -> None:
    made = list(batches(sizes, budget))
    assert sorted(index for batch in made for index in batch) == list(range(len(sizes)))
    for batch in made:
        widest = max(sizes[index] for index in batch)
        assert len(batch) == 1 or widest * len(batch) <= budget
    firsts = [sizes[batch[0]] for batch in made]
    assert firsts == sorted(firsts, reverse=True)


@pytest.mark.parametrize(
    ("capabilities", "machine", "native"),
    [
        ({"avx512_bf16": True}, "x86_64", True),
        ({"amx_bf16": True}, "AMD64", True),
        ({"avx512_f": True, "avx512_bf16": False}, "x86_64", False),
        ({"bf16": True}, "aarch64", True),
        ({"bf16": False, "neon": True}, "arm64", False),
        ({"bf16": True}, "x86_64", False),
        ({}, "x86_64", False),
    ],
)
def test_bf16_where_the_cpu_multiplies_in_it(
    capabilities: dict[str, bool], machine: str, native: bool
) -> None:
    assert bf16_is_native(capabilities, machine) is native


def test_precision_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert choose_precision("fp32") == "fp32"
    assert choose_precision("bf16") == "bf16"
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    for native, expected in ((True, "bf16"), (False, "fp32")):
        found = {"avx512_bf16": native}
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda found=found: found)
        assert choose_precision("auto") == expected


@pytest.mark.parametrize(
    ("model", "prompts", "own", "expected"),
    [
        ("intfloat/multilingual-e5-base", {}, {}, ("query: ", "passage: ")),
        ("org/e5-small-v2", {"query": "", "document": ""}, {}, ("query: ", "passage: ")),
        ("BAAI/bge-small-zh-v1.5", {}, {}, ("为这个句子生成表示以用于检索相关文章：", "")),
        ("/models/BAAI--bge-m3", {}, {}, ("", "")),
        ("org/own", {}, {}, ("", "")),
        ("org/own", {"query": "Q ", "document": "D "}, {}, ("Q ", "D ")),
        ("intfloat/e5-base", {}, {"embedding_query_prefix": ""}, ("", "passage: ")),
        ("intfloat/e5-base", {"query": "q"}, {"embedding_passage_prefix": "P"}, ("q", "P")),
    ],
)
def test_prefixes_are_the_settings_then_the_folders_then_the_known(
    model: str, prompts: dict[str, str], own: dict[str, str], expected: tuple[str, str]
) -> None:
    chosen = choose_prefixes(settings(Path(), embedding_model=model, **own), prompts)
    assert (chosen.query, chosen.passage) == expected


def test_weights_that_were_not_pulled_are_missing(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="multilingual-e5-small"):
        build_embedder(settings(tmp_path))


def test_a_folder_that_cannot_be_loaded_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(WeightsCorrupt, match="broken"):
        build_embedder(settings(tmp_path, embedding_model=str(tmp_path / "broken")))


@pytest.mark.parametrize("file", ["model.safetensors", "tokenizer.json"])
def test_weights_that_are_cut_short_are_named(file: str, models_dir: Path, tmp_path: Path) -> None:
    """Each library has errors of its own for them."""
    whole = embedding_folder(settings(models_dir))
    cut = tmp_path / "cut"
    shutil.copytree(whole, cut, copy_function=os.symlink)
    (cut / file).unlink()
    (cut / file).write_bytes((whole / file).read_bytes()[:5_000])
    with pytest.raises(WeightsCorrupt, match="cut"):
        build_embedder(settings(tmp_path, embedding_model=str(cut)))


class _NoDirection:
    """A model whose vectors are not numbers, as after an overflow."""

    tokenizer = None

    def __getitem__(self, index: int) -> object:
        return object()

    def encode(self, texts: list[str], **_options: object) -> np.ndarray:
        return np.full((len(texts), 3), np.nan, np.float32)


def test_a_vector_without_direction_is_an_error() -> None:
    identity = EmbeddingIdentity("m", "1", 3, "", "", normalised=True)
    embedder = SentenceTransformerEmbedder(_NoDirection(), identity, torch)
    with pytest.raises(EmbeddingFailed, match="vector_without_direction"):
        embedder.embed_query("x")


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="no map of the memory to look at")
def test_word_vectors_stay_in_their_file(fp32: SentenceTransformerEmbedder) -> None:
    """384 MB that no process needs of its own."""
    table = fp32.word_vectors()
    assert table is not None
    lines = Path("/proc/self/maps").read_text().splitlines()
    held = [
        line
        for line in lines
        if int(line.split("-")[0], 16) <= table.data_ptr() < int(line.split("-")[1].split()[0], 16)
    ]
    assert held[0].endswith("model.safetensors")


def test_word_vectors_are_given_in_the_models_precision() -> None:
    table = torch.randn(5, 4)
    words = Words(table)
    assert torch.equal(words(torch.tensor([3, 0])), table[[3, 0]])
    words.to(torch.bfloat16)
    assert words.weight is table
    assert torch.equal(words(torch.tensor([2])), table[[2]].to(torch.bfloat16))
