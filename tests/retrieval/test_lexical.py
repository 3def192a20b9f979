"""BM25 over texts."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.lexical import K1, B, Lexical, best
from retrieval.terms import terms

TEXTS = (
    "Rubber boots for children grow by two sizes",
    "A waxed coat wants new wax every autumn",
    "Returning a coat costs nothing within thirty days",
    "Parcels to Norway take five days and pass customs",
)


def by_hand(question: str, texts: tuple[str, ...]) -> list[float]:
    """BM25 in Lucene's form over the share of the best score, as the formula says it."""
    held = [terms(text) for text in texts]
    mean = sum(map(len, held)) / len(held)

    def rarity(term: str) -> float:
        count = sum(term in words for words in held)
        return math.log(1 + (len(held) - count + 0.5) / (count + 0.5))

    asked = list(dict.fromkeys(terms(question)))
    whole = sum(map(rarity, asked))
    return [
        sum(
            rarity(t) * words.count(t) / (words.count(t) + K1 * (1 - B + B * len(words) / mean))
            for t in asked
        )
        / whole
        for words in held
    ]


@pytest.mark.parametrize("question", ["return my coat", "norway", "how long do parcels take?"])
def test_scores_are_those_of_the_formula(question: str) -> None:
    found = Lexical(TEXTS).scores(question)
    assert found == pytest.approx(by_hand(question, TEXTS), abs=1e-5)


def test_the_text_that_shares_the_rare_word_comes_first() -> None:
    index = Lexical(TEXTS)
    assert best(index.scores("customs for norway"), 1).tolist() == [3]
    assert best(index.scores("wax"), 2).tolist()[0] == 1


def test_a_question_without_a_known_term_scores_nothing() -> None:
    index = Lexical(TEXTS)
    assert not index.scores("zebra?").any()
    assert best(index.scores("…"), 10).tolist() == [0, 1, 2, 3]


def test_of_no_texts_nothing_is_found() -> None:
    scores = Lexical(()).scores("anything")
    assert scores.shape == best(scores, 3).shape == (0,)


def test_a_term_that_no_text_holds_lowers_the_score() -> None:
    index = Lexical(TEXTS)
    assert index.scores("norway").max() > index.scores("norway zebra").max() > 0


@given(st.text(max_size=40))
@settings(max_examples=60, deadline=None)
def test_scores_are_shares(question: str) -> None:
    found = Lexical(TEXTS).scores(question)
    assert np.isfinite(found).all()
    assert (found >= 0).all()
    assert (found <= 1).all()
