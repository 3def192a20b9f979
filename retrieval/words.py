"""
What the words of a question mean where they stand, and how well the words of a passage meet them.

One vector for a whole question says what it is about, and blurs what it asks. So each word of it also looks for the word of a
passage that is most like it (late interaction: Khattab and Zaharia, 2020), and rare ones count more. Of the pages only one
vector is kept for each term, the mean of where it stands: a hundredth of what one for each token would take.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from retrieval.prediction import Floats1d, Floats2d, Ints1d, Ints2d
from retrieval.terms import placed

RARITY = 1.5  # the power of a term's rarity that it counts by


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one text: the term of each, and (words, dim) its unit vector where it stands."""

    terms: tuple[str, ...]
    points: Floats2d

    @classmethod
    def none(cls, dim: int) -> Self:
        return cls((), np.zeros((0, dim), np.float32))

    @classmethod
    def of(cls, places: Sequence[tuple[str, int, int]], offsets: Ints2d, vectors: Floats2d) -> Self:
        """
        Return the words that tokens make up; one that was cut off is left out.

        Args:
            places: of the words, as `terms.placed` has them.
            offsets: (tokens, 2) which characters each token stands for.
            vectors: (tokens, dim).
        """
        starts, ends = offsets.T
        found = [
            (term, vectors[own].mean(axis=0))
            for term, start, end in places
            if (own := (starts < end) & (ends > start)).any()
        ]
        if not found:
            return cls.none(vectors.shape[1])
        return cls(tuple(term for term, _ in found), unit(np.stack([point for _, point in found])))


@dataclass(frozen=True)
class Terms:
    """The terms of a desk's pages, and (terms, dim) the mean of where each stands."""

    names: Sequence[str] = ()
    points: Floats2d = field(default_factory=lambda: np.zeros((0, 1), np.float16))

    @classmethod
    def of(cls, texts: Sequence[Words]) -> Self:
        """Take the mean of each term over all texts, in half precision."""
        names = sorted({term for words in texts for term in words.terms})
        if not names:
            return cls()
        rows = {name: row for row, name in enumerate(names)}
        sums = np.zeros((len(names), texts[0].points.shape[1]), np.float32)
        for words in texts:
            np.add.at(sums, [rows[term] for term in words.terms], words.points)
        return cls(names, unit(sums).astype(np.float16))


class Meeting:
    """
    How well the words of each passage meet those of a question. It never changes.

    Args:
        texts: the passages, as their words were read.
        rarity: of a term among them.
    """

    def __init__(
        self, terms: Terms, texts: Sequence[str], language: str, rarity: Callable[[str], float]
    ) -> None:
        rows = {name: row for row, name in enumerate(terms.names)}
        held = [
            sorted({rows[t] for t, *_ in placed(text, language) if t in rows}) for text in texts
        ]
        self._points = terms.points.astype(np.float32)
        self._held = np.asarray([row for of in held for row in of], dtype=np.int64)
        self._firsts = np.cumsum([0, *map(len, held)])
        self._rarity = rarity

    def fits(self, words: Words, rows: Ints1d) -> Floats1d:
        """Return (rows,) the mean cosine of a question's words with the words most like them, 0 for a passage without words."""
        if not words.terms or not len(self._points):
            return np.zeros(len(rows), np.float32)
        weights = np.asarray([self._rarity(term) for term in words.terms], np.float32) ** RARITY
        cosines = words.points @ self._points.T  # (words, terms)
        out = np.zeros(len(rows), np.float32)
        some = np.flatnonzero(self._firsts[rows + 1] > self._firsts[rows])
        if len(some):
            at, starts = stretches(self._firsts, rows[some])
            best = np.maximum.reduceat(cosines[:, self._held[at]], starts, axis=1)  # (words, some)
            out[some] = weights @ best / weights.sum()
        return out


def stretches(firsts: Ints1d, rows: Ints1d) -> tuple[Ints1d, Ints1d]:
    """
    Return the places of what some rows own, one row after the other, and where each row's begin among them.

    Args:
        firsts: (all rows + 1,) where each row's own begin and, last, where all end; none of `rows` owns nothing.
    """
    counts = firsts[rows + 1] - firsts[rows]
    starts = np.append(0, np.cumsum(counts)[:-1])
    return np.arange(counts.sum()) + np.repeat(firsts[rows] - starts, counts), starts


def unit(vectors: Floats2d) -> Floats2d:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), dtype=np.float32)
