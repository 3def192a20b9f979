"""The HTTP API as an OpenAPI 3.1 document, written by hand; a test holds every route of the router against it."""

from __future__ import annotations

from typing import Any

from conversations.events import Dislike

_STRING = {"type": "string"}
_NAME = {"type": "string", "minLength": 1, "maxLength": 200}


def _object(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _json(schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _problems(*statuses: int) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": _ref("Problem")}}
    return {str(s): {"description": _MEANING[s], "content": content} for s in statuses}


def _operation(
    summary: str,
    done: dict[str, Any],
    *,
    body: dict[str, Any] | None = None,
    parameters: list[dict[str, Any]] | None = None,
    problems: tuple[int, ...] = (),
    operator: bool = False,
) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": summary,
        "responses": {"200": done, **_problems(*problems)},
    }
    if body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": body}},
        }
    if parameters:
        operation["parameters"] = parameters
    if operator:
        operation["security"] = [{"operator": []}]
    elif body is not None:
        operation["security"] = [{}, {"client": []}]
    return operation


_MEANING = {
    400: "The request is not what it should be; `code` is bad_input or empty.",
    401: "The bearer token is missing or wrong.",
    404: "There is no such message or conversation.",
    413: "The message or the request is too long.",
    503: "Busy, restarting or storage unavailable; try again after `Retry-After` seconds.",
}
_ID = {"name": "id", "in": "path", "required": True, "schema": _STRING}

_SCHEMAS: dict[str, Any] = {
    "Message": _object(
        {
            "visitor": {
                **_NAME,
                "description": "Who writes; the same visitor, the same conversation.",
            },
            "text": {"type": "string", "minLength": 1, "maxLength": 4096},
            "client_message_id": {
                **_NAME,
                "description": "The same id again gets the same answer and is counted once.",
            },
            "choice": {
                **_NAME,
                "description": "The value of the offered choice this answers with.",
            },
            "name": {**_NAME, "description": "What to call the visitor."},
        },
        "visitor",
        "text",
    ),
    "Choice": _object({"label": _STRING, "value": _STRING}, "label", "value"),
    "Answer": _object(
        {
            "message_id": {**_STRING, "description": "The reply's id, for feedback and evidence."},
            "conversation_id": _STRING,
            "in_reply_to": {**_STRING, "description": "The id of the utterance."},
            "action": {"enum": ["reply", "clarify", "handoff", "silent"]},
            "text": _STRING,
            "choices": {"type": "array", "items": _ref("Choice")},
            "intent": _STRING,
            "confidence": {"type": "number", "minimum": 0, "maximum": 1},
            "template_id": _STRING,
            "release": _STRING,
            "verdict": {"enum": ["confident", "ambiguous", "out_of_scope", ""]},
            "reason": _STRING,
            "source": {**_STRING, "description": "The knowledge page that a reply quotes."},
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
    "Feedback": _object(
        {
            "message_id": _NAME,
            "value": {"enum": ["up", "down"]},
            "reason": {"enum": [str(one) for one in Dislike], "description": "Why it is down."},
            "comment": {"type": "string", "maxLength": 4096},
        },
        "message_id",
        "value",
    ),
    "Score": _object(
        {
            "conversation_id": _NAME,
            "score": {"type": "integer", "minimum": 1, "maximum": 5},
            "comment": {"type": "string", "maxLength": 4096},
        },
        "conversation_id",
        "score",
    ),
    "Label": _object(
        {
            "message_id": _NAME,
            "intent": {"type": "string", "description": "Empty means out of scope."},
            "operator": _NAME,
        },
        "message_id",
        "intent",
        "operator",
    ),
    "Event": _object(
        {
            "seq": {"type": "integer"},
            "conversation_id": _STRING,
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
                    "operatorwrote",
                    "givenback",
                    "closed",
                ]
            },
        },
        "seq",
        "conversation_id",
        "at",
        "kind",
    ),
    "Conversation": _object(
        {
            "conversation_id": _STRING,
            "channel": _STRING,
            "name": _STRING,
            "with_person": {"type": "boolean"},
            "handoff_reason": _STRING,
            "closed": {"type": "boolean"},
            "events": {"type": "array", "items": _ref("Event")},
        },
        "conversation_id",
        "with_person",
        "events",
    ),
    "Problem": _object(
        {
            "type": _STRING,
            "title": _STRING,
            "status": {"type": "integer"},
            "detail": _STRING,
            "code": _STRING,
        },
        "type",
        "title",
        "status",
        "detail",
        "code",
    ),
}

