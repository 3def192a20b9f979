"""
Under which heading of the pages a question is answered, told by a head that has learned what people ask there.

It speaks for the passages of a heading as far as it thinks that likelier than one drawn by chance, and against none: a passage whose
heading it has not learned is as good as before. Figures: LOG.md.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from retrieval.head import Head, softmax
from retrieval.passages import Passage
from retrieval.prediction import Floats1d, Ints1d

NOBODY = np.zeros(0, np.int64)


def headings_asked(passages: Sequence[Passage]) -> tuple[str, ...]:
    """Return the headings that say what people ask, each once, in the order of the pages: the head's classes."""
    return tuple(dict.fromkeys(passage.under for passage in passages if passage.asked))


class Headings:
    """Tells the headings of some passages apart. It never changes."""

    def __init__(self, passages: Sequence[Passage], head: Head | None) -> None:
        self._head = head
        classes = {name: number for number, name in enumerate(head.classes if head else ())}
        self._classes = np.asarray([classes.get(p.under, -1) for p in passages], dtype=np.int64)

    def speaks(self, point: Floats1d, rows: Ints1d, without: Ints1d = NOBODY) -> Floats1d:
        """
        Return (rows,) the logarithm of how many times likelier the heading of each passage is than one by chance; 0 where it is not.

        Args:
            without: passages that are as if they were not there, and their headings with them.
        """
        if self._head is None:
            return np.zeros(len(rows), np.float32)
        scores = self._head.scores(point[None])
        gone = self._classes[without]
        scores[:, gone[gone >= 0]] = -np.inf
        if np.isinf(scores).all():
            return np.zeros(len(rows), np.float32)
        times = softmax(scores)[0] * len(self._head.classes)
        own = self._classes[rows]
        return np.log(np.where(own < 0, 1, np.maximum(1, times[own])), dtype=np.float32)
