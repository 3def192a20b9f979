"""
The rules of the gate: figures of champion and challenger on the same questions, and whether the challenger's will do.

Questions are counted, not just averaged: a drop in the overall figure smaller than chance moves it is not a reason,
an intent that breaks is one even where the average rises. Wrong answers are judged as the owner states them, as a share
of the answers given: whoever answers twice as many questions may be wrong twice as often.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.stats import binomtest

from finetune.evaluation import Evaluation, Outcome, evaluate
from retrieval.prediction import OUT_OF_SCOPE, Ints2d

# Limits from the reference on gated retrains: overall at most 0.5 points lower, no intent 25 points lower (honest runs
# move single intents by 7 to 17 points by chance), calibration error at most 2 points higher.
OVERALL_DROP = 0.005
INTENT_DROP = 0.25
CALIBRATION_RISE = 0.02
INTENT_QUESTIONS = 3  # lost in one intent before its share means anything
ONE_QUESTION = 1  # the smallest difference there is; a share below it is rounding

HELP_DROP = (
    0.25  # of the right answers: a threshold fitted anew on few examples moves that far by chance
)
RESAMPLES = 2_000  # of the paired bootstrap: 5 % of them are 100, known to within a tenth
CHANCE = 0.05  # a difference that so many resamples do not show may be chance

Booleans = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Check:
    """One rule of the gate: two figures, and whether the challenger's will do."""

    name: str
    champion: float
    challenger: float
    passed: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class _Answers:
    """Which questions are answered, and which of them wrongly; (n,) each."""

    given: Booleans
    wrong: Booleans

    @classmethod
    def among(cls, outcomes: Sequence[Outcome]) -> _Answers:
        given = np.asarray([o.answered for o in outcomes], dtype=bool)
        false = np.asarray([o.truth != o.predicted for o in outcomes], dtype=bool)
        return cls(given, given & false)

    @property
    def right(self) -> Booleans:
        return self.given & ~self.wrong

    @property
    def risk(self) -> float:
        return float(self.wrong.sum() / max(1, self.given.sum()))

    def risks(self, drawn: Ints2d) -> npt.NDArray[np.float64]:
        """Return (resamples,) the risk in each resample."""
        return np.asarray(drawn @ self.wrong / np.maximum(1, drawn @ self.given))


def of_frozen(
    champion: Sequence[Outcome], challenger: Sequence[Outcome], risk: float
) -> Iterator[Check]:
    """Yield the rules for questions that nobody learns from and that stay the same from night to night."""
    before, after = evaluate(champion), evaluate(challenger)
    yield _right(champion, challenger)
    yield from _of_answers(champion, challenger, risk)
    yield _calibration(before, after)
    yield from _intents(before, after)


def of_fresh(
    champion: Sequence[Outcome], challenger: Sequence[Outcome], risk: float
) -> Iterator[Check]:
    """Yield the rules for what customers ask today: few questions, and others every night."""
    before, after = evaluate(champion), evaluate(challenger)
    yield of_losses("handled", champion, challenger)
    yield from _of_answers(champion, challenger, risk)
    yield _calibration(before, after)
    yield from _intents(before, after)


def of_language(
    code: str, champion: Sequence[Outcome], challenger: Sequence[Outcome], risk: float
) -> Iterator[Check]:
    """Yield the rules for the questions in one language, which has thresholds of its own."""
    yield of_losses(f"handled in {code}", champion, challenger)
    yield replace(
        harm := _harm(_Answers.among(champion), _Answers.among(challenger), risk),
        name=f"{harm.name} in {code}",
        sentence=f"in {code}, {harm.sentence}",
    )


def of_losses(name: str, champion: Sequence[Outcome], challenger: Sequence[Outcome]) -> Check:
    """
    Lose no more questions than chance would: the exact sign test over those that only one of the two handles.

    A handful of questions may be all there is, and there every resample of a loss is a loss.
    """
    before, after = [*map(_handled, champion)], [*map(_handled, challenger)]
    lost = sum(b and not a for b, a in zip(before, after, strict=True))
    won = sum(a and not b for b, a in zip(before, after, strict=True))
    chance = binomtest(lost, lost + won, alternative="greater").pvalue if lost > won else 1.0
    return Check(
        name,
        float(sum(before)),
        float(sum(after)),
        bool(chance > CHANCE),
        f"questions {name}: {sum(after)} of {len(after)}, {sum(before)} for the champion; "
        f"{lost} lost, {won} won",
    )


def _of_answers(
    champion: Sequence[Outcome], challenger: Sequence[Outcome], risk: float
) -> Iterator[Check]:
    answers = _Answers.among(champion), _Answers.among(challenger)
    yield _harm(*answers, risk)
    yield _help(*answers, risk)


def _right(champion: Sequence[Outcome], challenger: Sequence[Outcome]) -> Check:
    before, after = _count(map(_understood, champion)), _count(map(_understood, challenger))
    return Check(
        "understood",
        before,
        after,
        before - after <= max(ONE_QUESTION, OVERALL_DROP * len(champion)),
        f"in-scope questions whose intent is right: {after}, {before} for the champion",
    )


def _harm(before: _Answers, after: _Answers, risk: float) -> Check:
    """Keep the risk that the owner states or, where the champion does not either, be no worse than it beyond chance."""
    drawn = _resamples(len(before.given))
    return Check(
        "wrong answers",
        round(before.risk, 4),
        round(after.risk, 4),
        after.risk <= risk or not _surely(after.risks(drawn) - before.risks(drawn)),
        f"wrong among the answers given: {after.wrong.sum()} of {after.given.sum()}, "
        f"{before.wrong.sum()} of {before.given.sum()} for the champion; {risk:.1%} may be",
    )


def _help(before: _Answers, after: _Answers, risk: float) -> Check:
    """Answer as many questions rightly, unless the champion's answers broke the owner's risk."""
    drawn = _resamples(len(before.given))
    fewer = before.right.sum() - after.right.sum() > HELP_DROP * before.right.sum()
    return Check(
        "right answers",
        float(before.right.sum()),
        float(after.right.sum()),
        not (fewer and _surely(drawn @ before.right - drawn @ after.right))
        or (before.risk > risk >= after.risk),
        f"questions that would get a right answer: {after.right.sum()}, {before.right.sum()} for the champion",
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


def _handled(outcome: Outcome) -> bool:
    """Whether the intent is right or, out of scope, nothing is answered."""
    if outcome.truth == OUT_OF_SCOPE:
        return not outcome.answered
    return outcome.truth == outcome.predicted


def _resamples(questions: int) -> Ints2d:
    """Return (RESAMPLES, questions): how often each question is drawn, for both alike, so that luck cancels out."""
    if not questions:
        return np.zeros((RESAMPLES, 0), dtype=np.int64)
    rng = np.random.default_rng(0)  # the same night gives the same verdict
    return rng.multinomial(questions, np.full(questions, 1 / questions), RESAMPLES)


def _surely(differences: npt.NDArray[np.float64] | Ints2d) -> bool:
    """Whether a difference over the resamples is above nothing beyond chance."""
    return bool((differences > 0).mean() >= 1 - CHANCE)


def _count(facts: Iterator[bool] | map[bool]) -> int:
    return sum(facts)
