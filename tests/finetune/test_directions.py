"""The directions in which a desk's languages differ."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pytest

from finetune.directions import directions
from retrieval.centre import Centre
from retrieval.prediction import OUT_OF_SCOPE, Floats2d

DIM, EACH = 24, 4
INTENTS = tuple("abcdefgh")
CODES = ("de", "en", "zh")


class Texts:
    """Vectors that are the sum of what is wanted, the language, and a little of their own."""

    def __init__(self, without: Collection[tuple[str, str]] = (), seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        meant = {intent: rng.normal(size=DIM) for intent in INTENTS}
        self.said = {code: 2 * rng.normal(size=DIM) for code in CODES}
        cells = [(i, c) for i in INTENTS for c in CODES for _ in range(EACH)]
        kept = [cell for cell in cells if cell not in without]
        self.intents, self.languages = zip(*kept, strict=True)
        own = [meant[i] + self.said[c] + 0.1 * rng.normal(size=DIM) for i, c in kept]
        self.vectors: Floats2d = np.asarray(own, dtype=np.float32)


def test_where_every_intent_has_every_language_nothing_is_taken_out() -> None:
    texts = Texts()
    assert directions(texts.intents, texts.languages, texts.vectors).shape == (0, DIM)


def test_a_desk_of_one_language_has_no_directions() -> None:
    texts = Texts()
    assert directions(texts.intents, [], texts.vectors).shape == (0, DIM)


@pytest.mark.parametrize("without", [[("a", "zh")], [("a", "zh"), ("b", "zh"), ("c", "de")]])
def test_without_them_a_text_says_its_language_no_more(without: list[tuple[str, str]]) -> None:
    texts = Texts(without)
    found = directions(texts.intents, texts.languages, texts.vectors)
    assert found.shape == (2, DIM)
    np.testing.assert_allclose(found @ found.T, np.eye(2), atol=1e-5)
    for one in CODES:
        apart = texts.said[one] - texts.said["en"]
        left = apart - (apart @ found.T) @ found
        assert np.linalg.norm(left) <= 0.1 * np.linalg.norm(apart) + 1e-9


def test_a_language_of_too_few_shared_intents_is_left_as_it_is() -> None:
    texts = Texts([(intent, "zh") for intent in INTENTS[2:]])
    assert directions(texts.intents, texts.languages, texts.vectors).shape == (0, DIM)


def test_what_is_out_of_scope_tells_nothing() -> None:
    texts = Texts([("a", "zh")])
    intents = [OUT_OF_SCOPE] * len(texts.intents)
    assert directions(intents, texts.languages, texts.vectors).shape == (0, DIM)


def test_points_are_unit_vectors_without_mean_and_directions() -> None:
    texts = Texts([("a", "zh")])
    found = directions(texts.intents, texts.languages, texts.vectors)
    centre = Centre.of(texts.vectors, found)
    points = centre.points(texts.vectors)
    np.testing.assert_allclose(np.linalg.norm(points, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(points @ found.T, 0, atol=1e-5)
