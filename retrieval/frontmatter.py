"""
What stands before a page's text: lines `key: value` between two lines `---`, as many tools write them.

Of it a desk uses `url`, the page's place on the web, and `title`. Everything else is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

FENCE = "---"
MAX_LINES = 60  # a page that begins with a rule and has another one far below begins with text
FIELD = re.compile(r"^[A-Za-z][\w-]*:(?:\s|$)")
HELD = re.compile(r"^(?:\s|-\s|#|$)")  # what may stand between fields: lists, comments, blank lines
ADDRESS = re.compile(r"https?://[^\s<>\"'\\]{1,2000}", re.IGNORECASE)


def split(page: str) -> tuple[dict[str, str], str]:
    """Return the fields before a page's text, and the text; a page that merely begins with a rule is all text."""
    lines = page.split("\n")
    if lines[0].rstrip() != FENCE:
        return {}, page
    end = next((n for n, line in enumerate(lines[:MAX_LINES]) if n and line.rstrip() == FENCE), 0)
    head = lines[1:end]
    if not head or not FIELD.match(head[0]) or not all(map(_belongs, head)):
        return {}, page
    pairs = (line.partition(":") for line in head if FIELD.match(line))
    return {key: _bare(value) for key, _, value in pairs}, "\n".join(lines[end + 1 :])


def joined(fields: Mapping[str, str], text: str) -> str:
    """Return a page of these fields and this text; `split` takes it apart again."""
    head = "".join(f"{key}: {' '.join(value.split())}\n" for key, value in fields.items() if value)
    return f"{FENCE}\n{head}{FENCE}\n\n{text}" if head else text


def web_address(value: str) -> str:
    """Return an address that customers may be given as a link, or nothing: only http and https lead to a page."""
    return value if ADDRESS.fullmatch(value) else ""


def _belongs(line: str) -> bool:
    return bool(FIELD.match(line) or HELD.match(line))


def _bare(value: str) -> str:
    value = value.strip()
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if quoted else value
