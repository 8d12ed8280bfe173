"""The memory that models need, as computed, beside what llama.cpp reports when it loads them."""

from datetime import date

import pytest

from app.models.catalogue import QWEN_CODER
from app.models.known import QUANTISATIONS, ChatFacts, EncoderFacts, find_chat, known, parse_known

GIB = 2**30
MIB = 2**20
# `print_info: file size` of llama.cpp, as its users have published it in issues and logs.
REPORTED = [
    ("Llama-3.1-8B-Instruct", "Q4_K_M", 4.58),
    ("Llama-3.2-3B-Instruct", "Q4_K_M", 1.87),
    ("Qwen2.5-7B-Instruct", "Q4_K_M", 4.36),
    ("Qwen2.5-32B-Instruct", "Q4_K_M", 18.48),
    ("Qwen3-8B", "Q4_K_M", 4.68),
    ("Qwen3-30B-A3B-Instruct-2507", "Q4_K_M", 17.28),  # llama.cpp, issue 14235: Qwen3-30B-A3B
    ("Mistral-7B-Instruct-v0.3", "Q4_K_M", 4.07),
    ("Mixtral-8x7B-Instruct-v0.1", "Q4_0", 24.62),
    ("phi-4", "Q4_K_M", 8.43),
    ("gemma-2-2b-it", "Q4_K_M", 1623.67 / 1024),
    ("gemma-3-4b-it", "Q4_K_M", 2.31),
    ("Llama-3.3-70B-Instruct", "Q4_0", 37.22),
    ("gpt-oss-20b", "MXFP4", 11.27),
    ("gpt-oss-120b", "MXFP4", 59.02),
]


def test_a_file_of_weights_is_known_by_its_model() -> None:
    assert facts("qwen2.5-coder-1.5b-instruct-q4_k_m").name == "Qwen2.5-Coder-1.5B-Instruct"
    assert find_chat("no-such-model-q4_k_m") is None


def facts(name: str) -> ChatFacts:
    found = find_chat(name)
    assert found is not None, name
    return found


@pytest.mark.parametrize(("name", "size", "gib"), REPORTED)
def test_weights_are_within_a_tenth_of_what_was_measured(name: str, size: str, gib: float) -> None:
    assert facts(name).weights(size) / GIB == pytest.approx(gib, rel=0.1)


@pytest.mark.parametrize(
    ("name", "size", "gb"),
    [  # what Ollama fetches, with the vision encoder: its README of 2025, and its page as others quote it
        ("gemma-3-4b-it", "Q4_K_M", 3.3),
        ("gemma-3-12b-it", "Q4_K_M", 8.1),
        ("gemma-3-27b-it", "Q4_K_M", 17),
        ("Qwen3.8-27B", "Q4_K_M", 18),
        ("Qwen3-4B-Instruct-2507", "Q4_K_M", 2.5),
        ("Qwen3-235B-A22B-Instruct-2507", "Q4_K_M", 142),
        ("Llama-3.2-3B-Instruct", "Q4_K_M", 2.0),
        ("Phi-4-mini-instruct", "Q4_K_M", 2.5),
    ],
)
def test_memory_without_a_cache_is_within_a_tenth_of_ollamas_files(
    name: str, size: str, gb: float
) -> None:
    assert facts(name).memory(size, 0) / 1e9 == pytest.approx(gb, rel=0.1)


def test_at_least_twelve_are_computed_and_not_looked_up() -> None:
    computed = [name for name, size, _ in REPORTED if size not in dict(facts(name).published)]
    assert len(computed) >= 12


def test_the_embedded_models_file_is_as_large_as_computed() -> None:
    model = facts("Qwen2.5-Coder-1.5B-Instruct")
    assert model.weights("Q4_K_M") == pytest.approx(QWEN_CODER.size, rel=0.02)


