"""What the API's document says about the inbox, the live line, the search and the numbers."""

from __future__ import annotations

from typing import Any

from bot.channels.numbers_api import TABLES
from bot.channels.openapi_parts import NUMBER, OPERATOR, STRING, answer, fields, operation, ref
from bot.together import MOST, Act, Outcome
from conversations.views.inbox_pages import SORTS, STATES
from conversations.views.numbers import LONGEST, STEPS

_WHOLE = {"type": "integer"}
_DAY = {"type": "string", "format": "date"}
_TIME = {"type": ["string", "null"], "format": "date-time"}
_STATES = {"enum": ["bot", "waiting", "operator", "returned", "closed"]}
_ROWS = {"type": "array", "items": {"type": "object"}}
_NEXT = {"type": ["string", "null"], "description": "`after` of the next page; null on the last."}
_BEHIND = {
    **_WHOLE,
    "description": "Events of the log that are not counted yet; 0 but for moments.",
}

OFFICE_SCHEMAS: dict[str, Any] = {
    "InboxRow": fields(
        {
            "conversation_id": STRING,
            "visitor": fields({"id": STRING, "name": STRING, "channel": STRING}, "id", "name"),
            "state": _STATES,
            "owner": STRING,
            "assigned": {**STRING, "description": "The colleague who is asked to care."},
            "reason": STRING,
            "waiting_since": _TIME,
            "last_at": _TIME,
            "last_text": {"type": "string", "maxLength": 160},
            "last_by": {"enum": ["customer", "bot", "operator", ""]},
            "mood": {"type": ["number", "null"], "minimum": -1, "maximum": 1},
            "intent": STRING,
            "language": STRING,
            "snoozed_until": _TIME,
            "due_at": {
                **_TIME,
                "description": "When the words of a person are due; see `answer_within` of desk.toml.",
            },
            "messages": _WHOLE,
            "seq": _WHOLE,
        },
        "conversation_id",
        "visitor",
        "state",
    ),
    "Found": fields(
        {
            "conversation_id": STRING,
            "message_id": STRING,
            "at": {"type": "string", "format": "date-time"},
            "by": {"enum": ["customer", "bot", "operator"]},
            "text": STRING,
            "marks": {
                "type": "array",
                "items": {"type": "array", "items": _WHOLE},
                "description": "Where the words stand, from and up to, in units of UTF-16.",
            },
        },
        "conversation_id",
        "text",
        "marks",
    ),
    "Figure": fields(
        {
            "value": {"type": ["number", "null"]},
            "previous": {"type": ["number", "null"], "description": "Of as many days before."},
            "unit": {"enum": ["share", "count", "seconds", "score"]},
        },
        "value",
        "previous",
        "unit",
    ),
    "Numbers": fields(
        {
            "definitions": {"type": "object", "additionalProperties": STRING},
            "figures": {"type": "object", "additionalProperties": ref("Figure")},
            "period": fields({"from": _DAY, "to": _DAY, "days": _WHOLE}, "from", "to", "days"),
            **{name: _ROWS for name in TABLES if name not in ("figures", "unanswered")},
            "unanswered": {
                "type": "array",
                "items": fields(
                    {
                        "text": STRING,
                        "count": NUMBER,
                        "examples": {
                            "type": "array",
                            "items": fields({"text": STRING, "conversation_id": STRING}),
                        },
                    },
                    "text",
                    "count",
                ),
            },
            "behind": _BEHIND,
        },
        "definitions",
        "figures",
    ),
}


_FRAMES: dict[str, dict[str, Any]] = {
    "row": {"row": ref("InboxRow")},
    "event": {"event": {"type": "object"}},
    "viewing": {"conversation_id": STRING, "who": {"type": "array", "items": STRING}},
    "typing": {"conversation_id": STRING, "who": STRING, "on": {"type": "boolean"}},
    "alert": {"alert": ref("Alert")},
    "let_go": {"conversation_id": STRING},
    "counts": {"counts": {"type": "object", "additionalProperties": _WHOLE}},
    "error": {"detail": STRING},
}


def _named(name: str, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema or STRING}


