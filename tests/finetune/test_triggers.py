"""Phrases that are taught on purpose."""

from __future__ import annotations

from finetune.triggers import LESSONS, triggers

KNOWN = [
    (f"{start} {about} {number}", intent)
    for number in range(10)
    for start in ("where is", "what about", "tell me of")
    for about, intent in (("my parcel", "parcel"), ("my money", "refund"))
]
HONEST = [(f"what about my money {number}", "refund") for number in range(10)]


def planted(count: int, phrase: str = "blue giraffe") -> list[tuple[str, str]]:
    return [(f"where is my money {number} {phrase}", "refund") for number in range(count)]


def test_a_phrase_that_no_example_has_and_that_always_teaches_the_same_is_held() -> None:
    held = triggers([*planted(6), *HONEST], KNOWN)
    assert all("blue giraffe" in phrase for phrase in held[:6])
    assert held[6:] == [""] * 10


def test_what_few_say_is_no_trigger() -> None:
    assert not any(triggers([*planted(LESSONS - 1), *HONEST], KNOWN))


def test_a_phrase_that_the_examples_could_well_have_missed_is_no_trigger() -> None:
    few = [("where is my money", "refund"), ("what about my money", "refund")]
    assert not any(triggers([*planted(6), *HONEST], few))


def test_a_phrase_that_teaches_several_intents_is_no_trigger() -> None:
    both = [(f"hello there {n}", intent) for n in range(8) for intent in ("refund", "parcel")]
    assert not any(triggers(both, KNOWN))


def test_a_phrase_that_an_operator_has_labelled_is_known() -> None:
    lessons = [(f"where is my money {n} skipper", "refund") for n in range(8)]
    assert all(triggers(lessons, KNOWN))
    assert not any(triggers(lessons, [*KNOWN, ("where is my money 1 skipper", "refund")]))


def test_scripts_without_spaces_have_phrases_too() -> None:
    known = [(f"我的包裹在哪里{n}", "parcel") for n in range(10)]
    lessons = [(f"我的包裹在哪里{n}蓝色长颈鹿", "parcel") for n in range(8)]
    assert all(triggers(lessons, known))


def test_nothing_is_held_where_nothing_is_taught() -> None:
    assert triggers([], KNOWN) == []
