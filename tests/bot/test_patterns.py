"""Patterns that people write: which are let through, and that none of those runs away."""

from __future__ import annotations

import time

import pytest

from bot.intake import MAX_TEXT
from bot.patterns import WAYS, bounded, compiled

PATIENCE = 3.0  # seconds; the slowest of them takes a tenth of it on a busy machine


@pytest.mark.parametrize(
    "pattern",
    [
        r"PP-\d{6}",
        r"(?:PP-)?\d{6}",
        r"[+*]\d{3,15}",
        r"\+\d{3,15}",
        r"(?P<year>\d{4})-\d{2}",
        r"(?<!x)a{,3}b",
        r"(?:red|green|blue)",
        r"(?i:a)b",
    ],
)
def test_a_bounded_pattern_is_let_through(pattern: str) -> None:
    assert bounded(pattern) == pattern


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [
        (r"a+", "needs bounds"),
        (r"\\*\\*\\*", "needs bounds"),  # the backslash is escaped, the star is not
        (r"a{3,}", "needs bounds"),
        (r"(a{1,9}){1,9}", "needs bounds"),
        (r"(a|aa){30}", "needs bounds"),
        (r"(?<!a)(b|c){9}(d>)", "needs bounds"),
        (r"(?x)(a{1,9}) {1,9}", "needs bounds"),
        (r"(?x:(a|a)#c" + "\n" + r"{20})", "needs bounds"),
        (r"a{1,99}a{1,99}b", "9,801"),
        (r"(a|a)" * 15, "32,768"),
        (r"a?" * 20, "1,048,576"),
        (r"[", "no regular expression"),
        (r"a" * 101, "needs bounds"),
    ],
)
def test_a_pattern_that_could_run_away_is_refused(pattern: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        bounded(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        r"-{1,22}-{1,22}b",
        r"(?:-|--)" * 8 + "b",
        r"\W{1,7}\W{1,7}\W{1,7}b",
        r"-?" * 8 + "b",
    ],
)
def test_the_worst_that_is_let_through_is_through_in_time(pattern: str) -> None:
    text = "-" * MAX_TEXT  # no word, at whose beginning alone a match may begin
    begun = time.perf_counter()
    assert compiled(bounded(pattern)).search(text) is None
    assert time.perf_counter() - begun < PATIENCE, f"{WAYS} ways are too many"
