"""What a report says in words: its title, its first sentences, and how a figure stands in its unit beside the week before. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime

from bot.report.facts import Facts, Row

NAMES: Mapping[str, str] = {
    "conversations": "Conversations",
    "ended": "Over",
    "confirmed": "Confirmed",
    "handed_off": "Handed off",
    "rejected": "Rejected",
    "abandoned": "Abandoned",
    "assumed": "Assumed",
    "reopened": "Reopened",
    "containment": "Contained",
    "resolution": "Confirmed resolution",
    "abandonment": "Abandonment",
    "satisfaction": "CSAT, 1 to 5",
    "scores": "Scores",
    "first_response": "First response",
    "unanswered": "Unanswered",
    "unhappiness": "Unhappiness",
    "unhappy": "Unhappy",
    "felt": "With a mood",
}
BETTER = ("confirmed", "containment", "resolution", "satisfaction")  # when they rise
WORSE = (
    "rejected", "abandoned", "reopened", "abandonment", "first_response", "unhappiness", "unhappy", "unanswered",
)  # fmt: skip
DASH = "\N{EN DASH}"  # where there is nothing to take a figure of
MINUS = "\N{MINUS SIGN}"


def title(facts: Facts) -> str:
    """Return what the report is called, which is a mail's subject, too."""
    return f"{facts.desk}: week {facts.week.name}"


def days(facts: Facts) -> str:
    """Return which days those are."""
    first, last = facts.week.first, facts.week.last
    year = "" if first.year == last.year else f" {first.year}"
    return f"Monday {_day(first)}{year} to Sunday {_day(last)} {last.year}, by the clock of {facts.zone}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B}"


def lead(facts: Facts) -> str:
    """Return the week in a few sentences."""
    return " ".join(_lead(facts.numbers["figures"]))


def _lead(figures: Mapping[str, Row]) -> Iterator[str]:
    many, before = figures["conversations"]["value"] or 0, figures["conversations"]["previous"]
    if not many:
        yield "Nobody wrote."
        return
    beside = f", after {before:,.0f} in the week before" if before else ""
    yield f"{counted(many, 'conversation')}{beside}."
    if (contained := figures["containment"])["value"] is not None:
        moved = change(contained, short=False)
        yield f"{said(contained['value'], 'share')} of those that are over went without a person{f' ({moved})' if moved else ''}."
    if lost := figures["unanswered"]["value"]:
        yield f"{counted(lost, 'conversation')} had a question that the bot has no answer to."


def counted(many: float, what: str) -> str:
    return f"{many:,.0f} {what}{'' if many == 1 else 's'}"


def said(value: float | None, unit: str) -> str:
    """Return a figure in its unit, a dash where there is nothing to take it of."""
    match unit:
        case _ if value is None:
            return DASH
        case "share":
            return f"{100 * value:.1f}%"
        case "score":
            return f"{value:.2f}"
        case "seconds":
            return _span(value)
        case _:
            return f"{value:,.0f}"


def _span(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 90 * 60 else f"{seconds / 3600:.1f} h"


def change(figure: Row, *, short: bool = True) -> str:
    """Return how a figure changed: shares by points, scores by their difference, everything else in percent."""
    value, previous = figure["value"], figure["previous"]
    if value is None or previous is None:
        return ""
    match figure["unit"]:
        case "share":
            return _signed(f"{100 * (value - previous):+.1f} {'pp' if short else 'points'}")
        case "score":
            return _signed(f"{value - previous:+.2f}")
        case _ if previous == 0:
            return "" if value == 0 else "new"
        case _:
            return _signed(f"{100 * (value - previous) / previous:+.0f}%")


def _signed(text: str) -> str:
    """Return a difference with a real minus, and without a sign where it is nothing."""
    return text[1:] if not text.strip("+-0.%p oints") else text.replace("-", MINUS)


def tone(name: str, figure: Row) -> str:
    """Return whether a figure's change is better or worse, empty where it is neither."""
    moved = change(figure)
    if name not in (*BETTER, *WORSE) or moved[:1] not in ("+", MINUS):
        return ""
    return "better" if (moved[0] == "+") is (name in BETTER) else "worse"


def when(row: Row, facts: Facts) -> str:
    return f"{datetime.fromisoformat(row['at']).astimezone(facts.zone):%a %Y-%m-%d %H:%M}"
