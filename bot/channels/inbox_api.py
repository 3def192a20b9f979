"""The inbox over HTTP: pages of conversations in the order in which people want to see them, and how many there are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from bot.channels.bodies import choice_in, limit_in, words_in
from bot.channels.guard import STAFF, Gate
from bot.channels.problems import Problem
from bot.staff.roles import Role
from conversations.views.happened import micros
from conversations.views.inbox_pages import (
    FILTERS,
    SORTS,
    STATES,
    BadCursor,
    Moment,
    Named,
    Wanted,
    counts,
    page,
    state_of,
)
from conversations.views.view import Views

SIZE, LARGEST = 50, 100  # rows of a page
MICROSECOND = timedelta(microseconds=1)


class InboxApi:
    """
    The route /api/v1/inbox, for operators alone.

    Args:
        idle: how long a conversation of the bot's may rest before it is over.
        due: when a person's words are due for a customer who waits since a time; None where none are promised.
    """

    def __init__(
        self,
        *,
        views: Views,
        clock: Callable[[], datetime],
        idle: timedelta,
        due: Callable[[datetime], datetime | None],
        gate: Gate,
    ) -> None:
        self._views = views
        self._clock = clock
        self._idle = idle
        self._due = due
        self._gate = gate

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/api/v1/inbox", self._gate.guarded(self._inbox, Role.VIEWER))]

    async def _inbox(self, request: web.Request) -> web.Response:
        moment = self.moment(request[STAFF].name or words_in(request, "operator"))
        wanted, behind = _wanted(request), await self._views.behind()
        try:
            found = await self._views.ask(lambda c: (page(c, wanted, moment), counts(c, moment)))
        except BadCursor as error:
            raise Problem(400, str(error)) from error
        rows, counted = found
        return web.json_response(
            {
                "rows": [self.shown(named, moment) for named in rows.rows],
                "next": rows.next,
                "counts": counted,
                "behind": behind,
            }
        )

    def moment(self, me: str = "") -> Moment:
        """Return now, for whoever asks."""
        return Moment(now=micros(self._clock()), idle=self._idle // MICROSECOND, me=me)

    def shown(self, named: Named, moment: Moment) -> dict[str, Any]:
        """Return a row as clients get it, by HTTP and live."""
        row = named.row
        due = None if row.waiting_since is None else self._due(_at(row.waiting_since))
        return {
            "conversation_id": row.conversation_id,
            "visitor": {"id": row.visitor_id, "name": named.name, "channel": row.channel},
            "state": str(state_of(row, moment)),
            "owner": row.owner,
            "assigned": row.assigned,
            "reason": row.reason,
            "waiting_since": _time(row.waiting_since),
            "last_at": _time(row.last_at),
            "last_text": row.last_text,
            "last_by": row.last_by,
            "mood": row.mood,
            "intent": row.intent,
            "language": row.language,
            "snoozed_until": _time(row.snoozed_until),
            "due_at": due and due.isoformat(),
            "messages": row.messages,
            "seq": row.seq,
        }


def _wanted(request: web.Request) -> Wanted:
    state = choice_in(request, "state", STATES, "all")
    mood = choice_in(request, "mood", ("", "low"), "")
    filters = {name: words_in(request, name) for name in FILTERS}
    return Wanted(
        state=state,
        low_mood=mood == "low",
        q=words_in(request, "q"),
        sort=choice_in(request, "sort", SORTS, "waiting" if state == "waiting" else "recent"),
        after=request.query.get("after", ""),
        limit=limit_in(request, SIZE, LARGEST),
        **filters,
    )


def _time(micros: int | None) -> str | None:
    return None if micros is None else _at(micros).isoformat()


def _at(micros: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + micros * MICROSECOND
