"""Which texts nearly say the same, beside a comparison of each with each."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.likeness import TENTHS, Likeness


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Where is my order PP-1?", "where is my order pp 2", True),
        ("where is my parcel", "my parcel, where is it", True),
        ("where is my parcel", "where is my coat", False),
        ("where is my parcel", "when do you open", False),
        ("请问我的包裹什么时候到", "请问我的包裹什么时候能到", True),
        ("请问我的包裹什么时候到", "怎么退货", False),
        ("?!", "?!", True),
        ("", "", False),
    ],
)
def test_texts_that_differ_by_a_word_are_alike(one: str, other: str, alike: bool) -> None:
    found = Likeness([one, other])
    found.add(one)
    assert found.of(other) == alike


@given(st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=9).map(" ".join), max_size=12))
def test_nothing_is_missed_that_a_comparison_of_all_finds(texts: list[str]) -> None:
    found = Likeness(texts)
    for text in texts[:6]:
        found.add(text)
    for text in texts:
        own = {*text.split()}
        others = [{*other.split()} for other in texts[:6]]
        slow = [10 * len(own & other) >= TENTHS * len(own | other) for other in others if own]
        assert found.of(text) == sum(slow)
