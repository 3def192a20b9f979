"""Fitting the head."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.metrics import log_loss as reference

from finetune.fitting import class_numbers, fit_head, log_loss
from retrieval.prediction import Floats1d, Floats2d


def blobs(classes: int) -> tuple[Floats2d, list[str], Floats1d]:
    rng = np.random.default_rng(classes)
    numbers = np.arange(60) % classes
    points = np.eye(classes, 16)[numbers] + 0.3 * rng.normal(size=(60, 16))
    return points.astype(np.float32), [f"i{n}" for n in numbers], np.ones(60, dtype=np.float32)


@pytest.mark.parametrize("classes", [2, 5])
def test_the_same_rows_give_the_same_head_and_it_has_learned_them(classes: int) -> None:
    points, intents, weights = blobs(classes)
    one, two = (fit_head(points, intents, weights) for _ in range(2))
    np.testing.assert_array_equal(one.weight, two.weight)
    assert one.classes == tuple(sorted(set(intents)))
    assert (one.weight.shape, one.bias.shape) == ((classes, 16), (classes,))
    right = one.probabilities(points).argmax(axis=1) == class_numbers(one.classes, intents)
    assert right.mean() > 0.95


def test_a_row_of_no_weight_teaches_nothing() -> None:
    points, intents, weights = blobs(3)
    trust: Floats1d = np.append(np.zeros(1, np.float32), weights)
    head = fit_head(np.vstack([points[:1] * -9, points]), ["i0", *intents], trust)
    np.testing.assert_allclose(head.weight, fit_head(points, intents, weights).weight, atol=1e-2)


def test_log_loss_is_the_best_that_any_temperature_gives() -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(40, 4)).astype(np.float32) * 6
    truth = rng.integers(4, size=40)
    tried = [
        reference(truth, softmax(scores.astype(np.float64) / t, axis=1), labels=range(4))
        for t in np.geomspace(0.25, 4.0, 17)
    ]
    assert log_loss(scores, truth) == pytest.approx(min(tried), rel=1e-4)


def test_the_loss_of_nothing_is_nothing() -> None:
    assert log_loss(np.zeros((0, 3), np.float32), np.zeros(0, np.int64)) == 0.0
