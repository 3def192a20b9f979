"""
Champion against challenger on the same held-out questions: promote, or refuse with the reason.

The gate counts questions, not just averages: a drop in the overall figure smaller than chance moves it is not a reason,
an intent that breaks is one even where the average rises.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from finetune.evaluation import Evaluation, Outcome, evaluate
from retrieval.prediction import OUT_OF_SCOPE

# Limits from the reference on gated retrains: overall at most 0.5 points lower, no intent 25 points lower (honest runs
# move single intents by 7 to 17 points by chance), calibration error at most 2 points higher.
OVERALL_DROP = 0.005
INTENT_DROP = 0.25
CALIBRATION_RISE = 0.02
INTENT_QUESTIONS = 3  # lost in one intent before its share means anything
ONE_QUESTION = 1  # the smallest difference there is; a share below it is rounding


@dataclass(frozen=True, slots=True)
class Check:
    """One rule of the gate: two figures, and whether the challenger's will do."""

    name: str
    champion: float
    challenger: float
    passed: bool
    sentence: str


@dataclass(frozen=True)
class Comparison:
    """What the gate saw; promoted only if every check passed."""

    questions: int
    checks: tuple[Check, ...]
    champion: Evaluation
    challenger: Evaluation

    @property
    def passed(self) -> bool:
        return all(check.passed for check in self.checks)

    def as_json(self) -> dict[str, Any]:
        return {
            "passed": self.passed,
            "questions": self.questions,
            "checks": [asdict(check) for check in self.checks],
        }


def compare(champion: Sequence[Outcome], challenger: Sequence[Outcome]) -> Comparison:
    """Return the comparison of two readings of the same questions, in the same order."""
    before, after = evaluate(champion), evaluate(challenger)
    checks = (
        _right(champion, challenger),
        _harm(champion, challenger),
        _calibration(before, after),
        *_intents(before, after),
    )
    return Comparison(len(champion), checks, before, after)


def _right(champion: Sequence[Outcome], challenger: Sequence[Outcome]) -> Check:
    before, after = _count(map(_understood, champion)), _count(map(_understood, challenger))
    return Check(
        "understood",
        before,
        after,
        before - after <= max(ONE_QUESTION, OVERALL_DROP * len(champion)),
        f"in-scope questions whose intent is right: {after}, {before} for the champion",
    )


def _harm(champion: Sequence[Outcome], challenger: Sequence[Outcome]) -> Check:
    before, after = _count(map(_harmed, champion)), _count(map(_harmed, challenger))
    return Check(
        "wrong answers",
        before,
        after,
        after - before <= max(ONE_QUESTION, OVERALL_DROP * len(champion)),
        f"questions that would get a wrong answer: {after}, {before} for the champion",
    )


def _calibration(before: Evaluation, after: Evaluation) -> Check:
    rise = after.calibration_error - before.calibration_error
    return Check(
        "calibration error",
        round(before.calibration_error, 4),
        round(after.calibration_error, 4),
        rise <= CALIBRATION_RISE + 1.0 / (1 + before.questions) ** 0.5,  # its own noise
        f"calibration error {after.calibration_error:.3f}, {before.calibration_error:.3f} for the champion",
    )


def _intents(before: Evaluation, after: Evaluation) -> Iterator[Check]:
    """Yield a failed check for each intent that broke."""
    recall = {score.intent: score.recall for score in after.intents}
    for score in before.intents:
        drop = score.recall - recall[score.intent]
        if drop > INTENT_DROP and drop * score.support >= INTENT_QUESTIONS:
            yield Check(
                f"intent {score.intent}",
                round(score.recall, 4),
                round(recall[score.intent], 4),
                False,
                f"{score.intent} was right in {score.recall:.0%} of its questions, now in "
                f"{recall[score.intent]:.0%}",
            )


def _understood(outcome: Outcome) -> bool:
    return outcome.truth != OUT_OF_SCOPE and outcome.truth == outcome.predicted


def _harmed(outcome: Outcome) -> bool:
    return outcome.answered and outcome.truth != outcome.predicted


def _count(facts: Iterator[bool] | map[bool]) -> int:
    return sum(facts)
