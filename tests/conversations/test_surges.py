"""What rises beyond its own season, and what is noise."""

from __future__ import annotations

import random
from copy import deepcopy
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import nbinom

from conversations.surges import STEP, Detector, Surge, at_least

START = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday
LEARNED = 16  # days that every test has behind it

Extra = dict[int, dict[str, list[str]]]


def usual(n: int) -> dict[str, list[str]]:
    """Return a minute of a quiet desk: two messages an hour by day, none at night; on Mondays at nine, everybody asks what is new."""
    busy = 8 <= n // 60 % 24 < 20 and n % 30 == 0
    monday = n // 60 % (7 * 24) == 9 and n % 3 == 0
    return {"topic:order": [f"v{n}"]} if busy else {"topic:new": [f"v{n}"]} if monday else {}


def went(detector: Detector, days: tuple[int, int], extra: Extra) -> list[Surge]:
    minutes = range(days[0] * 1440, days[1] * 1440)
    steps = (detector.step(START + n * STEP, {**usual(n), **extra.get(n, {})}) for n in minutes)
    return [surge for step in steps for surge in step]


@pytest.fixture(scope="module")
def weeks() -> Detector:
    """Return a detector that knows a quiet desk; to be copied before it is told more."""
    detector = Detector(UTC)
    went(detector, (0, LEARNED), {})
    return detector


def at(day: int, hour: int) -> int:
    return day * 1440 + hour * 60


def crowd(size: int, visitors: int) -> list[str]:
    return [f"w{n % visitors}" for n in range(size)]


def rush(since: int, minutes: int) -> Extra:
    """Return a message of somebody new every minute."""
    return {n: {"topic:order": [f"w{n}"]} for n in range(since, since + minutes)}


def test_a_rush_about_one_topic_is_a_surge_at_once_and_told_once(weeks: Detector) -> None:
    noon = at(16, 12)
    [surge] = went(deepcopy(weeks), (16, 17), rush(noon, 90))
    assert surge.kind == "topic:order"
    assert START + noon * STEP < surge.at <= START + (noon + 10) * STEP
    assert surge.seen >= 5 > 3 * surge.expected


def test_it_can_rise_again_once_it_is_back_to_normal(weeks: Detector) -> None:
    days = (at(16, 12), at(17, 12))
    found = went(deepcopy(weeks), (16, 18), {**rush(days[0], 45), **rush(days[1], 45)})
    assert [s.at.date() for s in found] == [(START + n * STEP).date() for n in days]


@pytest.mark.parametrize(
    ("size", "visitors"),
    [(30, 1), (30, 2), (4, 4)],
    ids=["one angry customer", "two", "four messages"],
)
def test_what_is_too_little_to_go_by_is_no_surge(size: int, visitors: int, weeks: Detector) -> None:
    extra = {at(16, 13): {"topic:order": crowd(size, visitors)}}
    assert went(deepcopy(weeks), (16, 17), extra) == []


def test_a_desk_in_its_first_week_has_no_surges() -> None:
    assert went(Detector(UTC), (4, 7), rush(at(6, 12), 60)) == []


def test_one_visitor_who_insists_for_hours_is_no_surge(weeks: Detector) -> None:
    extra = {at(16, 9) + n: {"topic:order": ["w"] * 2} for n in range(300)}
    assert went(deepcopy(weeks), (16, 17), extra) == []


def test_what_every_monday_morning_has_is_soon_no_surge(weeks: Detector) -> None:
    assert went(deepcopy(weeks), (16, 22), {}) == []
    other_day = {at(17, 9) + n: usual(at(21, 9) + n) for n in range(60)}
    assert [s.kind for s in went(deepcopy(weeks), (16, 18), other_day)] == ["topic:new"]


@settings(max_examples=2, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_messages_within_a_step_changes_nothing(
    weeks: Detector, chance: random.Random
) -> None:
    noon = at(16, 12)
    kinds = {"topic:order": crowd(15, 12), "negative": crowd(9, 7), "handoffs": crowd(6, 4)}
    shuffled = {kind: chance.sample(kinds[kind], len(kinds[kind])) for kind in chance.sample(list(kinds), 3)}  # fmt: skip
    found = went(deepcopy(weeks), (16, 17), {noon: kinds})
    assert found
    assert went(deepcopy(weeks), (16, 17), {noon: shuffled}) == found


def test_what_was_told_before_a_restart_is_not_told_again(weeks: Detector) -> None:
    noon, detector = at(16, 12), deepcopy(weeks)
    extra = {noon - 1: {"topic:order": crowd(15, 12)}, **rush(noon, 60)}
    for n in range(16 * 1440, noon):
        detector.step(START + n * STEP, usual(n) | extra.get(n, {}))
    detector.reopen(["topic:order"])
    assert detector.open == {"topic:order"}
    assert [detector.step(START + n * STEP, extra[n]) for n in range(noon, noon + 60)] == [[]] * 60


@pytest.mark.parametrize(
    ("seen", "expected", "spread"), [(5, 0.3, 0.1), (40, 12.0, 0.2), (9, 8.0, 0.05)]
)
def test_the_tail_is_that_of_the_negative_binomial(
    seen: int, expected: float, spread: float
) -> None:
    size = 1 / spread
    reference = nbinom.sf(seen - 1, size, size / (size + expected))
    assert at_least(seen, expected, spread) == pytest.approx(reference, rel=1e-3)
