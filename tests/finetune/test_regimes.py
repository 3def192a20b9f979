"""The choice between ways to learn: by what wins on texts that were not learned."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from finetune.examples import Example
from finetune.progress import Advance, Nobody
from finetune.regimes import Trial, choose, winner
from finetune.ways import Start
from tests import tiny

EXAMPLES = tiny.examples()


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


def test_a_way_that_learns_less_must_win_beyond_chance(trials: list[Trial]) -> None:
    rng = np.random.default_rng(0)
    losses = rng.gamma(1.0, size=400)
    richest, level, better = (
        replace(trials[0], losses=(losses + rng.normal(lead, 0.5, 400)).astype(np.float32))
        for lead in (0, 0.01, -0.2)
    )
    assert winner([level, richest]) is richest
    assert winner([better, level, richest]) is better


def test_where_nothing_was_judged_the_way_that_learns_most_wins(trials: list[Trial]) -> None:
    nothing = [replace(trial, losses=np.zeros(0, np.float32)) for trial in trials]
    assert winner(nothing) is nothing[-1]


def test_names_alone_are_not_worth_tuning_to(poor: Start) -> None:
    named = [replace(e, hint=True) for e in poor.examples]
    trials = choose(replace(poor, examples=named), fast=False, search=0, watch=Nobody())
    assert [trial.way.regime for trial in trials] == ["self-taught", "frozen"]
    assert not len(trials[0].judged.rows)


def test_both_ways_are_tried(trials: list[Trial]) -> None:
    assert {trial.way.regime for trial in trials} == {"frozen", "fine-tuned"}


def test_a_search_tries_more_plans_while_it_has_time(start: Start) -> None:
    with pytest.raises(Enough):
        choose(start, fast=False, search=60, watch=Impatient())


def test_without_a_search_one_plan_is_tried(trials: list[Trial]) -> None:
    assert len({trial.way.plan for trial in trials if trial.way.plan}) == 1


def test_how_far_an_example_is_trusted_matters(start: Start) -> None:
    doubted = [Example(e.text, e.intent, 0.3 if n % 2 else 1.0) for n, e in enumerate(EXAMPLES)]
    assert fast(start).loss != fast(replace(start, examples=doubted)).loss


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
