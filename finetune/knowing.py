"""
How well the pages of a desk fit questions that they do not answer, so that a passage which fits no better is not quoted.

Two kinds of such questions are to be had without anybody writing them: the examples that are out of scope, and the others as
a desk would hear them that has no page for them, the one that fits best being left out.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from finetune.examples import Example
from finetune.fitting import class_numbers
from finetune.ways import Learned
from retrieval.calibration import Landmarks
from retrieval.knowledge import Knowledge, Pages, leaning
from retrieval.prediction import OUT_OF_SCOPE, Floats1d

ENOUGH = 400  # questions of each kind; more move the threshold by nothing that can be seen


def unanswered(
    learned: Learned, examples: Sequence[Example], pages: Pages, language: str
) -> Floats1d:
    """Return (n,) how well the best passage fits each of them; nothing where there are no pages."""
    knowledge, classes = Knowledge(pages, language), learned.head.classes
    if not len(knowledge):
        return np.zeros(0, dtype=np.float32)
    asked = [row for row, example in enumerate(examples) if not example.hint]
    outside = _spread([row for row in asked if examples[row].intent == OUT_OF_SCOPE])
    inside = _spread([row for row in asked if examples[row].intent != OUT_OF_SCOPE])
    rows = [*outside, *inside]
    in_scope = np.asarray([n for n, intent in enumerate(classes) if intent != OUT_OF_SCOPE])
    votes = class_numbers(classes, [example.intent for example in examples])
    landmarks = Landmarks.of(learned.points, votes, in_scope)
    probabilities = learned.head.probabilities(learned.points[rows])[:, in_scope]
    points = leaning(learned.points[rows], probabilities, landmarks.centres)
    fits = [
        knowledge.best(examples[row].text, point)
        if examples[row].intent == OUT_OF_SCOPE
        else knowledge.best_elsewhere(examples[row].text, point)
        for row, point in zip(rows, points, strict=True)
    ]
    return np.asarray(fits, dtype=np.float32)


def _spread(rows: Sequence[int]) -> list[int]:
    """Return at most ENOUGH of the rows, evenly from all of them."""
    return list(rows[:: -(-len(rows) // ENOUGH)]) if rows else []
