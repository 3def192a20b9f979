"""The desk's answers, their versions and the test of any text, in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from bot.channels.openapi_parts import (
    ID,
    NUMBER,
    OPERATOR,
    STRING,
    answer,
    fields,
    operation,
    ref,
)
from bot.upkeep import Look
from retrieval.variants import CHANNELS

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
    "valid_until": {"type": ["string", "null"], "format": "date"},
}

TEMPLATE_SCHEMAS: dict[str, Any] = {
    "Template": {"type": "object", "description": "A line of templates.jsonl; docs/answers.md."},
    "SaveTemplate": fields(
        {"operator": OPERATOR, "version": _SEEN, "template": ref("Template")},
        "version",
        "template",
    ),
    "ChangeTemplate": fields({"operator": OPERATOR, "version": _SEEN}, "version"),
    "RestoreTemplate": fields(
        {
            "operator": OPERATOR,
            "version": _SEEN,
            "restore": {**_VERSION, "description": "The version to go back to, in its state."},
        },
        "version",
        "restore",
    ),
    "ListedTemplate": fields(
        {**_LISTED, "flags": {"type": "array", "items": ref("TemplateFlag")}}, *_LISTED, "flags"
    ),
    "TemplateFlag": fields(
        {
            "kind": {
                "enum": [str(one) for one in Look],
                "description": "Over, or within 14 days of its last day; a page that it leads to changed since it was written; turned down by three "
                "customers or more, and half of those with a thumb; given to nobody for 90 days; another live answer to the intent for the same case; "
                "a question of another intent's answer, too; nearly the same words as another, under another intent or with other figures.",
            },
            "other": {
                **STRING,
                "description": "The page or the answer that it is about, or empty.",
            },
            "at": {
                **STRING,
                "description": "The last day, when the page changed, or since when customers are counted.",
            },
            "down": {
                "type": "integer",
                "description": "Conversations with a thumb down, of `thumbs` with any.",
            },
            "thumbs": {"type": "integer"},
        },
        "kind",
        "other",
        "at",
        "down",
        "thumbs",
    ),
    "Explained": fields(
        {
            "action": STRING,
            "reason": STRING,
            "text": STRING,
            "choices": {"type": "array", "items": {"type": "object"}},
            "intent": STRING,
            "confidence": NUMBER,
            "verdict": STRING,
            "template_id": STRING,
            "source": STRING,
            "sources": {"type": "array", "items": {"type": "object"}},
            "attachments": {"type": "array", "items": {"type": "object"}},
            "release": STRING,
            "read": STRING,
            "evidence": {"type": "object", "description": "The evidence card."},
            "thresholds": {
                "type": "object",
                "description": "`answer` and `clarify`: from which confidence on it answers, and asks back. Empty where nothing was read.",
            },
            "after": {
                **ref("Explained"),
                "description": "The same if the draft were live, where one was sent.",
            },
        },
        "action",
        "reason",
        "text",
        "intent",
        "confidence",
        "evidence",
        "thresholds",
    ),
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
    "/api/v1/templates/preview": {
        "post": operation(
            "What an answer would look like, on the web and on Telegram",
            answer(
                fields(
                    {
                        "previews": {
                            "type": "array",
                            "items": fields(
                                {
                                    "channel": STRING,
                                    "language": STRING,
                                    "web": STRING,
                                    "telegram": {
                                        "type": "array",
                                        "items": fields(
                                            {
                                                "text": STRING,
                                                "length": {"type": "integer"},
                                                "most": {"type": "integer"},
                                            },
                                            "text",
                                            "length",
                                        ),
                                    },
                                    "bare": STRING,
                                    "quick_replies": {"type": "array", "items": STRING},
                                    "attachments": {"type": "array", "items": STRING},
                                },
                                "channel",
                                "language",
                            ),
                        }
                    },
                    "previews",
                ),
                "Every wording with examples for its variables; nothing is saved.",
            ),
            body=fields({"operator": OPERATOR, "template": ref("Template")}, "template"),
            problems=(400, 401),
            operator=True,
        )
    },
    "/api/v1/explain": {
        "post": operation(
            "What the bot would answer to a text now, and why",
            answer(ref("Explained"), "As to a customer's first words; nothing is kept."),
            body=fields(
                {
                    "text": STRING,
                    "channel": {"enum": list(CHANNELS), "default": CHANNELS[0]},
                    "language": {
                        **STRING,
                        "description": "Of the answer; as the text tells where it is left out.",
                    },
                    "segments": {"type": "array", "items": STRING},
                    "draft": fields({"id": STRING, "template": ref("Template")}, "id", "template"),
                },
                "text",
            ),
            problems=(400, 401, 404, 413),
            operator=True,
        )
    },
    "/api/v1/templates": {
        "get": operation(
            "The answers and how far each has come",
            answer(
                fields(
                    {
                        "templates": {"type": "array", "items": ref("ListedTemplate")},
                        "languages": {"type": "array", "items": STRING},
                        "segments": {"type": "array", "items": STRING},
                    },
                    "templates",
                    "languages",
                    "segments",
                ),
                "Those of the Release first; `languages` and `segments` are those that live answers tell apart.",
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
