"""
What the law calls access and erasure: everything that is kept of one visitor, in one JSON object, or gone.

The one core of it, for the command line, for the operators' API, and for a channel whose visitors ask themselves.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from conversations.errors import Rejected
from conversations.events import Enclosed, Heard, OperatorWrote, Recorded
from conversations.log import EventLog
from conversations.rows import kind_of, timestamp


async def export(log: EventLog, visitor_id: str) -> dict[str, Any]:
    """
    Return everything that the log holds of a visitor, as JSON has it: times are ISO 8601 in UTC.

    Raises:
        Rejected: there is no such visitor.
    """
    visitor = await log.visitor_called(visitor_id)
    events = await log.everything_of(visitor_id)
    if visitor is None or not events:
        raise Rejected(f"There is no visitor {visitor_id!r}.")
    about = asdict(visitor) | {"segments": list(visitor.segments)}
    conversations: dict[str, list[dict[str, Any]]] = {}
    for recorded in events:
        conversations.setdefault(recorded.conversation_id, []).append(_told(recorded))
    return {
        "visitor": about,
        "conversations": [
            {"conversation_id": conversation_id, "events": told}
            for conversation_id, told in conversations.items()
        ],
        "files": [asdict(one) for one in enclosed(events)],
    }


async def erase(log: EventLog, visitor_id: str, by: str) -> int:
    """
    Erase a visitor: words, files, name and address go at once; what is counted stays. Returns how many events were emptied.

    The conversations are over: the same person's next words are a stranger's.

    Raises:
        Rejected: there is no such visitor.
    """
    visitor = await log.visitor_called(visitor_id)
    files = [one.file_id for one in enclosed(await log.everything_of(visitor_id))]
    erased = await log.erase(visitor_id, by)
    await asyncio.to_thread(log.files.drop, files)
    if visitor is not None:  # what was sent and not yet said with words
        await asyncio.to_thread(log.files.drop_of, visitor.address)
    return getattr(erased.event, "events", 0)


def enclosed(events: Iterable[Recorded]) -> list[Enclosed]:
    """Return the files that came with words."""
    said = [r.event for r in events if isinstance(r.event, (Heard, OperatorWrote))]
    return [file for one in said for file in one.files]


def _told(recorded: Recorded) -> dict[str, Any]:
    fields = asdict(recorded.event)
    if "evidence" in fields:
        fields["evidence"] = json.loads(fields["evidence"])
    return {
        "seq": recorded.seq,
        "at": timestamp(recorded.at),
        "kind": str(kind_of(recorded.event)),
        **fields,
    }
