"""Folds, as laws: nobody judges what he learned from, and everybody is judged."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from finetune.examples import Example
from finetune.splits import ENOUGH_OUTSIDE, FOLDS, folds
from retrieval.prediction import OUT_OF_SCOPE


def asked(intents: Sequence[str]) -> list[Example]:
    return [Example(f"question {row}", intent) for row, intent in enumerate(intents)]


INTENTS = st.lists(st.sampled_from(["a", "b", "c", "d", "e", OUT_OF_SCOPE]), max_size=30).map(
    lambda drawn: [*drawn, "a", "b", *reversed(drawn), "b", "a"]  # each at least twice
)
SEEDS = st.integers(0, 1000)


@given(INTENTS, SEEDS)
def test_every_row_is_judged_and_never_by_who_learned_it(intents: list[str], seed: int) -> None:
    split = folds(asked(intents), seed)
    assert len(split) == FOLDS
    judged = np.concatenate([fold.judge for fold in split])
    assert set(judged.tolist()) == set(range(len(intents)))
    for fold in split:
        both = np.concatenate([fold.learn, fold.judge])
        assert sorted(both.tolist()) == list(range(len(intents)))


@given(INTENTS, SEEDS)
def test_a_hidden_intent_is_learned_nowhere_in_its_fold(intents: list[str], seed: int) -> None:
    for fold in folds(asked(intents), seed):
        learned = {intents[row] for row in fold.learn}
        assert not learned & fold.hidden
        assert OUT_OF_SCOPE not in fold.hidden
        assert len(learned - {OUT_OF_SCOPE}) >= 2
        visible = {i for i in intents if intents.count(i) >= 2} - fold.hidden
        assert visible <= learned


@given(INTENTS, SEEDS)
def test_the_same_intents_give_the_same_folds(intents: list[str], seed: int) -> None:
    for one, two in zip(folds(asked(intents), seed), folds(asked(intents), seed), strict=True):
        np.testing.assert_array_equal(one.learn, two.learn)
        np.testing.assert_array_equal(one.judge, two.judge)
        assert one.hidden == two.hidden


def test_every_intent_is_dealt_evenly() -> None:
    intents = ["a"] * 50 + ["b"] * 10 + [OUT_OF_SCOPE] * ENOUGH_OUTSIDE
    for fold in folds(asked(intents), 3):
        judged = [intents[row] for row in fold.judge]
        assert (judged.count("a"), judged.count("b"), judged.count("")) == (10, 2, 10)


def test_a_desk_with_few_strangers_borrows_some_from_its_intents() -> None:
    intents = [f"i{number}" for number in range(20) for _ in range(5)]
    assert all(len(fold.hidden) == 2 for fold in folds(asked(intents), 0))
    assert not any(
        fold.hidden for fold in folds(asked([*intents, *[OUT_OF_SCOPE] * ENOUGH_OUTSIDE]), 0)
    )


def test_two_intents_are_never_made_one() -> None:
    assert not any(fold.hidden for fold in folds(asked(["a", "a", "b", "b"]), 0))


def test_what_an_intent_is_called_is_learned_where_it_is_known_and_judged_nowhere() -> None:
    examples = [*asked([f"i{number}" for number in range(20) for _ in range(5)])]
    examples += [Example(f"called {number}", f"i{number}", hint=True) for number in range(20)]
    for fold in folds(examples, 0):
        assert not any(examples[row].hint for row in fold.judge)
        learned = {examples[row].intent for row in fold.learn if examples[row].hint}
        assert learned == {f"i{number}" for number in range(20)} - fold.hidden


def test_what_visitors_teach_is_learned_in_every_fold_that_knows_the_intent_and_judged_in_none() -> (
    None
):
    curated = asked([f"i{number}" for number in range(20) for _ in range(5)])
    praised = [
        Example(f"praised {number}", f"i{number}", weight=0.3, fair=False) for number in range(20)
    ]
    for fold in folds([*curated, *praised], 0):
        assert max(fold.judge) < len(curated)
        learned = {row - len(curated) for row in fold.learn if row >= len(curated)}
        assert {f"i{number}" for number in learned} == {e.intent for e in praised} - fold.hidden
