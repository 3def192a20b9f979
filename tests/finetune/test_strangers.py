"""Messages too strange to be guessed about."""

from __future__ import annotations

import numpy as np

from finetune.strangers import familiar
from retrieval.prediction import Floats2d, Ints1d

SIZES = (30, 30, 2, 1)


def around(intents: Ints1d, seed: int) -> Floats2d:
    rng = np.random.default_rng(seed)
    rows = np.eye(12, dtype=np.float32)[intents] + 0.15 * rng.normal(size=(len(intents), 12))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


INTENTS = np.repeat(np.arange(4), SIZES)
KNOWN = around(INTENTS, 0)
ASKED = np.arange(len(INTENTS))


def test_what_resembles_no_intent_is_left_out_and_nearly_all_else_is_kept() -> None:
    strange = around(np.full(40, 9), 1)
    same = around(np.repeat([0, 1], 100), 2)
    rows = familiar(KNOWN, INTENTS, ASKED, np.vstack([strange, same]))
    assert rows.min() >= len(strange)
    assert len(rows) > 0.9 * len(same)


def test_an_example_is_no_witness_for_itself() -> None:
    """Of two that lie apart each would find itself near; a message like neither is strange all the same."""
    pair = np.eye(12, dtype=np.float32)[[0, 0, 1, 1]]
    rows = familiar(pair, np.asarray([0, 0, 1, 1]), np.arange(4), around(np.full(9, 5), 3))
    assert not len(rows)


def test_names_alone_judge_nobody() -> None:
    messages = around(np.full(5, 9), 4)
    assert familiar(KNOWN, INTENTS, np.zeros(0, np.int64), messages).tolist() == list(range(5))
    alone = np.arange(3)
    assert familiar(KNOWN[:3], alone, alone, messages).tolist() == list(range(5))


def test_without_messages_there_are_none() -> None:
    assert not len(familiar(KNOWN, INTENTS, ASKED, np.zeros((0, 12), np.float32)))
