"""
When people answer: the hours of a week at the desk's place, and the days that are none of them. Pure.

    [hours]
    monday = "09:00-12:00, 13:00-18:00"
    closed = ["2026-12-25"]

A day that is not named is closed; without any day, somebody is always there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
AHEAD = 60  # days that are looked through for the next opening; nobody waits longer
_SPAN = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\s*[-–]\s*([01]?\d|2[0-4]):([0-5]\d)")  # noqa: RUF001 - people type both


@dataclass(frozen=True, slots=True)
class Span:
    """Some hours of a day, in minutes since its beginning; `until` is not one of them."""

    begins: int
    until: int


@dataclass(frozen=True, slots=True)
class Hours:
    """The hours of each weekday, Monday is 0; empty is always open."""

    week: Mapping[int, tuple[Span, ...]]
    closed: frozenset[date]
    zone: tzinfo = UTC

    def open_at(self, at: datetime) -> bool:
        """Whether somebody is there."""
        if not self.week:
            return True
        local = at.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        return any(span.begins <= minute < span.until for span in self._of(local.date()))

    def opens(self, after: datetime) -> datetime | None:
        """Return when somebody is there next, in UTC; None where they are there now, or not for a long time."""
        if self.open_at(after):
            return None
        today = after.astimezone(self.zone).date()
        days = (today + timedelta(days=number) for number in range(AHEAD))
        begun = (at for day in days for at in self._beginnings(day) if at > after)
        return next((at for at in begun if self.open_at(at)), None)

    def later(self, after: datetime, by: timedelta) -> datetime | None:
        """Return when somebody has been there for so long, in UTC; None where that is not for a long time."""
        if not self.week:
            return after.astimezone(UTC) + by
        today = after.astimezone(self.zone).date()
        for number in range(AHEAD):
            for begins, until in self._spans(today + timedelta(days=number)):
                there = until - max(begins, after)
                if there >= by:
                    return max(begins, after).astimezone(UTC) + by
                by -= max(there, timedelta())
        return None

    def _spans(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        midnight = datetime.combine(day, time(), self.zone)
        for span in self._of(day):
            begins, until = (midnight + timedelta(minutes=m) for m in (span.begins, span.until))
            yield begins.astimezone(UTC), until.astimezone(UTC)

    def _of(self, day: date) -> tuple[Span, ...]:
        return () if day in self.closed else self.week.get(day.weekday(), ())

    def _beginnings(self, day: date) -> Iterator[datetime]:
        for span in self._of(day):
            clock = time(span.begins // 60, span.begins % 60)
            # In UTC: two local times of one zone are compared by their faces, also across a change of the clock.
            yield datetime.combine(day, clock, self.zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a visitor may expect of the people behind the desk. `opens` is empty while somebody is there; `wait` is in seconds, None where nothing is known."""

    open: bool = True
    opens: datetime | None = None
    wait: float | None = None


def clock_face(at: datetime, now: datetime, zone: tzinfo) -> str:
    """Return a time that is still to come as people say it: 09:00, with the day where that is not within one."""
    local = at.astimezone(zone)
    return f"{local:%H:%M}" if at - now < timedelta(days=1) else f"{local:%Y-%m-%d, %H:%M}"


def spans(text: str) -> tuple[Span, ...]:
    """
    Return the hours of a day as a person writes them: "09:00-12:00, 13:00-18:00", or nothing.

    Raises:
        ValueError: in one sentence, what is wrong.
    """
    found = [_span(part.strip()) for part in text.split(",") if part.strip()]
    ordered = sorted(found, key=lambda span: span.begins)
    for earlier, later in pairwise(ordered):
        if later.begins < earlier.until:
            raise ValueError(f"the hours overlap in {text!r}")
    return tuple(ordered)


def _span(text: str) -> Span:
    match = _SPAN.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} are no hours; write them like 09:00-18:00")
    begins, until = (int(match[i]) * 60 + int(match[i + 1]) for i in (1, 3))
    if not begins < until <= 24 * 60:
        raise ValueError(
            f"{text!r} do not end after they begin; write a night as 22:00-24:00, and 00:00-06:00 on the next day"
        )
    return Span(begins, until)


def hours(days: Mapping[str, str], closed: Sequence[date], zone: tzinfo) -> Hours:
    """Return the hours of a week, by the names of its days; raises ValueError where one cannot be read."""
    week = {DAYS.index(day): spans(text) for day, text in days.items() if text.strip()}
    return Hours(week, frozenset(closed), zone)
