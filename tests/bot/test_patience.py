"""What a desk does by itself while a customer waits: a table over the log and the time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from benchmarks.handovers import orders
from bot.hours import Hours, hours
from bot.patience import Does, Limits, Step, due
from conversations.events import (
    ActionKind,
    Choice,
    Closed,
    Decided,
    Event,
    GivenBack,
    Heard,
    OperatorWrote,
)
from conversations.handling import Released, Snoozed, Taken
from conversations.notices import BOT_AGAIN, KEEP_WAITING, Notice, Told
from conversations.waiting import waiting
from tests.conversations.facts import NOON, heard, log

ALWAYS = hours({}, (), UTC)
UNTIL_ONE = hours({"sunday": "09:00-13:00", "monday": "09:00-13:00"}, (), UTC)  # NOON is a Sunday's
LIMITS = Limits(timedelta(minutes=5), timedelta(minutes=10), timedelta(minutes=20))
OFF = Limits()
MINUTE = timedelta(minutes=1)
ANN = Taken(operator="Ann")
SAID = OperatorWrote(message_id="o", operator="Ann", text="Hello")
WAY = Choice("Go on with the bot", BOT_AGAIN)

HANDOFF = Decided(
    message_id="d", in_reply_to="m", action=ActionKind.HANDOFF, text="A person comes.", choices=(WAY,)
)  # fmt: skip
TOO_LONG = Step(Notice.TOO_LONG)
GONE = Step(Notice.GONE, Does.RELEASE)
HANDED_BACK = Step(Notice.HANDED_BACK, Does.GIVE_BACK)


def told(notice: Notice, *ways: str) -> Told:
    choices = tuple(Choice(way, way) for way in ways)
    return Told(message_id=f"t-{notice}", notice=notice, text="So.", choices=choices)


def silent(to: str) -> Decided:
    return Decided(message_id=f"d-{to}", in_reply_to=to, action=ActionKind.SILENT, text="")


def after(minutes: float, *events: Event | timedelta, week: Hours = ALWAYS) -> Step | None:
    """Return what is due so long after the first of the events."""
    state = waiting(log(*events))
    return due(state, NOON + minutes * MINUTE, LIMITS, week)


@pytest.mark.parametrize(
    ("minutes", "events", "step"),
    [
        (4, [HANDOFF], None),
        (5, [HANDOFF], TOO_LONG),
        (90, [HANDOFF, told(Notice.TOO_LONG)], None),
        (2 * 24 * 60, [HANDOFF], None),  # a day late helps nobody
        (90, [heard("m")], None),
        (90, [HANDOFF, GivenBack(operator="Ann")], None),
        (90, [HANDOFF, Closed(reason="resolved")], None),
        (9, [HANDOFF, ANN], None),
        (10, [HANDOFF, ANN], GONE),
        (10, [HANDOFF, 5 * MINUTE, ANN], None),
        (16, [ANN, SAID, 6 * MINUTE, heard("n")], GONE),
        (15, [ANN, SAID, 6 * MINUTE, heard("n")], None),
        (16, [HANDOFF, ANN, 15 * MINUTE, SAID], None),
        (16, [HANDOFF, ANN, Released(by="", reason="operator_gone"), told(Notice.GONE)], None),
        (19, [HANDOFF, ANN, SAID], None),
        (20, [HANDOFF, ANN, SAID], HANDED_BACK),
        (20, [HANDOFF, ANN, SAID, 15 * MINUTE, SAID], None),
        (25, [HANDOFF, ANN, SAID, Snoozed(operator="Ann", until="2026-03-01T13:00:00+00:00")], None),
    ],
)  # fmt: skip
def test_the_table_says_what_is_due(
    minutes: float, events: Sequence[Event | timedelta], step: Step | None
) -> None:
    assert after(minutes, *events) == step


def test_nothing_is_due_without_limits_nor_while_somebody_writes() -> None:
    so_far: list[list[Event]] = [[HANDOFF], [HANDOFF, ANN], [HANDOFF, ANN, SAID]]
    for events in so_far:
        state, later = waiting(log(*events)), NOON + 25 * MINUTE
        assert due(state, later, OFF, ALWAYS) is None
        assert due(state, later, LIMITS, ALWAYS) is not None
        assert due(state, later, LIMITS, ALWAYS, writing=True) is None


def test_whoever_is_seen_is_not_gone() -> None:
    state, seen = waiting(log(HANDOFF, ANN)), dict[str, datetime]()
    assert due(state, NOON + 11 * MINUTE, LIMITS, ALWAYS, seen.get) == GONE
    seen["Ann"] = NOON + 5 * MINUTE
    assert due(state, NOON + 11 * MINUTE, LIMITS, ALWAYS, seen.get) is None
    assert due(state, NOON + 15 * MINUTE, LIMITS, ALWAYS, seen.get) == GONE


def test_only_hours_in_which_people_are_there_count_and_their_end_is_told_once() -> None:
    late: list[Event | timedelta] = [58 * MINUTE, HANDOFF]  # two minutes before one
    assert after(59, *late, week=UNTIL_ONE) is None
    assert after(61, *late, week=UNTIL_ONE) == Step(Notice.CLOSED)
    late = [*late, told(Notice.CLOSED)]
    assert after(5 * 60, *late, week=UNTIL_ONE) is None
    at_nine = 21 * 60
    assert after(at_nine + 2, *late, week=UNTIL_ONE) is None
    assert after(at_nine + 3, *late, week=UNTIL_ONE) == TOO_LONG


def test_at_night_nobody_is_told_again_what_the_hand_off_has_said() -> None:
    assert after(3 * 60, 2 * 60 * MINUTE, HANDOFF, week=UNTIL_ONE) is None


def wish(way: str, text: str = "so?") -> Heard:
    return heard("n", text, chosen=way)


def test_a_way_out_is_taken_after_its_own_turn_and_answered_once() -> None:
    asked: list[Event] = [HANDOFF, told(Notice.TOO_LONG, BOT_AGAIN, KEEP_WAITING)]
    back = Step(Notice.BOT_AGAIN, Does.GIVE_BACK)
    assert after(1, *asked, wish(BOT_AGAIN)) is None
    assert after(1, *asked, wish(BOT_AGAIN), silent("n")) == back
    assert after(1, HANDOFF, wish("", "go on with the bot"), silent("n")) == back  # typed
    assert after(1, *asked, wish(BOT_AGAIN), ANN, silent("n")) is None  # a person came first
    waits: list[Event] = [*asked, wish(KEEP_WAITING), silent("n")]
    assert after(1, *waits) == Step(Notice.KEEP_WAITING)
    again: list[Event] = [*waits, told(Notice.KEEP_WAITING), wish(KEEP_WAITING), silent("n")]
    assert after(1, *again) is None


def test_in_no_order_of_events_and_ticks_is_anything_said_twice_or_never() -> None:
    said, faults = orders(2_000, seed=1)
    assert not faults
    assert set(said) == set(Notice)
