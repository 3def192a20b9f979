"""What may be quoted of a passage."""
# ruff: noqa: RUF001 - Chinese has its own punctuation

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.quotes import quotes

PAGES = sorted((Path(__file__).parents[2] / "bot" / "demo" / "desk" / "pages").glob("*.md"))


def test_sentences_list_items_and_rows_are_pieces() -> None:
    text = (
        "We ship to Norway, e.g. Bergen. It takes 5 days!\n"
        "Really.\n\n"
        "- Express: within the EU only\n"
        "- Parcel shops: not in Norway. On request\n  in the UK\n"
        "1. First\n\n"
        "| Land | Days |\n|---|---|\n| Norway | 5 |\n\n"
        "The end"
    )
    assert quotes(text) == [
        "We ship to Norway, e.g. Bergen.",
        "It takes 5 days!",
        "Really.",
        "Express: within the EU only",
        "Parcel shops: not in Norway.",
        "On request\n  in the UK",
        "First",
        "| Land | Days |",
        "| Norway | 5 |",
        "The end",
    ]


def test_chinese_sentences_end_at_their_own_marks() -> None:
    assert quotes("七天无理由退货。运费谁付？我们付！", "zh") == [
        "七天无理由退货。",
        "运费谁付？",
        "我们付！",
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.stem))
def test_every_piece_of_a_page_occurs_in_it(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    found = quotes(text)
    assert len(found) > 8
    assert all(piece in text for piece in found)


@settings(deadline=None)
@given(st.text(alphabet="ab.- \n|:!1)*?。", max_size=80))
def test_every_piece_of_any_text_occurs_in_it_in_order(text: str) -> None:
    place = 0
    for piece in quotes(text):
        place = text.index(piece, place) + len(piece)
        assert piece.strip() == piece != ""
