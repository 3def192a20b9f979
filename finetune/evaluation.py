"""
How good a set of predictions is: per intent, calibration, and the trade between coverage and risk.

Accuracy and the per-intent figures are over the in-scope questions and their best intent; calibration, coverage and
risk are over all questions, where an out-of-scope one has no right answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.metrics import precision_recall_fscore_support, roc_auc_score

from retrieval.prediction import OUT_OF_SCOPE

BINS = 15  # of the calibration error, as in Guo et al. 2017
PAIRS = 10  # confusions listed
CAUGHT = 0.8  # of the out-of-scope questions


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question: what was true, what was predicted, how sure, and whether it was answered."""

    truth: str
    predicted: str
    confidence: float
    answered: bool

    @property
    def understood(self) -> bool:
        """Whether it is in scope and its intent is right."""
        return self.truth != OUT_OF_SCOPE and self.truth == self.predicted

    @property
    def worth(self) -> float:
        """How sure it is where it is right, and how sure with a minus where it is wrong; -1 to 1."""
        return self.confidence if self.truth == self.predicted else -self.confidence


@dataclass(frozen=True, slots=True)
class IntentScore:
    intent: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True)
class Confusion:
    truth: str
    predicted: str
    count: int


@dataclass(frozen=True, slots=True)
class Bin:
    """A bin of the calibration curve: mean confidence, share that was right, questions in it."""

    confidence: float
    right: float
    count: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """
    `auroc` is of telling in scope from out of scope by confidence, `kept` the share of in-scope questions that are right
    and above the confidence below which CAUGHT of the out-of-scope ones lie; both None where one kind is missing.
    """

    questions: int
    in_scope: int
    accuracy: float
    macro_f1: float
    coverage: float
    risk: float
    out_of_scope_answered: float | None
    auroc: float | None
    kept: float | None
    calibration_error: float
    intents: tuple[IntentScore, ...]
    confusions: tuple[Confusion, ...]
    curve: tuple[Bin, ...]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def evaluate(outcomes: Sequence[Outcome]) -> Evaluation:
    """Return the figures; a share of nothing is 0."""
    truth = np.asarray([o.truth for o in outcomes], dtype=object)
    predicted = np.asarray([o.predicted for o in outcomes], dtype=object)
    confidence = np.asarray([o.confidence for o in outcomes], dtype=np.float64)
    answered = np.asarray([o.answered for o in outcomes], dtype=bool)
    inside, right = truth != OUT_OF_SCOPE, truth == predicted
    intents = _per_intent(truth[inside], predicted[inside])
    curve = _curve(confidence, right)
    return Evaluation(
        questions=len(outcomes),
        in_scope=int(inside.sum()),
        accuracy=_share(right[inside]),
        macro_f1=float(np.mean([s.f1 for s in intents])) if intents else 0.0,
        coverage=_share(answered),
        risk=_share(~right[answered]),
        out_of_scope_answered=_share(answered[~inside]) if (~inside).any() else None,
        auroc=float(roc_auc_score(inside, confidence)) if 0 < inside.sum() < len(inside) else None,
        kept=_kept(confidence, inside, right) if 0 < inside.sum() < len(inside) else None,
        calibration_error=sum(b.count * abs(b.confidence - b.right) for b in curve)
        / max(1, len(outcomes)),
        intents=intents,
        confusions=_confusions(truth[inside], predicted[inside]),
        curve=curve,
    )


def _kept(
    confidence: npt.NDArray[np.float64], inside: npt.NDArray[np.bool_], right: npt.NDArray[np.bool_]
) -> float:
    at = np.quantile(confidence[~inside], CAUGHT)
    return _share(right[inside] & (confidence[inside] >= at))


def _share(facts: npt.NDArray[np.bool_]) -> float:
    return float(facts.mean()) if len(facts) else 0.0


def _per_intent(
    truth: npt.NDArray[np.object_], predicted: npt.NDArray[np.object_]
) -> tuple[IntentScore, ...]:
    names = sorted(set(truth))
    if not names:
        return ()
    table = precision_recall_fscore_support(
        truth.astype(str), predicted.astype(str), labels=names, zero_division=0
    )
    return tuple(
        IntentScore(name, float(p), float(r), float(f), int(n))
        for name, p, r, f, n in zip(names, *table, strict=True)
    )


def _confusions(
    truth: npt.NDArray[np.object_], predicted: npt.NDArray[np.object_]
) -> tuple[Confusion, ...]:
    wrong = Counter((t, p) for t, p in zip(truth, predicted, strict=True) if t != p)
    ranked = sorted(wrong.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Confusion(t, p, n) for (t, p), n in ranked[:PAIRS])


def _curve(confidence: npt.NDArray[np.float64], right: npt.NDArray[np.bool_]) -> tuple[Bin, ...]:
    place = np.minimum((confidence * BINS).astype(int), BINS - 1)
    return tuple(
        Bin(
            float(confidence[place == b].mean()),
            float(right[place == b].mean()),
            int((place == b).sum()),
        )
        for b in range(BINS)
        if (place == b).any()
    )
