"""
Ways to learn from examples, and the choice between them by what wins on validation.

`frozen`      the encoder as it came, a logistic head over its centred vectors: seconds
`fine-tuned`  the encoder's upper layers learned together with the head: minutes

Both are tried on the same fold. The winner has the lower log-loss on texts it did not learn from, which, unlike
accuracy, still tells two regimes apart on a hundred rows.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from finetune.crossfit import Judged, head_of, join, judge
from finetune.examples import Example
from finetune.fitting import STRENGTHS, class_numbers, log_loss
from finetune.progress import Watch
from finetune.splits import Fold, folds
from finetune.training import Plan, depth, fine_tune
from retrieval.encoder import Encoder
from retrieval.head import Head, centred
from retrieval.prediction import OUT_OF_SCOPE, Floats1d, Floats2d, Ints1d

FROZEN_STRENGTH = 10.0  # won by cross-validation over four sets, see LOG.md
AS_LEARNED = 0.0  # the strength that stands for keeping the head that was learned with the encoder
MANY = 5_000  # examples from which each is seen once less: they teach each other
RATES = (1e-4, 2e-4, 4e-4)  # of the search
EPOCHS = (2, 3, 4, 6)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to learn: with which fine-tuning (None: frozen), and which head over the result."""

    plan: Plan | None
    strength: float

    @property
    def regime(self) -> str:
        return "frozen" if self.plan is None else "fine-tuned"


@dataclass(frozen=True)
class Trial:
    """A recipe on the first fold. `loss` and `accuracy` are over its unseen in-scope texts."""

    recipe: Recipe
    loss: float
    accuracy: float
    judged: Judged


@dataclass(frozen=True)
class Learned:
    """What a recipe makes of all examples."""

    encoder: Encoder
    mean: Floats1d
    head: Head
    points: Floats2d  # (examples, dim)


def choose(
    encoder: Encoder,
    mean: Floats1d,
    points: Floats2d,
    examples: Sequence[Example],
    *,
    fast: bool,
    search: float,
    seed: int,
    watch: Watch,
) -> list[Trial]:
    """
    Return the trials, the winner first.

    Args:
        mean: (dim,) of the desk's texts, taken out of every vector.
        points: (n, dim) of the frozen encoder, centred.
        fast: frozen only.
        search: minutes to try further plans for.
    """
    split = folds([e.intent for e in examples], seed)
    trials = _frozen_trials(points, examples, split)
    if not fast:
        begun = time.monotonic()
        for plan in _plans(encoder, len(examples), seed):
            trials += _tuned_trials(encoder, mean, points, examples, split[0], plan, seed, watch)
            if time.monotonic() - begun >= 60 * search:
                break
    return sorted(trials, key=lambda trial: trial.loss)


def learn(
    recipe: Recipe,
    encoder: Encoder,
    mean: Floats1d,
    points: Floats2d,
    examples: Sequence[Example],
    seed: int,
    watch: Watch,
) -> Learned:
    """Return the recipe's result on all examples; `points` are the frozen encoder's."""
    everything = np.arange(len(examples))
    if recipe.plan is None:
        return Learned(
            encoder, mean, head_of(points, examples, everything, recipe.strength), points
        )
    with watch.stage("fine-tuning the encoder") as advance:
        tuned = _tune(encoder, mean, points, examples, everything, recipe.plan, seed, advance)
    with watch.stage("reading the examples") as advance:
        again = tuned.encoder.encode([e.text for e in examples], progress=advance)
    learned = centred(again, mean)
    head = _head(tuned, learned, examples, everything, recipe.strength)
    return Learned(tuned.encoder, mean, head, learned)


@dataclass(frozen=True)
class _Tuned:
    encoder: Encoder
    head: Head


def _frozen_trials(
    points: Floats2d, examples: Sequence[Example], split: Sequence[Fold]
) -> list[Trial]:
    recipe = Recipe(None, FROZEN_STRENGTH)
    heads = [head_of(points, examples, fold.learn, recipe.strength) for fold in split]
    first = _trial(recipe, heads[0], points, examples, split[0])
    # cheap here, so every example is judged once
    others = [
        judge(head, points, examples, fold) for head, fold in zip(heads[1:], split[1:], strict=True)
    ]
    return [replace(first, judged=join([first.judged, *others]))]


def _tuned_trials(
    encoder: Encoder,
    mean: Floats1d,
    points: Floats2d,
    examples: Sequence[Example],
    fold: Fold,
    plan: Plan,
    seed: int,
    watch: Watch,
) -> list[Trial]:
    with watch.stage("trying fine-tuning") as advance:
        tuned = _tune(encoder, mean, points, examples, fold.learn, plan, seed, advance)
    with watch.stage("judging it on unseen examples") as advance:
        again = tuned.encoder.encode([e.text for e in examples], fast=True, progress=advance)
    learned = centred(again, mean)
    return [
        _trial(
            Recipe(plan, strength),
            _head(tuned, learned, examples, fold.learn, strength),
            learned,
            examples,
            fold,
        )
        for strength in (AS_LEARNED, *STRENGTHS)
    ]


def _tune(
    encoder: Encoder,
    mean: Floats1d,
    points: Floats2d,
    examples: Sequence[Example],
    rows: Ints1d,
    plan: Plan,
    seed: int,
    advance: Callable[[int, int], None],
) -> _Tuned:
    start = head_of(points, examples, rows, FROZEN_STRENGTH)
    learned = [examples[row] for row in rows]
    tuned, head = fine_tune(
        encoder,
        [e.text for e in learned],
        class_numbers(start.classes, [e.intent for e in learned]),
        np.asarray([e.weight for e in learned], dtype=np.float32),
        start,
        mean,
        plan,
        seed,
        advance,
    )
    return _Tuned(tuned, head)


def _head(
    tuned: _Tuned,
    points: Floats2d,
    examples: Sequence[Example],
    rows: Ints1d,
    strength: float,
) -> Head:
    return tuned.head if strength == AS_LEARNED else head_of(points, examples, rows, strength)


def _trial(
    recipe: Recipe, head: Head, points: Floats2d, examples: Sequence[Example], fold: Fold
) -> Trial:
    known = [
        row
        for row in fold.judge
        if examples[row].intent not in fold.hidden and examples[row].intent != OUT_OF_SCOPE
    ]
    truth = class_numbers(head.classes, [examples[row].intent for row in known])
    scores = points[known] @ head.weight.T + head.bias  # (known, classes)
    right = scores.argmax(axis=1) == truth
    return Trial(
        recipe,
        log_loss(scores, truth),
        float(right.mean()) if len(right) else 0.0,
        judge(head, points, examples, fold),
    )


def _plans(encoder: Encoder, count: int, seed: int) -> Iterator[Plan]:
    """Yield the default plan, then seeded variations without end for a search."""
    layers = max(1, depth(encoder) // 2)
    yield Plan(epochs=4 if count < MANY else 3, rate=2e-4, layers=layers)
    rng = np.random.default_rng(seed)
    while True:
        yield Plan(
            epochs=int(rng.choice(EPOCHS)),
            rate=float(rng.choice(RATES)),
            layers=int(rng.integers(1, depth(encoder) + 1)),
            batch=int(rng.choice([16, 32, 64])),
        )
