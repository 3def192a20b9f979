"""
Ways to learn from examples, and the choice between them by what wins on validation.

`frozen`       the encoder as it came, a logistic head over its centred vectors: seconds
`self-taught`  the same, with guesses about the desk's unlabelled messages to learn from too
`fine-tuned`   the encoder's upper layers learned together with the head: minutes

All are tried on the same fold. The winner has the lowest log-loss on texts it did not learn from, which, unlike
accuracy, still tells two regimes apart on a hundred rows. What the intents are called, and what unlabelled messages
probably mean, is learned from only where that wins too.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from finetune.crossfit import Judged, join, judge
from finetune.examples import Example
from finetune.fitting import class_numbers, fit_head, log_loss, one_hot
from finetune.progress import Advance, Watch
from finetune.search import Search, default_plan
from finetune.selftraining import guess
from finetune.splits import Fold, folds
from finetune.training import Plan, depth, fine_tune
from retrieval.encoder import Encoder
from retrieval.head import Head, centred
from retrieval.prediction import OUT_OF_SCOPE, Floats1d, Floats2d, Ints1d

JUDGED = 300  # texts that fit a calibration; a desk with fewer in one fold has several judged


@dataclass(frozen=True)
class Start:
    """Where every regime begins: the texts as the frozen encoder sees them, and the seed of all chance."""

    encoder: Encoder
    mean: Floats1d  # (dim,) of the desk's texts, taken out of every vector
    points: Floats2d  # (examples, dim), centred
    examples: Sequence[Example]  # hints among them
    seed: int
    messages: Sequence[str] = ()  # unlabelled
    message_points: Floats2d = field(default_factory=lambda: np.zeros((0, 1), np.float32))


@dataclass(frozen=True, slots=True)
class Way:
    """How to learn: with the encoder tuned by a plan or frozen where there is none, with guesses about messages or without."""

    plan: Plan | None = None
    self_taught: bool = False

    @property
    def regime(self) -> str:
        tuned = "fine-tuned" if self.plan else ""
        taught = "self-taught" if self.self_taught else ""
        return ", ".join(filter(None, (tuned, taught))) or "frozen"


@dataclass(frozen=True)
class Trial:
    """
    A way tried on the first fold.

    `loss` and `accuracy` are over the fold's unseen in-scope texts; `judged` is what the calibration is fitted on.
    """

    way: Way
    loss: float
    accuracy: float
    judged: Judged


@dataclass(frozen=True)
class Learned:
    """An encoder and its head, and the points that it makes of the examples."""

    encoder: Encoder
    head: Head
    points: Floats2d  # (examples, dim)


@dataclass(frozen=True)
class Course:
    """What one model learns from: n texts with the shares that each intent has in them."""

    classes: Sequence[str]
    texts: Sequence[str]
    points: Floats2d  # (n, dim), frozen
    targets: Floats2d  # (n, classes)
    weights: Floats1d  # (n,)

    def head(self) -> Head:
        return fit_head(self.points, self.classes, self.targets, self.weights)


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
    losses = [_frozen_loss(one, Way()) for one in (start, plain)]
    helpful = losses[0] <= losses[1]
    watch.say(
        f"  the intents' names: log-loss {losses[0]:.4f} with them, {losses[1]:.4f} without, so they are "
        f"{'learned from' if helpful else 'left out'}"
    )
    return start if helpful else plain


def choose(start: Start, *, fast: bool, search: float, rank: int = 0, watch: Watch) -> list[Trial]:
    """
    Return the trials, the winner first.

    Args:
        fast: keep the encoder frozen.
        search: minutes to try further plans for.
        rank: of the additions that layers learn; 0 lets them learn themselves.
    """
    split = folds(start.examples, start.seed)
    taught = bool(start.messages) and _messages_help(start, watch)
    # Where messages help, nothing goes without them: a fold that hides intents still has the messages that mean them,
    # which makes the self-taught look worse there than it is.
    if taught:
        trials = [_trial(start, split[0], Way(self_taught=True), watch)]
    else:
        trials = [_frozen_trial(start, split)]
    if not fast:
        layers, messages = depth(start.encoder), len(start.messages) * taught
        default = default_plan(layers, len(start.examples), messages, rank)
        plans = Search(default, layers, start.seed)
        trials += _tuned_trials(start, split[0], taught, plans, search, watch)
    trials.sort(key=lambda trial: trial.loss)
    return [_judged_enough(start, split, trials[0], watch), *trials[1:]]


def learn(start: Start, way: Way, watch: Watch) -> Learned:
    """Return what a way makes of all examples."""
    everything = np.arange(len(start.examples))
    return _learned(start, everything, way, watch, "fine-tuning the encoder")


def course(start: Start, rows: Ints1d, *, self_taught: bool) -> Course:
    """Return what a model learns from that is given some of the examples, and the messages where it is self-taught."""
    given = [start.examples[row] for row in rows]
    classes = sorted({e.intent for e in given})
    targets = one_hot(classes, [e.intent for e in given])
    weights = np.asarray([e.weight for e in given], dtype=np.float32)
    own = Course(classes, [e.text for e in given], start.points[rows], targets, weights)
    if not self_taught:
        return own
    guesses = guess(own.points, classes, targets, weights, start.message_points)
    return Course(
        classes,
        [*own.texts, *start.messages],
        np.vstack([own.points, start.message_points]),
        np.vstack([targets, guesses.targets]),
        np.append(weights, guesses.weights),
    )


def _messages_help(start: Start, watch: Watch) -> bool:
    """Whether a frozen head understands unseen examples better that has learned from guesses about the messages too."""
    with watch.stage(f"guessing what {len(start.messages):,} messages mean"):
        losses = [_frozen_loss(start, Way(self_taught=taught)) for taught in (True, False)]
    helpful = losses[0] < losses[1]
    watch.say(
        f"  the messages: log-loss {losses[0]:.4f} with guesses about them, {losses[1]:.4f} without, so they are "
        f"{'learned from' if helpful else 'left out'}"
    )
    return helpful


def _frozen_loss(start: Start, way: Way) -> float:
    """The mean log-loss over as many folds as it takes to judge enough texts, no intent hidden."""
    losses, judged = [], 0
    for fold in folds(start.examples, start.seed, hide=False):
        trial = _judged(start, fold, way, _frozen(start, fold.learn, way))
        losses.append(trial.loss)
        judged += len(trial.judged.rows)
        if judged >= JUDGED:
            break
    return float(np.mean(losses))


def _frozen_trial(start: Start, split: Sequence[Fold]) -> Trial:
    trials = [_judged(start, fold, Way(), _frozen(start, fold.learn, Way())) for fold in split]
    # cheap here, so every example is judged once
    return replace(trials[0], judged=join([trial.judged for trial in trials]))


def _tuned_trials(
    start: Start, fold: Fold, self_taught: bool, plans: Search, minutes: float, watch: Watch
) -> list[Trial]:
    """Return the default plan's trial, and those of a search for as long as it may take."""
    trials: list[Trial] = []
    begun = time.monotonic()
    while not trials or time.monotonic() - begun < 60 * minutes:
        trial = _trial(start, fold, Way(plans.next(), self_taught), watch)
        plans.hear(trial.loss)
        trials.append(trial)
    return trials


