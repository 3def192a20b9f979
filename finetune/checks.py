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
INTENT_CHANCE = 0.10  # the same for one intent of few questions: four lost and none won are no luck, three may be
CHANCE = 0.05  # a difference that so many resamples do not show may be chance
UNLIKELY = 0.01  # the same for confidences, which move together when they are calibrated anew

Booleans = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Check:
    """
    One rule of the gate: two figures, and whether the challenger's will do.

    `low` and `high`, where it was asked: 95 % of the resampled differences, challenger less champion, lie between.
    """

    name: str
    champion: float
    challenger: float
    passed: bool
    sentence: str
    low: float | None = None
    high: float | None = None


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
    champion: Sequence[Outcome],
    challenger: Sequence[Outcome],
    risk: float,
    best: Sequence[bool | None] = (),
) -> Iterator[Check]:
    """
    Yield the rules for questions that nobody learns from and that stay the same from night to night.

    Args:
        best: (n,) whether the best champion so far understood each; None for one that it was not asked.
    """
    before, after = evaluate(champion), evaluate(challenger)
    yield _right(champion, challenger)
    if any(known is not None for known in best):
        yield _kept(best, challenger)
    yield from _of_answers(champion, challenger, risk)
    yield _calibration(before, after)
    yield from _intents(before, after)


def of_fresh(
    champion: Sequence[Outcome], challenger: Sequence[Outcome], risk: float
) -> Iterator[Check]:
    """Yield the rules for what customers ask today, and for examples read unseen: few questions of each intent, by readers of the night."""
    before, after = evaluate(champion), evaluate(challenger)
    yield of_losses("handled", champion, challenger)
    yield from _of_answers(champion, challenger, risk)
    yield _calibration(before, after)
    yield from _lost(champion, challenger, _intents(before, after))


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
    lost, won = _lost_and_won(before, after)
    return Check(
        name,
        float(sum(before)),
        float(sum(after)),
        not _beyond_chance(lost, won),
        f"questions {name}: {sum(after)} of {len(after)}, {sum(before)} for the champion; "
        f"{lost} lost, {won} won",
    )


def _lost_and_won(before: Sequence[bool], after: Sequence[bool]) -> tuple[int, int]:
    lost = sum(b and not a for b, a in zip(before, after, strict=True))
    won = sum(a and not b for b, a in zip(before, after, strict=True))
    return lost, won


def _beyond_chance(lost: int, won: int, chance: float = CHANCE) -> bool:
    """Whether so many losses beside so many gains are no luck: the exact sign test."""
    return lost > won and bool(binomtest(lost, lost + won, alternative="greater").pvalue <= chance)


def _of_answers(
    champion: Sequence[Outcome], challenger: Sequence[Outcome], risk: float
) -> Iterator[Check]:
    answers = _Answers.among(champion), _Answers.among(challenger)
    yield _harm(*answers, risk)
    yield _help(*answers, risk)


def _right(champion: Sequence[Outcome], challenger: Sequence[Outcome]) -> Check:
    before, after = [o.understood for o in champion], [o.understood for o in challenger]
    lost, won = _lost_and_won(before, after)
    few = _few(lost - won, len(before))
    return Check(
        "understood",
        sum(before),
        sum(after),
        few or not (_beyond_chance(lost, won) or _less_sure(champion, challenger)),
        f"in-scope questions whose intent is right: {sum(after)}, {sum(before)} for the champion; "
        f"{lost} lost, {won} won",
        *_between(_resamples(len(before)) @ (np.asarray(after, int) - np.asarray(before, int))),
    )


def _kept(best: Sequence[bool | None], challenger: Sequence[Outcome]) -> Check:
    """Lose no more beside the best champion so far either: night after night a little less, within chance each time, ends here."""
    pairs = [
        (was, o.understood) for was, o in zip(best, challenger, strict=True) if was is not None
    ]
    before, after = [was for was, _ in pairs], [now for _, now in pairs]
    lost, won = _lost_and_won(before, after)
    return Check(
        "understood by the best",
        sum(before),
        sum(after),
        _few(lost - won, len(before)) or not _beyond_chance(lost, won),
        f"of the questions that the best champion so far was asked: {sum(after)} right, {sum(before)} for that one",
    )


def _few(fewer: int, questions: int) -> bool:
    """Whether a loss is within the limit: half a percent or, where that is no whole question, one."""
    return fewer <= max(ONE_QUESTION, OVERALL_DROP * questions)


def _less_sure(champion: Sequence[Outcome], challenger: Sequence[Outcome]) -> bool:
    """
    Whether a challenger is surely less sure of what is right, or surer of what is not: paired bootstrap.

    Confidences say more than counts where a handful of questions decides: six lost and two won may be luck, a hundred that all lean
    the wrong way are none.
    """
    lost = np.asarray([b.worth - a.worth for b, a in zip(champion, challenger, strict=True)])
    return _surely(_resamples(len(lost)) @ lost, UNLIKELY)


def _harm(before: _Answers, after: _Answers, risk: float) -> Check:
    """Keep the risk that the owner states or, where the champion does not either, be no worse than it beyond chance."""
    drawn = _resamples(len(before.given))
    more = after.risks(drawn) - before.risks(drawn)
    return Check(
        "wrong answers",
        round(before.risk, 4),
        round(after.risk, 4),
        after.risk <= risk or not _surely(more),
        f"wrong among the answers given: {after.wrong.sum()} of {after.given.sum()}, "
        f"{before.wrong.sum()} of {before.given.sum()} for the champion; {risk:.1%} may be",
        *_between(more),
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
        *_between(drawn @ after.right.astype(int) - drawn @ before.right),
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


def _lost(
    champion: Sequence[Outcome], challenger: Sequence[Outcome], broken: Iterator[Check]
) -> Iterator[Check]:
    """
    Yield those of the broken intents that no luck broke.

    Of 150 intents with four questions each, some lose three every night to how the examples were dealt out.
    """
    for check in broken:
        rows = [row for row, one in enumerate(champion) if f"intent {one.truth}" == check.name]
        before, after = ([_handled(told[row]) for row in rows] for told in (champion, challenger))
        if _beyond_chance(*_lost_and_won(before, after), INTENT_CHANCE):
            yield check


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


def _between(differences: npt.NDArray[np.float64] | Ints2d) -> tuple[float, float]:
    """Return where 95 % of the resampled differences lie."""
    low, high = np.quantile(differences, (0.025, 0.975)).round(4)
    return float(low), float(high)


def _surely(differences: npt.NDArray[np.float64] | Ints2d, chance: float = CHANCE) -> bool:
    """Whether a difference over the resamples is above nothing beyond chance."""
    return bool((differences > 0).mean() >= 1 - chance)
