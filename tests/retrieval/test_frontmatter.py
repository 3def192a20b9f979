"""Front matter: taken off a page, and nothing else with it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.frontmatter import joined, split, web_address


def test_fields_stand_between_two_fences() -> None:
    page = "---\ntitle: Wool: care\nurl: 'https://a.example/w'\n# a comment\nempty:\n---\n# Wool\n"
    fields = {"title": "Wool: care", "url": "https://a.example/w", "empty": ""}
    assert split(page) == (fields, "# Wool\n")


@pytest.mark.parametrize(
    "page",
    [
        "# Wool\n\n---\na: b\n---\n",
        "---\n\nWords between two rules.\n\n---\n",
        "---\nWords first.\n---\n",
        "---\na: b\nno end",
        "---\na: b\nand words\n---\n",
        "---",
        "",
    ],
)
def test_a_page_that_only_begins_with_a_rule_is_all_text(page: str) -> None:
    assert split(page) == ({}, page)


WORDS = st.text(alphabet="abc: '-#", min_size=1).map(lambda text: f"x{text}x")


@given(st.dictionaries(st.sampled_from(["url", "source", "title"]), WORDS), st.text())
def test_what_is_joined_is_taken_apart_again(fields: dict[str, str], text: str) -> None:
    if fields:
        tidy = {key: " ".join(value.split()) for key, value in fields.items()}
        assert split(joined(fields, text)) == (tidy, f"\n{text}")


def test_a_value_cannot_end_the_front_matter() -> None:
    page = joined({"source": "a\n---\n# Evil.md"}, "Text.")
    assert split(page) == ({"source": "a --- # Evil.md"}, "\nText.")


@pytest.mark.parametrize(
    "value", ["javascript:alert(1)", "/returns/", "https://a.example/ b", "ftp://a.example", ""]
)
def test_only_web_addresses_become_links(value: str) -> None:
    assert web_address(value) == ""
    assert web_address("https://a.example/b?c=d#e") == "https://a.example/b?c=d#e"
