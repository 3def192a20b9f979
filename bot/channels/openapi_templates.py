"""The desk's answers and their versions, in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from bot.channels.openapi_parts import ID, NAME, STRING, answer, fields, operation, ref

_VERSION = {"type": "integer", "minimum": 0}
_SEEN = {
    **_VERSION,
    "description": "The version that you saw last, 0 where none was saved yet; 409 where another came since.",
}
_SAVED = answer(ref("Event"), "The recorded version, and whether it is in force (`in_force`).")
_LISTED = {
    "id": STRING,
    "intent": STRING,
    "title": STRING,
    "text": STRING,
    "state": {"enum": ["draft", "approved", "live", "retired"]},
    "version": {**_VERSION, "description": "The latest; 0 is the Release's own."},
    "live_version": {
        "type": ["integer", "null"],
        "description": "The one that customers get, null where they get none.",
    },
    "author": STRING,
    "changed_at": STRING,
}

TEMPLATE_SCHEMAS: dict[str, Any] = {
    "Template": {"type": "object", "description": "A line of templates.jsonl; docs/answers.md."},
    "SaveTemplate": fields(
        {"operator": NAME, "version": _SEEN, "template": ref("Template")},
        "operator",
        "version",
        "template",
    ),
    "ChangeTemplate": fields({"operator": NAME, "version": _SEEN}, "operator", "version"),
    "RestoreTemplate": fields(
        {
            "operator": NAME,
            "version": _SEEN,
            "restore": {**_VERSION, "description": "The version to go back to, in its state."},
        },
        "operator",
        "version",
        "restore",
    ),
    "ListedTemplate": fields(_LISTED, *_LISTED),
    "TemplateVersion": fields(
        {
            "version": _VERSION,
            "operator": STRING,
            "at": STRING,
            "state": STRING,
            "restores": {"type": ["integer", "null"]},
            "template": ref("Template"),
        },
        "version",
        "operator",
        "at",
        "state",
        "template",
    ),
}


def _changing(summary: str, body: str) -> dict[str, Any]:
    return operation(
        summary,
        _SAVED,
        body=ref(body),
        parameters=[ID],
        problems=(400, 401, 404, 409, 413, 503),
        operator=True,
    )


_PATH = "/api/v1/templates/{id}"
TEMPLATE_PATHS: dict[str, Any] = {
    "/api/v1/templates": {
        "get": operation(
            "The answers and how far each has come",
            answer(
                fields(
                    {"templates": {"type": "array", "items": ref("ListedTemplate")}}, "templates"
                ),
                "Those of the Release first.",
            ),
            problems=(401,),
            operator=True,
        )
    },
    _PATH: {
        "get": operation(
            "An answer with all its versions",
            answer(
                fields(
                    {
                        **_LISTED,
                        "template": ref("Template"),
                        "versions": {"type": "array", "items": ref("TemplateVersion")},
                    },
                    *_LISTED,
                    "template",
                    "versions",
                ),
                "The first saved comes first.",
            ),
            parameters=[ID],
            problems=(401, 404),
            operator=True,
        ),
        "put": _changing("Save a draft", "SaveTemplate"),
    },
    f"{_PATH}/approve": {"post": _changing("Approve the latest version", "ChangeTemplate")},
    f"{_PATH}/live": {
        "post": _changing("Give the latest version to the next customer", "ChangeTemplate")
    },
    f"{_PATH}/retire": {"post": _changing("Give the answer to nobody any more", "ChangeTemplate")},
    f"{_PATH}/restore": {"post": _changing("Go back to an earlier version", "RestoreTemplate")},
}
