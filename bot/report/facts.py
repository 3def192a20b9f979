"""What a report is made of: the numbers of the week as the API has them, its alerts, its nights, and what waits. Nothing is counted here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from bot.report.week import Week

Row = Mapping[str, Any]
SPLITS = ("intent", "channel", "language", "release")
SOON = timedelta(days=14)  # before its end an answer is told of


@dataclass(frozen=True, slots=True)
class Waits:
    """
    What waits for somebody when the report is made.

    `people` are conversations without an answer of the person who has them or is to come; `labels` are the tickets of the review, None where
    no server runs that knows; `ended`, `ending` and `unfinished` are ids of answers: out of date, soon so, and saved but not live.
    """

    people: int = 0
    labels: int | None = None
    ended: Sequence[str] = ()
    ending: Sequence[str] = ()
    unfinished: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """
    A week of a desk.

    `numbers` are `/api/v1/numbers` of it, `before` those of the week before; `alerts` and `nights` are those that happened in it, oldest
    first. `zone` is by whose clock; `url` is where the console is reached, empty where nobody said.
    """

    desk: str
    week: Week
    zone: tzinfo
    numbers: Mapping[str, Any]
    before: Mapping[str, Any]
    alerts: Sequence[Row]
    nights: Sequence[Row]
    waits: Waits
    url: str = ""

    def as_object(self) -> dict[str, Any]:
        """Return all of it as JSON has it."""
        week = {
            "name": self.week.name,
            "from": self.week.first.isoformat(),
            "to": self.week.last.isoformat(),
        }
        splits = [f"by_{name}" for name in SPLITS]
        named = ("definitions", "figures", "series", *splits, "by_answer", "unanswered")
        return {
            "desk": self.desk,
            "week": week,
            **{name: self.numbers[name] for name in named},
            "before": {name: self.before[name] for name in splits},
            "alerts": list(self.alerts),
            "nights": list(self.nights),
            "waits": asdict(self.waits),
        }


def within(rows: Iterable[Row], week: Week, zone: tzinfo) -> list[Row]:
    """Return the rows whose `at` lies in a week, oldest first; one without a time is left out."""
    found: list[tuple[datetime, Row]] = []
    for row in rows:
        with suppress(KeyError, TypeError, ValueError):
            at = datetime.fromisoformat(row["at"])
            if week.has(at, zone):
                found.append((at, row))
    return [row for _, row in sorted(found, key=lambda one: one[0])]


def waiting(people: int, labels: int | None, answers: Iterable[Row], today: date) -> Waits:
    """Return what waits; `answers` are rows of `/api/v1/templates`."""
    ended, ending, unfinished = list[str](), list[str](), list[str]()
    for row in answers:
        if row["state"] in ("draft", "approved"):
            unfinished.append(row["id"])
        if row["live_version"] is None or row["valid_until"] is None:
            continue
        until = date.fromisoformat(row["valid_until"])
        if until < today:
            ended.append(row["id"])
        elif until < today + SOON:
            ending.append(row["id"])
    return Waits(people, labels, ended, ending, unfinished)
