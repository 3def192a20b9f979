"""The numbers of a desk over HTTP, as JSON and table by table as CSV."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from aiohttp import web

from bot.channels.bodies import choice_in, words_in
from bot.channels.guard import Gate
from bot.channels.problems import Problem
from bot.staff.roles import Role
from conversations.views.happened import micros
from conversations.views.numbers import DEFINITIONS, LONGEST, STEPS, Numbers, Period, numbers
from conversations.views.view import Views

USUAL = timedelta(days=29)  # before today, where no period is named
TABLES = (
    "figures", "series", "by_intent", "by_answer", "by_channel", "by_language", "by_release", "unanswered",
)  # fmt: skip
# What a spreadsheet would reckon with: https://owasp.org/www-community/attacks/CSV_Injection, the wide signs of Asian keyboards among them.
FORMULA = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")
BREAKS = ("\t", "\r", "\n")
LOSS = re.compile(r"-[0-9]+([.,][0-9]+)?")  # a negative number, and no more than that


class NumbersApi:
    """
    The routes /api/v1/numbers and numbers.csv, for operators alone.

    Args:
        idle: how long a conversation of the bot's may rest before it is over.
        zone: the desk's own, whose days are counted.
    """

    def __init__(
        self,
        *,
        views: Views,
        clock: Callable[[], datetime],
        idle: timedelta,
        zone: tzinfo,
        gate: Gate,
    ) -> None:
        self._views = views
        self._clock = clock
        self._idle = idle
        self._zone = zone
        self._gate = gate

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/api/v1/numbers", self._gate.guarded(self._numbers, Role.VIEWER)),
            web.get("/api/v1/numbers.csv", self._gate.guarded(self._table, Role.VIEWER)),
        ]

    async def _numbers(self, request: web.Request) -> web.Response:
        behind = await self._views.behind()  # before the numbers: what it says must hold for them
        period = self._period(request)
        counted = {"from": f"{period.first}", "to": f"{period.last}", "days": period.days}
        found = as_object(await self._of(period))
        return web.json_response(found | {"period": counted, "behind": behind})

    async def _table(self, request: web.Request) -> web.Response:
        name = choice_in(request, "table", TABLES, "series")
        text = as_csv(table_of(await self._of(self._period(request)), name))
        response = web.Response(text=text, content_type="text/csv", charset="utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
        return response

    async def _of(self, period: Period) -> Numbers:
        return await self._views.ask(lambda connection: numbers(connection, period))

    def _period(self, request: web.Request) -> Period:
        now = self._clock()
        last = _day(request, "to") or now.astimezone(self._zone).date()
        first = _day(request, "from") or last - min(_before(request), last - date.min)
        if not timedelta() <= last - first <= LONGEST:
            raise Problem(400, f"'from' must lie before 'to', by {LONGEST.days} days at most.")
        return Period(
            first=first,
            last=last,
            now=micros(now),
            idle=self._idle // timedelta(microseconds=1),
            step=choice_in(request, "step", STEPS, "day"),
            channel=words_in(request, "channel"),
            language=words_in(request, "language"),
            release=words_in(request, "release"),
        )


def as_object(found: Numbers) -> dict[str, Any]:
    """Return the numbers as clients get them, with what each figure means."""
    return {
        "definitions": dict(DEFINITIONS),
        "figures": {name: asdict(figure) for name, figure in found.figures.items()},
        **found.tables,
        "unanswered": [asdict(one) for one in found.unanswered],
    }


def table_of(found: Numbers, name: str) -> list[dict[str, Any]]:
    """Return one of `TABLES` as rows."""
    if name == "figures":
        return [
            {"figure": figure, **asdict(value), "definition": DEFINITIONS[figure]}
            for figure, value in found.figures.items()
        ]
    if name == "unanswered":
        return [{"text": one.text, "count": one.count} for one in found.unanswered]
    return found.tables[name]


def as_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """
    Return rows as CSV with a header, RFC 4180.

    Every text is in quotes, so that no other separator than the comma parts it in two; one that a spreadsheet would take for a formula has
    a ' before it.
    """
    written = io.StringIO()
    table = csv.writer(written, quoting=csv.QUOTE_NONNUMERIC)
    if rows:
        table.writerow(rows[0])
    table.writerows([_harmless(value) for value in row.values()] for row in rows)
    return written.getvalue()


def _harmless(value: object) -> object:
    if not isinstance(value, str) or LOSS.fullmatch(value):
        return value
    reckoned = value.startswith(BREAKS) or _first_seen(value) in FORMULA
    return f"'{value}" if reckoned else value


def _first_seen(text: str) -> str:
    """Return the first sign that anybody sees; some programs pass over what stands before it."""
    unseen = {"Cc", "Cf"}
    seen = (c for c in text if not c.isspace() and unicodedata.category(c) not in unseen)
    return next(seen, "")


def _before(request: web.Request) -> timedelta:
    """Return how long before the last day a period of so many days begins."""
    given = request.query.get("days", "")
    if not given:
        return USUAL
    if not (re.fullmatch("[0-9]{1,4}", given) and 1 <= int(given) <= LONGEST.days):
        raise Problem(400, f"The parameter 'days' must be a number from 1 to {LONGEST.days}.")
    return timedelta(days=int(given) - 1)


def _day(request: web.Request, name: str) -> date | None:
    given = request.query.get(name, "")
    try:
        return date.fromisoformat(given) if given else None
    except ValueError as error:
        raise Problem(400, f"The parameter {name!r} must be a day like 2026-03-01.") from error
