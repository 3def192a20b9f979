"""Alerts and moods in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from bot.channels.openapi_parts import NAME, NUMBER, STRING, answer, fields, operation, ref

_WHOLE = {"type": "integer"}

ALERT_SCHEMAS: dict[str, Any] = {
    "Alert": fields(
        {
            "id": STRING,
            "at": {"type": "string", "format": "date-time"},
            "kind": {"enum": ["negative", "topic", "handoffs", "unanswered"]},
            "topic": STRING,
            "seen": _WHOLE,
            "expected": NUMBER,
            "minutes": _WHOLE,
            "examples": {
                "type": "array",
                "items": fields({"message_id": STRING, "conversation_id": STRING, "text": STRING}),
            },
            "state": {"enum": ["open", "seen"]},
            "seen_by": STRING,
        },
        "id",
        "kind",
        "state",
    ),
}

ALERT_PATHS: dict[str, Any] = {
    "/api/v1/alerts": {
        "get": operation(
            "What rose beyond its season",
            answer(
                fields({"alerts": {"type": "array", "items": ref("Alert")}}, "alerts"),
                "The latest first.",
            ),
            problems=(401,),
            operator=True,
        )
    },
    "/api/v1/alerts/{id}/seen": {
        "post": operation(
            "Say that an alert was seen",
            answer(ref("Alert"), "By whom it was seen first."),
            parameters=[{"name": "id", "in": "path", "required": True, "schema": STRING}],
            body=fields({"operator": NAME}, "operator"),
            problems=(400, 401, 404, 503),
            operator=True,
        )
    },
    "/api/v1/mood": {
        "get": operation(
            "How often moods are heard rightly, by language",
            answer(
                fields(
                    {"languages": {"type": "object", "additionalProperties": True}}, "languages"
                ),
                "Accuracy, messages and a 95 % interval each.",
            ),
            problems=(401,),
            operator=True,
        )
    },
}
