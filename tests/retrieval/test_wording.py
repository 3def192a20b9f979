"""Whether a message is worded like the examples of an intent."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.wording import Wording

TEXTS = ["Where is my parcel?", "My parcel is late", "Refund my money", "退货要多久"]
LEARNED = Wording.of(TEXTS, np.asarray([0, 0, 1, 2]), 3)


def familiar(text: str, row: int) -> float:
    return float(LEARNED.familiar([text], np.asarray([row]))[0])


def test_an_example_is_worded_like_its_intent_and_less_like_another() -> None:
    assert familiar("WHERE is my   parcel", 0) == 1
    assert 0 < familiar("where is my parcel", 1) < 0.5


def test_what_is_new_in_a_message_counts_more_than_what_every_message_has() -> None:
    assert familiar("where is my zebra", 0) < familiar("where is the parcel", 0)


def test_a_slip_of_the_fingers_leaves_most_of_the_wording() -> None:
    assert familiar("where is my pacel", 0) > 0.7


def test_words_without_spaces_are_known_by_their_parts() -> None:
    assert familiar("退货要多少钱", 2) > 0.25 > 0.1 > familiar("发票在哪里", 2)


def test_letters_count_however_they_are_encoded() -> None:
    learned = Wording.of(["¿Dónde está mi envío?"], np.asarray([0]), 1)
    for form in ("NFC", "NFD", "NFKC"):
        text = unicodedata.normalize(form, "¿Dónde está mi envío?")
        assert learned.familiar([text], np.asarray([0]))[0] == 1


@pytest.mark.parametrize("text", ["", "?!", "🙂"])
def test_what_has_no_words_is_not_familiar(text: str) -> None:
    assert familiar(text, 0) < 0.1


def test_an_example_of_no_class_is_nobodys_wording() -> None:
    learned = Wording.of(["apple", "pear"], np.asarray([-1, 0]), 1)
    assert learned.familiar(["apple"], np.asarray([0]))[0] < 0.2


@given(st.text(max_size=40), st.integers(0, 2))
def test_a_share_is_a_share(text: str, row: int) -> None:
    assert 0 <= familiar(text, row) <= 1