_PAGED = [_named("after"), _named("limit", type="integer", minimum=1, maximum=100)]
_PERIOD = [
    _named("from", **_DAY),
    _named("to", **_DAY),
    _named("days", type="integer", minimum=1, maximum=LONGEST.days),
    _named("step", enum=list(STEPS)),
    *map(_named, ("channel", "language", "release")),
]

OFFICE_PATHS: dict[str, Any] = {
    "/api/v1/inbox": {
        "get": operation(
            "Conversations, in the order in which people want to see them",
            answer(
                fields(
                    {
                        "rows": {"type": "array", "items": ref("InboxRow")},
                        "next": _NEXT,
                        "counts": {"type": "object", "additionalProperties": _WHOLE},
                        "behind": _BEHIND,
                    },
                    "rows",
                    "next",
                    "counts",
                ),
                "A page, and how many each state has.",
            ),
            parameters=[
                _named("state", enum=list(STATES)),
                _named("sort", enum=list(SORTS)),
                _named("mood", enum=["low"]),
                *map(
                    _named, ("operator", "channel", "language", "intent", "owner", "visitor", "q")
                ),
                *_PAGED,
            ],
            problems=(400, 401, 503),
            operator=True,
        )
    },
    "/api/v1/bulk": {
        "post": operation(
            "Do the same to several conversations; what a colleague has is neither closed nor laid aside",
            answer(
                fields(
                    {
                        "outcomes": {
                            "type": "array",
                            "items": fields(
                                {
                                    "conversation_id": STRING,
                                    "outcome": {"enum": [str(one) for one in Outcome]},
                                    "owner": {**STRING, "description": "Who keeps it."},
                                    "before": {
                                        **STRING,
                                        "description": "`to` or `until` of before.",
                                    },
                                },
                                "conversation_id",
                                "outcome",
                            ),
                        }
                    },
                    "outcomes",
                ),
                "What came of it for each.",
            ),
            body=fields(
                {
                    "conversations": {"type": "array", "items": STRING, "maxItems": MOST},
                    "do": {"enum": [str(one) for one in Act]},
                    "to": {
                        **STRING,
                        "description": "With assign: the colleague; empty for nobody.",
                    },
                    "until": {**STRING, "description": "With snooze: the time; empty brings back."},
                    "expects": {
                        **STRING,
                        "description": "Change only those where `to` or `until` is this now.",
                    },
                    "operator": OPERATOR,
                },
                "conversations",
                "do",
            ),
            problems=(400, 401, 503),
            operator=True,
        )
    },
    "/api/v1/live": {
        "get": operation(
            "A WebSocket of what changes",
            answer(
                {
                    "oneOf": [
                        fields({"kind": {"const": kind}, **rest}, "kind", *rest)
                        for kind, rest in _FRAMES.items()
                    ]
                },
                "Frames in JSON, by their kind. The client sends {watch: ID or null} for the events of one conversation, "
                "{typing: ID, on: true or false}, and {here: true} where its person does something. It ends with 1008 where the session does, and with 1012 or 1013 to be opened again.",
            ),
            parameters=[_named("operator")],
            problems=(401, 503),
            operator=True,
        )
    },
    "/api/v1/search": {
        "get": operation(
            "Search everything that was said, Chinese too",
            answer(
                fields(
                    {"rows": {"type": "array", "items": ref("Found")}, "next": _NEXT},
                    "rows",
                    "next",
                ),
                "The latest first.",
            ),
            parameters=[_named("q"), *_PAGED],
            problems=(400, 401, 503),
            operator=True,
        )
    },
    "/api/v1/numbers": {
        "get": operation(
            "How many conversations there were in some days, and how they went",
            answer(ref("Numbers"), "Each figure beside as many days before."),
            parameters=_PERIOD,
            problems=(400, 401, 503),
            operator=True,
        )
    },
    "/api/v1/numbers.csv": {
        "get": operation(
            "One table of the numbers as CSV",
            {"description": "With a header.", "content": {"text/csv": {"schema": STRING}}},
            parameters=[_named("table", enum=list(TABLES)), *_PERIOD],
            problems=(400, 401, 503),
            operator=True,
        )
    },
}
