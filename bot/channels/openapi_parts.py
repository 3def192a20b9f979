"""What an OpenAPI document is put together from."""

from __future__ import annotations

from typing import Any

STRING = {"type": "string"}
NAME = {"type": "string", "minLength": 1, "maxLength": 200}
NUMBER = {"type": "number"}
OPERATOR = {
    **NAME,
    "description": "Who says so; required with the operator token, ignored in a session.",
}


def fields(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    """Return the schema of an object."""
    return {"type": "object", "properties": properties, "required": list(required)}


def ref(name: str) -> dict[str, str]:
    """Return a reference to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def answer(schema: dict[str, Any], description: str) -> dict[str, Any]:
    """Return a response in JSON."""
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _problems(*statuses: int) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": ref("Problem")}}
    return {str(s): {"description": _MEANING[s], "content": content} for s in statuses}


def operation(
    summary: str,
    done: dict[str, Any],
    *,
    body: dict[str, Any] | None = None,
    parameters: list[dict[str, Any]] | None = None,
    problems: tuple[int, ...] = (),
    operator: bool = False,
) -> dict[str, Any]:
    """Return an operation; `problems` are the statuses of its errors, `operator` says who alone may ask."""
    described: dict[str, Any] = {
        "summary": summary,
        "responses": {"200": done, **_problems(*problems)},
    }
    if body is not None:
        described["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": body}},
        }
    if parameters:
        described["parameters"] = parameters
    if operator:
        described["security"] = [{"operator": []}, {"session": []}]
        described["responses"].update(_problems(403))
    elif body is not None:
        described["security"] = [{}, {"client": []}]
    return described


_MEANING = {
    400: "The request is not what it should be; `code` is bad_input or empty.",
    401: "The bearer token or the session is missing, wrong or over.",
    403: "The role does not reach that far, another operator wrote the message, or a page of another server asks; `code` is forbidden, csrf or foreign_origin.",
    404: "There is no such message, conversation, teaching or user.",
    408: "The file took too long to arrive.",
    409: "A question means something else by another teaching, a later version was saved, a message says something else by now, a conversation is closed or with the bot again, or a page is somebody else's; the detail names it.",
    413: "The message, the request or the file is too long, or there are too many files.",
    415: "This kind of file is not taken.",
    429: "Too much at once.",
    503: "Busy, restarting or storage unavailable; try again after `Retry-After` seconds.",
}
ID = {"name": "id", "in": "path", "required": True, "schema": STRING}
