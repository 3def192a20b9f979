"""Fitting confidence and thresholds on honest predictions, for a risk the owner states."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import beta
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from finetune.crossfit import Judged
from retrieval.calibration import FEATURES, Calibration, quantile_above
from retrieval.prediction import Floats1d

CERTAINTY = 0.9  # with which the bound on the risk holds
WORTH_ASKING = (
    0.5  # a question helps when more often than not the right intent is among its choices
)
UNWANTED_QUOTES = 0.05  # of out-of-scope texts may get a passage quoted at them
NEVER = 2.0  # a confidence or cosine that nothing reaches
PRIOR = 0.5  # pseudo-rows right and wrong, so that a perfect validation does not give certainty

Doubles1d = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Threshold:
    at: float
    statement: str


def fit(judged: Judged, passages: Floats1d, risk: float) -> Calibration:
    """
    Return the calibration.

    Args:
        judged: predictions for texts the model had not seen.
        passages: best passage cosine of each out-of-scope example, for the quoting threshold.
        risk: the share of given answers that may be wrong, 0 to 1.
    """
    weights, bias = _logistic(judged)
    draft = Calibration(weights, bias, NEVER, NEVER, NEVER, risk, "")
    confidence = draft.confidence(judged.features)
    answer = answer_threshold(confidence, judged, risk)
    return Calibration(
        weights=weights,
        bias=bias,
        answer_at=answer.at,
        clarify_at=clarify_threshold(confidence, judged, answer.at),
        passage_at=min(quantile_above(passages, UNWANTED_QUOTES), NEVER),
        risk=risk,
        statement=answer.statement,
    )


def answer_threshold(confidence: Doubles1d, judged: Judged, risk: float) -> Threshold:
    """
    Return the lowest confidence from which answers keep the risk.

    Where the rows allow it the Clopper-Pearson upper bound keeps it, else the observed share does and the statement
    says so. Rows carry weights, so the bound uses their effective number (Kish 1965).
    """
    order = np.argsort(-confidence, kind="stable")
    weight = judged.weights[order].astype(np.float64)
    wrong = np.where(judged.right[order], 0.0, weight)
    given, errors = weight.cumsum(), wrong.cumsum()
    share = errors / given
    effective = given**2 / (weight**2).cumsum()
    bound = beta.ppf(CERTAINTY, share * effective + 1, np.maximum(effective * (1 - share), 1e-9))
    last = np.append(np.diff(confidence[order]) != 0, True)  # equal confidences answer together
    for limit, words in (
        (bound, "{share:.1%} of these answers were wrong, {certainty:.0%} upper bound {bound:.1%}"),
        (share, "{share:.1%} of these answers were wrong; too few examples to bound the risk"),
    ):
        kept = np.flatnonzero(last & (limit <= risk))
        if len(kept):
            end = kept[-1]
            said = words.format(certainty=CERTAINTY, bound=bound[end], share=share[end])
            return Threshold(
                float(confidence[order][end]),
                f"on {len(order)} unseen texts, {end + 1} of them answered: {said}",
            )
    return Threshold(NEVER, f"on {len(order)} unseen texts no threshold keeps a risk of {risk:.1%}")


def clarify_threshold(confidence: Doubles1d, judged: Judged, answer_at: float) -> float:
    """Return the lowest confidence from which a question with three choices is worth asking."""
    curve = IsotonicRegression(out_of_bounds="clip")
    curve.fit(confidence, judged.offered, sample_weight=judged.weights)
    ordered = np.sort(confidence)
    worth = ordered[curve.predict(ordered) >= WORTH_ASKING]
    return min(float(worth[0]), answer_at) if len(worth) else answer_at


def _logistic(judged: Judged) -> tuple[tuple[float, ...], float]:
    """Logistic regression of being right on the signals, with a pseudo-row each way (Platt 1999)."""
    middle = np.asarray(judged.features, dtype=np.float64).mean(axis=0)
    x = np.vstack([judged.features, middle, middle])
    y = np.append(judged.right, [True, False])
    w = np.append(judged.weights, [PRIOR, PRIOR])
    scale = np.maximum(x.std(axis=0), 1e-6)
    model = LogisticRegression(C=1.0, max_iter=1000).fit(x / scale, y, sample_weight=w)
    weights = tuple(float(v) for v in model.coef_[0] / scale)
    assert len(weights) == FEATURES  # noqa: S101 - the Release reads as many
    return weights, float(model.intercept_[0])
