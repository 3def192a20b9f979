"""The choice between ways to learn: by what wins on texts that were not learned."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from finetune.examples import Example
from finetune.progress import Advance, Nobody
from finetune.regimes import Trial, choose
from finetune.training import Plan
from finetune.ways import Start, Way, learn, meanings
from retrieval.encoder import Encoder
from retrieval.head import centred
from retrieval.prediction import Floats1d
from tests import tiny

EXAMPLES = tiny.examples()
EVERYTHING = np.arange(len(EXAMPLES))


class Enough(Exception):
    """Somebody has seen that the search goes on."""


class Impatient(Nobody):
    """Whoever leaves when a third plan is tried."""

    def __init__(self) -> None:
        self._tried = 0

    @contextmanager
    def stage(self, name: str) -> Iterator[Advance]:
        self._tried += name.startswith("trying")
        if self._tried == 3:
            raise Enough
        yield lambda done, total: None


class Told(Nobody):
    """Whoever remembers what was said."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, sentence: str) -> None:
        self.lines.append(sentence)


@pytest.fixture(scope="module")
def start(tiny_encoder: Path) -> Start:
    encoder = Encoder.load(str(tiny_encoder))
    vectors = encoder.encode([e.text for e in EXAMPLES])
    mean: Floats1d = vectors.mean(axis=0)
    return Start(encoder, mean, centred(vectors, mean), EXAMPLES, seed=0)


@pytest.fixture(scope="module")
def trials(start: Start) -> list[Trial]:
    return choose(start, fast=False, search=0, watch=Nobody())


def fast(start: Start) -> Trial:
    [trial] = choose(start, fast=True, search=0, watch=Nobody())
    return trial


def test_the_fast_way_keeps_the_encoder_and_judges_every_example(start: Start) -> None:
    trial = fast(start)
    assert trial.way.regime == "frozen"
    assert set(trial.judged.rows.tolist()) == set(range(len(EXAMPLES)))


def test_the_way_that_learns_most_wins_unless_another_beats_it_beyond_chance(
    trials: list[Trial],
) -> None:
    by_regime = {trial.way.regime: trial for trial in trials}
    assert set(by_regime) == {"frozen", "fine-tuned"}
    lead = by_regime["fine-tuned"].losses - by_regime["frozen"].losses
    beaten = lead.mean() > lead.std(ddof=1) / len(lead) ** 0.5
    assert trials[0].way.regime == ("frozen" if beaten else "fine-tuned")


def test_a_search_tries_more_plans_while_it_has_time(start: Start) -> None:
    with pytest.raises(Enough):
        choose(start, fast=False, search=60, watch=Impatient())


def test_without_a_search_one_plan_is_tried(trials: list[Trial]) -> None:
    assert len({trial.way.plan for trial in trials if trial.way.plan}) == 1


def test_learning_the_frozen_way_leaves_encoder_and_points(start: Start) -> None:
    learned = learn(start, EVERYTHING, Way(), Nobody())
    assert learned.encoder is start.encoder
    assert learned.points is start.points
    assert learned.head.classes == tuple(sorted({e.intent for e in EXAMPLES}))


def test_learning_the_tuned_way_gives_the_points_of_the_tuned_encoder(
    start: Start, trials: list[Trial]
) -> None:
    way = next(trial.way for trial in trials if trial.way.plan)
    learned = learn(start, EVERYTHING, way, Nobody())
    again = learned.encoder.encode([e.text for e in EXAMPLES])
    np.testing.assert_allclose(learned.points, centred(again, start.mean), atol=1e-5)
    assert not np.allclose(learned.points, start.points, atol=1e-2)


def test_how_far_an_example_is_trusted_matters(start: Start) -> None:
    doubted = [Example(e.text, e.intent, 0.3 if n % 2 else 1.0) for n, e in enumerate(EXAMPLES)]
    assert fast(start).loss != fast(replace(start, examples=doubted)).loss


@pytest.fixture(scope="module")
def poor(start: Start) -> Start:
    """Three examples an intent; the others came without a label."""
    few = [n for n, e in enumerate(EXAMPLES) if n % 8 < 3]
    rest = [n for n, e in enumerate(EXAMPLES) if n % 8 >= 3 and e.intent]
    return replace(
        start,
        points=start.points[few],
        examples=[EXAMPLES[n] for n in few],
        messages=[EXAMPLES[n].text for n in rest],
        message_points=start.points[rest],
    )


@pytest.mark.parametrize(
    ("fast", "regimes"),
    [
        (True, {"frozen", "self-taught"}),
        (False, {"frozen", "self-taught", "fine-tuned", "fine-tuned, self-taught"}),
    ],
)
def test_with_messages_every_way_is_tried_with_and_without_them(
    poor: Start, fast: bool, regimes: set[str]
) -> None:
    trials = choose(poor, fast=fast, search=0, watch=Nobody())
    assert {trial.way.regime for trial in trials} == regimes


def test_all_ways_are_judged_on_the_same_texts(poor: Start) -> None:
    trials = choose(poor, fast=False, search=0, watch=Nobody())
    judged = {tuple(trial.judged.rows.tolist()) for trial in trials}
    assert len(judged) == 1


def test_a_student_reads_texts_as_its_teacher_does_not(poor: Start) -> None:
    rows = np.arange(len(poor.examples))
    plan = Plan(epochs=1, rate=2e-4, layers=1)
    teacher = learn(poor, rows, Way(plan), Nobody())
    student = learn(poor, rows, Way(plan, self_taught=True), Nobody(), teacher=teacher)
    assert student.head.classes == teacher.head.classes
    assert not np.allclose(student.points, teacher.points, atol=1e-3)


def test_a_teacher_need_not_be_at_hand(poor: Start) -> None:
    rows = np.arange(len(poor.examples))
    way = Way(Plan(epochs=1, rate=2e-4, layers=1), self_taught=True)
    teacher = learn(poor, rows, replace(way, self_taught=False), Nobody())
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
