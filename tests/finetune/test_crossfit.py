"""Honest predictions: the judge never saw the text."""

from __future__ import annotations

import numpy as np
import pytest

from finetune.crossfit import (
    OUT_OF_SCOPE_SHARE,
    SUPPOSED,
    Drawn,
    Judged,
    head_of,
    hearing,
    join,
    judge,
)
from finetune.examples import Example
from finetune.splits import Fold, folds
from retrieval.prediction import OUT_OF_SCOPE, Floats2d

EXAMPLES = [Example(f"{i} {n}", i) for i in ("a", "b", "c") for n in range(10)] + [
    Example(f"stranger {n}", OUT_OF_SCOPE) for n in range(6)
]
SIMILARITY = 2  # the column of the features


@pytest.fixture(scope="module")
def points() -> Floats2d:
    """Every text in a direction of its own, those of an intent leaning the same way."""
    intents = sorted({e.intent for e in EXAMPLES})
    lean = np.eye(len(intents), 40)[[intents.index(e.intent) for e in EXAMPLES]]
    own = np.eye(len(EXAMPLES), 40, k=len(intents))
    rows = lean + own
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


@pytest.fixture(scope="module")
def split() -> list[Fold]:
    return folds(EXAMPLES, 0)


def judged_by(fold: Fold, points: Floats2d) -> Judged:
    return judge(head_of(points, EXAMPLES, fold.learn), points, EXAMPLES, fold)


def test_no_judged_text_is_among_the_neighbours(points: Floats2d, split: list[Fold]) -> None:
    for fold in split:
        judged = judged_by(fold, points)
        np.testing.assert_array_equal(judged.rows, fold.judge)
        assert judged.features[:, SIMILARITY].max() < 0.6  # its own would be 1


def test_a_hidden_intent_counts_as_out_of_scope(points: Floats2d, split: list[Fold]) -> None:
    for fold in split:
        judged = judged_by(fold, points)
        for row, truth, best in zip(judged.rows, judged.truth, judged.best, strict=True):
            intent = EXAMPLES[row].intent
            assert truth == (OUT_OF_SCOPE if intent in fold.hidden else intent)
            assert best != OUT_OF_SCOPE
            assert best not in fold.hidden


def test_out_of_scope_has_its_share_of_the_whole(points: Floats2d, split: list[Fold]) -> None:
    judged = join([judged_by(fold, points) for fold in split])
    outside = judged.truth == OUT_OF_SCOPE
    share = judged.weights[outside].sum() / judged.weights.sum()
    assert share == pytest.approx(6 / 36, abs=1e-4)  # of the examples; a desk without any has less
    assert share > OUT_OF_SCOPE_SHARE
    assert set(judged.rows.tolist()) == set(range(len(EXAMPLES)))
    assert len(judged.rows) == len(judged.features) == len(judged.best) == len(judged.offered)


def test_a_truth_among_the_best_three_was_offered(points: Floats2d, split: list[Fold]) -> None:
    judged = join([judged_by(fold, points) for fold in split])
    inside = judged.truth != OUT_OF_SCOPE
    assert judged.offered[inside].all()  # there are three intents
    assert not judged.offered[~inside].any()
    assert judged.right[inside].mean() > 0.9
    assert not judged.right[~inside].any()


@pytest.mark.parametrize("outside", [0, SUPPOSED])
def test_what_was_drawn_from_the_traffic_corrects_the_share_supposed(
    points: Floats2d, split: list[Fold], outside: int
) -> None:
    supposed = join([judged_by(fold, points) for fold in split])
    judged = hearing(supposed, Drawn(SUPPOSED, outside))
    expected = (supposed.share + outside / SUPPOSED) / 2
    strange = judged.truth == OUT_OF_SCOPE
    assert judged.share == pytest.approx(expected)
    assert judged.weights[strange].sum() / judged.weights.sum() == pytest.approx(expected, abs=1e-4)
    np.testing.assert_allclose(hearing(supposed, Drawn()).weights, supposed.weights, rtol=1e-5)
