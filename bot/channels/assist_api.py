"""Assist over HTTP: what an operator might answer, what a conversation was about, and a draft of an answer to teach."""

from __future__ import annotations

from dataclasses import asdict

from aiohttp import web

from bot.assisting import Assistant
from bot.channels.bodies import body_of, name_in, text_in, words_in
from bot.channels.guard import STAFF, Gate, known
from bot.intake import checked
from bot.staff.roles import Role
from conversations.text import printable


class AssistApi:
    """
    The routes /api/v1/conversations/{id}/assist and .../answer-draft.

    Nothing is sent and nothing changes by either; what they show a viewer may read in the conversations anyway. What is drafted is taught
    by /api/v1/teachings, so that a draft takes whoever may do that.
    """

    def __init__(self, *, assistant: Assistant, gate: Gate) -> None:
        self._assistant = assistant
        self._gate = gate

    def routes(self) -> list[web.RouteDef]:
        one, guarded = "/api/v1/conversations/{id}", self._gate.guarded
        return [
            web.get(f"{one}/assist", guarded(self._assist, Role.VIEWER)),
            web.post(f"{one}/answer-draft", guarded(self._draft, Role.TRAINER, audited=False)),
        ]

    async def _assist(self, request: web.Request) -> web.Response:
        conversation_id, message_id = request.match_info["id"], words_in(request, "message")
        found = await known(self._assistant.assist(conversation_id, message_id))
        about = found.about
        return web.json_response(
            {
                "conversation_id": conversation_id,
                "about": {"message_id": about.message_id, "text": about.text} if about else None,
                "suggestions": [asdict(one) for one in found.suggestions],
                "summary": [asdict(line) for line in found.summary],
            }
        )

    async def _draft(self, request: web.Request) -> web.Response:
        conversation_id, body = request.match_info["id"], await body_of(request)
        message_id = name_in(body, "message_id", optional=True)
        given = "text" in body or not message_id
        text = checked(printable(text_in(body, "text"))) if given else ""
        operator = request[STAFF].name or name_in(body, "operator", optional=True)
        lesson = await known(self._assistant.lesson(conversation_id, text, operator, message_id))
        return web.json_response(
            {**asdict(lesson.draft), "intents": [asdict(one) for one in lesson.proposals]}
        )
