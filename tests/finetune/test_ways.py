"""Ways to learn: what each makes of some examples and messages."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from finetune.progress import Nobody
from finetune.training import Plan
from finetune.ways import Start, Way, learn, meanings
from tests import tiny

EXAMPLES = tiny.examples()
EVERYTHING = np.arange(len(EXAMPLES))
PLAN = Plan(epochs=1, rate=2e-4, layers=1)


def test_learning_the_frozen_way_leaves_encoder_and_points(start: Start) -> None:
    learned = learn(start, EVERYTHING, Way(), Nobody())
    assert learned.encoder is start.encoder
    assert learned.points is start.points
    assert learned.head.classes == tuple(sorted({e.intent for e in EXAMPLES}))


def test_learning_the_tuned_way_gives_the_points_of_the_tuned_encoder(start: Start) -> None:
    learned = learn(start, EVERYTHING, Way(replace(PLAN, epochs=6)), Nobody())
    again = learned.encoder.encode([e.text for e in EXAMPLES])
    np.testing.assert_allclose(learned.points, start.centre.points(again), atol=1e-5)
    assert not np.allclose(learned.points, start.points, atol=1e-2)


def test_a_student_reads_texts_as_its_teacher_does_not(poor: Start) -> None:
    rows = np.arange(len(poor.examples))
    teacher = learn(poor, rows, Way(PLAN), Nobody())
    student = learn(poor, rows, Way(PLAN, self_taught=True), Nobody(), teacher=teacher)
    assert student.head.classes == teacher.head.classes
    assert not np.allclose(student.points, teacher.points, atol=1e-3)


def test_a_teacher_need_not_be_at_hand(poor: Start) -> None:
    rows = np.arange(len(poor.examples))
    way = Way(PLAN, self_taught=True)
    teacher = learn(poor, rows, Way(PLAN), Nobody())
    one = learn(poor, rows, way, Nobody(), teacher=teacher)
    two = learn(poor, rows, way, Nobody())
    np.testing.assert_array_equal(one.points, two.points)


def test_without_messages_self_teaching_changes_nothing(start: Start) -> None:
    one, two = (learn(start, EVERYTHING, Way(None, taught), Nobody()) for taught in (True, False))
    np.testing.assert_array_equal(one.head.weight, two.head.weight)


def test_a_message_that_reads_like_an_example_means_the_same(poor: Start) -> None:
    known = [row for row, e in enumerate(poor.examples) if e.intent]
    texts = [poor.examples[row].text for row in known]
    echo = replace(poor, messages=texts, message_points=poor.points[known])
    assert meanings(echo) == [poor.examples[row].intent for row in known]