def _judged_enough(start: Start, split: Sequence[Fold], trial: Trial, watch: Watch) -> Trial:
    """Return the trial with the judgements of further folds, where those of the first are few."""
    parts = [trial.judged]
    for fold in split[1:]:
        if sum(len(part.rows) for part in parts) >= JUDGED:
            break
        parts.append(_trial(start, fold, trial.way, watch).judged)
    return replace(trial, judged=join(parts))


def _trial(start: Start, fold: Fold, way: Way, watch: Watch) -> Trial:
    learned = _learned(start, fold.learn, way, watch, f"trying: {way.regime}", fast=True)
    return _judged(start, fold, way, learned)


def _learned(
    start: Start, rows: Ints1d, way: Way, watch: Watch, stage: str, *, fast: bool = False
) -> Learned:
    if way.plan is None:
        return _frozen(start, rows, way)
    taught = course(start, rows, self_taught=way.self_taught)
    with watch.stage(stage) as advance:
        encoder, head = _tuned(start, taught, way.plan, advance)
    with watch.stage("reading the examples with it") as advance:
        vectors = encoder.encode([e.text for e in start.examples], fast=fast, progress=advance)
    return Learned(encoder, head, centred(vectors, start.mean))


def _frozen(start: Start, rows: Ints1d, way: Way) -> Learned:
    head = course(start, rows, self_taught=way.self_taught).head()
    return Learned(start.encoder, head, start.points)


def _tuned(start: Start, taught: Course, plan: Plan, advance: Advance) -> tuple[Encoder, Head]:
    return fine_tune(
        start.encoder,
        taught.texts,
        taught.targets,
        taught.weights,
        taught.head(),
        start.mean,
        plan,
        start.seed,
        advance,
    )


def _judged(start: Start, fold: Fold, way: Way, learned: Learned) -> Trial:
    head, examples = learned.head, start.examples
    away = {*fold.hidden, OUT_OF_SCOPE}
    known = [row for row in fold.judge if examples[row].intent not in away]
    truth = class_numbers(head.classes, [examples[row].intent for row in known])
    scores = learned.points[known] @ head.weight.T + head.bias  # (known, classes)
    right = scores.argmax(axis=1) == truth
    return Trial(
        way,
        log_loss(scores, truth),
        float(right.mean()) if len(right) else 0.0,
        judge(head, learned.points, examples, fold),
    )
