"""
How well the pages of a desk fit questions that they do not answer, so that a passage which fits no better is not quoted, and
a page is not even worth a look that strangers' questions fit as well.

Two kinds of such questions are to be had without anybody writing them: the examples that are out of scope, and the others as
a desk would hear them that has no page for them, the one that fits best being left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from finetune.examples import Example
from finetune.fitting import class_numbers
from finetune.ways import Learned
from retrieval.calibration import Landmarks
from retrieval.knowledge import Knowledge, Pages, asking
from retrieval.prediction import OUT_OF_SCOPE, Floats1d

ENOUGH = 400  # questions of each kind; more move the threshold by nothing that can be seen


@dataclass(frozen=True, slots=True)
class Unanswered:
    """How well the best passage fits what is out of scope, (n,), and what is in scope where its best page is left out, (m,)."""

    outside: Floats1d = field(default_factory=lambda: np.zeros(0, np.float32))
    inside: Floats1d = field(default_factory=lambda: np.zeros(0, np.float32))

    @property
    def all(self) -> Floats1d:
        """Both, (n + m,)."""
        return np.concatenate([self.outside, self.inside])


def unanswered(
    learned: Learned, examples: Sequence[Example], pages: Pages, language: str
) -> Unanswered:
    """Return how well the pages fit them; nothing where there are no pages."""
    knowledge, classes = Knowledge(pages, language), learned.head.classes
    if not len(knowledge):
        return Unanswered()
    own = [row for row, example in enumerate(examples) if not example.hint]
    outside = _spread([row for row in own if examples[row].intent == OUT_OF_SCOPE])
    inside = _spread([row for row in own if examples[row].intent != OUT_OF_SCOPE])
    rows = [*outside, *inside]
    in_scope = np.asarray([n for n, intent in enumerate(classes) if intent != OUT_OF_SCOPE])
    votes = class_numbers(classes, [example.intent for example in examples])
    landmarks = Landmarks.of(learned.points, votes, in_scope)
    probabilities = learned.head.probabilities(learned.points[rows])[:, in_scope]
    texts = [examples[row].text for row in rows]
    words = learned.encoder.read(texts, language)[1] if knowledge.by_words else None
    asked = asking(texts, learned.points[rows], probabilities, landmarks.centres, words)
    strange, known = asked[: len(outside)], asked[len(outside) :]
    return Unanswered(
        np.asarray([knowledge.best(one) for one in strange], dtype=np.float32),
        np.asarray([knowledge.best_elsewhere(one) for one in known], dtype=np.float32),
    )


def _spread(rows: Sequence[int]) -> list[int]:
    """Return at most ENOUGH of the rows, evenly from all of them."""
    return list(rows[:: -(-len(rows) // ENOUGH)]) if rows else []
