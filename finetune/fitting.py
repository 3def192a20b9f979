"""Fitting the intent head: multinomial logistic regression over centred unit vectors, towards hard or soft targets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import logsumexp
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it has no types

from retrieval.head import Head, softmax
from retrieval.prediction import Floats1d, Floats2d, Ints1d

STRENGTH = 10.0  # inverse regularisation; unit vectors want little of it, see LOG.md
ITERATIONS = 300

# Of the gradient. At 1e-3 a single new example moved up to nine of the demo's 324 held-out questions, none of them near
# it, and the gate refused good nights by that chance; at 1e-4 it moves three at most.
TOLERANCE = 1e-4

# Of the logarithm of how often an intent occurs in the examples, which a head is not to learn: half of it is traffic, half
# of it is how many somebody wrote. At 0 small intents are not heard beside large ones, at 1 they shout (LOG.md).
BALANCE = 0.5

Doubles1d = npt.NDArray[np.float64]
Doubles2d = npt.NDArray[np.float64]


def fit_head(
    points: Floats2d,
    classes: Sequence[str],
    targets: Floats2d,
    weights: Floats1d,
    start: Head | None = None,
    iterations: int = ITERATIONS,
) -> Head:
    """
    Return the head for points (n, dim).

    scikit-learn's solver knows one class a row; pseudo-labels are shares of several. For intents of equal size loss,
    penalty and optimiser are the same. L-BFGS is deterministic: the same rows in the same order give the same head.

    Args:
        classes: of the columns of `targets`.
        targets: (n, classes), each row sums to 1.
        weights: (n,) how far each row is trusted.
        start: a head of the same classes that is nearly right, to begin from.
        iterations: at most.
    """
    dim, count = points.shape[1], len(classes)
    shares = targets.astype(np.float64)
    trust = weights.astype(np.float64)[:, None] / weights.sum()
    penalty = 1.0 / (STRENGTH * float(weights.sum()))

    def loss(flat: Doubles1d) -> tuple[float, Doubles1d]:
        weight, bias = _unpacked(flat, count, dim)
        scores = (points @ weight.T.astype(np.float32)).astype(np.float64) + bias  # (n, classes)
        logs = scores - logsumexp(scores, axis=1, keepdims=True)
        slope = trust * (np.exp(logs) * shares.sum(axis=1, keepdims=True) - shares)
        steep = (slope.T.astype(np.float32) @ points).astype(np.float64) + penalty * weight
        value = -float((trust * shares * logs).sum()) + 0.5 * penalty * float((weight**2).sum())
        return value, np.concatenate([steep.ravel(), slope.sum(axis=0)])

    # What is added to the scores while they are learned, the bias learns too; so it is taken out of it afterwards.
    often = prior(targets, weights)
    begin = np.zeros(count * (dim + 1)) if start is None else _packed(start, often)
    # Two threads gain nothing on matrices this small, and beside a working server they wait for each other in a loop:
    # 6 s instead of 0.2.
    with threadpool_limits(limits=1):
        found = minimize(
            loss,
            begin,
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": iterations, "gtol": TOLERANCE, "ftol": 64 * np.finfo(float).eps},
        )
    weight, bias = _unpacked(found.x, count, dim)
    return Head(tuple(classes), weight.astype(np.float32), (bias - often).astype(np.float32))


def prior(targets: Floats2d, weights: Floats1d) -> Floats1d:
    """
    Return (classes,), added to the scores while a head learns and left out when it is asked.

    So an intent with 3 examples beside one with 300 need not be 100 times as clearly meant. One that is trusted less
    than a whole example counts as one. Source: logit adjustment, Menon et al. 2021, https://arxiv.org/abs/2007.07314,
    equation 10.
    """
    counts = weights @ targets
    return np.asarray(BALANCE * np.log(np.maximum(counts, 1) / counts.sum()), dtype=np.float32)


def one_hot(classes: Sequence[str], intents: Sequence[str]) -> Floats2d:
    """Return (n, classes): all of each row's target on its intent."""
    return np.eye(len(classes), dtype=np.float32)[class_numbers(classes, intents)]


def class_numbers(classes: Sequence[str], intents: Sequence[str]) -> Ints1d:
    """Return (n,) the place of each intent among the classes."""
    place = {intent: number for number, intent in enumerate(classes)}
    return np.asarray([place[intent] for intent in intents], dtype=np.int64)


def log_losses(scores: Floats2d, truth: Ints1d) -> Floats1d:
    """Return (n,) negative log-probabilities of the truth at the temperature that suits these scores best."""
    rows = np.arange(len(truth))
    each = [
        -np.log(np.maximum(softmax(scores / t)[rows, truth], 1e-9))
        for t in np.geomspace(0.25, 4.0, 17).astype(np.float32)
    ]
    return min(each, key=lambda losses: float(losses.sum()))


def _packed(head: Head, often: Floats1d) -> Doubles1d:
    return np.concatenate([head.weight.ravel(), head.bias + often]).astype(np.float64)


def _unpacked(flat: Doubles1d, count: int, dim: int) -> tuple[Doubles2d, Doubles1d]:
    return flat[: count * dim].reshape(count, dim), flat[count * dim :]
