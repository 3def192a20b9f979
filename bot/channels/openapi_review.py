"""The review queue in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from bot.channels.openapi_parts import NAME, NUMBER, STRING, answer, fields, operation, ref
from bot.review import Why

_IDS = {"type": "array", "items": STRING}
_MESSAGES = {**_IDS, "minItems": 1, "maxItems": 100}
_TICKETS = {"type": "array", "items": ref("Ticket")}
_LIMIT = {
    "name": "limit",
    "in": "query",
    "schema": {"type": "integer", "minimum": 1, "maximum": 100},
}

REVIEW_SCHEMAS: dict[str, Any] = {
    "Ticket": fields(
        {
            "message_id": STRING,
            "conversation_id": STRING,
            "text": STRING,
            "at": {"type": "string", "format": "date-time"},
            "why": {"enum": [str(one) for one in Why]},
            "worth": {"type": "number", "description": "What its label would teach."},
            "asked": {"type": "integer", "description": "How often these words were said."},
            "complaint": {"type": "number", "minimum": 0, "maximum": 1},
            "proposed": fields({"intent": STRING, "title": STRING, "confidence": NUMBER}),
            "candidates": {
                "type": "array",
                "items": fields({"intent": STRING, "title": STRING, "score": NUMBER}),
            },
            "answered": fields({"action": STRING, "intent": STRING, "text": STRING}),
            "evidence": {
                "type": "array",
                "items": fields(
                    {
                        "signal": STRING,
                        "intent": STRING,
                        "against": {"type": "boolean"},
                        "words": STRING,
                    }
                ),
            },
            "labels": {
                "type": "array",
                "items": fields({"operator": STRING, "intent": STRING}),
                "description": "Where operators disagree: who says what.",
            },
            "messages": {
                "type": "array",
                "items": STRING,
                "description": "What one decision settles: this and its near-duplicates.",
            },
            "twins": {"type": "array", "items": STRING, "description": "Their texts."},
        },
        "message_id",
        "text",
        "why",
        "proposed",
        "messages",
    ),
}

REVIEW_PATHS: dict[str, Any] = {
    "/api/v1/review": {
        "get": operation(
            "What to label next",
            answer(
                fields({"open": {"type": "integer"}, "tickets": _TICKETS}, "open", "tickets"),
                "Where operators disagree first, then the most teaching.",
            ),
            parameters=[_LIMIT],
            problems=(400, 401),
            operator=True,
        )
    },
    "/api/v1/review/similar": {
        "get": operation(
            "What nearly says the same and has no label",
            answer(fields({"tickets": _TICKETS}, "tickets"), "The nearest first."),
            parameters=[
                {"name": "message_id", "in": "query", "required": True, "schema": STRING},
                _LIMIT,
            ],
            problems=(400, 401),
            operator=True,
        )
    },
    "/api/v1/review/decisions": {
        "post": operation(
            "Label messages together",
            answer(fields({"decision": STRING, "labelled": _IDS}), "`decision` is its own id."),
            body=fields(
                {
                    "messages": _MESSAGES,
                    "intent": {"type": "string", "description": "Empty means out of scope."},
                    "operator": NAME,
                    "settle": {
                        "type": "boolean",
                        "description": "Take back what other operators said of them.",
                    },
                },
                "messages",
                "intent",
                "operator",
            ),
            problems=(400, 401, 404, 503),
            operator=True,
        )
    },
    "/api/v1/review/dismissals": {
        "post": operation(
            "Say that messages need no label, until somebody complains again",
            answer(fields({"dismissed": _IDS}), "Recorded."),
            body=fields({"messages": _MESSAGES, "operator": NAME}, "messages", "operator"),
            problems=(400, 401, 404, 503),
            operator=True,
        )
    },
    "/api/v1/review/undo": {
        "post": operation(
            "Take back an operator's latest decision; again takes back the one before it",
            answer(fields({"unlabelled": _IDS}), "Empty where none stands."),
            body=fields({"operator": NAME}, "operator"),
            problems=(400, 401, 503),
            operator=True,
        )
    },
    "/api/v1/review/revocations": {
        "post": operation(
            "Take back every label of an operator",
            answer(fields({"unlabelled": _IDS}), "Empty where none stands."),
            body=fields(
                {
                    "operator": NAME,
                    "by": NAME,
                    "since": {"type": "string", "format": "date-time"},
                },
                "operator",
                "by",
            ),
            problems=(400, 401, 503),
            operator=True,
        )
    },
}
