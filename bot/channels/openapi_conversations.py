"""Conversations, visitors and files in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from bot.channels.openapi_parts import ID, NAME, OPERATOR, STRING, answer, fields, operation, ref

_BOOLEAN = {"type": "boolean"}
_FILES = {"type": "array", "items": NAME, "maxItems": 10, "description": "Ids of uploaded files."}
_LISTED = fields(
    {"conversations": {"type": "array", "items": fields({"conversation_id": STRING})}},
    "conversations",
)
_CHANGED = fields({"conversation_id": STRING, "changed": _BOOLEAN})
_BY = fields({"operator": OPERATOR})
_UPLOAD = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": fields({"file": {"type": "string", "format": "binary"}}, "file")
        }
    },
}
_CONTENT = {"description": "The file.", "content": {"*/*": {"schema": STRING}}}
_LANGUAGE = {
    "name": "Accept-Language",
    "in": "header",
    "schema": STRING,
    "description": "What the text says by itself is in the first of these that the widget speaks, else in English.",
}
_TEXT = {"description": "All that was said.", "content": {"text/plain": {"schema": STRING}}}

_STANDING: dict[str, Any] = {
    "state": {"enum": ["bot", "waiting", "operator", "returned", "closed"]},
    "owner": {**STRING, "description": "The operator who has it, empty where none has."},
    "since": {"type": ["string", "null"], "description": "When that began, ISO 8601."},
}

CONVERSATION_SCHEMAS: dict[str, Any] = {
    "Conversation": fields(
        {
            "conversation_id": STRING,
            "visitor_id": STRING,
            "channel": STRING,
            "name": STRING,
            "with_person": _BOOLEAN,
            "handoff_reason": STRING,
            "closed": _BOOLEAN,
            **_STANDING,
            "assigned": {**STRING, "description": "The colleague who is asked to care."},
            "snoozed_until": {
                **STRING,
                "description": "ISO 8601, empty where it is not laid aside.",
            },
            "typing": {**_BOOLEAN, "description": "The visitor is writing."},
            "page": fields({"url": STRING, "title": STRING}),
            "seen": {"type": "integer", "description": "The last event on the visitor's screen."},
            "writing": {
                "type": "array",
                "items": STRING,
                "description": "The operators who are writing.",
            },
            "events": {"type": "array", "items": ref("Event")},
        },
        "conversation_id",
        "with_person",
        "events",
    ),
    "File": fields(
        {
            "id": STRING,
            "name": STRING,
            "url": STRING,
            "size": {"type": "integer", "description": "Bytes."},
            "type": {**STRING, "description": "What it is by its bytes."},
        },
        "id",
        "name",
        "url",
        "size",
        "type",
    ),
}


def _upload(summary: str, security: list[dict[str, list[str]]]) -> dict[str, Any]:
    done = answer(ref("File"), "It is kept, and dropped after a day unless a message names it.")
    described = operation(summary, done, problems=(400, 401, 408, 413, 415, 429, 503))
    return {**described, "requestBody": _UPLOAD, "security": security}


def _remark(summary: str, **more: Any) -> dict[str, Any]:
    """Describe what concerns colleagues only."""
    return {
        "post": operation(
            summary,
            answer(ref("Event"), "The record; no customer sees it."),
            body=fields({"operator": NAME, **more}, "operator"),
            parameters=[ID],
            problems=(400, 401, 404, 413, 503),
            operator=True,
        )
    }


CONVERSATION_PATHS: dict[str, Any] = {
    "/api/v1/conversations": {
        "get": operation(
            "The conversations that a person has",
            answer(_LISTED, "The longest waiting first."),
            parameters=[
                {"name": "waiting", "in": "query", "required": True, "schema": {"const": "1"}}
            ],
            problems=(400, 401),
            operator=True,
        )
    },
    "/api/v1/conversations/{id}": {
        "get": operation(
            "One conversation, event by event, and who is in it now",
            answer(ref("Conversation"), "In the order of the log."),
            parameters=[ID],
            problems=(401, 404),
            operator=True,
        )
    },
    "/api/v1/conversations/{id}/take": {
        "post": operation(
            "Take a conversation; the bot is silent from then on, answers on their way included",
            answer(fields({"conversation_id": STRING, **_STANDING}), "Who has it now."),
            body=fields(
                {
                    "operator": NAME,
                    "expects": {
                        **NAME,
                        "description": "Who may have it now; whoever else has it keeps it: 409, with `owner`.",
                    },
                },
                "operator",
            ),
            parameters=[ID],
            problems=(400, 401, 404, 409, 503),
            operator=True,
        )
    },
    "/api/v1/conversations/{id}/release": {
        "post": operation(
            "Let a conversation wait for another person",
            answer(_CHANGED, "`changed` is false where nobody had it."),
            body=fields({"operator": NAME, "reason": NAME}, "operator"),
            parameters=[ID],
            problems=(400, 401, 404, 409, 503),
            operator=True,
        )
    },
    "/api/v1/conversations/{id}/assign": _remark(
        "Ask a colleague to care; nobody without `to`", to=NAME
    ),
    "/api/v1/conversations/{id}/snooze": _remark(
        "Lay a conversation aside until a time; back without `until`", until=STRING
    ),
    "/api/v1/conversations/{id}/notes": _remark(
        "Write a note for colleagues", text={"type": "string", "maxLength": 4096}
    ),
    "/api/v1/conversations/{id}/give-back": {
        "post": operation(
            "Return a conversation to the bot",
            answer(_CHANGED, "`changed` is false where no person had it."),
            body=_BY,
            parameters=[ID],
            problems=(400, 401, 404, 503),
            operator=True,
        )
    },
    "/api/v1/conversations/{id}/close": {
        "post": operation(
            "Close a conversation; its visitor is asked how it went",
            answer(_CHANGED, "`changed` is false where it was closed."),
            body=_BY,
            parameters=[ID],
            problems=(400, 401, 404, 503),
            operator=True,
        )
    },
    "/api/v1/conversations/{id}/messages": {
        "post": operation(
            "Write to the visitor; from then on a person has the conversation",
            answer(ref("Event"), "The record. The same client_message_id again is one message."),
            body=fields(
                {
                    "operator": OPERATOR,
                    "text": {"type": "string", "maxLength": 4096},
                    "files": _FILES,
                    "template_id": {**NAME, "description": "Where it is this template's text."},
                    "client_message_id": NAME,
                },
            ),
            parameters=[ID],
            problems=(400, 401, 404, 409, 413, 503),
            operator=True,
        )
    },
    "/api/v1/conversations/{id}/messages/{message_id}": {
        "patch": operation(
            "Edit a message of one's own, also where the visitor sees it",
            answer(ref("Event"), "The record; both wordings stay in the log."),
            body=fields(
                {
                    "operator": NAME,
                    "text": {"type": "string", "maxLength": 4096},
                    "seq": {
                        "type": "integer",
                        "description": "Of the wording that is edited: the message's event, or its last edit's.",
                    },
                },
                "operator",
                "text",
                "seq",
            ),
            parameters=[
                ID,
                {"name": "message_id", "in": "path", "required": True, "schema": STRING},
            ],
            problems=(400, 401, 403, 404, 409, 413, 503),
            operator=True,
        )
    },
    "/api/v1/conversations/{id}/typing": {
        "post": operation(
            "Show the visitor that an operator is writing, for six seconds",
            answer(fields({"conversation_id": STRING, "on": _BOOLEAN}), "Shown."),
            body=fields({"operator": OPERATOR, "on": _BOOLEAN}, "on"),
            parameters=[ID],
            problems=(400, 401, 404),
            operator=True,
        )
    },
    "/api/v1/files": {
        "post": _upload("Upload a file to send to a visitor", [{"operator": []}, {"session": []}])
    },
    "/api/v1/visitors/{id}": {
        "get": operation(
            "Everything that is kept of a visitor",
            answer({"type": "object"}, "Conversations event by event, and files."),
            parameters=[ID],
            problems=(401, 404),
            operator=True,
        )
    },
    "/api/v1/visitors/{id}/erase": {
        "post": operation(
            "Erase a visitor: words, files, name and address; what is counted stays",
            answer(
                fields({"visitor_id": STRING, "erased": {"type": "integer"}}),
                "How many events were emptied.",
            ),
            body=_BY,
            parameters=[ID],
            problems=(400, 401, 404, 503),
            operator=True,
        )
    },
    "/files": {"post": _upload("Upload a file as a visitor of the widget", [{"visitor": []}])},
    "/files/{id}/{name}": {
        "get": operation(
            "A file; nobody guesses its id",
            _CONTENT,
            parameters=[
                ID,
                {"name": "name", "in": "path", "required": True, "schema": STRING},
            ],
            problems=(404,),
        )
    },
    "/telegram-link": {
        "post": {
            **operation(
                "Go on in Telegram within the same conversation",
                answer(fields({"url": STRING}, "url"), "Good for one use within 15 minutes."),
                problems=(401, 503),
            ),
            "description": "Only where the desk has a Telegram bot.",
            "security": [{"visitor": []}],
        }
    },
    "/transcript": {
        "get": {
            **operation(
                "A visitor's conversations as a text",
                _TEXT,
                parameters=[_LANGUAGE],
                problems=(401,),
            ),
            "security": [{"visitor": []}],
        }
    },
}
