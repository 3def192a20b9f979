"""
From raw signals to one calibrated confidence, and from confidence to a verdict.

Confidence is the probability that the best intent is right *and* the utterance is in scope. It is the product of two
logistic functions of the signals, in scope, and right where it is in scope, for a message between two intents is not
strange, and a strange one may be near a single intent. Both are fitted on predictions for texts that the head had not
seen, the thresholds on confidences for rows that the two had not seen, for a risk the owner states. Nothing here is set
by hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from retrieval.head import softmax
from retrieval.prediction import Floats1d, Floats2d, Ints1d, Ints2d, Signals, Verdict
from retrieval.wording import Wording

NEIGHBOURS = 8  # examples asked for their opinion; an intent with five still carries the vote
SHARPNESS = 20.0  # of the neighbours' vote: a cosine 0.1 closer weighs e^2 times as much
FEATURES = len(fields(Signals))

Doubles1d = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic function of the features."""

    weights: tuple[float, ...]  # (FEATURES,)
    bias: float

    def __call__(self, features: Floats2d) -> Doubles1d:
        """Return (n,) probabilities for features (n, FEATURES)."""
        z = features.astype(np.float64) @ np.asarray(self.weights) + self.bias
        return np.asarray(1.0 / (1.0 + np.exp(-np.clip(z, -500, 500))))


@dataclass(frozen=True, slots=True)
class Thresholds:
    """
    Confidences from `answer_at` on are confident, from `clarify_at` on ambiguous.

    `statement` says in words what they promise and on how many rows.
    """

    answer_at: float
    clarify_at: float
    statement: str

    def verdict(self, confidence: float) -> Verdict:
        if confidence >= self.answer_at:
            return Verdict.CONFIDENT
        return Verdict.AMBIGUOUS if confidence >= self.clarify_at else Verdict.OUT_OF_SCOPE


@dataclass(frozen=True, slots=True)
class Likeness:
    """
    How surely an utterance means what its nearest question means, by the cosine of the two.

    Fitted on what unseen texts and their nearest examples mean; from confidence `answer_at` on the nearest question may
    speak for the utterance at the owner's risk, as `statement` says in words.
    """

    curve: Logistic  # of one feature, the cosine
    answer_at: float
    statement: str

    def confidence(self, similarity: float) -> float:
        return round(float(self.curve(np.asarray([[similarity]], dtype=np.float32))[0]), 6)


# Of a Release that was never asked: only the very words of a question are taken for it.
UNREACHED = 99.0  # a fit that no passage reaches
UNASKED = Likeness(Logistic((0.0,), 0.0), 2.0, "the likeness of questions was not fitted")


@dataclass(frozen=True, slots=True)
class Calibration:
    """
    The fitted numbers.

    `scope`: whether the utterance is in scope; `right`: whether the best intent is right, given that it is.
    `thresholds` are for all messages of a desk with one language; where customers write several, each of `languages`
    has its own. A knowledge passage is quoted where it fits from `passage_at` on, and its page worth a look from
    `related_at` on. `likeness` is for what operators teach later.
    """

    scope: Logistic
    right: Logistic
    thresholds: Thresholds
    passage_at: float
    risk: float
    languages: Mapping[str, Thresholds] = field(default_factory=dict)
    likeness: Likeness = UNASKED
    related_at: float = UNREACHED  # in a Release of before it was fitted

    @classmethod
    def of_record(cls, record: Mapping[str, Any]) -> Calibration:
        """Return what `dataclasses.asdict` made a record of."""
        parts = {
            "scope": _logistic(record["scope"]),
            "right": _logistic(record["right"]),
            "thresholds": Thresholds(**record["thresholds"]),
            "languages": {name: Thresholds(**own) for name, own in record["languages"].items()},
            "likeness": _likeness(record["likeness"]) if "likeness" in record else UNASKED,
        }
        return cls(**{**record, **parts})

    def confidence(self, features: Floats2d) -> Doubles1d:
        """Return (n,) probabilities for features (n, FEATURES)."""
        return both(self.scope(features), self.right(features))

    def thresholds_for(self, code: str) -> Thresholds:
        """Return the thresholds of a language, those of all messages where it has none of its own."""
        return self.languages.get(code, self.thresholds)


