"""The report as sections of rows, in the order in which it is read; the text and the page both show them. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from bot.report.facts import Facts, Row
from bot.report.wording import DASH, NAMES, change, counted, said, tone, when
from conversations.text import printable

TOP = 10  # unanswered questions
MOST = 8  # rows of what a table is split by
LONGEST = 160  # characters of a question
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
UNSEEN = re.compile(  # marks of direction and their like; what joins letters and emoji stays
    "[\u200b\u200e\u200f\u061c\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
FATES = ("confirmed", "handed_off", "rejected", "abandoned", "assumed")
RATES = ("containment", "resolution", "abandonment", "reopened", "satisfaction", "scores", "first_response", "unanswered")  # fmt: skip
MOODS = ("unhappiness", "unhappy", "felt")
TILES = (
    "conversations",
    "containment",
    "resolution",
    "satisfaction",
    "first_response",
    "unanswered",
)
KINDS: Mapping[str, str] = {
    "negative": "Unhappy messages",
    "handoffs": "Hand-offs to people",
    "unanswered": "Questions without an answer",
}
OUTCOMES: Mapping[str, str] = {
    "promoted": "Promoted",
    "held": "Held for somebody to promote",
    "refused": "Refused",
    "unchanged": "Nothing new was taught",
    "would_promote": "Tried out",
    "left_behind": "Nothing new since a rollback",
    "failed": "Failed",
}


@dataclass(frozen=True, slots=True)
class Line:
    """
    A row of a section.

    `note` explains its first cell; `tone` is better, worse or empty, of its last cell; `part` is what of a whole it is, 0 to 1, which is
    drawn as long; `colour` names how it is drawn.
    """

    cells: tuple[str, ...]
    note: str = ""
    tone: str = ""
    part: float | None = None
    colour: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report: `lines` under `head`, or `instead` where there are none; the cells of `counts` are numbers, but the first."""

    title: str
    head: tuple[str, ...]
    lines: Sequence[Line]
    instead: str = ""
    about: str = ""
    counts: bool = True


def sections(facts: Facts) -> list[Section]:
    """Return the report, in the order in which it is read."""
    return [_bare(section) for section in _sections(facts)]


def _bare(section: Section) -> Section:
    """
    Return a section of which no cell is more than a line that can be read: people and files named what stands in it.

    A mail cannot hold half a sign, a terminal may obey a control, and a mark of direction turns what stands behind it.
    """
    lines = [
        replace(line, cells=tuple(map(_readable, line.cells)), note=_readable(line.note))
        for line in section.lines
    ]
    return replace(section, lines=lines, about=_readable(section.about))


def _readable(text: str) -> str:
    return " ".join(CONTROL.sub(" ", UNSEEN.sub("", printable(text))).split())


def _sections(facts: Facts) -> list[Section]:
    split, nobody = ("This week", "Week before", "Contained"), "There were no conversations."
    compared = ("This week", "Week before", "Change")
    figures = facts.numbers["figures"]
    return [
        Section("What waits now", ("What", "How many"), list(_waits(facts)), "Nothing waits."),
        Section("Day by day", ("Day", "Conversations"), list(_series(facts))),
        Section("How they ended", ("Class", *compared), list(_fates(facts)), about=_over(figures)),
        Section("Rates", ("Figure", *compared), [_figure(facts, name) for name in RATES]),
        Section(
            "Asked most and not answered",
            ("Question", "Times"),
            [_asked(row) for row in facts.numbers["unanswered"][:TOP]],
            "Every question had an answer.",
        ),
        Section("What they were about", ("Topic", *split), list(_split(facts, "intent", _topic)), nobody),
        Section("By channel, language and Release", ("Conversations by", *split), list(_ways(facts)), nobody),
        _answers(facts),
        Section("Moods", ("Figure", *compared), [_figure(facts, name) for name in MOODS]),
        Section("Alerts", ("When", "What rose"), list(_alerts(facts)), "Nothing rose beyond its season.", counts=False),
        _nights(facts),
    ]  # fmt: skip


def _figure(facts: Facts, name: str, *, part: float | None = None, colour: str = "") -> Line:
    figure = facts.numbers["figures"][name]
    value, previous, unit = figure["value"], figure["previous"], figure["unit"]
    cells = NAMES[name], said(value, unit), said(previous, unit), change(figure)
    note = facts.numbers["definitions"].get(name, "")
    return Line(cells, note, tone(name, figure), part, colour)


def tiles(facts: Facts) -> list[Line]:
    """Return the figures that are seen first."""
    return [_figure(facts, name) for name in TILES]


