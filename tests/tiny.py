"""Real parts made small: an encoder of two seeded layers, a desk's worth of examples, a Release of both."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from finetune.build import Built, Material, Options, build
from finetune.examples import Example
from retrieval.passages import Passage
from retrieval.prediction import OUT_OF_SCOPE
from retrieval.templates import Template

QUESTIONS = {
    "order_status": (
        "where is my order",
        "has my parcel been sent",
        "track my order please",
        "order still not here",
        "when does my parcel arrive",
        "no news of my order",
        "is the parcel on its way",
        "where did my parcel go",
    ),
    "return_item": (
        "how do I return this coat",
        "send the boots back",
        "I want to return something",
        "return label please",
        "the coat goes back to you",
        "how to send it back",
        "returning my boots",
        "return these socks please",
    ),
    "repair": (
        "the zip is broken",
        "can you repair my coat",
        "my zip needs a repair",
        "mend the torn pocket",
        "seam came apart please mend",
        "repair the broken seam",
        "fix my coat zip",
        "pocket is torn can you fix it",
    ),
    "opening_hours": (
        "when are you open",
        "what are your hours",
        "open on saturday",
        "how late can I call",
        "opening hours please",
        "are you open today",
        "hours of the shop",
        "when can I call you",
    ),
}
STRANGERS = (
    "tell me a joke",
    "who won the football",
    "what is the capital of peru",
    "sing a song",
    "do my homework",
    "is it going to snow",
)

TEMPLATES = (
    Template(
        "order_status.number",
        "order_status",
        "Order **{{ order_number }}** is under My orders.",
        "Where my order is",
        ("where is order PP-204817",),
        frozenset({"order_number"}),
    ),
    Template(
        "order_status.plain",
        "order_status",
        "Hello{% if name %} {{ name }}{% endif %}, look under My orders.",
        "Where my order is",
        ("where is my order",),
    ),
    Template(
        "return_item",
        "return_item",
        "Print a label under My orders.",
        "Sending something back",
        ("how do I return something", "send it back"),
    ),
    Template(
        "repair", "repair", "Send it with the repair form.", "A repair", ("can you repair my zip",)
    ),
    Template(
        "opening_hours",
        "opening_hours",
        "Monday to Friday, 9:00 to 17:30.",
        "Opening hours",
        ("when are you open",),
    ),
)
PASSAGES = (Passage("wool", "Wool care", "Washing", "Wash wool by hand, cold, and dry it flat."),)


def examples() -> list[Example]:
    inside = [Example(text, intent) for intent, texts in QUESTIONS.items() for text in texts]
    return inside + [Example(text, OUT_OF_SCOPE) for text in STRANGERS]


def save_encoder(folder: Path, *, seed: int = 0) -> Path:
    """Write a two-layer encoder whose vocabulary is the words above, in sentence-transformers' layout."""
    torch.manual_seed(seed)
    bert = folder / "bert"
    _tokenizer().save_pretrained(bert)
    BertModel(_config()).save_pretrained(bert)
    transformer = Transformer(str(bert), max_seq_length=64)
    parts = [transformer, Pooling(transformer.get_embedding_dimension()), Normalize()]
    SentenceTransformer(modules=parts, device="cpu").save_pretrained(
        str(folder / "encoder"), create_model_card=False
    )
    return folder / "encoder"


def built(encoder: Path, *, fast: bool = True, seed: int = 0) -> Built:
    """Train on the questions above; fast takes well under a second."""
    return build(Material(examples(), TEMPLATES, PASSAGES), options(encoder, fast=fast, seed=seed))


def options(encoder: Path, *, fast: bool = True, seed: int = 0) -> Options:
    return Options(encoder=str(encoder), risk=0.2, fast=fast, seed=seed)


def _config() -> BertConfig:
    return BertConfig(
        vocab_size=len(_words()),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
    )


def _words() -> dict[str, int]:
    texts = [*STRANGERS, *(t for texts in QUESTIONS.values() for t in texts)]
    texts += [p.keyed for p in PASSAGES]
    words = sorted({word for text in texts for word in text.lower().replace(",", "").split()})
    return {word: n for n, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *words])}


def _tokenizer() -> PreTrainedTokenizerFast:
    words = _words()
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        special_tokens=[("[CLS]", words["[CLS]"]), ("[SEP]", words["[SEP]"])],
    )
    fast: Any = PreTrainedTokenizerFast  # untyped
    made: PreTrainedTokenizerFast = fast(
        tokenizer_object=tokenizer,
        unk_token="[UNK]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
    )
    return made
