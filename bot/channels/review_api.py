"""The review queue over HTTP: what to label next, and what operators decide about it."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from aiohttp import web

from bot import decisions, operators
from bot.channels.bodies import body_of, limit_in, name_in, text_in
from bot.channels.guard import Gate, known, operator_in
from bot.channels.problems import Problem
from bot.review import Asked, ReviewQueue
from bot.staff.roles import Role
from conversations.log import EventLog
from conversations.review import Ticket

SIZE, LARGEST = 20, 100  # tickets of a page
TOGETHER = 100  # utterances of one decision
CANDIDATES = 3  # intents proposed besides the first: a digit each
SPOKEN = 5  # pieces of evidence shown with a ticket
NEAREST = 5  # trained examples shown with a ticket


class ReviewApi:
    """
    The routes under /api/v1/review, for operators alone.

    Args:
        intents: those the serving Release knows, asked for when they are needed.
        midnight: when the desk's day began, for the progress of today.
    """

    def __init__(
        self,
        *,
        queue: ReviewQueue,
        log: EventLog,
        intents: Callable[[], Container[str]],
        new_id: Callable[[], str],
        midnight: Callable[[], datetime],
        gate: Gate,
    ) -> None:
        self._queue = queue
        self._log = log
        self._intents = intents
        self._new_id = new_id
        self._midnight = midnight
        self._gate = gate

    def routes(self) -> list[web.RouteDef]:
        guarded = self._gate.guarded

        return [
            web.get("/api/v1/review", guarded(self._page, Role.VIEWER)),
            web.get("/api/v1/review/similar", guarded(self._similar, Role.VIEWER)),
            web.post("/api/v1/review/decisions", guarded(self._decide, Role.TRAINER)),
            web.post("/api/v1/review/dismissals", guarded(self._dismiss, Role.TRAINER)),
            web.post("/api/v1/review/undo", guarded(self._undo, Role.TRAINER)),
            web.post("/api/v1/review/revocations", guarded(self._revoke, Role.ADMIN)),
        ]

    async def _page(self, request: web.Request) -> web.Response:
        page = await self._queue.page(limit_in(request, SIZE, LARGEST))
        today = await self._queue.progress(self._midnight())
        return web.json_response(
            {
                "open": page.open,
                "today": [asdict(one) for one in today],
                "tickets": list(map(_ticket, page.asked)),
            }
        )

    async def _similar(self, request: web.Request) -> web.Response:
        message_id = request.query.get("message_id", "")
        found = await self._queue.similar(message_id, limit_in(request, LARGEST, LARGEST))
        return web.json_response({"tickets": list(map(_ticket, found))})

    async def _decide(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        messages, operator = _messages(body), operator_in(request, body)
        intent = name_in(body, "intent", optional="intent" in body)
        if intent and intent not in self._intents():
            raise Problem(400, operators.no_intent(intent))
        decision = self._new_id()
        labelled = await known(
            decisions.label_together(self._log, messages, intent, operator, decision)
        )
        if body.get("settle") is True:
            await decisions.settle(self._log, labelled, operator, decision)
        return web.json_response({"decision": decision, "labelled": labelled})

    async def _dismiss(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        messages, operator = _messages(body), operator_in(request, body)
        decision = self._new_id()
        dismissed = await known(decisions.dismiss(self._log, messages, operator, decision))
        return web.json_response({"dismissed": dismissed})

    async def _undo(self, request: web.Request) -> web.Response:
        operator = operator_in(request, await body_of(request))
        return web.json_response(asdict(await decisions.undo(self._log, operator)))

    async def _revoke(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        operator, by = name_in(body, "operator"), operator_in(request, body, "by")
        revoked = await decisions.revoke(self._log, operator, by, _since(body))
        return web.json_response({"unlabelled": revoked})


def _messages(body: Mapping[str, Any]) -> list[str]:
    messages = body.get("messages")
    if not isinstance(messages, list) or not 1 <= len(messages) <= TOGETHER:
        raise Problem(400, f"The field 'messages' must be a list of 1 to {TOGETHER} message ids.")
    return list(dict.fromkeys(name_in({"messages": one}, "messages") for one in messages))


def _since(body: Mapping[str, Any]) -> datetime | None:
    if body.get("since") is None:
        return None
    wrong = Problem(400, "The field 'since' must be a time with its zone: 2026-03-01T09:00:00Z.")
    try:
        since = datetime.fromisoformat(text_in(body, "since"))
    except ValueError as error:
        raise wrong from error
    if since.tzinfo is None:
        raise wrong
    return since


def _ticket(asked: Asked) -> dict[str, Any]:
    ticket, reading = asked.ticket, asked.prediction
    return {
        "message_id": ticket.message_id,
        "conversation_id": ticket.said[0].conversation_id,
        "text": ticket.text,
        "at": ticket.said[0].at.isoformat(),
        "why": str(asked.why),
        "worth": round(asked.worth, 4),
        "asked": len(ticket.said),
        "complaint": round(ticket.complaint, 4),
        "proposed": {
            "intent": reading.best.intent,
            "title": reading.best.title,
            "confidence": round(reading.confidence, 4),
        },
        "candidates": [
            {"intent": c.intent, "title": c.title, "score": c.score}
            for c in reading.candidates[: CANDIDATES + 1]
        ],
        "answered": {
            "action": str(ticket.decided.action),
            "intent": ticket.decided.intent,
            "text": ticket.decided.text,
        },
        "evidence": [
            {
                "signal": str(e.signal),
                "intent": e.intent,
                "against": e.against,
                "weight": e.weight,
                "message_id": e.heard.message_id,
                "words": e.words,
            }
            for e in ticket.evidence[:SPOKEN]
        ],
        "nearest": [
            {"text": n.text, "intent": n.intent, "similarity": round(n.similarity, 4)}
            for n in reading.neighbours[:NEAREST]
        ],
        "labels": [{"operator": one.operator, "intent": one.intent} for one in ticket.labels],
        "messages": _settled_by(ticket, asked.twins),
        "twins": [twin.text for twin in asked.twins],
    }


def _settled_by(ticket: Ticket, twins: Sequence[Ticket]) -> list[str]:
    """Return the messages that one decision on a ticket labels: one for each wording, however often it was said."""
    return [ticket.message_id, *(twin.message_id for twin in twins)][:TOGETHER]