def _over(figures: Mapping[str, Row]) -> str:
    over = figures["ended"]["value"] or 0
    return (
        f"{counted(over, 'conversation')} {'is' if over == 1 else 'are'} over, each in one class."
    )


def _fates(facts: Facts) -> Iterator[Line]:
    figures = facts.numbers["figures"]
    over = figures["ended"]["value"] or 0
    for name in FATES:
        value = figures[name]["value"] or 0
        yield _figure(facts, name, part=value / over if over else 0.0, colour=name)


def _series(facts: Facts) -> Iterator[Line]:
    rows = facts.numbers["series"]
    most = max((row["conversations"] for row in rows), default=0)
    for row in rows:
        day, many = date.fromisoformat(row["at"]), row["conversations"]
        yield Line((f"{day:%A}", f"{many:,}"), part=many / most if most else 0.0, colour="days")


def _asked(row: Row) -> Line:
    words = " ".join(str(row["text"]).split())
    short = words if len(words) <= LONGEST else f"{words[:LONGEST].rstrip()}\N{HORIZONTAL ELLIPSIS}"
    return Line((short, f"{row['count']:,}"))


def _topic(name: str) -> str:
    return name.replace("_", " ") or "none that is known"


_WAYS: Sequence[tuple[str, Callable[[str], str]]] = (
    ("channel", lambda name: f"Channel {name}"),
    ("language", lambda name: f"Language {name or 'not known'}"),
    ("release", lambda name: f"Release {name[:12]}" if name else "No Release"),
)


def _ways(facts: Facts) -> Iterator[Line]:
    for by, named in _WAYS:
        yield from _split(facts, by, named)


def _split(facts: Facts, by: str, named: Callable[[str], str]) -> Iterator[Line]:
    before = {row[by]: row["conversations"] for row in facts.before[f"by_{by}"]}
    for row in facts.numbers[f"by_{by}"][:MOST]:
        now, then = row["conversations"], before.get(row[by], 0)
        yield Line((named(row[by]), f"{now:,}", f"{then:,}", _contained(row)))


def _contained(row: Row) -> str:
    over = row["ended"]
    return said((over - row["handed_off"]) / over, "share") if over else DASH


def _answers(facts: Facts) -> Section:
    rated = [row for row in facts.numbers["by_answer"] if row["up"] or row["down"]]
    rated.sort(key=lambda row: (-row["down"], -row["given"]))
    lines = [
        Line((str(row["answer"]), f"{row['given']:,}", f"{row['up']:,}", f"{row['down']:,}"))
        for row in rated[:MOST]
    ]
    head = ("Answer", "Given", "Thumb up", "Thumb down")
    return Section("Answers that customers judged, the worst first", head, lines, "Nobody gave a thumb.")  # fmt: skip


def _waits(facts: Facts) -> Iterator[Line]:
    waits = facts.waits
    if waits.people:
        yield Line(("Conversations with a person, or waiting for one", f"{waits.people:,}"))
    if waits.labels:
        yield Line(("Questions in the review that want a label", f"{waits.labels:,}"))
    for what, ids in (
        ("Answers that are past their last day", waits.ended),
        ("Answers that end within two weeks", waits.ending),
        ("Answers that are saved and not live", waits.unfinished),
    ):
        if ids:
            more = f" and {len(ids) - MOST} more" if len(ids) > MOST else ""
            yield Line((what, f"{len(ids):,}"), note=", ".join(ids[:MOST]) + more)


def _alerts(facts: Facts) -> Iterator[Line]:
    for row in facts.alerts:
        kind = str(row["kind"])
        what = KINDS.get(kind) or f"Questions about {str(row['topic']).replace('_', ' ')}"
        by = f"seen by {row['seen_by']}" if row["seen_by"] else "nobody has looked yet"
        yield Line(
            (
                when(row, facts),
                f"{what}: {row['seen']} in {row['minutes']} minutes, usual are {row['expected']:g}; {by}",
            )
        )


def _nights(facts: Facts) -> Section:
    how = Counter(_outcome(row) for row in facts.nights)
    ways = "; ".join(f"{outcome}: {many}" for outcome, many in how.most_common())
    lines = [Line((_night(row, facts), str(row.get("why") or _outcome(row)))) for row in facts.nights]  # fmt: skip
    head = ("When", "How it ended, and why")
    return Section("What the nights changed", head, lines, "No night ran.", ways, counts=False)


def _outcome(row: Row) -> str:
    name = str(row.get("outcome", ""))
    return OUTCOMES.get(name, name)


def _night(row: Row, facts: Facts) -> str:
    at: Any = row["at"]
    return f"{datetime.fromisoformat(at).astimezone(facts.zone):%a %H:%M}"
