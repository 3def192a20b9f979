"""Releases in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from bot.channels.openapi_parts import NUMBER, OPERATOR, STRING, answer, fields, operation, ref

_WHOLE = {"type": "integer"}
_OBJECT = {"type": "object", "additionalProperties": True}
_HASH = {"name": "hash", "in": "path", "required": True, "schema": STRING}
_REASON = {"type": "string", "minLength": 1, "maxLength": 500}
_CHAMPION = fields({"champion": STRING, "before": STRING}, "champion", "before")
_BY = fields({"operator": OPERATOR, "reason": _REASON}, "reason")

RELEASE_SCHEMAS: dict[str, Any] = {
    "ReleaseSummary": fields(
        {
            "hash": STRING,
            "champion": {"type": "boolean"},
            "promoted": {"type": "array", "items": STRING},
            "standing": STRING,
            "at": STRING,
            "because": STRING,
            "regime": {"type": ["string", "null"]},
            **{
                name: {"type": ["integer", "null"]}
                for name in ("examples", "intents", "templates", "passages")
            },
            "figures": {
                **_OBJECT,
                "description": "Of its examples, each read before it was learned: shares, and how many there were.",
            },
        },
        "hash",
        "champion",
        "standing",
    ),
    "Confusion": fields(
        {
            "truth": STRING,
            "predicted": STRING,
            "count": _WHOLE,
            "examples": {
                "type": "array",
                "items": fields(
                    {"text": STRING, "confidence": NUMBER, "answered": {"type": "boolean"}}, "text"
                ),
            },
        },
        "truth",
        "predicted",
        "count",
    ),
    "Night": {
        **_OBJECT,
        "description": "How a run of retrain ended, as `frontdesk retrain --history --json` has it, with the gate's rules.",
    },
    "Errand": fields(
        {
            "running": {"type": "boolean"},
            "about": STRING,
            "by": STRING,
            "begun": STRING,
            "said": {"type": "array", "items": STRING},
            "code": {"type": ["integer", "null"], "description": "Its exit code; 3: refused."},
            "result": _OBJECT,
            "stopped": {"type": "boolean"},
        },
        "running",
    ),
}

RELEASE_PATHS: dict[str, Any] = {
    "/api/v1/releases": {
        "get": operation(
            "The Releases, the changes of the champion, and the nights",
            answer(
                fields(
                    {
                        "champion": STRING,
                        "trial": {"type": ["object", "null"]},
                        "releases": {"type": "array", "items": ref("ReleaseSummary")},
                        "changes": {"type": "array", "items": _OBJECT},
                        "nights": {"type": "array", "items": ref("Night")},
                    },
                    "champion",
                    "releases",
                ),
                "Releases with the newest first, the rest with the latest last.",
            ),
            problems=(401,),
            operator=True,
        )
    },
    "/api/v1/releases/{hash}": {
        "get": operation(
            "One Release: figures, intents, what was taken for what, and the night that judged it",
            answer(
                {
                    "allOf": [
                        ref("ReleaseSummary"),
                        fields(
                            {
                                "promises": _OBJECT,
                                "per_intent": {"type": "array", "items": _OBJECT},
                                "confusion": {"type": "array", "items": ref("Confusion")},
                                "night": {"anyOf": [ref("Night"), {"type": "null"}]},
                            },
                            "per_intent",
                            "confusion",
                        ),
                    ]
                },
                "By the beginning of its hash.",
            ),
            parameters=[_HASH],
            problems=(401, 404),
            operator=True,
        )
    },
    "/api/v1/releases/{hash}/promote": {
        "post": operation(
            "Make a Release the champion",
            answer(_CHAMPION, "It serves within a second."),
            parameters=[_HASH],
            body=_BY,
            problems=(400, 401, 404, 409),
            operator=True,
        )
    },
    "/api/v1/releases/rollback": {
        "post": operation(
            "Return to the Release that served before",
            answer(_CHAMPION, "It serves within a second."),
            body=_BY,
            problems=(400, 401, 409),
            operator=True,
        )
    },
    "/api/v1/releases/retrain": {
        "get": operation(
            "The last retraining that somebody began here",
            answer(ref("Errand"), "While it runs, what it said so far."),
            problems=(401,),
            operator=True,
        ),
        "post": operation(
            "Retrain now, as a process of its own",
            answer(ref("Errand"), "It has begun; frames of kind retrain tell how far it is."),
            body=fields(
                {
                    "operator": OPERATOR,
                    "hold": {"type": "boolean", "description": "Promote nothing by itself."},
                }
            ),
            problems=(400, 401, 409),
            operator=True,
        ),
        "delete": operation(
            "End the retraining; the champion stays",
            answer(ref("Errand"), "It has ended."),
            problems=(401,),
            operator=True,
        ),
    },
    "/api/v1/releases/diff": {
        "get": operation(
            "The last comparison of answers",
            answer(ref("Errand"), "Its result is that of `frontdesk releases diff --json`."),
            problems=(401,),
            operator=True,
        ),
        "post": operation(
            "Answer what was asked before with two Releases, and compare",
            answer(ref("Errand"), "It has begun; frames of kind diff tell how far it is."),
            body=fields(
                {"operator": OPERATOR, "before": STRING, "after": STRING}, "before", "after"
            ),
            problems=(400, 401, 404, 409),
            operator=True,
        ),
    },
}
