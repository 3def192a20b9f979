"""Slips of the fingers: still the same message."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finetune.slips import slipped


def slips(text: str, count: int = 200) -> set[str]:
    rng = np.random.default_rng(0)
    return {slipped(text, rng) for _ in range(count)}


@given(st.text(max_size=80), st.integers(0, 2**32))
def test_a_slip_changes_little(text: str, seed: int) -> None:
    after = slipped(text, np.random.default_rng(seed))
    before = text.split()
    assert len(before) - 1 <= len(after.split()) <= len(before)
    assert abs(len("".join(after.split())) - len("".join(before))) <= max(
        map(len, before), default=0
    )


def test_many_kinds_of_slips_happen() -> None:
    found = slips("where is my parcel", 5_000)
    assert {"where my parcel", "is where my parcel", "where is my parcl"} <= found
    assert {"wherre is my parcel", "where is my aprcel", "where is my oarcel"} <= found


@pytest.mark.parametrize("text", ["", "  ", "hi", "ok no"])
def test_what_is_short_stays(text: str) -> None:
    assert slips(text) == {" ".join(text.split())}


def test_the_same_seed_slips_alike() -> None:
    one, two = (slipped("can you repair my coat", np.random.default_rng(7)) for _ in "ab")
    assert one == two


@pytest.mark.parametrize("text", ["怎么退货", "荷物はどこですか", "สินค้าอยู่ไหน"])
def test_what_is_not_typed_letter_by_letter_has_no_slips_of_letters(text: str) -> None:
    rng = np.random.default_rng(0)
    assert {slipped(text, rng) for _ in range(50)} == {text}
