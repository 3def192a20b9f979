"""The knowledge pages, in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from bot.channels.openapi_parts import NAME, OPERATOR, STRING, answer, fields, operation, ref

_COUNT = {"type": "integer", "minimum": 0}
_ASKED = "What people ask who are answered there, as the page says."
_PASSAGE = {
    "heading": STRING,
    "text": STRING,
    "asked": {"type": "array", "items": STRING, "description": _ASKED},
}
_PASSAGES = {"type": "array", "items": fields(_PASSAGE, *_PASSAGE)}
_LAST = {"change_id": STRING, "operator": STRING, "source": STRING}
_PAGE = {
    "name": STRING,
    "title": STRING,
    "url": {**STRING, "description": "Where it stands on the web, empty where the desk shows it."},
    "source": {**STRING, "description": "What it was made of; empty where it was written by hand."},
    "imported_at": STRING,
    "edited": {"type": "boolean", "description": "By hand, since it was made of its source."},
    "passages": _COUNT,
    "words": _COUNT,
    "quoted": {
        "type": "boolean",
        "description": "Whether the bot quotes just what it says; else that waits for the next training.",
    },
    "fault": {**STRING, "description": "Why it cannot be read, empty where it can."},
    "last": {
        "anyOf": [fields(_LAST, *_LAST), {"type": "null"}],
        "description": "The change that can be undone.",
    },
}
_PLAN = {
    "name": {**STRING, "description": "The page that it would become."},
    "title": STRING,
    "note": {**STRING, "description": "What one should know of how it was read."},
    "seen": {
        **STRING,
        "description": "Stands for the page as it is; send it along when it is taken.",
    },
    "in_the_way": {
        **STRING,
        "description": "Whose page it would take the place of; empty where nobody's.",
    },
    "new": _PASSAGES,
    "changed": {
        "type": "array",
        "items": fields({**_PASSAGE, "before": STRING}, *_PASSAGE, "before"),
    },
    "gone": _PASSAGES,
    "same": {**_COUNT, "description": "Passages that stay what they are."},
    "alike": {
        "type": "array",
        "items": fields(
            {**_PASSAGE, "page": STRING, "page_title": STRING, "says": STRING},
            *_PASSAGE,
            "page",
            "says",
        ),
        "description": "Passages that nearly say what one of another page says.",
    },
}

PAGE_SCHEMAS: dict[str, Any] = {
    "KnowledgePage": fields(_PAGE, *_PAGE),
    "PagePlan": fields(_PLAN, *_PLAN),
    "PageChange": fields(
        {
            "name": STRING,
            "quoted": {"type": "boolean", "description": "Whether the bot goes by it already."},
            "change_id": {
                "type": ["string", "null"],
                "description": "To undo it with; null where nothing changed.",
            },
        },
        "name",
        "quoted",
        "change_id",
    ),
    "UndoPage": fields({"operator": OPERATOR, "change_id": NAME}, "change_id"),
}

_NAME = {"name": "name", "in": "path", "required": True, "schema": STRING}
_BY = {"name": "operator", "in": "query", "required": False, "schema": OPERATOR}
_FILE = {
    "name": "name",
    "in": "query",
    "required": False,
    "schema": STRING,
    "description": "The file's name, where the body is the file itself.",
}
_WAY = {
    "name": "way",
    "in": "query",
    "required": False,
    "schema": {"enum": ["replace", "beside"]},
    "description": "What to do where a page is in the way: take its place, or stand beside it under another name.",
}
_SEEN = {
    "name": "seen",
    "in": "query",
    "required": False,
    "schema": STRING,
    "description": "The plan's `seen`: 409 where the page was changed since.",
}
_CHANGED = answer(ref("PageChange"), "Done, and quoted from now on.")


def _with_a_file(described: dict[str, Any]) -> dict[str, Any]:
    """Return an operation whose body is a document."""
    form = fields({"file": {"type": "string", "format": "binary"}}, "file")
    content = {
        "multipart/form-data": {"schema": form},
        "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
    }
    return described | {"requestBody": {"required": True, "content": content}}


PAGE_PATHS: dict[str, Any] = {
    "/api/v1/pages": {
        "get": operation(
            "The knowledge pages",
            answer(
                fields(
                    {
                        "pages": {"type": "array", "items": ref("KnowledgePage")},
                        "removed": {
                            "type": "array",
                            "items": fields({**_LAST, "name": STRING}, *_LAST, "name"),
                        },
                        "formats": STRING,
                        "most": fields({"bytes": _COUNT, "fresh_passages": _COUNT}),
                    },
                    "pages",
                    "removed",
                ),
                "By name; and what was removed and can be put back.",
            ),
            problems=(401, 409),
            operator=True,
        ),
        "post": _with_a_file(
            operation(
                "Take a document in as a page: md, txt, html, pdf, docx or csv",
                _CHANGED,
                parameters=[_FILE, _WAY, _SEEN, _BY],
                problems=(400, 401, 408, 409, 413, 503),
                operator=True,
            )
        ),
    },
    "/api/v1/pages/preview": {
        "post": _with_a_file(
            operation(
                "What a document would change, passage by passage",
                answer(ref("PagePlan"), "Nothing is written."),
                parameters=[_FILE, _WAY],
                problems=(400, 401, 408, 409, 413, 503),
                operator=True,
            )
        )
    },
    "/api/v1/pages/{name}": {
        "get": operation(
            "A page with its passages",
            answer(fields({**_PAGE, "said": _PASSAGES}, *_PAGE, "said"), "In their order."),
            parameters=[_NAME],
            problems=(401, 404, 409),
            operator=True,
        ),
        "delete": operation(
            "Remove a page",
            _CHANGED,
            parameters=[_NAME, _BY],
            problems=(400, 401, 404, 409, 503),
            operator=True,
        ),
    },
    "/api/v1/pages/{name}/undo": {
        "post": operation(
            "Let a page be as it was before the last change",
            _CHANGED,
            parameters=[_NAME],
            body=ref("UndoPage"),
            problems=(400, 401, 404, 409, 503),
            operator=True,
        )
    },
}
