"""What tells the headings of a desk's pages apart: what the pages say people ask, learned as the intent head learns examples."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from finetune.courses import Course
from retrieval.headings import headings_asked
from retrieval.passages import Passage
from retrieval.prediction import Floats2d


def headings_course(
    passages: Sequence[Passage], asked_points: Floats2d, points: Floats2d
) -> Course | None:
    """
    Return what the headings are learned from; None where fewer than two say what people ask. A passage is an example of its heading, too.

    Args:
        asked_points: (asked, dim) of what the passages say people ask, one passage's after the other's.
        points: (passages, dim).
    """
    classes = headings_asked(passages)
    if not classes[1:]:
        return None
    asked = [(question, p.under) for p in passages for question in p.asked]
    rows = [row for row, passage in enumerate(passages) if passage.under in set(classes)]
    said = [(passages[row].keyed, passages[row].under) for row in rows]
    texts, unders = zip(*asked, *said, strict=True)
    return Course.of(classes, texts, np.concatenate([asked_points, points[rows]]), unders)
