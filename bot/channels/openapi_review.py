"""The review queue in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from bot.channels.openapi_parts import (
    NAME,
    NUMBER,
    OPERATOR,
    STRING,
    answer,
    fields,
    operation,
    ref,
)
from bot.review import Why

_IDS = {"type": "array", "items": STRING}
_MESSAGES = {**_IDS, "minItems": 1, "maxItems": 100}
_TICKETS = {"type": "array", "items": ref("Ticket")}
_TODAY = {
    "type": "array",
    "items": fields(
        {"operator": STRING, "decisions": {"type": "integer"}, "messages": {"type": "integer"}}
    ),
    "description": "What operators decided since midnight in the desk's time zone, who did most first.",
}
_NEAREST = {
    "type": "array",
    "items": fields({"text": STRING, "intent": STRING, "similarity": NUMBER}),
    "description": "The trained examples that say most nearly the same, the nearest first.",
}
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
                        "weight": {
                            "type": "number",
                            "description": "How far it is trusted, 0 to 1; 1 is an operator who read the message.",
                        },
                        "message_id": STRING,
                        "words": STRING,
                    }
                ),
            },
            "nearest": _NEAREST,
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
    "Suspect": fields(
        {
            "text": STRING,
            "intent": {"type": "string", "description": "Its label; empty means out of scope."},
            "given": {"type": "number", "description": "How probable the label is, 0 to 1."},
            "proposed": {"type": "string", "description": "The most probable intent."},
            "probability": {"type": "number", "description": "How probable that one is, 0 to 1."},
            "place": {
                "type": "string",
                "description": "Where the desk's files had it when the Release was made.",
            },
            "correctable": {
                "type": "boolean",
                "description": "Whether another label can be recorded; else the file has to be edited.",
            },
            "labels": {
                "type": "array",
                "items": fields(
                    {
                        "message_id": STRING,
                        "conversation_id": STRING,
                        "operator": STRING,
                        "at": {"type": "string", "format": "date-time"},
                    }
                ),
                "description": "Who gave the label and when, where operators did.",
            },
            "nearest": _NEAREST,
        },
        "text",
        "intent",
        "proposed",
    ),
}

_DATE = {"type": "string", "format": "date"}
_LOOKING = fields(
    {
        "running": {"type": "boolean"},
        "by": STRING,
        "begun": STRING,
        "said": {"type": "array", "items": STRING},
        "code": {"type": ["integer", "null"], "description": "0 where it ended well."},
        "stopped": {"type": "boolean"},
    },
    "running",
)
_FAILED = {
    **fields({"at": STRING, "why": STRING}, "at", "why"),
    "type": ["object", "null"],
    "description": "When the look of a night failed after that, and why; null where none did.",
}
REVIEW_SCHEMAS["Topic"] = fields(
    {
        "name": {"type": "string", "description": "Proposed for the intent."},
        "title": STRING,
        "words": {"type": "array", "items": STRING},
        "asked": {"type": "integer", "description": "How often."},
        "wordings": {"type": "integer", "description": "In how many different ways."},
        "first": _DATE,
        "last": _DATE,
        "days": {
            "type": "array",
            "items": fields({"day": _DATE, "asked": {"type": "integer"}}),
            "description": "The days on which it was asked, the latest 60, in the desk's time zone.",
        },
        "likely": {
            "type": "array",
            "items": fields({"intent": STRING, "title": STRING, "score": NUMBER}),
            "description": "Intents that it might be, as the serving Release reads it.",
        },
        "examples": {
            "type": "array",
            "items": fields(
                {
                    "message_id": STRING,
                    "conversation_id": STRING,
                    "text": STRING,
                    "at": {"type": "string", "format": "date-time"},
                    "asked": {"type": "integer"},
                }
            ),
            "description": "The most central first.",
        },
        "messages": {
            **_MESSAGES,
            "description": "What one decision (`/api/v1/review/decisions`, `/dismissals`) is about.",
        },
        "draft": {
            "type": "string",
            "description": "The answer that was saved for it and is not given yet, or empty.",
        },
    },
    "name",
    "title",
    "asked",
    "examples",
    "messages",
)

REVIEW_PATHS: dict[str, Any] = {
    "/api/v1/review": {
        "get": operation(
            "What to label next",
            answer(
                fields(
                    {"open": {"type": "integer"}, "today": _TODAY, "tickets": _TICKETS},
                    "open",
                    "today",
                    "tickets",
                ),
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
                    "operator": OPERATOR,
                    "settle": {
                        "type": "boolean",
                        "description": "Take back what other operators said of them.",
                    },
                },
                "messages",
                "intent",
            ),
            problems=(400, 401, 404, 503),
            operator=True,
        )
    },
    "/api/v1/review/dismissals": {
        "post": operation(
            "Say that messages need no label, until somebody complains again",
            answer(fields({"dismissed": _IDS}), "Recorded."),
            body=fields({"messages": _MESSAGES, "operator": OPERATOR}, "messages"),
            problems=(400, 401, 404, 503),
            operator=True,
        )
    },
    "/api/v1/review/undo": {
        "post": operation(
            "Take back an operator's latest decision; again takes back the one before it",
            answer(
                fields({"unlabelled": _IDS, "restored": _IDS, "reopened": _IDS}),
                "What lost the label that was taken back, a label that it took the place of standing again; what wants one "
                "again; the texts of the desk's files that are open again. All empty where no decision stands.",
            ),
            body=fields({"operator": OPERATOR}),
            problems=(400, 401, 503),
            operator=True,
        )
    },
    "/api/v1/review/suspects": {
        "get": operation(
            "Labels that are probably wrong",
            answer(
                fields(
                    {
                        "open": {"type": "integer"},
                        "known": {
                            "type": "boolean",
                            "description": "False where the serving Release is too old to have looked for any.",
                        },
                        "suspects": {"type": "array", "items": ref("Suspect")},
                    },
                    "open",
                    "known",
                    "suspects",
                ),
                "The most doubtful first.",
            ),
            parameters=[_LIMIT],
            problems=(400, 401),
            operator=True,
        ),
        "post": operation(
            "Say what a suspected text means; its own label again says that it is right",
            answer(fields({"decision": STRING}), "`decision` is its own id."),
            body=fields(
                {
                    "text": STRING,
                    "intent": {"type": "string", "description": "The label that it has."},
                    "meant": {"type": "string", "description": "The label that it should have."},
                    "operator": OPERATOR,
                },
                "text",
                "meant",
            ),
            problems=(400, 401, 404, 409, 503),
            operator=True,
        ),
    },
    "/api/v1/review/topics": {
        "get": operation(
            "New topics among unanswered questions, as they were looked for last",
            answer(
                fields(
                    {
                        "open": {"type": "integer"},
                        "at": {"type": ["string", "null"], "description": "When; null for never."},
                        "release": {"type": "string", "description": "Which Release served then."},
                        "looked_at": {"type": "integer", "description": "Wordings that were read."},
                        "note": {"type": "string", "description": "Why there is none."},
                        "failed": _FAILED,
                        "looking": _LOOKING,
                        "topics": {"type": "array", "items": ref("Topic")},
                    },
                    "open",
                    "at",
                    "failed",
                    "looking",
                    "topics",
                ),
                "The most asked first, without what was labelled or dismissed since.",
            ),
            parameters=[_LIMIT],
            problems=(400, 401),
            operator=True,
        )
    },
    "/api/v1/review/topics/look": {
        "post": operation(
            "Look for new topics now, in a process of its own",
            answer(_LOOKING, "It runs; the live line tells what it says."),
            body=fields({"operator": OPERATOR}),
            problems=(400, 401, 409),
            operator=True,
        ),
        "delete": operation(
            "End the look; the topics stay as they were",
            answer(_LOOKING, "It has ended."),
            problems=(400, 401),
            operator=True,
        ),
    },
    "/api/v1/review/revocations": {
        "post": operation(
            "Take back every label of an operator",
            answer(fields({"unlabelled": _IDS}), "Empty where none stands."),
            body=fields(
                {
                    "operator": NAME,
                    "by": OPERATOR,
                    "since": {"type": "string", "format": "date-time"},
                },
                "operator",
            ),
            problems=(400, 401, 503),
            operator=True,
        )
    },
}
