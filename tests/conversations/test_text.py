"""Text as it is stored and as it is searched."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.text import matching, normalised, printable, searchable


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("plain", "plain"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("Windows\r\nline", "Windows\nline"),
        ("nul\x00, bell\x07, escape\x1b[31m", "nul, bell, escape[31m"),
        ("half \ud83d of a pair", "half \ufffd of a pair"),
        (
            "whole 😀, right to left \u202e, joined \u200d",
            "whole 😀, right to left \u202e, joined \u200d",
        ),
    ],
)
def test_what_cannot_be_stored_is_replaced_or_removed(text: str, stored: str) -> None:
    assert printable(text) == stored


@given(st.text(st.characters(categories=None)))
def test_any_string_becomes_storable_and_stays_so(text: str) -> None:
    once = printable(text)
    assert printable(once) == once
    assert once.encode("utf-8").decode("utf-8") == once
    assert not set(once) & {chr(c) for c in range(32) if chr(c) not in "\n\t"}


@given(st.text(st.characters(categories=None)))
def test_any_string_is_a_legal_query(query: str) -> None:
    with sqlite3.connect(":memory:") as connection:
        connection.execute("CREATE VIRTUAL TABLE said USING fts5 (text)")
        connection.execute("SELECT * FROM said WHERE said MATCH ?", (matching(query) or '""',))
    connection.close()


def test_a_query_is_quoted_word_by_word_and_its_last_word_may_be_unfinished() -> None:
    assert matching('parcel "NOT" her') == '"parcel" """NOT""" "her"*'
    assert matching(" \n ") == ""


def test_scripts_without_spaces_are_searched_by_character() -> None:
    assert searchable("退款 please").split() == ["退", "款", "please"]


@pytest.mark.parametrize(
    "other", ["where is my parcel", "WHERE is my  parcel?!", "Where is my parcel"]
)
def test_case_spacing_and_punctuation_do_not_distinguish_texts(other: str) -> None:
    assert normalised("Where is my parcel?") == normalised(other)


def test_texts_without_a_word_are_still_told_apart() -> None:
    assert normalised("👍") != normalised("👎")
