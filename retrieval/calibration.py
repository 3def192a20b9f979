"""
From raw signals to one calibrated confidence, and from confidence to a verdict.

Confidence is the probability that the best intent is right *and* the utterance is in scope. It is a logistic
function of four signals, fitted on predictions for texts that the head had not seen; the thresholds are fitted
on the same rows for a risk the owner states. Nothing here is set by hand.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from retrieval.prediction import Floats1d, Floats2d, Ints1d, Ints2d, Signals, Verdict

NEIGHBOURS = 8  # examples asked for their opinion; an intent with five still carries the vote
SHARPNESS = 20.0  # of the neighbours' vote: a cosine 0.1 closer weighs e^2 times as much
FEATURES = 4


@dataclass(frozen=True, slots=True)
class Calibration:
    """
    The fitted numbers.

    `answer_at` and above is confident, `clarify_at` and above ambiguous; a knowledge passage is quoted from
    cosine `passage_at` on. `statement` says in words what the thresholds promise and on how many rows.
    """

    weights: tuple[float, ...]  # (FEATURES,)
    bias: float
    answer_at: float
    clarify_at: float
    passage_at: float
    risk: float
    statement: str

    def confidence(self, features: Floats2d) -> npt.NDArray[np.float64]:
        """Return (n,) probabilities for features (n, FEATURES)."""
        z = features.astype(np.float64) @ np.asarray(self.weights) + self.bias
        # six decimals: a batch of another size moves the last bits of a float32 product
        rounded: npt.NDArray[np.float64] = np.round(1.0 / (1.0 + np.exp(-z)), 6)
        return rounded

    def verdict(self, confidence: float) -> Verdict:
        if confidence >= self.answer_at:
            return Verdict.CONFIDENT
        return Verdict.AMBIGUOUS if confidence >= self.clarify_at else Verdict.OUT_OF_SCOPE


def signals(
    probabilities: Floats2d, in_scope: Ints1d, similarities: Floats2d, votes: Ints2d
) -> list[Signals]:
    """
    Return the signals of n utterances.

    Args:
        probabilities: (n, classes) of the head.
        in_scope: the columns that are intents, without the out-of-scope class.
        similarities: (n, k) cosines of the nearest examples, best first.
        votes: (n, k) class of each of those examples.
    """
    intents = probabilities[:, in_scope]
    best = in_scope[intents.argmax(axis=1)]  # (n,)
    top = np.sort(intents, axis=1)[:, ::-1]
    second = top[:, 1] if top.shape[1] > 1 else np.zeros(len(top), dtype=np.float32)
    weights = np.exp(SHARPNESS * (similarities - similarities.max(axis=1, keepdims=True)))
    agreement = (weights * (votes == best[:, None])).sum(axis=1) / weights.sum(axis=1)
    return [
        Signals(float(p), float(p - s), float(near), float(vote))
        for p, s, near, vote in zip(top[:, 0], second, similarities[:, 0], agreement, strict=True)
    ]


def features(rows: list[Signals]) -> Floats2d:
    """Return (n, FEATURES): probability and margin on the logit scale, where evidence adds up."""
    table = [
        (_logit(s.probability), _logit(0.5 + s.margin / 2), s.similarity, s.agreement) for s in rows
    ]
    return np.asarray(table, dtype=np.float32).reshape(len(rows), FEATURES)


def _logit(probability: float) -> float:
    clipped = min(max(probability, 1e-4), 1 - 1e-4)
    return float(np.log(clipped / (1 - clipped)))


def quantile_above(values: Floats1d, share: float) -> float:
    """Return the smallest of `values` that at most `share` of them exceed; above all of them if none does."""
    if not len(values):
        return float("inf")
    ordered = np.sort(values)[::-1]
    allowed = int(np.floor(share * len(ordered)))
    return float(ordered[min(allowed, len(ordered) - 1)]) + 1e-6
