"""What a label would teach."""

from __future__ import annotations

import numpy as np
import pytest

from retrieval.prediction import Floats2d
from retrieval.worth import most_teaching, twins, worth


def spread(centres: int, each: int, seed: int = 0) -> Floats2d:
    """Return (centres * each, 32) unit vectors, each near one of the centres, row by row."""
    rng = np.random.default_rng(seed)
    middles = np.eye(32, dtype=np.float32)[:centres].repeat(each, axis=0)
    points = middles + 0.05 * rng.standard_normal(middles.shape, dtype=np.float32)
    return np.asarray(points / np.linalg.norm(points, axis=1, keepdims=True), dtype=np.float32)


@pytest.mark.parametrize(
    ("more", "less"),
    [
        ((0.1, 0.0, 1), (0.9, 0.0, 1)),  # the less sure
        ((0.9, 0.6, 1), (0.9, 0.0, 1)),  # the one that was complained about
        ((0.5, 0.0, 9), (0.5, 0.0, 1)),  # the one asked more often
    ],
)
def test_a_label_is_worth_more(
    more: tuple[float, float, int], less: tuple[float, float, int]
) -> None:
    margins, complaints, asked = (np.asarray(column) for column in zip(more, less, strict=True))
    first, second = worth(margins, complaints, asked)
    assert first > second > 0


def test_each_cluster_sends_one_the_largest_first() -> None:
    points = np.concatenate([spread(1, 30), spread(3, 10)[10:]])
    chosen = most_teaching(points, np.ones(len(points), dtype=np.float32), 3)
    assert [int(row >= 30) + int(row >= 40) for row in chosen] == [0, 1, 2] or [
        int(row >= 30) + int(row >= 40) for row in chosen
    ] == [0, 2, 1]


def test_what_is_sure_is_not_asked_while_something_is_uncertain() -> None:
    points = spread(2, 100)
    worths = np.where(np.arange(200) < 100, 1.0, 0.01).astype(np.float32)
    assert all(row < 100 for row in most_teaching(points, worths, 3))


def test_few_messages_are_all_asked_the_worthiest_first() -> None:
    assert most_teaching(spread(3, 1), np.asarray([1, 3, 2], np.float32), 5).tolist() == [1, 2, 0]


def test_the_same_messages_are_dealt_the_same_way() -> None:
    points, worths = spread(8, 40), np.linspace(1, 2, 320, dtype=np.float32)
    once = most_teaching(points, worths, 6)
    assert most_teaching(points, worths, 6).tolist() == once.tolist()


def test_near_duplicates_that_are_taken_for_the_same_go_to_one_leader() -> None:
    points = spread(2, 4)
    intents = ["a", "a", "a", "b", "c", "c", "c", "c"]
    groups = twins(points, intents, np.asarray([0, 4, 5]))
    assert sorted(groups[0].tolist()) == [1, 2]
    assert sorted([*groups[1].tolist(), *groups[2].tolist()]) == [6, 7]
    assert twins(points, intents, np.asarray([], dtype=np.int64)) == []
