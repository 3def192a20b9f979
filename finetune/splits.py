"""
Who may judge whom: folds in which every prediction is made by a model that never saw the text.

A desk that gives few out-of-scope examples or none has, besides held-out examples, a few intents hidden from each
fold altogether. Their texts are honest out-of-scope questions, so its confidence can be calibrated all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from finetune.examples import Example
from retrieval.prediction import OUT_OF_SCOPE, Ints1d

FOLDS = 5  # the model of a fold has four fifths of the texts, close to what the final one has
HIDDEN_SHARE = (
    0.1  # of the intents, a fold: enough to look like strangers, few enough to leave it hard
)
NEVER = -1  # the place of what is judged in no fold
ENOUGH_OUTSIDE = 50  # out-of-scope examples from which the desk's own say best what it hears


@dataclass(frozen=True, slots=True)
class Fold:
    """Rows to learn from and rows to judge; a judged row whose intent is `hidden` counts as out of scope."""

    learn: Ints1d
    judge: Ints1d
    hidden: frozenset[str]


def folds(
    examples: Sequence[Example], seed: int, count: int = FOLDS, *, hide: bool = True
) -> list[Fold]:
    """
    Return folds stratified by intent; the same intents in the same order give the same folds.

    What cannot judge (`Example.judges`) is learned from in every fold that knows its intent. Without `hide` no intent is hidden,
    and every other row is judged exactly once.
    """
    rng = np.random.default_rng(seed)
    asked = [row for row, e in enumerate(examples) if e.judges]
    labels = np.asarray([e.intent for e in examples], dtype=object)
    intents = [examples[row].intent for row in asked]
    place = np.full(len(examples), NEVER)
    place[asked] = _dealt(intents, rng, count)
    groups = _hidden_groups(intents, rng, count) if hide else [set[str]() for _ in range(count)]
    result = []
    for number, hidden in enumerate(groups):
        away = np.isin(labels, sorted(hidden)) if hidden else np.zeros(len(labels), dtype=bool)
        held = place == number
        judged = (held | away) & (place != NEVER)
        result.append(
            Fold(np.flatnonzero(~held & ~away), np.flatnonzero(judged), frozenset(hidden))
        )
    return result


def _dealt(intents: Sequence[str], rng: np.random.Generator, count: int) -> Ints1d:
    """Deal each intent's rows out like cards, from a random seat on; at least one stays in each `learn`."""
    place = np.zeros(len(intents), dtype=np.int64)
    for intent in sorted(set(intents)):
        rows = np.asarray([row for row, other in enumerate(intents) if other == intent])
        rows = rng.permutation(rows)
        place[rows] = (np.arange(len(rows)) + rng.integers(count)) % count
    return place


def _hidden_groups(intents: Sequence[str], rng: np.random.Generator, count: int) -> list[set[str]]:
    names = sorted(set(intents) - {OUT_OF_SCOPE})
    size = max(1, round(HIDDEN_SHARE * len(names)))
    known = sum(intent == OUT_OF_SCOPE for intent in intents) >= ENOUGH_OUTSIDE
    if known or len(names) < 2 + size:  # what is left must still be a choice between two
        return [set() for _ in range(count)]
    shuffled = [names[i] for i in rng.permutation(len(names))]
    return [{shuffled[(n * size + i) % len(names)] for i in range(size)} for n in range(count)]
