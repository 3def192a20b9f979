"""The index against brute force."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.index import Index
from retrieval.prediction import Floats2d


def unit(rng: np.random.Generator, rows: int, dim: int) -> Floats2d:
    vectors = rng.normal(size=(rows, dim)).astype(np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


@given(
    seed=st.integers(0, 10_000),
    rows=st.integers(1, 60),
    queries=st.integers(1, 5),
    dim=st.integers(2, 24),
    k=st.integers(1, 80),
)
def test_the_nearest_are_those_that_brute_force_finds(
    seed: int, rows: int, queries: int, dim: int, k: int
) -> None:
    rng = np.random.default_rng(seed)
    vectors, asked = unit(rng, rows, dim), unit(rng, queries, dim)
    similarities, found = Index(vectors).search(asked, k)
    every = asked @ vectors.T
    best = np.sort(every, axis=1)[:, ::-1][:, :k]
    assert found.shape == (queries, min(k, rows))
    np.testing.assert_allclose(similarities, best, atol=1e-5)
    np.testing.assert_allclose(np.take_along_axis(every, found, axis=1), best, atol=1e-5)
    assert all(len(set(row)) == len(row) for row in found.tolist())


def test_a_text_is_its_own_nearest_neighbour() -> None:
    vectors = unit(np.random.default_rng(1), 500, 32)
    similarities, rows = Index(vectors).search(vectors, 1)
    np.testing.assert_array_equal(rows[:, 0], np.arange(500))
    np.testing.assert_allclose(similarities, 1, atol=1e-5)


@pytest.mark.parametrize("rows", [0, 1, 7])
def test_an_index_knows_how_many_it_holds(rows: int) -> None:
    assert len(Index(np.zeros((rows, 4), dtype=np.float32))) == rows


def topics(rng: np.random.Generator, rows: int, dim: int) -> Floats2d:
    """Points in bunches, as texts lie."""
    middles = unit(rng, 40, dim)
    near = middles[rng.integers(0, 40, rows)] + 0.5 * unit(rng, rows, dim)
    return np.asarray(near / np.linalg.norm(near, axis=1, keepdims=True), dtype=np.float32)


@pytest.mark.parametrize("points", [unit, topics])
def test_a_large_index_finds_what_comparing_with_all_finds(
    points: Callable[[np.random.Generator, int, int], Floats2d],
) -> None:
    rng = np.random.default_rng(3)
    vectors, asked = np.split(points(rng, 4_200, 32), [4_000])
    _, found = Index(vectors, large=1_000).search(asked, 10)
    _, truth = Index(vectors).search(asked, 10)
    shared = sum(len(np.intersect1d(*pair)) for pair in zip(found, truth, strict=True))
    assert shared >= 0.99 * truth.size


def test_a_large_index_is_the_same_every_time() -> None:
    vectors = topics(np.random.default_rng(5), 3_000, 16)
    first, second = (Index(vectors, large=1_000).search(vectors[:50], 10) for _ in range(2))
    np.testing.assert_array_equal(first[1], second[1])
    np.testing.assert_array_equal(first[0], second[0])
