"""Fitting the head."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.metrics import log_loss as reference

from finetune.fitting import class_numbers, fit_head, log_losses, one_hot, prior
from retrieval.centre import centred
from retrieval.head import Head
from retrieval.prediction import Floats1d, Floats2d


def blobs(classes: int) -> tuple[Floats2d, list[str], Floats1d]:
    rng = np.random.default_rng(classes)
    numbers = np.arange(60) % classes
    points = np.eye(classes, 16)[numbers] + 0.3 * rng.normal(size=(60, 16))
    return points.astype(np.float32), [f"i{n}" for n in numbers], np.ones(60, dtype=np.float32)


def fit(points: Floats2d, intents: Sequence[str], weights: Floats1d, **more: Any) -> Head:
    classes = sorted(set(intents))
    return fit_head(points, classes, one_hot(classes, intents), weights, **more)


@pytest.mark.parametrize("classes", [2, 5])
def test_the_same_rows_give_the_same_head_and_it_has_learned_them(classes: int) -> None:
    points, intents, weights = blobs(classes)
    one, two = (fit(points, intents, weights) for _ in range(2))
    np.testing.assert_array_equal(one.weight, two.weight)
    assert one.classes == tuple(sorted(set(intents)))
    assert (one.weight.shape, one.bias.shape) == ((classes, 16), (classes,))
    right = one.probabilities(points).argmax(axis=1) == class_numbers(one.classes, intents)
    assert right.mean() > 0.95


def test_a_row_of_no_weight_teaches_nothing() -> None:
    points, intents, weights = blobs(3)
    trust: Floats1d = np.append(np.zeros(1, np.float32), weights)
    head = fit(np.vstack([points[:1] * -9, points]), ["i0", *intents], trust)
    np.testing.assert_allclose(head.weight, fit(points, intents, weights).weight, atol=1e-2)


def test_a_row_shared_by_two_intents_counts_for_both() -> None:
    points, intents, weights = blobs(3)
    classes = sorted(set(intents))
    halves = np.repeat(one_hot(classes, intents), 2, axis=0)
    halves[1::2] = np.roll(halves[1::2], 1, axis=1)
    shared = (halves[::2] + halves[1::2]) / 2
    trust: Floats1d = np.repeat(weights, 2) / np.float32(2)
    apart = fit_head(np.repeat(points, 2, axis=0), classes, halves, trust)
    together = fit_head(points, classes, np.asarray(shared, np.float32), weights)
    np.testing.assert_allclose(together.weight, apart.weight, atol=1e-2)


def test_a_head_that_is_nearly_right_is_a_start_and_not_a_constraint() -> None:
    points, intents, weights = blobs(5)
    cold = fit(points, intents, weights)
    astray = Head(cold.classes, -cold.weight, cold.bias)
    np.testing.assert_allclose(
        fit(points, intents, weights, start=astray).weight, cold.weight, atol=5e-2
    )


def test_log_loss_is_the_best_that_any_temperature_gives() -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(40, 4)).astype(np.float32) * 6
    truth = rng.integers(4, size=40)
    tried = [
        reference(truth, softmax(scores.astype(np.float64) / t, axis=1), labels=range(4))
        for t in np.geomspace(0.25, 4.0, 17)
    ]
    assert log_losses(scores, truth).mean() == pytest.approx(min(tried), rel=1e-4)


def test_the_loss_of_nothing_is_nothing() -> None:
    assert len(log_losses(np.zeros((0, 3), np.float32), np.zeros(0, np.int64))) == 0


def test_a_small_intent_keeps_its_recall_beside_a_large_one() -> None:
    rng = np.random.default_rng(0)
    centres = centred(rng.normal(size=(2, 16)).astype(np.float32), np.zeros(16, np.float32))

    def around(intent: int, count: int) -> Floats2d:
        noise = rng.normal(size=(count, 16)).astype(np.float32) * 0.25
        return centred(centres[intent] + noise, np.zeros(16, np.float32))

    points = np.vstack([around(0, 300), around(1, 3)])
    head = fit(points, ["large"] * 300 + ["small"] * 3, np.ones(303, np.float32))
    small = (head.scores(around(1, 200)).argmax(axis=1) == 1).mean()
    large = (head.scores(around(0, 200)).argmax(axis=1) == 0).mean()
    assert small > 0.8
    assert large > 0.97


def test_what_is_equally_often_has_no_prior() -> None:
    often = prior(np.eye(4, dtype=np.float32), np.ones(4, np.float32))
    np.testing.assert_allclose(often - often[0], 0, atol=1e-6)