@pytest.mark.parametrize(
    ("name", "window", "bits", "mib"),
    [
        ("Qwen2.5-Coder-1.5B-Instruct", 8192, 16, 224),  # measured here: see docs/models.md
        ("Qwen2.5-32B-Instruct", 32768, 8.5, 4352),  # llama.cpp, issue 11200: K and V in q8_0
        ("Llama-3.1-8B-Instruct", 8192, 16, 1024),
        ("gemma-2-2b-it", 8192, 16, 416 + 234),  # 13 layers whole, 13 of 4096 + 512 cells
        ("gemma-2-2b-it", 4096, 16, 416),  # nothing slides yet
        (
            "Qwen3.5-9B",
            8192,
            16,
            256,
        ),  # 8 of 32 layers keep keys and values: 2 x 4 x 256 x 2 bytes each
    ],
)
def test_the_cache_is_what_llama_cpp_reports(
    name: str, window: int, bits: float, mib: float
) -> None:
    assert facts(name).cache(window, bits) / MIB == pytest.approx(mib, rel=0.01)


def test_every_entry_is_whole() -> None:
    every: list[ChatFacts | EncoderFacts] = [*known().chat, *known().embedding, *known().reranking]
    assert len({model.hub for model in every}) == len(every)
    for model in every:
        assert model.hub.count("/") == 1, model
        assert model.languages, model
        assert set(model.languages) <= {"zh", "en"}, model
        assert model.licence.en, model
        assert model.licence.zh, model
        assert model.licence.url.startswith("https://"), model
        for source in (model.licence.source, *(source for _, source in model.sources)):
            assert source.address.startswith("https://"), model
            assert date.fromisoformat(source.read), model
    for model in known().chat:
        assert model.kind in ("chat", "code", "reasoning")
        assert model.sliding_layers <= model.layers
        for size in model.sizes:
            assert 0 < model.weights(size) < model.parameters * 1.2e9 * 17 / 8


def test_more_bits_take_more_room() -> None:
    model = facts("Qwen3-8B")
    sizes = [model.weights(size) for size in ("F16", "Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "Q4_0")]
    assert sizes == sorted(sizes, reverse=True)
    assert set(QUANTISATIONS) >= {"AWQ", "GPTQ", "FP8"}


def test_a_model_is_found_by_any_of_its_names() -> None:
    assert find_chat("qwen3:8b") is find_chat("Qwen/Qwen3-8B") is find_chat("QWEN3-8B")
    assert find_chat("no-such-model") is None


ENTRY = """
[source.card]
address = "https://example.com/card"
read = "2026-01-02"

[licence.mit]
name = "MIT"
commercial = "yes"
url = "https://example.com/mit"
en = "Free."
zh = "自由。"
source = "card"

[[embedding]]
name = "small"
licence = "mit"
parameters = 0.1
dimension = 8
context = 512
languages = ["en"]
released = "2025-01"
hub = "maker/small"
sources = {shape = "card", licence = "card", names = "card", released = "card"}
unconfirmed = ["languages"]
"""
OTHERS = "chat = []\nreranking = []\n"


def test_every_fact_has_a_source_or_is_called_unconfirmed() -> None:
    [model] = parse_known(OTHERS + ENTRY).embedding
    assert dict(model.sources)["shape"].address == "https://example.com/card"
    assert model.unconfirmed == ("languages",)


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ('unconfirmed = ["languages"]', ""),  # of a group nothing is said
        ('unconfirmed = ["languages"]', 'unconfirmed = ["languages", "shape"]'),  # both
        ('shape = "card"', 'shape = "elsewhere"'),  # a source that there is not
        ('source = "card"', 'source = "elsewhere"'),
        ('shape = "card"', 'shape = "card", size = "card"'),  # a group that there is not
    ],
)
def test_an_entry_without_a_source_is_refused(line: str, instead: str) -> None:
    assert line in ENTRY
    with pytest.raises(ValueError, match=r"small|mit"):
        parse_known(OTHERS + ENTRY.replace(line, instead))
