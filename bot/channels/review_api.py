"""The review queue over HTTP: what to label next, and what operators decide about it."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from datetime import datetime
from typing import Any

from aiohttp import web

from bot import operators
from bot.channels.bodies import body_of, name_in, text_in
from bot.channels.guard import guarded_by, known
from bot.channels.problems import Handler, Problem
from bot.review import Asked, ReviewQueue
from conversations.log import EventLog
from conversations.review import Ticket

SIZE, LARGEST = 20, 100  # tickets of a page
TOGETHER = 100  # utterances of one decision
CANDIDATES = 3  # intents proposed besides the first: a digit each
SPOKEN = 5  # pieces of evidence shown with a ticket


class ReviewApi:
    """
    The routes under /api/v1/review, for operators alone.

    Args:
        intents: those the serving Release knows, asked for when they are needed.
    """

    def __init__(
        self,
        *,
        queue: ReviewQueue,
        log: EventLog,
        intents: Callable[[], Container[str]],
        new_id: Callable[[], str],
        operator_token: str,
    ) -> None:
        self._queue = queue
        self._log = log
        self._intents = intents
        self._new_id = new_id
        self._operator_token = operator_token

    def routes(self) -> list[web.RouteDef]:
        def guarded(handler: Handler) -> Handler:
            return guarded_by(handler, self._operator_token)

        return [
            web.get("/api/v1/review", guarded(self._page)),
            web.get("/api/v1/review/similar", guarded(self._similar)),
            web.post("/api/v1/review/decisions", guarded(self._decide)),
            web.post("/api/v1/review/dismissals", guarded(self._dismiss)),
            web.post("/api/v1/review/undo", guarded(self._undo)),
            web.post("/api/v1/review/revocations", guarded(self._revoke)),
        ]

    async def _page(self, request: web.Request) -> web.Response:
        page = await self._queue.page(_limit(request, SIZE))
        return web.json_response({"open": page.open, "tickets": list(map(_ticket, page.asked))})

    async def _similar(self, request: web.Request) -> web.Response:
        message_id = request.query.get("message_id", "")
        found = await self._queue.similar(message_id, _limit(request, LARGEST))
        return web.json_response({"tickets": list(map(_ticket, found))})

    async def _decide(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        messages, operator = _messages(body), name_in(body, "operator")
        intent = name_in(body, "intent", optional="intent" in body)
        if intent and intent not in self._intents():
            raise Problem(400, operators.no_intent(intent))
        decision = self._new_id()
        labelled = await known(
            operators.label_together(self._log, messages, intent, operator, decision)
        )
        if body.get("settle") is True:
            await operators.settle(self._log, labelled, operator)
        return web.json_response({"decision": decision, "labelled": labelled})

    async def _dismiss(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        messages, operator = _messages(body), name_in(body, "operator")
        dismissed = await known(operators.dismiss(self._log, messages, operator))
        return web.json_response({"dismissed": dismissed})

    async def _undo(self, request: web.Request) -> web.Response:
        operator = name_in(await body_of(request), "operator")
        return web.json_response({"unlabelled": await operators.undo(self._log, operator)})

    async def _revoke(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        operator, by = name_in(body, "operator"), name_in(body, "by")
        revoked = await operators.revoke(self._log, operator, by, _since(body))
        return web.json_response({"unlabelled": revoked})


def _limit(request: web.Request, usual: int) -> int:
    given = request.query.get("limit", str(usual))
    if not given.isascii() or not given.isdigit() or not 1 <= int(given[:9]) <= LARGEST:
        raise Problem(400, f"The parameter 'limit' must be a number from 1 to {LARGEST}.")
    return int(given)


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
            {"signal": str(e.signal), "intent": e.intent, "against": e.against, "words": e.words}
            for e in ticket.evidence[:SPOKEN]
        ],
        "labels": [{"operator": one.operator, "intent": one.intent} for one in ticket.labels],
        "messages": _settled_by(ticket, asked.twins),
        "twins": [twin.text for twin in asked.twins],
    }


def _settled_by(ticket: Ticket, twins: Sequence[Ticket]) -> list[str]:
    """Return the messages that one decision on a ticket labels: one for each wording, however often it was said."""
    return [ticket.message_id, *(twin.message_id for twin in twins)][:TOGETHER]
