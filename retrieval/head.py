"""The intent head: a linear layer over centred unit vectors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from retrieval.prediction import Floats1d, Floats2d


def softmax(scores: Floats2d) -> Floats2d:
    """Return (n, classes), each row sums to 1."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Head:
    """`classes` are the intents, sorted, with OUT_OF_SCOPE among them where examples of it were given."""

    classes: tuple[str, ...]
    weight: Floats2d  # (classes, dim)
    bias: Floats1d  # (classes,)

    def scores(self, points: Floats2d) -> Floats2d:
        """Return (n, classes), unscaled, for centred unit vectors (n, dim)."""
        return np.asarray(points @ self.weight.T + self.bias)

    def probabilities(self, points: Floats2d) -> Floats2d:
        """Return (n, classes) for centred unit vectors (n, dim)."""
        return softmax(self.scores(points))
