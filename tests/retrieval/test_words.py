"""The words of a question and how well a passage's words meet them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.encoder import Encoder
from retrieval.lexical import Lexical
from retrieval.prediction import Floats1d
from retrieval.terms import placed
from retrieval.words import RARITY, Meeting, Terms, Words, stretches

PASSAGES = ("Wash wool cold.", "", "Wool shrinks, and so does felt.", "Parcels leave at noon.")
LANGUAGE = "en"


@pytest.fixture(scope="module")
def encoder(tiny_encoder: Path) -> Encoder:
    return Encoder.load(str(tiny_encoder))


@pytest.fixture(scope="module")
def terms(encoder: Encoder) -> Terms:
    return Terms.of(encoder.read(PASSAGES, LANGUAGE)[1])


def words_of(encoder: Encoder, text: str) -> Words:
    [words] = encoder.read([text], LANGUAGE)[1]
    return words


def test_a_text_is_read_with_its_words_in_one_pass(encoder: Encoder) -> None:
    texts = ["Where is my order?", "", "退货多久", "\uff37ash it", "!?"]
    vectors, words = encoder.read(texts, LANGUAGE)
    np.testing.assert_allclose(vectors, encoder.encode(texts), atol=1e-6)
    assert [of.terms for of in words] == [
        tuple(term for term, *_ in placed(text, LANGUAGE)) for text in texts
    ]
    for of in words:
        np.testing.assert_allclose(np.linalg.norm(of.points, axis=1), 1, rtol=1e-5)


def test_a_word_is_the_mean_of_its_tokens() -> None:
    places = [("ab", 0, 4), ("c", 5, 6), ("cut", 7, 10)]
    offsets = np.asarray([[0, 0], [0, 2], [2, 4], [5, 6], [0, 0]])
    words = Words.of(places, offsets, np.asarray([[9, 9], [1, 0], [0, 1], [0, 2], [9, 9]], float))
    assert words.terms == ("ab", "c")  # where nothing was read, there is no word
    np.testing.assert_allclose(words.points, [[0.5**0.5, 0.5**0.5], [0, 1]], atol=1e-6)


def test_words_beyond_the_encoders_limit_are_left_out(encoder: Encoder) -> None:
    assert len(words_of(encoder, "order " * 500).terms) < 500


def test_a_term_is_the_mean_of_where_it_stands(encoder: Encoder, terms: Terms) -> None:
    assert list(terms.names) == sorted({t for p in PASSAGES for t, *_ in placed(p, LANGUAGE)})
    assert terms.points.dtype == np.float16
    met = [of for of in encoder.read(PASSAGES, LANGUAGE)[1] if "wool" in of.terms]
    mean = np.mean([of.points[of.terms.index("wool")] for of in met], axis=0)
    expected = mean / np.linalg.norm(mean)
    np.testing.assert_allclose(terms.points[terms.names.index("wool")], expected, atol=1e-3)


def one_by_one(terms: Terms, words: Words, lexical: Lexical) -> Floats1d:
    """The same as `Meeting.fits`, a word and a passage at a time."""
    rows = {name: row for row, name in enumerate(terms.names)}
    fits = []
    for passage in PASSAGES:
        held = {rows[term] for term, *_ in placed(passage, LANGUAGE)}
        total = weight = 0.0
        for term, point in zip(words.terms, words.points, strict=True):
            rarity = lexical.rarity(term) ** RARITY
            weight += rarity
            total += rarity * max((float(point @ terms.points[row]) for row in held), default=0.0)
        fits.append(total / weight if weight else 0.0)
    return np.asarray(fits, dtype=np.float32)


@given(text=st.text(max_size=40) | st.sampled_from(["how do I wash felt", *PASSAGES]))
@settings(max_examples=60, deadline=None)
def test_each_word_meets_the_one_most_like_it(encoder: Encoder, terms: Terms, text: str) -> None:
    lexical = Lexical(PASSAGES, LANGUAGE)
    meeting = Meeting(terms, PASSAGES, LANGUAGE, lexical.rarity)
    words = words_of(encoder, text)
    every = np.arange(len(PASSAGES))
    expected = one_by_one(terms, words, lexical)
    np.testing.assert_allclose(meeting.fits(words, every), expected, atol=1e-3)
    np.testing.assert_allclose(meeting.fits(words, every[[3, 1]]), expected[[3, 1]], atol=1e-3)


def test_without_words_nothing_is_met(encoder: Encoder, terms: Terms) -> None:
    rarity = Lexical(PASSAGES, LANGUAGE).rarity
    none = words_of(encoder, "?")
    assert not Meeting(terms, PASSAGES, LANGUAGE, rarity).fits(none, np.arange(4)).any()
    asked = words_of(encoder, "wool")
    assert not Meeting(Terms(), PASSAGES, LANGUAGE, rarity).fits(asked, np.arange(4)).any()


def test_stretches_are_laid_end_to_end() -> None:
    places, starts = stretches(np.asarray([0, 2, 2, 5, 6]), np.asarray([2, 0, 3]))
    assert places.tolist() == [2, 3, 4, 0, 1, 5]
    assert starts.tolist() == [0, 3, 5]
