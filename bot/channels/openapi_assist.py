"""What the API's document says about assist."""

from __future__ import annotations

from typing import Any

from bot.assist import MOST, Origin
from bot.channels.openapi_parts import (
    ID,
    NAME,
    OPERATOR,
    STRING,
    answer,
    fields,
    operation,
    ref,
)
from bot.summary import MOST as SENTENCES
from bot.summary import Part, Speaker

_LIKELY = {"type": "number", "minimum": 0, "maximum": 1}
_TEXTS = {"type": "array", "items": STRING}
_GAPS = {**_TEXTS, "description": "Stretches of the text to be filled in, as they stand there."}

ASSIST_SCHEMAS: dict[str, Any] = {
    "Suggestion": fields(
        {
            "origin": {"enum": [str(one) for one in Origin]},
            "text": STRING,
            "likely": {**_LIKELY, "description": "That it answers the question."},
            "title": {
                **STRING,
                "description": "The intent, the page, or the question it answered.",
            },
            "template_id": STRING,
            "intent": STRING,
            "sources": {"type": "array", "items": ref("Attachment")},
            "gaps": _GAPS,
            "precedent": {
                "oneOf": [
                    {"type": "null"},
                    fields(
                        {
                            "conversation_id": STRING,
                            "operator": STRING,
                            "at": {"type": "string", "format": "date-time"},
                            "times": {"type": "integer"},
                        }
                    ),
                ],
                "description": "Where a colleague gave it last, and in how many conversations nearly the same was given.",
            },
        },
        "origin",
        "text",
        "likely",
        "title",
    ),
    "SummaryLine": fields(
        {
            "part": {"enum": [str(one) for one in Part]},
            "by": {"enum": [str(one) for one in Speaker]},
            "who": {**STRING, "description": "The operator's name, empty for the others."},
            "text": {**STRING, "description": "A sentence as it was said."},
            "message_id": STRING,
        },
        "part",
        "by",
        "text",
    ),
    "AnswerDraft": fields(
        {
            "question": STRING,
            "text": STRING,
            "needs": _TEXTS,
            "gaps": _GAPS,
            "intents": {
                "type": "array",
                "items": fields({"intent": STRING, "title": STRING, "likely": _LIKELY}),
            },
        },
        "question",
        "text",
        "needs",
        "gaps",
        "intents",
    ),
}

ASSIST_PATHS: dict[str, Any] = {
    "/api/v1/conversations/{id}/assist": {
        "get": operation(
            "What might be answered, and what the conversation was about",
            answer(
                fields(
                    {
                        "conversation_id": STRING,
                        "about": {
                            "oneOf": [
                                {"type": "null"},
                                fields({"message_id": STRING, "text": STRING}),
                            ],
                            "description": "What the suggestions answer; null where nothing was asked.",
                        },
                        "suggestions": {
                            "type": "array",
                            "items": ref("Suggestion"),
                            "maxItems": MOST,
                        },
                        "summary": {
                            "type": "array",
                            "items": ref("SummaryLine"),
                            "maxItems": SENTENCES,
                            "description": "Word for word, in order; empty where the conversation is short.",
                        },
                    },
                    "about",
                    "suggestions",
                    "summary",
                ),
                "The likeliest first. Nothing is sent.",
            ),
            parameters=[
                ID,
                {
                    "name": "message",
                    "in": "query",
                    "schema": STRING,
                    "description": "A message of the customer's; the last one that asks for something where it is left out.",
                },
            ],
            problems=(401, 404, 503),
            operator=True,
        )
    },
    "/api/v1/conversations/{id}/answer-draft": {
        "post": operation(
            "What a person wrote as an answer for everybody, to be looked over and taught",
            answer(ref("AnswerDraft"), "Without what is the customer's own; nothing is kept."),
            body=fields(
                {
                    "text": {
                        "type": "string",
                        "maxLength": 4096,
                        "description": "The answer; that of the message where it is left out.",
                    },
                    "message_id": {**NAME, "description": "The operator's message that it is."},
                    "operator": OPERATOR,
                }
            ),
            parameters=[ID],
            problems=(400, 401, 404, 413, 503),
            operator=True,
        )
    },
}
