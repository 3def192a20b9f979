"""A week of a desk: from a Monday to a Sunday, by the clock of its place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from bot.hours import DAYS

WEEK = timedelta(days=7)
_MOMENT = re.compile(r"([a-z]+) ([01]?\d|2[0-3]):([0-5]\d)")
_NAMED = re.compile(r"(\d{4})-W(\d{2})")


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """The seven days from `first` on, a Monday."""

    first: date

    @property
    def last(self) -> date:
        return self.first + WEEK - timedelta(days=1)

    @property
    def before(self) -> Week:
        return Week(self.first - WEEK)

    @property
    def name(self) -> str:
        """The week as ISO 8601 names it: 2026-W48."""
        year, week, _ = self.first.isocalendar()
        return f"{year}-W{week:02}"

    def has(self, at: datetime, zone: tzinfo) -> bool:
        """Whether something happened in it."""
        return self.first <= at.astimezone(zone).date() <= self.last


def week_of(day: date) -> Week:
    return Week(day - timedelta(days=day.weekday()))


def last_whole(now: datetime, zone: tzinfo) -> Week:
    """Return the week before the present one."""
    return week_of(now.astimezone(zone).date() - WEEK)


def named(text: str) -> Week:
    """
    Return the week that a text names, 2026-W48, or that a day lies in, 2026-11-25.

    Raises:
        ValueError: it names none; in one sentence.
    """
    try:
        if match := _NAMED.fullmatch(text):
            return Week(date.fromisocalendar(int(match[1]), int(match[2]), 1))
        return week_of(date.fromisoformat(text))
    except ValueError as error:
        raise ValueError(
            f"{text!r} is no week; write it like 2026-W48, or name a day of it, 2026-11-25"
        ) from error


@dataclass(frozen=True, slots=True)
class Moment:
    """When in a week something is done, by the clock of a place; Monday is 0."""

    weekday: int
    at: time

    @classmethod
    def of(cls, text: str) -> Moment:
        """
        Return what a person writes: "monday 08:00".

        Raises:
            ValueError: in one sentence, what is wrong.
        """
        match = _MOMENT.fullmatch(text.strip().lower())
        if match is None or match[1] not in DAYS:
            raise ValueError(f'{text!r} is no time of a week; write it like "monday 08:00"')
        return cls(DAYS.index(match[1]), time(int(match[2]), int(match[3])))

    def __str__(self) -> str:
        return f"{DAYS[self.weekday]} {self.at:%H:%M}"

    def last(self, now: datetime, zone: tzinfo) -> datetime:
        """Return when it was last."""
        monday = week_of(now.astimezone(zone).date()).first
        for begun in (monday, monday - WEEK):
            then = datetime.combine(begun + timedelta(days=self.weekday), self.at, zone)
            if then <= now:
                return then
        raise AssertionError("a week has passed")
