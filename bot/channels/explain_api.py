"""Any text explained over HTTP: what the bot would answer to it now, what it would if a draft were live, and the evidence for that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from aiohttp import web

from bot import operators
from bot.answers import Change, Unsavable
from bot.channels.bodies import body_of, name_in, segments_in, text_in
from bot.channels.guard import Gate
from bot.channels.problems import Problem
from bot.staff.roles import Role
from bot.trying import Question, Tried, Trying
from conversations.text import printable
from retrieval.variants import CHANNELS, LANGUAGE

# Of a decision; its ids are nobody's.
TOLD = (
    "action", "reason", "text", "choices", "intent", "confidence", "verdict", "template_id", "source", "sources", "attachments",
    "release",
)  # fmt: skip


class ExplainApi:
    """The route /api/v1/explain, for whoever may look; nothing is said to anybody, and nothing kept."""

    def __init__(self, *, trying: Trying, gate: Gate) -> None:
        self._trying = trying
        self._gate = gate

    def routes(self) -> list[web.RouteDef]:
        guarded = self._gate.guarded
        return [web.post("/api/v1/explain", guarded(self._explain, Role.VIEWER, audited=False))]

    async def _explain(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        question, draft = _question(body), _draft(body)
        shown = _shown(await self._trying.ask(question))
        if draft is not None:
            try:
                shown["after"] = _shown(await self._trying.ask(question, draft))
            except Unsavable as error:
                raise Problem(400, str(error)) from error
            except operators.Unknown as error:
                raise Problem(404, str(error)) from error
        return web.json_response(shown)


def _question(body: Mapping[str, Any]) -> Question:
    text, channel = printable(text_in(body, "text")), body.get("channel", CHANNELS[0])
    language = body.get("language", "")
    if channel not in CHANNELS:
        raise Problem(400, f"The field 'channel' must be one of {', '.join(CHANNELS)}.")
    if not isinstance(language, str) or (language and not LANGUAGE.fullmatch(language)):
        raise Problem(400, "The field 'language' must be a language such as de or zh-Hant.")
    return Question(text, channel, language, segments_in({"segments": [], **body}))


def _draft(body: Mapping[str, Any]) -> Change | None:
    """Return the answer that is supposed to be live, None where none is named."""
    if body.get("draft") is None:
        return None
    draft = body["draft"]
    if not isinstance(draft, dict) or not isinstance(draft.get("template"), dict):
        raise Problem(
            400,
            "The field 'draft' must be an object with the 'id' of an answer and its 'template'.",
        )
    return Change(operator="", template_id=name_in(draft, "id"), row=draft["template"])


def _shown(tried: Tried) -> dict[str, Any]:
    decided = asdict(tried.decided)
    told = {name: decided[name] for name in TOLD}
    return {**told, "read": tried.text, "evidence": tried.card, "thresholds": tried.thresholds}
