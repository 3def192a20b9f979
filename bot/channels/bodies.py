"""What a request may say: JSON objects, field by field, and the parameters of its address."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from bot.channels.problems import Problem
from conversations.rows import timestamp
from conversations.text import printable, whole
from retrieval.variants import SEGMENT

MAX_SEGMENTS = 20  # of one visitor
LONGEST = 1000  # characters of a parameter that are looked at
_HALF = re.compile(r"\\u[dD][89a-fA-F]")  # what may be half a pair
MAX_BODY = 256 * 1024  # bytes; the longest message in the widest encoding, with room


def named(name: str) -> str:
    """Return the part of a route's path that is a name of somebody's choice: any signs but a slash, where aiohttp's own takes no braces."""
    return f"{{{name}:[^/]+}}"


async def body_of(request: web.Request) -> Mapping[str, Any]:
    """
    Return the JSON object of a request.

    Raises:
        Problem: 400, it is no UTF-8, no JSON or no object.
    """
    raw = await request.read()
    try:
        body = parsed(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise Problem(400, "The body is not valid UTF-8.") from error
    except ValueError as error:
        raise Problem(400, "The body is not valid JSON.") from error
    if not isinstance(body, dict):
        raise Problem(400, "The body must be a JSON object.")
    return body


def parsed(text: str) -> object:
    r"""
    Return what a JSON text says, every string of it fit to be written: half a surrogate pair, which only `\ud800` can say, is U+FFFD.

    Raises:
        ValueError: it is no JSON, also where it is a number of 5,000 digits, or a nest of 100,000 brackets.
    """
    try:
        found: object = json.loads(text)
        return whole(found) if _HALF.search(text) else found
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def text_in(body: Mapping[str, Any], name: str) -> str:
    """Return a field that must be a string, of any length."""
    value = body.get(name)
    if not isinstance(value, str):
        raise Problem(400, f"The field {name!r} must be a string.")
    return value


def name_in(
    body: Mapping[str, Any], name: str, *, longest: int = 200, optional: bool = False
) -> str:
    """Return a field that must be a string of 1 to `longest` characters; empty where it is left out and may be."""
    if optional and body.get(name) in (None, ""):
        return ""
    value = printable(text_in(body, name)).strip()
    if not 0 < len(value) <= longest:
        raise Problem(400, f"The field {name!r} must have 1 to {longest} characters.")
    return value


def time_in(given: str, name: str) -> str:
    """Return the time of a field as the log keeps it, empty where none was given."""
    if not given:
        return ""
    try:
        return timestamp(datetime.fromisoformat(given).astimezone(UTC))
    except (ValueError, OverflowError) as error:
        raise Problem(
            400, f"The field {name!r} must be a time such as 2026-12-01T09:00:00Z, or empty."
        ) from error


def limit_in(request: web.Request, usual: int, largest: int) -> int:
    """Return the parameter `limit`, how many are wanted: `usual` where it is left out."""
    given = request.query.get("limit", str(usual))
    if not given.isascii() or not given.isdigit() or not 1 <= int(given[:9]) <= largest:
        raise Problem(400, f"The parameter 'limit' must be a number from 1 to {largest}.")
    return int(given)


def choice_in(request: web.Request, name: str, choices: Sequence[str], usual: str) -> str:
    """Return a parameter that is one of a few words."""
    given = request.query.get(name) or usual
    if given not in choices:
        raise Problem(400, f"The parameter {name!r} must be one of {', '.join(choices)}.")
    return given


def words_in(request: web.Request, name: str) -> str:
    """Return a parameter that is any words, empty where it is left out."""
    return printable(request.query.get(name, ""))[:LONGEST]


def segments_in(body: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the field `segments`, the groups of customers that a visitor belongs to."""
    given = body["segments"]
    named = isinstance(given, list) and len(given) <= MAX_SEGMENTS
    if not named or not all(isinstance(one, str) and SEGMENT.fullmatch(one) for one in given):
        raise Problem(
            400,
            f"The field 'segments' must be a list of at most {MAX_SEGMENTS} names of small letters, digits, - and _.",
        )
    return tuple(dict.fromkeys(given))
