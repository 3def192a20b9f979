"""Under which heading a question is answered."""

from __future__ import annotations

import numpy as np
import pytest

from retrieval.head import Head
from retrieval.headings import Headings, headings_asked
from retrieval.passages import Passage

WASHING = Passage("wool", "Wool", "Washing", "By hand.", asked=("may it be boiled",))
COLD = Passage("wool", "Wool", "Washing", "And cold.", asked=("may it be boiled",))
DRYING = Passage("wool", "Wool", "Drying", "Flat.", asked=("on the line",))
SILENT = Passage("boots", "Boots", "", "They are of rubber.")
PASSAGES = (WASHING, COLD, DRYING, SILENT)
EVERY = np.arange(len(PASSAGES))
POINT = np.asarray([1, 0], np.float32)
HEAD = Head(
    headings_asked(PASSAGES), np.asarray([[2, 0], [0, 2]], np.float32), np.zeros(2, np.float32)
)


def test_each_heading_that_says_what_people_ask_is_a_class() -> None:
    assert headings_asked(PASSAGES) == ("wool#Washing", "wool#Drying")


def test_what_is_likelier_than_by_chance_speaks_for_all_passages_of_the_heading() -> None:
    times = 2 / (1 + np.exp(-2))
    speaks = Headings(PASSAGES, HEAD).speaks(POINT, EVERY)
    assert speaks == pytest.approx([np.log(times), np.log(times), 0, 0])


def test_without_a_heading_the_others_are_as_likely_as_if_it_had_never_been() -> None:
    headings = Headings(PASSAGES, HEAD)
    rows = np.asarray([2, 3])
    assert headings.speaks(POINT, rows, np.asarray([0, 1])) == pytest.approx([np.log(2), 0])
    assert headings.speaks(POINT, rows[1:], np.asarray([0, 1, 2])).tolist() == [0]
    assert headings.speaks(POINT, rows, np.asarray([3])) == pytest.approx([0, 0])


def test_where_nothing_was_learned_nothing_is_said() -> None:
    assert Headings(PASSAGES, None).speaks(POINT, EVERY).tolist() == [0, 0, 0, 0]
