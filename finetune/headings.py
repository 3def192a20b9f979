"""What tells the headings of a desk's pages apart: what the pages say people ask, learned as the intent head learns examples."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from finetune.courses import Course
from finetune.examples import normalised
from finetune.progress import Watch
from finetune.reading import read
from finetune.ways import Start
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
    taught = {*classes}
    rows = [row for row, passage in enumerate(passages) if passage.under in taught]
    said = [(passages[row].keyed, passages[row].under) for row in rows]
    texts, unders = zip(*asked, *said, strict=True)
    return Course.of(classes, texts, np.concatenate([asked_points, points[rows]]), unders)


def with_headings(
    start: Start, passages: Sequence[Passage], kept_back: Collection[str], watch: Watch
) -> Start:
    """
    Return the start with the headings as what an encoder learns while it is tuned, of no more texts than there are examples.

    A question that is an example, too, is left out, for folds judge examples; so is what the gate asks.

    Args:
        kept_back: the normalised texts that the gate asks.
    """
    known = {normalised(example.text) for example in start.examples} | {*kept_back}
    pages = [
        replace(one, asked=tuple(q for q in one.asked if normalised(q) not in known))
        for one in passages
    ]
    taught = {*headings_asked(pages)}
    if len(taught) < 2:  # nothing to tell apart
        return start
    pages = [passage for passage in pages if passage.under in taught]
    asked = [question for passage in pages for question in passage.asked]
    texts = [*asked, *(passage.keyed for passage in pages)]
    points = start.centre.points(read(start.encoder, texts, "texts of pages", watch, fast=True))
    course = headings_course(pages, points[: len(asked)], points[len(asked) :])
    return replace(start, beside=[course.at_most(len(start.examples))] if course else [])
