"""Turning an answer down, in words."""

from __future__ import annotations

import pytest

from conversations.rejection import denies, rejects, repeats


@pytest.mark.parametrize(
    "text",
    [
        "No, that's not it",
        "that isn\u2019t what I asked",
        "nope, wrong answer",
        "This doesn't answer my question",
        "das hilft mir nicht",
        "ce n'est pas ça",
        "No es lo que pregunté",
        "non è quello che volevo",
        "isso não me ajuda",
        "это не то",
        "不对 不是这个",
        "違います",
    ],
)
def test_an_answer_is_turned_down(text: str) -> None:
    assert rejects(text)


@pytest.mark.parametrize(
    "text",
    [
        "no",
        "thanks, that's all",
        "it's not working",
        "the code is not right for me",
        "my parcel does not fit",
        "is it not possible to return it?",
        "I don't understand why I was charged twice",
        "I was told that this is not my question to ask but my lamp, which I ordered in May, came in two pieces",
    ],
)
def test_a_new_question_is_not_a_rejection(text: str) -> None:
    assert not rejects(text)


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("where's my package??", "where is my package"),
        ("I asked where my parcel is", "where is my parcel"),
        ("can i return the shoes I bought", "how do i return shoes"),
    ],
)
def test_the_same_asked_again_is_noticed(text: str, before: str) -> None:
    assert repeats(text, before)


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("thanks, bye", "how do i return shoes"),
        ("how do I change my address", "I want to cancel my order"),
        ("ok", "ok, and the look of it"),
        ("", ""),
    ],
)
def test_something_else_is_not_the_same_again(text: str, before: str) -> None:
    assert not repeats(text, before)


@pytest.mark.parametrize(
    "text",
    ["no", "Nope.", "still no", "that's wrong", "not helpful", "neither", "none of these", "I don't understand", "???", "nein", "je ne comprends pas", "不是", "都不是"],
)  # fmt: skip
def test_a_bare_no_says_nothing_else(text: str) -> None:
    assert denies(text)


@pytest.mark.parametrize(
    "text",
    ["no delivery today", "what about Norway", "not arrived", "yes", "really nice boots", ""],
)
def test_words_that_want_something_are_no_bare_no(text: str) -> None:
    assert not denies(text)
