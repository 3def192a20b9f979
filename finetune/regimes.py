"""
Ways to learn from examples, and the choice between them by what wins on validation.

`frozen`      the encoder as it came, a logistic head over its centred vectors: seconds
`fine-tuned`  the encoder's upper layers learned together with the head: minutes

Both are tried on the same fold. The winner has the lower log-loss on texts it did not learn from, which, unlike
accuracy, still tells two regimes apart on a hundred rows.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from finetune.crossfit import Judged, head_of, join, judge
from finetune.examples import Example
from finetune.fitting import class_numbers, log_loss
from finetune.progress import Advance, Watch
from finetune.splits import Fold, folds
from finetune.training import Plan, depth, fine_tune
from retrieval.encoder import Encoder
from retrieval.head import Head, centred
from retrieval.prediction import OUT_OF_SCOPE, Floats1d, Floats2d, Ints1d

MANY = 5_000  # examples from which each is seen once less: they teach each other
RATES = (1e-4, 2e-4, 4e-4)  # of the search
EPOCHS = (2, 3, 4, 6)
BATCHES = (16, 32, 64)


@dataclass(frozen=True)
class Start:
    """Where every regime begins: the examples as the frozen encoder sees them, and the seed of all chance."""

    encoder: Encoder
    mean: Floats1d  # (dim,) of the desk's texts, taken out of every vector
    points: Floats2d  # (examples, dim), centred
    examples: Sequence[Example]
    seed: int


@dataclass(frozen=True)
class Trial:
    """
    A regime on the first fold: fine-tuned by a plan, or frozen where there is none.

    `loss` and `accuracy` are over the fold's unseen in-scope texts; `judged` is what the calibration is fitted on.
    """

    plan: Plan | None
    loss: float
    accuracy: float
    judged: Judged

    @property
    def regime(self) -> str:
        return "fine-tuned" if self.plan else "frozen"


@dataclass(frozen=True)
class Learned:
    """An encoder and its head, and the points that it makes of the examples."""

    encoder: Encoder
    head: Head
    points: Floats2d  # (examples, dim)


def choose(start: Start, *, fast: bool, search: float, watch: Watch) -> list[Trial]:
    """
    Return the trials, the winner first.

    Args:
        fast: frozen only.
        search: minutes to try further plans for.
    """
    split = folds([e.intent for e in start.examples], start.seed)
    trials = [_frozen_trial(start, split)]
    if not fast:
        begun = time.monotonic()
        for plan in _plans(start):
            trials.append(_tuned_trial(start, split[0], plan, watch))
            if time.monotonic() - begun >= 60 * search:
                break
    return sorted(trials, key=lambda trial: trial.loss)


def learn(start: Start, plan: Plan | None, watch: Watch) -> Learned:
    """Return what a regime makes of all examples."""
    everything = np.arange(len(start.examples))
    if plan is None:
        head = head_of(start.points, start.examples, everything)
        return Learned(start.encoder, head, start.points)
    with watch.stage("fine-tuning the encoder") as advance:
        encoder, head = _tuned(start, everything, plan, advance)
    return Learned(encoder, head, _points(start, encoder, "reading the examples", watch))


def _frozen_trial(start: Start, split: Sequence[Fold]) -> Trial:
    heads = [head_of(start.points, start.examples, fold.learn) for fold in split]
    first = _trial(None, heads[0], start.points, start.examples, split[0])
    # cheap here, so every example is judged once
    others = [
        judge(head, start.points, start.examples, fold)
        for head, fold in zip(heads[1:], split[1:], strict=True)
    ]
    return replace(first, judged=join([first.judged, *others]))


def _tuned_trial(start: Start, fold: Fold, plan: Plan, watch: Watch) -> Trial:
    with watch.stage("trying fine-tuning") as advance:
        encoder, head = _tuned(start, fold.learn, plan, advance)
    points = _points(start, encoder, "judging it on unseen examples", watch, fast=True)
    return _trial(plan, head, points, start.examples, fold)


def _tuned(start: Start, rows: Ints1d, plan: Plan, advance: Advance) -> tuple[Encoder, Head]:
    learned = [start.examples[row] for row in rows]
    head = head_of(start.points, start.examples, rows)
    return fine_tune(
        start.encoder,
        [e.text for e in learned],
        class_numbers(head.classes, [e.intent for e in learned]),
        np.asarray([e.weight for e in learned], dtype=np.float32),
        head,
        start.mean,
        plan,
        start.seed,
        advance,
    )


def _points(
    start: Start, encoder: Encoder, stage: str, watch: Watch, *, fast: bool = False
) -> Floats2d:
    with watch.stage(stage) as advance:
        vectors = encoder.encode([e.text for e in start.examples], fast=fast, progress=advance)
    return centred(vectors, start.mean)


def _trial(
    plan: Plan | None, head: Head, points: Floats2d, examples: Sequence[Example], fold: Fold
) -> Trial:
    away = {*fold.hidden, OUT_OF_SCOPE}
    known = [row for row in fold.judge if examples[row].intent not in away]
    truth = class_numbers(head.classes, [examples[row].intent for row in known])
    scores = points[known] @ head.weight.T + head.bias  # (known, classes)
    right = scores.argmax(axis=1) == truth
    return Trial(
        plan,
        log_loss(scores, truth),
        float(right.mean()) if len(right) else 0.0,
        judge(head, points, examples, fold),
    )


def _plans(start: Start) -> Iterator[Plan]:
    """Yield the default plan, then seeded variations without end for a search."""
    layers = depth(start.encoder)
    epochs = 4 if len(start.examples) < MANY else 3
    yield Plan(epochs=epochs, rate=2e-4, layers=max(1, layers // 2))
    rng = np.random.default_rng(start.seed)
    while True:
        yield Plan(
            epochs=int(rng.choice(EPOCHS)),
            rate=float(rng.choice(RATES)),
            layers=int(rng.integers(1, layers + 1)),
            batch=int(rng.choice(BATCHES)),
        )
