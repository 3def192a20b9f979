"""Values out of another system's JSON, where anything may stand: each is what is wanted, or empty."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from conversations.text import printable


def when(value: Any) -> datetime | None:
    """Return the time that seconds since 1970 or ISO 8601 say; without a zone it is UTC."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        if isinstance(value, str) and value.strip().isdigit():
            return datetime.fromtimestamp(int(value), UTC)
        said = datetime.fromisoformat(str(value).strip())
        return (said if said.tzinfo else said.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def words(value: Any) -> str:
    """Return a text or a number as text, empty for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return printable(str(value)).strip()


def field(value: Any, *names: str) -> Any:
    """Return what stands at a path of names, None where there is nothing."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()
