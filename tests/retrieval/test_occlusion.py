"""Occlusion: where the words are, what is left without one, and what it did for the reading."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.occlusion import SPANS, Influence, influences, spans, without
from retrieval.prediction import Prediction
from retrieval.release import Release

LETTER = "I would like to send the boots back please, they are small. " * 69  # 4,140 characters
FAMILY = "👨‍👩‍👧👍🏽"  # two emoji to the eye, seven code points

WORDS = [
    ("Don't e-mail me, please!", ["Don't", "e-mail", "me", "please"]),
    ("PP-204817 costs €50 (3.5 kg)", ["PP-204817", "costs", "€50", "3.5", "kg"]),
    ("coat,boots", ["coat", "boots"]),
    ("where is\nmy order", ["where", "is", "my", "order"]),
    ("我要退货。", ["我", "要", "退", "货"]),
    ("キャンセルしたい", ["キャンセル", "し", "た", "い"]),
    ("iPhone的订单", ["iPhone", "的", "订", "单"]),
    ("कृपया मेरा ऑर्डर", ["कृपया", "मेरा", "ऑर्डर"]),
    ("ที่", ["ที่"]),
    ("주문이 어디에 있나요", ["주문이", "어디에", "있나요"]),
    (f"where is it {FAMILY}!", ["where", "is", "it", FAMILY]),
    (f" {FAMILY} ", [FAMILY]),
    (" ?! ", ["?!"]),
    ("", []),
    (" \n ", []),
]  # fmt: skip

LEFT = [
    ("where is my order", "my", "where is order"),
    ("where is my order", "where", "is my order"),
    ("where is my order", "order", "where is my"),
    ("order, please", "order", ", please"),
    ("我要退货", "退", "我要货"),
    ("cancel的order", "的", "cancel order"),
    ("नमस्ते😡ऑर्डर", "😡", "नमस्ते ऑर्डर"),
    ("refund", "refund", ""),
]


@pytest.mark.parametrize(("text", "words"), WORDS)
def test_words_are_what_a_reader_would_call_words(text: str, words: list[str]) -> None:
    assert [text[start:end] for start, end in spans(text)] == words


@given(st.text(max_size=300))
def test_spans_are_apart_in_order_and_cover_every_letter(text: str) -> None:
    found = spans(text)
    assert len(found) <= SPANS
    edges = [edge for span in found for edge in span]
    assert edges == sorted(edges)
    assert all(text[start:end].strip() for start, end in found)
    covered = {n for start, end in found for n in range(start, end)}
    assert all(n in covered for n, character in enumerate(text) if character.isalnum())
    assert bool(found) == bool(text.strip())


@given(st.text(max_size=100))
def test_what_is_left_has_no_letter_more_and_none_less(text: str) -> None:
    def bare(part: str) -> str:
        return "".join(part.split())

    for start, end in spans(text):
        assert bare(without(text, (start, end))) == bare(text[:start] + text[end:])


@pytest.mark.parametrize(("text", "word", "left"), LEFT)
def test_the_words_around_a_gap_stay_words(text: str, word: str, left: str) -> None:
    start = text.index(word)
    assert without(text, (start, start + len(word))) == left


def test_a_decisive_word_speaks_for_the_intent(tiny_release: Release) -> None:
    text = "the zip is broken"
    found = by_word(text, tiny_release)
    assert found["zip"].score > 0.05
    assert found["zip"].confidence > 0
    assert found["zip"].score > found["is"].score


def test_an_influence_is_the_difference_of_two_readings(tiny_release: Release) -> None:
    text = "can you repair my coat"
    [whole] = tiny_release.read([text])
    for word in influences(whole, tiny_release.read):
        assert text[word.start : word.end] == word.word
        [left] = tiny_release.read([without(text, (word.start, word.end))])
        score = next(c.score for c in left.candidates if c.intent == whole.best.intent)
        assert word.score == pytest.approx(whole.best.score - score, abs=1e-4)
        if left.best.intent == whole.best.intent:
            assert word.instead == ""
            assert word.confidence == pytest.approx(whole.confidence - left.confidence, abs=1e-4)
        else:
            assert word.instead == left.best.intent


def test_one_word_carries_the_whole_score_and_nothing_is_not_read(tiny_release: Release) -> None:
    asked: list[Sequence[str]] = []
    [whole] = tiny_release.read(["Returning!"])
    [word] = influences(whole, counting(tiny_release, asked))
    assert (word.word, word.start, word.end, word.instead) == ("Returning", 0, 9, "")
    assert word.score == pytest.approx(whole.best.score, abs=1e-4)
    assert word.confidence == pytest.approx(whole.confidence, abs=1e-4)
    assert asked == []


@pytest.mark.parametrize("text", ["我要退货 订单在哪里。", FAMILY, "?", "", " "])
def test_any_text_can_be_looked_into(text: str, tiny_release: Release) -> None:
    [whole] = tiny_release.read([text])
    found = influences(whole, tiny_release.read)
    assert [(word.start, word.end) for word in found] == spans(text)


def test_a_long_letter_costs_one_bounded_call(tiny_release: Release) -> None:
    asked: list[Sequence[str]] = []
    text = LETTER[:4096]
    [whole] = tiny_release.read([text])
    found = influences(whole, counting(tiny_release, asked))
    assert len(found) == SPANS
    assert [len(texts) <= SPANS + 1 for texts in asked] == [True]
    assert "".join("".join(word.word.split()) for word in found).count("boots") == 68


def test_the_same_text_gives_the_same_numbers(tiny_release: Release) -> None:
    [whole] = tiny_release.read(["my zip needs a repair today"])
    [among_others, *_] = tiny_release.read([whole.text, "hello", "send the boots back " * 9])
    found = influences(whole, tiny_release.read)
    assert found == influences(whole, tiny_release.read)
    assert found == influences(among_others, tiny_release.read)
    numbers = [number for word in found for number in (word.score, word.confidence)]
    assert numbers == [round(number, 4) for number in numbers]


def test_an_intent_that_is_overtaken_keeps_its_share_of_the_confidence(
    tiny_release: Release,
) -> None:
    [whole] = tiny_release.read(["repair hours"])
    first, second, *_ = whole.candidates
    half = replace(second, score=0.8), replace(first, score=0.4)
    none = replace(second, score=0.8), replace(second, intent="other", score=0.1)
    for candidates, left in ((half, (0.4, 0.3)), (none, (0.1, 0.075))):
        rest = replace(whole, candidates=candidates, confidence=0.6)
        word, _ = influences(whole, partial(whole_then, whole, rest))
        assert word.instead == second.intent
        assert word.score == pytest.approx(first.score - left[0], abs=1e-4)
        assert word.confidence == pytest.approx(whole.confidence - left[1], abs=1e-4)


def whole_then(whole: Prediction, rest: Prediction, texts: Sequence[str]) -> list[Prediction]:
    return [whole, *[rest] * (len(texts) - 1)]


def by_word(text: str, release: Release) -> dict[str, Influence]:
    [whole] = release.read([text])
    return {word.word: word for word in influences(whole, release.read)}


def counting(
    release: Release, asked: list[Sequence[str]]
) -> Callable[[Sequence[str]], list[Prediction]]:
    """Return what reads as the Release does, and keeps what it was asked."""

    def read(texts: Sequence[str]) -> list[Prediction]:
        asked.append(texts)
        return release.read(texts)

    return read
