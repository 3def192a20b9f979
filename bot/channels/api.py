"""The HTTP API: messages and feedback for any client, and what operators do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Container, Mapping
from typing import Any

from aiohttp import web

from bot import operators
from bot.channels.bodies import body_of, name_in, segments_in, text_in
from bot.channels.channel import Outgoing
from bot.channels.guard import Gate, changed, guarded_by, known, operator_in
from bot.channels.openapi import DOCUMENT
from bot.channels.problems import Handler, Problem
from bot.channels.teachings import teaching_routes
from bot.channels.templates_api import template_routes
from bot.intake import Hearing, Intake, decided
from bot.rounds import Rounds
from bot.staff.roles import Role
from bot.tutor import Tutor
from conversations.events import Recorded, Thumb, Utterance, Visitor
from conversations.log import EventLog

PATIENCE = 30.0  # seconds a request waits for its answer; the same message again asks for it again


class Api:
    """
    The routes under /api/v1, and the channel `api`, whose delivery is the response itself.

    Args:
        intents: those the serving Release knows, asked for when they are needed.
        tutor: puts what operators teach in force.
        rounds: says which answers somebody should look at.
        gate: lets operators in.
        api_key: what everybody's requests carry; empty lets everybody in.
        network_of: see `bot.channels.networks`; not asked with a key, whose bearer speaks for many visitors.
    """

    name = "api"

    def __init__(
        self,
        *,
        intake: Intake,
        log: EventLog,
        intents: Callable[[], Container[str]],
        tutor: Tutor,
        rounds: Rounds,
        new_id: Callable[[], str],
        gate: Gate,
        api_key: str = "",
        network_of: Callable[[web.Request], str] = lambda _: "",
    ) -> None:
        self._intake = intake
        self._log = log
        self._intents = intents
        self._tutor = tutor
        self._rounds = rounds
        self._new_id = new_id
        self._gate = gate
        self._api_key = api_key
        self._network_of = network_of

    def routes(self) -> list[web.RouteDef]:
        guarded = self._gate.guarded

        def open_to_clients(handler: Handler) -> Handler:
            if not self._api_key:
                return handler
            return guarded_by(handler, self._api_key, self._gate.operator_token)

        return [
            web.get("/api/v1/openapi.json", self._openapi),
            web.post("/api/v1/messages", open_to_clients(self._message)),
            web.post("/api/v1/feedback", open_to_clients(self._feedback)),
            web.post("/api/v1/scores", open_to_clients(self._score)),
            web.post("/api/v1/labels", guarded(self._label, Role.TRAINER)),
            web.get("/api/v1/messages/{id}/evidence", guarded(self._evidence, Role.VIEWER)),
            *teaching_routes(self._tutor, self._gate),
            *template_routes(self._tutor, self._rounds, self._gate),
        ]

    async def send(self, outgoing: Outgoing) -> str:
        """Nothing to do: the caller has the decision as the response."""
        return ""

    async def typing(self, visitor: Visitor) -> None:
        """Nobody looks on."""

    async def _openapi(self, request: web.Request) -> web.Response:
        return web.json_response(DOCUMENT)

    async def _message(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        visitor = name_in(body, "visitor")
        client_id = name_in(body, "client_message_id", optional=True) or self._new_id()
        utterance = Utterance(
            channel=self.name,
            address=visitor,
            external_id=json.dumps([visitor, client_id]),  # two visitors may count from 1
            text=text_in(body, "text"),
            chosen=name_in(body, "choice", optional=True),
            name=name_in(body, "name", optional=True),
            network="" if self._api_key else self._network_of(request),
            segments=self._segments(body),
        )
        hearing = await self._intake.hear(utterance)
        return web.json_response(_answer(await _answered(hearing)))

    def _segments(self, body: Mapping[str, Any]) -> tuple[str, ...] | None:
        """Return what a client says of its visitor, which only one with a key is believed."""
        if body.get("segments") is None:
            return None
        if not self._api_key:
            raise Problem(400, "The field 'segments' needs an api_key in the desk's desk.toml.")
        return segments_in(body)

    async def _feedback(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        message_id, value = name_in(body, "message_id"), text_in(body, "value")
        if value not in set(Thumb):
            raise Problem(400, "The field 'value' must be 'up' or 'down'.")
        comment, reason = _comment(body), name_in(body, "reason", optional=True)
        rated = self._intake.rate(message_id, value, comment, address=None, reason=reason)
        if not await rated:
            raise Problem(404, f"There is no reply {message_id!r}.")
        return web.json_response({"message_id": message_id, "value": value})

    async def _score(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        conversation_id, score = name_in(body, "conversation_id"), body.get("score")
        if not isinstance(score, int) or isinstance(score, bool):
            raise Problem(400, "The field 'score' must be a whole number from 1 to 5.")
        if not await self._intake.score(conversation_id, score, _comment(body), address=None):
            raise Problem(404, f"There is no conversation {conversation_id!r}.")
        return web.json_response({"conversation_id": conversation_id, "score": score})

    async def _label(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        message_id, operator = name_in(body, "message_id"), operator_in(request, body)
        intent = name_in(body, "intent", optional="intent" in body)
        if intent and intent not in self._intents():
            raise Problem(400, operators.no_intent(intent))
        labelled = operators.label(self._log, message_id, intent, operator, intents=None)
        recorded = await known(labelled)
        await self._tutor.in_force(recorded.seq)
        changed(request, "", f"{message_id}: {intent}")
        return web.json_response(operators.as_object(recorded))

    async def _evidence(self, request: web.Request) -> web.Response:
        recorded = await known(operators.decision(self._log, request.match_info["id"]))
        return web.json_response(operators.with_card(recorded))


def _comment(body: Mapping[str, Any]) -> str:
    return text_in(body, "comment") if body.get("comment") is not None else ""


async def _answered(hearing: Hearing) -> Recorded:
    """Wait for the decision; whoever stops waiting does not stop the turn."""
    try:
        async with asyncio.timeout(PATIENCE):
            await asyncio.wait({hearing.answer})
    except TimeoutError as error:
        late = "The message is stored and will be answered. Send it again for the answer."
        raise Problem(503, late, code="busy") from error
    if hearing.answer.cancelled():
        stopping = "The server is restarting. The message is stored: send it again for the answer."
        raise Problem(503, stopping, code="restarting")
    return hearing.answer.result()


def _answer(recorded: Recorded) -> dict[str, Any]:
    decision = decided(recorded)
    return {
        "message_id": decision.message_id,
        "conversation_id": recorded.conversation_id,
        "in_reply_to": decision.in_reply_to,
        "action": str(decision.action),
        "text": decision.text,
        "choices": [{"label": c.label, "value": c.value} for c in decision.choices],
        "intent": decision.intent,
        "confidence": decision.confidence,
        "template_id": decision.template_id,
        "release": decision.release,
        "verdict": decision.verdict,
        "reason": decision.reason,
        "source": decision.source,
        "attachments": [{"name": one.name, "url": one.url} for one in decision.attachments],
    }
