"""Fitting the intent head: multinomial logistic regression over centred unit vectors."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it has no types

from retrieval.head import Head, softmax
from retrieval.prediction import Floats1d, Floats2d, Ints1d

STRENGTH = 10.0  # inverse regularisation; unit vectors want little of it, see LOG.md
ITERATIONS = 300

# Of the gradient. At 1e-3 a single new example moved up to nine of the demo's 324 held-out questions, none of them near
# it, and the gate refused good nights by that chance; at 1e-4 it moves three at most.
TOLERANCE = 1e-4


def fit_head(points: Floats2d, intents: Sequence[str], weights: Floats1d) -> Head:
    """
    Return the head for points (n, dim) with their intents and weights.

    The lbfgs solver is deterministic: the same rows in the same order give the same head.
    """
    classes = tuple(sorted(set(intents)))
    model = LogisticRegression(C=STRENGTH, max_iter=ITERATIONS, tol=TOLERANCE)
    with warnings.catch_warnings():
        # short of the optimum on noisy data is as good a classifier; a warning per fold helps nobody
        warnings.simplefilter("ignore", ConvergenceWarning)
        # Two threads gain nothing on matrices this small, and beside a working server they wait for each other in
        # a loop: 6 s instead of 0.2.
        with threadpool_limits(limits=1):
            model.fit(points, class_numbers(classes, intents), sample_weight=weights)
    weight: Floats2d = np.asarray(model.coef_, dtype=np.float32)
    bias: Floats1d = np.asarray(model.intercept_, dtype=np.float32)
    return _head(classes, weight, bias)


def class_numbers(classes: Sequence[str], intents: Sequence[str]) -> Ints1d:
    """Return (n,) the place of each intent among the classes."""
    place = {intent: number for number, intent in enumerate(classes)}
    return np.asarray([place[intent] for intent in intents], dtype=np.int64)


def log_loss(scores: Floats2d, truth: Ints1d) -> float:
    """
    Return the mean negative log-probability of the truth at the temperature that suits these scores best.

    Of nothing it is 0: on a handful of examples a fold may hold no row to judge.
    """
    if not len(truth):
        return 0.0
    rows = np.arange(len(truth))
    temperatures = np.geomspace(0.25, 4.0, 17)
    return min(
        float(-np.log(np.maximum(softmax(scores / t)[rows, truth], 1e-9)).mean())
        for t in temperatures.astype(np.float32)
    )


def _head(classes: tuple[str, ...], weight: Floats2d, bias: Floats1d) -> Head:
    if len(classes) > 2:
        return Head(classes, weight, bias)
    # scikit-learn keeps one row for two classes: the log-odds of the second
    half = np.float32(0.5)
    return Head(classes, np.vstack([-weight, weight]) * half, np.append(-bias, bias) * half)
