"""
The numbers of a desk over some days: how many conversations there were, and how they went, beside as many days before.

Counted are the conversations that began in the period. One is over once it was closed, or has rested for the desk's idle hours with
nobody of the team in it; only what is over is in a class.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Any

from conversations.views.answers import ANSWERS, BY_ANSWER
from conversations.views.cases import CASES
from conversations.views.happened import MILLION, UNHAPPY
from conversations.views.unanswered import Lost, Unanswered, grouped

STEPS = ("hour", "day", "week")
CLASSES = ("handed_off", "confirmed", "rejected", "abandoned", "assumed")
TOP = 20  # groups of unanswered questions
LOOKED_AT = 1000  # of the latest unanswered questions of a period; grouping them takes 80 ms
LONG = timedelta(days=60)  # from which on replies are counted answer by answer, not day by day
LONGEST = timedelta(days=3 * 366)  # of a period: a series has a row a step

DEFINITIONS: Mapping[str, str] = {
    "conversations": "Conversations that began in the period; those imported from elsewhere are not counted.",
    "ended": "Conversations that are over: closed, or at rest for the desk's idle hours with no person in them.",
    "handed_off": "Over, and the bot had passed it to a person, or a person took it or wrote in it.",
    "confirmed": "Over without a person, and the last that the customer said of it was good: a thumb up, a score of 4 or 5, or words that it helped.",
    "rejected": "Over without a person, and the last that the customer said of it was bad: a thumb down, a score of 1 or 2, or words that it missed.",
    "abandoned": "Over without a person or a verdict, while a question of the bot's was open, or the customer's last message had no answer that reached them.",
    "assumed": "Over without any of that: answered, and not heard of again.",
    "reopened": "Over, and the same visitor began another conversation with the same intent within 72 hours of its last words; a mark beside its class.",
    "containment": "Share of the conversations that are over in which no person took part.",
    "resolution": "Share of the conversations that are over that are confirmed.",
    "abandonment": "Share of the conversations that are over that are abandoned.",
    "satisfaction": "Mean of the scores that customers gave, 1 to 5.",
    "scores": "Conversations that have a score.",
    "first_response": "Median time from the hand-off to the first words of a person.",
    "unhappiness": "Share of the conversations with a mood in which a message of the customer's sounded bad.",
    "unhappy": "Conversations in which a message of the customer's sounded bad, by the mood that the bot heard in it.",
    "felt": "Conversations in which the bot heard a mood, bad, none or good; in some languages it hears none.",
    "unanswered": "Conversations with a question that the bot found no answer to; the latest of each counts.",
}
UNITS: Mapping[str, str] = dict.fromkeys(DEFINITIONS, "count") | {
    "containment": "share",
    "resolution": "share",
    "abandonment": "share",
    "unhappiness": "share",
    "satisfaction": "score",
    "first_response": "seconds",
}

_OVER = "(state = 'closed' OR (state IN ('bot', 'returned') AND last_at < :cut))"
_FATES = " ".join(f"WHEN '{name}' THEN {place}" for place, name in enumerate(CLASSES))
# What a question is about is looked up once, in memory; `fate` is the class of what is over, a number, since that is grouped by.
_CHOSEN = f"""
CREATE TEMP TABLE chosen AS SELECT day, hour, opened_at, conversation_id, channel, language, release, intent, reopened, score,
  first_response, unanswered, mood, CASE WHEN {_OVER} THEN CASE outcome {_FATES} END END AS fate
FROM {CASES} WHERE day BETWEEN :first AND :last AND NOT adopted
"""  # noqa: S608 - constants
_FILTERS = ("channel", "language", "release")
# What the counts are split by. Columns that have few values together are counted in one go.
_TOGETHER = (("intent",), ("channel", "language", "release"))

# What was grouped by, then the class, and how many: conversations, reopened, scores, their sum, moods, bad ones.
Cell = tuple[Any, ...]
COUNTS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """
    Which conversations: the days from the first to the last, both included, and their step; empty filters take any.

    `now` and `idle` say what is over, in microseconds.
    """

    first: date
    last: date
    now: int
    idle: int
    step: str = "day"
    channel: str = ""
    language: str = ""
    release: str = ""

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def before(self) -> date:
        """The first of as many days just before."""
        return date.fromordinal(max(1, self.first.toordinal() - self.days))


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and what it was in the period before; None where there is nothing to take it of."""

    value: float | None
    previous: float | None
    unit: str


