"""Opening hours: read as people write them, right on every day and across changes of the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.hours import DAYS, Hours, Span, hours, spans

BERLIN = ZoneInfo("Europe/Berlin")
SHOP = hours(
    {"monday": "09:00-12:00, 13:00-18:00", "saturday": "10:00-24:00"}, [date(2026, 3, 9)], BERLIN
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("now", "there", "opens"),
    [
        ("2026-03-02T08:59", False, "2026-03-02T09:00"),
        ("2026-03-02T09:00", True, None),
        ("2026-03-02T11:59:59", True, None),
        ("2026-03-02T12:00", False, "2026-03-02T13:00"),
        ("2026-03-02T18:00", False, "2026-03-07T10:00"),
        ("2026-03-07T23:59", True, None),
        ("2026-03-08T00:00", False, "2026-03-14T10:00"),  # the Monday between is a holiday
    ],
)
def test_the_shop_is_open_when_its_week_says_so(now: str, there: bool, opens: str | None) -> None:
    assert SHOP.open_at(at(now)) is there
    assert SHOP.opens(at(now)) == (at(opens) if opens else None)


@pytest.mark.parametrize(
    ("since", "minutes", "due"),
    [
        ("2026-03-02T09:10", 5, "2026-03-02T09:15"),
        ("2026-03-02T11:50", 10, "2026-03-02T12:00"),
        ("2026-03-02T11:58", 5, "2026-03-02T13:03"),
        ("2026-03-02T07:00", 30, "2026-03-02T09:30"),
        ("2026-03-02T17:59", 121, "2026-03-07T12:00"),
        ("2026-03-07T23:30", 60, "2026-03-14T10:30"),
    ],
)
def test_what_is_promised_is_due_by_the_hours_of_the_shop(
    since: str, minutes: int, due: str
) -> None:
    assert SHOP.later(at(since), timedelta(minutes=minutes)) == at(due)


def test_what_is_promised_is_due_after_so_many_hours_whatever_the_clock_does() -> None:
    night = hours({"saturday": "22:00-24:00", "sunday": "00:00-06:00"}, [], BERLIN)
    assert night.later(at("2026-03-28T23:00"), timedelta(hours=3)) == at("2026-03-29T03:00")
    always, begun = hours({}, [], BERLIN), at("2026-03-29T01:30")
    assert always.later(begun, timedelta(hours=1)) == at("2026-03-29T03:30")
    never = Hours({0: (Span(540, 541),)}, frozenset(), UTC)
    assert never.later(begun, timedelta(days=1)) is None


def test_a_desk_without_hours_is_always_open() -> None:
    always = hours({}, [], BERLIN)
    assert always.open_at(at("2026-12-25T03:00"))
    assert always.opens(at("2026-12-25T03:00")) is None


def test_hours_follow_the_clock_of_the_place_when_it_changes() -> None:
    sunday = hours({"sunday": "09:00-10:00"}, [], BERLIN)
    assert sunday.opens(at("2026-03-28T12:00")) == datetime(2026, 3, 29, 7, tzinfo=UTC)
    assert sunday.opens(at("2026-10-24T12:00")) == datetime(2026, 10, 25, 8, tzinfo=UTC)


def test_an_hour_that_the_clock_leaves_out_is_no_opening() -> None:
    night = hours({"sunday": "02:00-03:00"}, [], BERLIN)
    assert night.opens(at("2026-03-28T12:00")) == at("2026-04-05T02:00")


def test_a_desk_that_is_closed_for_good_opens_at_no_time() -> None:
    never = Hours({0: (Span(540, 600),)}, frozenset({date(2026, 3, 2)}), UTC)
    assert never.opens(datetime(2026, 3, 1, tzinfo=UTC)) == datetime(2026, 3, 9, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["9", "09:00", "09:00-25:00", "18:00-09:00", "9-17", "09:00-09:00", "09:60-10:00", "x"]
)
def test_what_are_no_hours_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match=text):
        spans(text)


def test_hours_that_overlap_are_refused() -> None:
    with pytest.raises(ValueError, match="overlap"):
        spans("09:00-12:00, 11:00-18:00")


MINUTES = st.integers(0, 24 * 60)
DAY = st.lists(MINUTES, max_size=6, unique=True).map(sorted)
ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia"]
)
TIMES = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31))  # noqa: DTZ001 - made aware below


@given(st.lists(DAY, min_size=7, max_size=7), ZONES, TIMES)
def test_the_next_opening_is_open_and_no_earlier_minute_is(
    days: list[list[int]], zone: str, now: datetime
) -> None:
    week = {
        number: tuple(Span(a, b) for a, b in zip(day[::2], day[1::2], strict=False))
        for number, day in enumerate(days)
    }
    desk, moment = Hours(week, frozenset(), ZoneInfo(zone)), now.replace(tzinfo=UTC)
    opens = desk.opens(moment)
    if opens is None:
        assert desk.open_at(moment) or not any(week.values())
        return
    assert desk.open_at(opens)
    assert not desk.open_at(moment)
    zoned = (moment.astimezone(desk.zone), opens.astimezone(desk.zone))
    if zoned[0].utcoffset() == zoned[1].utcoffset():
        step = max(timedelta(minutes=7), (opens - moment) / 50)
        earlier = moment
        while earlier < opens:
            assert not desk.open_at(earlier)
            earlier += step


@given(st.lists(MINUTES, min_size=2, max_size=8, unique=True).map(sorted))
def test_hours_are_read_as_they_are_written(minutes: list[int]) -> None:
    pairs = [(a, b) for a, b in zip(minutes[::2], minutes[1::2], strict=False) if a < 24 * 60]
    text = ", ".join(f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in pairs)
    assert spans(text) == tuple(Span(a, b) for a, b in pairs)


def test_a_week_has_seven_days() -> None:
    assert len(set(DAYS)) == 7
