"""People who sign in, users and the audit log, in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from bot.channels.openapi_parts import NAME, OPERATOR, STRING, answer, fields, operation, ref
from bot.staff.roles import Role

_ROLE = {"enum": [str(role) for role in Role]}
_BOOLEAN = {"type": "boolean"}
_USER = {
    "name": STRING,
    "role": _ROLE,
    "second_factor": _BOOLEAN,
    "disabled": _BOOLEAN,
    "added": STRING,
}
_HERE = {
    "last_seen": {"type": ["string", "null"], "format": "date-time"},
    "sessions": {"type": "array", "items": fields({"begun": STRING, "seen": STRING})},
}
_LINE = dict.fromkeys(
    ("at", "who", "via", "network", "what", "subject", "before", "after", "hash"), STRING
)
_NUMBER = {"type": "integer", "minimum": 0}
_SIGNED = {"description": "Done; the cookie is set, or taken away."}
_NO_CONTENT = {"description": "Done."}

STAFF_SCHEMAS: dict[str, Any] = {
    "User": fields({**_USER, **_HERE}, *_USER),
    "AuditLine": fields({"seq": _NUMBER, **_LINE}, "seq", *_LINE),
}


def _empty(described: dict[str, Any]) -> dict[str, Any]:
    """An operation whose answer has no body."""
    responses = dict(described["responses"])
    return {**described, "responses": {"204": responses.pop("200"), **responses}}


_TEXT = {"name": STRING, "text": STRING, "author": STRING, "changed_at": STRING}
_CALLED = {"name": "name", "in": "path", "required": True, "schema": {**NAME, "maxLength": 40}}

STAFF_PATHS: dict[str, Any] = {
    "/api/v1/canned": {
        "get": operation(
            "Short texts of the team, filled in where a conversation is named",
            answer(
                fields(
                    {
                        "canned": {
                            "type": "array",
                            "items": fields({**_TEXT, "filled": STRING}, *_TEXT),
                        },
                        "variables": {"type": "array", "items": STRING},
                    },
                    "canned",
                    "variables",
                ),
                "In the order of their names, and what they may say.",
            ),
            parameters=[
                {"name": name, "in": "query", "schema": STRING}
                for name in ("conversation", "operator")
            ],
            problems=(401, 404, 503),
            operator=True,
        )
    },
    "/api/v1/canned/{name}": {
        "put": operation(
            "Save one: operators their own, trainers any; 403 names whose it is",
            answer(fields(_TEXT, *_TEXT), "As it is kept."),
            body=fields({"text": STRING, "operator": OPERATOR}, "text"),
            parameters=[_CALLED],
            problems=(400, 401, 503),
            operator=True,
        ),
        "delete": _empty(
            operation(
                "Delete one: operators their own, trainers any",
                _NO_CONTENT,
                parameters=[_CALLED],
                problems=(401, 404, 503),
                operator=True,
            )
        ),
    },
    "/console/login": {
        "post": {
            **_empty(
                operation(
                    "Sign in; 401 has the code bad_login, code_needed or locked (with Retry-After)",
                    _SIGNED,
                    body=fields(
                        {"name": NAME, "password": STRING, "code": NAME}, "name", "password"
                    ),
                    problems=(400, 401, 403, 503),
                )
            ),
            "security": [],
        }
    },
    "/console/logout": {
        "post": _empty(operation("Sign out", _SIGNED, problems=(401, 503), operator=True))
    },
    "/api/v1/me": {
        "get": operation(
            "Who asks, the csrf that every change by cookie carries as X-CSRF, and the desk",
            answer(
                fields(
                    {
                        "name": STRING,
                        "role": _ROLE,
                        "second_factor": _BOOLEAN,
                        "csrf": STRING,
                        "desk": {"type": "object"},
                        "preferences": {"type": "object"},
                    },
                    "name",
                    "role",
                    "csrf",
                    "preferences",
                ),
                "A program with the operator token has no name and no csrf.",
            ),
            problems=(401, 503),
            operator=True,
        )
    },
    "/api/v1/me/preferences": {
        "put": operation(
            "Keep what one's console is to be like",
            answer({"type": "object"}, "As they are kept."),
            body={"type": "object", "description": "16 KB at most."},
            problems=(400, 401, 413, 503),
            operator=True,
        )
    },
    "/api/v1/me/password": {
        "post": _empty(
            operation(
                "Change one's own password; other sessions of one's own end",
                _NO_CONTENT,
                body=fields({"old": STRING, "new": STRING}, "old", "new"),
                problems=(400, 401, 429, 503),
                operator=True,
            )
        )
    },
    "/api/v1/me/second-factor": {
        "post": operation(
            "Begin a second factor, which asks for nothing until PUT confirms it within ten minutes",
            answer(fields({"uri": STRING}, "uri"), "For the authenticator app, as a QR code."),
            problems=(400, 401, 409, 503),
            operator=True,
        ),
        "put": operation(
            "Confirm it with the six digits that the app shows; other sessions of one's own end",
            answer(
                fields({"recovery_codes": {"type": "array", "items": STRING}}, "recovery_codes"),
                "Ten codes for the day the app is lost, each good once, told this once.",
            ),
            body=fields({"code": NAME}, "code"),
            problems=(400, 401, 409, 503),
            operator=True,
        ),
        "delete": _empty(
            operation(
                "Switch it off, with one's password or a code of it",
                _NO_CONTENT,
                body=fields({"password": STRING, "code": NAME}),
                problems=(400, 401, 409, 429, 503),
                operator=True,
            )
        ),
    },
    "/api/v1/colleagues": {
        "get": operation(
            "The names of those who may take a conversation",
            answer(fields({"names": {"type": "array", "items": STRING}}, "names"), "In order."),
            problems=(401, 503),
            operator=True,
        )
    },
    "/api/v1/users": {
        "get": operation(
            "Who may sign in",
            answer(fields({"users": {"type": "array", "items": ref("User")}}, "users"), "All."),
            problems=(401, 503),
            operator=True,
        ),
        "post": operation(
            "Add a user; without a password one is made and told this once",
            answer(ref("User"), "The user, and the password that was made."),
            body=fields({"name": NAME, "role": _ROLE, "password": STRING}, "name", "role"),
            problems=(400, 401, 409, 503),
            operator=True,
        ),
    },
    "/api/v1/users/{name}": {
        "post": operation(
            "Change what is named of a user, whose sessions end at once; 409 last_admin for the last one who may sign in",
            answer(ref("User"), "As they are now, and the password that was made, told this once."),
            body=fields(
                {
                    "role": _ROLE,
                    "password": STRING,
                    "generate": {"const": True, "description": "Make a password."},
                    "disabled": _BOOLEAN,
                    "second_factor": {"const": False},
                    "sessions": {"const": "end"},
                }
            ),
            parameters=[{"name": "name", "in": "path", "required": True, "schema": STRING}],
            problems=(400, 401, 404, 409, 503),
            operator=True,
        )
    },
    "/api/v1/audit": {
        "get": operation(
            "Who changed what, the latest first",
            answer(
                fields({"lines": {"type": "array", "items": ref("AuditLine")}}, "lines"), "Lines."
            ),
            parameters=[
                {"name": "limit", "in": "query", "schema": _NUMBER},
                {"name": "before", "in": "query", "schema": _NUMBER},
                {"name": "who", "in": "query", "schema": STRING},
                {"name": "q", "in": "query", "schema": STRING},
            ],
            problems=(400, 401, 503),
            operator=True,
        )
    },
}
