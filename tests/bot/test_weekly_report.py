"""The weekly report: which week it is, what stands in it, and in what words."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.desk import Desk
from bot.office import made
from bot.report.facts import Facts, Waits, waiting, within
from bot.report.page import as_page
from bot.report.plain import as_text
from bot.report.sections import sections
from bot.report.week import Moment, Week, last_whole, named
from bot.report.weekly import facts_of
from bot.report.wording import NAMES, change, said, tone
from conversations.views.view import Views
from retrieval import lines
from tests.bot.console_desk import staffed
from tests.bot.console_month import written
from tests.bot.empty_week import empty
from tests.bot.house import event_log
from tests.bot.served import make_desk, served

BERLIN = ZoneInfo("Europe/Berlin")


# Weeks


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("2026-W48", date(2026, 11, 23)),
        ("2026-11-29", date(2026, 11, 23)),
        ("2027-01-01", date(2026, 12, 28)),
    ],
)
def test_a_week_is_named_or_a_day_of_it(text: str, first: date) -> None:
    assert named(text).first == first
    assert named(named(text).name) == named(text)


@pytest.mark.parametrize("text", ["2026-W54", "last", "2026-13-01", ""])
def test_what_is_no_week_is_said_so(text: str) -> None:
    with pytest.raises(ValueError, match="is no week; write it like"):
        named(text)


def test_a_week_ends_by_the_clock_of_the_desk() -> None:
    late = datetime(2026, 11, 29, 23, 30, tzinfo=UTC)  # Monday, half past midnight, in Berlin
    assert last_whole(late, UTC).name == "2026-W47"
    assert last_whole(late, BERLIN).name == "2026-W48"
    assert not Week(date(2026, 11, 23)).has(late, BERLIN)
    rows: list[dict[str, Any]] = [
        {"at": late.isoformat()},
        {"at": "2026-11-23T08:00:00+00:00"},
        {"at": None},
        {},
    ]
    assert within(rows, Week(date(2026, 11, 23)), BERLIN) == [rows[1]]


def test_a_moment_was_last_this_week_or_the_one_before() -> None:
    moment = Moment.of(" Tuesday 7:05")
    tuesday = datetime(2026, 11, 24, 7, 5, tzinfo=BERLIN)
    assert str(moment) == "tuesday 07:05"
    assert moment.last(tuesday, BERLIN) == tuesday
    assert moment.last(tuesday - timedelta(seconds=1), BERLIN) == tuesday - timedelta(days=7)


# Words


@pytest.mark.parametrize(
    ("value", "previous", "unit", "words"),
    [
        (0.5, 0.45, "share", ("50.0%", "+5.0 pp")),
        (120, 100, "count", ("120", "+20%")),
        (3, 0, "count", ("3", "new")),
        (4.25, 4.5, "score", ("4.25", "\N{MINUS SIGN}0.25")),
        (45, 90, "seconds", ("45 s", "\N{MINUS SIGN}50%")),
        (7200, None, "seconds", ("2.0 h", "")),
        (None, 1, "share", ("\N{EN DASH}", "")),
    ],
)
def test_a_figure_stands_in_its_unit_beside_the_week_before(
    value: float | None, previous: float | None, unit: str, words: tuple[str, str]
) -> None:
    figure = {"value": value, "previous": previous, "unit": unit}
    assert (said(value, unit), change(figure)) == words


async def facts(desk: Desk, week: Week) -> Facts:
    async with event_log(desk.folder) as log, Views.open(log, made(desk)) as views:
        assert await views.caught_up(60)
        return await facts_of(desk, week, log, views)


def night(folder: Path, week: Week, outcome: str, why: str) -> None:
    lines.append(
        folder / "nights.jsonl",
        {"at": f"{week.first}T03:00:00+00:00", "outcome": outcome, "why": why},
    )


async def test_a_week_of_a_desk_is_counted_as_the_console_counts_it(tmp_path: Path) -> None:
    desk = staffed(tmp_path, "Puddle & Pine", "public_url = 'https://desk.example/'\n")
    await written(desk)
    week = last_whole(desk.clock(), UTC)
    night(tmp_path, week, "promoted", "It is <b>better</b>.")
    night(tmp_path, week.before, "refused", "That was before.")
    found = await facts(desk, week)
    async with served(desk) as client:
        for period, numbers in ((week, found.numbers), (week.before, found.before)):
            path = f"/api/v1/numbers?from={period.first}&to={period.last}"
            counted: Any = {"behind": 1}
            async with asyncio.timeout(60):
                while counted["behind"]:
                    _, counted = await client.get(path, operator=True)
            kept = json.loads(json.dumps(numbers))
            assert {name: counted[name] for name in kept} == kept
    text, page = as_text(found), as_page(found)
    figures = found.numbers["figures"]
    assert text.startswith(f"Puddle & Pine: week {week.name}\nMonday {week.first.day} ")
    for shown in (text, page):
        assert f"{figures['conversations']['value']:,.0f} conversations, after" in shown
        assert f"{100 * figures['containment']['value']:.1f}%" in shown
        assert "Promoted: 1" in shown
        assert "That was before." not in shown
    assert "It is <b>better</b>." in text
    assert "It is &lt;b&gt;better&lt;/b&gt;." in page
    assert f'"https://desk.example/console/numbers?from={week.first}&amp;to={week.last}"' in page
    assert all(len(line) <= 78 or " " not in line.strip() for line in text.splitlines())
    assert json.loads(json.dumps(found.as_object()))["week"]["name"] == week.name
    for name, definition in found.numbers["definitions"].items():
        assert f"{NAMES[name]}: {definition}" in " ".join(text.split()), name
        if name not in ("conversations", "ended"):
            assert escape(definition) in page


def test_the_classes_are_parts_of_what_is_over(tmp_path: Path) -> None:
    facts = empty(make_desk(tmp_path), named("2026-W48"))
    figures = facts.numbers["figures"]
    figures["ended"] |= {"value": 4, "previous": 2}
    figures["confirmed"] |= {"value": 3, "previous": 2}
    figures["assumed"] |= {"value": 1, "previous": 0}
    [ended] = [section for section in sections(facts) if section.title == "How they ended"]
    parts = {line.cells[0]: (line.part, line.cells[-1], line.tone) for line in ended.lines}
    assert parts["Confirmed"] == (0.75, "+50%", "better")
    assert parts["Assumed"] == (0.25, "new", "")
    assert parts["Rejected"] == (0.0, "", "")


def test_a_worse_figure_is_told_from_a_better_one() -> None:
    rose = {"value": 90, "previous": 60, "unit": "seconds"}
    assert [tone(name, rose) for name in ("first_response", "confirmed", "conversations")] == [
        "worse",
        "better",
        "",
    ]
    same = {"value": 60, "previous": 60, "unit": "seconds"}
    assert (change(same), tone("first_response", same)) == ("0%", "")


def test_what_waits_is_named(tmp_path: Path) -> None:
    row = {"state": "live", "live_version": 1, "valid_until": None}
    answers = [
        {**row, "id": "always"},
        {**row, "id": "summer", "valid_until": "2026-08-31"},
        {**row, "id": "advent", "valid_until": "2026-12-06"},
        {**row, "id": "later", "valid_until": "2027-01-31"},
        {**row, "id": "new", "state": "draft", "live_version": None},
        {**row, "id": "old", "state": "retired", "live_version": None, "valid_until": "2026-01-01"},
    ]
    waits = waiting(2, 41, answers, date(2026, 11, 30))
    assert waits == Waits(2, 41, ["summer"], ["advent"], ["new"])
    facts = replace(empty(make_desk(tmp_path), named("2026-W48")), waits=waits)
    text = as_text(facts)
    assert re.search("Questions in the review that want a label +41\n", text)
    assert "\n  summer\n" in text
    many = replace(waits, ended=[f"answer-{place}" for place in range(11)])
    assert "answer-7 and 3 more" in as_page(replace(facts, waits=many))


def test_what_customers_wrote_is_cut_short_and_never_runs(tmp_path: Path) -> None:
    facts = empty(make_desk(tmp_path), named("2026-W48"))
    words = "<script>alert(1)</script> " + "w" * 200
    facts.numbers["unanswered"].append({"text": words, "count": 3, "examples": []})
    page = as_page(facts)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "w" * 140 not in page
    assert "\N{HORIZONTAL ELLIPSIS}" in page


def test_an_empty_week_says_so(tmp_path: Path) -> None:
    facts = empty(make_desk(tmp_path), named("2026-W48"))
    for sentence in (
        "Nobody wrote.",
        "Nothing waits.",
        "Every question had an answer.",
        "There were no conversations.",
        "Nobody gave a thumb.",
        "Nothing rose beyond its season.",
        "No night ran.",
    ):
        assert sentence in as_text(facts)
        assert sentence in as_page(facts)