def both(in_scope: Doubles1d, right: Doubles1d) -> Doubles1d:
    """Return (n,) probabilities that an utterance is in scope and its best intent right."""
    # six decimals: a batch of another size moves the last bits of a float32 product
    return np.asarray(np.round(in_scope * right, 6))


@dataclass(frozen=True, slots=True)
class Landmarks:
    """Where the in-scope examples lie: `centres` (intents, dim), the mean of each intent's, and `middle` (dim,), of all."""

    centres: Floats2d
    middle: Floats1d

    @classmethod
    def of(cls, points: Floats2d, classes: Ints1d, in_scope: Ints1d) -> Landmarks:
        """
        Find them.

        Args:
            points: (n, dim) of the examples.
            classes: (n,) of each example.
            in_scope: the classes that are intents; each has an example.
        """
        centres = np.stack([points[classes == intent].mean(axis=0) for intent in in_scope])
        return cls(centres, points[np.isin(classes, in_scope)].mean(axis=0))

    def closeness(self, points: Floats2d) -> Floats1d:
        """
        Return (n,) how near the nearest intent is: half the squared distance, negative, up to a constant.

        With a covariance in place of the plain distance (Lee et al. 2018, https://arxiv.org/abs/1807.03888) it told
        strangers apart no better (LOG.md).
        """
        return np.asarray(self.near(points).max(axis=1))

    def near(self, points: Floats2d) -> Floats2d:
        """Return (n, intents): the same of each intent."""
        return np.asarray(points @ self.centres.T - (self.centres**2).sum(axis=1) / 2)

    def typicality(self, points: Floats2d) -> Floats1d:
        """Return (n,) how much a point is like in-scope examples in general."""
        return np.asarray(points @ self.middle)


def signals(
    texts: Sequence[str],
    scores: Floats2d,
    points: Floats2d,
    landmarks: Landmarks,
    wording: Wording,
    in_scope: Ints1d,
    similarities: Floats2d,
    votes: Ints2d,
) -> list[Signals]:
    """
    Return the signals of n utterances.

    Args:
        texts: (n,) the utterances.
        scores: (n, classes) of the head, before the softmax.
        points: (n, dim) centred unit vectors.
        landmarks, wording: of the examples.
        in_scope: the columns that are intents, without the out-of-scope class.
        similarities: (n, k) cosines of the nearest examples, best first.
        votes: (n, k) class of each of those examples.
    """
    probabilities = softmax(scores)[:, in_scope]
    best = in_scope[probabilities.argmax(axis=1)]  # (n,)
    top = np.sort(probabilities, axis=1)[:, ::-1]
    second = top[:, 1] if top.shape[1] > 1 else np.zeros(len(top), dtype=np.float32)
    weights = np.exp(SHARPNESS * (similarities - similarities.max(axis=1, keepdims=True)))
    columns = (
        top[:, 0],
        top[:, 0] - second,
        similarities[:, 0],
        (weights * (votes == best[:, None])).sum(axis=1) / weights.sum(axis=1),
        _log_sum(scores[:, in_scope]),
        (similarities * np.isin(votes, in_scope)).mean(axis=1),
        landmarks.closeness(points),
        landmarks.typicality(points),
        wording.familiar(texts, best),
    )
    return [Signals(*map(float, row)) for row in zip(*columns, strict=True)]


def features(rows: list[Signals]) -> Floats2d:
    """Return (n, FEATURES): probability and margin on the logit scale, where evidence adds up."""
    table = [(_logit(s.probability), _logit(0.5 + s.margin / 2), *astuple(s)[2:]) for s in rows]
    return np.asarray(table, dtype=np.float32).reshape(len(rows), FEATURES)


def _logistic(record: Mapping[str, Any]) -> Logistic:
    return Logistic(tuple(record["weights"]), record["bias"])


def _likeness(record: Mapping[str, Any]) -> Likeness:
    return Likeness(**{**record, "curve": _logistic(record["curve"])})


def _log_sum(scores: Floats2d) -> Floats1d:
    highest = scores.max(axis=1)
    return np.asarray(highest + np.log(np.exp(scores - highest[:, None]).sum(axis=1)))


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
