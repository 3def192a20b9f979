"""What operators teach, in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from bot.channels.openapi_parts import ID, NAME, OPERATOR, STRING, answer, fields, operation, ref

_TEXTS = {"type": "array", "items": STRING}
_RECORD = answer(ref("Event"), "The record, and whether it is in force (`in_force`).")

TEACHING_SCHEMAS: dict[str, Any] = {
    "Teach": fields(
        {
            "operator": OPERATOR,
            "intent": {**NAME, "description": "Of the desk, or a new one."},
            "text": {**STRING, "description": "The answer, a Liquid template."},
            "questions": {**_TEXTS, "maxItems": 10},
            "message_id": {
                **NAME,
                "description": "The utterance that it answers, whose text is a question of it.",
            },
            "title": {**NAME, "description": "What a customer would call the matter."},
            "needs": {
                **_TEXTS,
                "description": "Variables without which the answer does not read.",
            },
            "client_teaching_id": {**NAME, "description": "The same id again is taught once."},
        },
        "intent",
        "text",
    ),
    "Teaching": fields(
        {
            "teaching_id": STRING,
            "kind": {"enum": ["answer", "label"]},
            "operator": STRING,
            "at": {"type": "string", "format": "date-time"},
            "intent": STRING,
            "questions": _TEXTS,
            "text": STRING,
            "title": STRING,
            "needs": _TEXTS,
            "message_id": STRING,
            "learned": {"type": "boolean", "description": "The serving Release has learned it."},
        },
        "teaching_id",
        "kind",
        "operator",
        "at",
        "intent",
        "questions",
        "learned",
    ),
}

TEACHING_PATHS: dict[str, Any] = {
    "/api/v1/teachings": {
        "post": operation(
            "Teach an answer, in force for the next customer",
            _RECORD,
            body=ref("Teach"),
            problems=(400, 401, 404, 409, 413, 503),
            operator=True,
        ),
        "get": operation(
            "The answers and labels in force, the latest first",
            answer(
                fields(
                    {
                        "teachings": {"type": "array", "items": ref("Teaching")},
                        "seq": {"type": "integer"},
                    },
                    "teachings",
                    "seq",
                ),
                "`seq` is the last event of the log that they rest on.",
            ),
            parameters=[
                {
                    "name": "seq",
                    "in": "query",
                    "schema": {"type": "integer"},
                    "description": "As they were after this event of the log.",
                }
            ],
            problems=(400, 401),
            operator=True,
        ),
    },
    "/api/v1/teachings/{id}": {
        "delete": operation(
            "Take an answer back by its id, or a label by the id of its message",
            _RECORD,
            parameters=[
                ID,
                {"name": "operator", "in": "query", "schema": OPERATOR},
            ],
            problems=(400, 401, 404, 503),
            operator=True,
        )
    },
}