@dataclass(frozen=True, slots=True)
class Numbers:
    """`tables` are rows by the table's name: the series, and the same counts by what conversations are of."""

    figures: dict[str, Figure]
    tables: dict[str, list[dict[str, Any]]]
    unanswered: list[Unanswered]


def numbers(connection: sqlite3.Connection, period: Period) -> Numbers:
    """Return the numbers of a period."""
    asked = _Asked(connection, period)
    steps = asked.cells(asked.step, period.first, period.last)
    now, before = asked.figures(steps, period.first, period.last), {}
    if period.before < period.first:
        earlier = period.before, period.first - timedelta(days=1)
        before = asked.figures(asked.cells("''", *earlier), *earlier)
    return Numbers(
        {name: Figure(now[name], before.get(name), unit) for name, unit in UNITS.items()},
        {"series": asked.series(steps), **asked.splits(), "by_answer": asked.answers()},
        grouped(asked.lost(), TOP),
    )


class _Asked:
    """The statements of one period."""

    def __init__(self, connection: sqlite3.Connection, period: Period) -> None:
        self._connection = connection
        self._period = period
        self._narrowed = "".join(
            f" AND {name} = :{name}" for name in _FILTERS if getattr(period, name)
        )
        connection.execute("PRAGMA temp_store=MEMORY")
        connection.execute("DROP TABLE IF EXISTS temp.chosen")
        connection.execute(_CHOSEN + self._narrowed, self._bound(period.before, period.last))

    @property
    def step(self) -> str:
        """What a step of the period is called in a statement."""
        return {"hour": "day * 24 + hour", "day": "day", "week": "(day - 1) / 7 * 7 + 1"}[
            self._period.step
        ]

    def cells(self, keys: str, first: date, last: date) -> Sequence[Cell]:
        """Return the counts of each class for each combination of some keys."""
        columns = f"{keys}, fate, count(*), total(reopened), count(score), total(score)"
        columns += f", count(mood), total(mood <= {UNHAPPY})"
        return self._rows(columns, f"TRUE GROUP BY {keys}, fate", first, last)

    def figures(self, cells: Sequence[Cell], first: date, last: date) -> dict[str, float | None]:
        """Return the figures of some days, whose cells these are."""
        row = _summed(cells).get(None, _NOTHING)
        waits = self._rows("first_response", "first_response IS NOT NULL", first, last)
        [[lost]] = self._rows("count(*)", "unanswered <> ''", first, last)
        return {
            **{name: row[name] for name in UNITS if name in row},
            **_shares(row),
            "first_response": median(wait for [wait] in waits) / MILLION if waits else None,
            "unanswered": lost,
        }

    def series(self, cells: Sequence[Cell]) -> list[dict[str, Any]]:
        """Return a row for each step of the period, those without a conversation too."""
        period, found = self._period, _summed(cells, 0)
        hourly = period.step == "hour"
        first, last = period.first.toordinal(), period.last.toordinal()
        # Day 1 was a Monday, so that weeks begin at 1, 8, ...
        begin = (first - 1) // 7 * 7 + 1 if period.step == "week" else first
        places = (
            range(first * 24, (last + 1) * 24)
            if hourly
            else range(begin, last + 1, 7 if period.step == "week" else 1)
        )
        return [
            {"at": _named(place, hourly=hourly)} | (found.get(place) or _NOTHING)
            for place in places
        ]

    def splits(self) -> dict[str, list[dict[str, Any]]]:
        """Return, for each column that the numbers are split by, the counts of its values, the most frequent first."""
        first, last = self._period.first, self._period.last
        tables: dict[str, list[dict[str, Any]]] = {}
        for columns in _TOGETHER:
            cells = self.cells(", ".join(columns), first, last)
            for place, column in enumerate(columns):
                rows = [{column: value} | row for value, row in _summed(cells, place).items()]
                rows.sort(key=lambda row: (-row["conversations"], row[column]))
                tables[f"by_{column}"] = rows
        return tables

    def answers(self) -> list[dict[str, Any]]:
        long = self._period.last - self._period.first >= LONG and not self._narrowed
        found = self._connection.execute(
            "SELECT answer, count(*), total(thumb > 0), total(thumb < 0)"  # noqa: S608 - constants
            f" FROM {ANSWERS} {f'INDEXED BY {BY_ANSWER}' if long else ''} WHERE day BETWEEN :first AND :last{self._narrowed}"
            " GROUP BY answer ORDER BY 2 DESC, 1",
            self._bound(self._period.first, self._period.last),
        )
        return [
            {"answer": answer, "given": given, "up": int(up), "down": int(down)}
            for answer, given, up, down in found
        ]

    def lost(self) -> list[Lost]:
        """Return the latest questions that were not answered."""
        only = f"unanswered <> '' ORDER BY opened_at DESC LIMIT {LOOKED_AT}"
        found = self._rows("unanswered, conversation_id", only, self._period.first, self._period.last)  # fmt: skip
        return [Lost(text, conversation_id) for text, conversation_id in found]

    def _rows(self, what: str, only: str, first: date, last: date) -> Sequence[tuple[Any, ...]]:
        return self._connection.execute(
            f"SELECT {what} FROM temp.chosen WHERE day BETWEEN :first AND :last AND {only}",  # noqa: S608 - our own words
            {"first": first.toordinal(), "last": last.toordinal()},
        ).fetchall()

    def _bound(self, first: date, last: date) -> dict[str, Any]:
        period = self._period
        filters = {name: getattr(period, name) for name in _FILTERS}
        days = {"first": first.toordinal(), "last": last.toordinal()}
        return {**days, **filters, "cut": period.now - period.idle}


