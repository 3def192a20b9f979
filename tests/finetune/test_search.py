"""The plans that are tried."""

from __future__ import annotations

from dataclasses import replace

from finetune.search import FEW, MANY, Search, default_plan, student_plan
from finetune.training import Plan


def proposed(seed: int, *, rank: int = 0) -> list[Plan]:
    """Ten plans of a search that likes six epochs and a rate near 3e-4."""
    search = Search(default_plan(6, 500, rank=rank), 6, seed)
    plans = []
    for _ in range(10):
        plan = search.next()
        search.hear(abs(plan.epochs - 6) / 10 + abs(plan.rate - 3e-4) * 1e3)
        plans.append(plan)
    return plans


def test_the_default_comes_first_and_others_follow() -> None:
    plans = proposed(0)
    assert plans[0] == default_plan(6, 500)
    assert len(set(plans)) > 5
    assert all(1 <= plan.layers <= 6 and plan.rank == 0 for plan in plans)


def test_the_same_seed_proposes_the_same() -> None:
    assert proposed(3) == proposed(3)
    assert proposed(3) != proposed(4)


def test_the_more_examples_the_less_often_each_is_seen() -> None:
    epochs = [default_plan(6, count).epochs for count in (FEW - 1, FEW, MANY)]
    assert epochs == sorted(set(epochs), reverse=True)


def test_additions_of_low_rank_stay_so_and_learn_faster() -> None:
    assert {plan.rank for plan in proposed(0, rank=8)} == {8}
    assert default_plan(6, 500, rank=8).rate > default_plan(6, 500).rate


def test_a_student_goes_through_thousands_of_guesses_once() -> None:
    plan = default_plan(6, 500)
    assert student_plan(plan, 10_000) == replace(plan, epochs=1, slips=0.0)
    assert student_plan(plan, 600).epochs == plan.epochs


def test_a_small_set_is_read_with_slips_and_a_large_one_as_it_is() -> None:
    assert default_plan(6, FEW - 1).slips > 0
    assert default_plan(6, FEW).slips == 0
