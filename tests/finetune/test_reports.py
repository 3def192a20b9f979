"""What an owner reads."""

from __future__ import annotations

from finetune.evaluation import Outcome, evaluate
from finetune.reports import summary

ASKED = [
    *[Outcome("refund", "refund", 0.9, True)] * 6,
    *[Outcome("repair", "refund", 0.6, True)] * 2,
    *[Outcome("repair", "repair", 0.6, False)] * 2,
    Outcome("", "refund", 0.2, True),
    Outcome("", "refund", 0.1, False),
]


def test_a_summary_says_what_is_right_wrong_and_confused() -> None:
    lines = summary(evaluate(ASKED)).splitlines()
    assert lines[:4] == [
        "questions            12 (10 in scope)",
        "accuracy, in scope   80.00%   macro F1 0.7619",
        "answered             75.00%   of these wrong 33.33%",
        "out of scope         50.00% answered all the same",
    ]
    assert lines[-2:] == [
        "weakest intents      repair 0.67, refund 0.86",
        "confused             repair taken for refund, 2 times",
    ]


def test_a_perfect_reading_has_no_weakest_intent() -> None:
    said = summary(evaluate([Outcome("a", "a", 0.9, True)]))
    assert "weakest" not in said
    assert "out of scope" not in said
