"""
New topics among unanswered questions over HTTP: which there are, and looking for them now.

What is decided about a topic goes through the routes of the review queue, at most a hundred messages at once, and a new intent begins
as a draft of its answer. Looking runs as a process of its own, one at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any, Self

from aiohttp import web

from bot.channels.bodies import body_of, limit_in
from bot.channels.guard import Gate, operator_in
from bot.channels.problems import Problem
from bot.channels.web_frames import Frame
from bot.errands import AtIt, Errand, Errands
from bot.staff.roles import Role
from bot.topics import TOGETHER, Likely, Topic, Topics
from conversations.review import Ticket

PATH = "/api/v1/review/topics"
SIZE, LARGEST = 20, 100  # topics of a page
DAYS = 60  # on which it was asked, the latest


class TopicsApi:
    """
    The routes, for operators alone. `async with` ends what runs when the server does.

    Args:
        desk: its folder.
        zone: the desk's, for the days.
        tell: whoever has the console open.
    """

    def __init__(
        self,
        *,
        topics: Topics,
        desk: Path,
        zone: tzinfo,
        clock: Callable[[], datetime],
        tell: Callable[[Frame], None],
        gate: Gate,
    ) -> None:
        self._topics = topics
        self._desk = desk
        self._zone = zone
        self._tell = tell
        self._gate = gate
        self._looking = Errands(clock, self._told)

    def routes(self) -> list[web.RouteDef]:
        guarded = self._gate.guarded
        return [
            web.get(PATH, guarded(self._page, Role.VIEWER)),
            web.post(f"{PATH}/look", guarded(self._look, Role.TRAINER)),
            web.delete(f"{PATH}/look", guarded(self._stop, Role.TRAINER)),
        ]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._looking.stop()

    async def _page(self, request: web.Request) -> web.Response:
        size = limit_in(request, SIZE, LARGEST)
        page = await self._topics.page()
        shown = page.topics[:size]
        likely = await self._topics.likely(shown)
        return web.json_response(
            {
                "open": len(page.topics),
                "at": page.at or None,
                "release": page.release,
                "looked_at": page.looked_at,
                "note": page.note,
                "failed": {"at": page.failed_at, "why": page.failed} if page.failed else None,
                "looking": _state(self._looking.last),
                "topics": [
                    _row(topic, its, self._zone) for topic, its in zip(shown, likely, strict=True)
                ],
            }
        )

    async def _look(self, request: web.Request) -> web.Response:
        by = operator_in(request, await body_of(request))
        words = ["topics", "--json", "--desk", str(self._desk)]
        try:
            errand = self._looking.begin(words, about="", by=by)
        except AtIt:
            last = self._looking.last
            assert last is not None  # noqa: S101 - it is at it
            why = f"{last.by} began it at {last.begun}, and it still runs."
            raise Problem(409, why, code="running") from None
        return web.json_response(_state(errand))

    async def _stop(self, request: web.Request) -> web.Response:
        await self._looking.stop()
        return web.json_response(_state(self._looking.last))

    def _told(self, errand: Errand) -> None:
        self._tell({"kind": "topics", **_state(errand)})


def _state(errand: Errand | None) -> dict[str, Any]:
    """What was found is read from the desk's file, not from here."""
    if errand is None:
        return {"running": False}
    return {name: value for name, value in errand.as_json().items() if name != "result"}


def _row(topic: Topic, likely: Sequence[Likely], zone: tzinfo) -> dict[str, Any]:
    days = topic.days(zone)
    return {
        "name": topic.name,
        "title": topic.title,
        "words": list(topic.words),
        "asked": topic.asked,
        "wordings": len(topic.tickets),
        "first": days[0][0].isoformat(),
        "last": days[-1][0].isoformat(),
        "days": [{"day": day.isoformat(), "asked": count} for day, count in days[-DAYS:]],
        "likely": [{"intent": o.intent, "title": o.title, "score": o.score} for o in likely],
        "examples": [_example(ticket) for ticket in topic.tickets[:TOGETHER]],
        "messages": topic.messages,
        "draft": topic.draft,
    }


def _example(ticket: Ticket) -> dict[str, Any]:
    return {
        "message_id": ticket.message_id,
        "conversation_id": ticket.said[0].conversation_id,
        "text": ticket.text,
        "at": ticket.said[0].at.isoformat(),
        "asked": len(ticket.said),
    }