def _summed(cells: Sequence[Cell], place: int | None = None) -> dict[Any, dict[str, Any]]:
    """Return the counts of cells by what stands at a place of them, or of all of them together, under None."""
    counted: dict[Any, dict[str, Any]] = {}
    for cell in cells:
        value = None if place is None else cell[place]
        _add(counted.setdefault(value, {**_NOTHING, "sum": 0.0}), *cell[-COUNTS:])
    for row in counted.values():
        total = row.pop("sum")
        row["satisfaction"] = total / row["scores"] if row["scores"] else None
    return counted


def _add(
    row: dict[str, Any],
    fate: int | None,
    count: int,
    reopened: float,
    scores: int,
    total: float,
    felt: int,
    unhappy: float,
) -> None:
    """Add conversations of one class, None for those that are not over, to a row of counts."""
    row["conversations"] += count
    row["scores"] += scores
    row["sum"] += total
    row["felt"] += felt
    row["unhappy"] += int(unhappy)
    if fate is not None:
        row["ended"] += count
        row[CLASSES[fate]] += count
        row["reopened"] += int(reopened)


def _shares(row: Mapping[str, Any]) -> dict[str, float | None]:
    ended, felt = row["ended"], row["felt"]
    unhappiness = row["unhappy"] / felt if felt else None
    if not ended:
        none = dict.fromkeys(("containment", "resolution", "abandonment"))
        return {**none, "unhappiness": unhappiness}
    return {
        "unhappiness": unhappiness,
        "containment": (ended - row["handed_off"]) / ended,
        "resolution": row["confirmed"] / ended,
        "abandonment": row["abandoned"] / ended,
    }


def _named(place: int, *, hourly: bool) -> str:
    """Return a step as people write it: a day, or a day with its hour."""
    day, hour = divmod(place, 24) if hourly else (place, 0)
    named = date.fromordinal(day).isoformat()
    return f"{named}T{hour:02}:00" if hourly else named


_NOTHING: dict[str, Any] = dict.fromkeys(
    ("conversations", "ended", *CLASSES, "reopened", "scores", "felt", "unhappy"), 0
) | {"satisfaction": None}
