"""Fine-tuning: one fit that must learn, and what it must leave alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from finetune.courses import Course
from finetune.fitting import class_numbers, one_hot
from finetune.training import Plan, depth, fine_tune
from retrieval.centre import Centre
from retrieval.encoder import Encoder
from retrieval.head import Head
from retrieval.prediction import Floats1d, Floats2d, Ints1d
from tests import tiny

EXAMPLES = [e for e in tiny.examples() if e.intent]
TEXTS = [e.text for e in EXAMPLES]
CLASSES = tuple(sorted(tiny.QUESTIONS))
TRUTH = class_numbers(CLASSES, [e.intent for e in EXAMPLES])
TARGETS = one_hot(CLASSES, [e.intent for e in EXAMPLES])
TRUST: Floats1d = np.ones(len(TEXTS), dtype=np.float32)
PLAN = Plan(epochs=20, rate=3e-3, layers=1, batch=16)


@dataclass(frozen=True)
class Fit:
    """An encoder before and after, and the head learned with it."""

    frozen: Encoder
    tuned: Encoder
    head: Head
    centre: Centre

    def loss(self, encoder: Encoder) -> float:
        rows = self.head.probabilities(self.centre.points(encoder.encode(TEXTS)))
        return float(-np.log(rows[np.arange(len(TEXTS)), TRUTH]).mean())


def fitted(
    source: Path,
    *,
    seed: int = 0,
    truth: Floats2d = TARGETS,
    trust: Floats1d = TRUST,
    plan: Plan = PLAN,
    beside: Sequence[Course] = (),
) -> Fit:
    frozen = Encoder.load(str(source))
    centre = Centre.of(frozen.encode(TEXTS))
    nowhere = np.zeros((len(TEXTS), frozen.dim), np.float32)  # so the head knows nothing at first
    course = Course(CLASSES, TEXTS, nowhere, truth, trust)
    tuned, head = fine_tune(frozen, course, centre, plan, seed, beside=beside)
    return Fit(frozen, tuned, head, centre)


@pytest.fixture(scope="module")
def fit(tiny_encoder: Path) -> Fit:
    return fitted(tiny_encoder)


def separation(points: Floats2d, truth: Ints1d = TRUTH) -> float:
    """By how much the cosine within an intent, or another class, is above that between two."""
    cosines, same = points @ points.T, truth[:, None] == truth
    return float(cosines[same].mean() - cosines[~same].mean())


def test_it_learns(fit: Fit) -> None:
    rows = fit.head.probabilities(fit.centre.points(fit.tuned.encode(TEXTS)))
    assert (rows.argmax(axis=1) == TRUTH).mean() > 0.9
    assert fit.loss(fit.tuned) < fit.loss(fit.frozen)
    assert fit.loss(fit.tuned) < 0.8 * np.log(len(CLASSES))  # of knowing nothing


def test_the_tuned_encoder_tells_the_intents_further_apart(fit: Fit) -> None:
    before, after = (fit.centre.points(e.encode(TEXTS)) for e in (fit.frozen, fit.tuned))
    assert separation(after) > separation(before) + 0.1


def test_only_the_upper_layers_have_moved(fit: Fit) -> None:
    before, after = fit.frozen.network.state_dict(), fit.tuned.network.state_dict()
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    assert moved
    assert all(".layer.1." in name for name in moved)
    assert depth(fit.tuned) == 2


def test_the_encoder_it_came_from_is_as_it_was(fit: Fit, tiny_encoder: Path) -> None:
    untouched = Encoder.load(str(tiny_encoder)).network.state_dict()
    for name, value in fit.frozen.network.state_dict().items():
        assert torch.equal(value, untouched[name])


def test_it_leaves_an_encoder_that_reads_without_dropout(fit: Fit) -> None:
    np.testing.assert_array_equal(fit.tuned.encode(TEXTS), fit.tuned.encode(TEXTS))


def test_the_same_seed_gives_the_same_weights(fit: Fit, tiny_encoder: Path) -> None:
    again = fitted(tiny_encoder)
    np.testing.assert_array_equal(again.tuned.encode(TEXTS), fit.tuned.encode(TEXTS))
    np.testing.assert_array_equal(again.head.weight, fit.head.weight)


def test_what_is_not_trusted_is_not_learned(fit: Fit, tiny_encoder: Path) -> None:
    truth, trust = TRUTH.copy(), TRUST.copy()
    truth[::2], trust[::2] = (TRUTH[::2] + 1) % len(CLASSES), 0.0  # every other one lies
    misled = fitted(tiny_encoder, truth=np.eye(len(CLASSES), dtype=np.float32)[truth], trust=trust)
    rows = misled.head.probabilities(misled.centre.points(misled.tuned.encode(TEXTS)))
    assert (rows.argmax(axis=1) == truth)[::2].mean() < 0.5
    assert (rows.argmax(axis=1) == truth)[1::2].mean() > 0.7


def test_slips_are_read_and_learned_past(fit: Fit, tiny_encoder: Path) -> None:
    one, two = (fitted(tiny_encoder, plan=replace(PLAN, slips=0.5)) for _ in "ab")
    vectors = one.tuned.encode(TEXTS)
    np.testing.assert_array_equal(vectors, two.tuned.encode(TEXTS))
    assert not np.allclose(vectors, fit.tuned.encode(TEXTS), atol=1e-3)
    right = one.head.probabilities(one.centre.points(vectors)).argmax(axis=1) == TRUTH
    assert right.mean() > 0.9


def test_another_course_is_learned_beside_the_first(fit: Fit, tiny_encoder: Path) -> None:
    """Its classes are halves of the intents, which the first course does not ask to be told apart."""
    halves = [f"{e.intent} {n % 2}" for n, e in enumerate(EXAMPLES)]
    points = fit.centre.points(fit.frozen.encode(TEXTS))
    course = Course.of(sorted({*halves}), TEXTS, points, halves)
    both = fitted(tiny_encoder, beside=[course])
    alone, beside = (one.centre.points(one.tuned.encode(TEXTS)) for one in (fit, both))
    number = np.unique(halves, return_inverse=True)[1]
    assert separation(beside, number) > separation(alone, number) + 0.05
    assert (both.head.probabilities(beside).argmax(axis=1) == TRUTH).mean() > 0.9


def test_progress_is_told_to_the_last_step(tiny_encoder: Path) -> None:
    told: list[tuple[int, int]] = []
    encoder = Encoder.load(str(tiny_encoder))
    centre = Centre.of(encoder.encode(TEXTS))
    course = Course(CLASSES, TEXTS, centre.points(encoder.encode(TEXTS)), TARGETS, TRUST)
    plan = Plan(epochs=1, rate=1e-4, layers=2, batch=8)
    fine_tune(encoder, course, centre, plan, 0, lambda done, total: told.append((done, total)))
    assert told == [(step, 4) for step in range(1, 5)]


def test_additions_of_low_rank_become_part_of_the_encoder(tiny_encoder: Path) -> None:
    adapted = fitted(tiny_encoder, plan=replace(PLAN, rank=4))
    before, after = (encoder.encode(TEXTS) for encoder in (adapted.frozen, adapted.tuned))
    assert list(adapted.tuned.network.state_dict()) == list(adapted.frozen.network.state_dict())
    rows = adapted.head.probabilities(adapted.centre.points(after))
    assert (rows.argmax(axis=1) == TRUTH).mean() > 0.9
    assert not np.allclose(after, before, atol=1e-3)
