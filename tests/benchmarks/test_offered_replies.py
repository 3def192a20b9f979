"""What the benchmark of suggested replies calls a leak is one, and its table compares what was said with what was right."""

from __future__ import annotations

import pytest

from benchmarks.assist import NAMES, OPERATORS, STREETS, Likely, _leaks


@pytest.mark.parametrize(
    "text",
    [
        f"Hello {NAMES[0].split()[0]}, it rains.",
        "I noted PP-318842 for you.",
        "I wrote to maren12@post.example.",
        f"It is done.{STREETS}",
    ],
)
def test_what_is_another_customers_is_a_leak(text: str) -> None:
    assert _leaks(text, "where is my order")


def test_the_shops_own_words_and_the_customers_own_number_are_none() -> None:
    assert not _leaks("It starts with PP-204817 or so.", "where is my order")
    assert not _leaks("I noted PP-318842.", "where is my order PP-318842")
    assert all("{text}" in words for words in OPERATORS.values())


def test_likelihoods_are_compared_with_what_was_right() -> None:
    likely = Likely([(0.95, True), (0.97, True), (0.6, False), (0.6, True)])
    assert likely.rows() == [
        "| 50% to 75% | 2 | 60.0% | 50.0% |",
        "| 90% to 100% | 2 | 96.0% | 100.0% |",
    ]
