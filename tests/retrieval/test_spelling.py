"""Mistyped words are read as they were meant, and nothing else is touched."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finetune.slips import slipped
from retrieval.spelling import Speller, lexicon, one_slip

DESK = ("Where is my package?", "Return a package", "can I track the parcel", "waterproof boots")


@pytest.fixture(scope="module")
def speller() -> Speller:
    return Speller(DESK, {"tack", "where", "parsley"})


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("wehre is my pakage", "where is my package"),
        ("where is my pacakge", "where is my package"),
        ("where is my packagge", "where is my package"),
        ("where is my oackage", "where is my package"),
        ("WHERE IS MY PACKAGW?!", "WHERE IS MY package?!"),
        ("tack the parcel PP-204817", "tack the parcel PP-204817"),  # a word of its own
        ("trak the parcle", "track the parcel"),
        ("un paquet, s'il vous plait", "un paquet, s'il vous plait"),
        ("包裹在哪里", "包裹在哪里"),
        ("", ""),
    ],
)
def test_a_word_is_repaired_only_where_one_slip_makes_it_a_word_of_the_desk(
    speller: Speller, typed: str, meant: str
) -> None:
    assert speller.repaired(typed) == meant


def test_the_words_of_a_language_are_right_as_they_stand() -> None:
    assert {"drips", "carton", "recycle"} <= lexicon("en")
    assert not {"pakage", "wher"} & lexicon("en")
    assert "schuhe" in lexicon("de")
    assert lexicon("zh") == lexicon("") == frozenset()


def test_of_several_the_commonest_is_meant() -> None:
    assert Speller(["boats", "boots", "boots"]).repaired("bopts boits") == "boots boots"


def test_scripts_without_capital_letters_are_left_alone() -> None:
    assert Speller(["怎么退款", "أين طردي"]).repaired("怎么退货 أين طردك") == "怎么退货 أين طردك"


@given(text=st.text(st.characters(categories=["L", "N", "P", "Z"]), max_size=60))
def test_what_the_desk_writes_stays_and_what_is_repaired_stays_so(text: str) -> None:
    assert Speller([text]).repaired(text) == text
    speller = Speller(DESK)
    once = speller.repaired(text)
    assert speller.repaired(once) == once


@given(seed=st.integers(0, 2**16))
def test_a_slip_of_the_fingers_within_a_word_is_one_slip(seed: int) -> None:
    typed = slipped("waterproof", np.random.default_rng(seed))
    assert typed == "waterproof" or one_slip(typed, "waterproof")
    assert one_slip("waterproof", typed) == one_slip(typed, "waterproof")
    assert not one_slip(typed + "xy", "waterproof")
