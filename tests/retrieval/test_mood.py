"""How a message sounds: English by its words, and how often that is right."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import mood as bench
from retrieval.mood import (
    FIGURES,
    NEGATIVE,
    NEUTRAL,
    POSITIVE,
    Measured,
    by_lexicon,
    english,
    measured_english,
    mood_of,
)


@pytest.mark.parametrize(
    ("text", "mood"),
    [
        ("I'm still waiting for an answer", NEGATIVE),
        ("this is the third time I write", NEGATIVE),
        ("useless", NEGATIVE),
        ("no thanks to you I found it myself", NEGATIVE),
        ("I am not happy with this", NEGATIVE),
        ("thanks for nothing", NEGATIVE),
        ("The coat is nice but nobody answers my mails", NEGATIVE),
        ("my parcel was stolen and the box is damaged", NEUTRAL),
        ("I want to cancel my order", NEUTRAL),
        ("Where is my order? Thanks", NEUTRAL),
        ("no", NEUTRAL),
        ("", NEUTRAL),
        ("not bad at all", POSITIVE),
        ("no thanks, that was very helpful", POSITIVE),
        ("I love it!", POSITIVE),
    ],
)
def test_a_complaint_sounds_bad_and_a_report_of_trouble_does_not(text: str, mood: str) -> None:
    assert mood_of(english(text)) == mood


def test_emphasis_capitals_and_marks_are_heard() -> None:
    plain = english("the service is awful")
    assert english("the service is really awful") < plain
    assert english("the service is AWFUL") < plain
    assert english("the service is awful!!!") < plain


@given(st.text(max_size=300))
def test_any_text_has_a_score_between_minus_one_and_one(text: str) -> None:
    assert -1.0 <= english(text) <= 1.0


def test_only_a_language_with_a_lexicon_is_told_by_it() -> None:
    assert by_lexicon("This is awful", "en") == english("This is awful")
    assert by_lexicon("太差了", "zh") is None


def test_the_stated_accuracy_is_the_measured_one() -> None:
    assert bench.by_lexicon() == json.loads(FIGURES.read_text(encoding="utf-8"))["en"]
    assert measured_english().accuracy > 0.9


def test_an_accuracy_lies_within_its_interval() -> None:
    low, high = Measured(9, 10).interval()
    assert low == pytest.approx(0.596, abs=0.001)  # Wilson's, as statsmodels gives it
    assert high == pytest.approx(0.982, abs=0.001)
    assert Measured(0, 0).interval() == (0.0, 1.0)
