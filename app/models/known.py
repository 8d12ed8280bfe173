"""Models by what is known of them and where it was read (`known.toml`), and the memory that one needs."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

Role = Literal["chat", "embedding", "reranking"]
Commercial = Literal["yes", "limited", "no"]
Kind = Literal["chat", "code", "reasoning"]


@dataclass(frozen=True)
class FactSource:
    """Where facts were read. `read`: the day. `quoted`: public quotations of the address were read."""

    address: str
    read: str
    version: str | None = None
    quoted: bool = False


# What a fact can be about; `known.toml` says which fields are whose.
FactGroup = Literal["shape", "licence", "names", "ollama", "released", "languages"]
Sources = tuple[tuple[FactGroup, FactSource], ...]


@dataclass(frozen=True)
class Licence:
    """`commercial` 'limited': under conditions, which `en` and `zh` tell."""

    name: str
    commercial: Commercial
    url: str
    en: str
    zh: str
    source: FactSource


@dataclass(frozen=True)
class Quantisation:
    """Bits a weight takes, on average: in the layers, in the input embeddings, in the output tensor."""

    body: float
    embeddings: float
    output: float


# llama.cpp's block formats: Q4_0 18 bytes of 32 weights, Q8_0 34; Q4_K_M and Q5_K_M mix formats,
# and their averages are those of dense models of 7 billion parameters. AWQ and GPTQ: 4 bits in groups of 128.
QUANTISATIONS: Final[dict[str, Quantisation]] = {
    "F16": Quantisation(16, 16, 16),
    "FP8": Quantisation(8, 16, 16),
    "Q8_0": Quantisation(8.5, 8.5, 8.5),
    "Q6_K": Quantisation(6.5625, 6.5625, 6.5625),
    "Q5_K_M": Quantisation(5.68, 5.5, 6.5625),
    "Q4_K_M": Quantisation(4.83, 4.5, 6.5625),
    "Q4_0": Quantisation(4.5, 4.5, 6.5625),
    "AWQ": Quantisation(4.16, 16, 16),
    "GPTQ": Quantisation(4.16, 16, 16),
}
# Of a GGUF file, the best first.
GGUF: Final = ("Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "Q4_0")
# llama.cpp keeps a batch beyond the window of a layer that slides.
_BATCH: Final = 512


@dataclass(frozen=True)
class ChatFacts:
    """See the head of `known.toml`. Parameters in billions."""

    name: str
    licence: Licence
    parameters: float
    layers: int
    kv_heads: int
    head: int
    hidden: int
    vocab: int
    context: int
    languages: tuple[str, ...]
    released: str
    hub: str
    active: float | None = None
    tied: bool = False
    own_output: bool = False
    kv_width: int | None = None
    sliding: int = 0
    sliding_layers: int = 0
    stateful_layers: int = 0
    vision: float = 0.0
    kind: Kind = "chat"
    ollama: str | None = None
    modelscope: str | None = None
    published: tuple[tuple[str, int], ...] = ()
    sources: Sources = ()
    unconfirmed: tuple[FactGroup, ...] = ()

    @property
    def working(self) -> float:
        """Billions of parameters that a token passes through."""
        return self.active or self.parameters

    @property
    def sizes(self) -> tuple[str, ...]:
        """The GGUF sizes that there are, the best first."""
        return tuple(name for name, _ in self.published) or GGUF

    @property
    def all_sizes(self) -> tuple[str, ...]:
        """With those of GPU servers."""
        return self.sizes if self.published else tuple(QUANTISATIONS)

    @property
    def default_size(self) -> str:
        """What Ollama fetches under the model's plain name."""
        return "Q4_K_M" if "Q4_K_M" in self.sizes else self.sizes[0]

    def weights(self, quantisation: str) -> float:
        """Bytes of the weights; published ones where the formula does not hold."""
        for name, size in self.published:
            if name == quantisation:
                return size
        bits = QUANTISATIONS[quantisation]
        table = self.hidden * self.vocab
        body = self.parameters * 1e9 - table * (1 if self.tied else 2)
        if self.tied and not self.own_output:
            return (body * bits.body + table * bits.output) / 8
        return (body * bits.body + table * (bits.embeddings + bits.output)) / 8

    def cache(self, window: int, bits: float = 16) -> float:
        """Bytes of keys and values for a window of so many tokens; 8.5 `bits` for q8_0."""
        width = self.kv_width or 2 * self.kv_heads * self.head
        slid = min(window, self.sliding + _BATCH) if self.sliding else window
        whole = self.layers - self.sliding_layers - self.stateful_layers
        tokens = whole * window + self.sliding_layers * slid
        return width * tokens * bits / 8

    def memory(self, quantisation: str, window: int) -> float:
        """Bytes of weights, vision encoder and cache."""
        return self.weights(quantisation) + self.vision * 2e9 + self.cache(window)


