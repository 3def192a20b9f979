"""
BM25: which texts share their rare terms with a question.

It finds what vectors blur: order numbers, product names, the one word that matters. Scores are between 0 and 1: the share
of the best score that a text of the question's own terms would reach, so that they mean the same for short and long questions.
"""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Sequence

import bm25s
import numpy as np

from retrieval.prediction import Floats1d, Ints1d
from retrieval.terms import terms

K1 = 1.2  # how soon a repeated term adds no more, and
B = 0.5  # how far long texts are held back; passages are cut to like lengths, so less than the usual 0.75


class Lexical:
    """A BM25 index over texts."""

    def __init__(self, texts: Sequence[str], language: str = "en") -> None:
        self._language = language
        self._size = len(texts)
        self._bm25 = bm25s.BM25(k1=K1, b=B)
        self._rarity: dict[str, float] = {}
        logging.getLogger("bm25s").setLevel(logging.WARNING)  # it tells of every index it builds
        if texts:
            held = [terms(text, language) for text in texts]
            self._bm25.index(held, show_progress=False)
            self._rarity = _rarities(held)

    def __len__(self) -> int:
        return self._size

    def rarity(self, term: str) -> float:
        """Return how much sharing a term says; most for one that no text has."""
        return self._rarity.get(term, _rarity(0, self._size))

    def scores(self, text: str) -> Floats1d:
        """Return (texts,) the scores of all texts for a question."""
        asked = list(dict.fromkeys(terms(text, self._language)))
        best = sum(self.rarity(term) for term in asked)
        known = [term for term in asked if term in self._rarity]
        if not known:
            return np.zeros(self._size, dtype=np.float32)
        return np.asarray(self._bm25.get_scores(known) / np.float32(best), dtype=np.float32)


def best(scores: Floats1d, k: int) -> Ints1d:
    """Return the rows of the `k` best scores, best first; of equal ones the first."""
    rows = np.arange(len(scores))
    if k < len(scores):
        rows = np.argpartition(-scores, k - 1)[:k]
    return np.asarray(rows[np.lexsort((rows, -scores[rows]))])


def _rarities(held: Sequence[Sequence[str]]) -> dict[str, float]:
    counts = Counter(term for of_text in held for term in set(of_text))
    return {term: _rarity(count, len(held)) for term, count in counts.items()}


def _rarity(count: int, texts: int) -> float:
    """Return the inverse document frequency that the index's own scores are made of (Lucene's)."""
    return math.log(1 + (texts - count + 0.5) / (count + 0.5))
