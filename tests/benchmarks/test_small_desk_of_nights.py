"""The small desk that nights are tried on, and the labels that an order needs."""

from __future__ import annotations

import numpy as np

from benchmarks import labelless
from benchmarks.badnights import NIGHTS, QUICK, WITHOUT
from benchmarks.labelless import Pool, orders
from benchmarks.smalldesk import EXAMPLES, MESSAGES, Texts
from finetune.examples import normalised


def test_what_is_learned_sent_asked_and_kept_are_different_texts() -> None:
    texts = Texts.of()
    assert len(texts.intents) == 19
    uses = (texts.examples, texts.messages, texts.kept, texts.held_out)
    words = [{normalised(e.text) for e in use} for use in uses]
    assert sum(map(len, words)) == len(set().union(*words))
    assert len([e for e in texts.examples if e.intent]) == 19 * EXAMPLES
    assert len(texts.messages) == 19 * MESSAGES
    assert {e.intent for e in texts.kept} == {e.intent for e in texts.foreign} == {*texts.intents}


def test_there_are_twelve_bad_nights() -> None:
    assert len(NIGHTS) == 12
    assert {*QUICK, *WITHOUT} < set(NIGHTS)


def test_both_orders_label_what_is_in_the_pool_until_it_is_good_enough() -> None:
    chance = np.random.default_rng(0)
    centres = np.eye(3, 8, dtype=np.float32)
    truth = np.repeat(np.arange(3), 20)
    points = centres[truth] + 0.05 * chance.standard_normal((60, 8)).astype(np.float32)
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    drawn = chance.permutation(60)
    named = np.full((3, 8), 8**-0.5, dtype=np.float32)  # names that say nothing
    pool = Pool(("a", "b", "c"), points, truth, drawn[12:], drawn[:12], named, np.arange(3))
    for order, choose in orders(pool, seed=0).items():
        course = labelless.label_until_enough(pool, order, 0, choose, 4, everything=1.0)
        assert course.labels == list(range(0, 4 * len(course.labels), 4))
        assert min(course.accuracies[-2:]) >= 0.95
        assert course.needed == course.labels[-1] < 48
