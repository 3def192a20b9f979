"""Fitting confidence and thresholds on honest predictions, for a risk the owner states."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit
from scipy.stats import beta
from sklearn.isotonic import IsotonicRegression

from finetune.crossfit import Judged
from finetune.knowing import Unanswered
from retrieval.calibration import (
    FEATURES,
    UNREACHED,
    Calibration,
    Likeness,
    Logistic,
    Thresholds,
    both,
    quantile_above,
)
from retrieval.languages import UNKNOWN
from retrieval.prediction import OUT_OF_SCOPE, Floats1d, Floats2d, Ints1d, Signals

CERTAINTY = 0.9  # with which the bound on the risk holds
LIKELY = 0.7  # the same, where examples are too few for that
WORTH_ASKING = (
    0.5  # a question helps when more often than not the right intent is among its choices
)
UNWANTED_QUOTES = 0.10  # of the questions that no page answers may get one quoted,
UNWANTED_PAGES = 0.20  # and of those out of scope a page to look at: pages answer some of these
NEVER = 2.0  # a confidence that nothing reaches
TESTS = 20  # thresholds tested in turn; more end the sequence earlier, by one unlucky row
HEAD_START = 3.0  # so that the first test may see a few wrong answers and pass
WORTH_A_GUARANTEE = (
    0.8  # of the answers; on few examples the guarantee can cost most of them, and is not given
)
CERTAIN = 20.0  # on the logit scale: 1 to six decimals and more
FEWEST_ROWS = 60  # in scope, of a language with thresholds of its own
PARTS = 10  # of the rows, each judged by what was fitted on the others
SIMILARITY = [next(i for i, f in enumerate(fields(Signals)) if f.name == "similarity")]
PRIOR = 0.5  # pseudo-rows right and wrong, so that a perfect validation does not give certainty

Doubles1d = npt.NDArray[np.float64]
Doubles2d = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Threshold:
    at: float
    statement: str


def fit(
    judged: Judged,
    confidence: Doubles1d,
    pages: Unanswered,
    risk: float,
    languages: Sequence[str] = (),
) -> Calibration:
    """
    Return the calibration.

    Args:
        judged: predictions for texts the model had not seen.
        confidence: `unseen_confidence` of them, to pick thresholds by.
        pages: how well the best passage fits questions that none answers, for what may be quoted and what is worth a look.
        risk: the share of given answers that may be wrong, 0 to 1.
        languages: (n,) of the judged texts, where customers write several: the risk is then kept in each of them.
    """
    inside = np.asarray(judged.truth != OUT_OF_SCOPE, dtype=bool)
    if not inside.any():
        return _unjudged(risk)
    scope, right = _logistics(judged)
    pooled = _thresholds(confidence, judged, risk)
    passage_at = min(quantile_above(pages.all, UNWANTED_QUOTES), UNREACHED)
    return Calibration(
        scope=scope,
        right=right,
        thresholds=pooled,
        passage_at=passage_at,
        risk=risk,
        languages=_by_language(
            confidence, judged, risk, np.asarray(languages, dtype=object), pooled
        ),
        likeness=likeness(judged, risk),
        related_at=min(quantile_above(pages.outside, UNWANTED_PAGES), passage_at),
    )


def unseen_confidence(judged: Judged) -> Doubles1d:
    """
    Return (n,) confidences, each by what was fitted on the other parts of the rows.

    What is fitted on a few hundred rows is surer of these than of any others: with thresholds picked on the same rows,
    6.0 % of the answers were wrong where 5 % had been asked for (LOG.md).
    """
    rows = np.random.default_rng(0).permutation(len(judged.rows))
    found = np.zeros(len(rows))
    for part in np.array_split(rows, PARTS):
        others = np.setdiff1d(rows, part)
        scope, right = _logistics(judged.where(others))
        found[part] = both(scope(judged.features[part]), right(judged.features[part]))
    return found


def _logistics(judged: Judged) -> tuple[Logistic, Logistic]:
    """Return what tells whether a text is in scope, and whether the best intent is right where it is."""
    inside = np.asarray(judged.truth != OUT_OF_SCOPE, dtype=bool)
    scope = _logistic(judged.features, inside, judged.weights)
    return scope, _logistic(judged.features[inside], judged.right[inside], judged.weights[inside])


def _thresholds(confidence: Doubles1d, judged: Judged, risk: float) -> Thresholds:
    answer = answer_threshold(confidence, judged, risk)
    clarify_at = clarify_threshold(confidence, judged, answer.at)
    return Thresholds(answer.at, clarify_at, answer.statement)


def _by_language(
    confidence: Doubles1d,
    judged: Judged,
    risk: float,
    spoken: npt.NDArray[np.object_],
    pooled: Thresholds,
) -> dict[str, Thresholds]:
    """
    Return the thresholds of each language, none where the rows are in one.

    What is out of scope in any language counts in all: a desk may have collected strangers in one of them only.
    """
    codes = sorted(set(spoken) - {UNKNOWN})
    if len(codes) < 2:
        return {}
    outside, found = judged.truth == OUT_OF_SCOPE, {}
    for code in codes:
        own = spoken == code
        rows = np.flatnonzero(own | outside)
        if own[~outside].sum() < FEWEST_ROWS:
            said = f"too few unseen texts in it, {own.sum()}, for thresholds of its own; as for all messages: {pooled.statement}"
            found[code] = replace(pooled, statement=said)
        else:
            found[code] = _thresholds(confidence[rows], judged.where(rows), risk)
    return found


def answer_threshold(confidence: Doubles1d, judged: Judged, risk: float) -> Threshold:
    """
    Return the lowest confidence from which answers keep the risk.

    Where the rows allow it the Clopper-Pearson upper bound keeps it: thresholds are tested one after the other, the
    strictest first, until one fails, so that the last that passed holds with CERTAINTY although many were tried
    (fixed-sequence testing, Angelopoulos et al. 2021, https://arxiv.org/abs/2110.01052, section 2.3). Else the bound keeps
    it at the threshold picked, or at least one that is LIKELY to hold does, and the statement says so: the observed share alone,
    at the last threshold where it is small enough, is so by luck too often (LOG.md).

    The bound takes the rows for independent questions like those to come. They are nearly so: a text that was judged twice,
    once with its intent hidden, counts twice, and rows carry weights, of which the effective number counts (Kish 1965).
    """
    order = np.argsort(-confidence, kind="stable")
    weight = judged.weights[order].astype(np.float64)
    wrong = np.where(judged.right[order], 0.0, weight)
    given, errors = weight.cumsum(), wrong.cumsum()
    share = errors / given
    effective = given**2 / (weight**2).cumsum()
    bound, likely = (
        beta.ppf(sure, share * effective + 1, np.maximum(effective * (1 - share), 1e-9))
        for sure in (CERTAINTY, LIKELY)
    )
    last = np.append(np.diff(confidence[order]) != 0, True)  # equal confidences answer together
    ends = np.flatnonzero(last)
    proven = _passed_in_turn(ends, bound <= risk, effective, risk)
    picked = ends[bound[ends] <= risk]
    if len(picked) and len(proven) and proven[-1] < WORTH_A_GUARANTEE * picked[-1]:
        proven = proven[:0]
    for kept, sure, upper, words in (
        (proven, CERTAINTY, bound, "guaranteed"),
        (picked, CERTAINTY, bound, "too few examples to guarantee it"),
        (ends[likely[ends] <= risk], LIKELY, likely, "too few examples for a surer one"),
    ):
        if len(kept):
            end = kept[-1]
            return Threshold(
                float(confidence[order][end]),
                f"on {len(order)} unseen texts, {end + 1} of them answered: {share[end]:.1%} of these answers "
                f"were wrong; {sure:.0%} upper bound {upper[end]:.1%}, {words}; "
                f"{judged.share:.0%} of the messages are taken to be out of scope",
            )
    needed = math.ceil(math.log(1 - LIKELY) / math.log(1 - risk))  # answers, all of them right
    if effective[-1] < needed:
        return Threshold(
            NEVER,
            f"{len(order)} unseen texts are too few to answer at a risk of {risk:.1%}, {needed} right ones at least would "
            "do: nothing is answered without asking back",
        )
    return Threshold(NEVER, f"on {len(order)} unseen texts no threshold keeps a risk of {risk:.1%}")


def _passed_in_turn(
    ends: Ints1d, passed: npt.NDArray[np.bool_], effective: Doubles1d, risk: float
) -> Ints1d:
    """
    Return the ends of those tests that passed before the first that did not.

    The tests were chosen without looking: the first where HEAD_START times as many answers as a perfect record
    needs are given, then TESTS evenly spaced ones.
    """
    begin = HEAD_START * np.log(1 - CERTAINTY) / np.log(1 - risk)
    able = ends[effective[ends] >= begin]
    chosen = able[:: max(1, len(able) // TESTS)]
    failed = np.flatnonzero(~passed[chosen])
    return np.asarray(chosen[: failed[0]] if len(failed) else chosen)


def likeness(judged: Judged, risk: float) -> Likeness:
    """
    Return how surely an unseen text means what its nearest example means, by their cosine, and from where that may answer.

    It is for what operators teach after the training: a taught question is an example more, and its neighbours are texts
    that the encoder has not seen, as these are. Intents hidden from a fold are among the strangers here too.
    """
    similarities = judged.features[:, SIMILARITY]
    curve = _logistic(similarities, judged.alike, judged.weights)
    nearest = judged.truth.copy()
    nearest[~judged.alike] = None  # no intent: what the nearest example means would be wrong
    by_nearest = replace(judged, best=nearest)
    at = answer_threshold(np.round(curve(similarities), 6), by_nearest, risk)
    return Likeness(curve, at.at, at.statement)


def clarify_threshold(confidence: Doubles1d, judged: Judged, answer_at: float) -> float:
    """Return the lowest confidence from which a question with three choices is worth asking."""
    curve = IsotonicRegression(out_of_bounds="clip")
    curve.fit(confidence, judged.offered, sample_weight=judged.weights)
    ordered = np.sort(confidence)
    worth = ordered[curve.predict(ordered) >= WORTH_ASKING]
    return min(float(worth[0]), answer_at) if len(worth) else answer_at


def _unjudged(risk: float) -> Calibration:
    """Where intents have descriptions and no examples: the head's own probability, and always a question."""
    certain = Logistic((0.0,) * FEATURES, CERTAIN)
    own = Logistic((1.0, *[0.0] * (FEATURES - 1)), 0.0)
    said = "there are no examples to judge by, so nothing is answered without asking back"
    return Calibration(certain, own, Thresholds(NEVER, 0.0, said), UNREACHED, risk)


def _logistic(table: Floats2d, truth: npt.NDArray[np.bool_], weights: Floats1d) -> Logistic:
    """
    Logistic regression of a fact on the signals, with a pseudo-row each way (Platt 1999).

    No slope is below 0, for every signal speaks for the fact: on a few hundred rows signals that move together would get
    slopes of both signs, which fit these rows and misjudge strangers of another kind (LOG.md).
    """
    if truth.all() or not truth.any():  # the signals cannot tell what never differs
        odds = np.log((float(weights.sum()) + PRIOR) / PRIOR)
        return Logistic((0.0,) * table.shape[1], float(odds if truth.all() else -odds))
    middle = np.asarray(table, dtype=np.float64).mean(axis=0)
    x = np.vstack([table, middle, middle])
    y = np.append(truth, [True, False]).astype(np.float64)
    w = np.append(weights, [PRIOR, PRIOR])
    scale = np.maximum(x.std(axis=0), 1e-6)
    slopes, bias = _rising((x - middle) / scale, y, w)
    slopes /= scale
    return Logistic(tuple(map(float, slopes)), float(bias - slopes @ middle))


def _rising(x: Doubles2d, y: Doubles1d, w: Doubles1d) -> tuple[Doubles1d, float]:
    """Return the slopes, none below 0, and the bias that minimise weighted log-loss plus half the squared slopes."""

    def loss(sought: Doubles1d) -> tuple[float, Doubles1d]:
        slopes, z = sought[:-1], x @ sought[:-1] + sought[-1]
        errors = w * (expit(z) - y)
        value = (w * (np.logaddexp(0, z) - y * z)).sum() + slopes @ slopes / 2
        return float(value), np.append(x.T @ errors + slopes, errors.sum())

    bounds = [(0, None)] * x.shape[1] + [(None, None)]
    start = np.zeros(x.shape[1] + 1)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    return found[:-1], float(found[-1])
