"""
The choice between ways to learn, by what wins on texts that were not learned.

All are judged on the same folds, by log-loss, which, unlike accuracy, still tells two ways apart on a hundred rows. The way
that learns most wins unless another beats it beyond chance. What the intents are called is learned from only where that
wins too.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from finetune.crossfit import Judged, join, judge
from finetune.fitting import class_numbers, log_losses
from finetune.progress import Nobody, Watch
from finetune.search import Search, default_plan
from finetune.splits import Fold, folds
from finetune.training import Plan, depth
from finetune.ways import Learned, Start, Way, learn, meanings
from retrieval.prediction import OUT_OF_SCOPE, Floats1d

JUDGED = 300  # texts that fit a calibration; a desk with fewer in one fold has several judged
CHANCE = 2.0  # standard errors; of three rivals that are no better, one beats one error in a third of all cases
HEARD = 5_000  # messages that a trial learns from, at most: it takes minutes, and more of them only help


@dataclass(frozen=True)
class Trial:
    """
    A way tried on one fold or more.

    `losses` and `right` are of the n unseen in-scope texts; `judged` is what the calibration is fitted on.
    """

    way: Way
    losses: Floats1d  # (n,)
    right: npt.NDArray[np.bool_]  # (n,)
    judged: Judged

    @property
    def loss(self) -> float:
        return _mean(self.losses)

    @property
    def accuracy(self) -> float:
        return _mean(self.right)


@dataclass(frozen=True)
class _Split:
    """A fold, and the start whose messages it hears."""

    start: Start
    fold: Fold


def with_helpful_hints(start: Start, watch: Watch) -> Start:
    """
    Return the start without its hints, where a frozen head understands unseen texts better without them.

    A code such as `q17` says nothing; but it is all there is of an intent without examples.
    """
    asked = [row for row, e in enumerate(start.examples) if not e.hint]
    questions = [start.examples[row] for row in asked]
    named_only = {e.intent for e in start.examples} - {e.intent for e in questions}
    if named_only or len(asked) == len(start.examples):
        return start
    plain = replace(start, points=start.points[asked], examples=questions)
    losses = [_frozen_loss(one) for one in (start, plain)]
    helpful = losses[0] <= losses[1]
    watch.say(
        f"  the intents' names: log-loss {losses[0]:.4f} with them, {losses[1]:.4f} without, so they are "
        f"{'learned from' if helpful else 'left out'}"
    )
    return start if helpful else plain


def choose(start: Start, *, fast: bool, search: float, rank: int = 0, watch: Watch) -> list[Trial]:
    """
    Return the trials: of the ways, the winner first, then of the plans that a search liked less.

    Args:
        fast: keep the encoder frozen.
        search: minutes to try further plans for.
        rank: of the additions that layers learn; 0 lets them learn themselves.
    """
    splits = _splits(start, watch)
    plan, searched = None, list[Trial]()
    # Tuned to names alone, it understands intents no better (LOG.md).
    if len(splits[0].fold.judge) and not fast:
        plan, searched = _tuning(splits[0], search, rank, watch)
    ways = _ways(plan, messages=bool(start.messages))
    return [*_compared(splits, ways, watch), *searched]


def winner(trials: Sequence[Trial]) -> Trial:
    """
    Return the last trial, or one that beats it by more than two standard errors of their difference.

    A few hundred texts tell ways that are close apart no better than a coin. The later a way stands, the more it learns,
    and the more it won on larger sets (LOG.md).
    """
    rivals = [trial for trial in trials if _beats(trial, trials[-1])]
    return min([*rivals, trials[-1]], key=lambda trial: trial.loss)


def _splits(start: Start, watch: Watch) -> list[_Split]:
    """
    Return the folds that judge any text, or one where none does, with what each starts from.

    Where a fold hides an intent, it hears no message that means it: what is to be a stranger must not be taught. What pages say
    people ask has no intent, and a tuned encoder learns all of it in every fold, as it will when it serves.
    """
    dealt = folds(start.examples, start.seed)
    used = [fold for fold in dealt if len(fold.judge)] or dealt[:1]
    if not start.messages:
        return [_Split(start, fold) for fold in used]
    with watch.stage(f"guessing what {len(start.messages):,} messages mean"):
        meant = np.asarray(meanings(start), dtype=object)
    order = np.random.default_rng(start.seed).permutation(len(meant))
    rows = [order[~np.isin(meant[order], sorted(fold.hidden))][:HEARD] for fold in used]
    return [
        _Split(start.hearing(np.sort(heard)), fold) for heard, fold in zip(rows, used, strict=True)
    ]


def _ways(plan: Plan | None, *, messages: bool) -> list[Way]:
    """Return the ways to try, each right before the self-taught one that it teaches."""
    tunings = (None, plan) if plan else (None,)
    teachings = (False, True) if messages else (False,)
    return [Way(tuning, taught) for tuning in tunings for taught in teachings]


def _tuning(split: _Split, minutes: float, rank: int, watch: Watch) -> tuple[Plan, list[Trial]]:
    """Return the plan to fine-tune by: the best that a search found as long as it may, with the trials of the others."""
    layers = depth(split.start.encoder)
    default = default_plan(layers, len(split.start.examples), rank)
    if not minutes:
        return default, []
    plans = Search(default, layers, split.start.seed)
    tried: list[tuple[Plan, Trial]] = []
    begun = time.monotonic()
    while not tried or time.monotonic() - begun < 60 * minutes:
        plan = plans.next()
        trial = _trial(split, Way(plan), watch)
        plans.hear(trial.loss)
        tried.append((plan, trial))
    (best, _), *others = sorted(tried, key=lambda pair: pair[1].loss)
    return best, [trial for _, trial in others]


def _compared(splits: Sequence[_Split], ways: Sequence[Way], watch: Watch) -> list[Trial]:
    """Return a trial of each way over as many splits as judge enough texts, the winner first."""
    tried: list[list[Trial]] = []
    for split in splits:
        tried.append(_ways_tried(split, ways, watch))
        if sum(len(trials[0].judged.rows) for trials in tried) >= JUDGED:
            break
    trials = [_joined(of_way) for of_way in zip(*tried, strict=True)]
    best = winner(trials)
    others = sorted((t for t in trials if t is not best), key=lambda trial: trial.loss)
    if best.way.plan is None:  # cheap, so every example is judged once
        more = [_trial(split, best.way, watch).judged for split in splits[len(tried) :]]
        best = replace(best, judged=join([best.judged, *more]))
    return [best, *others]


def _ways_tried(split: _Split, ways: Sequence[Way], watch: Watch) -> list[Trial]:
    """Return a trial of every way on one split."""
    trials, teacher = [], None
    for way in ways:
        learned = learn(split.start, split.fold.learn, way, watch, trying=True, teacher=teacher)
        trials.append(_judged(split, way, learned))
        teacher = None if way.self_taught else learned
    return trials


def _trial(split: _Split, way: Way, watch: Watch) -> Trial:
    return _judged(split, way, learn(split.start, split.fold.learn, way, watch, trying=True))


def _beats(one: Trial, other: Trial) -> bool:
    lead = other.losses - one.losses  # (n,)
    error = float(lead.std(ddof=1)) / len(lead) ** 0.5 if len(lead) > 1 else 0.0
    return _mean(lead) > CHANCE * error


def _mean(values: Floats1d | npt.NDArray[np.bool_]) -> float:
    """Of nothing it is 0: on a handful of examples a fold may hold no row to judge."""
    return float(values.mean()) if len(values) else 0.0


def _joined(parts: Sequence[Trial]) -> Trial:
    """Return the trials of one way on several folds as one."""
    return Trial(
        parts[0].way,
        np.concatenate([part.losses for part in parts]),
        np.concatenate([part.right for part in parts]),
        join([part.judged for part in parts]),
    )


def _frozen_loss(start: Start) -> float:
    """The mean log-loss over as many folds as it takes to judge enough texts, no intent hidden."""
    trials: list[Trial] = []
    for fold in folds(start.examples, start.seed, hide=False):
        trials.append(_trial(_Split(start, fold), Way(), Nobody()))
        if sum(len(trial.right) for trial in trials) >= JUDGED:
            break
    return _joined(trials).loss


def _judged(split: _Split, way: Way, learned: Learned) -> Trial:
    head, examples, fold = learned.head, split.start.examples, split.fold
    away = {*fold.hidden, OUT_OF_SCOPE}
    known = [row for row in fold.judge if examples[row].intent not in away]
    truth = class_numbers(head.classes, [examples[row].intent for row in known])
    scores = learned.points[known] @ head.weight.T + head.bias  # (known, classes)
    return Trial(
        way,
        log_losses(scores, truth),
        scores.argmax(axis=1) == truth,
        judge(head, learned.points, examples, fold),
    )
