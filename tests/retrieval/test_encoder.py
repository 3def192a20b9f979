"""The encoder: the same text is the same vector, whoever it is read with."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.encoder import BATCH, MAX_TOKENS, Encoder, passes
from retrieval.pretrained import locate
from tests import tiny

TEXTS = [e.text for e in tiny.examples()] * 3 + ["", " ", "order " * 500, "ωψ 🧥", "\x00"]


@pytest.fixture(scope="module")
def encoder(tiny_encoder: Path) -> Encoder:
    return Encoder.load(str(tiny_encoder))


def test_the_words_that_it_reads_in_one_piece_are_known() -> None:
    encoder = Encoder.load(locate("english"))
    words = [word for word in encoder.vocabulary if word.isascii() and word.isalpha()]
    assert {"the", "package"} <= set(words)
    assert not {"pakage", "zipp"} & encoder.vocabulary
    for word in words[::50]:
        assert encoder.network.tokenizer.tokenize(word) == [word]


def test_a_vector_has_unit_length(encoder: Encoder) -> None:
    vectors = encoder.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), encoder.dim)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)


def test_a_text_does_not_depend_on_its_batch(encoder: Encoder) -> None:
    assert len(TEXTS) > BATCH
    together = encoder.encode(TEXTS)
    some = range(0, len(TEXTS), 9)
    alone = np.concatenate([encoder.encode([TEXTS[row]]) for row in some])
    np.testing.assert_allclose(together[some], alone, atol=1e-5)


def test_shuffling_the_texts_shuffles_the_vectors(encoder: Encoder) -> None:
    order = np.random.default_rng(0).permutation(len(TEXTS))
    shuffled = encoder.encode([TEXTS[row] for row in order])
    np.testing.assert_allclose(shuffled, encoder.encode(TEXTS)[order], atol=1e-5)


def test_full_width_letters_read_like_plain_ones(encoder: Encoder) -> None:
    wide, plain = encoder.encode(
        ["\uff37here is my order \uff30\uff30\uff0d\uff11", "Where is my order PP-1"]
    )
    np.testing.assert_array_equal(wide, plain)


def test_no_text_is_no_vector(encoder: Encoder) -> None:
    assert encoder.encode([]).shape == (0, encoder.dim)


def test_a_letter_is_read_up_to_its_limit(encoder: Encoder) -> None:
    assert encoder.network.max_seq_length == 64 <= MAX_TOKENS
    long, longer = encoder.encode(["order " * 200, "order " * 300 + "zip"])
    np.testing.assert_allclose(long, longer, atol=1e-5)


@given(st.lists(st.integers(0, 4096), max_size=300))
def test_every_text_is_in_one_pass_and_no_pass_is_large(lengths: list[int]) -> None:
    rows = [pass_.tolist() for pass_ in passes(lengths)]
    assert sorted(chain.from_iterable(rows)) == list(range(len(lengths)))
    assert all(0 < len(pass_) <= BATCH for pass_ in rows)


def test_progress_is_told_up_to_the_last_text(encoder: Encoder) -> None:
    told: list[tuple[int, int]] = []
    encoder.encode(TEXTS, progress=lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert len(told) >= 2
    assert told[-1] == (len(TEXTS), len(TEXTS))


def test_the_fast_way_is_nearly_the_precise_one(encoder: Encoder) -> None:
    texts = [e.text for e in tiny.examples()]
    cosines = (encoder.encode(texts) * encoder.encode(texts, fast=True)).sum(axis=1)
    assert cosines.min() > 0.999


def test_a_saved_encoder_reads_the_same(encoder: Encoder, tmp_path: Path) -> None:
    encoder.save(tmp_path / "saved")
    again = Encoder.load(str(tmp_path / "saved"))
    np.testing.assert_array_equal(again.encode(TEXTS), encoder.encode(TEXTS))


def test_the_same_weights_are_saved_as_the_same_bytes(tiny_encoder: Path, tmp_path: Path) -> None:
    for name, read in (("one", ["hello"]), ("two", ["order " * 500, "zip"])):
        encoder = Encoder.load(str(tiny_encoder))
        encoder.encode(read)  # what was read leaves no trace
        encoder.save(tmp_path / name)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }
