"""Where the words of a search stand in what was found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.views.search import marks


def marked(text: str, query: str) -> list[str]:
    """Return the marked words, cut out as JavaScript would."""
    units = text.encode("utf-16-le", "surrogatepass")
    return [units[2 * a : 2 * b].decode("utf-16-le") for a, b in marks(text, query)]


@pytest.mark.parametrize(
    ("text", "query", "found"),
    [
        ("Where is my parcel?", "parcel", ["parcel"]),
        ("Where is my parcel?", "par", ["parcel"]),  # the last word may be unfinished
        ("Where is my parcel?", "wher parcel", ["parcel"]),
        ("A café. A CAFE.", "cafe", ["café", "CAFE"]),
        ("您好, 我要退款, 请退款", "退款", ["退款", "退款"]),
        ("我要退款", "款", ["款"]),
        ("我要退款", "要退 款", ["要退款"]),
        ("\U0001f422 fast \U0001f422 turtle", "turtle fast", ["fast", "turtle"]),
        ("send an e-mail", "e-mail", ["e-mail"]),
        ("nothing", "", []),
        ("nothing", '"*) OR', []),
    ],
)
def test_words_are_marked_where_they_stand(text: str, query: str, found: list[str]) -> None:
    assert marked(text, query) == found


@given(st.text(), st.text())
def test_marks_lie_within_the_text_and_apart(text: str, query: str) -> None:
    size, at = len(text.encode("utf-16-le", "surrogatepass")) // 2, -1
    for begin, end in marks(text, query):
        assert at < begin < end <= size
        at = end
