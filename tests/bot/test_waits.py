"""How long customers wait for a person."""

from __future__ import annotations

from datetime import timedelta

from bot.waits import FEWEST, LAST, Waits
from conversations.events import Closed, Event, GivenBack, OperatorWrote
from tests.conversations.facts import NOON, handoff, heard, log

WROTE = OperatorWrote(message_id="o", operator="ann", text="Hello")


def waited(waits: Waits, minutes: float, conversation_id: str, end: Event = WROTE) -> None:
    told = handoff("h", "out_of_scope")
    passed = timedelta(minutes=minutes)
    for recorded in log(heard("h"), told, passed, end, conversation_id=conversation_id):
        waits.enter(recorded)


def test_the_middle_of_the_last_waits_is_expected() -> None:
    waits = Waits()
    for number, minutes in enumerate([1, 2, 3, 4, 500]):
        waited(waits, minutes, f"c{number}")
    assert waits.expected() == 3 * 60


def test_too_few_waits_promise_nothing() -> None:
    waits = Waits()
    for number in range(FEWEST - 1):
        waited(waits, 1, f"c{number}")
    assert waits.expected() is None


def test_an_old_day_is_forgotten() -> None:
    waits = Waits()
    for number in range(2 * LAST):
        waited(waits, 60 if number < LAST else 2, f"c{number}")
    assert waits.expected() == 2 * 60


def test_whoever_was_not_answered_did_not_wait_for_a_person() -> None:
    waits = Waits()
    for number in range(FEWEST):
        waited(waits, 1, f"a{number}", Closed(reason="resolved"))
        waited(waits, 1, f"b{number}", GivenBack(operator="ann"))
    assert waits.expected() is None


def test_a_wait_over_night_says_nothing_about_the_day() -> None:
    waits = Waits(counts=lambda began: began != NOON)
    for number in range(FEWEST):
        waited(waits, 60, f"c{number}")
    assert waits.expected() is None
