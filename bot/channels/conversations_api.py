"""The HTTP API of conversations, for operators alone: who waits, what was said, and what a person says and does in it."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Container, Mapping
from typing import Any, TypeVar

from aiohttp import web

from bot import operators
from bot.channels.bodies import body_of, name_in, text_in, time_in
from bot.channels.file_kinds import described
from bot.channels.file_uploads import Uploads
from bot.channels.guard import Gate, known, operator_in
from bot.channels.problems import Problem
from bot.intake import checked
from bot.signals import Signals
from bot.staff.roles import Role
from conversations.conversation import fold
from conversations.events import (
    Enclosed,
    OperatorEdited,
    OperatorWrote,
    Visitor,
)
from conversations.handling import Assigned, Noted, Snoozed
from conversations.handover import Standing, assigned, snoozed, standing
from conversations.log import EventLog, Held, Over, Rejected
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
        gate: Gate,
        carried: Container[str],
    ) -> None:
        self._log = log
        self._signals = signals
        self._uploads = uploads
        self._new_id = new_id
        self._gate = gate
        self._carried = carried

    def routes(self) -> list[web.RouteDef]:
        guarded = self._gate.guarded

        one = "/api/v1/conversations/{id}"
        return [
            web.get("/api/v1/conversations", guarded(self._waiting, Role.VIEWER)),
            web.get(one, guarded(self._conversation, Role.VIEWER)),
            web.post(f"{one}/take", guarded(self._take, Role.OPERATOR)),
            web.post(f"{one}/release", guarded(self._release, Role.OPERATOR)),
            web.post(f"{one}/assign", guarded(self._assign, Role.OPERATOR)),
            web.post(f"{one}/snooze", guarded(self._snooze, Role.OPERATOR)),
            web.post(f"{one}/notes", guarded(self._note, Role.OPERATOR)),
            web.post(f"{one}/give-back", guarded(self._give_back, Role.OPERATOR)),
            web.post(f"{one}/close", guarded(self._close, Role.OPERATOR)),
            web.post(f"{one}/messages", guarded(self._write, Role.OPERATOR)),
            web.patch(f"{one}/messages/{{message_id}}", guarded(self._edit, Role.OPERATOR)),
            web.post(f"{one}/typing", guarded(self._typing, Role.OPERATOR, audited=False)),
            web.post("/api/v1/files", guarded(self._upload, Role.OPERATOR)),
            web.get("/api/v1/visitors/{id}", guarded(self._export, Role.VIEWER)),
            web.post("/api/v1/visitors/{id}/erase", guarded(self._erase, Role.ADMIN)),
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
        now, who = fold(conversation_id, history), standing(history)
        visitor = await self._log.visitor_of(conversation_id)
        return web.json_response(
            {
                "conversation_id": conversation_id,
                **(self._of_visitor(visitor) if visitor else {}),
                "with_person": now.with_operator,
                "handoff_reason": now.handoff_reason,
                "closed": now.closed,
                **_about(who),
                "assigned": assigned(history),
                "snoozed_until": snoozed(history),
                "writing": self._signals.writing(conversation_id),
                "events": [operators.as_object(recorded) for recorded in history],
            }
        )

    def _of_visitor(self, visitor: Visitor) -> dict[str, Any]:
        here = self._signals.whereabouts(visitor.channel, visitor.address)
        return {
            "visitor_id": visitor.visitor_id,
            "channel": visitor.channel,
            "name": visitor.name,
            "typing": self._signals.is_typing(visitor.channel, visitor.address),
            "page": {"url": here.url, "title": here.title},
            "seen": here.seen,
        }

    async def _take(self, request: web.Request) -> web.Response:
        conversation_id, body = request.match_info["id"], await body_of(request)
        operator, expects = operator_in(request, body), name_in(body, "expects", optional=True)
        taking = operators.take(self._log, conversation_id, operator, expects={"", expects})
        now = await _unheld(known(taking))
        return web.json_response({"conversation_id": conversation_id, **_about(now)})

    async def _release(self, request: web.Request) -> web.Response:
        conversation_id, body = request.match_info["id"], await body_of(request)
        reason = name_in(body, "reason", optional=True)
        releasing = operators.release(
            self._log, conversation_id, operator_in(request, body), reason
        )
        changed = await _unheld(known(releasing))
        return web.json_response({"conversation_id": conversation_id, "changed": changed})

    async def _assign(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        to = name_in(body, "to", optional=True)
        return await self._remarked(request, Assigned(operator=operator_in(request, body), to=to))

    async def _snooze(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        until = time_in(name_in(body, "until", optional=True), "until")
        return await self._remarked(
            request, Snoozed(operator=operator_in(request, body), until=until)
        )

    async def _note(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        text, operator = checked(text_in(body, "text")), operator_in(request, body)
        note = Noted(message_id=self._new_id(), operator=operator, text=text)
        return await self._remarked(request, note)

    async def _remarked(
        self, request: web.Request, event: Assigned | Snoozed | Noted
    ) -> web.Response:
        recorded = await known(operators.remark(self._log, request.match_info["id"], event))
        return web.json_response(operators.as_object(recorded))

    async def _give_back(self, request: web.Request) -> web.Response:
        conversation_id = request.match_info["id"]
        operator = operator_in(request, await body_of(request))
        changed = await known(operators.give_back(self._log, conversation_id, operator))
        return web.json_response({"conversation_id": conversation_id, "changed": changed})

    async def _close(self, request: web.Request) -> web.Response:
        conversation_id = request.match_info["id"]
        operator = operator_in(request, await body_of(request))
        changed = await known(operators.close(self._log, conversation_id, operator))
        return web.json_response({"conversation_id": conversation_id, "changed": changed})

    async def _write(self, request: web.Request) -> web.Response:
        conversation_id, body = request.match_info["id"], await body_of(request)
        operator, files = operator_in(request, body), await self._files(body)
        text = text_in(body, "text") if "text" in body or not files else ""
        await self._refuse_unreached(conversation_id)
        wrote = OperatorWrote(
            message_id=self._message_id(conversation_id, operator, body),
            operator=operator,
            text=checked(text) if text.strip() or not files else "",
            template_id=name_in(body, "template_id", optional=True),
            files=files,
        )
        recorded = await _unheld(known(operators.write(self._log, conversation_id, wrote)))
        self._signals.operator_types(conversation_id, operator, on=False)
        return web.json_response(operators.as_object(recorded))

    async def _edit(self, request: web.Request) -> web.Response:
        conversation_id, body = request.match_info["id"], await body_of(request)
        edited = OperatorEdited(
            message_id=self._new_id(),
            corrects=request.match_info["message_id"],
            replaces=_seq_in(body),
            operator=operator_in(request, body),
            text=checked(text_in(body, "text")),
        )
        try:
            recorded = await known(operators.edit(self._log, conversation_id, edited))
        except operators.NotYours as error:
            raise Problem(403, str(error)) from error
        except (Over, operators.Superseded) as error:
            raise Problem(409, str(error)) from error
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
        operator, on = operator_in(request, body), body.get("on")
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
        visitor_id, operator = (
            request.match_info["id"],
            operator_in(request, await body_of(request)),
        )
        erased = await _of_visitor(erase(self._log, visitor_id, operator))
        return web.json_response({"visitor_id": visitor_id, "erased": erased})


def _seq_in(body: Mapping[str, Any]) -> int:
    seq = body.get("seq")
    if not isinstance(seq, int) or isinstance(seq, bool):
        raise Problem(
            400, "The field 'seq' must be the number of the wording to be edited: the event's seq."
        )
    return seq


async def _unheld(asked: Awaitable[T]) -> T:
    """Return what was asked for; where somebody else has the conversation, or nobody can have it, a 409 that says so."""
    try:
        return await asked
    except Held as error:
        who = f"{error.owner} has" if error.owner else "Nobody has"
        raise Problem(
            409, f"{who} this conversation now.", code="taken", owner=error.owner
        ) from error
    except Over as error:
        raise Problem(409, str(error), code="closed") from error


def _about(now: Standing) -> dict[str, Any]:
    since = now.since.isoformat() if now.since else None
    return {"state": str(now.holder), "owner": now.owner, "since": since}


async def _of_visitor(asked: Awaitable[T]) -> T:
    try:
        return await asked
    except Rejected as error:
        raise Problem(404, str(error)) from error
