"""
What the vectors of a desk's texts share, and is taken out of them before they are compared.

Sentence vectors share a large common direction; taking the mean of the desk's own texts out of it spreads the intents apart (Mu and
Viswanath 2018, https://arxiv.org/abs/1702.01417) and costs one subtraction. Vectors of several languages differ by their language
too, which is no sign of what somebody wants: those directions are taken out where some intents have no examples in a language
that others have, for else a question in it looks like one of these. Figures: LOG.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from retrieval.prediction import Floats1d, Floats2d


def centred(vectors: Floats2d, mean: Floats1d) -> Floats2d:
    """Return (n, dim) unit vectors with the mean direction taken out."""
    return _unit(vectors - mean)


@dataclass(frozen=True, slots=True)
class Centre:
    """What is taken out of every vector of a desk: `mean` (dim,), and `directions` (k, dim), orthonormal, most often none."""

    mean: Floats1d
    directions: Floats2d

    @classmethod
    def of(cls, vectors: Floats2d, directions: Floats2d | None = None) -> Centre:
        """Return the centre of vectors (n, dim)."""
        none = np.zeros((0, vectors.shape[1]), dtype=np.float32)
        return cls(vectors.mean(axis=0), none if directions is None else directions)

    def points(self, vectors: Floats2d) -> Floats2d:
        """Return (n, dim) unit vectors without it."""
        moved = vectors - self.mean
        return _unit(moved - (moved @ self.directions.T) @ self.directions)


def _unit(vectors: Any) -> Floats2d:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-6), dtype=np.float32)
