"""The HTTP API of conversations, for operators alone: who waits, what was said, and what a person says and does in it."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Container, Mapping
from typing import Any, TypeVar

from aiohttp import web

from bot import operators
from bot.channels.bodies import body_of, name_in, text_in
from bot.channels.file_kinds import described
from bot.channels.file_uploads import Uploads
from bot.channels.guard import guarded_by, known
from bot.channels.problems import Handler, Problem
from bot.intake import checked
from bot.signals import Signals
from conversations.conversation import fold
from conversations.events import Enclosed, OperatorWrote, Visitor
from conversations.log import EventLog, Rejected
from conversations.privacy import erase, export

T = TypeVar("T")

OPERATORS = "operators"  # whose files are those that operators send
TOGETHER = 10  # files of one message


class ConversationsApi:
    """
    The routes under /api/v1/conversations and /api/v1/visitors, and where operators put files.

    Args:
        carried: the channels that bring a visitor what an operator writes.
    """

    def __init__(
        self,
        *,
        log: EventLog,
        signals: Signals,
        uploads: Uploads,
        new_id: Callable[[], str],
        operator_token: str,
        carried: Container[str],
    ) -> None:
        self._log = log
        self._signals = signals
        self._uploads = uploads
        self._new_id = new_id
        self._operator_token = operator_token
        self._carried = carried

    def routes(self) -> list[web.RouteDef]:
        def guarded(handler: Handler) -> Handler:
            return guarded_by(handler, self._operator_token)

        one = "/api/v1/conversations/{id}"
        return [
            web.get("/api/v1/conversations", guarded(self._waiting)),
            web.get(one, guarded(self._conversation)),
            web.post(f"{one}/give-back", guarded(self._give_back)),
            web.post(f"{one}/close", guarded(self._close)),
            web.post(f"{one}/messages", guarded(self._write)),
            web.post(f"{one}/typing", guarded(self._typing)),
            web.post("/api/v1/files", guarded(self._upload)),
            web.get("/api/v1/visitors/{id}", guarded(self._export)),
            web.post("/api/v1/visitors/{id}/erase", guarded(self._erase)),
        ]

    async def _waiting(self, request: web.Request) -> web.Response:
        if request.query.get("waiting") != "1":
            raise Problem(400, "Only the waiting conversations are listed: ?waiting=1")
        found = await self._log.waiting()
        return web.json_response({"conversations": [{"conversation_id": id_} for id_ in found]})

    async def _conversation(self, request: web.Request) -> web.Response:
        conversation_id = request.match_info["id"]
        history = await self._log.history(conversation_id)
        if not history:
            raise Problem(404, f"There is no conversation {conversation_id!r}.")
        now = fold(conversation_id, history)
        visitor = await self._log.visitor_of(conversation_id)
        return web.json_response(
            {
                "conversation_id": conversation_id,
                **(self._about(visitor) if visitor else {}),
                "with_person": now.with_operator,
                "handoff_reason": now.handoff_reason,
                "closed": now.closed,
                "writing": self._signals.writing(conversation_id),
                "events": [operators.as_object(recorded) for recorded in history],
            }
        )

    def _about(self, visitor: Visitor) -> dict[str, Any]:
        here = self._signals.whereabouts(visitor.channel, visitor.address)
        return {
            "visitor_id": visitor.visitor_id,
            "channel": visitor.channel,
            "name": visitor.name,
            "typing": self._signals.is_typing(visitor.channel, visitor.address),
            "page": {"url": here.url, "title": here.title},
            "seen": here.seen,
        }

    async def _give_back(self, request: web.Request) -> web.Response:
        conversation_id = request.match_info["id"]
        operator = name_in(await body_of(request), "operator")
        changed = await known(operators.give_back(self._log, conversation_id, operator))
        return web.json_response({"conversation_id": conversation_id, "changed": changed})

    async def _close(self, request: web.Request) -> web.Response:
        conversation_id = request.match_info["id"]
        operator = name_in(await body_of(request), "operator")
        changed = await known(operators.close(self._log, conversation_id, operator))
        return web.json_response({"conversation_id": conversation_id, "changed": changed})

    async def _write(self, request: web.Request) -> web.Response:
        conversation_id, body = request.match_info["id"], await body_of(request)
        operator, files = name_in(body, "operator"), await self._files(body)
        text = text_in(body, "text") if "text" in body or not files else ""
        await self._refuse_unreached(conversation_id)
        wrote = OperatorWrote(
            message_id=self._message_id(conversation_id, operator, body),
            operator=operator,
            text=checked(text) if text.strip() or not files else "",
            template_id=name_in(body, "template_id", optional=True),
            files=files,
        )
        try:
            recorded = await known(operators.write(self._log, conversation_id, wrote))
        except operators.Over as error:
            raise Problem(409, str(error)) from error
        self._signals.operator_types(conversation_id, operator, on=False)
        return web.json_response(operators.as_object(recorded))

    async def _refuse_unreached(self, conversation_id: str) -> None:
        visitor = await self._log.visitor_of(conversation_id)
        if visitor is not None and visitor.channel not in self._carried:
            raise Problem(409, f"What operators write does not reach {visitor.channel!r} yet.")

    def _message_id(self, conversation_id: str, operator: str, body: Mapping[str, Any]) -> str:
        client_id = name_in(body, "client_message_id", optional=True)
        if not client_id:
            return self._new_id()
        return hashlib.sha256(f"{conversation_id}\0{operator}\0{client_id}".encode()).hexdigest()

    async def _files(self, body: Mapping[str, Any]) -> tuple[Enclosed, ...]:
        named = body.get("files", [])
        if not isinstance(named, list) or len(named) > TOGETHER:
            raise Problem(400, f"The field 'files' must be a list of at most {TOGETHER} file ids.")
        ids = [name_in({"files": one}, "files") for one in named]
        return await self._uploads.said(OPERATORS, ids)

    async def _typing(self, request: web.Request) -> web.Response:
        conversation_id, body = request.match_info["id"], await body_of(request)
        operator, on = name_in(body, "operator"), body.get("on")
        if not isinstance(on, bool):
            raise Problem(400, "The field 'on' must be true or false.")
        if await self._log.visitor_of(conversation_id) is None:
            raise Problem(404, f"There is no conversation {conversation_id!r}.")
        self._signals.operator_types(conversation_id, operator, on)
        return web.json_response({"conversation_id": conversation_id, "on": on})

    async def _upload(self, request: web.Request) -> web.Response:
        card = await self._uploads.received(request, OPERATORS, bounded=False)
        return web.json_response(described(card.enclosed))

    async def _export(self, request: web.Request) -> web.Response:
        return web.json_response(await _of_visitor(export(self._log, request.match_info["id"])))

    async def _erase(self, request: web.Request) -> web.Response:
        visitor_id, operator = request.match_info["id"], name_in(await body_of(request), "operator")
        erased = await _of_visitor(erase(self._log, visitor_id, operator))
        return web.json_response({"visitor_id": visitor_id, "erased": erased})


async def _of_visitor(asked: Awaitable[T]) -> T:
    try:
        return await asked
    except Rejected as error:
        raise Problem(404, str(error)) from error
