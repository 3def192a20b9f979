"""The head against scikit-learn's own probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from finetune.fitting import (
    ITERATIONS,
    STRENGTH,
    TOLERANCE,
    class_numbers,
    fit_head,
    one_hot,
    prior,
)
from retrieval.centre import centred
from retrieval.head import Head, softmax
from retrieval.prediction import Floats2d


@pytest.mark.parametrize("classes", [3, 5])  # of two, scikit-learn penalises the difference alone
def test_probabilities_are_those_of_scikit_learn(classes: int) -> None:
    rng = np.random.default_rng(classes)
    points = rng.normal(size=(80, 12)).astype(np.float32)
    intents = [f"i{number}" for number in rng.integers(classes, size=80)]
    weights = rng.uniform(0.2, 1.0, size=80).astype(np.float32)
    names = sorted(set(intents))
    head = fit_head(points, names, one_hot(names, intents), weights)
    model = LogisticRegression(C=STRENGTH, max_iter=ITERATIONS, tol=TOLERANCE)
    model.fit(points, class_numbers(head.classes, intents), sample_weight=weights)
    # scikit-learn learns how often each occurs; ours is not to
    often = prior(one_hot(names, intents), weights)
    found = softmax(head.scores(points) + often)
    np.testing.assert_allclose(found, model.predict_proba(points), atol=1e-5)


def test_huge_scores_stay_probabilities() -> None:
    rows = softmax(np.asarray([[1e4, -1e4, 0], [-1e4, -1e4, -1e4]], dtype=np.float32))
    np.testing.assert_allclose(rows.sum(axis=1), 1)
    np.testing.assert_allclose(rows[0], [1, 0, 0], atol=1e-6)


def test_centring_takes_the_common_direction_out() -> None:
    rng = np.random.default_rng(0)
    vectors: Floats2d = (rng.normal(size=(200, 16)) + 5).astype(np.float32)
    points = centred(vectors, vectors.mean(axis=0))
    np.testing.assert_allclose(np.linalg.norm(points, axis=1), 1, rtol=1e-5)
    assert np.linalg.norm(points.mean(axis=0)) < 0.1


def test_a_text_that_is_the_mean_itself_is_no_division_by_zero() -> None:
    mean = np.ones(4, dtype=np.float32)
    assert np.isfinite(centred(mean[None, :], mean)).all()


def test_a_head_of_no_rows_says_nothing() -> None:
    head = Head(("a", "b"), np.zeros((2, 4), np.float32), np.zeros(2, np.float32))
    assert head.probabilities(np.zeros((0, 4), np.float32)).shape == (0, 2)
