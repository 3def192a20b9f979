"""Courses: what an intent head and a head over headings are taught, in one form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from finetune.fitting import fit_head, one_hot
from retrieval.head import Head
from retrieval.prediction import Floats1d, Floats2d


@dataclass(frozen=True)
class Course:
    """What one head learns from: n texts with the shares of the classes in each."""

    classes: Sequence[str]
    texts: Sequence[str]
    points: Floats2d  # (n, dim), of the frozen encoder
    targets: Floats2d  # (n, classes), each row sums to 1
    weights: Floats1d  # (n,) how far each text is trusted

    @classmethod
    def of(
        cls,
        classes: Sequence[str],
        texts: Sequence[str],
        points: Floats2d,
        named: Sequence[str],
        weights: Floats1d | None = None,
    ) -> Course:
        """Return the course in which each text is of the one class that `named` (n,) has for it."""
        trusted = np.ones(len(texts), np.float32) if weights is None else weights
        return cls(classes, texts, points, one_hot(classes, named), trusted)

    def at_most(self, count: int) -> Course:
        """Return the course of that many texts, evenly from all of them."""
        if len(self.texts) <= count:
            return self
        rows = np.linspace(0, len(self.texts) - 1, count).astype(int)
        texts = [self.texts[row] for row in rows]
        return replace(
            self,
            texts=texts,
            points=self.points[rows],
            targets=self.targets[rows],
            weights=self.weights[rows],
        )

    def head(self) -> Head:
        """Fit the head as the points lie."""
        return fit_head(self.points, self.classes, self.targets, self.weights)
