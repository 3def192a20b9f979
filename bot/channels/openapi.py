"""The HTTP API as an OpenAPI 3.1 document, written by hand; a test holds every route of the router against it."""

from __future__ import annotations

from typing import Any

from bot.channels.openapi_alerts import ALERT_PATHS, ALERT_SCHEMAS
from bot.channels.openapi_assist import ASSIST_PATHS, ASSIST_SCHEMAS
from bot.channels.openapi_conversations import CONVERSATION_PATHS, CONVERSATION_SCHEMAS
from bot.channels.openapi_office import OFFICE_PATHS, OFFICE_SCHEMAS
from bot.channels.openapi_pages import PAGE_PATHS, PAGE_SCHEMAS
from bot.channels.openapi_parts import ID, NAME, OPERATOR, STRING, answer, fields, operation, ref
from bot.channels.openapi_releases import RELEASE_PATHS, RELEASE_SCHEMAS
from bot.channels.openapi_review import REVIEW_PATHS, REVIEW_SCHEMAS
from bot.channels.openapi_staff import STAFF_PATHS, STAFF_SCHEMAS
from bot.channels.openapi_teaching import TEACHING_PATHS, TEACHING_SCHEMAS
from bot.channels.openapi_templates import TEMPLATE_PATHS, TEMPLATE_SCHEMAS
from conversations.events import Dislike

_SCHEMAS: dict[str, Any] = {
    "Message": fields(
        {
            "visitor": {
                **NAME,
                "description": "Who writes; the same visitor, the same conversation.",
            },
            "text": {"type": "string", "minLength": 1, "maxLength": 4096},
            "client_message_id": {
                **NAME,
                "description": "The same id again gets the same answer and is counted once.",
            },
            "choice": {
                **NAME,
                "description": "The value of the offered choice this answers with, or of a suggestion.",
            },
            "name": {**NAME, "description": "What to call the visitor."},
            "segments": {
                "type": "array",
                "items": {"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]{0,39}$"},
                "maxItems": 20,
                "description": "Groups of customers that the visitor belongs to, until others are named; needs an api_key.",
            },
        },
        "visitor",
        "text",
    ),
    "Choice": fields({"label": STRING, "value": STRING}, "label", "value"),
    "Attachment": fields({"name": STRING, "url": STRING}, "name", "url"),
    "Answer": fields(
        {
            "message_id": {**STRING, "description": "The reply's id, for feedback and evidence."},
            "conversation_id": STRING,
            "in_reply_to": {**STRING, "description": "The id of the utterance."},
            "action": {"enum": ["reply", "clarify", "handoff", "silent"]},
            "text": STRING,
            "choices": {
                "type": "array",
                "items": ref("Choice"),
                "description": "What a question offers; under a reply, what others asked next.",
            },
            "intent": STRING,
            "confidence": {"type": "number", "minimum": 0, "maximum": 1},
            "template_id": STRING,
            "release": STRING,
            "verdict": {"enum": ["confident", "ambiguous", "out_of_scope", ""]},
            "reason": STRING,
            "source": {**STRING, "description": "The knowledge page that a reply quotes."},
            "attachments": {
                "type": "array",
                "items": ref("Attachment"),
                "description": "What comes with the answer; /files/... is an address of this server.",
            },
        },
        "message_id",
        "conversation_id",
        "action",
        "text",
        "choices",
        "intent",
        "confidence",
        "template_id",
        "release",
    ),
    "Feedback": fields(
        {
            "message_id": NAME,
            "value": {"enum": ["up", "down"]},
            "reason": {"enum": [str(one) for one in Dislike], "description": "Why it is down."},
            "comment": {"type": "string", "maxLength": 4096},
        },
        "message_id",
        "value",
    ),
    "Score": fields(
        {
            "conversation_id": NAME,
            "score": {"type": "integer", "minimum": 1, "maximum": 5},
            "comment": {"type": "string", "maxLength": 4096},
        },
        "conversation_id",
        "score",
    ),
    "Label": fields(
        {
            "message_id": NAME,
            "intent": {"type": "string", "description": "Empty means out of scope."},
            "operator": OPERATOR,
        },
        "message_id",
        "intent",
    ),
    "Event": fields(
        {
            "seq": {"type": "integer"},
            "conversation_id": STRING,
            "at": {"type": "string", "format": "date-time"},
            "kind": {
                "enum": [
                    "heard",
                    "decided",
                    "delivered",
                    "undeliverable",
                    "rated",
                    "scored",
                    "labelled",
                    "unlabelled",
                    "dismissed",
                    "taught",
                    "untaught",
                    "templatesaved",
                    "pagesaved",
                    "operatorwrote",
                    "operatoredited",
                    "taken",
                    "released",
                    "assigned",
                    "snoozed",
                    "noted",
                    "told",
                    "givenback",
                    "closed",
                    "joined",
                    "erased",
                ]
            },
        },
        "seq",
        "conversation_id",
        "at",
        "kind",
    ),
    **REVIEW_SCHEMAS,
    **ALERT_SCHEMAS,
    **ASSIST_SCHEMAS,
    **TEACHING_SCHEMAS,
    **TEMPLATE_SCHEMAS,
    **PAGE_SCHEMAS,
    **CONVERSATION_SCHEMAS,
    **STAFF_SCHEMAS,
    **OFFICE_SCHEMAS,
    **RELEASE_SCHEMAS,
    "Problem": fields(
        {
            "type": STRING,
            "title": STRING,
            "status": {"type": "integer"},
            "detail": STRING,
            "code": STRING,
        },
        "type",
        "title",
        "status",
        "detail",
        "code",
    ),
}

DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {
        "title": "Frontdesk",
        "version": "1",
        "description": "Messages and feedback for any client, and what operators do.",
    },
    "paths": {
        "/api/v1/openapi.json": {
            "get": operation("This document", answer({"type": "object"}, "OpenAPI 3.1"))
        },
        "/api/v1/messages": {
            "post": operation(
                "Say something and get the answer",
                answer(ref("Answer"), "The decision on the message."),
                body=ref("Message"),
                problems=(400, 401, 413, 503),
            )
        },
        "/api/v1/feedback": {
            "post": operation(
                "Rate a reply; a later rating replaces an earlier one",
                answer(fields({"message_id": STRING, "value": STRING}), "Recorded."),
                body=ref("Feedback"),
                problems=(400, 401, 404, 413, 503),
            )
        },
        "/api/v1/scores": {
            "post": operation(
                "Say how satisfied the visitor is; a later score replaces an earlier one",
                answer(
                    fields({"conversation_id": STRING, "score": {"type": "integer"}}), "Recorded."
                ),
                body=ref("Score"),
                problems=(400, 401, 404, 413, 503),
            )
        },
        "/api/v1/labels": {
            "post": operation(
                "Say what an utterance meant",
                answer(ref("Event"), "The recorded label."),
                body=ref("Label"),
                problems=(400, 401, 404, 503),
                operator=True,
            )
        },
        **REVIEW_PATHS,
        **ALERT_PATHS,
        **ASSIST_PATHS,
        **TEACHING_PATHS,
        **TEMPLATE_PATHS,
        **PAGE_PATHS,
        **CONVERSATION_PATHS,
        **STAFF_PATHS,
        "/api/v1/messages/{id}/evidence": {
            "get": operation(
                "Why the bot decided as it did",
                answer(ref("Event"), "The decision with its evidence card."),
                parameters=[ID],
                problems=(401, 404),
                operator=True,
            )
        },
        **OFFICE_PATHS,
        **RELEASE_PATHS,
    },
    "components": {
        "schemas": _SCHEMAS,
        "securitySchemes": {
            "operator": {"type": "http", "scheme": "bearer", "description": "operator.token"},
            "session": {"type": "apiKey", "in": "cookie", "name": "frontdesk"},
            "client": {
                "type": "http",
                "scheme": "bearer",
                "description": "Only where the desk has set an api_key.",
            },
            "visitor": {
                "type": "http",
                "scheme": "bearer",
                "description": "What the widget's socket welcomed its visitor with.",
            },
        },
    },
}
