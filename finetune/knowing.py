"""
How well the pages of a desk fit questions that they do not answer, so that a passage which fits no better is not quoted, and
a page is not even worth a look that strangers' questions fit as well.

Three kinds of such questions are to be had without anybody writing them: the examples that are out of scope; the others as
a desk would hear them that has no page for them, the one that fits best being left out; and what the pages say that people ask, without
the heading that it is answered under, as pages would hear it that stop short of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from finetune.examples import Example
from finetune.fitting import class_numbers
from finetune.ways import Learned
from retrieval.calibration import Landmarks
from retrieval.knowledge import Asked, Knowledge, Pages, asking
from retrieval.prediction import OUT_OF_SCOPE, Floats1d, Floats2d

ENOUGH = 400  # questions of each kind; more move the threshold by nothing that can be seen


@dataclass(frozen=True, slots=True)
class Unanswered:
    """
    How well the best passage fits what is out of scope, (n,), what is in scope where its best page is left out, (m,), and what people ask
    where its answer is left out, (k,).
    """

    outside: Floats1d = field(default_factory=lambda: np.zeros(0, np.float32))
    inside: Floats1d = field(default_factory=lambda: np.zeros(0, np.float32))
    short: Floats1d = field(default_factory=lambda: np.zeros(0, np.float32))

    @property
    def all(self) -> Floats1d:
        """All of them, (n + m + k,)."""
        return np.concatenate([self.outside, self.inside, self.short])


def unanswered(
    learned: Learned, examples: Sequence[Example], pages: Pages, language: str
) -> Unanswered:
    """Return how well the pages fit them; nothing where there are no pages."""
    knowledge, classes = Knowledge(pages, language), learned.head.classes
    if not len(knowledge):
        return Unanswered()
    in_scope = np.asarray([n for n, intent in enumerate(classes) if intent != OUT_OF_SCOPE])
    votes = class_numbers(classes, [example.intent for example in examples])
    centres = Landmarks.of(learned.points, votes, in_scope).centres

    def heard(texts: Sequence[str], points: Floats2d) -> list[Asked]:
        if not texts:
            return []
        words = learned.encoder.read(texts, language)[1] if knowledge.by_words else None
        likely = learned.head.probabilities(points)[:, in_scope]
        return asking(texts, points, likely, centres, words)

    def of_examples(rows: Sequence[int]) -> list[Asked]:
        spread = _spread(rows)
        return heard([examples[row].text for row in spread], learned.points[spread])

    own = [row for row, example in enumerate(examples) if not example.hint]
    strange = of_examples([row for row in own if examples[row].intent == OUT_OF_SCOPE])
    known = of_examples([row for row in own if examples[row].intent != OUT_OF_SCOPE])
    spread = _spread(range(len(pages.asked)))
    asked = heard([pages.asked[row] for row in spread], pages.asked_points[spread])
    answers = pages.askers[spread].tolist()
    return Unanswered(
        np.asarray([knowledge.best(one) for one in strange], dtype=np.float32),
        np.asarray([knowledge.best_elsewhere(one) for one in known], dtype=np.float32),
        np.asarray([*map(knowledge.best_beside, asked, answers)], dtype=np.float32),
    )


def _spread(rows: Sequence[int]) -> list[int]:
    """Return at most ENOUGH of the rows, evenly from all of them."""
    return list(rows[:: -(-len(rows) // ENOUGH)]) if rows else []
