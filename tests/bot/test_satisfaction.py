"""When a visitor is asked how it went."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.satisfaction import FRESH, asks_for_score, ended_last
from conversations.events import Closed, Event, OperatorWrote, Recorded, Scored
from tests.conversations.facts import NOON, ask, handoff, heard, joined, log, reply

IDLE = timedelta(hours=12)
LATER = NOON + timedelta(hours=13)
CLOSED = Closed(reason="resolved")
WROTE = OperatorWrote(message_id="o", operator="ann", text="Hello")


def told(*events: Event, conversation_id: str = "c") -> list[Recorded]:
    return log(heard("h"), *events, conversation_id=conversation_id)


@pytest.mark.parametrize(
    ("events", "hours", "asked"),
    [
        ((reply("h"),), 1, False),  # it goes on
        ((reply("h"),), 13, True),  # the session boundary ended it
        ((reply("h"), CLOSED), 1, True),
        ((ask("h", "parcel"),), 13, False),  # nothing was answered
        ((handoff("h", "out_of_scope"),), 13, False),  # somebody still waits
        ((handoff("h", "out_of_scope"), WROTE, CLOSED), 1, True),
        ((reply("h"), CLOSED, Scored(score=5)), 1, False),
        ((reply("h"), CLOSED), 24 * 7 + 1, False),  # nobody remembers
    ],
)
def test_a_visitor_is_asked_once_an_answered_conversation_has_ended(
    events: tuple[Event, ...], hours: int, asked: bool
) -> None:
    assert asks_for_score(told(*events), NOON + timedelta(hours=hours), IDLE) is asked
    assert timedelta(hours=24 * 7) == FRESH


def test_a_conversation_that_has_begun_since_is_not_interrupted() -> None:
    history = joined(told(reply("h"), CLOSED), told(reply("h"), conversation_id="d"))
    assert ended_last(history, NOON, IDLE) == "c"
    assert not asks_for_score(history, NOON, IDLE)


def test_whoever_has_said_nothing_is_not_asked() -> None:
    assert ended_last([], LATER, IDLE) == ""
    assert not asks_for_score([], LATER, IDLE)
