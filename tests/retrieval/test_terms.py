"""The terms that a text is searched by."""
# ruff: noqa: RUF001 - full-width forms are what is tested

from __future__ import annotations

import pytest

from retrieval.terms import terms


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Where's my parcel?", "where are my parcels"),
        ("returning a coat", "the coat was returned"),
        ("ＰＰ－１２３４", "pp-1234"),
        ("請問退貨運費誰付", "退货运费"),
        ("refund一下", "怎么refund"),
    ],
)
def test_what_means_the_same_shares_terms(one: str, other: str) -> None:
    assert set(terms(one)) & set(terms(other))


def test_words_are_cut_to_stems_in_their_language() -> None:
    assert terms("deliveries delivered") == ["deliveri", "deliv"]
    assert terms("Lieferungen", "de") == terms("Lieferung", "de")
    assert terms("deliveries", "xx") == ["deliveries"]


def test_chinese_is_cut_into_words_and_pairs() -> None:
    found = terms("大红袍多少钱")
    assert "大红袍" in found
    assert "袍多" in found  # no word, but part of names that no dictionary knows


def test_japanese_and_thai_are_cut_into_pairs() -> None:
    assert "どこ" in terms("どこですか")
    assert len(terms("ราคาเท่าไหร่")) > 3


def test_curly_apostrophes_are_straight_ones() -> None:
    assert terms("isn\u2019t") == terms("isn't")


def test_punctuation_alone_has_no_terms() -> None:
    assert terms("?! … 🙂") == []