_LISTED = _object(
    {"conversations": {"type": "array", "items": _object({"conversation_id": _STRING})}},
    "conversations",
)

DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {
        "title": "Frontdesk",
        "version": "1",
        "description": "Messages and feedback for any client, and what operators do.",
    },
    "paths": {
        "/api/v1/openapi.json": {
            "get": _operation("This document", _json({"type": "object"}, "OpenAPI 3.1"))
        },
        "/api/v1/messages": {
            "post": _operation(
                "Say something and get the answer",
                _json(_ref("Answer"), "The decision on the message."),
                body=_ref("Message"),
                problems=(400, 401, 413, 503),
            )
        },
        "/api/v1/feedback": {
            "post": _operation(
                "Rate a reply; a later rating replaces an earlier one",
                _json(_object({"message_id": _STRING, "value": _STRING}), "Recorded."),
                body=_ref("Feedback"),
                problems=(400, 401, 404, 413, 503),
            )
        },
        "/api/v1/scores": {
            "post": _operation(
                "Say how satisfied the visitor is; a later score replaces an earlier one",
                _json(
                    _object({"conversation_id": _STRING, "score": {"type": "integer"}}), "Recorded."
                ),
                body=_ref("Score"),
                problems=(400, 401, 404, 413, 503),
            )
        },
        "/api/v1/labels": {
            "post": _operation(
                "Say what an utterance meant",
                _json(_ref("Event"), "The recorded label."),
                body=_ref("Label"),
                problems=(400, 401, 404, 503),
                operator=True,
            )
        },
        "/api/v1/conversations": {
            "get": _operation(
                "The conversations that a person has",
                _json(_LISTED, "The longest waiting first."),
                parameters=[
                    {"name": "waiting", "in": "query", "required": True, "schema": {"const": "1"}}
                ],
                problems=(400, 401),
                operator=True,
            )
        },
        "/api/v1/conversations/{id}": {
            "get": _operation(
                "One conversation, event by event",
                _json(_ref("Conversation"), "In the order of the log."),
                parameters=[_ID],
                problems=(401, 404),
                operator=True,
            )
        },
        "/api/v1/conversations/{id}/give-back": {
            "post": _operation(
                "Return a conversation to the bot",
                _json(
                    _object({"conversation_id": _STRING, "changed": {"type": "boolean"}}),
                    "`changed` is false where no person had it.",
                ),
                body=_object({"operator": _NAME}, "operator"),
                parameters=[_ID],
                problems=(400, 401, 404, 503),
                operator=True,
            )
        },
        "/api/v1/messages/{id}/evidence": {
            "get": _operation(
                "Why the bot decided as it did",
                _json(_ref("Event"), "The decision with its evidence card."),
                parameters=[_ID],
                problems=(401, 404),
                operator=True,
            )
        },
        "/api/v1/search": {
            "get": _operation(
                "Search what was said",
                _json(
                    _object({"results": {"type": "array", "items": _ref("Event")}}, "results"),
                    "The latest first.",
                ),
                parameters=[{"name": "q", "in": "query", "schema": _STRING}],
                problems=(401,),
                operator=True,
            )
        },
    },
    "components": {
        "schemas": _SCHEMAS,
        "securitySchemes": {
            "operator": {"type": "http", "scheme": "bearer", "description": "operator.token"},
            "client": {
                "type": "http",
                "scheme": "bearer",
                "description": "Only where the desk has set an api_key.",
            },
        },
    },
}