@dataclass(frozen=True)
class EncoderFacts:
    """An embedding model or a reranker. Parameters in billions; `context` in tokens."""

    name: str
    licence: Licence
    parameters: float
    context: int
    languages: tuple[str, ...]
    released: str
    hub: str
    dimension: int | None = None
    loads: bool = True
    modelscope: str | None = None
    sources: Sources = ()
    unconfirmed: tuple[FactGroup, ...] = ()

    def memory(self, bytes_each: int = 4) -> float:
        """Bytes of the weights: 4 a parameter on a CPU, 2 where bf16 is computed."""
        return self.parameters * 1e9 * bytes_each


@dataclass(frozen=True)
class Known:
    """`as_of`: the day the newest of the facts was read."""

    as_of: str
    chat: tuple[ChatFacts, ...]
    embedding: tuple[EncoderFacts, ...]
    reranking: tuple[EncoderFacts, ...]


@cache
def known() -> Known:
    """All models of `known.toml`."""
    return parse_known(files("app.models").joinpath("known.toml").read_text(encoding="utf-8"))


def parse_known(text: str) -> Known:
    """Raises ValueError where an entry does not say where its facts come from."""
    read = tomllib.loads(text)
    sources = {key: FactSource(**value) for key, value in read["source"].items()}

    def source(key: str, of: str) -> FactSource:
        if key not in sources:
            raise ValueError(f"{of}: unknown source {key}")
        return sources[key]

    licences = {
        key: Licence(**{**value, "source": source(value["source"], key)})
        for key, value in read["licence"].items()
    }

    def facts(entry: dict[str, Any]) -> dict[str, Any]:
        name, told = entry["name"], entry.get("sources", {})
        unconfirmed = tuple(entry.get("unconfirmed", ()))
        expected = {"shape", "licence", "names", "released", "languages"}
        if "ollama" in entry:
            expected.add("ollama")
        if sorted([*told, *unconfirmed]) != sorted(expected):
            raise ValueError(
                f"{name}: sources and unconfirmed must tell of {sorted(expected)}, once"
            )
        return {
            **entry,
            "licence": licences[entry["licence"]],
            "languages": tuple(entry["languages"]),
            "sources": tuple((group, source(key, name)) for group, key in told.items()),
            "unconfirmed": unconfirmed,
        }

    def chat(entry: dict[str, Any]) -> ChatFacts:
        published = tuple(entry.get("published", {}).items())
        return ChatFacts(**{**facts(entry), "published": published})

    return Known(
        max(each.read for each in sources.values()),
        tuple(chat(entry) for entry in read["chat"]),
        tuple(EncoderFacts(**facts(entry)) for entry in read["embedding"]),
        tuple(EncoderFacts(**facts(entry)) for entry in read["reranking"]),
    )


# How a file of weights is called after its model: by its size.
_FILE_SIZE: Final = re.compile(r"-(?:q\d\w*|f16|bf16|mxfp4)$", re.IGNORECASE)


def find_chat(name: str) -> ChatFacts | None:
    """A chat model by its own name, its name in Ollama, its repository or its file's name, whatever the case."""
    found = find_model(name) or find_model(_FILE_SIZE.sub("", name))
    return found if isinstance(found, ChatFacts) else None


def find_model(name: str) -> ChatFacts | EncoderFacts | None:
    """A model of any role by any of its names, whatever the case."""
    wanted = name.casefold()
    every: list[ChatFacts | EncoderFacts] = [
        *known().chat,
        *known().embedding,
        *known().reranking,
    ]
    for model in every:
        ollama = model.ollama if isinstance(model, ChatFacts) else None
        names = (model.name, model.hub, model.modelscope, ollama)
        if wanted in {each.casefold() for each in names if each}:
            return model
    return None
