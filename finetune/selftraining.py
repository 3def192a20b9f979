"""
Learning from messages that nobody labelled.

A head that has learned a few examples guesses what each message means. The guesses are evened out, because a head of five
examples has favourites, and passed on between neighbouring messages, because neighbours mostly mean the same; then
the next head learns from examples and guesses together. Rounds later the guesses of messages that no example resembles
come from messages in between.

Source: label propagation, Zhou et al. 2003, https://papers.nips.cc/paper/2506; evening out, Asano et al. 2020,
https://arxiv.org/abs/1911.05371, section 3. Figures: LOG.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from finetune.fitting import fit_head
from retrieval.head import Head, softmax
from retrieval.index import Index
from retrieval.prediction import Floats1d, Floats2d, Ints2d

ROUNDS = 4
FLAT = 2.0  # temperature of what a head says: of a few examples it is surer than it is right
NEIGHBOURS = 10  # messages that a guess is passed on between
NARROW = 20.0  # of the neighbours' weights: a cosine 0.1 closer counts e^2 times as much
PASSED_ON = 0.5  # of a guess comes from the neighbours
STEPS = 2  # a guess is passed on in one round
ITERATIONS = 40  # of fitting in one round, which the next goes on from
EVENINGS = 5  # rescalings of rows and columns in turn; more changes nothing that can be seen
EVENLY = (
    0.5  # how far: a desk's messages favour some intents, a head of few examples favours others
)
SURE = 20.0  # a guess half as probable as the best one counts 2^-20 of it: soft guesses teach the doubts too


@dataclass(frozen=True, slots=True)
class Guesses:
    """What n messages may mean: (n, classes) shares, and (n,) how far each is trusted beside an example, 0 to 1."""

    targets: Floats2d
    weights: Floats1d

    @classmethod
    def of(cls, shares: Floats2d) -> Guesses:
        """Return the guesses that put nearly all of each row on its best class, and trust it as far as its share."""
        powers = (shares / shares.max(axis=1, keepdims=True)) ** np.float32(SURE)
        return cls(np.asarray(powers / powers.sum(axis=1, keepdims=True)), shares.max(axis=1))


def guess(
    known: Floats2d,
    classes: Sequence[str],
    targets: Floats2d,
    weights: Floats1d,
    messages: Floats2d,
) -> Floats2d:
    """
    Return (n, classes) shares of what the messages may mean.

    Args:
        known: (m, dim) centred unit vectors of the examples.
        targets, weights: (m, classes) and (m,) of the examples.
        messages: (n, dim) centred unit vectors.
    """
    points = np.vstack([known, messages])
    near = _Graph.of(points)
    head = fit_head(known, classes, targets, weights)
    shares = _settled(head, points, targets, near)
    for _ in range(ROUNDS - 1):
        head = _taught(head, points, targets, weights, Guesses.of(shares))
        shares = _settled(head, points, targets, near)
    return shares


def agreed(opinions: Sequence[Floats2d]) -> Floats2d:
    """Return (n, classes), the geometric mean of several shares: what one of them rules out stays ruled out."""
    mean = np.exp(np.mean([np.log(np.maximum(shares, 1e-9)) for shares in opinions], axis=0))
    return np.asarray(mean / mean.sum(axis=1, keepdims=True), dtype=np.float32)


def _taught(
    head: Head, points: Floats2d, targets: Floats2d, weights: Floats1d, guesses: Guesses
) -> Head:
    """Return the head that has learned from examples and guesses together, from the last one on."""
    return fit_head(
        points,
        head.classes,
        np.vstack([targets, guesses.targets]),
        np.append(weights, guesses.weights),
        start=head,
        iterations=ITERATIONS,
    )


def _settled(head: Head, points: Floats2d, targets: Floats2d, near: _Graph) -> Floats2d:
    """Return the messages' shares after evening out and passing on; the examples keep theirs."""
    known = len(targets)
    own = softmax(head.scores(points) / np.float32(FLAT))
    own[:known], own[known:] = targets, evened(own[known:])
    shares = own
    for _ in range(STEPS):
        shares = (1 - PASSED_ON) * own + PASSED_ON * near.passed_on(shares)
        shares[:known] = targets
    return evened(shares[known:])


def evened(shares: Floats2d) -> Floats2d:
    """Return (n, classes) rescaled so that each row sums to 1 and the classes' sums are more alike; where they nearly were, it may cost a little."""
    for _ in range(EVENINGS):
        shares = shares / np.maximum(shares.mean(axis=0) * shares.shape[1], 1e-9) ** EVENLY
        shares = shares / shares.sum(axis=1, keepdims=True)
    return np.asarray(shares, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class _Graph:
    """The nearest neighbours of each point, (n, k), and how much each of them counts; rows sum to 1."""

    rows: Ints2d
    weights: Floats2d

    @classmethod
    def of(cls, points: Floats2d) -> _Graph:
        similarities, rows = Index(points).search(points, NEIGHBOURS + 1)
        weights = np.exp(NARROW * (similarities[:, 1:] - 1))  # the nearest is the point itself
        return cls(rows[:, 1:], weights / np.maximum(weights.sum(axis=1, keepdims=True), 1e-9))

    def passed_on(self, shares: Floats2d) -> Floats2d:
        """Return what the neighbours of each point have, column of neighbours by column, to spare memory."""
        out = np.zeros_like(shares)
        for place in range(self.rows.shape[1]):
            out += self.weights[:, place : place + 1] * shares[self.rows[:, place]]
        return out
