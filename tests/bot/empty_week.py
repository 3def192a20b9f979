"""A week of a desk in which nothing happened, for the tests of its report."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any

from bot.desk import Desk
from bot.report.facts import Facts, Waits
from bot.report.week import Week
from conversations.views.numbers import DEFINITIONS, UNITS

NEVER = {"value": None, "previous": None, "unit": "count"}


def empty(desk: Desk, week: Week) -> Facts:
    figures = {name: {**NEVER, "unit": unit} for name, unit in UNITS.items()}
    splits = ("by_intent", "by_channel", "by_language", "by_release", "by_answer")
    series = [{"at": f"{week.first + timedelta(days=day)}", "conversations": 0} for day in range(7)]
    numbers: dict[str, Any] = {name: [] for name in splits}
    numbers |= {"figures": figures, "definitions": dict(DEFINITIONS), "unanswered": []}
    numbers["series"] = series
    return Facts(desk.settings.name, week, UTC, numbers, numbers, [], [], Waits())
