"""Guesses about unlabelled messages: what a few examples and many messages say together."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from finetune.fitting import fit_head, one_hot
from finetune.selftraining import Guesses, agreed, evened, guess
from retrieval.prediction import Floats2d

CLASSES = ("a", "b", "c")


def moons(count: int) -> tuple[Floats2d, list[str]]:
    """Each class along an arc of its own, so that its ends do not resemble each other."""
    rng = np.random.default_rng(0)
    place = np.linspace(0, 1, count)
    points, intents = [], []
    for number, intent in enumerate(CLASSES):
        row = np.zeros((count, 12))
        row[:, 2 * number] = np.cos(1.4 * place)
        row[:, 2 * number + 1] = np.sin(1.4 * place)
        row[:, 2 * ((number + 1) % 3)] += 0.5 * place  # towards the next class's beginning
        points.append(row + 0.02 * rng.normal(size=row.shape))
        intents += [intent] * count
    stacked = np.vstack(points)
    return np.asarray(stacked / np.linalg.norm(stacked, axis=1, keepdims=True), np.float32), intents


def test_guesses_reach_what_no_example_resembles() -> None:
    points, intents = moons(60)
    known = np.asarray([0, 1, 60, 61, 120, 121])
    messages = np.setdiff1d(np.arange(len(points)), known)
    targets = one_hot(CLASSES, [intents[row] for row in known])
    weights = np.ones(len(known), dtype=np.float32)
    truth = np.asarray([CLASSES.index(intents[row]) for row in messages])
    alone = fit_head(points[known], CLASSES, targets, weights).probabilities(points[messages])
    shares = guess(points[known], CLASSES, targets, weights, points[messages])
    right = (shares.argmax(axis=1) == truth).mean()
    assert right > (alone.argmax(axis=1) == truth).mean()
    assert right > 0.8


def test_a_guess_is_trusted_no_more_than_an_example() -> None:
    points, intents = moons(20)
    known = np.asarray([0, 20, 40])
    targets = one_hot(CLASSES, [intents[row] for row in known])
    guesses = Guesses.of(guess(points[known], CLASSES, targets, np.ones(3, np.float32), points))
    assert (guesses.weights > 0).all()
    assert (guesses.weights <= 1 + 1e-6).all()
    np.testing.assert_allclose(guesses.targets.sum(axis=1), 1, atol=1e-5)


@given(arrays(np.float32, (30, 4), elements=st.floats(0.015625, 1, width=32)))
def test_evening_out_keeps_rows_whole_and_leaves_no_favourite(shares: Floats2d) -> None:
    even = evened(shares)
    np.testing.assert_allclose(even.sum(axis=1), 1, atol=1e-4)
    before, after = (
        np.ptp(rows.mean(axis=0)) for rows in (shares / shares.sum(1, keepdims=True), even)
    )
    assert after <= before + 5e-3  # 2.5e-3 are lost at worst, of sums that were alike already


def test_two_runs_guess_alike() -> None:
    points, intents = moons(20)
    known = np.asarray([0, 20, 40])
    targets = one_hot(CLASSES, [intents[row] for row in known])
    one, two = (
        guess(points[known], CLASSES, targets, np.ones(3, np.float32), points) for _ in "ab"
    )
    np.testing.assert_array_equal(one, two)


def test_what_one_rules_out_stays_ruled_out() -> None:
    sure, unsure = (
        np.asarray([[0.98, 0.02, 0.0]], np.float32),
        np.asarray([[0.3, 0.3, 0.4]], np.float32),
    )
    together = agreed([sure, unsure])
    assert together.argmax() == 0
    assert together[0, 2] < 0.01
    np.testing.assert_allclose(together.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(agreed([unsure]), unsure, atol=1e-6)
