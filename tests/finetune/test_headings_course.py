"""The headings of pages as a course: what is learned from them, and what is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from finetune.examples import normalised
from finetune.headings import with_headings
from finetune.progress import Nobody
from finetune.ways import Start
from retrieval.passages import Passage

WASH = "how warm may it be washed"
DRY = "does it go into the dryer"
PAGES = [
    Passage("care", "Care", "Washing", "Wash it at 30 degrees.", asked=(WASH, "which softener")),
    Passage("care", "Care", "Drying", "Dry it in the shade.", asked=(DRY,)),
    Passage("care", "Care", "Colours", "They stay."),
]


def test_a_tuned_encoder_learns_questions_and_passages_under_their_headings(start: Start) -> None:
    [course] = with_headings(start, PAGES, (), Nobody()).beside
    assert list(course.classes) == ["care#Washing", "care#Drying"]
    assert course.texts[:3] == (WASH, "which softener", DRY)
    assert len(course.texts) == 5  # and the two passages that anybody asks for
    assert course.targets.argmax(axis=1).tolist() == [0, 0, 1, 0, 1]
    assert course.points.shape == (5, start.encoder.dim)


def test_examples_and_what_the_gate_asks_are_not_learned_so(start: Start) -> None:
    own = start.examples[0].text
    pages = [replace(PAGES[0], asked=(WASH, own.upper(), "which softener")), *PAGES[1:]]
    [course] = with_headings(start, pages, {normalised("Which  SOFTENER")}, Nobody()).beside
    assert not {own.upper(), "which softener"} & {*course.texts}
    assert WASH in course.texts


def test_one_heading_alone_is_nothing_to_learn(start: Start) -> None:
    assert with_headings(start, PAGES[:1], (), Nobody()).beside == ()
    assert with_headings(start, PAGES[:2], {normalised(DRY)}, Nobody()).beside == ()


def test_there_is_no_more_of_it_than_of_examples(start: Start) -> None:
    many = tuple(f"question {n}" for n in range(2 * len(start.examples)))
    pages = [replace(PAGES[0], asked=many), PAGES[1]]
    [course] = with_headings(start, pages, (), Nobody()).beside
    assert len(course.texts) == len(course.points) == len(course.weights) == len(start.examples)
    assert np.unique(course.targets.argmax(axis=1)).tolist() == [0, 1]
